//! A deadline that is judged fairly.
//!
//! A supervisor that was itself stopped, starved or suspended finds every deadline in the past
//! when it comes back, and a controller that may have suffered the same. So a deadline counts only
//! when the supervisor was there to see it pass: if it comes late, the controller gets another
//! span. Not for ever, though: on a machine that is always late, a hang must still be found.

use std::time::Duration;

use crate::time::Instant;

/// How often in a row a deadline is put off before it counts although the supervisor was late.
const MOST_FORGIVEN: u8 = 3;

/// Waits for a sign of life that must come within a span.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Watch {
    span: Duration,
    deadline: Instant,
    forgiven: u8,
}

impl Watch {
    /// Expects a sign of life within `span` from `now`.
    pub(super) fn begin(now: Instant, span: Duration) -> Self {
        Self { span, deadline: now + span, forgiven: 0 }
    }

    /// The sign of life has come, and the next one is due.
    pub(super) fn renew(&mut self, now: Instant) {
        *self = Self::begin(now, self.span);
    }

    /// When the sign of life is due.
    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Whether the deadline has passed and counts. Afterwards either it does or it lies ahead.
    pub(super) fn has_run_out(&mut self, now: Instant) -> bool {
        if now < self.deadline {
            return false;
        }
        if now.since(self.deadline) <= self.lateness() || self.forgiven == MOST_FORGIVEN {
            return true;
        }
        self.deadline = now + self.span;
        self.forgiven += 1;
        false
    }

    /// How late a supervisor may notice a deadline and still judge by it. A controller beats four
    /// times a span, so whoever was away for longer may have caused the silence itself.
    fn lateness(&self) -> Duration {
        self.span / 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: Duration = Duration::from_millis(200);

    fn at(millis: u64) -> Instant {
        Instant::START + Duration::from_millis(millis)
    }

    #[test]
    fn a_deadline_counts_when_it_is_seen_to_pass() {
        let mut watch = Watch::begin(at(0), SPAN);
        assert!(!watch.has_run_out(at(199)));
        assert!(watch.has_run_out(at(200)));
        assert!(watch.has_run_out(at(250)));
    }

    #[test]
    fn a_sign_of_life_moves_the_deadline() {
        let mut watch = Watch::begin(at(0), SPAN);
        watch.renew(at(150));
        assert_eq!(watch.deadline(), at(350));
        assert!(!watch.has_run_out(at(349)));
    }

    #[test]
    fn a_late_supervisor_grants_another_span() {
        let mut watch = Watch::begin(at(0), SPAN);
        assert!(!watch.has_run_out(at(5000)));
        assert_eq!(watch.deadline(), at(5200));
        assert!(watch.has_run_out(at(5200)));
    }

    #[test]
    fn a_supervisor_that_is_always_late_still_finds_a_hang() {
        let mut watch = Watch::begin(at(0), SPAN);
        let hang_found = (1..=4).position(|round| watch.has_run_out(at(round * 1000)));
        assert_eq!(hang_found, Some(3));
    }

    #[test]
    fn a_sign_of_life_restores_the_patience() {
        let mut watch = Watch::begin(at(0), SPAN);
        for round in 1..=3 {
            assert!(!watch.has_run_out(at(round * 1000)));
        }
        watch.renew(at(3100));
        assert!(!watch.has_run_out(at(4000)));
    }
}
