//! One car with its rules and its shaft, without anything round it.

use std::time::Duration;

use lift_group::building::{Building, Floor, LiftId};
use lift_group::config::Config;
use lift_group::lift::panel::{Buttons, Command};
use lift_group::lift::report::Report;
use lift_group::lift::{Lift, Memory};
use lift_group::time::Instant;

use crate::shaft::{Place, Shaft};

/// The grain of time.
pub const TICK: Duration = Duration::from_millis(100);

pub fn config(floors: u8) -> Config {
    Config::new(LiftId(1), Building::try_from(floors).unwrap())
}

pub struct Car {
    lift: Lift,
    shaft: Shaft,
}

impl Car {
    /// A car that stands at this floor.
    pub fn at(floors: u8, number: u8) -> Self {
        let config = config(floors);
        let floor = Floor::try_from(number).unwrap();
        Self {
            lift: Lift::new(config, Memory::default()),
            shaft: Shaft::new(config.building, Place::At(floor)),
        }
    }

    /// What it says of itself.
    pub fn report(&self) -> Report {
        self.lift.report()
    }

    /// One tick goes by, with these calls to serve. Returns those that were answered.
    pub fn tick(&mut self, now: Instant, calls: &Buttons) -> Buttons {
        self.shaft.advance(now);
        let sense = self.shaft.sense();
        self.lift.sense(now, &sense, true);
        self.lift.proceed(now, sense.floor, calls);
        self.obey(now);
        self.lift.answers(now, calls)
    }

    /// Does what drive and door are told, in the order that is safe.
    fn obey(&mut self, now: Instant) {
        let Some(wanted) = self.lift.actuators() else { return };
        let (motor, door) = (Command::Motor(wanted.motor), Command::Door(wanted.door));
        let in_order = if wanted.motor.is_none() { [motor, door] } else { [door, motor] };
        for command in in_order {
            self.shaft.execute(now, command);
        }
    }
}
