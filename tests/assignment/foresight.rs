//! What is foreseen of a lift, and what it then does.

use std::collections::BTreeMap;
use std::time::Duration;

use lift_group::building::Building;
use lift_group::group::foresight::foresee;
use lift_group::lift::panel::{Button, Buttons};
use lift_group::time::Instant;
use proptest::prelude::*;

use crate::car::{Car, TICK, config};

const FLOORS: u8 = 8;

/// At one moment nobody knows where between two floors a car is, or for how long its door has been
/// open: half a travel time and half a dwell. Every stop adds a few ticks.
const AT_FIRST: Duration = Duration::from_millis(1600);
const A_STOP: Duration = Duration::from_millis(300);

/// When the car really answers each of these calls.
fn answers_of(car: &mut Car, begin: Instant, mut calls: Buttons) -> BTreeMap<String, Duration> {
    let (mut now, mut answers) = (begin, BTreeMap::new());
    while calls != Buttons::NONE {
        let answered = car.tick(now, &calls);
        answers.extend(answered.iter().map(|button| (name(button), now.since(begin))));
        calls = calls.without(&answered);
        now = now + TICK;
        assert!(now.since(begin) < Duration::from_secs(600), "never answered: {calls:?}");
    }
    answers
}

fn name(button: Button) -> String {
    format!("{button:?}")
}

fn any_calls(most: usize) -> impl Strategy<Value = Buttons> {
    let building = Building::try_from(FLOORS).unwrap();
    let all: Vec<Button> = Button::every(building).collect();
    prop::collection::vec(prop::sample::select(all), 0..most)
        .prop_map(|buttons| buttons.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_lift_does_what_was_foreseen(
        start in 0..FLOORS, before in any_calls(6), ticks in 0..300u64, more in any_calls(6),
    ) {
        let mut car = Car::at(FLOORS, start);
        let (mut now, mut calls) = (Instant::START, before);
        for _ in 0..ticks {
            calls = calls.without(&car.tick(now, &calls));
            now = now + TICK;
        }
        more.iter().for_each(|button| calls.insert(button));
        let report = car.report();
        prop_assume!(report.floor.is_some());
        let foreseen = foresee(&config(FLOORS), report, calls);
        let real = answers_of(&mut car, now, calls);
        prop_assert_eq!(foreseen.len(), real.len());
        for (stops, (button, at)) in (0..).zip(foreseen) {
            let real = real[&name(button)];
            let error = at.abs_diff(real);
            prop_assert!(
                error <= AT_FIRST + A_STOP * stops,
                "{button:?} foreseen after {at:?}, answered after {real:?}; {report:?} {calls:?}"
            );
        }
    }
}
