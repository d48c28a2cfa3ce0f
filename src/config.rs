//! Every timing and limit of the core, each with its reason and the inequality it must keep.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::building::{Building, LiftId};

/// What one node must know of itself and of its building.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Config {
    /// This lift and its node.
    pub lift: LiftId,
    /// The building.
    pub building: Building,
    /// How long the door stands open at a stop: time to get in and out. Also how long a
    /// committed direction is given before it may be reversed at the open door.
    pub door_dwell: Duration,
    /// How long the car takes from one floor to the next, from rest. A start that has reached no
    /// floor after twice this time has failed.
    pub travel_time: Duration,
    /// How often a controller speaks to the others. A tenth of the time in which the loss of a
    /// node is noticed.
    pub heartbeat: Duration,
}

impl Config {
    /// A lift of this number in this building, with the usual timings.
    pub fn new(lift: LiftId, building: Building) -> Self {
        Self {
            lift,
            building,
            door_dwell: Duration::from_secs(3),
            travel_time: Duration::from_millis(2500),
            heartbeat: Duration::from_millis(10),
        }
    }

    /// How long a drive may run without reaching a floor before it counts as a start failure.
    /// Twice the travel time: the first floor after a reversal between floors takes a full
    /// travel time, so anything below that would be a false alarm.
    pub fn start_failure_after(&self) -> Duration {
        self.travel_time * 2
    }
}

/// How often the command of a running motor is repeated: a drive that lost its power has forgotten
/// the last one.
pub const DRIVE_RENEWAL: Duration = Duration::from_secs(1);

/// How long a door may be kept from closing before the lift no longer counts on closing it.
pub const DOOR_CLOSING_FAULT_AFTER: Duration = Duration::from_secs(5);

/// How long on end presses and calls at the open door may hold it. More than a slow crowd needs,
/// and little enough that nobody keeps a lift to himself. Longer than [`DISK_PATIENCE`]: a call that
/// waits for the disk is answered at the door that was opened for it.
pub const LONGEST_HOLD: Duration = Duration::from_secs(20);

/// How long the disk may take for one checkpoint before the node stops waiting for it and treats it
/// as failed. Longer than the worst stall of a healthy SD card (some seconds); shorter than the
/// patience of a passenger whose lamp stays dark.
pub const DISK_PATIENCE: Duration = Duration::from_secs(5);

/// How long the lift may take to come to rest when its controller is told to end. Long enough for the
/// hardware to confirm that the motor stands and for a disk to sync; what is not durable by then is
/// with the supervisor and becomes so without us.
pub const REST_PATIENCE: Duration = Duration::from_millis(500);

/// How long a node whose controllers crashed one after the other must live before it is trusted with
/// hall calls again. The supervisor's measure of a healthy life: after it the crashes are forgotten
/// on both sides.
pub const STEADY_AFTER: Duration = Duration::from_secs(10);

const _: () = assert!(DISK_PATIENCE.as_secs() < LONGEST_HOLD.as_secs());
