//! Car, door and collective control with everything in order (C2–C5, C8, C12, L4).
//!
//! That no command ever opens the door of a moving car, or drives one out of the shaft (C1, C8), is
//! checked by the shaft itself in every test.

use lift_group::building::Direction;
use lift_group::config::LONGEST_HOLD;
use lift_group::lift::panel::Buttons;

use crate::shaft::Place;
use crate::world::{Event, World, cab, down, floor, seconds, up};

#[test]
fn a_cab_call_is_lit_and_answered() {
    let mut lift = World::at(0);
    lift.press(cab(2));
    let pressed = lift.now;
    lift.run_until("lit", |w| w.is_lit(cab(2)));
    assert!(lift.now.since(pressed) <= seconds(0.05), "G3: at once");
    lift.run_until_quiet();
    assert_eq!(lift.openings(), [2]);
}

#[test]
fn a_lamp_goes_out_when_the_door_opens_not_when_it_closes() {
    let mut lift = World::at(0);
    lift.press(up(1));
    lift.run_until_quiet();
    let dark = lift.last(Event::Dark(up(1))).unwrap();
    assert!(dark.since(lift.last(Event::Opened(floor(1))).unwrap()) <= seconds(0.1));
}

#[test]
fn the_door_stands_open_for_its_dwell() {
    let mut lift = World::at(0);
    lift.press(cab(1));
    lift.run_until_quiet();
    let (opened, closed) = (Event::Opened(floor(1)), Event::Closed(floor(1)));
    let stood = lift.last(closed).unwrap().since(lift.last(opened).unwrap());
    assert!(stood >= seconds(3.0) && stood <= seconds(3.1), "{stood:?}");
}

#[test]
fn a_call_where_the_lift_rests_opens_the_door_there() {
    let mut lift = World::at(3);
    lift.press(down(3));
    lift.run_until_quiet();
    assert_eq!(lift.openings(), [3]);
}

#[test]
fn a_car_collects_on_its_way_and_takes_the_others_on_the_way_back() {
    let mut lift = World::at(0);
    lift.press_all(&[cab(3), up(1), down(2)]);
    lift.run_until_quiet();
    assert_eq!(lift.openings(), [1, 3, 2]);
}

#[test]
fn a_call_that_appears_ahead_is_taken_on_the_way() {
    let mut lift = World::at(0);
    lift.press(cab(3));
    lift.run_until("past floor 1", |w| w.shaft.place == Place::Above(floor(1)));
    lift.press(up(2));
    lift.run_until_quiet();
    assert_eq!(lift.openings(), [2, 3]);
}

#[test]
fn up_and_down_at_one_floor_are_answered_one_after_the_other() {
    let mut lift = World::at(0);
    lift.press_all(&[up(2), down(2)]);
    lift.run_until_quiet();
    assert_eq!(lift.openings(), [2], "one opening serves both");
    let between = lift.last(Event::Dark(down(2))).unwrap();
    let between = between.since(lift.last(Event::Dark(up(2))).unwrap());
    assert!(between >= seconds(3.0), "those who go up have their time first: {between:?}");
    let closed = lift.last(Event::Closed(floor(2))).unwrap();
    let announced = closed.since(lift.last(Event::Dark(down(2))).unwrap());
    assert!(announced >= seconds(3.0), "and those who go down have theirs: {announced:?}");
}

#[test]
fn a_car_that_goes_on_leaves_the_opposite_call_for_the_way_back() {
    let mut lift = World::at(0);
    lift.press_all(&[up(1), down(1)]);
    lift.run_until("open", |w| w.shaft.door);
    lift.press(cab(3));
    lift.run_until_quiet();
    assert_eq!(lift.openings(), [1, 3, 1]);
}

#[test]
fn a_press_at_the_open_door_holds_it_and_needs_no_lamp() {
    let mut lift = World::at(0);
    lift.press(up(1));
    lift.run_until("dark again", |w| w.last(Event::Dark(up(1))).is_some());
    lift.run(seconds(2.0));
    lift.press(up(1));
    let pressed = lift.now;
    lift.run_until_quiet();
    assert_eq!(lift.openings(), [1]);
    assert!(lift.last(Event::Closed(floor(1))).unwrap().since(pressed) >= seconds(3.0));
    let lamps = lift.events.iter().filter(|(_, event)| *event == Event::Lit(up(1))).count();
    assert_eq!(lamps, 1);
}

