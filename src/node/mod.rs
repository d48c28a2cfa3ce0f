//! One node: a lift and its calls, as a machine from [`Input`] to [`Output`].

use serde::{Deserialize, Serialize};

use crate::building::LiftId;
use crate::config::Config;
use crate::lift::panel::{Command, Sense};
use crate::time::Instant;

/// What a node is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// A deadline of [`Node::next_wakeup`] has come. An extra one does no harm.
    Wakeup,
    /// A fresh connection to the hardware has answered its first reading; a `Sensed` follows. The
    /// count of [`Sense::behind`] begins at 0.
    Connected,
    /// The hardware does not answer any more.
    Disconnected,
    /// A reading of the hardware.
    Sensed(Sense),
    /// This checkpoint, and so every earlier one, is durable.
    Saved(Revision),
    /// Checkpoints can, or cannot, be made durable from now on.
    Disk {
        /// Whether they can.
        works: bool,
    },
    /// Come to rest: the process is to end in order.
    Stop,
}

/// What a node wants done, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Output {
    /// Tell the hardware. Never emitted while disconnected.
    Command(Command),
    /// Make this durable; at most one is outstanding at a time.
    Save(Revision, Checkpoint),
    /// Tell a person.
    Notice(Notice),
}

/// The number of a checkpoint.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Revision(pub u64);

/// What outlives a crash.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Checkpoint {
    lift: LiftId,
    // calls: CallSet, memory of the car: to come
}

/// Something that a person may want to know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Notice {}

/// A life's number, see [`crate::calls`].
pub use crate::calls::Incarnation;

/// One node.
#[derive(Clone, Debug)]
pub struct Node {}

impl Node {
    /// A node that begins a life; start and restart are the same.
    pub fn new(
        _config: Config,
        _restored: Option<Checkpoint>,
        _revision: Revision,
        _incarnation: Incarnation,
        _now: Instant,
    ) -> Self {
        todo!()
    }
    /// Takes in one thing; drain [`Node::poll_output`] afterwards.
    pub fn handle(&mut self, _now: Instant, _input: Input) {
        todo!()
    }
    /// The next thing to do, until there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        todo!()
    }
    /// When a [`Input::Wakeup`] is due.
    pub fn next_wakeup(&self) -> Option<Instant> {
        todo!()
    }
    /// After [`Input::Stop`]: the motor stands and the last checkpoint is durable.
    pub fn is_at_rest(&self) -> bool {
        todo!()
    }
    /// What a person sees of the node.
    pub fn status(&self) -> Status {
        todo!()
    }
}

/// What a person sees of the node. (Fields to come; plain data.)
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Status {
    /// Which lift.
    pub lift: LiftId,
}
