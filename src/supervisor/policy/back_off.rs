//! How long to wait before the next life.
//!
//! A single crash is healed at once. A controller that keeps crashing gets a little more time each
//! time, so that it does not eat the machine, but never more than a second, and it is never given
//! up: whatever was in its way (a port, a full disk, a half-copied program) may have gone.

use std::time::Duration;

/// How many crashes in a row are healed without any delay.
const IMMEDIATE: u32 = 3;

/// The first delay after those; each further one is twice as long.
const FIRST_DELAY: Duration = Duration::from_millis(20);

/// The longest delay.
pub(super) const LONGEST_DELAY: Duration = Duration::from_secs(1);

/// Counts the crashes since the last healthy life.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct BackOff {
    crashes: u32,
}

impl BackOff {
    /// The delay after one more crash.
    pub(super) fn crashed(&mut self) -> Duration {
        self.crashes = self.crashes.saturating_add(1);
        match self.crashes.checked_sub(IMMEDIATE + 1) {
            None => Duration::ZERO,
            Some(doublings) => {
                FIRST_DELAY.saturating_mul(1 << doublings.min(16)).min(LONGEST_DELAY)
            }
        }
    }

    /// Forgets all crashes.
    pub(super) fn reset(&mut self) {
        self.crashes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(back_off: &mut BackOff, crashes: usize) -> Vec<u128> {
        (0..crashes).map(|_| back_off.crashed().as_millis()).collect()
    }

    #[test]
    fn the_first_crashes_are_healed_at_once_and_the_later_ones_slower_up_to_a_second() {
        let expected = [0, 0, 0, 20, 40, 80, 160, 320, 640, 1000, 1000];
        assert_eq!(delays(&mut BackOff::default(), 11), expected);
    }

    #[test]
    fn a_crash_loop_of_any_length_is_never_given_up() {
        let mut back_off = BackOff { crashes: u32::MAX - 2 };
        assert_eq!(delays(&mut back_off, 4), [1000; 4]);
    }

    #[test]
    fn a_healthy_life_makes_the_next_crash_a_first_one() {
        let mut back_off = BackOff::default();
        delays(&mut back_off, 20);
        back_off.reset();
        assert_eq!(delays(&mut back_off, 4), [0, 0, 0, 20]);
    }
}
