//! The lift as a thing: car, lamps, door, buttons, power, and people's hands on them.
//!
//! A model of the physics without a clock: whoever calls says what time it is, and what is due by
//! then happens first, each thing at its own moment. It decides nothing; it does what commands
//! and hands do to it, however foolish, and tells what became of it as [`Event`]s.

mod car;
mod lamps;
mod panel;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

pub use car::{Car, Direction, Moment, Place, Shaft};
use lamps::Lamps;
use panel::Presses;
pub use panel::{Button, Kind};

use crate::event::{Event, Violation, list, on_off};
use crate::protocol::{Command, Question};

/// What a lift is made of.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The shaft and its timing.
    pub shaft: Shaft,
    /// Where the car stands when the server starts.
    pub start: Place,
    /// How long a press lasts when its length is not given.
    pub press: Duration,
    /// How long after a client went the motor stops.
    pub stop_delay: Duration,
}

/// What hands do to the lift.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Touch {
    /// Press a button, for this long or as long as usual.
    Press(Button, Option<Duration>),
    /// Press a button and stay on it.
    Hold(Button),
    /// Let go of a button.
    Release(Button),
    /// Step into the doorway, or out of it.
    Obstruct(bool),
    /// Push the stop button in, or pull it out.
    Stop(bool),
    /// Switch the motor's power.
    Power(bool),
    /// Move the car by hand, back into the shaft too.
    Place(Place),
    /// Bring a car that left the shaft back to the floor at that end.
    Rescue,
}

/// One lift.
#[derive(Debug)]
pub struct Model {
    settings: Settings,
    car: Car,
    powered: bool,
    obstructed: bool,
    stop_button: bool,
    presses: Presses,
    lamps: Lamps,
    /// When the motor stops because its client went.
    stop_due: Option<Moment>,
    events: VecDeque<(Moment, Event)>,
}

impl Model {
    /// A lift that was just switched on: dark, at rest.
    pub fn new(settings: Settings) -> Self {
        Self {
            car: Car::Resting(settings.start),
            settings,
            powered: true,
            obstructed: false,
            stop_button: false,
            presses: Presses::default(),
            lamps: Lamps::default(),
            stop_due: None,
            events: VecDeque::new(),
        }
    }

    /// Lets everything happen that is due by `now`.
    pub fn advance(&mut self, now: Moment) {
        while let Some(due) = self.next_deadline().filter(|due| *due <= now) {
            if self.stop_due.take_if(|stop| *stop <= due).is_some() {
                self.drive(due, None);
            } else if self.car.deadline().is_some_and(|arrival| arrival <= due) {
                self.arrive(due);
            } else if let Some(button) = self.presses.end_one(due) {
                self.tell(due, Event::Released(button));
            }
        }
    }

    /// When something is due next.
    pub fn next_deadline(&self) -> Option<Moment> {
        [self.stop_due, self.car.deadline(), self.presses.deadline()].into_iter().flatten().min()
    }

    /// What happened since the last call, in order.
    pub fn take_events(&mut self) -> VecDeque<(Moment, Event)> {
        mem::take(&mut self.events)
    }

    /// Puts an event of the world round the lift in its place among the lift's own.
    pub fn tell(&mut self, at: Moment, event: Event) {
        self.events.push_back((at, event));
    }

    /// Does what a client commands. A car outside its shaft obeys nothing any more, a motor
    /// without power neither runs nor remembers.
    pub fn execute(&mut self, now: Moment, command: Command) {
        self.advance(now);
        match command {
            _ if matches!(self.car, Car::Outside(_)) => self.tell(now, Event::Ignored(command)),
            Command::Motor(Some(_)) if !self.powered => self.tell(now, Event::Ignored(command)),
            Command::Motor(motor) => self.drive(now, motor),
            Command::Reload => self.reload(now),
            lamp => self.switch(now, lamp),
        }
    }

    /// Answers a client. The motor of a client that went is stopped before the next one gets its
    /// first answer: that is how a client can know that its commands will stand.
    pub fn answer(&mut self, now: Moment, question: Question) -> [u8; 4] {
        self.advance(now);
        if self.stop_due.take().is_some() {
            self.drive(now, None);
        }
        match question {
            Question::Button(button) => [6, self.presses.is_pressed(button).into(), 0, 0],
            Question::Floor => self.car.floor().map_or([7, 0, 0, 0], |floor| [7, 1, floor, 0]),
            Question::StopButton => [8, self.stop_button.into(), 0, 0],
            Question::Obstruction => [9, self.obstructed.into(), 0, 0],
        }
    }

    /// The client went; before long the motor stops. Lamps and door stay as they are.
    pub fn client_gone(&mut self, now: Moment) {
        self.stop_due = Some(now.saturating_add(self.settings.stop_delay));
    }

