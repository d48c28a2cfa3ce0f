//! A supervisor: the real policy, the real checkpoints and incarnations, the real files; only the
//! processes and the threads are missing.
//!
//! It does what [`crate::supervisor::supervision`] and [`crate::supervisor::keeper`] do.

use std::collections::VecDeque;
use std::time::Duration;

use super::chance::Chance;
use super::controller::{Act, Birth, Controller};
use super::disk::Disk;
use super::effect::Effect;
use super::setup::Setup;
use super::shaft::Shaft;
use super::voice::obituary;
use super::writer::{Report, Writer};
use crate::group::election::Role;
use crate::node::{Input, Revision};
use crate::supervisor::checkpoints::Checkpoints;
use crate::supervisor::incarnation::Incarnations;
use crate::supervisor::policy::{Action, Candidate, Event, Policy};
use crate::supervisor::slot::Contents;
use crate::time::{Instant, earliest};

/// After how long without a heartbeat a controller hangs.
pub const HANG_TIMEOUT: Duration = Duration::from_millis(200);

/// How often an obituary is said, and how long apart.
const OBITUARY: (u32, Duration) = (3, Duration::from_millis(3));

/// How long the kernel may take to bury a process.
const BURIAL: Duration = Duration::from_millis(3);

/// With one more, what they began with would count as poisoned; that is a fault of another kind.
const MOST_STILLBORN: u32 = 2;

/// How long a program may take from its birth until it has its checkpoint.
const BIRTH: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(25));

/// A supervisor, and its controller.
#[derive(Debug)]
pub struct Supervisor {
    setup: Setup,
    chance: Chance,
    policy: Policy,
    checkpoints: Checkpoints,
    incarnations: Incarnations,
    writer: Writer,
    child: Child,
    /// What is still to be said, and when.
    obituaries: VecDeque<(Instant, u64)>,
    /// So many of the next lives crash early.
    crashes: u32,
    /// So many of the last lives ended before they had taken in their checkpoint.
    stillborn: u32,
    lives: u64,
    left: bool,
    out: Vec<Effect>,
}

/// The process of a controller.
#[derive(Debug)]
enum Child {
    None,
    /// It has been started and will have its checkpoint then.
    Born {
        at: Instant,
        incarnation: u64,
    },
    Living(Box<Controller>),
    /// It is dead; the supervisor hears of it then.
    Dead {
        until: Instant,
        incarnation: u64,
    },
}

impl Supervisor {
    /// Starts, with what is on the disk; the wall clock shows so many microseconds.
    pub fn start(
        now: Instant,
        setup: Setup,
        disk: &Disk,
        unix_micros: u64,
        mut chance: Chance,
    ) -> Self {
        let mut writer =
            Writer::open(disk, setup.disk_time, Chance::new(chance.number(), "writer"));
        let (newest, proven) = writer.found();
        let mut incarnations = Incarnations::starting(writer.used_incarnation(), unix_micros);
        if let Some(up_to) = incarnations.wanted()
            && writer.reserve_now(up_to)
        {
            incarnations.reserved(up_to);
        }
        let checkpoints = Checkpoints::found(newest, proven, writer.disk_works());
        Self {
            setup,
            chance,
            policy: Policy::new(now, HANG_TIMEOUT),
            checkpoints,
            incarnations,
            writer,
            child: Child::None,
            obituaries: VecDeque::new(),
            crashes: 0,
            stillborn: 0,
            lives: 0,
            left: false,
            out: Vec::new(),
        }
    }

    /// The living controller.
    pub fn controller(&self) -> Option<&Controller> {
        match &self.child {
            Child::Living(controller) => Some(controller),
            _ => None,
        }
    }

    /// The same, to do something to it.
    pub fn controller_mut(&mut self) -> Option<&mut Controller> {
        match &mut self.child {
            Child::Living(controller) => Some(controller),
            _ => None,
        }
    }

    /// The bytes of the newest checkpoint.
    pub fn checkpoint(&self) -> Option<&[u8]> {
        self.checkpoints.newest().map(|contents| &contents.payload[..])
    }

    /// It has ended as it was asked to.
    pub fn has_left(&self) -> bool {
        self.left
    }

    /// When there is something to do.
    pub fn next(&self, now: Instant) -> Option<Instant> {
        let child = match &self.child {
            Child::None => None,
            Child::Born { at, .. } => Some(*at),
            Child::Living(controller) => controller.next(),
            Child::Dead { until, .. } => Some(*until),
        };
        let obituary = self.obituaries.front().map(|(at, _)| *at);
        earliest([self.policy.next_deadline(), child, obituary, self.writer.next(now)])
    }

