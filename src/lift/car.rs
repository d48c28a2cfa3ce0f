//! The car: where it is, and what its drive and its door do, in one state.
//!
//! An open door exists only inside [`Car::Standing`], a running motor only inside [`Car::Moving`]:
//! a car that moves with its door open cannot be written down.

use super::door::OpenDoor;
use crate::building::{Direction, Floor};
use crate::config::{Config, DRIVE_RENEWAL};
use crate::time::{Instant, earliest};

/// What the car does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Car {
    /// The hardware does not answer: nobody knows.
    Unknown,
    /// The motor runs.
    Moving(Travel),
    /// Held between floors, motor off; it will go on in this direction.
    Halted {
        /// Where it will go on.
        direction: Direction,
        /// See [`Travel::seeking`].
        seeking: bool,
    },
    /// The motor was told to stop at this floor; a reading must still show that it did so in time.
    Stopping(Floor),
    /// The motor is off and the car is at this floor, its door closed (`None`) or open.
    Standing(Floor, Option<OpenDoor>),
}

/// A run of the motor, from one floor to the next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Travel {
    /// Where it goes.
    pub direction: Direction,
    /// The car looks for any floor, since it does not know for sure where it is.
    pub seeking: bool,
    /// The car has been seen between floors since it set out: the next floor is another one.
    pub between_floors: bool,
    /// No floor was reached in time; lasts until one is.
    pub failed: bool,
    /// When the start will have failed.
    overdue_at: Instant,
    /// When to repeat the motor command.
    renew_at: Instant,
    /// How often the motor command was repeated.
    renewals: u32,
}

impl Travel {
    /// The motor is told to run now, with the car at a floor.
    pub fn from_floor(now: Instant, config: &Config, direction: Direction) -> Self {
        Self {
            direction,
            seeking: false,
            between_floors: false,
            failed: false,
            overdue_at: now + config.start_failure_after(),
            renew_at: now + DRIVE_RENEWAL,
            renewals: 0,
        }
    }

    /// The motor is told to run now, with the car between floors.
    pub fn from_between(
        now: Instant,
        config: &Config,
        direction: Direction,
        seeking: bool,
    ) -> Self {
        Self { seeking, between_floors: true, ..Self::from_floor(now, config, direction) }
    }

    /// A floor was passed: everything counts from here.
    pub fn pass_floor(&mut self, now: Instant, config: &Config) {
        self.between_floors = false;
        self.failed = false;
        self.overdue_at = now + config.start_failure_after();
    }

    /// Lets time pass.
    pub fn keep_time(&mut self, now: Instant) {
        self.failed |= self.overdue_at <= now;
        if self.renew_at <= now {
            self.renewals = self.renewals.wrapping_add(1);
            self.renew_at = now + DRIVE_RENEWAL;
        }
    }

    /// When time will have changed something.
    pub fn next_wakeup(&self) -> Option<Instant> {
        earliest([Some(self.renew_at), Some(self.overdue_at).filter(|_| !self.failed)])
    }
}

/// What drive and door are to do: a function of the car's state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Actuators {
    /// The motor's direction; `None` is off.
    pub motor: Option<Direction>,
    /// The door is open.
    pub door: bool,
    /// Grows whenever the motor command must be repeated although it is the same.
    pub renewals: u32,
}

impl Car {
    /// What drive and door are to do; `None` while nobody can tell them.
    pub fn actuators(&self) -> Option<Actuators> {
        let still = Actuators { motor: None, door: false, renewals: 0 };
        match self {
            Self::Unknown => None,
            Self::Moving(Travel { direction, renewals, .. }) => {
                Some(Actuators { motor: Some(*direction), renewals: *renewals, ..still })
            }
            Self::Halted { .. } | Self::Stopping(_) => Some(still),
            Self::Standing(_, door) => Some(Actuators { door: door.is_some(), ..still }),
        }
    }

    /// The open door and its floor.
    pub fn open_door(&self) -> Option<(Floor, &OpenDoor)> {
        match self {
            Self::Standing(floor, Some(door)) => Some((*floor, door)),
            _ => None,
        }
    }
}
