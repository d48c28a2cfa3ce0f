//! What a controller says to all the others: this page is the protocol.
//!
//! Every controller sends one [`Message`] at a fixed interval and at once when something changed.
//! It says all that the others may need to know, whole, whether or not they know it already: so
//! there is nothing to acknowledge and nothing to repeat, the next message does both. A message
//! that arrives late, twice or not at all does no harm: calls merge, everything else counts only
//! while its [`Message::sequence`] grows.
//!
//! One thing may be too much for one message: the calls of a tall building on a bad day. Then each
//! message has some of their [parts](crate::calls::Part), what has changed at once and the rest in
//! turn. A part is always whole.
//!
//! Whoever claims to be primary adds the [`Worldview`]: what the group is to do.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::members::Members;
use super::statement::Statement;
use super::worldview::Worldview;
use crate::building::{Building, LiftId};
use crate::calls::{Actor, Incarnation};
use crate::lift::report::Report;

/// What one controller says to all the others.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub from: LiftId,
    /// In which of its lives.
    pub incarnation: Incarnation,
    /// Grows with every message of a life, by one: a gap is a loss.
    pub sequence: u64,
    /// When the next message will come at the latest.
    pub interval: Duration,
    /// The building that the speaker believes to be in.
    pub building: Building,
    /// What it is to the group.
    pub claim: Claim,
    /// Whom it hears. Only who hears each other is present to each other.
    pub hears: BTreeSet<LiftId>,
    /// All nodes that anybody has ever heard, also in former lives, as far as the speaker would know
    /// them in its next one: who of them is away may come back and must find nothing forgotten
    /// behind its back. Who is not among them takes no calls from this message: nobody would wait
    /// for it.
    pub members: Members,
    /// Its lift.
    pub report: Report,
    /// The calls that it knows: all of them, or as many parts as a datagram has room for.
    pub calls: Vec<Statement>,
    /// It has a disk that works.
    pub disk_works: bool,
    /// From a primary: what the group is to do.
    pub worldview: Option<Worldview>,
}

/// What a node is to its group, as it says itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Claim {
    /// It has just started, or has just given the role away, and looks whom it finds.
    Listening {
        /// The worldview that it followed last.
        followed: Followed,
    },
    /// It does what a primary says.
    Backup {
        /// Whose backup it is.
        primary: LiftId,
        /// The newest worldview of that primary that it has.
        followed: Followed,
    },
    /// It decides.
    Primary {
        /// In which term.
        term: Term,
        /// Somebody present follows it. A primary without followers never displaces one that has.
        has_followers: bool,
    },
}

/// A worldview, by term and by the primary's sequence. Later is better.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub struct Followed {
    /// The term of its primary.
    pub term: Term,
    /// The message that it came with.
    pub sequence: u64,
}

/// The number of a reign: every takeover begins a higher one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub struct Term(pub u64);

impl Term {
    /// The term that begins after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl Message {
    /// The life that says it.
    pub fn speaker(&self) -> Actor {
        Actor { lift: self.from, incarnation: self.incarnation }
    }

    /// Whether it says the same as one that its speaker said before in this life, but for the calls
    /// and for what grows with every message.
    pub fn repeats(&self, before: &Self) -> bool {
        let Self { from, incarnation, sequence: _, interval, building, .. } = self;
        let Self { claim, hears, members, report, calls: _, disk_works, worldview, .. } = self;
        (from, incarnation, building) == (&before.from, &before.incarnation, &before.building)
            && (interval, report, disk_works)
                == (&before.interval, &before.report, &before.disk_works)
            && claim.without_progress() == before.claim.without_progress()
            && (hears, members) == (&before.hears, &before.members)
            && match (worldview, &before.worldview) {
                (Some(view), Some(before)) => view.agrees_with(before),
                (view, before) => view.is_none() && before.is_none(),
            }
    }
}

impl Claim {
    /// The claim without the progress that every message makes.
    #[must_use]
    pub fn without_progress(self) -> Self {
        let still = |followed: Followed| Followed { sequence: 0, ..followed };
        match self {
            Self::Listening { followed } => Self::Listening { followed: still(followed) },
            Self::Backup { primary, followed } => {
                Self::Backup { primary, followed: still(followed) }
            }
            Self::Primary { .. } => self,
        }
    }

    /// The latest worldview that the claim speaks of.
    pub fn followed(&self, sequence: u64) -> Followed {
        match *self {
            Self::Listening { followed } | Self::Backup { followed, .. } => followed,
            Self::Primary { term, .. } => Followed { term, sequence },
        }
    }
}

#[cfg(test)]
impl Message {
    /// The first words of a node that knows nothing yet.
    pub(crate) fn blank(from: LiftId) -> Self {
        use crate::lift::report::Motion;
        Self {
            from,
            incarnation: Incarnation(1),
            sequence: 0,
            interval: Duration::from_millis(10),
            building: Building::try_from(4).unwrap(),
            claim: Claim::Listening { followed: Followed::default() },
            hears: BTreeSet::new(),
            members: Members::default(),
            report: Report {
                floor: None,
                committed: None,
                motion: Motion::Unknown,
                out_of_service: None,
            },
            calls: Vec::new(),
            disk_works: true,
            worldview: None,
        }
    }
}
