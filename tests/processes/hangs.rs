//! The controller stands still without ending. It is found, killed and replaced.

use nix::sys::signal::Signal;

use crate::common::process::signal;
use crate::lift::Lift;
use crate::plan::Plan;

fn hang_and_wait_for_the_next(lift: &Lift) {
    let clients = lift.seen().clients;
    let hung = lift.controller();
    signal(hung, Signal::SIGSTOP);
    lift.wait_for_successor_of(hung);
    lift.wait_for_client_after(clients);
    lift.wait_for_log(&["killing the controller", "hung", &hung.to_string()]);
}

#[test]
fn a_hung_controller_is_replaced_before_the_car_runs_away() {
    let lift = Plan::new().start();
    lift.call(&["cab 3", "up 1", "down 2"]);
    lift.wait_until("between floors, up", |seen| seen.is_between("up"));
    hang_and_wait_for_the_next(&lift);
    lift.wait_until_all_is_served();
}

#[test]
fn a_controller_that_hangs_at_the_open_door_is_replaced() {
    let lift = Plan::new().start();
    lift.call(&["cab 1", "up 1", "cab 3"]);
    lift.wait_until("the door open at floor 1", |seen| seen.is_open_at(1));
    hang_and_wait_for_the_next(&lift);
    lift.wait_until_all_is_served();
}

#[test]
fn a_supervisor_that_was_stopped_itself_blames_nobody() {
    let lift = Plan::new().supervisor(&["--hang-timeout", "1s"]).start();
    lift.call(&["cab 3", "up 1"]);
    let controller = lift.controller();
    signal(lift.supervisor(), Signal::SIGSTOP);
    // The lift serves without its supervisor, but nothing new becomes durable.
    lift.wait_until("the door open at floor 1", |seen| seen.door || seen.floor == Some(1));
    std::thread::sleep(std::time::Duration::from_millis(1500)); // longer than a hang may last
    signal(lift.supervisor(), Signal::SIGCONT);
    lift.wait_until_all_is_served();
    assert_eq!(lift.controllers(), [controller]);
}
