//! What the hardware has been told: commands are the difference between what it should show and
//! what it was last told.
//!
//! A new connection has been told nothing, so everything is said afresh: a server that restarted is
//! dark, one that did not still shows what was last said to it, and nobody needs to know which.

use crate::building::{Building, Floor};
use crate::lift::car::Actuators;
use crate::lift::panel::{Button, Buttons, Command};
use crate::sabotage::Sabotage;

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
    /// The commands that bring the hardware to what is wanted, in the order that is right at every
    /// moment in between: the motor stops before the door opens and runs after it has closed, and a
    /// lamp goes out while the door is still open for it.
    pub fn tell(&mut self, wanted: Wanted, building: Building) -> Vec<Command> {
        if self.last == Some(wanted) {
            return Vec::new();
        }
        let last = self.last.replace(wanted);
        let actuations = actuations(last.map(|l| l.actuators), wanted.actuators);
        let others = others(last, wanted, building);
        let closing = actuations.iter().position(|command| *command == Command::Door(false));
        let (at_once, after) = actuations.split_at(closing.unwrap_or(actuations.len()));
        let commands = [at_once, &others, after].concat();
        if !actuations.is_empty() {
            let actuated_by = if after.is_empty() { at_once.len() } else { commands.len() };
            self.last_actuation = self.commands + actuated_by as u64;
        }
        self.commands += commands.len() as u64;
        commands
    }

    /// Whether a reading that stands behind so many commands shows the effect of all that drive and
    /// door were told.
    pub fn is_confirmed_by(&self, behind: u64) -> bool {
        behind >= self.last_actuation
    }
}

fn actuations(last: Option<Actuators>, wanted: Actuators) -> Vec<Command> {
    let motor_changed =
        last.is_none_or(|l| l.motor != wanted.motor || l.renewals != wanted.renewals);
    let door_changed = last.is_none_or(|l| l.door != wanted.door);
    let motor = motor_changed.then_some(Command::Motor(wanted.motor));
    let door = door_changed.then_some(Command::Door(wanted.door));
    let motor_first = wanted.motor.is_none() || Sabotage::MotorRunsFirst.is_done();
    let in_order = if motor_first { [motor, door] } else { [door, motor] };
    in_order.into_iter().flatten().collect()
}

fn others(last: Option<Wanted>, wanted: Wanted, building: Building) -> Vec<Command> {
    let indicator =
        wanted.indicator.filter(|_| last.map(|l| l.indicator) != Some(wanted.indicator));
    let stop_lamp = last.is_none_or(|l| l.stop_lamp != wanted.stop_lamp);
    let lit = |button| last.is_some_and(|l| l.lamps.contains(button));
    let left_alone = |button| last.is_none_or(|l| l.untouched.contains(button));
    let changed = Button::every(building).filter(|&button| {
        if wanted.lamps.contains(button) {
            !lit(button)
        } else {
            lit(button) || (left_alone(button) && !wanted.untouched.contains(button))
        }
    });
    indicator
        .map(Command::Indicator)
        .into_iter()
        .chain(stop_lamp.then_some(Command::StopLamp(wanted.stop_lamp)))
        .chain(changed.map(|b| Command::CallLamp(b, wanted.lamps.contains(b))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::building::Direction::Up;

    fn building() -> Building {
        Building::try_from(2).unwrap()
    }

    fn lamp() -> Button {
        Button::Cab(Floor::BOTTOM)
    }

    fn wanted(motor: bool, door: bool, lit: bool) -> Wanted {
        Wanted {
            actuators: Actuators { motor: motor.then_some(Up), door, renewals: 0 },
            indicator: Some(Floor::BOTTOM),
            stop_lamp: false,
            lamps: lit.then(lamp).into_iter().collect(),
            untouched: Buttons::NONE,
        }
    }

    /// What has been told on a connection to a lift that moves, or has opened its door.
    fn told(motor: bool, door: bool) -> Told {
        let mut told = Told::default();
        told.tell(wanted(motor, door, false), building());
        told
    }

    #[test]
    fn a_new_connection_is_told_everything_also_what_is_off() {
        let everything = Told::default().tell(wanted(false, false, false), building());
        let off = |button| Command::CallLamp(button, false);
        let mut expected =
            vec![Command::Motor(None), Command::Indicator(Floor::BOTTOM), Command::StopLamp(false)];
        expected.extend(Button::every(building()).map(off));
        expected.push(Command::Door(false));
        assert_eq!(everything, expected);
    }

    #[test]
    fn what_was_told_is_not_told_again() {
        let mut told = told(true, false);
        assert_eq!(told.tell(wanted(true, false, false), building()), []);
        let lit = [Command::CallLamp(lamp(), true)];
        assert_eq!(told.tell(wanted(true, false, true), building()), lit);
    }

    #[test]
    fn an_unknown_floor_leaves_the_indicator_as_it_is() {
        let unknown = Wanted { indicator: None, ..wanted(false, false, false) };
        assert_eq!(told(false, false).tell(unknown, building()), []);
    }

    #[test]
    fn the_motor_stops_before_the_door_opens_and_runs_after_it_has_closed() {
        let opens = told(true, false).tell(wanted(false, true, false), building());
        assert_eq!(opens, [Command::Motor(None), Command::Door(true)]);
        let leaves = told(false, true).tell(wanted(true, false, false), building());
        assert_eq!(leaves, [Command::Door(false), Command::Motor(Some(Up))]);
    }

    #[test]
    fn drive_and_door_come_before_the_lamps_that_tell_of_them() {
        let mut told = told(true, false);
        let commands = told.tell(wanted(false, true, true), building());
        assert_eq!(commands.last(), Some(&Command::CallLamp(lamp(), true)));
    }

    #[test]
    fn a_lamp_goes_out_before_the_door_closes() {
        let mut told = Told::default();
        told.tell(wanted(false, true, true), building());
        let closes = told.tell(wanted(false, false, false), building());
        assert_eq!(closes, [Command::CallLamp(lamp(), false), Command::Door(false)]);
    }

    #[test]
    fn a_renewal_repeats_the_motor_command_alone() {
        let mut renewed = wanted(true, false, false);
        renewed.actuators.renewals = 1;
        assert_eq!(told(true, false).tell(renewed, building()), [Command::Motor(Some(Up))]);
    }

    #[test]
    fn only_a_reading_behind_the_last_command_to_drive_or_door_confirms_them() {
        let mut told = Told::default();
        let first = told.tell(wanted(true, false, false), building()).len() as u64;
        assert!(!told.is_confirmed_by(first - 1) && told.is_confirmed_by(first));
        told.tell(wanted(false, true, false), building());
        assert!(!told.is_confirmed_by(first + 1) && told.is_confirmed_by(first + 2));
        told.tell(wanted(false, true, true), building());
        assert!(told.is_confirmed_by(first + 2), "a lamp confirms nothing of the door");
    }
}
