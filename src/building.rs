//! The building: how many floors it has, and the words for places and directions in it.
//!
//! A [`Floor`] exists only through a [`Building`] or a checked decoder, so a floor number in the
//! core never needs to be checked again.

use std::{fmt, iter};

use serde::{Deserialize, Serialize};

/// A floor, counted from 0 at the bottom; always below [`Building::MOST_FLOORS`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Floor(u8);

impl Floor {
    /// The lowest floor of every building.
    pub const BOTTOM: Self = Self(0);

    /// The floor's number, counted from 0.
    pub fn number(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Floor {
    type Error = &'static str;

    /// # Errors
    /// When no building can have such a floor.
    fn try_from(number: u8) -> Result<Self, Self::Error> {
        if number < Building::MOST_FLOORS { Ok(Self(number)) } else { Err("no such floor") }
    }
}

impl From<Floor> for u8 {
    fn from(floor: Floor) -> Self {
        floor.0
    }
}

impl fmt::Display for Floor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Up or down.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Towards the highest floor.
    Up,
    /// Towards floor 0.
    Down,
}

impl Direction {
    /// The other way.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Up => Self::Down,
            Self::Down => Self::Up,
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Up => "up",
            Self::Down => "down",
        })
    }
}

/// A lift of the group and the node that controls it; they share one number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct LiftId(pub u8);

impl fmt::Display for LiftId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The floors that every lift of the group serves.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Building {
    floors: u8,
}

impl Building {
    /// The tallest building that fits a [`FloorSet`].
    pub const MOST_FLOORS: u8 = 128;

    /// How many floors the building has.
    pub fn floors(self) -> u8 {
        self.floors
    }

    /// The floor with this number, if the building has it.
    pub fn floor(self, number: u8) -> Option<Floor> {
        (number < self.floors).then_some(Floor(number))
    }

    /// Every floor, from the bottom up.
    pub fn every_floor(self) -> impl DoubleEndedIterator<Item = Floor> {
        (0..self.floors).map(Floor)
    }

    /// The highest floor.
    pub fn top(self) -> Floor {
        Floor(self.floors - 1)
    }

    /// The neighbouring floor in this direction; `None` past the ends of the shaft.
    pub fn next(self, floor: Floor, direction: Direction) -> Option<Floor> {
        match direction {
            Direction::Up => self.floor(floor.0.checked_add(1)?),
            Direction::Down => self.floor(floor.0.checked_sub(1)?),
        }
    }
}

impl TryFrom<u8> for Building {
    type Error = &'static str;

    /// # Errors
    /// When a lift would have nowhere to go, or more floors than it can count.
    fn try_from(floors: u8) -> Result<Self, Self::Error> {
        if (2..=Self::MOST_FLOORS).contains(&floors) {
            Ok(Self { floors })
        } else {
            Err("a building has 2 to 128 floors")
        }
    }
}

impl From<Building> for u8 {
    fn from(building: Building) -> Self {
        building.floors
    }
}

/// A set of floors: one bit each, so that "any call above?" is one mask.
#[derive(Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FloorSet(u128);

impl FloorSet {
    /// No floor.
    pub const EMPTY: Self = Self(0);

    /// Adds a floor.
    pub fn insert(&mut self, floor: Floor) {
        self.0 |= 1 << floor.0;
    }

    /// Takes a floor out.
    pub fn remove(&mut self, floor: Floor) {
        self.0 &= !(1 << floor.0);
    }

    /// Whether the floor is in the set.
    pub fn contains(self, floor: Floor) -> bool {
        self.0 >> floor.0 & 1 == 1
    }

    /// Whether no floor is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The floors of this set that lie beyond `floor` in `direction`.
    #[must_use]
    pub fn beyond(self, floor: Floor, direction: Direction) -> Self {
        match direction {
            Direction::Up => Self(self.0 >> floor.0 >> 1 << floor.0 << 1),
            Direction::Down => Self(self.0 & ((1 << floor.0) - 1)),
        }
    }

    /// The floors that are in either set.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The floors of this set that are not in `other`.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The floors of the set, from the bottom up.
    pub fn iter(self) -> impl Iterator<Item = Floor> {
        let mut rest = self.0;
        iter::from_fn(move || {
            let lowest = (rest != 0).then(|| rest.trailing_zeros())?;
            rest &= rest - 1;
            u8::try_from(lowest).ok().map(Floor)
        })
    }
}

impl FromIterator<Floor> for FloorSet {
    fn from_iter<I: IntoIterator<Item = Floor>>(floors: I) -> Self {
        let mut set = Self::EMPTY;
        floors.into_iter().for_each(|floor| set.insert(floor));
        set
    }
}

impl fmt::Debug for FloorSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Floor::number)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn building(floors: u8) -> Building {
        Building::try_from(floors).unwrap()
    }

    #[test]
    fn no_floor_lies_beyond_the_ends() {
        let four = building(4);
        assert_eq!(four.next(four.top(), Direction::Up), None);
        assert_eq!(four.next(Floor::BOTTOM, Direction::Down), None);
        assert_eq!(four.next(Floor(1), Direction::Up), Some(Floor(2)));
        let tallest = building(Building::MOST_FLOORS);
        assert_eq!(tallest.next(tallest.top(), Direction::Up), None);
    }

    #[test]
    fn a_building_has_2_to_128_floors() {
        let valid: Vec<u8> = (0..=u8::MAX).filter(|n| Building::try_from(*n).is_ok()).collect();
        assert_eq!(valid, (2..=128).collect::<Vec<u8>>());
    }

    #[test]
    fn beyond_a_floor_means_neither_the_floor_nor_what_lies_behind_it() {
        let all: FloorSet = building(128).every_floor().collect();
        for floor in building(128).every_floor() {
            let above: Vec<Floor> = all.beyond(floor, Direction::Up).iter().collect();
            let below: Vec<Floor> = all.beyond(floor, Direction::Down).iter().collect();
            assert_eq!(
                above,
                building(128).every_floor().filter(|f| *f > floor).collect::<Vec<_>>()
            );
            assert_eq!(
                below,
                building(128).every_floor().filter(|f| *f < floor).collect::<Vec<_>>()
            );
        }
    }
}
