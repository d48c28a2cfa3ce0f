//! What an operator asks for: an orderly end, a fresh controller.

use nix::sys::signal::Signal;

use crate::common::process::signal;
use crate::lift::Lift;
use crate::plan::Plan;

fn in_mid_travel() -> Lift {
    let lift = Plan::new().start();
    lift.call(&["cab 3", "down 2"]);
    lift.wait_until("between floors, up", |seen| seen.is_between("up"));
    lift
}

#[test]
fn sigterm_stops_the_motor_and_ends_in_order_and_a_new_start_serves_the_calls() {
    let mut lift = in_mid_travel();
    let events = lift.events().len();
    signal(lift.supervisor(), Signal::SIGTERM);
    assert_eq!(lift.wait_for_end().code(), Some(0));
    assert!(lift.controllers().is_empty());
    lift.wait_for_event(events, "client gone");
    let end = lift.events().split_off(events);
    let at = |text: &str| end.iter().position(|event| event.text == text);
    assert!(at("client gone") > at("motor stop"), "the motor was left to stop by itself");
    assert!(at("motor stop").is_some(), "the motor was not stopped");
    lift.start_supervisor();
    lift.wait_until_all_is_served();
}

#[test]
fn sighup_replaces_the_controller_and_loses_no_call() {
    let lift = in_mid_travel();
    let (supervisor, former) = (lift.supervisor(), lift.controller());
    signal(supervisor, Signal::SIGHUP);
    lift.wait_for_successor_of(former);
    lift.wait_until_all_is_served();
    assert_eq!(lift.supervisor_status().unwrap().pid, supervisor);
    assert_eq!(lift.controllers().len(), 1);
}

#[test]
fn a_controller_that_hangs_when_it_should_stop_does_not_let_the_car_run_away() {
    let mut lift = Plan::new().start();
    lift.call(&["cab 3"]);
    lift.wait_until("floor 2 passed", |seen| seen.motor == "up" && seen.floor == Some(2));
    signal(lift.controller(), Signal::SIGSTOP);
    signal(lift.supervisor(), Signal::SIGTERM);
    assert_eq!(lift.wait_for_end().code(), Some(0));
    assert!(lift.controllers().is_empty());
    lift.start_supervisor();
    lift.wait_until_all_is_served();
}

#[test]
fn hardware_that_does_not_answer_keeps_nobody_from_ending_in_order() {
    let mut lift = Plan::new().start();
    lift.hardware.send("silent on");
    lift.wait_for_event(0, "silent on");
    signal(lift.supervisor(), Signal::SIGTERM);
    assert_eq!(lift.wait_for_end().code(), Some(0));
    lift.cut_hardware();
    lift.start_supervisor();
    lift.wait_until_it_works();
    signal(lift.supervisor(), Signal::SIGTERM);
    assert_eq!(lift.wait_for_end().code(), Some(0));
}
