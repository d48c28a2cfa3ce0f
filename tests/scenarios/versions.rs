//! Programs of different versions in one group, while lifts are upgraded one by one.

use lift_group::shell::seal::dropped::Dropped;

use crate::house::House;
use crate::wire::Wire;
use crate::world::{cab, down, seconds, up};

const OLD: u8 = 1;
const NEW: u8 = 2;

fn group_of(versions: &[(u8, u8)]) -> House {
    let count = u8::try_from(versions.len()).unwrap();
    let mut house = House::asleep(count, 1);
    house.wire = Some(Wire::between(versions));
    house.numbers().into_iter().for_each(|lift| house.start(lift));
    house
}

fn settled(versions: &[(u8, u8)]) -> House {
    let mut house = group_of(versions);
    house.run_until("one primary", House::is_settled);
    house
}

/// All formats that are spoken from now on.
fn formats(house: &mut House) -> Vec<u8> {
    house.wire.as_mut().unwrap().formats.clear();
    house.run(seconds(0.5));
    house.wire.as_ref().unwrap().formats.iter().copied().collect()
}

fn upgrade(house: &mut House, lift: u8, version: u8) {
    house.kill(lift);
    house.wire.as_mut().unwrap().install(lift, version);
    house.start(lift);
    house.run(seconds(0.5));
    house.run_until("one primary", House::is_settled);
}

#[test]
fn old_and_new_programs_light_serve_and_take_over_together() {
    let mut house = settled(&[(1, OLD), (2, NEW), (3, OLD)]);
    assert_eq!(formats(&mut house), [OLD]);
    house.press(2, up(1));
    house.press(3, down(2));
    house.press(2, cab(3));
    house.run_until("lit", |h| h.is_lit_everywhere(up(1)) && h.is_lit_everywhere(down(2)));
    house.kill(1);
    house.run(seconds(0.05));
    assert_eq!(house.primaries(), [2], "the new program leads the old ones");
    house.start(1);
    house.run_until_quiet();
    assert!(house.openings_at(1) >= 1 && house.openings_at(2) >= 1);
    assert!(house.lifts[&2].openings().contains(&3));
}

#[test]
fn a_group_that_is_upgraded_one_by_one_keeps_its_calls_and_then_speaks_the_new_format() {
    let mut house = settled(&[(1, OLD), (2, OLD), (3, OLD)]);
    house.press(1, up(2));
    house.press(3, cab(3));
    house.run_until("lit", |h| h.is_lit_everywhere(up(2)) && h.lifts[&3].is_lit(cab(3)));
    for lift in [1, 2, 3] {
        assert_eq!(formats(&mut house), [OLD]);
        upgrade(&mut house, lift, NEW);
    }
    assert_eq!(formats(&mut house), [NEW]);
    house.run_until_quiet();
    assert_eq!(house.openings_at(2), 1);
    assert!(house.lifts[&3].openings().contains(&3));
}

#[test]
fn a_group_goes_back_to_the_old_format_with_the_first_lift_that_is_set_back() {
    let mut house = settled(&[(1, NEW), (2, NEW), (3, NEW)]);
    assert_eq!(formats(&mut house), [NEW]);
    upgrade(&mut house, 3, OLD);
    assert_eq!(formats(&mut house), [OLD]);
    house.press(3, up(1));
    house.run_until("lit", |h| h.is_lit_everywhere(up(1)));
}

#[test]
fn programs_too_far_apart_name_each_other_and_each_serves_its_own_lift() {
    let mut house = group_of(&[(1, OLD), (2, NEW + 1)]);
    house.run_until("two primaries", |h| h.primaries() == [1, 2]);
    house.press(1, up(1));
    house.press(2, down(2));
    house.run_until_quiet();
    assert_eq!(house.lifts[&1].openings(), [1]);
    assert_eq!(house.lifts[&2].openings(), [2]);
    for lift in [1, 2] {
        assert!(house.wire.as_ref().unwrap().drops(lift, Dropped::OtherVersion) > 0);
    }
}
