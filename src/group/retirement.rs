//! Which former lives everybody may forget.
//!
//! Every life that ever pressed a button has an entry in the call set, for a dot that is seen and
//! not live is answered, and must stay so. A life may be forgotten only when no copy that could
//! still come back holds a call of it alive: not in the memory of a node that is away for the
//! moment, not on the disk of one that is about to crash. So every *member*, every node that anybody
//! here has ever heard, must have said that memory and disk agree and that the life has no call
//! left; and all must have seen the very same of it. What a node said before it went away still holds
//! when it returns, since a copy never goes back; whoever has not been heard since this primary
//! began to live says nothing, and nothing is forgotten behind its back. Who is no member yet has
//! no copy: nobody takes calls from a node that does not name it ([`super::naming`]). Only of a lift
//! that was taken away for good nobody waits to hear, once a person has said so ([`super::members`]).
//!
//! One hole is left, and known: who loses what it has said. A node that loses its disk after it has
//! spoken may then hear a call of that life from somebody who has not heard its answer yet; one that
//! restarts without a working disk may not know any more to whom it told of the call. It costs a stop
//! for nobody.
//!
//! Copies are also under way: what a node said before may arrive late, when its calls are not known
//! as answered any more. So with a life goes the past: the messages by which everybody said that it
//! is done with are the first that count from then on, whoever hears them, in whatever later life
//! ([`super::members`]). As that past goes with the names, no life is forgotten while a member is
//! left unnamed.
//!
//! Each part of the calls is asked about by itself, as if there were no other.
//!
//! The primary names the last press of each of those lives until nobody speaks of it any more, or a
//! new member comes, and all drop them. Should a newer press of such a life come to light, it is not
//! meant.

use std::collections::BTreeSet;

use super::message::Message;
use super::statement::Statement;
use super::{Group, Own};
use crate::calls::{Actor, CallSet, Dot, Part};
use crate::sabotage::Sabotage;

/// How many are named at a time; the others have their turn when these are forgotten.
const MOST_NAMED: usize = 64;

impl Group {
    /// The last presses of the lives that everybody may forget, by part.
    pub(super) fn retired(&self, own: &Own) -> BTreeSet<(Part, Dot)> {
        if !self.names_all_members(own) {
            return BTreeSet::new();
        }
        let parts = || Part::every_of(self.config.building);
        let named = parts().flat_map(|part| self.named(part, own));
        let fresh = parts().flat_map(|part| self.forgettable(part, own));
        let mut all = BTreeSet::new();
        for retired in named.chain(fresh) {
            if all.len() == MOST_NAMED {
                break;
            }
            all.insert(retired);
        }
        all
    }

    /// Nothing counts any more that was said before what everybody has said last.
    pub(super) fn outdate_the_past(&mut self) {
        for (lift, peer) in &self.stated {
            let Message { incarnation, sequence, .. } = *peer.last;
            self.members.outdate(Actor { lift: *lift, incarnation }, sequence);
        }
        self.members.outdate(self.actor, self.said.sequence());
    }

    /// Those already named of whom somebody still speaks.
    fn named(&self, part: Part, own: &Own) -> Vec<(Part, Dot)> {
        let named = self.own.retired.iter().copied().filter(|(its, _)| *its == part);
        let mut named: Vec<(Part, Dot)> = named.collect();
        if !named.is_empty() {
            let copies = self.copies(part, own);
            named.retain(|(_, dot)| newest_of(dot.actor, &copies) == Some(*dot));
        }
        named
    }

    /// Those of whom everybody has said that they are done with.
    fn forgettable(&self, part: Part, own: &Own) -> Vec<(Part, Dot)> {
        let over = own.calls.part(part).context().actors().filter(|actor| self.is_over(*actor));
        let over: Vec<Actor> = over.collect();
        if Sabotage::LivesAreForgottenTooSoon.is_done() {
            let own = own.calls.part(part).context();
            let last = over.into_iter().filter_map(|actor| own.newest_of(actor));
            return last.map(|dot| (part, dot)).collect();
        }
        let kept = Sabotage::LivesAreNeverForgotten.is_done();
        if over.is_empty() || kept || !self.everyone_is_settled(part, own) {
            return Vec::new();
        }
        let copies = self.copies(part, own);
        let done = over.into_iter().filter_map(|actor| forgettable(actor, &copies));
        done.map(|dot| (part, dot)).collect()
    }

    /// What everybody said last that it knows of this part.
    fn copies<'a>(&'a self, part: Part, own: &Own<'a>) -> Vec<&'a CallSet> {
        let stated = self.stated.values().filter_map(|peer| peer.calls.get(&part));
        stated.map(|its| &**its.calls()).chain([&**own.calls.part(part)]).collect()
    }

    /// Every member has said that its memory and its disk agree about this part, and so has whoever
    /// else is heard.
    fn everyone_is_settled(&self, part: Part, own: &Own) -> bool {
        let others = self.members.iter().filter(|lift| *lift != self.actor.lift);
        let mut all = others.chain(self.stated.keys().copied());
        let stated = |lift| self.stated.get(&lift).and_then(|peer| peer.calls.get(&part));
        own.calls.part(part) == own.durable.part(part)
            && all.all(|lift| stated(lift).is_some_and(Statement::is_settled))
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
