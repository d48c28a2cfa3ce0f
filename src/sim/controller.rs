//! One life of a controller: a real node, its voice, its clock, and its line to the hardware.
//!
//! It does what the real loop does ([`crate::shell::controller`]): it tells the node what has
//! happened, does what the node says, and gives heartbeats while it goes round. It can stand still,
//! and it can die between any two things that the node wants done.

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use super::chance::Chance;
use super::clock::Clock;
use super::line::{Event, Line};
use super::setup::Setup;
use super::shaft::Shaft;
use super::voice::{Parcel, Voice};
use crate::calls::Incarnation;
use crate::config::{REST_PATIENCE, STEADY_AFTER};
use crate::group::election::Role;
use crate::node::{Bequest, Input, Node, Notice, Output, Revision};
use crate::shell::checkpoint::OURS;
use crate::supervisor::policy::HEALTHY_AFTER;
use crate::time::{Instant, earliest};

/// How often a controller tells its supervisor that it goes round.
const HEARTBEAT: Duration = Duration::from_millis(50);

// Supervisor and controller know nothing of each other's rules, and must forget crashes at once.
const _: () = assert!(HEALTHY_AFTER.as_secs() == STEADY_AFTER.as_secs());

/// One life, from when it has taken in its checkpoint.
#[derive(Debug)]
pub struct Controller {
    /// The number of the life.
    pub incarnation: Incarnation,
    node: Node,
    voice: Voice,
    clock: Clock,
    line: Line,
    due: Option<Instant>,
    beat_at: Instant,
    /// Stands still until then, and hears later what it is told meanwhile.
    asleep_until: Option<Instant>,
    backlog: VecDeque<Waiting>,
    /// Dies after so many more of the things that the node wants done.
    dies_after: Option<u64>,
    /// Told to stop, and to end by then.
    end_by: Option<Instant>,
    over: bool,
    out: Vec<Act>,
}

/// What waits for one who stands still.
#[derive(Debug)]
enum Waiting {
    Input(Input),
    Parcel(Parcel),
}

/// What a controller does to the world.
#[derive(Debug)]
pub enum Act {
    /// Its loop has gone round.
    Heartbeat,
    /// It wants this checkpoint kept.
    Save(u64, Vec<u8>),
    /// It speaks to all others.
    Speak(Parcel, u64),
    /// It wants a new life above this one.
    LiveAbove(u64),
    /// It tells a person.
    Tell(Notice),
    /// It is dead.
    End,
    /// It has broken a rule of its own.
    Break(String),
}

/// What a life begins with.
pub struct Birth {
    /// What does not change about the node.
    pub setup: Setup,
    /// The number of the life.
    pub incarnation: u64,
    /// What the life before has left, as bytes.
    pub checkpoint: Option<Vec<u8>>,
    /// Whether a power loss would leave just that.
    pub is_durable: bool,
    /// The highest revision used.
    pub revision: u64,
    /// Whether the disk works.
    pub disk_works: bool,
    /// The last lives were short.
    pub unsteady: bool,
}

impl Controller {
    /// Takes in what the last life left; `None` when that cannot be understood.
    pub fn begin(now: Instant, birth: Birth, chance: &mut Chance) -> Option<Self> {
        let restored = birth.checkpoint.map(|bytes| OURS.checkpoint_of(&bytes));
        let bequest = Bequest {
            checkpoint: restored.transpose().ok()?,
            is_durable: birth.is_durable,
            revision: Revision(birth.revision),
        };
        let ppm = i32::try_from(chance.below(2000)).unwrap_or(0) - 1000;
        let clock = Clock::new(now, Duration::from_millis(chance.below(100_000)), ppm);
        let incarnation = Incarnation(birth.incarnation);
        let node = Node::new(birth.setup.config, bequest, incarnation, clock.at(now));
        let voice = Voice::new(birth.setup.sealed, birth.setup.config.lift, chance.number());
        let mut controller = Self {
            incarnation,
            node,
            voice,
            clock,
            line: Line::new(now, birth.setup.lag, birth.setup.every_reading),
            due: Some(now),
            beat_at: now,
            asleep_until: None,
            backlog: VecDeque::new(),
            dies_after: None,
            end_by: None,
            over: false,
            out: Vec::new(),
        };
        controller.tell(now, Input::Disk { works: birth.disk_works });
        if birth.unsteady {
            controller.tell(now, Input::Unsteady);
        }
        Some(controller)
    }

    /// The node, to look at.
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// What its clock shows.
    pub fn time(&self, now: Instant) -> Instant {
        self.clock.at(now)
    }

    /// What it is to its group.
    pub fn role(&self) -> Role {
        self.node.role()
    }

    /// Whether it stands still.
    pub fn is_asleep(&self) -> bool {
        self.asleep_until.is_some()
    }

    /// When there is something to do.
    pub fn next(&self) -> Option<Instant> {
        if self.over {
            return None;
        }
        let awake = earliest([self.due, Some(self.beat_at), self.line.next(), self.end_by]);
        self.asleep_until.map_or(awake, |until| earliest([Some(until), self.line.next_command()]))
    }

