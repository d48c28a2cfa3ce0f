//! A promise that was broken.

use std::fmt;

use crate::building::LiftId;
use crate::time::Instant;

/// The promises that are kept watch over.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Promise {
    /// G1, G2, A3: whatever was lit is answered, in bounded time.
    Answered,
    /// G3: a lamp is lit soon after the press.
    Lit,
    /// G3: a lit lamp stays lit until a door was open for it.
    StaysLit,
    /// G4: an answered call does not come back.
    StaysAnswered,
    /// L1: all panels show the same hall lamps.
    PanelsAgree,
    /// L2, G4: no lamp shines for which nobody pressed.
    Asked,
    /// C1: the door is open at a floor with the motor off, and nowhere else.
    DoorAtRest,
    /// C2, C3: an open door stays for its dwell, and for a full one after each obstruction.
    Dwell,
    /// C4: the lift goes on in the direction that it announced, while somebody in it wants to.
    Direction,
    /// C4: up and down are never answered together.
    OneDirection,
    /// C8: the car stays in its shaft.
    Shaft,
    /// C9: a door at which calls were answered opens again after a crash.
    Reopening,
    /// C10: with the stop button in the motor stands.
    StopButton,
    /// G1: a passenger arrives, in bounded time.
    Ride,
    /// All is dark, closed and at rest at the end.
    Quiet,
}

impl Promise {
    /// The promise in words, behind the numbers of the requirements that it stands for.
    pub fn words(self) -> &'static str {
        match self {
            Self::Answered => "G1 G2 A3: a lit call is answered in good time",
            Self::Lit => "G3: a press lights its lamp",
            Self::StaysLit => "G3: a lit lamp stays lit until a door was open for it",
            Self::StaysAnswered => "G4: an answered call does not come back",
            Self::PanelsAgree => "L1 L3: all panels show the same hall lamps",
            Self::Asked => "L2 G4: no lamp is lit for which nobody pressed there",
            Self::DoorAtRest => "C1: no open door while the motor runs or between floors",
            Self::Dwell => "C2 C3: an open door stays for its dwell",
            Self::Direction => "C4: a lift goes on the way it announced while a passenger wants to",
            Self::OneDirection => "C4: up and down are never answered together",
            Self::Shaft => "C8: the car stays in its shaft",
            Self::Reopening => "C9: a door at which calls were answered opens again after a crash",
            Self::StopButton => "C10: the motor stands while the stop button is in",
            Self::Ride => "G1: a passenger arrives in good time",
            Self::Quiet => "G1: at the end nothing is lit, open or moving",
        }
    }
}

/// A promise that was broken: which one, when, where, and what was seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    /// When it was seen.
    pub at: Instant,
    /// At which lift, if at one.
    pub lift: Option<LiftId>,
    /// Which promise.
    pub promise: Promise,
    /// What was seen, in words.
    pub what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at.since(Instant::START).as_secs_f64();
        write!(f, "{at:.3} s")?;
        if let Some(lift) = self.lift {
            write!(f, ", lift {lift}")?;
        }
        write!(f, ": {}; but {}", self.promise.words(), self.what)
    }
}
