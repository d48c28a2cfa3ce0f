//! C1, C2, C3, C9: when a door may be open, and for how long it must be.

use std::time::Duration;

use super::bounds::Bounds;
use super::broken::Promise;
use super::look::Breach;
use super::picture::Picture;
use crate::time::Instant;

/// The open door of one lift.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// When it opened, the last obstruction cleared, or it began to stand for the other direction.
    since: Instant,
    /// A call was answered at it.
    answered: bool,
    /// Its node had a disk that worked all the time.
    kept: bool,
}

/// C1: an open door means a car that stands at a floor.
///
/// # Errors
/// When it does not.
pub fn is_at_rest(picture: &Picture) -> Result<(), Breach> {
    if picture.door.is_none() {
        return Ok(());
    }
    match (picture.motor, picture.floor) {
        (Some(direction), _) => Err((Promise::DoorAtRest, format!("the motor runs {direction}"))),
        (None, None) => Err((Promise::DoorAtRest, "the car is between floors".into())),
        _ => Ok(()),
    }
}

impl Standing {
    /// A door that opens now.
    pub fn open(at: Instant, picture: &Picture) -> Self {
        Self { since: at, answered: false, kept: !picture.disk_fails }
    }

    /// A call was answered at it.
    pub fn answer(&mut self) {
        self.answered = true;
    }

    /// It stands for another direction from now on: for whoever came for that it has just opened.
    pub fn turn(&mut self, at: Instant) {
        self.since = self.since.max(at);
    }

    /// The node's disk keeps nothing, or has lost what it kept.
    pub fn lose_disk(&mut self) {
        self.kept = false;
    }

    /// Whether its node can know for whom it is open.
    pub fn is_kept(&self) -> bool {
        self.kept
    }

    /// An obstruction that began at `began` has cleared.
    pub fn clear(&mut self, at: Instant, began: Instant, bounds: &Bounds) {
        if began.max(self.since) + bounds.grace <= at {
            self.since = at;
        }
    }

    /// It closes now. `before` shows the lift as it was until now.
    ///
    /// # Errors
    /// When it must not.
    pub fn close(self, at: Instant, before: &Picture, bounds: &Bounds) -> Result<(), Breach> {
        let Some(opened) = before.door else { return Ok(()) };
        let shaken = before.shaken.filter(|shaken| opened <= *shaken);
        let noticed =
            |began: Instant| began.max(opened).max(shaken.unwrap_or(opened)) + bounds.grace <= at;
        if before.obstruction.is_some_and(noticed) {
            return Err((Promise::Dwell, "it closes while somebody stands in the doorway".into()));
        }
        let stood = at.since(self.since);
        match shaken {
            _ if bounds.dwell <= stood => Ok(()),
            None => Err((Promise::Dwell, early(stood))),
            Some(shaken) if self.answered && self.kept && at.since(shaken) < bounds.dwell => {
                Err((Promise::Reopening, early(at.since(shaken))))
            }
            Some(_) => Ok(()),
        }
    }
}

fn early(stood: Duration) -> String {
    format!("the door closes after {stood:?}")
}
