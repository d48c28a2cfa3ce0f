//! The controller is killed at any moment. It comes back knowing what it owes.

use std::thread;
use std::time::Duration;

use lift_group::lift::OutOfService;

use crate::common::process::{children_of, descriptors_of};
use crate::lift::{Lift, wait_for};
use crate::plan::Plan;

/// Cab and hall calls for a car that is to leave floor 0 upward and come back.
const UPWARD: [&str; 3] = ["cab 3", "up 1", "down 2"];

/// Cab and hall calls for a car that is to leave floor 3 downward.
const DOWNWARD: [&str; 3] = ["cab 0", "down 2", "up 1"];

fn at_the_open_door_of_floor_1(dwell: &str) -> Lift {
    let lift = Plan::new().supervisor(&["--door-dwell", dwell]).start();
    lift.call(&["cab 1", "up 1", "cab 3", "down 2"]);
    lift.wait_until("the door open at floor 1", |seen| seen.is_open_at(1));
    lift
}

fn kill_and_wait_for_the_next(lift: &Lift) {
    let clients = lift.seen().clients;
    lift.kill_controller();
    lift.wait_for_client_after(clients);
}

#[test]
fn an_idle_lift_serves_after_kill_9() {
    let lift = Plan::new().start();
    kill_and_wait_for_the_next(&lift);
    lift.call(&UPWARD);
    let seen = lift.wait_until_all_is_served();
    assert_eq!(seen.openings[..2], [1, 3], "it opens where it was called, in order");
}

#[test]
fn lit_calls_outlive_kill_9_between_floors_upward() {
    let lift = Plan::new().start();
    lift.call(&UPWARD);
    lift.wait_until("between floors, up", |seen| seen.is_between("up"));
    kill_and_wait_for_the_next(&lift);
    lift.wait_until_all_is_served();
}

#[test]
fn lit_calls_outlive_kill_9_between_floors_downward() {
    let lift = Plan::new().simulator(&["--start-floor", "3"]).start();
    lift.call(&DOWNWARD);
    lift.wait_until("between floors, down", |seen| seen.is_between("down"));
    kill_and_wait_for_the_next(&lift);
    lift.wait_until_all_is_served();
}

#[test]
fn an_open_door_opens_again_for_its_full_time_after_kill_9() {
    let lift = at_the_open_door_of_floor_1("1s");
    let events = lift.events().len();
    kill_and_wait_for_the_next(&lift);
    let again = lift.wait_for_event(events, "client connected");
    let closed = lift.wait_for_event(events, "door closed");
    assert!(closed.at - again.at >= 1.0, "only {} s", closed.at - again.at);
    lift.wait_until_all_is_served();
}

#[test]
fn an_obstructed_door_stays_open_through_kill_9() {
    let lift = at_the_open_door_of_floor_1("500ms");
    lift.hardware.send("obstruct on");
    lift.wait_for_event(0, "obstruction on");
    let events = lift.events().len();
    for _ in 0..3 {
        kill_and_wait_for_the_next(&lift);
        lift.wait_until_it_works();
    }
    thread::sleep(Duration::from_secs(1)); // twice the time after which a free door would close
    lift.hardware.send("obstruct off");
    let clear = lift.wait_for_event(events, "obstruction off");
    let closed = lift.wait_for_event(events, "door closed");
    assert!(closed.at - clear.at >= 0.5, "it closed {} s after", closed.at - clear.at);
    lift.wait_until_all_is_served();
}

#[test]
fn a_stopped_lift_stays_stopped_through_kill_9_and_then_serves() {
    let lift =
        Plan::new().simulator(&["--travel", "2s"]).supervisor(&["--travel-time", "2.5s"]).start();
    lift.call(&UPWARD);
    lift.wait_until("between floors, up", |seen| seen.is_between("up"));
    lift.hardware.send("stop on");
    lift.wait_until("stopped between floors", |seen| {
        seen.stop_lamp && seen.motor == "stop" && seen.floor.is_none()
    });
    let events = lift.events().len();
    kill_and_wait_for_the_next(&lift);
    wait_for("the stop button seen", || {
        lift.status().filter(|status| status.out_of_service == Some(OutOfService::StopButton))
    });
    lift.hardware.send("stop off");
    lift.wait_until_all_is_served();
    let after = lift.events().split_off(events);
    let at = |text: &str| after.iter().position(|event| event.text.starts_with(text));
    assert!(at("motor") > at("stop-button off"), "it moved while the stop button was in");
}

#[test]
fn a_press_just_before_kill_9_is_no_promise_unless_its_lamp_was_lit() {
    let lift = Plan::new().start();
    for _ in 0..5 {
        lift.hardware.send("press cab 2");
        lift.hardware.send("press up 1");
        kill_and_wait_for_the_next(&lift);
    }
    lift.wait_until_all_is_served();
}

#[test]
fn kill_9_over_and_over_only_delays_and_leaves_nothing_behind() {
    let lift = Plan::new().start();
    lift.call(&UPWARD);
    let descriptors = descriptors_of(lift.supervisor());
    for _ in 0..6 {
        kill_and_wait_for_the_next(&lift);
    }
    lift.wait_until_all_is_served();
    lift.wait_until_it_works();
    assert_eq!(descriptors_of(lift.supervisor()), descriptors);
    assert_eq!(children_of(lift.supervisor()), lift.controllers());
}
