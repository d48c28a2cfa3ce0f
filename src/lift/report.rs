//! What a lift says of itself: enough to foresee it, and for a person to see it.

use serde::{Deserialize, Serialize};

use super::car::Car;
use super::{Lift, OutOfService};
use crate::building::{Direction, Floor};

/// What a lift says of itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The floor last passed, or stood at; none while nobody knows.
    pub floor: Option<Floor>,
    /// Where it goes on, also while it stands.
    pub committed: Option<Direction>,
    /// What it does.
    pub motion: Motion,
    /// Why it takes no hall calls, or only those that no other can take.
    pub out_of_service: Option<OutOfService>,
}

/// What a car does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Motion {
    /// The hardware does not answer.
    Unknown,
    /// The motor runs.
    Moving,
    /// Held between floors.
    Halted,
    /// At a floor, with the door closed.
    DoorClosed,
    /// At a floor, with the door open.
    DoorOpen,
}

impl Lift {
    /// What the lift says of itself.
    pub fn report(&self) -> Report {
        let motion = match self.car() {
            Car::Unknown => Motion::Unknown,
            Car::Moving(_) => Motion::Moving,
            Car::Halted { .. } => Motion::Halted,
            Car::Stopping(_) | Car::Standing(_, None) => Motion::DoorClosed,
            Car::Standing(_, Some(_)) => Motion::DoorOpen,
        };
        Report {
            floor: self.last_floor(),
            committed: self.committed(),
            motion,
            out_of_service: self.service().err(),
        }
    }
}
