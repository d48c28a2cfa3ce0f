//! The car in its shaft: where it is, which way it runs, and when it gets to the next place.
//!
//! The shaft is a row of places, floors and the stretches between them, and a car that runs is at
//! one of them until a moment that is known in advance. Nothing finer exists: a car that stops
//! between floors has no height, so whichever way it starts again, it has the whole stretch before
//! it. That is what the lab's simulators do, and it is the worst that a real drive would do.

use std::fmt;
use std::time::Duration;

/// A moment on the machine's monotonic clock, so that what several processes tell can be compared.
pub type Moment = Duration;

/// Up or down.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// Towards the top floor.
    Up,
    /// Towards floor 0.
    Down,
}

/// A place in the shaft.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// At this floor, seen by its sensor.
    At(u8),
    /// Somewhere between this floor and the next one up.
    Above(u8),
}

/// The shaft and how the drive moves through it.
#[derive(Clone, Copy, Debug)]
pub struct Shaft {
    /// How many floors there are; at least 2.
    pub floors: u8,
    /// How long the car takes from one floor's sensor to the next one's.
    pub travel: Duration,
    /// How long the sensor of a floor sees a car that leaves or passes.
    pub passing: Duration,
}

/// The car.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Car {
    /// The motor is stopped.
    Resting(Place),
    /// The motor runs.
    Moving {
        /// Where the car is.
        place: Place,
        /// Which way it runs.
        direction: Direction,
        /// When it gets to the next place.
        until: Moment,
    },
    /// The car was driven out of the shaft past this end, and is stuck there.
    Outside(Direction),
}

impl Shaft {
    /// The highest floor.
    pub fn top(&self) -> u8 {
        self.floors - 1
    }

    /// The floor at this end of the shaft.
    pub fn end(&self, direction: Direction) -> u8 {
        match direction {
            Direction::Up => self.top(),
            Direction::Down => 0,
        }
    }

    /// Whether the shaft has this place.
    pub fn has(&self, place: Place) -> bool {
        match place {
            Place::At(floor) => floor <= self.top(),
            Place::Above(floor) => floor < self.top(),
        }
    }

    /// The place that comes after this one; `None` past the ends.
    fn next(&self, place: Place, direction: Direction) -> Option<Place> {
        let next = match (place, direction) {
            (Place::At(floor), Direction::Up) => Place::Above(floor),
            (Place::At(floor), Direction::Down) => Place::Above(floor.checked_sub(1)?),
            (Place::Above(floor), Direction::Up) => Place::At(floor + 1),
            (Place::Above(floor), Direction::Down) => Place::At(floor),
        };
        self.has(next).then_some(next)
    }

    /// A car that runs from this place on.
    fn moving(&self, place: Place, direction: Direction, since: Moment) -> Car {
        let span = match place {
            Place::At(_) => self.passing,
            Place::Above(_) => self.travel,
        };
        Car::Moving { place, direction, until: since.saturating_add(span) }
    }
}

impl Car {
    /// Where in the shaft the car is.
    pub fn place(self) -> Option<Place> {
        match self {
            Self::Resting(place) | Self::Moving { place, .. } => Some(place),
            Self::Outside(_) => None,
        }
    }

    /// The floor whose sensor sees the car.
    pub fn floor(self) -> Option<u8> {
        match self.place() {
            Some(Place::At(floor)) => Some(floor),
            Some(Place::Above(_)) | None => None,
        }
    }

    /// Which way the motor runs.
    pub fn motor(self) -> Option<Direction> {
        match self {
            Self::Moving { direction, .. } => Some(direction),
            Self::Resting(_) | Self::Outside(_) => None,
        }
    }

    /// When the car gets to its next place.
    pub fn deadline(self) -> Option<Moment> {
        match self {
            Self::Moving { until, .. } => Some(until),
            Self::Resting(_) | Self::Outside(_) => None,
        }
    }

    /// The car after the motor was told to run, or to stop (`None`). Telling it what it does
    /// already changes nothing.
    #[must_use]
    pub fn driven(self, shaft: &Shaft, now: Moment, motor: Option<Direction>) -> Self {
        match (self.place(), motor) {
            _ if motor == self.motor() => self,
            (Some(place), Some(direction)) => shaft.moving(place, direction, now),
            (Some(place), None) => Self::Resting(place),
            (None, _) => self,
        }
    }

    /// The car after its deadline.
    #[must_use]
    pub fn arrived(self, shaft: &Shaft) -> Self {
        match self {
            Self::Moving { place, direction, until } => shaft
                .next(place, direction)
                .map_or(Self::Outside(direction), |next| shaft.moving(next, direction, until)),
            still => still,
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

impl fmt::Display for Car {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resting(place) | Self::Moving { place, .. } => write!(f, "{place} shaft=inside"),
            Self::Outside(Direction::Up) => f.write_str("floor=none shaft=left-top"),
            Self::Outside(Direction::Down) => f.write_str("floor=none shaft=left-bottom"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(floor) => write!(f, "floor={floor}"),
            Self::Above(floor) => write!(f, "floor=none above={floor}"),
        }
    }
}
