//! The supervisor at work: one loop that waits for the controller, the disk's reports, signals,
//! deadlines and people, tells the [`Policy`] what happened and does what it says.
//!
//! The loop waits for nothing else: not for the disk, not for a controller that does not listen,
//! not for systemd.

use std::os::fd::AsFd;
use std::process;

use log::{debug, error, info, warn};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::shell::broadcast::Herald;
use crate::shell::clock;
use crate::shell::link::{ToController, ToSupervisor};
use crate::shell::notify::{Notifier, State};
use crate::shell::signals::{Signal, Signals};
use crate::shell::status::Listener;
use crate::time::{Instant, earliest};

use super::controller::{Controller, End};
use super::conversation::Heard;
use super::failure::Failure;
use super::keeper::{Keeper, News, number_or_none};
use super::policy::{Action, Candidate, Event, Policy};
use super::program::Program;
use super::run::Options;
use super::status::{ControllerStatus, LastEnd, SupervisorStatus};

/// The most messages of a controller that are heard in one turn: more than the link holds, so that
/// whatever waits there is heard before a hang is judged, yet a babbler cannot hold the loop.
const MOST_MESSAGES: usize = 1024;

/// A supervisor, its controller, and all that they need.
pub struct Supervision {
    options: Options,
    policy: Policy,
    program: Program,
    controller: Option<Controller>,
    keeper: Keeper,
    signals: Signals,
    listener: Option<Listener>,
    notifier: Notifier,
    herald: Herald,
    lives: u64,
    last_end: Option<(String, Instant)>,
    has_left: bool,
}

/// What a wait has brought, apart from what is looked after in every turn.
struct Ready {
    signals: bool,
    clients: bool,
}

impl Supervision {
    /// Signals are listened to from now on; the first controller is due.
    ///
    /// # Errors
    /// When the process has no descriptors left, or systemd named no socket that can be used.
    pub fn begin(
        options: Options,
        keeper: Keeper,
        listener: Option<Listener>,
    ) -> Result<Self, Failure> {
        let signals = Signals::listen(&[Signal::Terminate, Signal::Reload, Signal::ChildEnded])
            .map_err(|error| Failure::System("listen for signals", error))?;
        let now = clock::now();
        let notifier = Notifier::from_environment(now)
            .map_err(|error| Failure::System("use the socket of NOTIFY_SOCKET", error))?;
        Ok(Self {
            policy: Policy::new(now, options.hang_timeout),
            herald: Herald::new(options.membership.clone(), options.lift),
            program: Program::at(options.controller.clone()),
            options,
            controller: None,
            keeper,
            signals,
            listener,
            notifier,
            lives: 0,
            last_end: None,
            has_left: false,
        })
    }

    /// Supervises until a signal asks to end and the controller is gone.
    ///
    /// # Errors
    /// When the kernel does not let it wait.
    pub fn run(mut self) -> Result<Keeper, Failure> {
        while !self.has_left {
            let ready = self.wait()?;
            self.turn(&ready);
        }
        self.herald.finish();
        Ok(self.keeper)
    }

