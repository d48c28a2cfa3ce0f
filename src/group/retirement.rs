//! Which former lives everybody may forget.
//!
//! Every life that ever pressed a button has an entry in the call set, for a dot that is seen and
//! not live is answered, and must stay so. A life may be forgotten only when no copy that could
//! still come back holds a call of it alive: not in the memory of a node that is away for the
//! moment, not on the disk of one that is about to crash. So every *member*, every node that anybody
//! here has ever heard, must have said that memory and disk agree and that the life has no call
//! left; and all must have seen the very same of it. What a node said before it went away still holds
//! when it returns, since a copy never goes back; whoever has not been heard since this primary
//! began to live says nothing, and nothing is forgotten behind its back. Only of a lift that was taken
//! away for good nobody waits to hear, once a person has said so ([`super::members`]).
//!
//! One hole is left, and known: a node that loses its disk after it has spoken, and then hears a call
//! of that life from somebody who has not heard its answer yet. It costs a stop for nobody.
//!
//! The primary names the last press of each of those lives until nobody speaks of it any more, and
//! all drop them. Should a newer press of such a life come to light, it is not meant.

use std::collections::BTreeSet;

use super::{Group, Own};
use crate::calls::{Actor, CallSet, Dot};

impl Group {
    /// The last presses of the lives that everybody may forget.
    pub(super) fn retired(&self, own: &Own) -> Vec<Dot> {
        let copies: Vec<&CallSet> =
            self.stated.values().map(|peer| &peer.calls).chain([own.calls]).collect();
        let named = self.own.retired.iter().copied().filter(|dot| is_spoken_of(*dot, &copies));
        let mut all: BTreeSet<Dot> = named.collect();
        if own.settled && self.everyone_is_settled() {
            let known: BTreeSet<Actor> =
                copies.iter().flat_map(|copy| copy.context().actors()).collect();
            let over = known.into_iter().filter(|actor| self.is_over(*actor));
            all.extend(over.filter_map(|actor| forgettable(actor, &copies)));
        }
        all.into_iter().collect()
    }

    /// Every member has said that its memory and its disk agree, and so has whoever else is heard.
    fn everyone_is_settled(&self) -> bool {
        let others = self.members.iter().filter(|lift| *lift != self.actor.lift);
        let mut all = others.chain(self.stated.keys().copied());
        all.all(|lift| self.stated.get(&lift).is_some_and(|peer| peer.settled))
    }

    /// Whether this life is known to be over.
    fn is_over(&self, actor: Actor) -> bool {
        if actor.lift == self.actor.lift {
            actor.incarnation < self.actor.incarnation
        } else {
            self.presence.is_over(actor) || self.members.is_forgotten(actor)
        }
    }
}

/// Whether this is still the last press that any of these copies knows of that life.
fn is_spoken_of(dot: Dot, copies: &[&CallSet]) -> bool {
    newest_of(dot.actor, copies) == Some(dot)
}

/// The last press of this life, when all these copies have seen it and none has a call of the life
/// left. A copy that has seen nothing of it does not count as one that has forgotten it: its node
/// may since have heard of a call from somebody else.
fn forgettable(actor: Actor, copies: &[&CallSet]) -> Option<Dot> {
    let newest = newest_of(actor, copies);
    let done = |copy: &&CallSet| copy.is_idle(actor) && copy.context().newest_of(actor) == newest;
    newest.filter(|_| copies.iter().all(done))
}

fn newest_of(actor: Actor, copies: &[&CallSet]) -> Option<Dot> {
    copies.iter().filter_map(|copy| copy.context().newest_of(actor)).max()
}
