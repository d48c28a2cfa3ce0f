//! Large groups in tall buildings, whose calls do not fit into one datagram.

use lift_group::calls::Part;
use lift_group::lift::panel::Button;

use crate::house::House;
use crate::world::{Event, building, cab, down, floor, seconds, up};

/// In several parts of the building, two of them on both sides of a border between parts.
fn calls_all_over() -> [(u8, Button); 6] {
    [(1, up(3)), (17, up(7)), (17, down(8)), (33, up(64)), (64, down(127)), (50, up(100))]
}

#[test]
fn calls_from_all_over_a_tall_building_are_lit_everywhere_and_outlive_a_takeover() {
    let mut house = House::of_floors(128, 64);
    let calls = calls_all_over();
    house.press_all(&calls);
    house.press(20, cab(90));
    let all_lit = |h: &House| calls.iter().all(|(_, button)| h.is_lit_everywhere(*button));
    house.run_until("lit everywhere", all_lit);
    assert!(house.lifts[&20].is_lit(cab(90)));
    house.cut_off(1);
    house.run_until("taken over", |h| h.primaries() == [2]);
    assert!(all_lit(&house), "a takeover darkens nothing");
}

/// The lowest floors are one part, the next ones another, and the third has but two floors.
#[test]
fn a_building_of_several_parts_answers_all_calls_of_all_parts() {
    let mut house = House::of_floors(18, 3);
    house.network.loss = 0.2;
    let calls = [(1, up(7)), (2, down(8)), (2, up(15)), (3, up(16)), (1, cab(9)), (3, cab(17))];
    house.press_all(&calls);
    house.run_until("lit", |h| calls.iter().all(|(lift, button)| h.was_lit(*lift, *button)));
    house.network.heal();
    house.run_until_quiet();
    let at = |floor| house.openings_at(floor);
    assert!([7, 8, 15, 16, 9, 17].into_iter().all(|floor| at(floor) == 1));
}

#[test]
fn a_tall_building_that_lost_its_power_answers_what_was_lit() {
    let mut house = House::of_floors(18, 3);
    let calls = [(1, up(2)), (2, down(17)), (3, cab(10))];
    house.press_all(&calls);
    house.run_until("lit", |h| calls.iter().all(|(lift, button)| h.lifts[lift].is_lit(*button)));
    house.numbers().into_iter().for_each(|lift| house.cut_off(lift));
    house.run(seconds(2.0));
    house.numbers().into_iter().for_each(|lift| house.start(lift));
    house.run_until_quiet();
    assert!(house.openings_at(2) == 1 && house.openings_at(17) == 1);
    assert_eq!(house.lifts[&3].openings(), [10]);
}

#[test]
fn former_lives_are_forgotten_in_every_part() {
    let mut house = House::of_floors(18, 3);
    for _ in 0..4 {
        for button in [cab(0), up(0), cab(9), down(17)] {
            house.press(2, button);
        }
        house.run(seconds(0.5));
        house.kill(2);
        house.run(seconds(0.1));
        house.start(2);
        house.run_until("joined", House::is_settled);
    }
    house.run_until_quiet();
    house.run(seconds(2.0));
    for world in house.lifts.values() {
        let calls = &world.disk.durable.as_ref().unwrap().calls;
        for part in Part::every() {
            assert!(calls.part(part).context().actors().count() <= 1, "{:?}", calls.part(part));
        }
    }
}

#[test]
fn a_lift_that_has_lost_its_disk_puts_no_lamp_out_until_it_has_been_told_of_all_parts() {
    let mut house = House::of_floors(18, 3);
    house.lifts.values_mut().for_each(|lift| lift.shaft.cut_power());
    // More than can be said at once, and nothing where the lifts stand.
    let everywhere = Button::every(building(18)).filter(|button| button.floor() != floor(0));
    let all: Vec<Button> = everywhere.collect();
    for lift in house.numbers() {
        for button in &all {
            house.press(lift, *button);
        }
    }
    house.run_until("lit", |h| all.iter().all(|button| h.is_lit_everywhere(*button)));
    house.run(seconds(1.0));
    house.kill(3);
    house.lift(3).disk.durable = None;
    house.start(3);
    house.run(seconds(2.0));
    assert!(house.is_settled());
    for button in all {
        assert!(house.lifts[&3].is_lit(button), "{button:?}");
        assert_eq!(house.lifts[&3].last(Event::Dark(button)), None, "{button:?}");
    }
}
