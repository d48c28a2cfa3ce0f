//! Datagrams that were dropped: why, how many, and when to tell a person.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::MOST_BYTES;
use crate::time::Instant;

/// Why a datagram was dropped.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dropped {
    /// It is longer than any that we send.
    Oversized,
    /// It is no datagram of a lift, or a holder of the key wrote nonsense.
    Malformed,
    /// It is another group's.
    OtherGroup,
    /// It was sealed with a key that we do not have.
    OtherKey,
    /// It names our key, but no holder of it wrote these bytes.
    Forged,
    /// It is of our group, but in a format that we cannot read.
    OtherVersion,
    /// It, or a later one of its writer, has been read before.
    Stale,
    /// Its writer has not yet shown to have read anything of this life of ours.
    NotYetFresh,
    /// We said it ourselves.
    Reflection,
}

impl Dropped {
    /// Every reason.
    pub const ALL: [Self; 9] = [
        Self::Oversized,
        Self::Malformed,
        Self::OtherGroup,
        Self::OtherKey,
        Self::Forged,
        Self::OtherVersion,
        Self::Stale,
        Self::NotYetFresh,
        Self::Reflection,
    ];

    /// Whether it happens where nothing is wrong: broadcasts come back, a network may deliver late
    /// or twice, and at every start somebody speaks first.
    pub fn is_usual(self) -> bool {
        matches!(self, Self::Stale | Self::NotYetFresh | Self::Reflection)
    }
}

/// What is wrong and what to do.
impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Oversized => write!(f, "longer than {MOST_BYTES} bytes"),
            Self::Malformed => f.write_str("not a lift's: does something else use this port?"),
            Self::OtherGroup => f.write_str(
                "of another group: if it should be this one, give both nodes the same --group",
            ),
            Self::OtherKey => f.write_str(
                "sealed with another key or with none: give all nodes of the group the same key",
            ),
            Self::Forged => {
                f.write_str("damaged or forged: it names our key, but its tag is wrong")
            }
            Self::OtherVersion => f.write_str(
                "of a program more than one version away: upgrade one version at a time",
            ),
            Self::Stale => f.write_str("late, doubled or replayed"),
            Self::NotYetFresh => f.write_str("not yet proven to be of now"),
            Self::Reflection => f.write_str("our own"),
        }
    }
}

/// How many datagrams were dropped, by reason.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Drops(BTreeMap<Dropped, u64>);

impl Drops {
    /// One more.
    pub fn count(&mut self, why: Dropped) {
        let count = self.0.entry(why).or_default();
        *count = count.saturating_add(1);
    }

    /// How many for this reason.
    pub fn of(&self, why: Dropped) -> u64 {
        self.0.get(&why).copied().unwrap_or(0)
    }

    /// Every reason that there was, and how many.
    pub fn iter(&self) -> impl Iterator<Item = (Dropped, u64)> {
        self.0.iter().map(|(why, count)| (*why, *count))
    }
}

/// When a person was last told of each reason, so that a flood of datagrams is no flood of lines.
#[derive(Clone, Debug, Default)]
pub struct Warnings(BTreeMap<Dropped, Instant>);

impl Warnings {
    /// The shortest time between two warnings for one reason.
    pub const INTERVAL: Duration = Duration::from_secs(60);

    /// Whether to warn now; if so, it is taken as done.
    pub fn is_due(&mut self, why: Dropped, now: Instant) -> bool {
        let last = self.0.get(&why);
        let is_due = last.is_none_or(|last| now.since(*last) >= Self::INTERVAL);
        let is_due = is_due && !why.is_usual();
        if is_due {
            self.0.insert(why, now);
        }
        is_due
    }
}
