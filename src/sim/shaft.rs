//! One lift as its hardware behaves: a car that takes its time, a door that is a lamp, buttons,
//! sensors, a server that can die.
//!
//! It knows nothing of controllers. It does what it is told, even when that is wrong: to see that
//! is the business of the observer, whom it shows everything.

use std::time::Duration;

use crate::building::{Building, Direction, Floor};
use crate::lift::panel::{Button, Buttons, Command, Sense};
use crate::sim::promises::Seen;
use crate::time::{Instant, earliest};

/// Where a car can be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    At(Floor),
    /// Above this floor and below the next.
    Above(Floor),
    /// Past the last floor: there is no way back for the core, and no excuse.
    Outside,
}

/// One lift's hardware.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "the hardware is a row of switches and lamps")]
pub struct Shaft {
    building: Building,
    place: Place,
    motor: Option<Direction>,
    /// When the running car leaves or reaches the next floor.
    due: Option<Instant>,
    /// The drive has power.
    powered: bool,
    /// The server answers.
    pub answers: bool,
    door: bool,
    /// The lamps that have gone dark since the door was opened or closed.
    darkened: Buttons,
    lamps: Buttons,
    stop_button: bool,
    obstruction: bool,
    fingers: Vec<(Instant, Button)>,
    /// The buttons that the controller knows to be held.
    noticed: Buttons,
    /// Commands executed on this connection.
    executed: u64,
    /// How long the sensor stays on while the car passes.
    passing: Duration,
    /// How long the car is between two floors.
    between: Duration,
    /// What there was to see, in order.
    pub seen: Vec<Seen>,
}

impl Shaft {
    /// A lift at this floor that takes so long from floor to floor.
    pub fn new(building: Building, at: Floor, travel_time: Duration) -> Self {
        let passing = travel_time / 5;
        Self {
            building,
            place: Place::At(at),
            motor: None,
            due: None,
            powered: true,
            answers: true,
            door: false,
            darkened: Buttons::NONE,
            lamps: Buttons::NONE,
            stop_button: false,
            obstruction: false,
            fingers: Vec::new(),
            noticed: Buttons::NONE,
            executed: 0,
            passing,
            between: travel_time.saturating_sub(passing),
            seen: vec![Seen::Floor(Some(at))],
        }
    }

    // ── what can be seen ────────────────────────────────────────────────────────────────────

    /// The floor at which the car is.
    pub fn floor(&self) -> Option<Floor> {
        match self.place {
            Place::At(floor) => Some(floor),
            Place::Above(_) | Place::Outside => None,
        }
    }

    /// The floor at which the door stands open.
    pub fn open_at(&self) -> Option<Floor> {
        self.floor().filter(|_| self.door)
    }

    /// Whether this lamp has gone dark since the door was opened: by that a lift tells for whom it
    /// stands there, as far as it can be seen.
    pub fn has_darkened(&self, button: Button) -> bool {
        self.door && self.darkened.contains(button)
    }

    /// Whether this lamp is lit.
    pub fn is_lit(&self, button: Button) -> bool {
        self.lamps.contains(button)
    }

    /// The motor runs.
    pub fn runs(&self) -> bool {
        self.motor.is_some()
    }

    /// How long its sensor stays on while the car passes a floor.
    pub fn passing(&self) -> Duration {
        self.passing
    }

    /// A reading.
    pub fn sense(&self) -> Sense {
        Sense {
            behind: self.executed,
            floor: self.floor(),
            stop_button: self.stop_button,
            obstruction: self.obstruction,
            pressed: self.fingers.iter().map(|(_, button)| *button).collect(),
        }
    }

    // ── what people and faults do ───────────────────────────────────────────────────────────

    /// A finger presses a button until then.
    pub fn press(&mut self, button: Button, until: Instant) {
        self.fingers.push((until, button));
    }

    /// The controller has read which buttons are held. Only now is a press one that anybody could
    /// know of: at a panel whose controller is dead a finger presses in vain, and its owner sees that.
    pub fn notice(&mut self, held: Buttons) {
        self.seen.extend(held.without(&self.noticed).iter().map(Seen::Pressed));
        self.noticed = held;
    }

    /// Something stands in the doorway, or does not any more.
    pub fn obstruct(&mut self, there: bool) {
        if self.obstruction != there {
            self.obstruction = there;
            self.seen.push(Seen::Obstruction(there));
        }
    }

