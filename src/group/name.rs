//! This node's name: what to do when somebody else has it as well.
//!
//! Two cases look alike at first, and must end differently. (A third looks like the first, and ends
//! like it: the supervisor of a namesake has said to all that the life of this node is over.)
//!
//! - *A former life of this node* has a greater number than this one: the disk was lost and the
//!   clock has gone back. The others take everything that this life says for late words of the
//!   past. It must begin anew, above the number that they know.
//! - *Another living node* was given the same number by mistake. To outbid each other would never
//!   end. So the one that came later yields: it goes on as if it had no network, a lift of its own,
//!   until the other one has been silent for long. The one that was there first begins anew above
//!   it once that is quiet, since the others have heard the greater number meanwhile.
//!
//! Two living nodes may even have one number for their lives, each by its own disk: then one press of
//! each looks like one press. So the one that yields leaves that number, at once.
//!
//! The living can be told from the dead since they speak: the shell lets nothing through in our
//! name that was not written in this life of ours, by somebody else.

use std::cmp::Reverse;
use std::time::Duration;

use crate::calls::Incarnation;
use crate::time::{Instant, earliest};

/// Another living node that has the number of this one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Namesake {
    /// It came later, and is to yield.
    CameLater,
    /// It was there first: this node goes on alone.
    CameFirst,
}

/// How a node and its namesake find out who came later: whoever has hardly spoken yet did,
/// otherwise whoever has the greater number, and of one number whoever has spoken less. The greater
/// one of two came later. (Two that are alike in all, as their words cross, both take
/// themselves for it: their clocks will tell them apart in their next lives.)
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Arrival {
    has_just_come: bool,
    incarnation: Incarnation,
    messages: Reverse<u64>,
}

impl Arrival {
    /// How many messages make a newcomer known: more than it takes to meet whoever is there.
    const NEWCOMER: u64 = 100;

    /// Of a life that has said so many messages by now.
    pub fn of(incarnation: Incarnation, messages: u64) -> Self {
        let has_just_come = messages < Self::NEWCOMER;
        Self { has_just_come, incarnation, messages: Reverse(messages) }
    }
}

/// Who else has been heard of under this node's name.
#[derive(Clone, Copy, Debug, Default)]
pub struct Name {
    namesake: Option<(Namesake, Instant)>,
    /// It yields, and has not said so yet: by one more message the other learns whom it has met.
    owes_last_word: bool,
    /// It yields to one that lives under the very number of this life.
    is_shared: bool,
    /// Since when this life is known to be below another one, or to share its number.
    outlived_since: Option<Instant>,
}

impl Name {
    /// A namesake that has been silent for so long is gone.
    const GONE_AFTER: Duration = Duration::from_secs(10);
    /// How many intervals nobody else may have spoken in our name before a new life is begun: time
    /// enough to hear the living, and for the later one to fall silent.
    const QUIET: u32 = 20;
    /// How long to wait for the new life before it is asked for again.
    const PATIENCE: Duration = Duration::from_secs(1);

    /// Another living node has spoken in our name. Who has yielded once goes on yielding for as long
    /// as it hears the other.
    pub fn hear(&mut self, now: Instant, ours: Arrival, theirs: Arrival) {
        let came_first = theirs <= ours || self.yields();
        self.is_shared |= came_first && theirs.incarnation == ours.incarnation;
        self.owes_last_word |= came_first && !self.yields();
        let namesake = if came_first { Namesake::CameFirst } else { Namesake::CameLater };
        self.namesake = Some((namesake, now));
    }

    /// Lets time pass.
    pub fn keep_time(&mut self, now: Instant, is_outlived: bool) {
        self.namesake = self.namesake.filter(|(_, heard_at)| now < *heard_at + Self::GONE_AFTER);
        let is_over = is_outlived || self.is_shared;
        self.outlived_since = self.outlived_since.or(Some(now)).filter(|_| is_over);
    }

    /// Whether this node leaves the group to its namesake.
    pub fn yields(&self) -> bool {
        matches!(self.namesake, Some((Namesake::CameFirst, _)))
    }

    /// Whether nothing is to be said to anybody: after one last word to a namesake that came first.
    pub fn is_silent(&self) -> bool {
        self.yields() && !self.owes_last_word
    }

    /// Something was said to all.
    pub fn has_spoken(&mut self) {
        self.owes_last_word = false;
    }

    /// Whether it is time to ask for a new life; asked for again when that does not come.
    pub fn wants_new_life(&mut self, now: Instant, interval: Duration) -> bool {
        let due = self.new_life_at(interval).is_some_and(|at| at <= now);
        if due {
            self.outlived_since = Some(now + Self::PATIENCE);
        }
        due
    }

