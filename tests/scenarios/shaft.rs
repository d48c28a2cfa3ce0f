//! One lift shaft as its hardware behaves: timing of the car, lamps, buttons. No network, no time
//! of its own; every command is checked against what must never happen.

use std::time::Duration;

use lift_group::building::{Building, Direction, Floor};
use lift_group::lift::panel::{Button, Buttons, Command, Sense};
use lift_group::time::Instant;

/// How long a floor sensor stays on while the car passes it.
const PASSING: Duration = Duration::from_millis(500);
/// How long the car is between two floors.
const BETWEEN: Duration = Duration::from_secs(2);

/// Where a car can be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    At(Floor),
    /// Just above this floor and below the next.
    Above(Floor),
}

#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "the hardware is a row of switches and lamps")]
pub struct Shaft {
    pub building: Building,
    pub place: Place,
    pub motor: Option<Direction>,
    /// When the running car leaves or reaches the next floor.
    pub due: Option<Instant>,
    pub powered: bool,
    pub door: bool,
    pub indicator: Option<Floor>,
    pub stop_lamp: bool,
    pub lamps: Buttons,
    pub stop_button: bool,
    pub obstruction: bool,
    /// The last reading that was delivered has shown the obstruction.
    pub shown_obstruction: bool,
    pub pressed: Buttons,
    /// Commands executed on this connection.
    pub executed: u64,
}

impl Shaft {
    pub fn new(building: Building, place: Place) -> Self {
        Self {
            building,
            place,
            motor: None,
            due: None,
            powered: true,
            door: false,
            indicator: None,
            stop_lamp: false,
            lamps: Buttons::NONE,
            stop_button: false,
            obstruction: false,
            shown_obstruction: false,
            pressed: Buttons::NONE,
            executed: 0,
        }
    }

    /// The client is gone: the motor stops, everything else stays as it is.
    pub fn lose_client(&mut self) {
        self.motor = None;
        self.due = None;
        self.executed = 0;
    }

    pub fn cut_power(&mut self) {
        self.powered = false;
        self.motor = None;
        self.due = None;
    }

    pub fn sense(&self) -> Sense {
        Sense {
            behind: self.executed,
            floor: self.floor(),
            stop_button: self.stop_button,
            obstruction: self.obstruction,
            pressed: self.pressed,
        }
    }

    pub fn floor(&self) -> Option<Floor> {
        match self.place {
            Place::At(floor) => Some(floor),
            Place::Above(_) => None,
        }
    }

    pub fn execute(&mut self, now: Instant, command: Command) {
        self.executed += 1;
        assert!(!self.closes_on_an_obstruction(command), "C3: closed on an obstruction");
        match command {
            Command::Motor(direction) => self.run(now, direction),
            Command::Door(open) => self.door = open,
            Command::Indicator(floor) => self.indicator = Some(floor),
            Command::StopLamp(on) => self.stop_lamp = on,
            Command::CallLamp(button, on) => self.light(button, on),
        }
        assert!(!self.door || self.motor.is_none(), "C1: the door is open while the motor runs");
        assert!(!self.door || self.floor().is_some(), "C1: the door is open between floors");
    }

    /// Only what a reading has shown counts, and between floors the door must close all the same.
    fn closes_on_an_obstruction(&self, command: Command) -> bool {
        let in_the_doorway = self.door && self.shown_obstruction && self.obstruction;
        in_the_doorway && self.floor().is_some() && command == Command::Door(false)
    }

    fn light(&mut self, button: Button, on: bool) {
        let one: Buttons = [button].into_iter().collect();
        self.lamps = self.lamps.without(&one);
        if on {
            self.lamps.insert(button);
        }
    }

    fn run(&mut self, now: Instant, direction: Option<Direction>) {
        if direction == self.motor || !self.powered {
            return;
        }
        self.motor = direction;
        let first = if matches!(self.place, Place::At(_)) { PASSING } else { BETWEEN };
        self.due = direction.map(|_| now + first);
    }

    /// Moves the car.
    pub fn advance(&mut self, now: Instant) {
        let (Some(direction), Some(due)) = (self.motor, self.due) else { return };
        if due > now {
            return;
        }
        (self.place, self.due) = match self.place {
            Place::At(floor) => (self.leave(floor, direction), Some(due + BETWEEN)),
            Place::Above(lower) => (self.reach(lower, direction), Some(due + PASSING)),
        };
    }

    fn leave(&self, floor: Floor, direction: Direction) -> Place {
        assert!(
            self.building.next(floor, direction).is_some(),
            "C8: the car left the shaft {direction} from floor {floor}"
        );
        match direction {
            Direction::Up => Place::Above(floor),
            Direction::Down => Place::Above(self.building.floor(floor.number() - 1).unwrap()),
        }
    }

    fn reach(&self, lower: Floor, direction: Direction) -> Place {
        match direction {
            Direction::Up => Place::At(self.building.next(lower, Direction::Up).unwrap()),
            Direction::Down => Place::At(lower),
        }
    }
}
