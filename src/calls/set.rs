//! The set of registered calls.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Actor, Call, Context, Dot};
use crate::building::Building;

/// The most live dots that one actor has on one call: its oldest and its newest.
const MOST_DOTS: usize = 2;

/// One copy of the set of registered calls; see [the module](super) for the idea.
///
/// A call is live while any of its dots is. Equal knowledge is equal data and equal bytes.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct CallSet {
    seen: Context,
    live: BTreeMap<Dot, Call>,
}

impl CallSet {
    /// Registers a press, also of a call that is live already, and gives it its name.
    ///
    /// `actor` is the life that calls this: nobody presses in another's name. Should a node ever
    /// meet a context that covers more of its own life than its own does, somebody else lives under
    /// that name, and only a new incarnation makes its presses distinct again.
    pub fn press(&mut self, actor: Actor, call: Call) -> Dot {
        let between = self.dots_of(call).filter(|dot| dot.actor == actor).nth(1);
        if let Some(dot) = between {
            self.live.remove(&dot);
        }
        let newest = self.seen.advance(actor);
        self.live.insert(newest, call);
        self.assert_well_formed();
        newest
    }

    /// Takes the call as answered: every press of it that was seen here, and no other.
    pub fn answer(&mut self, call: Call) {
        self.live.retain(|_, live| *live != call);
        self.assert_well_formed();
    }

    /// Takes in what another copy knows: for every dot the later state of unseen, live, answered.
    pub fn merge(&mut self, other: &Self) {
        if self == other {
            return; // what is said most of the time
        }
        self.live.retain(|dot, call| !other.has_answered(*dot, *call));
        for (&dot, &call) in &other.live {
            if !self.seen.covers(dot) {
                self.live.insert(dot, call);
            }
        }
        self.seen.merge(&other.seen);
        self.assert_well_formed();
    }

    /// Whether the call waits for an answer. For many calls ask [`CallSet::live`] once.
    pub fn is_live(&self, call: Call) -> bool {
        self.dots_of(call).next().is_some()
    }

    /// Every call that waits for an answer, in order.
    pub fn live(&self) -> BTreeSet<Call> {
        self.live.values().copied().collect()
    }

    /// The dots by which the call is live, in order; of each actor at most its oldest and newest.
    pub fn dots_of(&self, call: Call) -> impl Iterator<Item = Dot> {
        self.live.iter().filter(move |(_, live)| **live == call).map(|(dot, _)| *dot)
    }

    /// What this copy has seen.
    pub fn context(&self) -> &Context {
        &self.seen
    }

    /// Whether the call is safe with a copy of this context: one that is on a disk, say.
    ///
    /// It is when that copy has seen any of the dots by which the call is live here. Of such a dot
    /// it knows that it is live, or that it was answered, or that its actor has struck it out for a
    /// newer one: it cannot take the call for one that was never pressed. A press on a safe call
    /// leaves it safe, however new its own dot is.
    ///
    /// News can still turn this from yes to no while the call stays live: when the dots that the
    /// other copy has seen were answered or struck out, and only a newer press keeps the call
    /// alive. So this is the question before a lamp is lit; a lit one stays lit while the call is
    /// live.
    pub fn is_safe_with(&self, call: Call, context: &Context) -> bool {
        self.dots_of(call).any(|dot| context.covers(dot))
    }

    /// Whether the building has a button for every live call.
    pub fn fits(&self, building: Building) -> bool {
        self.live.values().all(|call| call.fits(building))
    }

    /// The actors of which dots were seen and none is live, in order.
    pub fn idle_actors(&self) -> impl Iterator<Item = Actor> {
        self.seen.actors().filter(|actor| self.is_idle(*actor))
    }

    /// Whether no dot of this actor is live.
    pub fn is_idle(&self, actor: Actor) -> bool {
        self.live.keys().all(|dot| dot.actor != actor)
    }

    /// Forgets an actor, or changes nothing and says `false` when a dot of it is live.
    ///
    /// To forget is to hold its dots for unseen, the one step back that there is. So it may be
    /// done only to a life that has ended, and only once every copy that may still be merged, on a
    /// disk or in an absent node, covers the same dots of it with none live. Too early, a copy
    /// that had not seen the answer brings the call back; and one that has merely not forgotten
    /// yet brings the actor back.
    pub fn retire(&mut self, actor: Actor) -> bool {
        let is_idle = self.is_idle(actor);
        if is_idle {
            self.seen.forget(actor);
        }
        self.assert_well_formed();
        is_idle
    }

    /// Forgets an actor of which nothing newer than this dot was seen. Whoever has seen more of it
    /// knows of a press that nobody knew of who found that the actor may be forgotten.
    pub fn retire_up_to(&mut self, newest: Dot) -> bool {
        self.seen.newest_of(newest.actor) <= Some(newest) && self.retire(newest.actor)
    }

    fn has_answered(&self, dot: Dot, call: Call) -> bool {
        self.seen.covers(dot) && self.live.get(&dot) != Some(&call)
    }

    fn assert_well_formed(&self) {
        debug_assert_eq!(self.well_formed(), Ok(()));
    }

    /// What must hold of every set, and what its types do not say.
    ///
    /// It survives a merge: of the dots of one actor, all that are live afterwards were live in the
    /// copy that had seen more of it.
    fn well_formed(&self) -> Result<(), String> {
        let mut counts: BTreeMap<(Actor, Call), usize> = BTreeMap::new();
        for (&dot, &call) in &self.live {
            if !self.seen.covers(dot) {
                return Err(format!("call set: {dot} ({call}) is live but was never seen"));
            }
            let count = counts.entry((dot.actor, call)).or_default();
            *count += 1;
            if *count > MOST_DOTS {
                return Err(format!("call set: {dot} ({call}) is one live press too many"));
            }
        }
        Ok(())
    }
}

/// A set as it was read, by the same fields.
#[derive(Deserialize)]
struct Unchecked {
    seen: Context,
    live: BTreeMap<Dot, Call>,
}

impl TryFrom<Unchecked> for CallSet {
    type Error = String;

    /// # Errors
    /// When no history of presses, answers and merges leads to such a set.
    fn try_from(Unchecked { seen, live }: Unchecked) -> Result<Self, Self::Error> {
        let set = Self { seen, live };
        set.well_formed().map(|()| set)
    }
}