    // ── what happens to it ──────────────────────────────────────────────────────────────────

    /// It stands still until then.
    pub fn sleep(&mut self, until: Instant) {
        self.asleep_until = self.asleep_until.max(Some(until));
    }

    /// It dies after so many more of the things that it wants done.
    pub fn die_after(&mut self, deeds: u64) {
        self.dies_after = Some(deeds);
    }

    /// The supervisor says something.
    pub fn hear(&mut self, now: Instant, input: Input) {
        if self.is_asleep() {
            self.backlog.push_back(Waiting::Input(input));
            return;
        }
        if input == Input::Stop {
            self.end_by = self.end_by.or(Some(now + REST_PATIENCE));
        }
        self.tell(now, input);
    }

    /// Something comes from the network.
    pub fn receive(&mut self, now: Instant, parcel: Parcel) {
        if self.is_asleep() {
            self.backlog.push_back(Waiting::Parcel(parcel));
        } else if let Some(input) = self.voice.hear(parcel) {
            self.tell(now, input);
        }
    }

    /// Does what is due by now.
    pub fn advance(&mut self, now: Instant, shaft: &mut Shaft) {
        if self.asleep_until.is_some_and(|until| now < until) {
            self.line.deliver_commands(now, shaft);
            return;
        }
        if self.asleep_until.take().is_some() {
            self.wake(now);
        }
        if self.due.is_some_and(|due| due <= now) {
            self.tell(now, Input::Wakeup);
            let is_past = self.node.next_wakeup().is_some_and(|next| next <= self.clock.at(now));
            if is_past && !self.over {
                self.out.push(Act::Break("woken for nothing: the next wakeup is past".into()));
            }
        }
        while let Some(event) = self.line.advance(now, shaft) {
            if let (Event::Connected(sense) | Event::Sensed(sense), false) = (event, self.over) {
                shaft.notice(sense.pressed);
            }
            self.tell_of_hardware(now, event);
        }
        if self.beat_at <= now {
            self.beat_at = now + HEARTBEAT;
            self.out.push(Act::Heartbeat);
        }
        if self.end_by.is_some_and(|end_by| end_by <= now || self.node.is_at_rest()) {
            self.end();
        }
    }

    /// The hardware's server has died.
    pub fn lose_server(&mut self, now: Instant) {
        if let Some(event) = self.line.lose_server(now) {
            self.tell_of_hardware(now, event);
        }
    }

    /// The process ends, whatever it was doing.
    pub fn close(mut self, now: Instant, shaft: &mut Shaft) {
        self.line.close(now, shaft);
    }

    /// What it has done since this was asked last.
    pub fn acts(&mut self) -> Vec<Act> {
        std::mem::take(&mut self.out)
    }

    // ── what follows ────────────────────────────────────────────────────────────────────────

    fn wake(&mut self, now: Instant) {
        for waiting in std::mem::take(&mut self.backlog) {
            match waiting {
                Waiting::Input(input) => self.hear(now, input),
                Waiting::Parcel(parcel) => self.receive(now, parcel),
            }
        }
    }

    fn tell_of_hardware(&mut self, now: Instant, event: Event) {
        match event {
            Event::Connected(sense) => {
                self.tell(now, Input::Connected);
                self.tell(now, Input::Sensed(sense));
            }
            Event::Sensed(sense) => self.tell(now, Input::Sensed(sense)),
            Event::Disconnected => self.tell(now, Input::Disconnected),
        }
    }

    fn tell(&mut self, now: Instant, input: Input) {
        if self.over {
            return;
        }
        self.node.handle(self.clock.at(now), input);
        while let Some(output) = self.node.poll_output() {
            if self.is_dead_by_now() {
                break;
            }
            self.perform(now, output);
        }
        self.due = self.node.next_wakeup().map(|due| self.clock.when(due));
    }

    fn perform(&mut self, now: Instant, output: Output) {
        match output {
            Output::Command(command) => self.line.command(now, command),
            Output::Save(revision, checkpoint) => match OURS.bytes_of(&checkpoint) {
                Ok(bytes) => self.out.push(Act::Save(revision.0, bytes)),
                Err(error) => self.out.push(Act::Break(format!("a checkpoint is lost: {error}"))),
            },
            Output::Broadcast(message) => {
                let sequence = message.sequence;
                match self.voice.say(Rc::clone(&message)) {
                    Ok(parcel) => self.out.push(Act::Speak(parcel, sequence)),
                    Err(error) => self.out.push(Act::Break(format!("a message is lost: {error}"))),
                }
            }
            Output::LiveAbove(above) => self.out.push(Act::LiveAbove(above.0)),
            Output::Notice(notice) => self.out.push(Act::Tell(notice)),
        }
    }

    fn is_dead_by_now(&mut self) -> bool {
        match &mut self.dies_after {
            Some(0) => self.end(),
            Some(left) => *left -= 1,
            None => {}
        }
        self.over
    }

    fn end(&mut self) {
        if !self.over {
            self.over = true;
            self.out.push(Act::End);
        }
    }
}
