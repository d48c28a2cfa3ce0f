//! What a person sees of the group, from any of its nodes.

use serde::{Deserialize, Serialize};

use super::Group;
use super::election::Role;
use super::message::{Claim, Term};
use super::worldview::Timestamp;
use crate::building::LiftId;
use crate::calls::HallCall;
use crate::lift::panel::Button;
use crate::lift::report::Report;
use crate::time::Instant;

/// What a person sees of the group.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GroupStatus {
    /// The highest term heard of.
    pub term: Term,
    /// Who is primary, for this node.
    pub primary: Option<LiftId>,
    /// Another living node that was there first has this number: this one goes on alone.
    pub yields: bool,
    /// When the worldview was sent that this node follows, by the primary's clock.
    pub timestamp: Option<Timestamp>,
    /// Who takes over from it, in this order.
    pub ranks: Vec<LiftId>,
    /// All other nodes that were ever heard.
    pub peers: Vec<PeerStatus>,
    /// All hall calls that wait, by the worldview that this node follows.
    pub hall_calls: Vec<HallCallStatus>,
}

/// Another node, as this one hears it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PeerStatus {
    /// Which one.
    pub lift: LiftId,
    /// It is heard.
    pub heard: bool,
    /// It is heard, and hears this node.
    pub present: bool,
    /// How many of a thousand of its messages get lost on the way here; none if it was never heard
    /// in this life.
    pub lost_per_mille: Option<u16>,
    /// What it said last that it is to the group.
    pub claim: Option<Claim>,
    /// What its lift said last.
    pub report: Option<Report>,
}

/// A hall call that waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HallCallStatus {
    /// Which call.
    pub call: HallCall,
    /// Its lamps may be lit.
    pub lit: bool,
    /// For how long it has been waiting, in milliseconds.
    pub age_ms: u64,
    /// Which lift is to answer it.
    pub assigned_to: Option<LiftId>,
}

impl Group {
    /// What a person sees of the group.
    pub fn status(&self, now: Instant) -> GroupStatus {
        let primary = match self.election.role() {
            Role::Listening => None,
            Role::Backup { primary } => Some(primary),
            Role::Primary { .. } => Some(self.actor.lift),
        };
        GroupStatus {
            term: self.term(),
            primary,
            yields: self.yields(),
            timestamp: self.worldview().and_then(|view| view.timestamp),
            ranks: self.worldview().map_or(Vec::new(), |view| view.ranks.clone()),
            peers: self.others().map(|lift| self.peer_status(now, lift)).collect(),
            hall_calls: self.hall_call_statuses(),
        }
    }

    fn others(&self) -> impl Iterator<Item = LiftId> {
        self.members.iter().filter(|lift| *lift != self.actor.lift)
    }

    fn peer_status(&self, now: Instant, lift: LiftId) -> PeerStatus {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share lies between 0 and 1"
        )]
        let per_mille = |share: f64| (share * 1000.0).round() as u16;
        PeerStatus {
            lift,
            heard: self.presence.is_heard(now, lift),
            present: self.presence.is_present(now, lift),
            lost_per_mille: self.presence.loss(lift).map(per_mille),
            claim: self.stated.get(&lift).map(|peer| peer.last.claim),
            report: self.stated.get(&lift).map(|peer| peer.last.report),
        }
    }

    fn hall_call_statuses(&self) -> Vec<HallCallStatus> {
        let Some(view) = self.worldview() else { return Vec::new() };
        let status = |(call, age): (&HallCall, &std::time::Duration)| HallCallStatus {
            call: *call,
            lit: view.lit.contains(Button::from(*call)),
            age_ms: u64::try_from(age.as_millis()).unwrap_or(u64::MAX),
            assigned_to: view.assignments.get(call).copied(),
        };
        view.ages.iter().map(status).collect()
    }
}
