//! What breaks in the shaft and in the car (C3, C6, C7, C10, C11).

use lift_group::building::Direction;
use lift_group::lift::OutOfService;
use lift_group::lift::panel::{Button, Buttons};
use lift_group::node::Notice;

use crate::shaft::{Place, Shaft};
use crate::world::{Event, World, building, cab, down, floor, seconds, up};

fn out_of_service(lift: &World) -> Option<OutOfService> {
    lift.node.as_ref().unwrap().status(lift.now).out_of_service
}

#[test]
fn the_door_never_closes_on_an_obstruction() {
    let mut lift = World::at(0);
    lift.press(cab(1));
    lift.run_until("open", |w| w.shaft.door);
    lift.shaft.obstruction = true;
    lift.run(seconds(60.0));
    assert!(lift.shaft.door);
    lift.shaft.obstruction = false;
    let cleared = lift.now;
    lift.run_until_quiet();
    assert!(lift.last(Event::Closed(floor(1))).unwrap().since(cleared) >= seconds(3.0));
}

#[test]
fn an_obstruction_that_comes_and_goes_starts_the_dwell_again_each_time() {
    let mut lift = World::at(0);
    lift.press(cab(1));
    lift.run_until("open", |w| w.shaft.door);
    for _ in 0..3 {
        lift.run(seconds(2.0));
        lift.shaft.obstruction = true;
        lift.run(seconds(0.1));
        lift.shaft.obstruction = false;
    }
    let cleared = lift.now;
    lift.run_until_quiet();
    assert!(lift.last(Event::Closed(floor(1))).unwrap().since(cleared) >= seconds(3.0));
    assert_eq!(lift.openings(), [1]);
}

#[test]
fn a_lift_whose_door_is_kept_open_takes_no_hall_calls_until_it_has_closed() {
    let mut lift = World::at(0);
    lift.press(cab(1));
    lift.run_until("open", |w| w.shaft.door);
    lift.shaft.obstruction = true;
    lift.run(seconds(4.9));
    assert_eq!(out_of_service(&lift), None);
    lift.run(seconds(0.2));
    assert_eq!(out_of_service(&lift), Some(OutOfService::DoorClosingFault));
    lift.press(up(1));
    lift.run_until("lit", |w| w.is_lit(up(1)));
    lift.shaft.obstruction = false;
    lift.run(seconds(2.0));
    assert!(lift.is_lit(up(1)), "out of service it answers no hall call, not even at its own door");
    assert_eq!(out_of_service(&lift), Some(OutOfService::DoorClosingFault));
    lift.run_until_quiet();
    assert_eq!(out_of_service(&lift), None);
    assert_eq!(lift.openings(), [1, 1]);
}

#[test]
fn a_door_that_passengers_hold_after_an_obstruction_has_no_fault() {
    let mut lift = World::at(0);
    lift.press_all(&[up(2), down(2)]);
    lift.run_until("open", |w| w.shaft.door);
    lift.run(seconds(1.0));
    lift.shaft.obstruction = true;
    lift.run(seconds(4.0));
    lift.shaft.obstruction = false;
    lift.run_until_quiet();
    let fault = Notice::Service(Err(OutOfService::DoorClosingFault));
    assert!(!lift.notices_have(fault), "it only stood for those who go down as well");
    assert_eq!(lift.openings(), [2]);
}

#[test]
fn a_drive_without_power_is_a_start_failure_until_a_floor_is_reached() {
    let mut lift = World::at(0);
    lift.press(cab(2));
    lift.run_until("between floors", |w| w.shaft.place == Place::Above(floor(0)));
    lift.shaft.cut_power();
    lift.run(seconds(6.0));
    assert!(lift.notices_have(Notice::Service(Err(OutOfService::StartFailure))));
    lift.shaft.powered = true;
    lift.run(seconds(1.1));
    assert_eq!(lift.shaft.motor, Some(Direction::Up), "the command is repeated every second");
    lift.run_until_quiet();
    assert_eq!(out_of_service(&lift), None);
    assert_eq!(lift.openings(), [2]);
}

#[test]
fn hall_calls_of_a_lift_that_cannot_start_are_kept_and_answered_afterwards() {
    let mut lift = World::at(0);
    lift.shaft.cut_power();
    lift.press(down(2));
    lift.run(seconds(30.0));
    assert!(lift.is_lit(down(2)));
    lift.shaft.powered = true;
    lift.run_until_quiet();
    assert_eq!(lift.openings(), [2]);
}

