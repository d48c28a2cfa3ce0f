//! Who belongs to the group: every node that anybody has ever heard, in this life or a former one.
//!
//! Three facts are kept of each: its latest life, or the first that it may live again when it was
//! said to be dead and is not; up to which message of that life it is known so well that anything
//! said before is outdated; and up to which life it was forgotten, by order of a person who took the
//! lift away for good. All only grow, so copies merge by the greater of each, and no copy of before
//! brings a forgotten node back. A life above the mark does: whoever is installed again is a member
//! again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::building::LiftId;
use crate::calls::{Actor, Incarnation};

/// Who belongs to the group. At most 256 nodes, of three numbers each.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Members(BTreeMap<LiftId, Lives>);

/// What is known of the lives of one node.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Lives {
    latest: Incarnation,
    /// The last message of that life that is outdated; 0 when none is.
    outdated: u64,
    forgotten: Option<Incarnation>,
}

impl Members {
    /// This life was heard, or heard of.
    pub fn saw(&mut self, Actor { lift, incarnation }: Actor) {
        self.take_in(lift, Lives { latest: incarnation, outdated: 0, forgotten: None });
    }

    /// Whatever this life said before this message, and all that former lives said, is outdated.
    pub fn outdate(&mut self, Actor { lift, incarnation }: Actor, sequence: u64) {
        let outdated = sequence.saturating_sub(1);
        self.take_in(lift, Lives { latest: incarnation, outdated, forgotten: None });
    }

    /// Whether what this life says with this message is outdated.
    pub fn is_outdated(&self, Actor { lift, incarnation }: Actor, sequence: u64) -> bool {
        let outdated = |lives: &Lives| (incarnation, sequence) <= (lives.latest, lives.outdated);
        self.0.get(&lift).is_some_and(outdated)
    }

    /// Takes in what somebody else knows.
    pub fn merge(&mut self, other: &Self) {
        other.0.iter().for_each(|(lift, lives)| self.take_in(*lift, *lives));
    }

    /// Forgets the node with all its lives up to the latest known.
    pub fn forget(&mut self, lift: LiftId) {
        if let Some(lives) = self.0.get_mut(&lift) {
            lives.forgotten = Some(lives.latest);
        }
    }

    /// Some of them, with all that is known of each.
    #[must_use]
    pub fn only(&self, are_meant: impl Fn(LiftId) -> bool) -> Self {
        let meant = self.0.iter().filter(|(lift, _)| are_meant(**lift));
        Self(meant.map(|(lift, lives)| (*lift, *lives)).collect())
    }

    /// Whether these of them are the same as those, without a copy.
    pub fn agrees_with(&self, those: &Self, are_meant: impl Fn(LiftId) -> bool) -> bool {
        self.0.iter().filter(|(lift, _)| are_meant(**lift)).eq(&those.0)
    }

    /// Whether the node is a member.
    pub fn contains(&self, lift: LiftId) -> bool {
        self.0.get(&lift).is_some_and(|lives| !lives.are_forgotten())
    }

    /// All members.
    pub fn iter(&self) -> impl Iterator<Item = LiftId> {
        self.0.iter().filter(|(_, lives)| !lives.are_forgotten()).map(|(lift, _)| *lift)
    }

    /// Whether the node was a member and is none any more.
    pub fn has_forgotten(&self, lift: LiftId) -> bool {
        self.0.get(&lift).is_some_and(|lives| lives.are_forgotten())
    }

    /// Whether the life belongs to those that were forgotten.
    pub fn is_forgotten(&self, actor: Actor) -> bool {
        let lives = self.0.get(&actor.lift);
        lives.is_some_and(|lives| Some(actor.incarnation) <= lives.forgotten)
    }

    /// The number above which this life would have to begin anew: that of a later life of the same
    /// node, or its own if it was forgotten. None while there is nothing above it.
    pub fn outlives(&self, actor: Actor) -> Option<Incarnation> {
        let lives = self.0.get(&actor.lift)?;
        let is_above = actor.incarnation < lives.latest;
        (is_above || self.is_forgotten(actor)).then_some(lives.latest)
    }