    /// When time alone will change something.
    pub fn next_wakeup(&self, interval: Duration) -> Option<Instant> {
        let gone_at = self.namesake.map(|(_, heard_at)| heard_at + Self::GONE_AFTER);
        earliest([gone_at, self.new_life_at(interval)])
    }

    fn new_life_at(&self, interval: Duration) -> Option<Instant> {
        let since = self.outlived_since?;
        if self.is_shared {
            return Some(since);
        }
        let heard_at = self.namesake.map_or(since, |(_, heard_at)| heard_at);
        Some(since.max(heard_at) + interval * Self::QUIET)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_millis(10);

    fn at(ms: u64) -> Instant {
        Instant::after_start(Duration::from_millis(ms))
    }

    fn arrival(has_just_come: bool, incarnation: u64) -> Arrival {
        Arrival::of(Incarnation(incarnation), if has_just_come { 1 } else { 1000 })
    }

    #[test]
    fn of_two_living_exactly_one_yields() {
        let lives = [arrival(false, 1), arrival(false, 2), arrival(true, 1), arrival(true, 2)];
        for ours in lives {
            for theirs in lives.into_iter().filter(|theirs| *theirs != ours) {
                let (mut one, mut other) = (Name::default(), Name::default());
                one.hear(at(0), ours, theirs);
                other.hear(at(0), theirs, ours);
                assert_ne!(one.yields(), other.yields(), "{ours:?} {theirs:?}");
            }
        }
    }

    #[test]
    fn who_has_just_come_came_later_whatever_the_numbers_say() {
        let mut name = Name::default();
        name.hear(at(0), arrival(true, 1), arrival(false, 2));
        assert!(name.yields());
    }

    #[test]
    fn who_yields_goes_on_yielding_until_the_other_is_gone() {
        let mut name = Name::default();
        name.hear(at(0), arrival(false, 2), arrival(false, 1));
        name.hear(at(10), arrival(false, 2), arrival(true, 3));
        assert!(name.yields(), "the other one has only begun anew");
        name.keep_time(at(10_009), false);
        assert!(name.yields());
        name.keep_time(at(10_010), false);
        assert!(!name.yields());
    }

    #[test]
    fn who_yields_falls_silent_after_one_more_word() {
        let mut name = Name::default();
        assert!(!name.is_silent());
        name.hear(at(0), arrival(false, 2), arrival(false, 1));
        assert!(!name.is_silent());
        name.has_spoken();
        name.hear(at(10), arrival(false, 2), arrival(false, 1));
        assert!(name.is_silent());
    }

    #[test]
    fn a_new_life_waits_until_nobody_else_speaks_in_our_name() {
        let mut name = Name::default();
        name.keep_time(at(0), true);
        name.hear(at(50), arrival(false, 1), arrival(true, 2));
        assert_eq!(name.next_wakeup(INTERVAL), Some(at(250)));
        assert!(!name.wants_new_life(at(249), INTERVAL));
        assert!(name.wants_new_life(at(250), INTERVAL));
        assert!(!name.wants_new_life(at(260), INTERVAL), "asked for once");
        assert!(name.wants_new_life(at(1450), INTERVAL), "and again when nothing comes of it");
    }

    #[test]
    fn of_two_living_with_one_number_who_has_said_less_leaves_it_at_once() {
        let (ours, theirs) = (arrival(true, 7), arrival(false, 7));
        let (mut one, mut other) = (Name::default(), Name::default());
        one.hear(at(0), ours, theirs);
        other.hear(at(0), theirs, ours);
        assert!(one.yields() && !other.yields());
        one.keep_time(at(0), false);
        other.keep_time(at(0), false);
        assert!(one.wants_new_life(at(0), INTERVAL) && !one.wants_new_life(at(999), INTERVAL));
        assert!(!other.wants_new_life(at(999), INTERVAL));
    }

    #[test]
    fn of_two_that_are_alike_in_all_none_keeps_its_number() {
        let mut name = Name::default();
        name.hear(at(0), arrival(false, 7), arrival(false, 7));
        name.keep_time(at(0), false);
        assert!(name.yields() && name.wants_new_life(at(0), INTERVAL));
    }

    #[test]
    fn who_is_not_outlived_wants_no_new_life() {
        let mut name = Name::default();
        name.keep_time(at(0), true);
        name.keep_time(at(10), false);
        assert!(!name.wants_new_life(at(1000), INTERVAL));
        assert_eq!(name.next_wakeup(INTERVAL), None);
    }
}
