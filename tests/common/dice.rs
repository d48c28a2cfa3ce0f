//! Chance that can be played again.

use std::env;
use std::time::SystemTime;

/// A small generator of numbers that look like chance (xorshift64).
pub struct Dice(u64);

impl Dice {
    /// Dice that fall the same way for the same seed.
    pub fn new(seed: u64) -> Self {
        // A seed and its neighbour must not fall alike, and nothing falls from zero.
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 16) % sides as u64).unwrap_or(0)
    }

    /// One of these.
    pub fn choose<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.roll(all.len())].clone()
    }
}

/// The seed in this environment variable, or a fresh one.
pub fn seed(variable: &str) -> u64 {
    let fresh = || {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        since.map_or(1, |since| u64::from(since.subsec_nanos()))
    };
    env::var(variable).map_or_else(|_| fresh(), |text| text.parse().expect("a number as seed"))
}