    fn take_in(&mut self, lift: LiftId, theirs: Lives) {
        let ours = self.0.entry(lift).or_insert(theirs);
        let known = |lives: &Lives| (lives.latest, lives.outdated);
        (ours.latest, ours.outdated) = known(&theirs).max(known(ours));
        ours.forgotten = theirs.forgotten.max(ours.forgotten);
    }
}

impl Lives {
    fn are_forgotten(self) -> bool {
        Some(self.latest) <= self.forgotten
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn life(lift: u8, incarnation: u64) -> Actor {
        Actor { lift: LiftId(lift), incarnation: Incarnation(incarnation) }
    }

    fn members(lives: &[Actor]) -> Members {
        let mut members = Members::default();
        for life in lives {
            members.saw(*life);
        }
        members
    }

    fn numbers(members: &Members) -> Vec<u8> {
        members.iter().map(|lift| lift.0).collect()
    }

    #[test]
    fn a_forgotten_node_does_not_come_back_with_a_copy_of_before() {
        let before = members(&[life(1, 7), life(2, 5)]);
        let mut ours = before.clone();
        ours.forget(LiftId(2));
        assert_eq!(numbers(&ours), [1]);
        let mut theirs = before.clone();
        theirs.merge(&ours);
        ours.merge(&before);
        assert_eq!((numbers(&ours), numbers(&theirs)), (vec![1], vec![1]));
    }

    #[test]
    fn a_node_that_lives_again_is_a_member_again_wherever_that_is_heard() {
        let mut ours = members(&[life(1, 7), life(2, 5)]);
        ours.forget(LiftId(2));
        ours.merge(&members(&[life(2, 6)]));
        assert_eq!(numbers(&ours), [1, 2]);
    }

    #[test]
    fn a_life_is_outlived_by_a_later_one_and_by_its_own_oblivion() {
        let mut members = members(&[life(1, 7)]);
        assert_eq!(members.outlives(life(1, 7)), None);
        assert_eq!(members.outlives(life(1, 6)), Some(Incarnation(7)));
        members.forget(LiftId(1));
        assert_eq!(members.outlives(life(1, 7)), Some(Incarnation(7)));
        assert_eq!(members.outlives(life(1, 8)), None);
        assert_eq!(members.outlives(life(2, 1)), None);
    }

    #[test]
    fn some_of_them_are_told_from_others() {
        let all = members(&[life(1, 7), life(2, 5)]);
        let but = |left_out: u8| move |lift: LiftId| lift.0 != left_out;
        assert!(all.agrees_with(&all.only(but(1)), but(1)));
        assert!(!all.agrees_with(&all.only(but(1)), but(2)));
        assert!(!all.agrees_with(&all, but(1)));
        assert!(!all.agrees_with(&members(&[life(2, 6)]), but(1)));
    }

    #[test]
    fn what_was_said_before_a_known_message_or_a_later_life_is_outdated_for_all() {
        let mut ours = members(&[life(1, 7), life(2, 5)]);
        assert!(!ours.is_outdated(life(2, 5), 1) && !ours.is_outdated(life(3, 1), 1));
        assert!(ours.is_outdated(life(2, 4), 99));
        ours.outdate(life(2, 5), 30);
        assert!(ours.is_outdated(life(2, 5), 29) && !ours.is_outdated(life(2, 5), 30));
        let mut theirs = members(&[life(2, 5)]);
        theirs.merge(&ours);
        theirs.outdate(life(2, 5), 10);
        assert!(theirs.is_outdated(life(2, 5), 29));
        theirs.saw(life(2, 6));
        assert!(theirs.is_outdated(life(2, 5), 99) && !theirs.is_outdated(life(2, 6), 1));
    }

    #[test]
    fn who_was_never_heard_cannot_be_forgotten() {
        let mut members = members(&[life(1, 7)]);
        members.forget(LiftId(2));
        assert_eq!(numbers(&members), [1]);
        assert!(!members.has_forgotten(LiftId(2)));
    }
}
