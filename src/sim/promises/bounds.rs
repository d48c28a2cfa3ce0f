//! How long things may take.

use std::time::Duration;

/// How long things may take, in the observer's time. Whoever builds the world knows its physics and
/// says so here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// How long a door stays open at a stop, at the least (C2).
    pub dwell: Duration,
    /// How long it may take until a lift has noticed what hands or the hardware did, and until all
    /// others have heard of it: some sweeps of the hardware and some heartbeats. What happens
    /// within this time of each other happens at once, as far as anybody can tell.
    pub grace: Duration,
    /// From press to lamp while nothing is wrong (G3).
    pub light: Duration,
    /// How long two panels may differ while nothing is wrong (L1).
    pub agree: Duration,
    /// How long all lifts that could answer a lit call may stand with closed doors while nothing is
    /// wrong (A1, G5).
    pub start: Duration,
    /// From when a call was lit, or from the healing if that came later, until a door has opened for
    /// it (G1, G2, A3).
    pub answer: Duration,
    /// The same for a passenger, from the first press until the ride is over.
    pub ride: Duration,
}
