//! Dots: names for presses that no two presses share, and contexts: which of them were seen.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};

use crate::building::LiftId;

/// The number of one life of a node: unique, and greater than that of any life before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Incarnation(pub u64);

/// One life of a node, as the maker of dots.
///
/// A life never forgets a dot that it has made; a node may, when it comes back with an older
/// checkpoint. So lives count, not nodes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Actor {
    /// Whose panel the buttons are on.
    pub lift: LiftId,
    /// Which life of its node.
    pub incarnation: Incarnation,
}

/// The name of one press.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Dot {
    /// Who saw the press.
    pub actor: Actor,
    /// Which press of this actor it was, counted from 1 without a gap.
    pub counter: NonZeroU64,
}

/// Which dots a copy of the set has seen: of each actor, all up to a newest one.
///
/// An actor without dots is not in it, so equal knowledge is always equal data.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Context(BTreeMap<Actor, NonZeroU64>);

impl Context {
    /// What a copy has seen that has seen nothing.
    pub fn nothing() -> &'static Self {
        static NOTHING: Context = Context(BTreeMap::new());
        &NOTHING
    }

    /// Whether this dot was seen.
    pub fn covers(&self, dot: Dot) -> bool {
        self.newest_of(dot.actor).is_some_and(|newest| dot <= newest)
    }

    /// Whether every dot that `other` covers was seen here, too.
    pub fn includes(&self, other: &Self) -> bool {
        other.0.iter().all(|(&actor, &counter)| self.covers(Dot { actor, counter }))
    }

    /// The newest dot seen of this actor.
    pub fn newest_of(&self, actor: Actor) -> Option<Dot> {
        self.0.get(&actor).map(|&counter| Dot { actor, counter })
    }

    /// Every actor of which a dot was seen, in order.
    pub fn actors(&self) -> impl Iterator<Item = Actor> {
        self.0.keys().copied()
    }

    /// Takes in all that `other` has seen.
    pub fn merge(&mut self, other: &Self) {
        for (&actor, &theirs) in &other.0 {
            let ours = self.0.entry(actor).or_insert(theirs);
            *ours = theirs.max(*ours);
        }
    }

    /// Makes and sees the actor's next dot. (No life is long enough for 2⁶⁴ presses.)
    pub(super) fn advance(&mut self, actor: Actor) -> Dot {
        let counter = self.0.get(&actor).map_or(NonZeroU64::MIN, |newest| newest.saturating_add(1));
        self.0.insert(actor, counter);
        Dot { actor, counter }
    }

    /// Forgets that there ever was this actor.
    pub(super) fn forget(&mut self, actor: Actor) {
        self.0.remove(&actor);
    }
}

impl fmt::Display for Incarnation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lift {} in incarnation {}", self.lift, self.incarnation)
    }
}

impl fmt::Display for Dot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "press {} of {}", self.counter, self.actor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(lift: u8, incarnation: u64) -> Actor {
        Actor { lift: LiftId(lift), incarnation: Incarnation(incarnation) }
    }

    #[test]
    fn an_actor_counts_from_1_without_a_gap() {
        let mut seen = Context::default();
        let counters = [(); 3].map(|()| seen.advance(actor(1, 7)).counter.get());
        assert_eq!(counters, [1, 2, 3]);
    }

    #[test]
    fn two_lives_of_a_node_never_make_the_same_dot() {
        let mut seen = Context::default();
        assert_ne!(seen.clone().advance(actor(1, 7)), seen.advance(actor(1, 8)));
    }

    #[test]
    fn a_context_covers_a_dot_and_all_before_it_of_that_actor_alone() {
        let mut seen = Context::default();
        let (first, second) = (seen.advance(actor(1, 7)), seen.advance(actor(1, 7)));
        let third = seen.clone().advance(actor(1, 7));
        assert!(seen.covers(first) && seen.covers(second) && !seen.covers(third));
        assert!(!seen.covers(Dot { actor: actor(1, 8), ..first }));
        assert!(!seen.covers(Dot { actor: actor(1, 6), ..first }));
    }

    #[test]
    fn a_context_includes_another_when_it_is_ahead_of_it_in_every_actor() {
        let (mut one, mut two) = (Context::default(), Context::default());
        assert!(one.includes(&two));
        one.advance(actor(1, 7));
        two.advance(actor(2, 7));
        assert!(!one.includes(&two) && !two.includes(&one));
        one.merge(&two);
        assert!(one.includes(&two) && !two.includes(&one));
    }
}