#[test]
fn nobody_holds_a_lift_that_others_wait_for() {
    let mut lift = World::at(0);
    lift.press_all(&[up(0), cab(2)]);
    lift.run_until("open", |w| w.shaft.door);
    let opened = lift.now;
    while lift.shaft.door {
        assert!(lift.now.since(opened) <= LONGEST_HOLD + seconds(3.5), "held for ever");
        lift.press(up(0));
        lift.run(seconds(1.0));
    }
    assert!(lift.is_lit(up(0)), "the last press has become a call of its own");
    lift.run_until_quiet();
    assert_eq!(lift.openings(), [0, 2, 0]);
}

#[test]
fn who_holds_the_door_keeps_it_neither_from_those_who_go_the_other_way_nor_from_the_rest() {
    let mut lift = World::at(0);
    lift.press_all(&[up(2), down(2)]);
    lift.run_until("open", |w| w.shaft.door);
    let opened = lift.now;
    lift.press(cab(0));
    while lift.shaft.motor != Some(Direction::Down) {
        assert!(lift.now.since(opened) <= LONGEST_HOLD + seconds(7.5), "held for ever");
        lift.press(up(2));
        lift.run(seconds(1.0));
    }
    assert!(lift.last(Event::Dark(down(2))).is_some(), "left behind");
    lift.run_until_quiet();
    assert_eq!(lift.openings(), [2, 0, 2]);
}

#[test]
fn a_press_against_the_committed_direction_is_no_reason_to_hold_the_door() {
    let mut lift = World::at(0);
    lift.press_all(&[cab(1), cab(3)]);
    lift.run_until("open", |w| w.shaft.door);
    lift.press(down(1));
    lift.run_until("lit", |w| w.is_lit(down(1)));
    lift.run_until_quiet();
    assert_eq!(lift.openings(), [1, 3, 1]);
}

#[test]
fn a_car_found_between_floors_moves_to_one_before_anything_else() {
    let mut lift = World::new(Place::Above(floor(1)));
    lift.press(cab(1));
    lift.run_until("at a floor", |w| matches!(w.shaft.place, Place::At(_)));
    lift.run_until_quiet();
    assert_eq!(lift.openings(), [1]);
}

#[test]
fn a_lift_without_calls_stays_where_it_is() {
    let mut lift = World::at(2);
    lift.run(seconds(60.0));
    assert_eq!(lift.events, []);
}

#[test]
fn the_indicator_shows_the_last_floor_passed() {
    let mut lift = World::at(0);
    lift.press(cab(3));
    for number in 0..3 {
        lift.run_until("between floors", |w| w.shaft.place == Place::Above(floor(number)));
        assert_eq!(lift.shaft.indicator, Some(floor(number)));
        lift.run_until("at the next floor", |w| w.shaft.place == Place::At(floor(number + 1)));
        lift.run(seconds(0.05));
        assert_eq!(lift.shaft.indicator, Some(floor(number + 1)));
    }
}

#[test]
fn a_full_house_is_emptied() {
    for start in 0..4 {
        let mut lift = World::at(start);
        lift.press_all(&[cab(0), cab(1), cab(2), cab(3)]);
        lift.press_all(&[up(0), up(1), up(2), down(1), down(2), down(3)]);
        lift.run_until_quiet();
        assert_eq!(lift.shaft.lamps, Buttons::NONE);
    }
}

#[test]
fn a_car_reverses_only_when_nothing_lies_ahead() {
    let mut lift = World::at(1);
    lift.press(cab(3));
    lift.run_until("under way", |w| w.shaft.motor == Some(Direction::Up));
    lift.press_all(&[cab(0), down(2)]);
    lift.run_until_quiet();
    assert_eq!(lift.openings(), [3, 2, 0]);
}