    /// Somebody holds the stop button, or lets it go.
    pub fn hold_stop_button(&mut self, held: bool) {
        if self.stop_button != held {
            self.stop_button = held;
            self.seen.push(Seen::StopButton(held));
        }
    }

    /// The drive loses its power, and what it was told, or gets power again.
    pub fn power_drive(&mut self, powered: bool) {
        self.powered = powered;
        if !powered {
            self.stand();
        }
    }

    /// The server does not answer, or does again. A drive that hears nothing stands.
    pub fn mute(&mut self, mute: bool) {
        self.answers = !mute;
        if mute {
            self.stand();
        }
    }

    /// The server has died and begins again: the motor stands, all lamps are dark.
    pub fn restart_server(&mut self) {
        (self.motor, self.due, self.executed) = (None, None, 0);
        (self.door, self.darkened) = (false, Buttons::NONE);
        (self.lamps, self.noticed) = (Buttons::NONE, Buttons::NONE);
        self.seen.push(Seen::Blank);
    }

    /// The client is gone: the motor stops, everything else stays as it is.
    pub fn lose_client(&mut self) {
        self.stand();
        self.executed = 0;
        self.noticed = Buttons::NONE;
    }

    // ── what it does ────────────────────────────────────────────────────────────────────────

    /// When time will change something.
    pub fn next(&self) -> Option<Instant> {
        earliest([self.due, self.fingers.iter().map(|(until, _)| *until).min()])
    }

    /// Lets time pass.
    pub fn advance(&mut self, now: Instant) {
        self.fingers.retain(|(until, _)| now < *until);
        if let (Some(direction), Some(due)) = (self.motor, self.due.filter(|due| *due <= now)) {
            self.move_car(direction, due);
        }
    }

    fn move_car(&mut self, direction: Direction, due: Instant) {
        (self.place, self.due) = match self.place {
            Place::At(floor) => (self.beside(floor, direction), Some(due + self.between)),
            Place::Above(lower) => (self.reached(lower, direction), Some(due + self.passing)),
            Place::Outside => (Place::Outside, None),
        };
        self.seen.push(match self.place {
            Place::Outside => Seen::LeftShaft(direction),
            Place::At(_) | Place::Above(_) => Seen::Floor(self.floor()),
        });
    }

    fn beside(&self, floor: Floor, direction: Direction) -> Place {
        match (direction, self.building.next(floor, direction)) {
            (_, None) => Place::Outside,
            (Direction::Up, Some(_)) => Place::Above(floor),
            (Direction::Down, Some(lower)) => Place::Above(lower),
        }
    }

    fn reached(&self, lower: Floor, direction: Direction) -> Place {
        match direction {
            Direction::Up => self.building.next(lower, direction).map_or(Place::Outside, Place::At),
            Direction::Down => Place::At(lower),
        }
    }

    /// Does what it is told.
    pub fn execute(&mut self, now: Instant, command: Command) {
        self.executed += 1;
        match command {
            Command::Motor(direction) => self.run(now, direction),
            Command::Door(open) => self.open(open),
            Command::CallLamp(button, on) => self.light(button, on),
            Command::Indicator(_) | Command::StopLamp(_) => {}
        }
    }

    fn run(&mut self, now: Instant, direction: Option<Direction>) {
        if direction.is_none() {
            return self.stand();
        }
        if self.motor == direction || !self.powered {
            return;
        }
        self.motor = direction;
        self.seen.push(Seen::Motor(direction));
        let first = if self.floor().is_some() { self.passing } else { self.between };
        self.due = Some(now + first);
    }

    fn stand(&mut self) {
        self.due = None;
        if self.motor.take().is_some() {
            self.seen.push(Seen::Motor(None));
        }
    }

    fn open(&mut self, open: bool) {
        if self.door != open {
            (self.door, self.darkened) = (open, Buttons::NONE);
            self.seen.push(Seen::Door(open));
        }
    }

    fn light(&mut self, button: Button, lit: bool) {
        if self.lamps.contains(button) == lit {
            return;
        }
        if lit {
            self.lamps.insert(button);
        } else {
            self.lamps = self.lamps.without(&[button].into_iter().collect());
            self.darkened.insert(button);
        }
        self.seen.push(Seen::Lamp(button, lit));
    }
}
