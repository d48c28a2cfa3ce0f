//! The clock of one life: it began at some moment of its own and runs a little fast or slow.

use std::time::Duration;

use crate::time::Instant;

/// A million: rates are given in parts of it.
const MILLION: i128 = 1_000_000;

/// The clock of one life.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// The true time of its beginning.
    born: Instant,
    /// What it showed then.
    showed: Duration,
    /// By how many millionths it is fast.
    ppm: i32,
}

impl Clock {
    /// A clock that shows this now, and is fast by so many millionths.
    pub fn new(now: Instant, showed: Duration, ppm: i32) -> Self {
        Self { born: now, showed, ppm }
    }

    /// What it shows at a true time.
    pub fn at(&self, now: Instant) -> Instant {
        let passed = nanos(now.since(self.born));
        let shown = passed + passed * i128::from(self.ppm) / MILLION;
        Instant::after_start(self.showed + span(shown))
    }

    /// The true time by which it certainly shows this.
    pub fn when(&self, shown: Instant) -> Instant {
        let passed = nanos(shown.since(Instant::after_start(self.showed)));
        let truly = passed * MILLION / (MILLION + i128::from(self.ppm)) + 2;
        self.born + span(truly)
    }
}

fn nanos(span: Duration) -> i128 {
    i128::try_from(span.as_nanos()).unwrap_or(i128::MAX)
}

fn span(nanos: i128) -> Duration {
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_never_wakes_anybody_too_early() {
        for ppm in [-50_000, -7, 0, 1, 333, 50_000] {
            let clock = Clock::new(
                Instant::after_start(Duration::from_secs(9)),
                Duration::from_secs(4),
                ppm,
            );
            for nanos in [0, 1, 999, 10_000_000, 123_456_789_123] {
                let shown =
                    Instant::after_start(Duration::from_secs(4) + Duration::from_nanos(nanos));
                assert!(clock.at(clock.when(shown)) >= shown, "{ppm} {nanos}");
            }
        }
    }
}
