//! All registered calls, divided by floors so that no division is too large for a datagram.
//!
//! A datagram has a size, and copies must travel whole. So the calls of every few neighbouring
//! floors are a set of their own, a [`Part`], with a context of its own, and a datagram carries as
//! many of them as it has room for. Which floors make a part is the same in every building, so that
//! whoever speaks of a part speaks of the same calls.
//!
//! The parts know nothing of each other: each has its own counters, and what has been seen of one
//! says nothing about another.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::{Actor, Call, CallSet, Dot};
use crate::building::{Building, Floor};

/// Some neighbouring floors, whose calls are one set.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Part(u8);

impl Part {
    /// How many floors make a part. With 64 lifts, the calls of so many floors fit into a datagram
    /// also when every button has been pressed twice on every panel; with twice as many they may not.
    pub const FLOORS: u8 = 8;

    /// How many parts the tallest building has.
    pub const MOST: u8 = Building::MOST_FLOORS.div_ceil(Self::FLOORS);

    /// The part of the lowest floors.
    pub const LOWEST: Self = Self(0);

    /// The part with this floor.
    pub fn of(floor: Floor) -> Self {
        Self(floor.number() / Self::FLOORS)
    }

    /// Every part that there can be, from the bottom up.
    pub fn every() -> impl Iterator<Item = Self> {
        (0..Self::MOST).map(Self)
    }

    /// Every part of this building, from the bottom up.
    pub fn every_of(building: Building) -> impl Iterator<Item = Self> {
        Self::every().take_while(move |part| *part <= Self::of(building.top()))
    }

    /// The part above this one in the building; above the highest comes the lowest.
    #[must_use]
    pub fn next_of(self, building: Building) -> Self {
        if self < Self::of(building.top()) { Self(self.0 + 1) } else { Self::LOWEST }
    }
}

impl TryFrom<u8> for Part {
    type Error = &'static str;

    /// # Errors
    /// When no building can have such a part.
    fn try_from(number: u8) -> Result<Self, Self::Error> {
        if number < Self::MOST { Ok(Self(number)) } else { Err("no such part of a building") }
    }
}

impl From<Part> for u8 {
    fn from(part: Part) -> Self {
        part.0
    }
}

/// All registered calls: one [`CallSet`] for each [`Part`].
///
/// A clone shares the parts until one of the two changes.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Calls(Box<[Rc<CallSet>; Part::MOST as usize]>);

impl Calls {
    /// The set of this part, to share.
    pub fn part(&self, part: Part) -> &Rc<CallSet> {
        &self.0[usize::from(part.0)]
    }

    /// Registers a press; see [`CallSet::press`].
    pub fn press(&mut self, actor: Actor, call: Call) -> Dot {
        Rc::make_mut(self.part_mut(Part::of(call.floor()))).press(actor, call)
    }

    /// Takes the call as answered; see [`CallSet::answer`].
    pub fn answer(&mut self, call: Call) {
        if self.is_live(call) {
            Rc::make_mut(self.part_mut(Part::of(call.floor()))).answer(call);
        }
    }

    /// Takes in what another copy of this part knows; see [`CallSet::merge`]. Nearly always that is
    /// nothing, and then it costs a comparison.
    pub fn merge(&mut self, part: Part, other: &Rc<CallSet>) {
        let own = self.part_mut(part);
        if own != other && own.can_learn_from(other) {
            Rc::make_mut(own).merge(other);
            debug_assert!(own.is_within(part), "nobody can speak of other floors");
        }
    }

    /// Forgets an actor in this part; see [`CallSet::retire_up_to`].
    pub fn retire_up_to(&mut self, part: Part, newest: Dot) {
        let own = self.part_mut(part);
        if own.context().newest_of(newest.actor).is_some() {
            Rc::make_mut(own).retire_up_to(newest);
        }
    }

    /// Whether the call waits for an answer. For many calls ask [`Calls::every_live`] once.
    pub fn is_live(&self, call: Call) -> bool {
        self.of(call).is_live(call)
    }

    /// Every call that waits for an answer, in order.
    pub fn live(&self) -> BTreeSet<Call> {
        self.every_live().collect()
    }

    /// The same as they come; see [`CallSet::every_live`].
    pub fn every_live(&self) -> impl Iterator<Item = Call> {
        self.0.iter().filter(|part| part.has_live()).flat_map(|part| part.every_live())
    }

    /// The set that has the call, if any has.
    pub fn of(&self, call: Call) -> &CallSet {
        self.part(Part::of(call.floor()))
    }

    /// Whether the building has a button for every live call.
    pub fn fit(&self, building: Building) -> bool {
        self.0.iter().all(|part| part.fits(building))
    }

    fn part_mut(&mut self, part: Part) -> &mut Rc<CallSet> {
        &mut self.0[usize::from(part.0)]
    }
}

/// All calls as they were read, by the same fields.
#[derive(Deserialize)]
struct Unchecked(Box<[Rc<CallSet>; Part::MOST as usize]>);

impl TryFrom<Unchecked> for Calls {
    type Error = &'static str;

    /// # Errors
    /// When a call is in the part of other floors.
    fn try_from(Unchecked(parts): Unchecked) -> Result<Self, Self::Error> {
        let all = Part::every().zip(parts.iter()).all(|(part, set)| set.is_within(part));
        if all { Ok(Self(parts)) } else { Err("a call is in the part of other floors") }
    }
}
