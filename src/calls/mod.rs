//! Calls, and the set of registered calls that merges.
//!
//! Every node keeps its own copy of all registered calls and tells the others of it again and
//! again. Copies meet late, twice, in any order, after a partition, after a restart from an old
//! checkpoint. However they meet, those that have met must agree; no press may be lost, and no
//! answered call may come back.
//!
//! # The idea
//!
//! A press is an event, not a bit. Each one gets a name of its own, a [`Dot`]: who saw it, the
//! [`Actor`], and which of its presses it was. To a copy, every dot is in one of three states, and
//! never goes back:
//!
//! ```text
//! unseen ──→ live ──→ answered
//! ```
//!
//! To merge is to take the later of the two states, for every dot. This is a maximum, so it is
//! commutative, associative and idempotent, and a late or repeated copy has nothing to say. A call
//! that is pressed again is another dot, which an answer to the first has not seen and cannot take
//! away.
//!
//! # How it is kept
//!
//! An actor counts its dots without a gap, and copies travel whole. So all that a copy has seen of
//! an actor is one number, and all that it has seen is one number an actor: its [`Context`]. With
//! it go the live dots. A dot that was seen and is not live is answered; nothing else remembers it.
//!
//! A press on a lit button counts like any other, for somebody may be answering the older one this
//! very moment. Of the live dots that an actor has on one call, only its oldest and its newest
//! stay: the newest outlives every answer that did not know of it, the oldest is the likeliest to
//! be on other disks already. What lies between is struck out by the actor itself, in the step that
//! makes the newest: nobody can hear that the one has gone without having seen the other.
//!
//! # What looks simpler, and loses calls
//!
//! - A set of calls, united: every answered call comes back with the next old copy.
//! - A counter for each button, the highest wins: the two sides of a partition count on alike, and
//!   one side's answer meets the other side's press under the same number.
//! - A counter for each node, for all its lives: a life that begins with an old checkpoint gives
//!   new presses the names of presses that others have seen. Hence the [`Incarnation`].
//! - A part of a copy, with the context of the whole: it says of what was left out that it was
//!   answered. Hence a [`Part`] of all calls is a set of its own, with its own context.
//!
//! # What it is not
//!
//! The set knows neither who will answer a call nor which lamps are lit, and it believes what it
//! is merged with. When a call counts as answered is for the lift to say.

mod dots;
mod parts;
mod set;

#[cfg(test)]
mod examples;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::building::{Building, Direction, Floor, LiftId};

pub use dots::{Actor, Context, Dot, Incarnation};
pub use parts::{Calls, Part};
pub use set::CallSet;

/// A call from a landing: a passenger wants to go on in a direction.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct HallCall {
    floor: Floor,
    direction: Direction,
}

impl HallCall {
    /// The call of this button; `None` where the building has no such button: on a floor that it
    /// does not have, up at the top, down at the bottom.
    pub fn new(building: Building, floor: Floor, direction: Direction) -> Option<Self> {
        let call = Self { floor, direction };
        call.fits(building).then_some(call)
    }

    /// Where the passenger waits.
    pub fn floor(self) -> Floor {
        self.floor
    }

    /// Which way the passenger wants to go.
    pub fn direction(self) -> Direction {
        self.direction
    }

    /// A decoder knows no building, so a call that was read may be from another one.
    fn fits(self, building: Building) -> bool {
        has(building, self.floor) && building.next(self.floor, self.direction).is_some()
    }
}

/// A call from a car: a passenger in it wants to go to a floor.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct CabCall {
    /// Whose car it is; no other lift can answer.
    pub lift: LiftId,
    /// Where the passenger wants to go.
    pub floor: Floor,
}

/// A call of either kind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Call {
    /// From a landing.
    Hall(HallCall),
    /// From a car.
    Cab(CabCall),
}

impl Call {
    /// Where a door must open to answer the call.
    pub fn floor(self) -> Floor {
        match self {
            Self::Hall(call) => call.floor,
            Self::Cab(call) => call.floor,
        }
    }

    /// Whether a door of this lift can answer the call: that of a passenger by his own lift alone.
    pub fn is_open_to(self, lift: LiftId) -> bool {
        match self {
            Self::Hall(_) => true,
            Self::Cab(call) => call.lift == lift,
        }
    }

    /// Whether the building has a button for this call.
    pub fn fits(self, building: Building) -> bool {
        match self {
            Self::Hall(call) => call.fits(building),
            Self::Cab(call) => has(building, call.floor),
        }
    }
}

fn has(building: Building, floor: Floor) -> bool {
    floor <= building.top()
}

impl From<HallCall> for Call {
    fn from(call: HallCall) -> Self {
        Self::Hall(call)
    }
}

impl From<CabCall> for Call {
    fn from(call: CabCall) -> Self {
        Self::Cab(call)
    }
}

impl fmt::Display for HallCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hall {} at {}", self.direction, self.floor)
    }
}

impl fmt::Display for CabCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cab of lift {} to {}", self.lift, self.floor)
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hall(call) => call.fmt(f),
            Self::Cab(call) => call.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn building(floors: u8) -> Building {
        Building::try_from(floors).unwrap()
    }

    #[test]
    fn a_hall_call_exists_where_there_is_a_button() {
        let four = building(4);
        let of_direction = |direction| {
            let floors = building(6).every_floor();
            let calls = floors.filter_map(move |floor| HallCall::new(four, floor, direction));
            calls.map(|call| call.floor().number()).collect::<Vec<_>>()
        };
        assert_eq!(of_direction(Direction::Up), [0, 1, 2]);
        assert_eq!(of_direction(Direction::Down), [1, 2, 3]);
    }

    #[test]
    fn a_call_from_a_taller_building_does_not_fit() {
        let (four, five) = (building(4), building(5));
        let cab_call = |floor| Call::from(CabCall { lift: LiftId(1), floor });
        assert!(cab_call(four.top()).fits(four));
        assert!(!cab_call(five.top()).fits(four));
        for (floor, direction) in [(four.top(), Direction::Up), (five.top(), Direction::Down)] {
            let call = Call::from(HallCall::new(five, floor, direction).unwrap());
            assert!(call.fits(five));
            assert!(!call.fits(four), "{call}");
        }
    }

    #[test]
    fn a_call_reads_as_a_person_says_it() {
        let floor = Floor::try_from(3).unwrap();
        let hall_call = HallCall::new(building(5), floor, Direction::Up).unwrap();
        assert_eq!(Call::from(hall_call).to_string(), "hall up at 3");
        assert_eq!(
            Call::from(CabCall { lift: LiftId(1), floor }).to_string(),
            "cab of lift 1 to 3"
        );
    }
}
