//! The numbers of a node's lives: each greater than any before, and durable before its first use.
//!
//! To wait for the disk at every restart would cost more than the restart, so numbers are reserved
//! in blocks: the file `incarnation` holds the greatest number that may have been used, and a start
//! of the supervisor begins above it. Numbers begin at the clock's microseconds, so that they grow
//! even when the disk was lost with everything on it, and again whenever a life must rise above one
//! that others know. Where no disk works the clock alone must do.

use crate::sabotage::Sabotage;

/// How many numbers are reserved ahead. A crash loop uses about one a second, so half a block
/// outlasts any stall of a disk by minutes.
const BLOCK: u64 = 1000;

/// The numbers of one supervisor's controllers.
#[derive(Clone, Debug)]
pub struct Incarnations {
    next: u64,
    reserved: u64,
}

impl Incarnations {
    /// Numbers above `reserved`, the greatest that may have been used, and not below the clock.
    pub fn starting(reserved: u64, unix_micros: u64) -> Self {
        Self { next: reserved.saturating_add(1).max(unix_micros), reserved }
    }

    /// The number of the next life.
    pub fn take(&mut self) -> u64 {
        let taken = self.next;
        if !Sabotage::IncarnationIsRepeated.is_done() {
            self.next = self.next.saturating_add(1);
        }
        taken
    }

    /// No number up to this one is given any more: somebody remembers it as ours.
    pub fn rise_above(&mut self, used: u64) {
        self.next = self.next.max(used.saturating_add(1));
    }

    /// Whether the next number is durable already. If it is not, it is unique by the clock alone.
    pub fn is_reserved(&self) -> bool {
        self.next <= self.reserved
    }

    /// The number up to which to reserve now, when less than half a block is left.
    pub fn wanted(&self) -> Option<u64> {
        let half = self.next.saturating_add(BLOCK / 2);
        (half > self.reserved).then_some(self.next.saturating_add(BLOCK))
    }

    /// All numbers up to this one are durable.
    pub fn reserved(&mut self, up_to: u64) {
        self.reserved = self.reserved.max(up_to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reserve(numbers: &mut Incarnations) {
        numbers.reserved(numbers.wanted().expect("a reservation is due"));
    }

    #[test]
    fn a_start_is_above_all_that_may_have_been_used() {
        let mut numbers = Incarnations::starting(5_000, 17);
        assert_eq!(numbers.take(), 5_001);
    }

    #[test]
    fn a_start_without_a_disk_is_above_the_clock() {
        let mut numbers = Incarnations::starting(0, 1_700_000_000_000_000);
        assert!(!numbers.is_reserved());
        assert_eq!(numbers.take(), 1_700_000_000_000_000);
    }

    #[test]
    fn no_number_is_taken_twice_over_any_number_of_starts_with_a_standing_clock() {
        let mut before = 0;
        let mut durable = 0;
        for _ in 0..10 {
            let mut numbers = Incarnations::starting(durable, 42);
            for _ in 0..3 * BLOCK {
                if let Some(up_to) = numbers.wanted() {
                    numbers.reserved(up_to);
                    durable = up_to;
                }
                assert!(numbers.is_reserved());
                let taken = numbers.take();
                assert!(taken > before);
                before = taken;
            }
        }
    }

    #[test]
    fn a_reservation_is_asked_for_at_half_a_block_and_not_before() {
        let mut numbers = Incarnations::starting(0, 100);
        reserve(&mut numbers);
        assert_eq!(numbers.wanted(), None);
        for _ in 0..=BLOCK / 2 {
            numbers.take();
        }
        assert!(numbers.is_reserved());
        reserve(&mut numbers);
        assert_eq!(numbers.wanted(), None);
    }

    #[test]
    fn a_life_that_others_remember_is_never_begun_again() {
        let mut numbers = Incarnations::starting(0, 100);
        reserve(&mut numbers);
        numbers.rise_above(99);
        assert_eq!(numbers.take(), 100, "that is above it already");
        numbers.rise_above(5_000);
        assert!(!numbers.is_reserved());
        reserve(&mut numbers);
        assert!(numbers.is_reserved());
        assert_eq!(numbers.take(), 5_001);
    }

    #[test]
    fn numbers_end_rather_than_begin_again() {
        let mut numbers = Incarnations::starting(u64::MAX, 1);
        assert_eq!((numbers.take(), numbers.take()), (u64::MAX, u64::MAX));
    }
}
