//! The worldview: what the primary believes and what the group is to do.
//!
//! It is made afresh for every message of the primary, from the newest report of every lift and
//! from the calls, and replaces the one before it as a whole. Which calls exist is *not* decided
//! here: calls merge, whoever is primary. A worldview that is lost costs nothing but the time until
//! the next.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::message::Term;
use crate::building::LiftId;
use crate::calls::{Dot, HallCall, Part};
use crate::lift::panel::Buttons;
use crate::lift::report::Report;

/// What the primary believes and what the group is to do.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Worldview {
    /// The reign in which it was made.
    pub term: Term,
    /// The newest report of every lift that is present, the primary's own among them.
    pub reports: BTreeMap<LiftId, Report>,
    /// Which lift is to answer which hall call.
    pub assignments: BTreeMap<HallCall, LiftId>,
    /// The hall calls that are safe: their lamps may be lit.
    pub lit: Buttons,
    /// For how long each hall call has been waiting, as far as the primary knows.
    pub ages: BTreeMap<HallCall, Duration>,
    /// Who is to take over, in this order, should the primary be lost.
    pub ranks: Vec<LiftId>,
    /// By part, the last presses of lives that have ended and whose calls are all answered
    /// everywhere: to be forgotten, each by whoever has seen nothing newer of that life.
    pub retired: BTreeSet<(Part, Dot)>,
    /// When it was sent; put in by whoever has a clock, and none while it was not sent.
    pub timestamp: Option<Timestamp>,
}

/// A time of the primary's wall clock, in milliseconds since 1970. Clocks go wrong, so people may
/// read it and nothing else does: no decision looks at it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Timestamp(pub u64);

impl Worldview {
    /// Whether it says the same, but for the ages and the timestamp, which grow all the time.
    pub fn agrees_with(&self, other: &Self) -> bool {
        let Self { term, reports, assignments, lit, ages: _, ranks, retired, timestamp: _ } = self;
        (term, lit, ranks, retired) == (&other.term, &other.lit, &other.ranks, &other.retired)
            && (reports, assignments) == (&other.reports, &other.assignments)
    }
}
