//! The only reader of time.

use std::io;

use nix::time::{ClockId, clock_gettime};

use crate::model::Moment;

/// The present moment.
///
/// # Errors
/// When the machine has no monotonic clock.
pub fn now() -> io::Result<Moment> {
    Ok(clock_gettime(ClockId::CLOCK_MONOTONIC)?.into())
}
