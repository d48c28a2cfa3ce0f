//! Time as the core knows it: the span since this process began.
//!
//! The core never reads a clock: whoever calls it says what time it is. An [`Instant`] therefore
//! means something to this process alone; it is never sent and never stored, and no jump of the
//! wall clock can reach a decision.

use std::ops::Add;
use std::time::Duration;

/// A moment on this process's own time line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Instant(Duration);

impl Instant {
    /// The moment at which the process began.
    pub const START: Self = Self(Duration::ZERO);

    /// The moment that lies `span` after the process began.
    pub const fn after_start(span: Duration) -> Self {
        Self(span)
    }

    /// How long ago `earlier` was; zero when it has not come yet.
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(span))
    }
}

/// The first of several deadlines, some of which may not be set.
pub fn earliest(deadlines: impl IntoIterator<Item = Option<Instant>>) -> Option<Instant> {
    deadlines.into_iter().flatten().min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_of_no_deadlines_is_none() {
        assert_eq!(earliest([None, None]), None);
    }

    #[test]
    fn an_unset_deadline_never_wins() {
        let soon = Instant::START + Duration::from_millis(5);
        let late = Instant::START + Duration::from_millis(9);
        assert_eq!(earliest([None, Some(late), Some(soon)]), Some(soon));
    }

    #[test]
    fn time_that_has_not_come_is_no_time_ago() {
        let later = Instant::START + Duration::from_secs(1);
        assert_eq!(Instant::START.since(later), Duration::ZERO);
    }
}
