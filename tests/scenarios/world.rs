//! One node and its shaft in virtual time, with a disk that can be slow, fail or be all that is
//! left. An observer that sees lamps, door and car alone checks the promises at every step.

use std::rc::Rc;
use std::time::Duration;

use lift_group::building::{Building, Direction, Floor, LiftId};
use lift_group::calls::Incarnation;
use lift_group::config::Config;
use lift_group::group::election::Role;
use lift_group::group::message::{Message, Term};
use lift_group::lift::panel::{Button, Buttons, Command, Sense};
use lift_group::node::{Bequest, Input, Node, Notice, Output};
use lift_group::time::Instant;

use crate::shaft::{Place, Shaft};
use crate::store::Disk;

/// The grain of time, and the interval of readings.
pub const TICK: Duration = Duration::from_millis(10);
const SWEEP: u64 = 2;
/// How long a finger stays on a button.
const PRESS: Duration = Duration::from_millis(200);

#[derive(Clone)]
pub struct World {
    pub now: Instant,
    ticks: u64,
    due: Option<Instant>,
    config: Config,
    /// The number of the present life, or the last.
    pub lives: u64,
    pub node: Option<Node>,
    pub shaft: Shaft,
    /// The hardware answers.
    pub connected: bool,
    /// Readings are delivered one sweep late.
    pub late: bool,
    reading: Option<Sense>,
    /// The next command to open the door silences the hardware before it is executed.
    pub silent_at_door: bool,
    pub disk: Disk,
    releases: Vec<(Instant, Button)>,
    /// What happened, for a test to look at.
    pub events: Vec<(Instant, Event)>,
    pub notices: Vec<Notice>,
    /// Where doors of other lifts are open.
    pub open_elsewhere: Vec<Floor>,
    /// What the node said and nobody has heard yet.
    pub said: Vec<Rc<Message>>,
    /// The lamps that were lit and whose calls were not answered since, whatever the lamp shows.
    pub promised: Buttons,
    /// A life above this one is asked for.
    wanted_above: Option<u64>,
    /// While the controller hangs: what waits for it.
    backlog: Option<Vec<Input>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    Opened(Floor),
    Closed(Floor),
    Motor(Option<Direction>),
    Lit(Button),
    Dark(Button),
}

pub fn building(floors: u8) -> Building {
    Building::try_from(floors).unwrap()
}

pub fn floor(number: u8) -> Floor {
    Floor::try_from(number).unwrap()
}

pub fn cab(number: u8) -> Button {
    Button::Cab(floor(number))
}

pub fn up(number: u8) -> Button {
    Button::Hall(floor(number), Direction::Up)
}

pub fn down(number: u8) -> Button {
    Button::Hall(floor(number), Direction::Down)
}

pub fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

impl World {
    /// A lift of four floors that stands at this floor and has just been started.
    pub fn at(number: u8) -> Self {
        let mut world = Self::new(Place::At(floor(number)));
        world.run_until("alone", |w| w.notices_have(Notice::Role(Role::Primary { term: Term(1) })));
        world
    }

    pub fn new(place: Place) -> Self {
        let mut world = Self {
            now: Instant::START,
            ticks: 0,
            due: None,
            config: Config {
                heartbeat: Duration::from_millis(50),
                ..Config::new(LiftId(1), building(4))
            },
            lives: 0,
            node: None,
            shaft: Shaft::new(building(4), place),
            connected: false,
            late: false,
            reading: None,
            silent_at_door: false,
            disk: Disk::empty(),
            releases: Vec::new(),
            events: Vec::new(),
            notices: Vec::new(),
            open_elsewhere: Vec::new(),
            said: Vec::new(),
            promised: Buttons::NONE,
            wanted_above: None,
            backlog: None,
        };
        world.start();
        world
    }

    /// Lift `number` of a group, at the bottom; not started yet.
    pub fn member(number: u8, building: Building) -> Self {
        let mut world = Self::new(Place::At(Floor::BOTTOM));
        world.config = Config::new(LiftId(number), building);
        world.shaft = Shaft::new(building, Place::At(Floor::BOTTOM));
        world.kill();
        world.disk.durable = None;
        world.said.clear();
        world
    }

    /// Begins a life from what the supervisor has.
    pub fn start(&mut self) {
        self.lives += 1;
        let bequest = Bequest {
            checkpoint: self.disk.newest().cloned(),
            is_durable: self.disk.writing.is_empty(),
            revision: self.disk.highest,
        };
        self.node = Some(Node::new(self.config, bequest, Incarnation(self.lives), self.now));
        if !self.disk.works {
            self.tell(Input::Disk { works: false });
        }
        self.connect();
    }

    /// `kill -9` of the controller: what was on its way to the supervisor still gets there.
    pub fn kill(&mut self) {
        self.node = None;
        self.lose_hardware();
    }

    /// Power loss of the node: what had not reached the disk is gone.
    pub fn cut_off(&mut self) {
        self.node = None;
        self.lose_hardware();
        self.disk.writing.clear();
    }

    pub fn connect(&mut self) {
        self.connected = true;
        self.tell(Input::Connected);
        self.deliver(self.shaft.sense());
    }

    pub fn lose_hardware(&mut self) {
        self.connected = false;
        self.reading = None;
        self.shaft.lose_client();
        self.tell(Input::Disconnected);
    }

    /// A peer says something, or its supervisor does.
    pub fn hear(&mut self, input: Input) {
        self.tell(input);
    }

    pub fn incarnation(&self) -> Incarnation {
        Incarnation(self.lives)
    }

    pub fn set_disk(&mut self, works: bool) {
        self.disk.works = works;
        self.tell(Input::Disk { works });
    }

    /// Presses a button as a finger does.
    pub fn press(&mut self, button: Button) {
        self.shaft.pressed.insert(button);
        self.releases.push((self.now + PRESS, button));
    }

