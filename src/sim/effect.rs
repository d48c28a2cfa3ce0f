//! What a node does to the world: one word for each thing, in the order in which it happens.

use super::voice::Parcel;
use crate::node::Notice;

/// What a supervisor and its controller do to the world.
#[derive(Debug)]
pub enum Effect {
    /// Said to all others; a message has a sequence.
    Speak(Parcel, Option<u64>),
    /// A person is told something.
    Tell(Notice),
    /// A life begins.
    Begun(u64),
    /// A life has ended.
    Ended {
        /// Which one.
        incarnation: u64,
        /// It was the primary of its group.
        was_primary: bool,
    },
    /// Why a controller was killed.
    Killed(String),
    /// A rule was broken.
    Break(String),
}
