//! The group as JSON, see [`super::json`].

use lift_group::building::{Direction, LiftId};
use lift_group::group::name::Namesake;
use lift_group::group::status::{GroupStatus, HallCallStatus, PeerStatus};
use serde::Serialize;

use super::json::{motion, reason};

#[derive(Serialize)]
pub struct Group {
    term: u64,
    primary: Option<u8>,
    namesake: Option<&'static str>,
    timestamp_ms: Option<u64>,
    ranks: Vec<u8>,
    peers: Vec<Peer>,
    hall_calls: Vec<HallCall>,
}

#[derive(Serialize)]
struct Peer {
    id: u8,
    present: bool,
    lost_per_mille: Option<u16>,
    follows: Option<u8>,
    floor: Option<u8>,
    direction: Option<Direction>,
    motion: Option<&'static str>,
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
            namesake: group.namesake.map(|namesake| match namesake {
                Namesake::CameFirst => "came first",
                Namesake::CameLater => "came later",
            }),
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
            present: peer.present,
            lost_per_mille: peer.lost_per_mille,
            follows: peer.follows.map(|primary| primary.0),
            floor: peer.report.and_then(|report| report.floor).map(u8::from),
            direction: peer.report.and_then(|report| report.committed),
            motion: peer.report.map(|report| motion(report.motion)),
            out_of_service: peer.report.and_then(|report| report.out_of_service).map(reason),
        }
    }
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
