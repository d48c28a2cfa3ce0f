//! The group as JSON, see [`super::json`].

use lift_group::building::{Direction, LiftId};
use lift_group::group::message::Claim;
use lift_group::group::status::{GroupStatus, HallCallStatus, PeerStatus};
use serde::Serialize;

use super::json::{door, motion, reason};

#[derive(Serialize)]
pub struct Group {
    term: u64,
    primary: Option<u8>,
    yields: bool,
    timestamp_ms: Option<u64>,
    ranks: Vec<u8>,
    peers: Vec<Peer>,
    hall_calls: Vec<HallCall>,
}

#[derive(Serialize)]
struct Peer {
    id: u8,
    heard: bool,
    present: bool,
    role: Option<&'static str>,
    follows: Option<u8>,
    lost_per_mille: Option<u16>,
    floor: Option<u8>,
    direction: Option<Direction>,
    motion: Option<&'static str>,
    door: Option<&'static str>,
    out_of_service: Option<&'static str>,
}

#[derive(Serialize)]
struct HallCall {
    floor: u8,
    direction: Direction,
    lit: bool,
    age_ms: u64,
    assigned_to: Option<u8>,
}

impl Group {
    pub fn of(group: &GroupStatus) -> Self {
        let number = |lift: &LiftId| lift.0;
        Self {
            term: group.term.0,
            primary: group.primary.as_ref().map(number),
            yields: group.yields,
            timestamp_ms: group.timestamp.map(|timestamp| timestamp.0),
            ranks: group.ranks.iter().map(number).collect(),
            peers: group.peers.iter().map(Peer::of).collect(),
            hall_calls: group.hall_calls.iter().map(HallCall::of).collect(),
        }
    }
}

impl Peer {
    fn of(peer: &PeerStatus) -> Self {
        Self {
            id: peer.lift.0,
            heard: peer.heard,
            present: peer.present,
            role: peer.claim.map(role),
            follows: peer.claim.and_then(followed),
            lost_per_mille: peer.lost_per_mille,
            floor: peer.report.and_then(|report| report.floor).map(u8::from),
            direction: peer.report.and_then(|report| report.committed),
            motion: peer.report.map(|report| motion(report.motion)),
            door: peer.report.map(|report| door(report.motion)),
            out_of_service: peer.report.and_then(|report| report.out_of_service).map(reason),
        }
    }
}

fn role(claim: Claim) -> &'static str {
    match claim {
        Claim::Listening { .. } => "listening",
        Claim::Backup { .. } => "backup",
        Claim::Primary { .. } => "primary",
    }
}

fn followed(claim: Claim) -> Option<u8> {
    let Claim::Backup { primary, .. } = claim else { return None };
    Some(primary.0)
}

impl HallCall {
    fn of(waiting: &HallCallStatus) -> Self {
        Self {
            floor: waiting.call.floor().number(),
            direction: waiting.call.direction(),
            lit: waiting.lit,
            age_ms: waiting.age_ms,
            assigned_to: waiting.assigned_to.map(|lift| lift.0),
        }
    }
}
