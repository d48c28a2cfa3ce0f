//! The promises that have deadlines, while the building is whole.

use std::fmt;

use super::{Broken, Figures, Owed, Promise, Promises, Watched};
use crate::building::LiftId;
use crate::calls::Call;
use crate::time::Instant;

/// What is due, and what it will mean if it has not come by then.
struct Due {
    at: Instant,
    lift: Option<LiftId>,
    promise: Promise,
    about: About,
}

/// What it is about. Put into words only when it is too late: deadlines are looked at all the time.
enum About {
    /// A call that waits since then.
    Call(Call, Instant),
    /// A call that waits since then, and nobody moves.
    Idle(Call, Instant),
    /// A passenger who waits since then.
    Passenger(u64, Instant),
    /// A motor that was to stop then.
    Motor(Instant),
}

impl Promises {
    /// Lets time pass.
    ///
    /// # Errors
    /// When a deadline has passed.
    pub fn elapse(&mut self, at: Instant) -> Result<(), Broken> {
        let missed = self.dues().filter(|due| due.at < at).min_by_key(|due| due.at);
        missed.map_or(Ok(()), |Due { at, lift, promise, about }| {
            let what = about.to_string();
            Err(Broken { at, lift, promise, what })
        })
    }

    /// Whether nothing is owed and everything is dark, closed and at rest.
    pub fn is_quiet(&self) -> bool {
        self.unrest().is_none()
    }

    /// Ends the watch: what it came to.
    ///
    /// # Errors
    /// When anything is still owed, lit, open or moving.
    pub fn settle(&mut self, at: Instant) -> Result<Figures, Broken> {
        self.elapse(at)?;
        match self.unrest() {
            Some((lift, what)) => Err(Broken { at, lift, promise: Promise::Quiet, what }),
            None => Ok(self.figures.clone()),
        }
    }

    fn unrest(&self) -> Option<(Option<LiftId>, String)> {
        let owed = self.owed.iter().flat_map(|(call, owed)| {
            owed.entries().map(move |(panel, _)| (Some(panel), format!("{call} is owed")))
        });
        let restless = self.lifts.iter().filter_map(|(lift, watched)| {
            let picture = &watched.picture;
            let what = match () {
                () if !picture.lamps.is_empty() => format!("{:?} are lit", picture.lamps),
                () if picture.unable => return None,
                () if picture.door.is_some() => "its door is open".into(),
                () if picture.motor.is_some() => "its motor runs".into(),
                () => return None,
            };
            Some((Some(*lift), what))
        });
        let ride = self.rides.oldest().map(|(_, who)| (None, format!("passenger {who} waits")));
        owed.chain(restless).chain(ride).next()
    }

    fn dues(&self) -> impl Iterator<Item = Due> {
        let whole = self.whole.into_iter();
        whole.flat_map(move |whole| {
            let answers =
                self.owed.iter().flat_map(move |(call, owed)| self.answers_due(whole, *call, owed));
            answers
                .chain(self.starts_due(whole))
                .chain(self.halts_due(whole))
                .chain(self.lamps_due(whole))
                .chain(self.differences_due(whole))
                .chain(self.rides_due(whole))
        })
    }

    /// Lamps that must be answered, stale ones too: nothing shines for ever.
    fn answers_due(&self, whole: Instant, call: Call, owed: &Owed) -> impl Iterator<Item = Due> {
        let can = self.can_be_answered(call);
        let bounds = self.bounds;
        owed.entries().filter(move |_| can).map(move |(panel, entry)| Due {
            at: entry.since.max(whole) + bounds.answer,
            lift: Some(panel),
            promise: Promise::Answered,
            about: About::Call(call, entry.since),
        })
    }

    /// Lifts that must set out, or open their doors: somebody waits.
    fn starts_due(&self, whole: Instant) -> impl Iterator<Item = Due> {
        self.owed.iter().filter_map(move |(call, owed)| {
            let since = owed.entries().map(|(_, entry)| entry.since).min()?;
            let still: Option<Vec<Instant>> =
                self.able_to_answer(*call).map(|watched| watched.picture.still).collect();
            Some(Due {
                at: still?.into_iter().max()?.max(since).max(whole) + self.bounds.start,
                lift: None,
                promise: Promise::Answered,
                about: About::Idle(*call, since),
            })
        })
    }

    fn can_be_answered(&self, call: Call) -> bool {
        self.able_to_answer(call).next().is_some()
    }

    fn able_to_answer(&self, call: Call) -> impl Iterator<Item = &Watched> {
        let lifts = self.lifts.iter().filter(move |(lift, _)| call.is_open_to(**lift));
        lifts.map(|(_, watched)| watched).filter(|watched| !watched.picture.unable)
    }

    /// Motors that must stop, since the stop button is in.
    fn halts_due(&self, whole: Instant) -> impl Iterator<Item = Due> {
        self.lifts.iter().filter_map(move |(lift, watched)| {
            let picture = &watched.picture;
            let since = picture.stop_button.filter(|_| picture.motor.is_some())?;
            Some(Due {
                at: since.max(whole) + self.bounds.grace,
                lift: Some(*lift),
                promise: Promise::StopButton,
                about: About::Motor(since),
            })
        })
    }

    fn lamps_due(&self, whole: Instant) -> impl Iterator<Item = Due> {
        self.lighting.oldest().into_iter().map(move |(pressed, panel, call)| Due {
            at: pressed.max(whole) + self.bounds.light,
            lift: Some(panel),
            promise: Promise::Lit,
            about: About::Call(call, pressed),
        })
    }

    fn differences_due(&self, whole: Instant) -> impl Iterator<Item = Due> {
        self.differing.iter().map(move |(call, since)| Due {
            at: (*since).max(whole) + self.bounds.agree,
            lift: None,
            promise: Promise::PanelsAgree,
            about: About::Call(*call, *since),
        })
    }

    fn rides_due(&self, whole: Instant) -> impl Iterator<Item = Due> {
        self.rides.oldest().into_iter().map(move |(since, passenger)| Due {
            at: since.max(whole) + self.bounds.ride,
            lift: None,
            promise: Promise::Ride,
            about: About::Passenger(passenger, since),
        })
    }
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = |since: &Instant| since.since(Instant::START).as_secs_f64();
        match self {
            Self::Call(call, since) => write!(f, "{call} waits since {:.3} s", seconds(since)),
            Self::Idle(call, since) => {
                write!(f, "nobody moves, and {call} waits since {:.3} s", seconds(since))
            }
            Self::Motor(since) => write!(f, "the motor runs on since {:.3} s", seconds(since)),
            Self::Passenger(who, since) => {
                write!(f, "passenger {who} waits since {:.3} s", seconds(since))
            }
        }
    }
}
