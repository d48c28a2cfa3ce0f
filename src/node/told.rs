//! What the hardware has been told: commands are the difference between what it should show and
//! what it was last told.
//!
//! A new connection has been told nothing, so everything is said afresh: a server that restarted is
//! dark, one that did not still shows what was last said to it, and nobody needs to know which.

use crate::building::{Building, Floor};
use crate::lift::car::Actuators;
use crate::lift::panel::{Button, Buttons, Command};

/// What the hardware should show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// Drive and door.
    pub actuators: Actuators,
    /// The floor indicator; `None` leaves it as it is.
    pub indicator: Option<Floor>,
    /// The lamp of the stop button.
    pub stop_lamp: bool,
    /// The lamps of the call buttons.
    pub lamps: Buttons,
    /// Lamps that may be the promise of an earlier life: lit or not, they stay as they are.
    pub untouched: Buttons,
}

/// What the hardware has been told on this connection.
#[derive(Clone, Debug, Default)]
pub struct Told {
    last: Option<Wanted>,
    /// How many commands it was given.
    commands: u64,
    /// How many it had been given after the last one to drive or door.
    last_actuation: u64,
}

impl Told {
    /// The commands that bring the hardware to what is wanted, in the order that is safe at every
    /// moment in between: the motor stops before the door opens and runs after it has closed.
    pub fn tell(&mut self, wanted: Wanted, building: Building) -> Vec<Command> {
        let last = self.last.replace(wanted);
        let mut actuations = actuations(last.map(|l| l.actuators), wanted.actuators);
        if actuations.is_empty() {
            return self.count(others(last, wanted, building));
        }
        self.last_actuation = self.commands + actuations.len() as u64;
        actuations.append(&mut others(last, wanted, building));
        self.count(actuations)
    }

    /// Whether a reading that stands behind so many commands shows the effect of all that drive and
    /// door were told.
    pub fn is_confirmed_by(&self, behind: u64) -> bool {
        behind >= self.last_actuation
    }

    fn count(&mut self, commands: Vec<Command>) -> Vec<Command> {
        self.commands += commands.len() as u64;
        commands
    }
}

fn actuations(last: Option<Actuators>, wanted: Actuators) -> Vec<Command> {
    let motor_changed =
        last.is_none_or(|l| l.motor != wanted.motor || l.renewals != wanted.renewals);
    let door_changed = last.is_none_or(|l| l.door != wanted.door);
    let motor = motor_changed.then_some(Command::Motor(wanted.motor));
    let door = door_changed.then_some(Command::Door(wanted.door));
    let in_order = if wanted.motor.is_none() { [motor, door] } else { [door, motor] };
    in_order.into_iter().flatten().collect()
}

fn others(last: Option<Wanted>, wanted: Wanted, building: Building) -> Vec<Command> {
    let indicator =
        wanted.indicator.filter(|_| last.map(|l| l.indicator) != Some(wanted.indicator));
    let stop_lamp = last.is_none_or(|l| l.stop_lamp != wanted.stop_lamp);
    let is_told = |button| {
        last.is_some_and(|l| {
            l.lamps.contains(button) == wanted.lamps.contains(button)
                && !(l.untouched.contains(button))
        })
    };
    let changed = Button::every(building)
        .filter(|button| !wanted.untouched.contains(*button) && !is_told(*button));
    indicator
        .map(Command::Indicator)
        .into_iter()
        .chain(stop_lamp.then_some(Command::StopLamp(wanted.stop_lamp)))
        .chain(changed.map(|b| Command::CallLamp(b, wanted.lamps.contains(b))))
        .collect()
}
