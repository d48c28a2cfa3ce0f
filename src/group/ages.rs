//! For how long each hall call has been waiting.
//!
//! Nobody's clock is compared. A node counts from when it first knew of a call; from a primary that
//! has known of it for longer it takes over how long. So neither a takeover nor a restart makes an
//! old call young, for as long as anybody remembers.

use std::collections::BTreeMap;
use std::time::Duration;

use super::hall_calls;
use crate::building::Building;
use crate::calls::{Calls, HallCall};
use crate::lift::panel::{Button, Buttons};
use crate::time::Instant;

/// For how long each hall call has been waiting.
#[derive(Clone, Debug, Default)]
pub struct Ages(BTreeMap<HallCall, Age>);

#[derive(Clone, Copy, Debug)]
struct Age {
    /// How old the call was...
    age: Duration,
    /// ...at this moment.
    at: Instant,
}

impl Ages {
    /// These calls are live now, and no others. Of a call that this building has no button for nobody
    /// waits, and no car would ever be done with it.
    pub fn note(&mut self, now: Instant, calls: &Calls, building: Building) {
        let live = || calls.every_live().filter(|call| call.fits(building));
        let buttons: Buttons = hall_calls(live()).map(Button::from).collect();
        self.0.retain(|call, _| buttons.contains(Button::from(*call)));
        for call in hall_calls(live()) {
            self.0.entry(call).or_insert(Age { age: Duration::ZERO, at: now });
        }
    }

    /// Somebody else has known of these calls for so long.
    pub fn adopt(&mut self, now: Instant, theirs: &BTreeMap<HallCall, Duration>) {
        for (call, age) in &mut self.0 {
            let theirs = Age { age: theirs.get(call).copied().unwrap_or_default(), at: now };
            if theirs.age > age.by(now) {
                *age = theirs;
            }
        }
    }

    /// All of them.
    pub fn by(&self, now: Instant) -> BTreeMap<HallCall, Duration> {
        self.0.iter().map(|(call, age)| (*call, age.by(now))).collect()
    }
}

impl Age {
    fn by(self, now: Instant) -> Duration {
        self.age + now.since(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::building::{Direction, Floor, LiftId};
    use crate::calls::{Actor, Incarnation};

    fn building() -> Building {
        Building::try_from(4).unwrap()
    }

    fn call() -> HallCall {
        HallCall::new(building(), Floor::BOTTOM, Direction::Up).unwrap()
    }

    fn pressed() -> Calls {
        let mut calls = Calls::default();
        calls.press(Actor { lift: LiftId(1), incarnation: Incarnation(1) }, call().into());
        calls
    }

    fn after(seconds: u64) -> Instant {
        Instant::after_start(Duration::from_secs(seconds))
    }

    fn known_at(seconds: u64) -> Ages {
        let mut ages = Ages::default();
        ages.note(after(seconds), &pressed(), building());
        ages
    }

    #[test]
    fn a_call_ages_from_when_it_was_first_known() {
        let mut ages = known_at(10);
        ages.note(after(12), &pressed(), building());
        assert_eq!(ages.by(after(15))[&call()], Duration::from_secs(5));
    }

    #[test]
    fn a_call_is_as_old_as_anybody_knows_and_goes_on_ageing() {
        let mut ages = known_at(10);
        ages.adopt(after(11), &BTreeMap::from([(call(), Duration::from_secs(60))]));
        ages.adopt(after(12), &BTreeMap::from([(call(), Duration::from_secs(3))]));
        assert_eq!(ages.by(after(15))[&call()], Duration::from_secs(64));
    }

    #[test]
    fn a_call_pressed_again_after_its_answer_is_new() {
        let mut ages = known_at(10);
        ages.note(after(20), &Calls::default(), building());
        ages.adopt(after(20), &BTreeMap::from([(call(), Duration::from_secs(10))]));
        ages.note(after(21), &pressed(), building());
        assert_eq!(ages.by(after(22))[&call()], Duration::from_secs(1));
    }

    #[test]
    fn a_call_at_a_floor_that_this_building_does_not_have_waits_for_nobody() {
        let taller = Building::try_from(6).unwrap();
        let mut calls = pressed();
        // Above the top, and at the top, from where no lift goes up.
        for (floor, direction) in [(5, Direction::Down), (3, Direction::Up)] {
            let call = HallCall::new(taller, Floor::try_from(floor).unwrap(), direction).unwrap();
            calls.press(Actor { lift: LiftId(1), incarnation: Incarnation(1) }, call.into());
        }
        let mut ages = Ages::default();
        ages.note(after(1), &calls, building());
        assert!(ages.by(after(1)).into_keys().eq([call()]));
    }
}
