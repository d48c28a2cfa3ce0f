//! Strangers: who speaks to the group without belonging to it.
//!
//! Somebody has set them up wrongly. They are named, so that a person can put it right, and for the
//! rest they are not there.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::building::LiftId;
use crate::time::Instant;

/// For how long after its last word a stranger is still spoken of.
const MEMORY: Duration = Duration::from_secs(60);

/// All strangers that were heard: at most one for each number that a lift can have.
#[derive(Clone, Debug, Default)]
pub struct Strangers(BTreeMap<LiftId, (Strangeness, Instant)>);

/// What is wrong with a stranger.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Strangeness {
    /// It believes to be in a building of so many floors.
    OtherBuilding {
        /// How many.
        floors: u8,
    },
    /// It has the number of this lift.
    SameNumber,
}

/// A stranger, as a person is told of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Stranger {
    /// Its number.
    pub lift: LiftId,
    /// What is wrong with it.
    pub why: Strangeness,
    /// When it was last heard, in milliseconds before now.
    pub ago_ms: u64,
}

impl Strangers {
    /// Takes note of a word of a stranger; whether that is news, for it may talk all day.
    pub fn hear(&mut self, now: Instant, lift: LiftId, why: Strangeness) -> bool {
        let before = self.0.insert(lift, (why, now));
        before.is_none_or(|(was, heard_at)| was != why || now.since(heard_at) > MEMORY)
    }

    /// It has been set up rightly since.
    pub fn welcome(&mut self, lift: LiftId) {
        self.0.remove(&lift);
    }

    /// Those that were heard not long ago.
    pub fn of_late(&self, now: Instant) -> Vec<Stranger> {
        let told = self.0.iter().map(|(lift, (why, heard_at))| (*lift, *why, now.since(*heard_at)));
        let late = told.filter(|(.., ago)| *ago <= MEMORY);
        let ago_ms = |ago: Duration| u64::try_from(ago.as_millis()).unwrap_or(u64::MAX);
        late.map(|(lift, why, ago)| Stranger { lift, why, ago_ms: ago_ms(ago) }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHY: Strangeness = Strangeness::OtherBuilding { floors: 9 };

    fn at(seconds: u64) -> Instant {
        Instant::after_start(Duration::from_secs(seconds))
    }

    #[test]
    fn a_stranger_that_talks_all_day_is_news_once_and_is_told_of_all_day() {
        let mut strangers = Strangers::default();
        let news = (0..3600).filter(|second| strangers.hear(at(*second), LiftId(2), WHY));
        assert_eq!(news.collect::<Vec<_>>(), [0]);
        let told = Stranger { lift: LiftId(2), why: WHY, ago_ms: 1000 };
        assert_eq!(strangers.of_late(at(3600)), [told]);
    }

    #[test]
    fn a_stranger_that_is_gone_or_put_right_is_told_of_no_more_and_is_news_when_it_returns() {
        let mut strangers = Strangers::default();
        strangers.hear(at(0), LiftId(2), WHY);
        assert_eq!(strangers.of_late(at(61)), []);
        assert!(strangers.hear(at(61), LiftId(2), WHY));
        strangers.welcome(LiftId(2));
        assert_eq!(strangers.of_late(at(61)), []);
        assert!(strangers.hear(at(62), LiftId(2), WHY));
    }

    #[test]
    fn what_is_wrong_in_another_way_is_news() {
        let mut strangers = Strangers::default();
        assert!(strangers.hear(at(0), LiftId(2), WHY));
        assert!(strangers.hear(at(1), LiftId(2), Strangeness::OtherBuilding { floors: 8 }));
    }
}
