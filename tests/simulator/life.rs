//! How the simulator begins and ends, or does not begin.

use std::fs;
use std::io::Write;
use std::os::unix::net::UnixListener;
use std::process::{Output, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::common::simulator::Simulator;
use crate::{Bare, Client, Console, FLOOR};

#[test]
fn the_end_of_standard_input_ends_nothing() {
    let (_simulator, address, _output) = Bare::start(&[]);
    let client = Client::connect(address);
    client.ask(FLOOR);
    assert_eq!(client.ask(FLOOR), [7, 1, 0, 0]);
}

#[test]
fn the_end_of_standard_input_ends_the_simulator_that_shall_end_with_it() {
    assert!(fruitless(&["--port", "0"]).status.success());
}

#[test]
fn quit_and_the_signals_that_ask_for_it_end_the_simulator_in_order() {
    let mut simulator = Simulator::start(4, &[]);
    simulator.send("quit");
    assert!(simulator.wait_for_end().success());
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let mut simulator = Simulator::start(4, &[]);
        kill(Pid::from_raw(simulator.pid().cast_signed()), signal).unwrap();
        assert!(simulator.wait_for_end().success(), "{signal}");
    }
}

#[test]
fn everything_is_told_before_the_end() {
    let child = Simulator::command(&["--port", "0"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = "state\n".repeat(1000) + "quit\n"; // told in more bytes than a pipe holds
    child.stdin.as_ref().unwrap().write_all(lines.as_bytes()).unwrap();
    let told = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(told.lines().filter(|line| line.contains(" state ")).count(), 1000);
}

#[test]
fn the_control_socket_comes_and_goes_with_its_simulator() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("control");
    drop(UnixListener::bind(&path).unwrap()); // as a killed simulator leaves it
    let mut simulator = Simulator::start(4, &["--control", path.to_str().unwrap()]);
    Console::connect(&path).send("quit");
    assert!(simulator.wait_for_end().success());
    assert!(!path.exists());
}

#[test]
fn a_control_socket_in_use_and_a_file_of_another_kind_are_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("control");
    let _simulator = Simulator::start(4, &["--control", path.to_str().unwrap()]);
    let file = directory.path().join("file");
    fs::write(&file, "precious").unwrap();
    for taken in [&path, &file] {
        let taken = taken.to_str().unwrap();
        let refused = fruitless(&["--port", "0", "--control", taken]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&refused.stderr).contains(taken));
    }
    let mut console = Console::connect(&path);
    console.send("state");
    console.wait_for("refuse=off");
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
}

#[test]
fn a_taken_port_is_a_clear_message_and_status_1() {
    let simulator = Simulator::start(4, &[]);
    let port = simulator.address().port().to_string();
    let refused = fruitless(&["--port", &port]);
    assert_eq!(refused.status.code(), Some(1));
    let message = String::from_utf8(refused.stderr).unwrap();
    assert!(message.contains(&simulator.address().to_string()), "{message}");
    assert!(message.contains("--port"), "{message}");
    assert!(refused.stdout.is_empty());
}

#[test]
fn wrong_options_are_named_and_status_2() {
    let table: [(&[&str], &str); 6] = [
        (&["--floors", "1"], "--floors"),
        (&["--floors", "4", "--start-floor", "4"], "floor 4"),
        (&["--floors", "4", "--start-between", "3"], "above floor 3"),
        (&["--start-floor", "1", "--start-between", "1"], "--start-between"),
        (&["--travel", "soon"], "--travel"),
        (&["--dance"], "--dance"),
    ];
    for (options, named) in table {
        let refused = fruitless(options);
        assert_eq!(refused.status.code(), Some(2), "{options:?}");
        let message = String::from_utf8(refused.stderr).unwrap();
        assert!(message.contains(named), "{message}");
    }
}

/// What a simulator says that should not come to run; if it does, it ends.
fn fruitless(options: &[&str]) -> Output {
    Simulator::command(options).arg("--end-with-stdin").stdin(Stdio::null()).output().unwrap()
}