    /// Does what somebody's hands do.
    pub fn touch(&mut self, now: Moment, touch: Touch) {
        self.advance(now);
        match touch {
            Touch::Press(button, length) => {
                let until = now.saturating_add(length.unwrap_or(self.settings.press));
                self.push(now, button, |presses| presses.press(button, until));
            }
            Touch::Hold(button) => self.push(now, button, |presses| presses.hold(button)),
            Touch::Release(button) => self.let_go(now, button),
            Touch::Obstruct(on) => {
                if mem::replace(&mut self.obstructed, on) != on {
                    self.tell(now, Event::Obstruction(on));
                }
            }
            Touch::Stop(on) => {
                if mem::replace(&mut self.stop_button, on) != on {
                    self.tell(now, Event::StopButton(on));
                }
            }
            Touch::Power(on) => self.power(now, on),
            Touch::Place(place) => self.move_car(now, Car::Resting(place)),
            Touch::Rescue => self.rescue(now),
        }
    }

    /// Throws the server's state away, as if it had just been started. What belongs to the world
    /// (fingers, obstruction, power) stays.
    pub fn reload(&mut self, now: Moment) {
        self.tell(now, Event::Output(Command::Reload));
        self.stop_due = None;
        self.move_car(now, Car::Resting(self.settings.start));
        for command in self.lamps.darkening() {
            self.switch(now, command);
        }
    }

    /// Everything there is to know of the lift, as `key=value` words.
    pub fn describe(&self) -> String {
        format!(
            "{} motor={} door={} indicator={} stop-lamp={} lamps={} pressed={} obstruction={} \
             stop-button={} power={}",
            self.car,
            self.car.motor().map_or("stop".into(), |direction| direction.to_string()),
            if self.lamps.door_open { "open" } else { "closed" },
            self.lamps.indicator,
            on_off(self.lamps.stop),
            list(self.lamps.calls.iter()),
            list(self.presses.all()),
            on_off(self.obstructed),
            on_off(self.stop_button),
            on_off(self.powered),
        )
    }

    fn drive(&mut self, now: Moment, motor: Option<Direction>) {
        let before = self.car.motor();
        self.move_car(now, self.car.driven(&self.settings.shaft, now, motor));
        if self.lamps.door_open && self.car.motor() != before && self.car.motor().is_some() {
            self.tell(now, Event::Violation(Violation::DoorOpenWhileMoving));
        }
    }

    fn arrive(&mut self, at: Moment) {
        self.move_car(at, self.car.arrived(&self.settings.shaft));
        if self.lamps.door_open && self.car.floor().is_none() {
            self.tell(at, Event::Violation(Violation::DoorOpenBetweenFloors));
        }
    }

    /// Puts the car into a new state and tells what changed.
    fn move_car(&mut self, at: Moment, after: Car) {
        let before = mem::replace(&mut self.car, after);
        if before.floor() != after.floor() {
            self.tell(at, Event::Floor(after.floor()));
        }
        match (before, after) {
            (Car::Outside(_), Car::Outside(_)) => {}
            (_, Car::Outside(end)) => self.tell(at, Event::LeftShaft(end)),
            (Car::Outside(_), _) => self.tell(at, Event::Rescued),
            _ => {}
        }
        if before.motor() != after.motor() {
            self.tell(at, Event::Output(Command::Motor(after.motor())));
        }
    }

    /// Switches something that shines.
    fn switch(&mut self, now: Moment, command: Command) {
        if self.lamps.switch(command) {
            self.tell(now, Event::Output(command));
            if command == Command::Door(true) {
                self.judge_opened_door(now);
            }
        }
    }

    fn judge_opened_door(&mut self, now: Moment) {
        if self.car.motor().is_some() {
            self.tell(now, Event::Violation(Violation::DoorOpenWhileMoving));
        }
        if self.car.floor().is_none() {
            self.tell(now, Event::Violation(Violation::DoorOpenBetweenFloors));
        }
    }

    fn power(&mut self, now: Moment, on: bool) {
        if mem::replace(&mut self.powered, on) != on {
            self.tell(now, Event::Power(on));
            if !on {
                self.drive(now, None);
            }
        }
    }

    fn rescue(&mut self, now: Moment) {
        if let Car::Outside(end) = self.car {
            self.move_car(now, Car::Resting(Place::At(self.settings.shaft.end(end))));
        }
    }

    fn push(&mut self, now: Moment, button: Button, finger: impl FnOnce(&mut Presses)) {
        let before = self.presses.is_pressed(button);
        finger(&mut self.presses);
        if !before {
            self.tell(now, Event::Pressed(button));
        }
    }

    fn let_go(&mut self, now: Moment, button: Button) {
        if self.presses.is_pressed(button) {
            self.presses.release(button);
            self.tell(now, Event::Released(button));
        }
    }
}
