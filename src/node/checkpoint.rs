//! What of a node outlives its process.

use serde::{Deserialize, Serialize};

use super::Revision;
use crate::building::LiftId;
use crate::calls::Calls;
use crate::group::members::Members;
use crate::group::message::Term;
use crate::lift::Memory;
use crate::lift::panel::Buttons;

/// What of a node outlives its process.
///
/// Opaque to the supervisor, which keeps it. Calls and car are one value on purpose: that a call
/// was answered and that the door is open for it must never be remembered apart.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Whose it is.
    pub lift: LiftId,
    /// The registered calls.
    pub calls: Calls,
    /// What was last known of the car.
    pub memory: Memory,
    /// The lamps that were lit: a promise outlives who made it.
    pub lamps: Buttons,
    /// The highest term heard of: a group that starts anew must not fall behind it.
    pub term: Term,
    /// All other nodes that anybody has ever heard: nothing is forgotten behind their backs.
    pub members: Members,
}

/// What the lives before have left to a new one.
#[derive(Clone, Debug, Default)]
pub struct Bequest {
    /// Where the new life is to begin, if not with nothing.
    pub checkpoint: Option<Checkpoint>,
    /// Whether the life after a power loss would begin there, too. The supervisor's memory may be
    /// ahead of its disk.
    pub is_durable: bool,
    /// The highest revision used for a checkpoint so far.
    pub revision: Revision,
}

impl Checkpoint {
    /// The checkpoint of a lift that has never lived.
    pub fn blank(lift: LiftId) -> Self {
        Self {
            lift,
            calls: Calls::default(),
            memory: Memory::default(),
            lamps: Buttons::NONE,
            term: Term::default(),
            members: Members::default(),
        }
    }
}
