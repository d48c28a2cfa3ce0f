//! What the supervisor does, and when: a machine from [`Event`] to [`Action`].
//!
//! One life of the controller goes like this; the times are in the states:
//!
//! ```text
//!            spawn              restored, then heartbeats
//!  Waiting ────────▶ Starting ────────────────────────────▶ Running
//!     ▲                 │ too slow, nonsense     hang, nonsense │
//!     │ ended           ▼                                       ▼
//!     └────────────── Dying ◀─ too slow, hang ─ Stopping ◀── asked to stop
//! ```
//!
//! A life ends in two steps: it is killed or asked to stop, and it is *seen to be dead*. Only the
//! second leads to another life, so there are never two. Each event calls for one action at most.
//!
//! The policy does not know what a controller, a checkpoint or a process is made of: the shell
//! ([`super::supervision`]) tells it what happened and does what it says.

mod back_off;
mod steadiness;
mod trial;
mod watch;

#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use crate::time::Instant;

use back_off::BackOff;
use steadiness::Steadiness;
pub use trial::Candidate;
use trial::Trial;
use watch::Watch;

/// How long a controller may take from its birth until it has taken in its checkpoint. It does
/// nothing but read in this time, yet on a machine that is busy or has just booted the program
/// itself comes slowly from the disk.
pub const START_PATIENCE: Duration = Duration::from_secs(2);

/// How long a controller may take to come to rest when asked to: long enough for the last
/// checkpoint to reach a slow disk, and shorter than an operator's patience.
pub const STOP_PATIENCE: Duration = Duration::from_secs(2);

/// How long a controller must have given heartbeats to count as healthy, and what it began with as
/// proven. Longer than any crash loop's period (1 s of back-off and 2 s of start), so that no loop
/// looks healthy.
pub const HEALTHY_AFTER: Duration = Duration::from_secs(10);

/// What the policy is told. Whatever does not fit the present state changes nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// A deadline of [`Policy::next_deadline`] has come. An extra one does no harm.
    Wakeup,
    /// The program runs and has asked for its checkpoint.
    Greeted,
    /// The controller has taken its checkpoint in.
    Restored,
    /// The controller's loop has gone round.
    Heartbeat,
    /// The controller has said something that it must not say.
    Nonsense,
    /// The controller that ends now says that it did not understand its settings: whatever it was
    /// given besides is not to blame.
    SettingsRefused,
    /// The controller is dead and buried, or could not even be born.
    Ended,
    /// The next life will be one of another program than the last.
    ProgramChanged,
    /// The supervisor is to stop, and its controller before it.
    Terminate,
    /// The controller is to be replaced by a fresh one.
    Reload,
}

/// What is to be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// Begin a life with this checkpoint.
    Spawn(Candidate),
    /// Ask the controller to come to rest and end.
    AskToStop,
    /// Kill the controller.
    Kill(Fault),
    /// Move these checkpoints out of the way, but keep them: no controller can begin with them.
    SetAside(&'static [Candidate]),
    /// The controller does its work: say so.
    AnnounceReady,
    /// The life has been healthy: remember what it began with.
    KeepProven,
    /// The controller is gone and no other shall come: end.
    Leave,
}

/// Why a controller has to be killed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// It did not take in its checkpoint in time.
    DidNotStart,
    /// Its loop stands still.
    Hung,
    /// It said something that it must not say.
    SpokeNonsense,
    /// It was asked to end and did not.
    DidNotStop,
    /// It was to end before it had begun.
    Unwanted,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DidNotStart => "did not start in time",
            Self::Hung => "hung: no heartbeat in time",
            Self::SpokeNonsense => "broke the rules of the link",
            Self::DidNotStop => "did not stop in time",
            Self::Unwanted => "was no longer wanted",
        })
    }
}

