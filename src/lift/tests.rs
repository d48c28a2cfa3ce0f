//! One lift, told reading by reading what its hardware says.

use std::time::Duration;

use super::*;
use crate::building::{Building, LiftId};
use crate::config::LONGEST_HOLD;
use Direction::{Down, Up};

fn floor(number: u8) -> Floor {
    Floor::try_from(number).unwrap()
}

fn at(seconds: u64) -> Instant {
    Instant::after_start(Duration::from_secs(seconds))
}

fn cab(number: u8) -> Buttons {
    [Button::Cab(floor(number))].into_iter().collect()
}

fn reading(number: Option<u8>) -> Sense {
    Sense { floor: number.map(floor), ..Sense::default() }
}

fn held(number: Option<u8>) -> Sense {
    Sense { stop_button: true, ..reading(number) }
}

fn lift(memory: Memory) -> Lift {
    Lift::new(Config::new(LiftId(1), Building::try_from(4).unwrap()), memory)
}

/// Takes in a reading behind all that was told before, and goes on.
fn step(lift: &mut Lift, now: Instant, sense: Sense, calls: Buttons) {
    lift.sense(now, &sense, true);
    lift.proceed(now, sense.floor, &calls);
}

/// A lift that stands at this floor with its door closed.
fn standing(number: u8) -> Lift {
    let mut lift = lift(Memory::default());
    for _ in 0..2 {
        step(&mut lift, at(0), reading(Some(number)), Buttons::NONE);
    }
    lift
}

/// A lift that has just been told to open its door at this floor.
fn opening(number: u8) -> Lift {
    let mut lift = standing(number);
    step(&mut lift, at(0), reading(Some(number)), cab(number));
    assert!(lift.car().open_door().is_some());
    lift
}

fn motor(lift: &Lift) -> Option<Direction> {
    lift.actuators().unwrap().motor
}

#[test]
fn a_floor_of_another_building_is_not_remembered() {
    let memory = Memory { floor: Some(floor(4)), door_open: true, direction: Some(Up) };
    let lift = lift(memory);
    assert_eq!(lift.last_floor(), None);
    assert!(!lift.memory().door_open);
}

#[test]
fn a_floor_is_reached_although_no_reading_fell_between_two() {
    let mut lift = standing(0);
    step(&mut lift, at(0), reading(Some(0)), cab(1));
    assert_eq!(motor(&lift), Some(Up));
    step(&mut lift, at(1), reading(Some(1)), cab(1));
    assert_eq!(motor(&lift), None);
}

#[test]
fn the_floor_that_a_car_leaves_is_none_that_it_reaches() {
    let mut lift = standing(1);
    step(&mut lift, at(0), reading(Some(1)), cab(3));
    step(&mut lift, at(0), reading(Some(1)), cab(1));
    assert_eq!(motor(&lift), Some(Up), "to stop would be too late: it may be past the sensor");
}

#[test]
fn a_stop_is_believed_only_from_a_reading_behind_it() {
    let mut lift = standing(0);
    step(&mut lift, at(0), reading(Some(0)), cab(1));
    step(&mut lift, at(1), reading(Some(1)), cab(1));
    lift.sense(at(1), &reading(Some(1)), false);
    assert_eq!(*lift.car(), Car::Stopping(floor(1)));
    step(&mut lift, at(1), reading(None), cab(1));
    assert_eq!(motor(&lift), Some(Down), "it has rolled past and comes back");
    assert_eq!(lift.service(), Err(OutOfService::PositionLost));
}

#[test]
fn a_lost_car_stops_at_the_first_floor_whatever_lies_ahead() {
    let mut lift = lift(Memory { direction: Some(Up), ..Memory::default() });
    step(&mut lift, at(0), reading(None), cab(3));
    assert_eq!(motor(&lift), Some(Up));
    assert_eq!(lift.service(), Err(OutOfService::PositionLost));
    step(&mut lift, at(1), reading(Some(1)), cab(3));
    assert_eq!(motor(&lift), None);
    assert_eq!(lift.service(), Ok(()));
}

#[test]
fn a_lost_car_is_sought_inside_the_shaft() {
    let seeks = |number, direction| {
        let memory = Memory { floor: Some(floor(number)), direction, door_open: false };
        let mut lift = lift(memory);
        step(&mut lift, at(0), reading(None), Buttons::NONE);
        motor(&lift)
    };
    assert_eq!(seeks(1, Some(Up)), Some(Up));
    assert_eq!(seeks(1, None), Some(Down), "below every place in the shaft is a floor");
    assert_eq!(seeks(3, Some(Up)), Some(Down));
    assert_eq!(seeks(0, Some(Down)), Some(Up));
    assert_eq!(seeks(0, None), Some(Up));
}

#[test]
fn a_lift_that_is_held_stays_as_it_is() {
    let mut lift = standing(0);
    step(&mut lift, at(0), held(Some(0)), cab(2));
    assert_eq!(motor(&lift), None);
    step(&mut lift, at(0), reading(Some(0)), cab(2));
    step(&mut lift, at(1), held(None), cab(2));
    assert_eq!(motor(&lift), None);
    assert_eq!(lift.next_wakeup(), None, "only a reading can change anything now");
    step(&mut lift, at(2), held(None), cab(2));
    assert_eq!(motor(&lift), None);
    step(&mut lift, at(3), reading(None), cab(2));
    assert_eq!(motor(&lift), Some(Up));
}

