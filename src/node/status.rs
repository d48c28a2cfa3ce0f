//! What a person sees of a node. Plain data, decided nowhere else; nothing reads it back.

use serde::{Deserialize, Serialize};

use super::Node;
use super::strangers::Stranger;
use crate::building::{Building, Direction, Floor, LiftId};
use crate::calls::{Call, Incarnation};
use crate::group::election::Role;
use crate::group::status::GroupStatus;
use crate::lift::OutOfService;
use crate::lift::report::Motion;
use crate::time::Instant;

/// What a person sees of a node.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Status {
    /// Which lift.
    pub lift: LiftId,
    /// Its building.
    pub building: Building,
    /// What the node is to its group.
    pub role: Role,
    /// Which life of the node this is.
    pub incarnation: Incarnation,
    /// The floor last passed, or stood at.
    pub floor: Option<Floor>,
    /// The committed direction.
    pub direction: Option<Direction>,
    /// What the car does.
    pub motion: Motion,
    /// Why the lift takes no hall calls, if so.
    pub out_of_service: Option<OutOfService>,
    /// The registered calls that this lift can answer, and whether their lamps are lit.
    pub calls: Vec<RegisteredCall>,
    /// Checkpoints become durable.
    pub disk_works: bool,
    /// The group, as this node sees it.
    pub group: GroupStatus,
    /// Who speaks to the group without belonging to it.
    pub strangers: Vec<Stranger>,
}

/// A registered call and its lamp.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RegisteredCall {
    /// The call.
    pub call: Call,
    /// Its lamp is lit.
    pub lit: bool,
}

impl Node {
    /// What a person sees of the node.
    pub fn status(&self, now: Instant) -> Status {
        let report = self.lift.report();
        Status {
            lift: self.config.lift,
            building: self.config.building,
            role: self.group.role(),
            incarnation: self.actor.incarnation,
            floor: report.floor,
            direction: report.committed,
            motion: report.motion,
            out_of_service: report.out_of_service,
            calls: self.registered_calls().collect(),
            disk_works: self.durability.disk_works(),
            group: self.group.status(now),
            strangers: self.strangers.of_late(now),
        }
    }

    fn registered_calls(&self) -> impl Iterator<Item = RegisteredCall> {
        self.calls.live().into_iter().filter_map(|call| {
            let button = self.button_of(call)?;
            Some(RegisteredCall { call, lit: self.lamps.contains(button) })
        })
    }
}
