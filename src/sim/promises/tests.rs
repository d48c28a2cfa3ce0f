//! For every promise a history that breaks it, and one that just keeps it.

mod calls;
mod cars;
mod forgotten;

use std::time::Duration;

use super::*;
use crate::building::Direction::{self, Down, Up};

const DWELL: u64 = 3000;

/// Two lifts of four floors, at the bottom, and what happens to them.
struct Story {
    promises: Promises,
    now: u64,
    broken: Option<Promise>,
}

fn lift(number: u8) -> LiftId {
    LiftId(number)
}

fn floor(number: u8) -> Floor {
    Floor::try_from(number).unwrap()
}

fn up(number: u8) -> Button {
    Button::Hall(floor(number), Up)
}

fn down(number: u8) -> Button {
    Button::Hall(floor(number), Down)
}

fn cab(number: u8) -> Button {
    Button::Cab(floor(number))
}

impl Story {
    /// A whole building.
    fn new() -> Self {
        let mut story = Self::of_a_sick_building();
        story.healed().wait(1000);
        story
    }

    fn of_a_sick_building() -> Self {
        Self::of_lifts(2)
    }

    fn of_lifts(lifts: u8) -> Self {
        let ms = Duration::from_millis;
        let bounds = Bounds {
            dwell: ms(DWELL),
            grace: ms(100),
            light: ms(500),
            agree: ms(500),
            start: ms(2000),
            answer: ms(60_000),
            ride: ms(120_000),
        };
        let building = Building::try_from(4).unwrap();
        let promises = Promises::new(building, &(1..=lifts).map(lift).collect::<Vec<_>>(), bounds);
        let mut story = Self { promises, now: 0, broken: None };
        for number in 1..=lifts {
            story.see(number, Seen::Floor(Some(Floor::BOTTOM)));
        }
        story
    }

    fn at(&self) -> Instant {
        Instant::after_start(Duration::from_millis(self.now))
    }

    fn note(&mut self, result: Result<(), Broken>) -> &mut Self {
        if let Err(broken) = result {
            self.broken.get_or_insert(broken.promise);
        }
        self
    }

    fn see(&mut self, number: u8, seen: Seen) -> &mut Self {
        let result = self.promises.see(self.at(), lift(number), seen);
        self.note(result)
    }

    fn suffer(&mut self, number: u8, deed: Deed) -> &mut Self {
        let result = self.promises.suffer(self.at(), lift(number), deed);
        self.note(result)
    }

    fn healed(&mut self) -> &mut Self {
        let result = self.promises.healed(self.at());
        self.note(result)
    }

    fn wait(&mut self, ms: u64) -> &mut Self {
        self.now += ms;
        let result = self.promises.elapse(self.at());
        self.note(result)
    }

    fn press(&mut self, number: u8, button: Button) -> &mut Self {
        self.see(number, Seen::Pressed(button))
    }

    fn lamp(&mut self, number: u8, button: Button, on: bool) -> &mut Self {
        self.see(number, Seen::Lamp(button, on))
    }

    /// A press that lights its lamp; that of a hall call on both panels.
    fn call(&mut self, number: u8, button: Button) -> &mut Self {
        self.press(number, button).lamp(number, button, true);
        if matches!(button, Button::Hall(..)) {
            self.lamp(3 - number, button, true);
        }
        self
    }

    /// The lamp goes dark, that of a hall call on both panels.
    fn dark(&mut self, button: Button) -> &mut Self {
        self.lamp(1, button, false).lamp(2, button, false)
    }

    fn door(&mut self, number: u8, open: bool) -> &mut Self {
        self.see(number, Seen::Door(open))
    }

    /// The car goes to this floor, which takes a second.
    fn go(&mut self, number: u8, to: u8, direction: Direction) -> &mut Self {
        self.see(number, Seen::Motor(Some(direction))).see(number, Seen::Floor(None)).wait(1000);
        self.see(number, Seen::Floor(Some(floor(to)))).see(number, Seen::Motor(None))
    }

    /// The door of lift 1 stands for a dwell.
    fn stop(&mut self) -> &mut Self {
        self.door(1, true).wait(DWELL).door(1, false)
    }

    fn figures(&mut self) -> Figures {
        assert_eq!(self.broken, None);
        let figures = self.promises.settle(self.at()).unwrap();
        assert_eq!(figures.pending(), 0, "when nothing is owed, every promise has come to an end");
        figures
    }

    #[track_caller]
    fn breaks(&mut self, promise: Promise) {
        assert_eq!(self.broken, Some(promise));
    }

    #[track_caller]
    fn keeps_all(&mut self) {
        assert_eq!(self.broken, None);
    }
}