    fn wait(&self) -> Result<Ready, Failure> {
        let now = clock::now();
        let mut waited = vec![
            PollFd::new(self.signals.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.keeper.as_fd(), PollFlags::POLLIN),
        ];
        let talk = self.controller.as_ref().map(|controller| &controller.conversation);
        if let Some(talk) = talk.filter(|talk| !talk.is_over()) {
            let room = if talk.is_held_up() { PollFlags::POLLOUT } else { PollFlags::empty() };
            waited.push(PollFd::new(talk.link().as_fd(), PollFlags::POLLIN | room));
        }
        let clients = waited.len();
        let door = self.listener.as_ref().and_then(|listener| listener.door(now));
        waited.extend(door.map(|door| PollFd::new(door, PollFlags::POLLIN)));
        match poll(&mut waited, self.patience(now)) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(Failure::System("wait for events", error.into())),
        }
        let is_ready = |index| waited.get(index).is_some_and(|fd: &PollFd| fd.any() != Some(false));
        Ok(Ready { signals: is_ready(0), clients: is_ready(clients) })
    }

    /// How long there is nothing to do, rounded up: a moment too early would be in vain.
    fn patience(&self, now: Instant) -> PollTimeout {
        let due = earliest([
            self.policy.next_deadline(),
            self.notifier.next(),
            self.herald.next(),
            self.listener.as_ref().and_then(|listener| listener.reopens(now)),
        ]);
        due.map_or(PollTimeout::NONE, |due| {
            let millis = due.since(now).as_micros().div_ceil(1000);
            PollTimeout::try_from(millis).unwrap_or(PollTimeout::MAX)
        })
    }

    /// One turn of the loop. The time is read before the link is, so that whatever waits there
    /// counts before a deadline is judged.
    fn turn(&mut self, ready: &Ready) {
        let now = clock::now();
        self.hear_disk();
        if ready.signals {
            self.hear_signals(now);
        }
        self.look_after_controller(now);
        self.look_at_program(now);
        self.tell_policy(now, Event::Wakeup);
        self.speak_to_controller();
        self.herald.proceed(now);
        self.notifier.proceed(now);
        if ready.clients {
            let status = self.status(now);
            self.listener.iter_mut().for_each(|listener| listener.answer(now, &status));
        }
    }

    fn hear_disk(&mut self) {
        for news in self.keeper.news() {
            let Some(controller) = &mut self.controller else { continue };
            match news {
                News::Saved(revision) => controller.conversation.saved(revision),
                News::Disk { works } => controller.conversation.disk(works),
            }
        }
    }

    fn hear_signals(&mut self, now: Instant) {
        for signal in self.signals.pending() {
            match signal {
                Signal::Terminate => {
                    info!("asked to end");
                    self.notifier.tell_state(State::Stopping);
                    self.tell_policy(now, Event::Terminate);
                }
                Signal::Reload => {
                    info!("asked for a fresh controller");
                    self.notifier.tell_state(State::Reloading);
                    self.tell_policy(now, Event::Reload);
                }
                // It has ended the wait; the rest is looked after in every turn.
                Signal::ChildEnded => {}
            }
        }
    }

    /// Hears what the controller has said, to its last word if it is dead by now.
    fn look_after_controller(&mut self, now: Instant) {
        let end = self.controller.as_mut().and_then(Controller::bury);
        for _ in 0..MOST_MESSAGES {
            let heard = self.controller.as_mut().and_then(|living| living.conversation.hear());
            match heard {
                None => break,
                Some(Heard::Message(message)) => self.hear_message(now, message),
                Some(Heard::Nonsense(why)) => self.hear_nonsense(now, &why),
                // It is dead or will be: if not by itself, then for want of heartbeats.
                Some(Heard::End) => {}
            }
        }
        if let Some(end) = end {
            self.end_life(now, end);
        }
    }

    fn hear_message(&mut self, now: Instant, message: ToSupervisor) {
        match message {
            ToSupervisor::Hello => {
                self.welcome();
                self.tell_policy(now, Event::Greeted);
            }
            ToSupervisor::Restored => self.tell_policy(now, Event::Restored),
            ToSupervisor::Heartbeat => self.tell_policy(now, Event::Heartbeat),
            ToSupervisor::Checkpoint { revision, bytes } => {
                if let Err(why) = self.keeper.receive(revision, bytes) {
                    self.hear_nonsense(now, &why);
                }
            }
            ToSupervisor::LiveAbove(incarnation) => {
                self.keeper.rise_above(incarnation, clock::unix_micros());
                self.tell_policy(now, Event::Reload);
            }
        }
    }

    fn hear_nonsense(&mut self, now: Instant, why: &str) {
        if let Some(controller) = &mut self.controller {
            warn!("the controller broke the rules of the link: {why} pid={}", controller.pid());
            controller.conversation.end();
        }
        self.tell_policy(now, Event::Nonsense);
    }

    fn welcome(&mut self) {
        let Some(controller) = &mut self.controller else { return };
        let checkpoints = self.keeper.checkpoints();
        controller.conversation.welcome(ToController::Welcome {
            incarnation: controller.incarnation,
            configuration: self.options.configuration.clone(),
            checkpoint: checkpoints.begun_with().map(|contents| contents.payload.clone()),
            is_durable: checkpoints.would_come_back(),
            revision: checkpoints.highest(),
            disk_works: self.keeper.trouble().is_none(),
            unsteady: self.policy.is_unsteady(),
        });
        // The report may have come between two lives.
        if let Some(durable) = checkpoints.durable() {
            controller.conversation.saved(durable);
        }
    }

    fn speak_to_controller(&mut self) {
        if let Some(controller) = &mut self.controller
            && let Err(error) = controller.conversation.speak()
        {
            debug!("the controller could not be told: {error} pid={}", controller.pid());
        }
    }

    fn end_life(&mut self, now: Instant, end: End) {
        let Some(controller) = self.controller.take() else { return };
        let (reason, pid, incarnation) = (&end.reason, controller.pid(), controller.incarnation);
        // First of all, somebody else must take over.
        self.herald.announce(now, incarnation);
        let lived_ms = now.since(controller.born).as_millis();
        let level = if end.in_order { log::Level::Info } else { log::Level::Warn };
        log::log!(
            level,
            "controller ended: {reason} pid={pid} incarnation={incarnation} lived_ms={lived_ms}"
        );
        self.remember_end(now, end.reason);
        if end.refused_settings {
            self.tell_policy(now, Event::SettingsRefused);
        }
        self.look_at_program(now);
        self.tell_policy(now, Event::Ended);
    }

    /// Between two lives: whether the next one will be one of another program.
    fn look_at_program(&mut self, now: Instant) {
        if self.controller.is_none() && self.program.has_changed() {
            self.tell_policy(now, Event::ProgramChanged);
        }
    }

    fn remember_end(&mut self, now: Instant, reason: String) {
        self.notifier.tell_status(&format!("no controller: {reason}"));
        self.last_end = Some((reason, now));
    }

    fn tell_policy(&mut self, now: Instant, event: Event) {
        let mut next = Some(event);
        while let Some(event) = next {
            let action = self.policy.handle(now, event);
            next = action.and_then(|action| self.perform(now, action));
        }
    }

    /// Does what the policy says; returns what came of it, if it came at once.
    fn perform(&mut self, now: Instant, action: Action) -> Option<Event> {
        match action {
            Action::Spawn(candidate) => return self.spawn(now, candidate),
            Action::AskToStop => self.controller.as_mut()?.ask_to_stop(),
            Action::Kill(fault) => {
                let controller = self.controller.as_mut()?;
                // Before anything is said: its motor may run.
                let killed = controller.kill(fault);
                let (pid, incarnation) = (controller.pid(), controller.incarnation);
                if killed.is_ok() {
                    // It will not say another word, whenever the kernel lets it die.
                    self.herald.announce(now, incarnation);
                }
                warn!("killing the controller, as it {fault} pid={pid}");
                if let Err(error) = killed {
                    error!("cannot kill the controller: {error} pid={pid}");
                }
            }
            Action::SetAside(guilty) => self.keeper.set_aside(guilty),
            Action::AnnounceReady => self.announce_ready(),
            Action::KeepProven => self.keeper.prove(),
            Action::Leave => self.has_left = true,
        }
        None
    }

    fn spawn(&mut self, now: Instant, candidate: Candidate) -> Option<Event> {
        let incarnation = self.keeper.next_incarnation();
        let checkpoint = number_or_none(self.keeper.hand_out(candidate));
        self.program.note_start();
        self.lives += 1;
        if self.lives == 1 {
            // The state directory is ours: whatever lived on it before lives no more.
            self.herald.announce(now, incarnation.saturating_sub(1));
        }
        match Controller::start(self.program.path(), incarnation, now) {
            Ok(controller) => {
                let pid = controller.pid();
                info!(
                    "controller started pid={pid} incarnation={incarnation} checkpoint={checkpoint}"
                );
                self.controller = Some(controller);
                None
            }
            Err(error) => {
                let reason = format!("cannot start {}: {error}", self.program.path().display());
                error!("no controller: {reason}");
                self.remember_end(now, reason);
                Some(Event::Ended)
            }
        }
    }

    fn announce_ready(&mut self) {
        let Some(controller) = &mut self.controller else { return };
        controller.works = true;
        let pid = controller.pid();
        let before = self.last_end.as_ref();
        let before = before.map(|(reason, _)| format!(", the one before ended: {reason}"));
        let status = format!("controller {pid}, life {}{}", self.lives, before.unwrap_or_default());
        info!("the controller works pid={pid}");
        self.notifier.tell_state(State::Ready);
        self.notifier.tell_status(&status);
    }

    fn status(&self, now: Instant) -> SupervisorStatus {
        let millis = |since| u64::try_from(now.since(since).as_millis()).unwrap_or(u64::MAX);
        SupervisorStatus {
            name: self.options.name.clone(),
            pid: process::id(),
            uptime_ms: millis(Instant::START),
            controller: self.controller.as_ref().map(|controller| ControllerStatus {
                pid: controller.pid(),
                incarnation: controller.incarnation,
                uptime_ms: millis(controller.born),
                works: controller.works,
            }),
            restarts: self.lives.saturating_sub(1),
            last_end: self
                .last_end
                .as_ref()
                .map(|(reason, when)| LastEnd { reason: reason.clone(), ago_ms: millis(*when) }),
            disk_trouble: self.keeper.trouble().map(str::to_owned),
            received: self.keeper.checkpoints().received(),
            durable: self.keeper.checkpoints().durable(),
        }
    }
}
