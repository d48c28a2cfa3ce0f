//! Whether a lift can take hall calls, and why not.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Lift;
use super::car::{Car, Travel};

/// Why a lift can take no hall calls; one that only restarts too often is sent where no other can.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum OutOfService {
    /// The hardware does not answer.
    HardwareLost,
    /// Somebody holds the stop button.
    StopButton,
    /// The car looks for a floor, since it does not know where it is.
    PositionLost,
    /// The motor runs and no floor comes.
    StartFailure,
    /// The door has been kept from closing for too long.
    DoorClosingFault,
    /// The process is to end.
    Ending,
    /// The controller has crashed several times in a row, and others can take the calls meanwhile.
    RestartedTooOften,
}

impl fmt::Display for OutOfService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::HardwareLost => "hardware lost",
            Self::StopButton => "stop button",
            Self::PositionLost => "position lost",
            Self::StartFailure => "start failure",
            Self::DoorClosingFault => "door closing fault",
            Self::Ending => "ending",
            Self::RestartedTooOften => "restarted too often",
        })
    }
}

impl Lift {
    /// Whether the lift can take hall calls.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn service(&self) -> Result<(), OutOfService> {
        match self.car {
            Car::Unknown => Err(OutOfService::HardwareLost),
            _ if self.ending => Err(OutOfService::Ending),
            _ if self.stop_button => Err(OutOfService::StopButton),
            Car::Moving(Travel { failed: true, .. }) => Err(OutOfService::StartFailure),
            Car::Moving(Travel { seeking: true, .. }) | Car::Halted { seeking: true, .. } => {
                Err(OutOfService::PositionLost)
            }
            Car::Standing(_, Some(door)) if door.is_faulty() => Err(OutOfService::DoorClosingFault),
            _ => self.barred.map_or(Ok(()), Err),
        }
    }
}