/// The policy of one supervisor.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    hang_timeout: Duration,
    state: State,
    back_off: BackOff,
    steadiness: Steadiness,
    trial: Trial,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// There is no controller; the next one is due.
    Waiting { until: Instant },
    /// The controller is born, but has not taken in its checkpoint.
    Starting { watch: Watch, greeted: bool },
    /// The controller must give heartbeats.
    Running { watch: Watch, health: Health },
    /// The controller has been asked to end. Its motor may still run, so it must give heartbeats.
    Stopping { watch: Watch, until: Instant, then: Then },
    /// The controller has been killed, but is not buried.
    Dying { then: Then },
    /// The end.
    Left,
}

/// How far a running controller is to be trusted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Health {
    /// No heartbeat yet.
    Unknown,
    /// It gives heartbeats; one from this moment on makes it healthy.
    Alive { healthy_at: Instant },
    /// It has given heartbeats for long.
    Healthy,
}

/// What follows a life; a stronger wish overrides a weaker one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Then {
    /// The life failed: another one, after a delay if that happens too often.
    Recover,
    /// A fresh controller was asked for: at once.
    Respawn,
    /// Nothing.
    Leave,
}

impl Policy {
    /// A policy whose first life is due at once.
    pub fn new(now: Instant, hang_timeout: Duration) -> Self {
        Self {
            hang_timeout,
            state: State::Waiting { until: now },
            back_off: BackOff::default(),
            steadiness: Steadiness::default(),
            trial: Trial::default(),
        }
    }

    /// When a [`Event::Wakeup`] is due. None while nothing but the end of a killed controller,
    /// which the kernel promises, is awaited.
    pub fn next_deadline(&self) -> Option<Instant> {
        match self.state {
            State::Waiting { until } => Some(until),
            State::Starting { watch, .. } | State::Running { watch, .. } => Some(watch.deadline()),
            State::Stopping { watch, until, .. } => Some(watch.deadline().min(until)),
            State::Dying { .. } | State::Left => None,
        }
    }

    /// Whether the last lives ended so fast, one after the other, that the next one is not to be
    /// trusted until it has been healthy for [`HEALTHY_AFTER`].
    pub fn is_unsteady(&self) -> bool {
        self.steadiness.is_lost()
    }

    /// Takes in what happened and says what to do. After a [`Event::Wakeup`] the next deadline
    /// lies ahead.
    pub fn handle(&mut self, now: Instant, event: Event) -> Option<Action> {
        match event {
            Event::Wakeup => self.wake_up(now),
            Event::Greeted => self.greeted(),
            Event::Restored => self.restored(now),
            Event::Heartbeat => self.heartbeat(now),
            Event::Nonsense => self.kill(Fault::SpokeNonsense),
            Event::SettingsRefused => self.settings_refused(),
            Event::Ended => self.ended(now),
            Event::ProgramChanged => self.acquit_all(),
            Event::Terminate => self.stop(now, Then::Leave),
            Event::Reload => self.reload(now),
        }
    }

    fn wake_up(&mut self, now: Instant) -> Option<Action> {
        let (watch, fault) = match &mut self.state {
            State::Waiting { until } => return (*until <= now).then(|| self.spawn(now)),
            State::Starting { watch, .. } => (watch, Fault::DidNotStart),
            State::Stopping { until, .. } if *until <= now => {
                return self.kill(Fault::DidNotStop);
            }
            State::Running { watch, .. } | State::Stopping { watch, .. } => (watch, Fault::Hung),
            State::Dying { .. } | State::Left => return None,
        };
        if watch.has_run_out(now) { self.kill(fault) } else { None }
    }

    fn spawn(&mut self, now: Instant) -> Action {
        let watch = Watch::begin(now, START_PATIENCE);
        self.state = State::Starting { watch, greeted: false };
        Action::Spawn(self.trial.candidate())
    }

    fn greeted(&mut self) -> Option<Action> {
        if let State::Starting { greeted, .. } = &mut self.state {
            *greeted = true;
        }
        None
    }

