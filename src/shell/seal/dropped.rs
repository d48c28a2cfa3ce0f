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
    /// It is of our group, but of a program more than one version away.
    OtherVersion,
    /// It is in the format after ours. Its writer takes ours once it has heard us.
    NextFormat,
    /// It, or a later one of its writer, has been read before.
    Stale,
    /// Its writer has not yet shown to have read anything of this life of ours.
    NotYetFresh,
    /// We said it ourselves.
    Reflection,
}

impl Dropped {
    /// Every reason.
    pub const ALL: [Self; 10] = [
        Self::Oversized,
        Self::Malformed,
        Self::OtherGroup,
        Self::OtherKey,
        Self::Forged,
        Self::OtherVersion,
        Self::NextFormat,
        Self::Stale,
        Self::NotYetFresh,
        Self::Reflection,
    ];

    /// Whether it happens where nothing is wrong: broadcasts come back, a network may deliver late
    /// or twice, and whoever starts, also after an upgrade, speaks before it has heard.
    pub fn is_usual(self) -> bool {
        matches!(self, Self::NextFormat | Self::Stale | Self::NotYetFresh | Self::Reflection)
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
            Self::NextFormat => f.write_str("in the next format: its writer has not heard us yet"),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant::after_start(Duration::from_secs(seconds))
    }

    #[test]
    fn a_flood_is_warned_about_once_a_minute() {
        let mut warnings = Warnings::default();
        let due = (0..180).filter(|second| warnings.is_due(Dropped::Forged, at(*second)));
        assert_eq!(due.collect::<Vec<_>>(), [0, 60, 120]);
    }

    #[test]
    fn one_reason_does_not_hide_another() {
        let mut warnings = Warnings::default();
        let due = Dropped::ALL.into_iter().filter(|why| warnings.is_due(*why, at(5)));
        let due: Vec<Dropped> = due.collect();
        let wrong: Vec<Dropped> = Dropped::ALL.into_iter().filter(|why| !why.is_usual()).collect();
        assert_eq!(due, wrong);
        assert!(due.contains(&Dropped::OtherKey) && !due.contains(&Dropped::Reflection));
    }

    #[test]
    fn each_reason_is_counted_by_itself() {
        let mut drops = Drops::default();
        for why in [Dropped::Stale, Dropped::OtherKey, Dropped::Stale] {
            drops.count(why);
        }
        assert_eq!(drops.iter().collect::<Vec<_>>(), [(Dropped::OtherKey, 1), (Dropped::Stale, 2)]);
        assert_eq!((drops.of(Dropped::Stale), drops.of(Dropped::Forged)), (2, 0));
    }

    #[test]
    fn every_reason_has_its_own_words() {
        let words = Dropped::ALL.map(|why| why.to_string());
        let different: std::collections::BTreeSet<&String> = words.iter().collect();
        assert_eq!(different.len(), words.len());
    }
}
