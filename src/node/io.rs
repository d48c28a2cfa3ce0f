//! What goes in and out of a node.

use std::rc::Rc;

use super::Checkpoint;
use super::strangers::Strangeness;
use crate::building::LiftId;
use crate::calls::{Call, Incarnation};
use crate::group::CannotForget;
use crate::group::election::Role;
use crate::group::message::Message;
use crate::lift::OutOfService;
use crate::lift::panel::{Command, Sense};

/// What a node is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// A deadline of [`super::Node::next_wakeup`] has come. An extra one does no harm.
    Wakeup,
    /// A fresh connection to the hardware has answered its first reading; a `Sensed` follows. The
    /// count of [`Sense::behind`] begins at 0.
    Connected,
    /// The hardware does not answer any more.
    Disconnected,
    /// A reading of the hardware.
    Sensed(Sense),
    /// A peer speaks. The shell has made sure that it is who it says it is.
    Received(Rc<Message>),
    /// The supervisor of this lift says that this life of its controller is over.
    Obituary {
        /// Whose controller.
        lift: LiftId,
        /// Which life; every one before it is over as well.
        incarnation: Incarnation,
    },
    /// This checkpoint, and so every earlier one, is durable.
    Saved(Revision),
    /// Checkpoints can, or cannot, be made durable from now on.
    Disk {
        /// Whether they can.
        works: bool,
    },
    /// A person says that this lift was taken away for good.
    Forget(LiftId),
    /// The lives before this one ended too soon after one another.
    Unsteady,
    /// Come to rest: the process is to end in order.
    Stop,
}

/// What a node wants done, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Output {
    /// Tell the hardware. Never emitted while it does not answer.
    Command(Command),
    /// Tell all the others.
    Broadcast(Rc<Message>),
    /// Make this durable. Later ones supersede it.
    Save(Revision, Checkpoint),
    /// Tell a person.
    Notice(Notice),
    /// End this life, and begin one with a number above this. Said again if nothing comes of it.
    LiveAbove(Incarnation),
}

/// The number of a checkpoint.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Revision(pub u64);

/// Something that a person may want to know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Notice {
    /// A call was registered.
    Registered(Call),
    /// A call was answered.
    Answered(Call),
    /// The lift takes hall calls again, or takes none any more.
    Service(Result<(), OutOfService>),
    /// There is, or is not, a disk to wait for.
    Disk {
        /// Whether there is.
        works: bool,
    },
    /// This node is something else to its group now.
    Role(Role),
    /// A peer is present, or is not any more.
    Peer {
        /// Which one.
        lift: LiftId,
        /// Whether it is.
        present: bool,
    },
    /// A lift was forgotten by a person's order, or why it was not.
    Forgotten(LiftId, Result<(), CannotForget>),
    /// Another living node that was there first has the number of this one: it goes on alone; or it
    /// does not have to any more.
    Yields(bool),
    /// The others know of a life of this node that is later than the present one: a new one must
    /// begin above it.
    Outlived(Incarnation),
    /// Somebody speaks who does not belong here.
    Stranger(LiftId, Strangeness),
    /// The restored checkpoint was written by another lift: its calls are kept, its car is not ours.
    ForeignCheckpoint(LiftId),
    /// The restored checkpoint has calls for floors that this building does not have: they are
    /// kept for the day when it has.
    CallsOfAnotherBuilding,
}
