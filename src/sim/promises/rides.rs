//! G1 as a passenger has it: who waits will arrive.

use std::collections::BTreeMap;

use crate::time::Instant;

/// The passengers under way, by number.
#[derive(Clone, Debug, Default)]
pub struct Rides {
    since: BTreeMap<u64, Instant>,
}

impl Rides {
    /// A passenger begins to wait for a lift.
    pub fn begin(&mut self, at: Instant, passenger: u64) {
        self.since.entry(passenger).or_insert(at);
    }

    /// The passenger arrived, or (whose press never lit a lamp) took the stairs; when the wait had
    /// begun.
    pub fn end(&mut self, passenger: u64) -> Option<Instant> {
        self.since.remove(&passenger)
    }

    /// Who has been under way for the longest.
    pub fn oldest(&self) -> Option<(Instant, u64)> {
        self.since.iter().map(|(passenger, since)| (*since, *passenger)).min()
    }
}
