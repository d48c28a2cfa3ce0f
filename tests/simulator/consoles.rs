//! Lines in, events out; on standard input and output, and on the control socket.

use std::io::{Read, Write};
use std::net::Shutdown;

use crate::common::simulator::{PATIENCE, Simulator};
use crate::{Bare, CAB_2, Client, Console, FLOOR, LAMP_CAB_1, OPEN_DOOR};

#[test]
fn a_press_lasts_as_long_as_the_option_or_the_line_says() {
    let simulator = Simulator::start(4, &["--press", "20ms"]);
    for (line, length) in [("press cab 2", 0.02), ("press cab 2 70ms", 0.07)] {
        simulator.send(line);
        let pressed = simulator.wait_for_text("pressed cab floor=2");
        let released = simulator.wait_for_text("released cab floor=2");
        let lasted = released.at - pressed.at;
        assert!((lasted - length).abs() < 0.000_01, "{line} lasted {lasted} s");
    }
}

#[test]
fn a_pressed_button_reads_as_pressed_until_it_is_released() {
    let simulator = Simulator::start(4, &[]);
    let client = Client::connect(simulator.address());
    simulator.send("hold cab 2");
    simulator.wait_for_text("pressed cab floor=2");
    assert_eq!(client.ask(CAB_2), [6, 1, 0, 0]);
    simulator.send("release cab 2");
    simulator.wait_for_text("released cab floor=2");
    assert_eq!(client.ask(CAB_2), [6, 0, 0, 0]);
}

#[test]
fn a_line_that_means_nothing_is_an_error_and_nothing_else() {
    let simulator = Simulator::start(4, &[]);
    let before = simulator.state().text;
    for line in ["dance", "press cab 9", "power perhaps", &"x".repeat(5000)] {
        simulator.send(line);
        let error = simulator.wait_for(|event| event.text.starts_with("error "), PATIENCE);
        assert!(error.text.len() < 400, "{error:?}");
    }
    simulator.send("");
    assert_eq!(simulator.state().text, before);
}

#[test]
fn every_client_of_the_control_socket_may_act_and_is_told_everything() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("control");
    let simulator = Simulator::start(4, &["--control", path.to_str().unwrap()]);
    let (mut one, mut other) = (Console::connect(&path), Console::connect(&path));
    other.send("power off");
    other.wait_for("power off");
    one.send("press up 1");
    for console in [&mut one, &mut other] {
        console.wait_for("pressed up floor=1");
    }
    drop(one);
    other.send("obstruct on");
    other.wait_for("obstruction on");
    simulator.wait_for_text("power off");
    simulator.wait_for_text("pressed up floor=1");
    simulator.wait_for_text("obstruction on");
}

#[test]
fn a_control_client_that_has_said_all_still_hears_all() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("control");
    let simulator = Simulator::start(4, &["--control", path.to_str().unwrap()]);
    let mut console = Console::connect(&path);
    write!(console.0.get_ref(), "power off").unwrap(); // the last line may lack its end
    console.0.get_ref().shutdown(Shutdown::Write).unwrap();
    console.wait_for("power off");
    simulator.send("obstruct on");
    console.wait_for("obstruction on");
}

#[test]
fn a_simulator_that_nobody_listens_to_any_more_goes_on() {
    let (_simulator, address, output) = Bare::start(&[]);
    drop(output);
    let client = Client::connect(address);
    client.send(&OPEN_DOOR); // an event that meets the closed pipe
    client.ask(FLOOR);
    assert_eq!(client.ask(FLOOR), [7, 1, 0, 0]);
}

#[test]
fn a_listener_that_does_not_read_holds_nobody_up() {
    let (_simulator, address, _unread) = Bare::start(&[]);
    tell_much(&Client::connect(address));
}

#[test]
fn a_listener_that_falls_far_behind_is_given_up() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("control");
    let simulator = Simulator::start(4, &["--control", path.to_str().unwrap()]);
    let mut unread = Console::connect(&path);
    unread.send("power off");
    simulator.wait_for_text("power off");
    tell_much(&Client::connect(simulator.address()));
    unread.0.read_to_end(&mut Vec::new()).expect("the end, and no more events");
}

/// Makes the simulator tell some 2 MB of events, in portions of every size: more than any pipe and
/// its own patience hold.
fn tell_much(client: &Client) {
    for portion in (1..=100).cycle().take(600) {
        client.send(&[LAMP_CAB_1, [2, 2, 1, 0]].concat().repeat(portion));
        assert_eq!(client.ask(FLOOR), [7, 1, 0, 0]);
    }
}
