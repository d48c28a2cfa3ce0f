//! The only reader of the clock.

use std::sync::LazyLock;
use std::time::SystemTime;

use crate::time::Instant;

static BEGINNING: LazyLock<std::time::Instant> = LazyLock::new(std::time::Instant::now);

/// The present moment, counted from the first time it was asked for: monotonic, untouched by any
/// change of the wall clock, and not running on while the machine is suspended.
pub fn now() -> Instant {
    Instant::after_start(BEGINNING.elapsed())
}

/// The wall clock in microseconds since 1970, for numbers that must grow even where everything
/// else was forgotten; 0 if it is set to before.
pub fn unix_micros() -> u64 {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_1970.as_micros()).unwrap_or(u64::MAX)
}
