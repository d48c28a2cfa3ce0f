//! One lift and the node that controls it: a shaft, a computer with a disk, and what is done to
//! them.

use std::time::Duration;

use super::chance::Chance;
use super::controller::Controller;
use super::disk::Disk;
use super::effect::Effect;
use super::setup::Setup;
use super::shaft::Shaft;
use super::supervisor::Supervisor;
use super::voice::Parcel;
use crate::building::{Floor, LiftId};
use crate::node::Checkpoint;
use crate::shell::checkpoint::OURS;
use crate::supervisor::policy::Event;
use crate::time::{Instant, earliest};

/// What a wall clock shows at the beginning, in microseconds since 1970.
const TODAY: u64 = 1_800_000_000_000_000;

/// How soon systemd starts a supervisor again that has died.
const RESTART: Duration = Duration::from_millis(100);

/// One lift and its node.
#[derive(Debug)]
pub struct Station {
    /// What does not change about it.
    pub setup: Setup,
    /// The lift.
    pub shaft: Shaft,
    /// The node's disk.
    pub disk: Disk,
    supervisor: Option<Supervisor>,
    /// What supervisors that are gone did last.
    last_words: Vec<Effect>,
    chance: Chance,
    /// When the supervisor is started; none while it must stay down.
    starts_at: Option<Instant>,
    /// By how many microseconds the wall clock is wrong.
    wall: i64,
}

impl Station {
    /// A lift at this floor, whose node starts then.
    pub fn new(setup: Setup, at: Floor, starts_at: Instant, mut chance: Chance) -> Self {
        let shaft = Shaft::new(setup.config.building, at, setup.config.travel_time);
        let disk = Disk::new(Chance::new(chance.number(), "disk"));
        let starts_at = Some(starts_at);
        let last_words = Vec::new();
        Self { setup, shaft, disk, supervisor: None, last_words, chance, starts_at, wall: 0 }
    }

    /// Which lift.
    pub fn lift(&self) -> LiftId {
        self.setup.config.lift
    }

    /// The living controller.
    pub fn controller(&self) -> Option<&Controller> {
        self.supervisor.as_ref()?.controller()
    }

    /// The newest checkpoint that its supervisor has.
    pub fn checkpoint(&self) -> Option<Checkpoint> {
        OURS.checkpoint_of(self.supervisor.as_ref()?.checkpoint()?).ok()
    }

    /// The supervisor, to do something to it.
    pub fn supervisor_and_shaft(&mut self) -> Option<(&mut Supervisor, &mut Shaft)> {
        Some((self.supervisor.as_mut()?, &mut self.shaft))
    }

    /// When there is something to do.
    pub fn next(&self, now: Instant) -> Option<Instant> {
        let supervisor = self.supervisor.as_ref().and_then(|running| running.next(now));
        let starts = self.starts_at.filter(|_| self.supervisor.is_none());
        earliest([supervisor, self.shaft.next(), starts])
    }

    /// Does what is due by now.
    pub fn advance(&mut self, now: Instant) {
        self.shaft.advance(now);
        if self.supervisor.is_none() && self.starts_at.is_some_and(|at| at <= now) {
            self.start(now);
        }
        if let Some(supervisor) = &mut self.supervisor {
            supervisor.advance(now, &mut self.shaft);
        }
        self.let_go();
    }

    /// A supervisor that has left is gone.
    fn let_go(&mut self) {
        if let Some(supervisor) = self.supervisor.take_if(|supervisor| supervisor.has_left()) {
            self.last_words.extend(supervisor.finish());
        }
    }

    /// Something comes from the network.
    pub fn receive(&mut self, now: Instant, parcel: Parcel) {
        let Some(supervisor) = &mut self.supervisor else { return };
        if let Some(controller) = supervisor.controller_mut() {
            controller.receive(now, parcel);
        }
        supervisor.carry_out(now, &mut self.shaft);
    }

    /// What became of it all since this was asked last.
    pub fn effects(&mut self) -> Vec<Effect> {
        let living = self.supervisor.as_mut().map_or(Vec::new(), Supervisor::effects);
        if self.last_words.is_empty() {
            return living;
        }
        let last_words = std::mem::take(&mut self.last_words);
        last_words.into_iter().chain(living).collect()
    }

    // ── what is done to it ──────────────────────────────────────────────────────────────────

    /// The supervisor is killed; systemd starts another.
    pub fn kill_supervisor(&mut self, now: Instant) {
        self.lose_supervisor(now);
        self.starts_at = Some(now + RESTART);
    }

    /// It is asked to end, or to replace its controller.
    pub fn signal(&mut self, now: Instant, event: Event) {
        if event == Event::Terminate {
            self.starts_at = None;
        }
        if let Some(supervisor) = &mut self.supervisor {
            supervisor.signal(now, event, &mut self.shaft);
        }
        self.let_go();
    }

    /// The node has no power any more.
    pub fn cut_power(&mut self, now: Instant) {
        self.lose_supervisor(now);
        self.disk.lose_power();
        self.starts_at = None;
    }

    /// The node is to run, whatever it did before.
    pub fn run(&mut self, now: Instant) {
        self.starts_at = self.starts_at.or(Some(now));
    }

    /// The wall clock jumps by so many microseconds.
    pub fn jump_clock(&mut self, by: i64) {
        self.wall = by;
    }

    fn lose_supervisor(&mut self, now: Instant) {
        if let Some(supervisor) = self.supervisor.take() {
            self.last_words.extend(supervisor.die(now, &mut self.shaft));
        }
    }

    fn start(&mut self, now: Instant) {
        let passed = i64::try_from(now.since(Instant::START).as_micros()).unwrap_or(0);
        let unix_micros = TODAY.saturating_add_signed(passed.saturating_add(self.wall));
        let chance = Chance::new(self.chance.number(), "supervisor");
        let supervisor = Supervisor::start(now, self.setup, &self.disk, unix_micros, chance);
        self.supervisor = Some(supervisor);
        self.advance(now);
    }
}
