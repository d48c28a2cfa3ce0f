//! What goes wrong often: counted always, told now and then.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::time::Instant;

/// How long nothing more is said of a reason that was just told.
const SILENCE: Duration = Duration::from_secs(60);

/// How often each reason has occurred. There is one entry for each reason that a program has, so
/// no flood makes it grow.
#[derive(Clone, Debug)]
pub struct Tally<R> {
    counts: BTreeMap<R, Count>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    total: u64,
    told: u64,
    silent_until: Option<Instant>,
}

impl<R: Ord> Tally<R> {
    /// Nothing has occurred yet.
    pub fn new() -> Self {
        Self { counts: BTreeMap::new() }
    }

    /// Counts one more. If it is time to tell: how many there have been since it was told last.
    pub fn count(&mut self, now: Instant, reason: R) -> Option<u64> {
        let count = self.counts.entry(reason).or_default();
        count.total += 1;
        if count.silent_until.is_some_and(|until| now < until) {
            return None;
        }
        count.silent_until = Some(now + SILENCE);
        let untold = count.total - count.told;
        count.told = count.total;
        Some(untold)
    }

    /// Each reason, and how often it has occurred.
    pub fn totals(&self) -> impl Iterator<Item = (&R, u64)> {
        self.counts.iter().map(|(reason, count)| (reason, count.total))
    }
}

impl<R: Ord> Default for Tally<R> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_kind_is_told_at_once() {
        let mut tally = Tally::new();
        assert_eq!(tally.count(Instant::START, "forged"), Some(1));
        assert_eq!(tally.count(Instant::START, "replayed"), Some(1));
    }

    #[test]
    fn a_flood_is_told_once_a_minute_and_counted_whole() {
        let mut tally = Tally::new();
        let told: Vec<u64> = (0..180)
            .filter_map(|second| {
                let now = Instant::after_start(Duration::from_secs(second));
                tally.count(now, "forged")
            })
            .collect();
        assert_eq!(told, [1, 60, 60]);
        assert_eq!(tally.totals().collect::<Vec<_>>(), [(&"forged", 180)]);
    }
}
