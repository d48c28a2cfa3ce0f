//! The hardware fails: silent, gone, elsewhere, without power, in the hands of another.

use std::net::TcpStream;

use lift_group::lift::OutOfService;

use crate::lift::wait_for;
use crate::plan::Plan;

#[test]
fn a_door_command_that_nobody_heard_answers_nobody() {
    let lift = Plan::new().start();
    lift.hardware.send("silent-on-door");
    lift.call(&["cab 2", "up 1"]);
    lift.wait_for_event(0, "silent on");
    let status = wait_for("the silence noticed", || {
        lift.status().filter(|status| status.out_of_service == Some(OutOfService::HardwareLost))
    });
    assert!(status.calls.len() == 2 && status.calls.iter().all(|call| call.lit), "{status:?}");
    let events = lift.events().len();
    lift.hardware.send("silent off");
    lift.wait_for_event(events, "door open");
    lift.wait_until_all_is_served();
}

#[test]
fn hardware_that_restarts_elsewhere_in_mid_travel_is_found_and_the_calls_served() {
    let mut lift = Plan::new().start();
    lift.call(&["cab 3", "up 1", "down 2"]);
    lift.wait_until("between floors, up", |seen| seen.is_between("up"));
    lift.cut_hardware();
    lift.restore_hardware(&["--start-between", "2"]);
    lift.wait_until("the lamps lit again", |seen| seen.lit.len() == seen.owed.len());
    lift.wait_until_all_is_served();
}

#[test]
fn hardware_that_restarts_at_an_open_door_forgets_nobody() {
    let mut lift = Plan::new().start();
    lift.call(&["cab 3", "cab 1", "up 1"]);
    lift.wait_until("the door open at floor 1", |seen| seen.is_open_at(1));
    lift.cut_hardware();
    lift.restore_hardware(&["--start-floor", "3"]);
    lift.wait_until_all_is_served();
}

#[test]
fn hardware_that_is_absent_at_the_start_is_waited_for() {
    let mut lift = Plan::new().build();
    lift.cut_hardware();
    lift.start_supervisor();
    lift.wait_until_it_works();
    lift.wait_for_log(&["hardware", &lift.hardware.address().to_string()]);
    lift.restore_hardware(&["--start-between", "1"]);
    lift.call(&["cab 3", "up 1"]);
    lift.wait_until_all_is_served();
}

#[test]
fn a_connection_that_is_dropped_over_and_over_only_delays() {
    let lift = Plan::new().start();
    lift.call(&["cab 3", "up 1", "down 2"]);
    for _ in 0..5 {
        let clients = lift.seen().clients;
        lift.hardware.send("drop");
        lift.wait_for_client_after(clients);
    }
    lift.wait_until_all_is_served();
}

#[test]
fn a_drive_without_power_serves_when_power_is_back() {
    let lift = Plan::new().start();
    lift.call(&["cab 3", "up 2"]);
    lift.wait_until("between floors, up", |seen| seen.is_between("up"));
    lift.hardware.send("power off");
    lift.wait_for_log(&["out of service", "start failure"]);
    lift.hardware.send("power on");
    lift.wait_until_all_is_served();
    assert!(lift.status().unwrap().out_of_service.is_none());
}

#[test]
fn a_door_obstructed_for_long_takes_the_lift_out_of_service_until_it_has_closed() {
    let lift = Plan::new().start();
    lift.call(&["cab 1", "cab 3"]);
    lift.wait_until("the door open at floor 1", |seen| seen.is_open_at(1));
    lift.hardware.send("obstruct on");
    lift.call(&["down 2"]);
    lift.wait_for_log(&["out of service", "door"]);
    lift.hardware.send("obstruct off");
    lift.wait_until_all_is_served();
    assert!(lift.status().unwrap().out_of_service.is_none());
}

#[test]
fn a_stranger_at_the_hardware_is_outwaited() {
    let mut lift = Plan::new().build();
    let stranger = TcpStream::connect(lift.hardware.address()).unwrap();
    lift.wait_for_event(0, "client connected");
    lift.start_supervisor();
    lift.wait_for_log(&["hardware"]);
    drop(stranger);
    lift.wait_until("our client", |seen| seen.clients > 1);
    lift.call(&["cab 2", "down 1"]);
    lift.wait_until_all_is_served();
}
