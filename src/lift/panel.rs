//! What the hardware of one lift tells and is told.
//!
//! A [`Sense`] is one whole reading of the hardware, a [`Command`] one change of it. Commands have
//! no reply. That a command took effect is known only from a reading that was asked for after it
//! on the same connection, so every reading says how many commands it stands [`behind`](Sense::behind).

use serde::{Deserialize, Serialize};

use crate::building::{Building, Direction, Floor, FloorSet};
use crate::calls::HallCall;

/// One whole reading of the hardware.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sense {
    /// How many commands of this connection the hardware had executed before it took the reading.
    pub behind: u64,
    /// The floor at which the car is; `None` between floors.
    pub floor: Option<Floor>,
    /// The stop button is held.
    pub stop_button: bool,
    /// Something stands in the doorway.
    pub obstruction: bool,
    /// The call buttons that are held.
    pub pressed: Buttons,
}

/// A set of call buttons, or of their lamps.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Buttons {
    /// In the car.
    pub cab: FloorSet,
    /// On the landings, upward.
    pub up: FloorSet,
    /// On the landings, downward.
    pub down: FloorSet,
}

/// Which kind of call button.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Button {
    /// In the car, to a floor.
    Cab(Floor),
    /// On a landing, in a direction.
    Hall(Floor, Direction),
}

impl Button {
    /// Every call button of one lift's panels, from the bottom up: nobody goes up from the top or
    /// down from the bottom.
    pub fn every(building: Building) -> impl Iterator<Item = Self> {
        building.every_floor().flat_map(move |floor| {
            let hall = [Direction::Up, Direction::Down]
                .into_iter()
                .filter(move |direction| building.next(floor, *direction).is_some())
                .map(move |direction| Self::Hall(floor, direction));
            hall.chain([Self::Cab(floor)])
        })
    }

    /// The floor to which it calls a lift.
    pub fn floor(self) -> Floor {
        match self {
            Self::Hall(floor, _) | Self::Cab(floor) => floor,
        }
    }
}

/// One change of the hardware.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Run the motor, or stop it (`None`).
    Motor(Option<Direction>),
    /// Open or close the door (its lamp is all there is to see of it).
    Door(bool),
    /// Show this floor on the indicator.
    Indicator(Floor),
    /// Switch the lamp of the stop button.
    StopLamp(bool),
    /// Switch the lamp of a call button.
    CallLamp(Button, bool),
}

impl Buttons {
    /// No button at all.
    pub const NONE: Self =
        Self { cab: FloorSet::EMPTY, up: FloorSet::EMPTY, down: FloorSet::EMPTY };

    /// Whether this button is in the set.
    pub fn contains(&self, button: Button) -> bool {
        match button {
            Button::Cab(floor) => self.cab.contains(floor),
            Button::Hall(floor, direction) => self.hall(direction).contains(floor),
        }
    }

    /// Whether no button is in the set.
    pub fn is_empty(&self) -> bool {
        self.floors().is_empty()
    }

    /// Adds a button.
    pub fn insert(&mut self, button: Button) {
        match button {
            Button::Cab(floor) => self.cab.insert(floor),
            Button::Hall(floor, Direction::Up) => self.up.insert(floor),
            Button::Hall(floor, Direction::Down) => self.down.insert(floor),
        }
    }

    /// The hall buttons of one direction.
    pub fn hall(&self, direction: Direction) -> FloorSet {
        match direction {
            Direction::Up => self.up,
            Direction::Down => self.down,
        }
    }

    /// The floors with any button of the set.
    pub fn floors(&self) -> FloorSet {
        self.cab.union(self.up).union(self.down)
    }

    /// The buttons that are in either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self {
            cab: self.cab.union(other.cab),
            up: self.up.union(other.up),
            down: self.down.union(other.down),
        }
    }

    /// The buttons of this set that are not in `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        Self {
            cab: self.cab.without(other.cab),
            up: self.up.without(other.up),
            down: self.down.without(other.down),
        }
    }

    /// Every button of the set: cab, up, down, each from the bottom up.
    pub fn iter(&self) -> impl Iterator<Item = Button> {
        let cab = self.cab.iter().map(Button::Cab);
        let up = self.up.iter().map(|floor| Button::Hall(floor, Direction::Up));
        let down = self.down.iter().map(|floor| Button::Hall(floor, Direction::Down));
        cab.chain(up).chain(down)
    }
}

impl From<HallCall> for Button {
    fn from(call: HallCall) -> Self {
        Self::Hall(call.floor(), call.direction())
    }
}

impl FromIterator<Button> for Buttons {
    fn from_iter<I: IntoIterator<Item = Button>>(buttons: I) -> Self {
        let mut set = Self::NONE;
        buttons.into_iter().for_each(|button| set.insert(button));
        set
    }
}
