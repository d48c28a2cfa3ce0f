//! The only reader of the clock.

use std::sync::LazyLock;

use crate::time::Instant;

static BEGINNING: LazyLock<std::time::Instant> = LazyLock::new(std::time::Instant::now);

/// The present moment, counted from the first time it was asked for: monotonic, untouched by any
/// change of the wall clock, and not running on while the machine is suspended.
pub fn now() -> Instant {
    Instant::after_start(BEGINNING.elapsed())
}
