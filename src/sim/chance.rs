//! Chance: all of it from one seed, in streams that do not disturb each other.

use std::time::Duration;

/// A stream of chance.
///
/// Whoever needs chance has a stream of its own. So leaving out one thing, a fault say, changes
/// nothing of what chance has in store for all others; that is what makes shrinking possible.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The stream of this name under this seed.
    pub fn new(seed: u64, name: &str) -> Self {
        let mix = |state: u64, byte: u8| (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        let mut chance = Self(name.bytes().fold(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15), mix));
        chance.number();
        chance
    }

    /// Any number (splitmix64: Steele, Lea and Flood, 2014).
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is above 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.number() % bound.max(1)
    }

    /// A number from `least` to `most`, both included.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.below(most.saturating_sub(least).saturating_add(1))
    }

    /// An index below `bound`.
    pub fn index(&mut self, bound: usize) -> usize {
        usize::try_from(self.below(bound as u64)).unwrap_or(0)
    }

    /// A lift's or floor's number below `bound`.
    pub fn small(&mut self, bound: u8) -> u8 {
        u8::try_from(self.below(u64::from(bound))).unwrap_or(0)
    }

    /// A share from 0 to 1.
    pub fn share(&mut self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a share needs no 64 bits")]
        let share = (self.number() >> 11) as f64 / (1_u64 << 53) as f64;
        share
    }

    /// Whether something happens that happens with this probability.
    pub fn happens(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.share() < probability
    }

    /// A span from `shortest` to `longest`.
    pub fn span(&mut self, shortest: Duration, longest: Duration) -> Duration {
        shortest + longest.saturating_sub(shortest).mul_f64(self.share())
    }

    /// The time until the next of events that come at random, `mean` apart on average.
    pub fn pause(&mut self, mean: Duration) -> Duration {
        mean.mul_f64(-(1.0 - self.share()).ln())
    }

    /// One of these, of which there is at least one.
    pub fn pick<T: Copy>(&mut self, among: &[T]) -> T {
        among[self.index(among.len())]
    }
}
