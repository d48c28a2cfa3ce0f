//! Passengers: they press, look, get in when a door opens for their direction, and get out.
//!
//! They know what anybody knows who stands there: lamps and doors. Who sees no light presses again;
//! who waits in vain at one panel tries another; and some press both buttons, up and down, wherever
//! they want to go. Each is owed a ride.

use std::time::Duration;

use super::chance::Chance;
use super::shaft::Shaft;
use crate::building::{Building, Direction, Floor};
use crate::calls::HallCall;
use crate::lift::panel::Button;
use crate::time::Instant;

/// More people do not come while so many are in the building.
const MOST: usize = 60;

/// How often a passenger looks up.
const LOOK: (Duration, Duration) = (Duration::from_millis(250), Duration::from_millis(600));

/// How long a finger stays on a button.
const FINGER: (Duration, Duration) = (Duration::from_millis(80), Duration::from_millis(300));

/// How long a passenger waits for a lamp before he presses again.
const PATIENCE: Duration = Duration::from_millis(2_500);

/// After so many presses in vain a passenger tries another panel.
const TRIES: u8 = 3;

/// All passengers.
#[derive(Debug)]
pub struct People {
    building: Building,
    chance: Chance,
    apart: Duration,
    next_comes: Instant,
    /// Nobody comes from then on.
    until: Instant,
    passengers: Vec<Passenger>,
    /// How many have come.
    pub came: u64,
    /// Who came (`false`) or arrived (`true`) since this was taken last.
    pub news: Vec<(u64, bool)>,
}

#[derive(Clone, Debug)]
struct Passenger {
    number: u64,
    from: Floor,
    to: Floor,
    stage: Stage,
    looks_at: Instant,
    pressed_at: Option<Instant>,
    presses: u8,
    /// Presses buttons that are lit.
    impatient: bool,
    /// Presses that for the other direction, too.
    both: Option<Button>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// Before this lift's panel.
    Waiting(u8),
    /// In this lift.
    Riding(u8),
    Arrived,
}

impl People {
    /// Nobody yet; until then they come, so far apart on average.
    pub fn new(building: Building, apart: Duration, until: Instant, mut chance: Chance) -> Self {
        let next_comes = Instant::START + chance.pause(apart);
        let passengers = Vec::new();
        let news = Vec::new();
        Self { building, chance, apart, next_comes, until, passengers, came: 0, news }
    }

    /// When somebody does something next.
    pub fn next(&self) -> Option<Instant> {
        let comes = Some(self.next_comes).filter(|at| *at < self.until);
        self.passengers.iter().map(|passenger| passenger.looks_at).chain(comes).min()
    }

    /// Lets everybody do what he does by now.
    pub fn advance(&mut self, now: Instant, shafts: &mut [&mut Shaft]) {
        if self.next_comes <= now {
            self.next_comes = now + self.chance.pause(self.apart);
            if now < self.until && self.passengers.len() < MOST {
                self.come(now, shafts.len());
            }
        }
        for passenger in self.passengers.iter_mut().filter(|p| p.looks_at <= now) {
            passenger.looks_at = now + self.chance.span(LOOK.0, LOOK.1);
            passenger.look(now, shafts, &mut self.chance);
        }
        for passenger in self.passengers.extract_if(.., |p| p.stage == Stage::Arrived) {
            self.news.push((passenger.number, true));
        }
    }

    fn come(&mut self, now: Instant, lifts: usize) {
        let floors = self.building.floors();
        // Half of the traffic is with the bottom.
        let from = if self.chance.happens(0.35) { 0 } else { self.chance.small(floors) };
        let to = if self.chance.happens(0.35) { 0 } else { self.chance.small(floors) };
        let (Some(from), Some(to)) = (self.building.floor(from), self.building.floor(to)) else {
            return;
        };
        if from == to {
            return;
        }
        self.came += 1;
        let number = self.came;
        self.news.push((number, false));
        let panel = u8::try_from(self.chance.index(lifts)).unwrap_or(0);
        let stage = Stage::Waiting(panel);
        let (pressed_at, presses) = (None, 0);
        let (looks_at, impatient) = (now, self.chance.happens(0.2));
        let both = self.chance.happens(0.1).then(|| self.other_button(from, to)).flatten();
        self.passengers.push(Passenger {
            number,
            from,
            to,
            stage,
            looks_at,
            pressed_at,
            presses,
            impatient,
            both,
        });
    }

    /// The button beside that which is for this journey.
    fn other_button(&self, from: Floor, to: Floor) -> Option<Button> {
        let other = if from < to { Direction::Down } else { Direction::Up };
        HallCall::new(self.building, from, other).map(Button::from)
    }
}

impl Passenger {
    fn look(&mut self, now: Instant, shafts: &mut [&mut Shaft], chance: &mut Chance) {
        match self.stage {
            Stage::Waiting(panel) => self.wait(now, panel, shafts, chance),
            Stage::Riding(lift) => {
                let shaft = &mut *shafts[usize::from(lift)];
                if shaft.open_at() == Some(self.to) {
                    self.stage = Stage::Arrived;
                } else {
                    self.press(now, Button::Cab(self.to), shaft, chance);
                }
            }
            Stage::Arrived => {}
        }
    }

    /// Gets into a lift that goes the right way: one that is open, does not show the call any more,
    /// and has not announced the other way alone.
    fn wait(&mut self, now: Instant, panel: u8, shafts: &mut [&mut Shaft], chance: &mut Chance) {
        let direction = if self.from < self.to { Direction::Up } else { Direction::Down };
        let [button, other] =
            [direction, direction.opposite()].map(|way| Button::Hall(self.from, way));
        let goes_there = |shaft: &&mut Shaft| {
            let announces_other = shaft.has_darkened(other) && !shaft.has_darkened(button);
            shaft.open_at() == Some(self.from) && !shaft.is_lit(button) && !announces_other
        };
        if let Some(lift) = shafts.iter().position(goes_there) {
            self.stage = Stage::Riding(u8::try_from(lift).unwrap_or(0));
            (self.pressed_at, self.presses) = (None, 0);
            return;
        }
        let shaft = &mut *shafts[usize::from(panel)];
        if self.press(now, button, shaft, chance) {
            let both = self.both.into_iter();
            both.for_each(|other| shaft.press(other, now + chance.span(FINGER.0, FINGER.1)));
        }
        if self.presses > TRIES {
            self.presses = 0;
            self.stage = Stage::Waiting(u8::try_from(chance.index(shafts.len())).unwrap_or(0));
        }
    }

    /// Presses a button that is not lit, unless that was tried just now; whether it is pressed.
    fn press(
        &mut self,
        now: Instant,
        button: Button,
        shaft: &mut Shaft,
        chance: &mut Chance,
    ) -> bool {
        let tried = self.pressed_at.is_some_and(|at| now.since(at) < PATIENCE);
        // Some press a lit button all the same.
        let presses =
            if shaft.is_lit(button) { self.impatient && chance.happens(0.2) } else { !tried };
        if presses {
            shaft.press(button, now + chance.span(FINGER.0, FINGER.1));
            self.pressed_at = Some(now);
            self.presses += 1;
        }
        presses
    }
}