    pub fn press_all(&mut self, buttons: &[Button]) {
        for button in buttons {
            self.press(*button);
        }
    }

    /// Lets time pass.
    pub fn run(&mut self, span: Duration) {
        let end = self.now + span;
        while self.now < end {
            self.tick();
        }
    }

    /// Lets time pass until something is so; fails when it never is.
    pub fn run_until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let patience = self.now + seconds(120.0);
        while !is_so(self) {
            assert!(self.now < patience, "never came to be: {what}\n{:#?}", self.events);
            self.tick();
        }
    }

    /// Lets time pass until nobody waits any more and the lift rests.
    pub fn run_until_quiet(&mut self) {
        self.run(PRESS);
        self.run_until("quiet", |w| {
            w.shaft.lamps == Buttons::NONE && !w.shaft.door && w.shaft.motor.is_none()
        });
    }

    /// The floors at which the door opened, in order.
    pub fn openings(&self) -> Vec<u8> {
        let opened = |(_, event): &(Instant, Event)| match event {
            Event::Opened(floor) => Some(floor.number()),
            _ => None,
        };
        self.events.iter().filter_map(opened).collect()
    }

    /// When something happened last.
    pub fn last(&self, wanted: Event) -> Option<Instant> {
        self.events.iter().rev().find(|(_, event)| *event == wanted).map(|(at, _)| *at)
    }

    pub fn is_lit(&self, button: Button) -> bool {
        self.shaft.lamps.contains(button)
    }

    pub fn notices_have(&self, notice: Notice) -> bool {
        self.notices.contains(&notice)
    }

    pub fn tick(&mut self) {
        self.now = self.now + TICK;
        self.ticks += 1;
        self.shaft.advance(self.now);
        self.release_buttons();
        self.live_above();
        if let Some(revision) = self.disk.advance(self.now) {
            self.tell(Input::Saved(revision));
        }
        if self.due <= Some(self.now) && self.due.is_some() {
            self.tell(Input::Wakeup);
        }
        if self.connected && self.ticks.is_multiple_of(SWEEP) {
            let fresh = Some(self.shaft.sense());
            let due = if self.late { std::mem::replace(&mut self.reading, fresh) } else { fresh };
            if let Some(sense) = due {
                self.deliver(sense);
            }
        }
    }

    /// The supervisor begins the life that is asked for.
    fn live_above(&mut self) {
        if let Some(above) = self.wanted_above.take() {
            self.kill();
            self.lives = self.lives.max(above);
            self.start();
        }
    }

    fn deliver(&mut self, sense: Sense) {
        self.shaft.shown_obstruction = sense.obstruction;
        self.tell(Input::Sensed(sense));
    }

    fn release_buttons(&mut self) {
        let (over, held) = self.releases.drain(..).partition(|(at, _)| *at <= self.now);
        self.releases = held;
        let over: Vec<(Instant, Button)> = over;
        let released: Buttons = over.into_iter().map(|(_, button)| button).collect();
        self.shaft.pressed = self.shaft.pressed.without(&released);
    }

    /// The controller stands still.
    pub fn hang(&mut self) {
        self.backlog = Some(Vec::new());
    }

    /// It goes on, and first of all its clock tells it how late it is.
    pub fn wake(&mut self) {
        let waited = self.backlog.take().unwrap_or_default();
        self.tell(Input::Wakeup);
        for input in waited {
            self.tell(input);
        }
    }

    fn tell(&mut self, input: Input) {
        if let Some(backlog) = &mut self.backlog {
            if input != Input::Wakeup {
                backlog.push(input);
            }
            return;
        }
        let Some(mut node) = self.node.take() else { return };
        let woken = input == Input::Wakeup;
        node.handle(self.now, input);
        while let Some(output) = node.poll_output() {
            match output {
                Output::Command(command) => self.execute(command),
                Output::Save(revision, checkpoint) => {
                    self.disk.write(self.now, revision, checkpoint);
                }
                Output::Broadcast(message) => self.said.push(message),
                Output::Notice(notice) => self.notices.push(notice),
                Output::LiveAbove(Incarnation(above)) => self.wanted_above = Some(above),
            }
        }
        self.due = node.next_wakeup();
        if woken {
            assert!(self.due.is_none_or(|next| next > self.now), "woken for nothing");
        }
        self.node = Some(node);
    }

    fn execute(&mut self, command: Command) {
        if self.silent_at_door && command == Command::Door(true) {
            self.connected = false;
        }
        if !self.connected {
            return;
        }
        let before = self.shaft.clone();
        self.shaft.execute(self.now, command);
        self.observe(&before);
    }

    /// What a person at the lift sees change, and what must never be seen.
    fn observe(&mut self, before: &Shaft) {
        let after = &self.shaft;
        let mut seen = Vec::new();
        if before.motor != after.motor {
            seen.push(Event::Motor(after.motor));
        }
        if let Some(here) = after.floor().filter(|_| before.door != after.door) {
            seen.push(if after.door { Event::Opened(here) } else { Event::Closed(here) });
        }
        seen.extend(after.lamps.without(&before.lamps).iter().map(Event::Lit));
        after.lamps.iter().for_each(|button| self.promised.insert(button));
        for button in before.lamps.without(&after.lamps).iter() {
            let (Button::Cab(place) | Button::Hall(place, _)) = button;
            let here = after.door && after.floor() == Some(place);
            let served = here || self.open_elsewhere.contains(&place);
            assert!(served, "G3: {button:?} went dark unserved");
            seen.push(Event::Dark(button));
            self.promised = self.promised.without(&[button].into_iter().collect());
        }
        self.events.extend(seen.into_iter().map(|event| (self.now, event)));
    }
}
