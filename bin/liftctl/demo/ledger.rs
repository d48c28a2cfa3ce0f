//! The ledger: every call that was ever lit, and whether a lift came for it.
//!
//! It is made up at the end, from all events of all lifts in the order of their times: a hall call
//! may go out on one lift's panel because of another lift's door, and no pipe tells both.

use std::collections::{BTreeMap, BTreeSet};

use super::hardware::{Call, Hardware};
use super::observer::Moment;

/// All events of all lifts.
#[derive(Debug, Default)]
pub struct Ledger(Vec<(Moment, usize, String)>);

/// A call, whatever panel it is lit on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Promise {
    /// In the car of this lift.
    Cab(usize, u8),
    /// On the landings.
    Hall(Call),
}

impl Promise {
    /// What the lamp of this call on a panel of this lift promises.
    pub fn of(lift: usize, call: Call) -> Self {
        match call {
            Call::Cab(floor) => Self::Cab(lift, floor),
            hall => Self::Hall(hall),
        }
    }

    fn floor(self) -> u8 {
        match self {
            Self::Cab(_, floor) => floor,
            Self::Hall(call) => call.floor(),
        }
    }

    fn is_kept_by(self, lift: usize) -> bool {
        !matches!(self, Self::Cab(whose, _) if whose != lift)
    }
}

/// A call that is lit.
#[derive(Debug, Default)]
struct Lit {
    panels: BTreeSet<usize>,
    /// A door has opened there since, or was open.
    is_kept: bool,
}

impl Ledger {
    /// Enters an event of a lift.
    pub fn enter(&mut self, at: Moment, lift: usize, event: &str) {
        self.0.push((at, lift, event.to_owned()));
    }

    /// How many calls were lit, if every one was answered and no lamp is lit at the end, for so
    /// many lifts that began at floor 0.
    ///
    /// # Errors
    /// What is wrong, in a sentence.
    pub fn balance(&self, lifts: usize) -> Result<usize, String> {
        let mut events: Vec<_> = self.0.iter().collect();
        events.sort_by_key(|(at, ..)| *at);
        let mut house = vec![Hardware::at_rest(0); lifts];
        let mut lit: BTreeMap<Promise, Lit> = BTreeMap::new();
        let mut count = 0;
        for (_, lift, event) in events {
            let Some(hardware) = house.get_mut(*lift) else { continue };
            let before = hardware.lamps.clone();
            hardware.take_in(event)?;
            let after = hardware.lamps.clone();
            for call in after.difference(&before) {
                let promise = lit.entry(Promise::of(*lift, *call)).or_insert_with(|| {
                    count += 1;
                    Lit::default()
                });
                promise.panels.insert(*lift);
            }
            note_doors(&mut lit, &house);
            for call in before.difference(&after) {
                go_out(&mut lit, *lift, *call)?;
            }
        }
        match lit.keys().next() {
            None => Ok(count),
            Some(promise) => Err(format!("the lamp of {promise} is still lit at the end")),
        }
    }
}

fn note_doors(lit: &mut BTreeMap<Promise, Lit>, house: &[Hardware]) {
    for (promise, state) in lit {
        let mut lifts = house.iter().enumerate();
        state.is_kept |= lifts.any(|(lift, hardware)| {
            promise.is_kept_by(lift) && hardware.is_open_at(promise.floor())
        });
    }
}

fn go_out(all: &mut BTreeMap<Promise, Lit>, lift: usize, call: Call) -> Result<(), String> {
    let promise = Promise::of(lift, call);
    let Some(state) = all.get_mut(&promise) else { return Ok(()) };
    if !state.is_kept {
        return Err(format!(
            "a promise was broken: the lamp of {promise} went out, and no door had opened there"
        ));
    }
    state.panels.remove(&lift);
    if state.panels.is_empty() {
        all.remove(&promise);
    }
    Ok(())
}

impl std::fmt::Display for Promise {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Cab(lift, floor) => write!(f, "cab to {floor} in lift {}", lift + 1),
            Self::Hall(call) => call.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// The balance of two lifts, the events given by their times in milliseconds.
    fn balance(events: &[(u64, usize, &str)]) -> Result<usize, String> {
        let mut ledger = Ledger::default();
        for (at, lift, event) in events {
            ledger.enter(Duration::from_millis(*at), *lift, event);
        }
        ledger.balance(2)
    }

    const LIT: [(u64, usize, &str); 2] =
        [(1, 0, "lamp up floor=1 on"), (2, 1, "lamp up floor=1 on")];
    const OUT: [(u64, usize, &str); 2] =
        [(9, 0, "lamp up floor=1 off"), (8, 1, "lamp up floor=1 off")];

    #[test]
    fn a_call_is_one_on_all_panels_and_any_lift_may_answer_it() {
        let opens = [(6, 1, "floor 1"), (7, 1, "door open")];
        assert_eq!(balance(&[&LIT[..], &OUT, &opens].concat()), Ok(1), "told out of order");
    }

    #[test]
    fn a_call_that_is_lit_again_is_another_one() {
        let opens = [(6, 1, "floor 1"), (7, 1, "door open"), (10, 1, "door closed")];
        let again = [(20, 0, "lamp up floor=1 on"), (30, 0, "lamp up floor=1 off")];
        let error = balance(&[&LIT[..], &OUT, &opens, &again].concat()).unwrap_err();
        assert!(error.contains("the lamp of hall up at 1 went out"), "{error}");
        let reopens = [(25, 1, "door open")];
        assert_eq!(balance(&[&LIT[..], &OUT, &opens, &again, &reopens].concat()), Ok(2));
    }

    #[test]
    fn a_lamp_that_goes_out_without_a_door_is_a_broken_promise() {
        for door in [&[][..], &[(6, 1, "floor 1")], &[(7, 1, "door open")]] {
            let error = balance(&[&LIT[..], door, &OUT].concat()).unwrap_err();
            assert!(error.contains("no door had opened there"), "{error}");
        }
    }

    #[test]
    fn a_cab_call_is_answered_by_its_own_lift_alone() {
        let lamp = [(1, 0, "lamp cab floor=1 on"), (9, 0, "lamp cab floor=1 off")];
        let opens = |lift| [(6, lift, "floor 1"), (7, lift, "door open")];
        assert_eq!(balance(&[lamp, opens(0)].concat()), Ok(1));
        let error = balance(&[lamp, opens(1)].concat()).unwrap_err();
        assert!(error.contains("cab to 1 in lift 1 went out"), "{error}");
    }

    #[test]
    fn a_lamp_that_is_lit_at_the_end_is_found_on_whatever_panel() {
        let opens = [(6, 1, "floor 1"), (7, 1, "door open")];
        let error = balance(&[&LIT[..], &opens, &OUT[..1]].concat()).unwrap_err();
        assert!(error.contains("hall up at 1 is still lit"), "{error}");
    }

    #[test]
    fn what_no_lift_may_do_is_never_overlooked() {
        let error = balance(&[(1, 1, "violation door-open-while-moving")]).unwrap_err();
        assert!(error.contains("door-open-while-moving"), "{error}");
    }
}
