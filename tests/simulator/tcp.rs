//! What a client meets at the port.

use std::io::{ErrorKind, Read};
use std::net::TcpStream;

use crate::common::simulator::Simulator;
use crate::{CAB_2, Client, FLOOR, LAMP_CAB_1, MOTOR_DOWN, MOTOR_UP, OBSTRUCTION, OPEN_DOOR};

/// A car that is still on its way when the test is over.
const ENDLESS: &[&str] = &["--travel", "1h", "--passing", "1h"];

#[test]
fn a_split_message_becomes_two_wrong_ones() {
    let simulator = Simulator::start(4, &[]);
    let client = Client::connect(simulator.address());
    client.send(&OPEN_DOOR[..2]);
    simulator.wait_for_text("door open");
    client.send(&OPEN_DOOR[2..]);
    simulator.wait_for_text("reload");
    simulator.wait_for_text("door closed");
}

#[test]
fn pipelined_reads_are_answered_in_order() {
    let simulator = Simulator::start(4, &["--start-floor", "3"]);
    simulator.send("hold cab 2");
    simulator.wait_for_text("pressed cab floor=2");
    let client = Client::connect(simulator.address());
    client.send(&[OBSTRUCTION, CAB_2, FLOOR, [6, 2, 1, 0], [8, 0, 0, 0]].concat());
    let expected = [[9, 0, 0, 0], [6, 1, 0, 0], [7, 1, 3, 0], [6, 0, 0, 0], [8, 0, 0, 0]].concat();
    assert_eq!(client.answers::<20>().as_slice(), expected);
}

#[test]
fn a_sweep_larger_than_the_servers_turn_is_answered_whole() {
    let simulator = Simulator::start(4, &[]);
    let client = Client::connect(simulator.address());
    client.send(&FLOOR.repeat(1000));
    assert_eq!(client.answers::<4000>().as_slice(), [7, 1, 0, 0].repeat(1000));
}

#[test]
fn a_second_client_is_connected_and_executed_when_the_first_is_gone() {
    let simulator = Simulator::start(4, &[]);
    let first = Client::connect(simulator.address());
    first.ask(FLOOR);
    let second = Client::connect(simulator.address());
    second.send(&[LAMP_CAB_1, OBSTRUCTION].concat());
    assert!(second.hears_nothing());
    assert_eq!(first.ask(FLOOR), [7, 1, 0, 0]);
    assert_eq!(simulator.state().value("lamps"), Some("none"));
    drop(first);
    simulator.wait_for_text("client gone");
    simulator.wait_for_text("client connected");
    simulator.wait_for_text("lamp cab floor=1 on");
    assert_eq!(second.answers(), [9, 0, 0, 0]);
}

#[test]
fn the_motor_stops_later_than_the_next_client_is_accepted() {
    let simulator = Simulator::start(4, &[ENDLESS, &["--stop-delay", "1h"]].concat());
    let first = Client::connect(simulator.address());
    first.send(&[OPEN_DOOR, LAMP_CAB_1].concat());
    first.send(&MOTOR_UP);
    simulator.wait_for_text("motor up");
    let second = Client::connect(simulator.address());
    second.send(&MOTOR_DOWN);
    drop(first);
    simulator.wait_for_text("client gone");
    simulator.wait_for_text("client connected");
    simulator.wait_for_text("motor down");
    second.ask(FLOOR); // the first answer comes after the stop
    let state = simulator.state();
    assert_eq!(state.value("motor"), Some("stop"));
    assert_eq!(state.value("door"), Some("open"));
    assert_eq!(state.value("lamps"), Some("cab:1"));
    second.send(&MOTOR_DOWN);
    simulator.wait_for_text("motor down");
}

#[test]
fn the_motor_stops_when_its_client_is_gone_and_none_comes() {
    let simulator = Simulator::start(4, &[ENDLESS, &["--stop-delay", "50ms"]].concat());
    let client = Client::connect(simulator.address());
    client.send(&MOTOR_UP);
    simulator.wait_for_text("motor up");
    drop(client);
    let gone = simulator.wait_for_text("client gone");
    let stop = simulator.wait_for_text("motor stop");
    assert!(stop.at - gone.at > 0.0499, "{gone:?}, {stop:?}");
}

#[test]
fn nonsense_hangs_the_server_with_the_connection_open() {
    let simulator = Simulator::start(4, &[]);
    let table = [
        ([2, 2, 1, 2], "nonsense bytes=2,2,1,2 wrong=lamp-value"),
        ([6, 3, 0, 0], "nonsense bytes=6,3,0,0 wrong=button-type"),
        ([3, 4, 0, 0], "nonsense bytes=3,4,0,0 wrong=floor"),
    ];
    let client = Client::connect(simulator.address());
    for (bytes, told) in table {
        client.ask(FLOOR);
        client.send(&bytes);
        simulator.wait_for_text(told);
        simulator.wait_for_text("silent on");
        client.send(&FLOOR);
        assert!(client.hears_nothing(), "{told}");
        simulator.send("silent off");
        simulator.wait_for_text("silent off");
    }
    assert_eq!(client.ask(OBSTRUCTION), [9, 0, 0, 0], "what was asked in the silence is lost");
}

#[test]
fn a_strange_motor_byte_is_told_and_survived() {
    let simulator = Simulator::start(4, &[]);
    let client = Client::connect(simulator.address());
    client.send(&[1, 2, 0, 0]);
    simulator.wait_for_text("nonsense bytes=1,2,0,0 wrong=motor");
    assert_eq!(client.ask(FLOOR), [7, 1, 0, 0]);
    assert_eq!(simulator.state().value("motor"), Some("stop"));
}

