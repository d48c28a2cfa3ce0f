//! What happened: a hash of all of it, and the last of it to be read.
//!
//! Two runs of one seed are the same run exactly when their hashes are equal.

use std::collections::VecDeque;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::time::Duration;

use super::promises::Seen;
use crate::building::LiftId;
use crate::time::Instant;

/// What happened so far.
#[derive(Debug)]
pub struct Trace {
    hash: Mixer,
    last: VecDeque<(Instant, Happening)>,
    keeps: Duration,
}

/// One thing that happened.
#[derive(Clone, PartialEq, Debug)]
pub enum Happening {
    /// Something could be seen at a lift.
    Seen(LiftId, Seen),
    /// A message was lost on its way.
    Lost {
        /// Who spoke.
        from: LiftId,
        /// Who did not hear it.
        to: LiftId,
        /// Which message.
        sequence: Option<u64>,
    },
    /// A message was sent to all others.
    Sent {
        /// Who spoke.
        from: LiftId,
        /// Which message; none for an obituary.
        sequence: Option<u64>,
    },
    /// Something happened to a lift, its node, or somebody there.
    Told(LiftId, String),
    /// Something happened to the whole building.
    Operator(String),
}

impl Trace {
    /// Nothing yet; the last of it is kept for so long.
    pub fn new(keeps: Duration) -> Self {
        Self { hash: Mixer::default(), last: VecDeque::new(), keeps }
    }

    /// This happened now.
    pub fn note(&mut self, now: Instant, happening: Happening) {
        now.since(Instant::START).hash(&mut self.hash);
        happening.mix_into(&mut self.hash);
        let old = |(at, _): &(Instant, Happening)| now.since(*at) > self.keeps;
        while self.last.front().is_some_and(old) {
            self.last.pop_front();
        }
        if !self.keeps.is_zero() {
            self.last.push_back((now, happening));
        }
    }

    /// This is part of what happened, and nothing that a person would read.
    pub fn mix(&mut self, what: impl Hash) {
        what.hash(&mut self.hash);
    }

    /// The hash of all that happened.
    pub fn hash(&self) -> u64 {
        self.hash.finish()
    }

    /// The last of it, readable: one line each, without what only says that all is well.
    pub fn timeline(&self) -> Vec<String> {
        let telling = self.last.iter().filter(|(_, what)| !matches!(what, Happening::Sent { .. }));
        telling.map(|(at, what)| format!("{:>11.4} s  {what}", seconds(*at))).collect()
    }
}

impl Happening {
    /// What is said all the time as numbers, everything else as it reads.
    fn mix_into(&self, hash: &mut Mixer) {
        match self {
            Self::Lost { from, to, sequence } => (from, to, sequence).hash(hash),
            Self::Sent { from, sequence } => (from, sequence).hash(hash),
            Self::Seen(..) | Self::Told(..) | Self::Operator(_) => self.to_string().hash(hash),
        }
    }
}

/// A moment in seconds since the beginning.
pub fn seconds(at: Instant) -> f64 {
    at.since(Instant::START).as_secs_f64()
}

impl fmt::Display for Happening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seen(lift, seen) => write!(f, "lift {lift}   sees {seen:?}"),
            Self::Lost { from, to, sequence: Some(sequence) } => {
                write!(f, "network  message {sequence} of lift {from} to lift {to} is lost")
            }
            Self::Lost { from, to, sequence: None } => {
                write!(f, "network  an obituary of lift {from} to lift {to} is lost")
            }
            Self::Sent { from, sequence: Some(sequence) } => {
                write!(f, "lift {from}   says message {sequence}")
            }
            Self::Sent { from, sequence: None } => write!(f, "lift {from}   says an obituary"),
            Self::Told(lift, text) => write!(f, "lift {lift}   {text}"),
            Self::Operator(text) => write!(f, "operator {text}"),
        }
    }
}

/// A quick hash with the same result everywhere; nobody attacks it.
#[derive(Clone, Copy, Debug, Default)]
struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u8(&mut self, number: u8) {
        self.write_u64(number.into());
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u64(number.unsigned_abs() as u64);
    }
}