    /// Does what is due by now.
    pub fn advance(&mut self, now: Instant, shaft: &mut Shaft) {
        self.hear_disk(now);
        self.look_after_child(now, shaft);
        self.speak_of_the_dead(now);
        if self.policy.next_deadline().is_some_and(|due| due <= now) {
            self.tell_policy(now, Event::Wakeup, shaft);
            if self.policy.next_deadline().is_some_and(|due| due <= now) {
                self.out.push(Effect::Break("the supervisor's next deadline is past".into()));
            }
        }
        self.carry_out(now, shaft);
    }

    /// Does what the controller wants done.
    pub fn carry_out(&mut self, now: Instant, shaft: &mut Shaft) {
        let Child::Living(controller) = &mut self.child else { return };
        let incarnation = controller.incarnation.0;
        for act in controller.acts() {
            match act {
                Act::Heartbeat => self.tell_policy(now, Event::Heartbeat, shaft),
                Act::Save(revision, bytes) => self.receive(revision, bytes),
                Act::Speak(parcel, sequence) => {
                    self.out.push(Effect::Speak(parcel, Some(sequence)));
                }
                Act::Tell(notice) => self.out.push(Effect::Tell(notice)),
                Act::Break(rule) => self.out.push(Effect::Break(rule)),
                Act::LiveAbove(used) => {
                    self.incarnations.rise_above(used);
                    self.tell_policy(now, Event::Reload, shaft);
                }
                Act::End => self.lose_child(now, incarnation, shaft),
            }
        }
    }

