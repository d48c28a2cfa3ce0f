//! Whether lives follow each other too fast to be trusted.
//!
//! A lift that keeps losing its controller takes hall calls and leaves them, so the others had
//! better have them. The supervisor alone lives long enough to see that; the controller is told at
//! its birth, and the group by it.

use crate::time::Instant;

use super::HEALTHY_AFTER;

/// How many crashes within [`HEALTHY_AFTER`] are too many: as many as are healed without a delay.
const TOO_MANY: usize = 3;

/// Remembers the last crashes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Steadiness {
    /// The newest last.
    crashes: [Option<Instant>; TOO_MANY],
    lost: bool,
}

impl Steadiness {
    /// One more crash.
    pub(super) fn crashed(&mut self, now: Instant) {
        self.crashes.rotate_left(1);
        self.crashes[TOO_MANY - 1] = Some(now);
        self.lost |= self.crashes[0].is_some_and(|first| now.since(first) <= HEALTHY_AFTER);
    }

    /// Whether there were too many, and no healthy life since.
    pub(super) fn is_lost(self) -> bool {
        self.lost
    }

    /// A life was healthy, or somebody has replaced the program: nothing speaks against the next.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn after_crashes_at(seconds: &[u64]) -> Steadiness {
        let mut steadiness = Steadiness::default();
        for second in seconds {
            steadiness.crashed(Instant::after_start(Duration::from_secs(*second)));
        }
        steadiness
    }

    #[test]
    fn three_crashes_within_ten_seconds_are_too_many() {
        for (crashes, lost) in [
            (&[1, 1][..], false),
            (&[1, 5, 11], true),
            (&[1, 5, 12], false),
            (&[1, 9, 17, 25], false),
            (&[1, 9, 17, 18], true),
        ] {
            assert_eq!(after_crashes_at(crashes).is_lost(), lost, "{crashes:?}");
        }
    }

    #[test]
    fn trust_comes_back_with_a_healthy_life_and_not_by_a_slower_loop() {
        let mut steadiness = after_crashes_at(&[1, 1, 1, 9, 17, 25]);
        assert!(steadiness.is_lost());
        steadiness.reset();
        assert!(!steadiness.is_lost());
    }
}