#[test]
fn a_server_silent_on_the_door_swallows_that_command_and_all_after() {
    let simulator = Simulator::start(4, &[]);
    let client = Client::connect(simulator.address());
    simulator.send("silent-on-door");
    simulator.wait_for_text("silent on-door");
    client.send(&[[4, 0, 0, 0], FLOOR].concat());
    assert_eq!(client.answers(), [7, 1, 0, 0], "closing the door is no reason");
    client.send(&[OPEN_DOOR, LAMP_CAB_1, FLOOR].concat());
    simulator.wait_for_text("silent on");
    assert!(client.hears_nothing());
    simulator.send("silent off");
    simulator.wait_for_text("silent off");
    assert_eq!(client.ask(OBSTRUCTION), [9, 0, 0, 0]);
    let state = simulator.state();
    assert_eq!((state.value("door"), state.value("lamps")), (Some("closed"), Some("none")));
}

#[test]
fn silence_on_the_door_can_be_called_off() {
    let simulator = Simulator::start(4, &[]);
    let client = Client::connect(simulator.address());
    simulator.send("silent-on-door");
    simulator.send("silent off");
    simulator.wait_for_text("silent off");
    client.send(&OPEN_DOOR);
    simulator.wait_for_text("door open");
}

#[test]
fn a_hung_server_neither_notices_that_its_client_goes_nor_stops_the_motor() {
    let simulator = Simulator::start(4, ENDLESS);
    let client = Client::connect(simulator.address());
    client.send(&MOTOR_UP);
    simulator.wait_for_text("motor up");
    simulator.send("silent on");
    simulator.wait_for_text("silent on");
    drop(client);
    let next = Client::connect(simulator.address());
    next.send(&FLOOR);
    assert!(next.hears_nothing());
    assert_eq!(simulator.state().value("motor"), Some("up"));
    simulator.send("silent off");
    simulator.wait_for_text("client gone");
    simulator.wait_for_text("client connected");
    simulator.wait_for_text("motor stop");
    assert_eq!(next.answers(), [7, 1, 0, 0]);
}

#[test]
fn the_car_travels_in_the_times_given_and_leaves_the_shaft_at_its_end() {
    let simulator = Simulator::start(2, &["--travel", "20ms", "--passing", "10ms"]);
    let client = Client::connect(simulator.address());
    client.send(&MOTOR_UP);
    let start = simulator.wait_for_text("motor up").at;
    let story = [("floor none", 0.01), ("floor 1", 0.03), ("left-shaft top", 0.04)];
    for (text, after) in story {
        let took = simulator.wait_for_text(text).at - start;
        assert!((took - after).abs() < 0.000_01, "{text} after {took} s");
    }
    client.send(&MOTOR_DOWN);
    simulator.wait_for_text("ignored motor down");
    simulator.send("rescue");
    simulator.wait_for_text("rescued");
    client.send(&MOTOR_DOWN);
    simulator.wait_for_text("motor down");
    assert!(simulator.violations().is_empty());
}

#[test]
fn a_dropped_client_finds_its_connection_closed() {
    let simulator = Simulator::start(4, &[]);
    let client = Client::connect(simulator.address());
    client.ask(FLOOR);
    simulator.send("drop");
    simulator.wait_for_text("client gone");
    assert_eq!((&client.0).read(&mut [0; 4]).unwrap(), 0);
    assert_eq!(Client::connect(simulator.address()).ask(FLOOR), [7, 1, 0, 0]);
}

#[test]
fn refused_connections_are_refused_until_the_port_is_open_again() {
    let simulator = Simulator::start(4, &[]);
    let client = Client::connect(simulator.address());
    client.ask(FLOOR);
    simulator.send("refuse on");
    simulator.wait_for_text("refuse on");
    let refused = TcpStream::connect(simulator.address()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    assert_eq!(client.ask(FLOOR), [7, 1, 0, 0], "the client there is stays");
    drop(client);
    simulator.send("refuse off");
    simulator.wait_for_text("refuse off");
    assert_eq!(Client::connect(simulator.address()).ask(FLOOR), [7, 1, 0, 0]);
}

#[test]
fn a_restarted_server_is_dark_and_without_a_client() {
    let simulator = Simulator::start(4, &["--start-between", "2"]);
    let client = Client::connect(simulator.address());
    client.send(&LAMP_CAB_1);
    simulator.wait_for_text("lamp cab floor=1 on");
    simulator.send("place 0"); // lines are obeyed in order
    simulator.send("restart");
    simulator.wait_for_text("client gone");
    assert_eq!((&client.0).read(&mut [0; 4]).unwrap(), 0);
    let state = simulator.state();
    assert_eq!((state.value("above"), state.value("lamps")), (Some("2"), Some("none")));
}

#[test]
fn a_simulator_killed_with_its_client_can_have_its_port_again_at_once() {
    let mut simulator = Simulator::start(4, &[]);
    let client = Client::connect(simulator.address());
    client.ask(FLOOR);
    simulator.kill();
    let port = simulator.address().port().to_string();
    let again = Simulator::start(4, &["--port", &port]);
    assert_eq!(again.address(), simulator.address());
    assert_eq!(Client::connect(again.address()).ask(FLOOR), [7, 1, 0, 0]);
}
