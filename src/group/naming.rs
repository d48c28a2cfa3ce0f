//! Whom a node names as a member, and so to whom it tells of calls.
//!
//! A node may hear the others long before any of them hears it. If it took calls from them it would
//! keep copies of which nobody knows: the others would answer those calls, forget the lives that
//! pressed them, and with the first word that gets through the stranger would bring the calls back.
//! So calls are taken only from a message that names its listener as a member. Then whoever holds a
//! copy of a call is known to the one it has it from, who says so whenever it says that it is done
//! with the call itself: a primary that has heard of everybody who was ever told has heard of all
//! copies ([`super::retirement`]).
//!
//! A name counts only if a next life would know it. So a member is named once it is on the disk,
//! where there is one that works; without one, a node that restarts may have forgotten to whom it
//! spoke.
//!
//! Two nodes wait for this when they first meet: one sync and one message. Afterwards each is a
//! member for the other, in all later lives. Only who begins with a checkpoint that is not durable
//! waits for one sync again, as it does not know what is on its disk.

use super::members::Members;
use super::message::Message;
use super::{Group, Own};
use crate::building::LiftId;

impl Group {
    /// Whether the speaker knows that this node takes its calls.
    pub(super) fn is_named_by(&self, message: &Message) -> bool {
        message.members.contains(self.actor.lift)
    }

    /// The members that this node can name.
    pub(super) fn named_members(&self, own: &Own) -> Members {
        self.members.only(|lift| self.names(lift, own))
    }

    /// Whether these are the members that this node can name.
    pub(super) fn has_named_members(&self, these: &Members, own: &Own) -> bool {
        self.members.agrees_with(these, |lift| self.names(lift, own))
    }

    /// Whether there is no member that this node cannot name yet.
    pub(super) fn names_all_members(&self, own: &Own) -> bool {
        self.members.iter().all(|lift| self.names(lift, own))
    }

    /// Whether this node would still know in a next life that this lift is a member, or it is none
    /// any more: that is told to all at once.
    pub(super) fn names(&self, lift: LiftId, own: &Own) -> bool {
        lift == self.actor.lift
            || !own.disk_works
            || !self.members.contains(lift)
            || own.durable_members.contains(lift)
    }
}