#[test]
fn the_stop_button_stops_the_car_where_it_is_and_keeps_the_calls() {
    let mut lift = World::at(0);
    lift.press(cab(2));
    lift.run_until("between floors", |w| w.shaft.place == Place::Above(floor(0)));
    lift.shaft.stop_button = true;
    lift.run(seconds(0.1));
    assert_eq!(lift.shaft.motor, None);
    assert!(lift.shaft.stop_lamp);
    assert_eq!(out_of_service(&lift), Some(OutOfService::StopButton));
    lift.press(down(3));
    lift.run(seconds(30.0));
    assert!(lift.is_lit(cab(2)) && lift.is_lit(down(3)));
    lift.shaft.stop_button = false;
    lift.run_until_quiet();
    assert!(!lift.shaft.stop_lamp);
    assert_eq!(lift.openings(), [2, 3]);
}

#[test]
fn a_lift_stopped_with_its_door_open_stays_there() {
    let mut lift = World::at(0);
    lift.press_all(&[cab(1), cab(2)]);
    lift.run_until("open", |w| w.shaft.door);
    lift.shaft.stop_button = true;
    lift.run(seconds(30.0));
    assert!(lift.shaft.door);
    assert_eq!(lift.shaft.motor, None);
    lift.shaft.stop_button = false;
    lift.run_until_quiet();
    assert_eq!(lift.openings(), [1, 2]);
}

#[test]
fn a_car_stopped_in_passing_a_floor_goes_on_from_it() {
    let mut lift = World::at(0);
    lift.press(cab(3));
    lift.run_until("at floor 1", |w| w.shaft.place == Place::At(floor(1)));
    lift.run(seconds(0.2));
    lift.shaft.stop_button = true;
    lift.run(seconds(5.0));
    lift.shaft.stop_button = false;
    lift.run_until_quiet();
    assert_eq!(lift.openings(), [3]);
}

#[test]
fn a_lost_hardware_is_told_everything_afresh_when_it_is_back() {
    let mut lift = World::at(0);
    lift.press_all(&[cab(2), down(3)]);
    lift.run_until("between floors", |w| w.shaft.place == Place::Above(floor(0)));
    lift.lose_hardware();
    assert_eq!(out_of_service(&lift), Some(OutOfService::HardwareLost));
    lift.run(seconds(10.0));
    // The server was restarted: dark, and the car is elsewhere.
    lift.shaft = Shaft::new(building(4), Place::Above(floor(2)));
    lift.connect();
    lift.run(seconds(0.1));
    assert!(lift.is_lit(cab(2)) && lift.is_lit(down(3)));
    lift.run_until_quiet();
    assert_eq!(lift.shaft.indicator, Some(floor(2)));
}

#[test]
fn a_hardware_that_goes_silent_at_the_door_has_answered_nothing() {
    let mut lift = World::at(0);
    lift.press(up(2));
    lift.run_until("lit", |w| w.is_lit(up(2)));
    lift.silent_at_door = true;
    lift.run_until("silent", |w| !w.connected);
    lift.run(seconds(0.3));
    lift.lose_hardware();
    assert!(!lift.shaft.door && lift.is_lit(up(2)));
    lift.silent_at_door = false;
    lift.run(seconds(5.0));
    lift.connect();
    lift.run_until_quiet();
    assert_eq!(lift.openings(), [2]);
}

#[test]
fn a_car_that_rolled_past_its_floor_comes_back_to_it() {
    let mut lift = World::at(0);
    lift.press(cab(1));
    lift.run_until("stopped", |w| w.events.contains(&(w.now, Event::Motor(None))));
    lift.shaft.place = Place::Above(floor(1));
    lift.run_until_quiet();
    assert_eq!(lift.openings(), [1]);
}

#[test]
fn a_car_that_slips_from_its_floor_closes_the_door_and_finds_one() {
    let mut lift = World::at(2);
    lift.press(cab(2));
    lift.run_until("answered", |w| w.last(Event::Dark(cab(2))).is_some());
    lift.shaft.place = Place::Above(floor(1));
    lift.run(seconds(0.1));
    assert!(!lift.shaft.door);
    lift.run_until("found a floor", |w| matches!(w.shaft.place, Place::At(_)));
    lift.run_until_quiet();
}

#[test]
fn a_button_held_down_is_one_press() {
    let mut lift = World::at(0);
    lift.shaft.pressed = [Button::Cab(floor(1))].into_iter().collect::<Buttons>();
    lift.run(seconds(60.0));
    assert_eq!(lift.openings(), [1]);
}
