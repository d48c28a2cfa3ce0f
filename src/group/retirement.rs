//! Which former lives everybody may forget.
//!
//! Every life that ever pressed a button has an entry in the call set, for a dot that is seen and
//! not live is answered, and must stay so. A life may be forgotten only when no copy that could
//! still come back holds a call of it alive: not in the memory of a node that is away for the
//! moment, not on the disk of one that is about to crash. So every *member*, every node that anybody
//! here has ever heard, must have said that memory and disk agree and that the life has no call
//! left; and all must have seen the same of it. What a node said before it went away still holds
//! when it returns, since a copy never goes back; whoever has not been heard since this primary
//! began to live says nothing, and nothing is forgotten behind its back.
//!
//! The primary names those lives until nobody speaks of them any more, and all drop them.

use std::collections::BTreeSet;

use super::{Group, Own};
use crate::calls::{Actor, CallSet};

impl Group {
    /// The lives that everybody may forget.
    pub(super) fn retired(&self, own: &Own) -> Vec<Actor> {
        let everyone_has_spoken =
            self.members.iter().all(|lift| self.stated.get(lift).is_some_and(|peer| peer.settled));
        if !own.settled || !everyone_has_spoken {
            return Vec::new();
        }
        let sets = || self.stated.values().map(|peer| &peer.calls).chain([own.calls]);
        let known: BTreeSet<Actor> = sets().flat_map(|set| set.context().actors()).collect();
        let over = known.into_iter().filter(|actor| self.is_over(*actor));
        over.filter(|actor| may_be_forgotten(*actor, sets)).collect()
    }

    /// Whether this life is known to be over.
    fn is_over(&self, actor: Actor) -> bool {
        if actor.lift == self.actor.lift {
            actor.incarnation < self.actor.incarnation
        } else {
            self.presence.is_over(actor)
        }
    }
}

/// Whether these copies have no call of this life left, and have seen the same of it, except those
/// that have forgotten it already.
fn may_be_forgotten<'a, I: Iterator<Item = &'a CallSet>>(
    actor: Actor,
    copies: impl Fn() -> I,
) -> bool {
    let newest = copies().filter_map(|copy| copy.context().newest_of(actor)).max();
    copies().all(|copy| {
        let seen = copy.context().newest_of(actor);
        copy.is_idle(actor) && (seen.is_none() || seen == newest)
    })
}
