//! From which seed a random test goes on, so that it can be played again.

use std::env;
use std::time::SystemTime;

/// The seed in this environment variable, or a fresh one.
pub fn seed(variable: &str) -> u64 {
    let fresh = || {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        since.map_or(1, |since| u64::from(since.subsec_nanos()))
    };
    env::var(variable).map_or_else(|_| fresh(), |text| text.parse().expect("a number as seed"))
}