    /// What became of it all since this was asked last.
    pub fn effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.out)
    }

    // ── what happens to it ──────────────────────────────────────────────────────────────────

    /// The controller is killed by somebody, after so many more of its acts.
    pub fn kill_controller(&mut self, now: Instant, after: u64, shaft: &mut Shaft) {
        match &mut self.child {
            Child::Living(controller) if after > 0 => controller.die_after(after),
            Child::Living(controller) => {
                let incarnation = controller.incarnation.0;
                self.lose_child(now, incarnation, shaft);
            }
            Child::Born { incarnation, .. } => {
                self.child = Child::Dead { until: now + BURIAL, incarnation: *incarnation };
            }
            Child::None | Child::Dead { .. } => {}
        }
    }

    /// The next lives crash soon after they began.
    pub fn let_crash(&mut self, lives: u32) {
        self.crashes = lives;
    }

    /// What the controller left is worth nothing.
    pub fn poison(&mut self, now: Instant, shaft: &mut Shaft) {
        let revision = self.checkpoints.highest() + 1;
        self.receive(revision, vec![0xee; 40]);
        self.kill_controller(now, 0, shaft);
    }

    /// The controller is to be replaced, or all is to end.
    pub fn signal(&mut self, now: Instant, event: Event, shaft: &mut Shaft) {
        self.tell_policy(now, event, shaft);
    }

    /// It dies, and its controller with it; what it did last.
    pub fn die(mut self, now: Instant, shaft: &mut Shaft) -> Vec<Effect> {
        self.kill_controller(now, 0, shaft);
        self.writer.die();
        self.out
    }

    /// It ends in order; what it did last.
    pub fn finish(self) -> Vec<Effect> {
        self.writer.finish();
        self.out
    }

    // ── what it does ────────────────────────────────────────────────────────────────────────

    fn hear_disk(&mut self, now: Instant) {
        for report in self.writer.advance(now) {
            let input = match report {
                Report::Saved(revision) => {
                    self.checkpoints.saved(revision);
                    Input::Saved(Revision(revision))
                }
                Report::Disk(works) => Input::Disk { works },
                Report::Reserved(up_to) => {
                    self.incarnations.reserved(up_to);
                    continue;
                }
            };
            if let Child::Living(controller) = &mut self.child {
                controller.hear(now, input);
            }
        }
    }

    fn look_after_child(&mut self, now: Instant, shaft: &mut Shaft) {
        match &mut self.child {
            Child::Living(controller) => controller.advance(now, shaft),
            Child::Born { at, .. } if *at <= now => self.begin_life(now, shaft),
            Child::Dead { until, incarnation } if *until <= now => {
                let incarnation = *incarnation;
                self.child = Child::None;
                self.announce(now, incarnation);
                self.tell_policy(now, Event::Ended, shaft);
            }
            _ => {}
        }
    }

    fn begin_life(&mut self, now: Instant, shaft: &mut Shaft) {
        let Child::Born { incarnation, .. } = self.child else { return };
        self.tell_policy(now, Event::Greeted, shaft);
        let crashes = self.crashes > 0;
        self.crashes = self.crashes.saturating_sub(1);
        if crashes && self.stillborn < MOST_STILLBORN && self.chance.happens(0.3) {
            self.stillborn += 1;
            self.child = Child::Dead { until: now + BURIAL, incarnation };
            return;
        }
        let birth = Birth {
            setup: self.setup,
            incarnation,
            checkpoint: self.checkpoints.begun_with().map(|contents| contents.payload.clone()),
            is_durable: self.checkpoints.would_come_back(),
            revision: self.checkpoints.highest(),
            disk_works: self.writer.disk_works(),
            unsteady: self.policy.is_unsteady(),
        };
        let Some(mut controller) = Controller::begin(now, birth, &mut self.chance) else {
            self.child = Child::Dead { until: now + BURIAL, incarnation };
            return;
        };
        if let Some(durable) = self.checkpoints.durable() {
            controller.hear(now, Input::Saved(Revision(durable)));
        }
        if crashes {
            controller.die_after(self.chance.below(40));
        }
        self.stillborn = 0;
        self.child = Child::Living(Box::new(controller));
        self.tell_policy(now, Event::Restored, shaft);
    }

    fn receive(&mut self, revision: u64, payload: Vec<u8>) {
        if let Err(why) = self.checkpoints.receive(revision, payload.clone()) {
            self.out.push(Effect::Break(why));
            return;
        }
        self.writer.save(Contents { revision, payload });
    }

    fn tell_policy(&mut self, now: Instant, event: Event, shaft: &mut Shaft) {
        if let Some(action) = self.policy.handle(now, event) {
            self.perform(now, action, shaft);
        }
    }

    fn perform(&mut self, now: Instant, action: Action, shaft: &mut Shaft) {
        match action {
            Action::Spawn(candidate) => {
                self.checkpoints.hand_out(candidate);
                self.spawn(now);
            }
            Action::AskToStop => {
                if let Child::Living(controller) = &mut self.child {
                    controller.hear(now, Input::Stop);
                }
            }
            Action::Kill(fault) => {
                self.out.push(Effect::Killed(fault.to_string()));
                let (Child::Born { incarnation, .. } | Child::Dead { incarnation, .. }) =
                    self.child
                else {
                    let incarnation = self.controller().map_or(0, |living| living.incarnation.0);
                    self.announce(now, incarnation);
                    self.lose_child(now, incarnation, shaft);
                    return;
                };
                self.child = Child::Dead { until: now + BURIAL, incarnation };
            }
            Action::SetAside(guilty) => {
                if self.checkpoints.received().is_some() {
                    self.checkpoints.set_aside(guilty);
                    self.writer.set_aside(guilty.contains(&Candidate::Proven));
                }
            }
            Action::AnnounceReady => {}
            Action::KeepProven => {
                if let Some(proven) = self.checkpoints.prove() {
                    self.writer.keep_proven(proven.clone());
                }
            }
            Action::Leave => self.left = true,
        }
    }

    fn spawn(&mut self, now: Instant) {
        let incarnation = self.incarnations.take();
        if let Some(up_to) = self.incarnations.wanted() {
            self.writer.reserve(up_to);
        }
        self.lives += 1;
        if self.lives == 1 {
            self.announce(now, incarnation.saturating_sub(1));
        }
        self.out.push(Effect::Begun(incarnation));
        let at = now + self.chance.span(BIRTH.0, BIRTH.1);
        self.child = Child::Born { at, incarnation };
    }

    fn lose_child(&mut self, now: Instant, incarnation: u64, shaft: &mut Shaft) {
        let dead = Child::Dead { until: now + BURIAL, incarnation };
        if let Child::Living(controller) = std::mem::replace(&mut self.child, dead) {
            let was_primary = matches!(controller.role(), Role::Primary { .. });
            controller.close(now, shaft);
            self.out.push(Effect::Ended { incarnation, was_primary });
        }
    }

    fn announce(&mut self, now: Instant, incarnation: u64) {
        let (times, apart) = OBITUARY;
        self.obituaries = (0..times).map(|n| (now + apart * n, incarnation)).collect();
        self.speak_of_the_dead(now);
    }

    fn speak_of_the_dead(&mut self, now: Instant) {
        while self.obituaries.front().is_some_and(|(at, _)| *at <= now) {
            let Some((_, incarnation)) = self.obituaries.pop_front() else { return };
            let lift = self.setup.config.lift;
            let said = obituary(self.setup.sealed, lift, incarnation);
            self.out.push(Effect::Speak(said, None));
        }
    }
}
