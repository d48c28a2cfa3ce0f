//! The door while it is open: how long it stands, what holds it, what keeps it from closing.
//!
//! A closed door has no state, so there is no type for it. An open one wants to close after its
//! dwell. Passengers may hold it, for [`LONGEST_HOLD`] at most; an obstruction keeps it open for as
//! long as it lasts, and counts as a fault when it lasts too long.

use std::time::Duration;

use crate::config::{DOOR_CLOSING_FAULT_AFTER, LONGEST_HOLD};
use crate::sabotage::Sabotage;
use crate::time::{Instant, earliest};

/// An open door.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpenDoor {
    /// Time to get in and out after the last reason to stand open.
    dwell: Duration,
    /// When it was told to open, or those who wait were last told of another direction.
    opened: Instant,
    /// The hardware is known to have opened it.
    confirmed: bool,
    /// When it has stood long enough.
    close_at: Instant,
    /// Since when something stands in the doorway.
    obstructed: Option<Instant>,
    /// When the first of the obstructions began that have kept it from closing since.
    hindered: Option<Instant>,
    /// It has been kept from closing for too long.
    faulty: bool,
}

impl OpenDoor {
    /// A door that is told to open now.
    pub fn open(now: Instant, dwell: Duration) -> Self {
        Self {
            dwell,
            opened: now,
            confirmed: false,
            close_at: now + dwell,
            obstructed: None,
            hindered: None,
            faulty: false,
        }
    }

    /// The hardware has answered behind the command to open. The dwell counts from here: a
    /// passenger can use the door only now.
    pub fn confirm(&mut self, now: Instant) {
        if !self.confirmed {
            self.confirmed = true;
            self.stand_again(now);
        }
    }

    /// Whether the door is known to be open.
    pub fn is_confirmed(&self) -> bool {
        self.confirmed
    }

    /// Whether passengers can still make this opening longer.
    pub fn can_be_held(&self, now: Instant) -> bool {
        now < self.opened + LONGEST_HOLD
    }

    /// Somebody wants the door open: it stands for a full dwell from now, and what obstructed it
    /// before has not kept it from closing.
    pub fn hold(&mut self, now: Instant) {
        self.hindered = self.obstructed;
        self.stand_again(now);
    }

    /// The lift goes on the other way than it said: to those who wait for that, the door opens now.
    pub fn announce(&mut self, now: Instant) {
        self.opened = now;
        self.hold(now);
        if Sabotage::TurnGetsNoTime.is_done() {
            self.close_at = now + Duration::from_millis(1);
        }
    }

    /// Takes note of whether something stands in the doorway.
    pub fn observe(&mut self, now: Instant, obstruction: bool) {
        match (self.obstructed, obstruction) {
            (None, true) => {
                self.obstructed = Some(now);
                self.hindered = self.hindered.or(Some(now));
            }
            (Some(_), false) => {
                self.obstructed = None;
                self.stand_again(now);
            }
            _ => {}
        }
        self.faulty |= self.fault_at().is_some_and(|fault| fault <= now);
    }

    /// Whether it has been kept from closing for too long; lasts until it closes.
    pub fn is_faulty(&self) -> bool {
        self.faulty
    }

    /// Whether it has stood long enough and nothing is in its way.
    pub fn may_close(&self, now: Instant) -> bool {
        let free = self.obstructed.is_none() || Sabotage::ObstructionIsIgnored.is_done();
        self.confirmed && free && self.close_at <= now
    }

    /// When to look at it again if nothing else happens.
    pub fn next_wakeup(&self) -> Option<Instant> {
        let close_at = (self.confirmed && self.obstructed.is_none()).then_some(self.close_at);
        earliest([close_at, self.fault_at().filter(|_| !self.faulty)])
    }

    fn stand_again(&mut self, now: Instant) {
        self.close_at = now + self.dwell;
    }

    /// When the present hindrance becomes a fault: one obstruction that lasts, or a series of short
    /// ones that leave no time to close.
    fn fault_at(&self) -> Option<Instant> {
        let lasting = self.obstructed.map(|since| since + DOOR_CLOSING_FAULT_AFTER);
        let series = self.hindered.map(|since| since + DOOR_CLOSING_FAULT_AFTER + self.dwell);
        earliest([lasting, series])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DWELL: Duration = Duration::from_secs(3);

    fn at(seconds: f64) -> Instant {
        Instant::after_start(Duration::from_secs_f64(seconds))
    }

    fn open() -> OpenDoor {
        let mut door = OpenDoor::open(at(0.0), DWELL);
        door.confirm(at(0.0));
        door
    }

    #[test]
    fn a_door_stands_for_its_dwell() {
        assert!(!open().may_close(at(2.999)));
        assert!(open().may_close(at(3.0)));
        assert_eq!(open().next_wakeup(), Some(at(3.0)));
    }

    #[test]
    fn the_dwell_counts_from_when_the_door_is_known_to_be_open() {
        let mut door = OpenDoor::open(at(0.0), DWELL);
        assert!(!door.may_close(at(60.0)), "nobody has seen it open");
        assert_eq!(door.next_wakeup(), None);
        door.confirm(at(1.0));
        assert!(!door.may_close(at(3.9)));
        assert!(door.may_close(at(4.0)));
    }

    #[test]
    fn an_obstructed_door_never_closes_and_then_stands_a_full_dwell() {
        let mut door = open();
        door.observe(at(1.0), true);
        assert!(!door.may_close(at(3600.0)));
        door.observe(at(4.0), false);
        assert!(!door.may_close(at(6.9)));
        assert!(door.may_close(at(7.0)));
        assert!(!door.is_faulty());
    }

    #[test]
    fn an_obstruction_that_lasts_is_a_fault_until_the_door_has_closed() {
        let mut door = open();
        door.observe(at(1.0), true);
        assert_eq!(door.next_wakeup(), Some(at(6.0)));
        door.observe(at(5.9), true);
        assert!(!door.is_faulty());
        door.observe(at(6.0), true);
        assert!(door.is_faulty());
        assert_eq!(door.next_wakeup(), None, "only a reading can change anything now");
        door.observe(at(7.0), false);
        assert!(door.is_faulty(), "it has not closed yet");
    }

    #[test]
    fn many_short_obstructions_are_a_fault_as_well() {
        let mut door = open();
        for second in 1..=9 {
            assert!(!door.is_faulty(), "second {second}");
            door.observe(at(f64::from(second)), true);
            door.observe(at(f64::from(second) + 0.5), false);
        }
        assert!(door.is_faulty());
    }

    #[test]
    fn nobody_holds_a_door_for_ever() {
        assert!(open().can_be_held(at(19.9)));
        assert!(!open().can_be_held(at(20.0)));
    }
}