#[test]
fn a_lost_car_that_is_held_is_not_sought_until_it_may() {
    let mut lift = lift(Memory::default());
    step(&mut lift, at(0), held(None), Buttons::NONE);
    assert_eq!(motor(&lift), None);
    step(&mut lift, at(1), reading(None), Buttons::NONE);
    assert_eq!(motor(&lift), Some(Down));
}

#[test]
fn a_car_halted_at_the_last_floor_does_not_set_out_over_it() {
    let mut lift = standing(2);
    step(&mut lift, at(0), reading(Some(2)), cab(3));
    step(&mut lift, at(1), reading(None), cab(3));
    step(&mut lift, at(2), held(Some(3)), cab(3));
    step(&mut lift, at(3), reading(Some(3)), cab(3));
    assert_eq!(motor(&lift), None);
}

#[test]
fn a_running_drive_asks_for_its_renewal() {
    let mut lift = standing(0);
    step(&mut lift, at(0), reading(Some(0)), cab(2));
    assert_eq!(lift.next_wakeup(), Some(at(1)));
    let before = lift.actuators();
    lift.proceed(at(1), Some(floor(0)), &cab(2));
    assert_ne!(lift.actuators(), before);
    assert_eq!(lift.next_wakeup(), Some(at(2)));
}

#[test]
fn an_ending_lift_is_out_of_service_and_sets_out_no_more() {
    let mut lift = standing(0);
    lift.end();
    step(&mut lift, at(0), reading(Some(0)), cab(2));
    assert_eq!(lift.service(), Err(OutOfService::Ending));
    assert_eq!(motor(&lift), None);
}

#[test]
fn a_door_that_nobody_has_seen_open_answers_and_swallows_nothing() {
    let mut lift = opening(1);
    assert_eq!(lift.answers(at(0), &cab(1)), Buttons::NONE);
    assert!(!lift.hold_door(at(0), Button::Cab(floor(1))));
    lift.sense(at(0), &reading(Some(1)), true);
    assert_eq!(lift.answers(at(0), &cab(1)), cab(1));
    assert!(lift.hold_door(at(0), Button::Cab(floor(1))));
}

#[test]
fn a_door_held_for_too_long_answers_nothing_more() {
    let mut lift = opening(1);
    lift.sense(at(0), &reading(Some(1)), true);
    let late = Instant::START + LONGEST_HOLD;
    assert_eq!(lift.answers(late, &cab(1)), Buttons::NONE);
    assert!(!lift.hold_door(late, Button::Cab(floor(1))));
}

#[test]
fn who_holds_the_door_first_commits_the_lift() {
    let mut lift = opening(1);
    lift.sense(at(0), &reading(Some(1)), true);
    assert!(lift.hold_door(at(0), Button::Hall(floor(1), Down)));
    assert_eq!(lift.committed(), Some(Down));
    assert!(!lift.hold_door(at(0), Button::Hall(floor(1), Up)), "one direction at a time");
}

#[test]
fn a_lift_says_where_it_goes_on_while_its_door_is_still_open() {
    let mut lift = opening(1);
    step(&mut lift, at(0), reading(Some(1)), cab(0));
    assert!(lift.actuators().unwrap().door);
    assert_eq!(lift.committed(), Some(Down));
}

#[test]
fn an_open_door_is_remembered_until_the_lift_is_seen_somewhere() {
    let mut lift = opening(1);
    lift.disconnect();
    lift.disconnect();
    assert!(lift.memory().door_open, "a second loss loses nothing");
    step(&mut lift, at(9), reading(Some(1)), Buttons::NONE);
    assert!(lift.actuators().unwrap().door);
    lift.disconnect();
    step(&mut lift, at(9), reading(Some(2)), Buttons::NONE);
    assert!(!lift.actuators().unwrap().door, "who stood at that door is not here");
    assert!(!lift.memory().door_open);
}

#[test]
fn a_start_failure_lasts_until_a_floor_is_reached_or_passed() {
    let mut lift = standing(0);
    step(&mut lift, at(0), reading(Some(0)), cab(2));
    step(&mut lift, at(4), reading(None), cab(2));
    assert_eq!(lift.service(), Ok(()));
    step(&mut lift, at(5), reading(None), cab(2));
    assert_eq!(lift.service(), Err(OutOfService::StartFailure));
    step(&mut lift, at(8), reading(None), cab(2));
    assert_eq!(lift.service(), Err(OutOfService::StartFailure));
    step(&mut lift, at(9), reading(Some(1)), cab(2));
    assert_eq!(motor(&lift), Some(Up), "it passes");
    assert_eq!(lift.service(), Ok(()));
    step(&mut lift, at(13), reading(None), cab(2));
    assert_eq!(lift.service(), Ok(()), "the time counts from floor to floor");
    step(&mut lift, at(14), reading(None), cab(2));
    assert_eq!(lift.service(), Err(OutOfService::StartFailure));
}