    /// As if it had never asked for a checkpoint.
    fn settings_refused(&mut self) -> Option<Action> {
        if let State::Starting { greeted, .. } = &mut self.state {
            *greeted = false;
        }
        None
    }

    /// What failed under one program says nothing under another.
    fn acquit_all(&mut self) -> Option<Action> {
        self.trial = Trial::default();
        None
    }

    fn restored(&mut self, now: Instant) -> Option<Action> {
        let State::Starting { .. } = self.state else { return None };
        let watch = Watch::begin(now, self.hang_timeout);
        self.state = State::Running { watch, health: Health::Unknown };
        let guilty = self.trial.succeeded();
        (!guilty.is_empty()).then_some(Action::SetAside(guilty))
    }

    fn heartbeat(&mut self, now: Instant) -> Option<Action> {
        if let State::Stopping { watch, .. } = &mut self.state {
            watch.renew(now);
        }
        let State::Running { watch, health } = &mut self.state else { return None };
        watch.renew(now);
        match *health {
            Health::Unknown => {
                *health = Health::Alive { healthy_at: now + HEALTHY_AFTER };
                Some(Action::AnnounceReady)
            }
            Health::Alive { healthy_at } if healthy_at <= now => {
                *health = Health::Healthy;
                self.forget_crashes();
                Some(Action::KeepProven)
            }
            Health::Alive { .. } | Health::Healthy => None,
        }
    }

    /// Whoever asks for a fresh controller has often mended the program.
    fn reload(&mut self, now: Instant) -> Option<Action> {
        self.acquit_all();
        self.stop(now, Then::Respawn)
    }

    /// Ends the present life, if there is one that is not ending already. What runs ends in order;
    /// what has not even begun has no hardware to bring to rest.
    fn stop(&mut self, now: Instant, wish: Then) -> Option<Action> {
        self.forget_crashes();
        match &mut self.state {
            State::Waiting { .. } => self.follow(now, wish),
            State::Starting { .. } => {
                self.state = State::Dying { then: wish };
                Some(Action::Kill(Fault::Unwanted))
            }
            State::Running { watch, .. } => {
                let until = now + STOP_PATIENCE;
                self.state = State::Stopping { watch: *watch, until, then: wish };
                Some(Action::AskToStop)
            }
            State::Stopping { then, .. } | State::Dying { then } => {
                *then = wish.max(*then);
                None
            }
            State::Left => None,
        }
    }

    fn forget_crashes(&mut self) {
        self.back_off.reset();
        self.steadiness.reset();
    }

    fn kill(&mut self, fault: Fault) -> Option<Action> {
        if let State::Dying { .. } = self.state {
            return None;
        }
        let then = self.conclude()?;
        self.state = State::Dying { then };
        Some(Action::Kill(fault))
    }

    fn ended(&mut self, now: Instant) -> Option<Action> {
        let then = self.conclude()?;
        self.follow(now, then)
    }

    /// What follows the present life, which is over; none if there is no life. A controller that
    /// was neither asked to stop nor ever restored speaks against its checkpoint, but only if its
    /// program ran at all.
    fn conclude(&mut self) -> Option<Then> {
        match self.state {
            State::Starting { greeted, .. } => {
                if greeted {
                    self.trial.failed();
                }
                Some(Then::Recover)
            }
            State::Running { .. } => Some(Then::Recover),
            State::Stopping { then, .. } | State::Dying { then } => Some(then),
            State::Waiting { .. } | State::Left => None,
        }
    }

    fn follow(&mut self, now: Instant, then: Then) -> Option<Action> {
        match then {
            Then::Recover => {
                self.steadiness.crashed(now);
                let delay = self.back_off.crashed();
                if delay.is_zero() {
                    return Some(self.spawn(now));
                }
                self.state = State::Waiting { until: now + delay };
                None
            }
            Then::Respawn => Some(self.spawn(now)),
            Then::Leave => {
                self.state = State::Left;
                Some(Action::Leave)
            }
        }
    }
}
