//! Waiting for something that can be seen, with a deadline that only what never comes will miss.

use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take: far longer than it ever does on a machine that is not broken.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How often to look.
const LOOK: Duration = Duration::from_millis(5);

/// Waits until `find` finds something.
pub fn wait_for<T>(what: &str, mut find: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = find() {
            return found;
        }
        assert!(Instant::now() < deadline, "never came to be: {what}");
        thread::sleep(LOOK);
    }
}
