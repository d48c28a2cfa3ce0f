//! The set of registered calls.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};

use super::{Actor, Call, Context, Dot, Part};
use crate::building::Building;
use crate::sabotage::Sabotage;

/// One copy of the set of registered calls; see [the module](super) for the idea.
///
/// A call is live while any of its dots is. Equal knowledge is equal data and equal bytes.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct CallSet {
    seen: Context,
    live: Live,
}

/// The live calls of every actor that has pressed any. An actor without one is not in it.
type Live = BTreeMap<Actor, BTreeMap<Call, Presses>>;

/// The live dots of one actor on one call.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
struct Presses {
    oldest: NonZeroU64,
    /// The same when there is only one.
    newest: NonZeroU64,
}

impl Presses {
    fn counters(self) -> impl Iterator<Item = NonZeroU64> {
        let newest = (self.newest != self.oldest).then_some(self.newest);
        std::iter::once(self.oldest).chain(newest)
    }

    /// Those of them of which this is so.
    fn filter(self, is_so: impl Fn(NonZeroU64) -> bool) -> Option<Self> {
        let mut left = self.counters().filter(|counter| is_so(*counter));
        let oldest = left.next()?;
        Some(Self { oldest, newest: left.next().unwrap_or(oldest) })
    }
}

impl CallSet {
    /// Registers a press, also of a call that is live already, and gives it its name.
    ///
    /// `actor` is the life that calls this: nobody presses in another's name. Should a node ever
    /// meet a context that covers more of its own life than its own does, somebody else lives under
    /// that name, and only a new incarnation makes its presses distinct again.
    pub fn press(&mut self, actor: Actor, call: Call) -> Dot {
        let newest = self.seen.advance(actor);
        self.insert(newest, call);
        self.assert_well_formed();
        newest
    }

    /// Takes the call as answered: every press of it that was seen here, and no other.
    pub fn answer(&mut self, call: Call) {
        self.live.retain(|_, own| {
            own.remove(&call);
            !own.is_empty()
        });
        self.assert_well_formed();
    }

    /// Takes in what another copy knows: for every dot the later state of unseen, live, answered.
    pub fn merge(&mut self, other: &Self) {
        let forgets = |dot| Sabotage::PressesAreDropped.is_done() && !other.seen.covers(dot);
        if !Sabotage::AnswersAreNotMerged.is_done() {
            self.retain(|dot, call| !other.has_answered(dot, call) && !forgets(dot));
        }
        for (dot, call) in other.dots() {
            if !self.seen.covers(dot) {
                self.insert(dot, call);
            }
        }
        self.seen.merge(&other.seen);
        self.assert_well_formed();
    }

    /// Whether a merge with the other copy would change anything here.
    pub fn can_learn_from(&self, other: &Self) -> bool {
        !self.seen.includes(&other.seen)
            || self.dots().any(|(dot, call)| other.has_answered(dot, call))
            || Sabotage::PressesAreDropped.is_done()
    }

    /// Whether the call waits for an answer. For many calls ask [`CallSet::live`] once.
    pub fn is_live(&self, call: Call) -> bool {
        self.dots_of(call).next().is_some()
    }

    /// Whether any call waits for an answer.
    pub fn has_live(&self) -> bool {
        !self.live.is_empty()
    }

    /// Every call that waits for an answer, in order.
    pub fn live(&self) -> BTreeSet<Call> {
        self.every_live().collect()
    }

    /// The same as they come, and again for each actor that pressed them: for whoever makes some
    /// other set of them.
    pub fn every_live(&self) -> impl Iterator<Item = Call> {
        self.live.values().flat_map(BTreeMap::keys).copied()
    }

    /// The dots by which the call is live, in order; of each actor at most its oldest and newest.
    pub fn dots_of(&self, call: Call) -> impl Iterator<Item = Dot> {
        self.live.iter().flat_map(move |(&actor, own)| {
            let counters = own.get(&call).into_iter().flat_map(|presses| presses.counters());
            counters.map(move |counter| Dot { actor, counter })
        })
    }

    /// Every live dot with its call, by actor and call.
    pub fn dots(&self) -> impl Iterator<Item = (Dot, Call)> {
        self.live.iter().flat_map(|(&actor, own)| {
            own.iter().flat_map(move |(&call, presses)| {
                presses.counters().map(move |counter| (Dot { actor, counter }, call))
            })
        })
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

    /// Whether every live call is on a floor of this part.
    pub fn is_within(&self, part: Part) -> bool {
        self.dots().all(|(_, call)| Part::of(call.floor()) == part)
    }

    /// Whether the building has a button for every live call.
    pub fn fits(&self, building: Building) -> bool {
        self.dots().all(|(_, call)| call.fits(building))
    }

    /// The actors of which dots were seen and none is live, in order.
    pub fn idle_actors(&self) -> impl Iterator<Item = Actor> {
        self.seen.actors().filter(|actor| self.is_idle(*actor))
    }

    /// Whether no dot of this actor is live.
    pub fn is_idle(&self, actor: Actor) -> bool {
        !self.live.contains_key(&actor)
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
        let presses = || self.live.get(&dot.actor)?.get(&call);
        let is_live = || presses().is_some_and(|its| its.counters().any(|c| c == dot.counter));
        self.seen.covers(dot) && !is_live()
    }

    /// Adds a dot. Of those of its actor on its call only the oldest and the newest stay.
    fn insert(&mut self, dot: Dot, call: Call) {
        match self.live.entry(dot.actor).or_default().entry(call) {
            Entry::Vacant(entry) => {
                entry.insert(Presses { oldest: dot.counter, newest: dot.counter });
            }
            Entry::Occupied(mut entry) => {
                let Presses { oldest, newest } = *entry.get();
                let (oldest, newest) = (oldest.min(dot.counter), newest.max(dot.counter));
                entry.insert(Presses { oldest, newest });
            }
        }
    }

    /// Keeps the dots of which this is so, and strikes out the others.
    fn retain(&mut self, is_so: impl Fn(Dot, Call) -> bool) {
        self.live.retain(|&actor, own| {
            own.retain(|&call, presses| {
                let left = presses.filter(|counter| is_so(Dot { actor, counter }, call));
                *presses = left.unwrap_or(*presses);
                left.is_some()
            });
            !own.is_empty()
        });
    }

    fn assert_well_formed(&self) {
        debug_assert_eq!(self.well_formed(), Ok(()));
    }

    /// What must hold of every set, and what its types do not say.
    ///
    /// It survives a merge: of the dots of one actor, all that are live afterwards were live in the
    /// copy that had seen more of it. So a call never has a third one, either.
    fn well_formed(&self) -> Result<(), String> {
        let mut names = BTreeSet::new();
        for (dot, call) in self.dots() {
            if !self.seen.covers(dot) {
                return Err(format!("call set: {dot} ({call}) is live but was never seen"));
            }
            if !names.insert(dot) {
                return Err(format!("call set: {dot} ({call}) has the name of another press"));
            }
        }
        let backwards = |presses: &Presses| presses.newest < presses.oldest;
        if self.live.values().flat_map(BTreeMap::values).any(backwards) {
            return Err("call set: the newest press of a call is older than its oldest".into());
        }
        match self.live.iter().find(|(_, own)| own.is_empty()) {
            Some((actor, _)) => Err(format!("call set: {actor} is live without a press")),
            None => Ok(()),
        }
    }
}

/// A set as it was read, by the same fields.
#[derive(Deserialize)]
struct Unchecked {
    seen: Context,
    live: Live,
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
