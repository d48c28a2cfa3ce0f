//! The client of the elevator protocol, against servers with all the habits of real ones.
//!
//! The time that the client is told is the test's own, so hardly anything here depends on how busy
//! the machine is; the sockets are real.

mod client;
mod server;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant as Stopwatch};

use lift_group::building::{Building, Direction, Floor};
use lift_group::lift::panel::{Button, Command, Sense};
use lift_group::shell::hardware::{
    ANSWER_PATIENCE, Event, FIRST_ANSWER_PATIENCE, Fault, SWEEP_INTERVAL,
};
use lift_group::time::Instant;
use nix::sys::socket::sockopt::{TcpMaxSeg, TcpNoDelay};
use nix::sys::socket::{getsockopt, setsockopt};

use client::{Client, building};
use server::{Heard, Message, Server, answer, idle, listener, serve};

/// How long a condition may take to come true on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);

const UP: Command = Command::Motor(Some(Direction::Up));
const STOP: Command = Command::Motor(None);

#[test]
fn no_command_goes_out_before_the_first_reading_was_answered() {
    let (go, may_go) = channel();
    let mut held = true;
    let server = Server::new(move |message, client| {
        if std::mem::take(&mut held) {
            may_go.recv().unwrap();
        }
        answer(message, client)
    });
    let mut client = Client::new(server.address, 4);
    while !matches!(server.heard.try_recv(), Ok(Heard::Bytes(_))) {
        assert_eq!(client.hardware.advance(client.now), None);
    }
    client.tell(UP);
    go.send(()).unwrap();
    assert!(matches!(client.next(), Event::Connected(Sense { behind: 0, .. })));
    client.tell(STOP);
    assert_eq!(client.next_sense().behind, 1);
    assert_eq!(server.next_command(), [1, 0, 0, 0]);
}

#[test]
fn a_reading_stands_behind_as_many_commands_as_it_says() {
    let server = Server::new(answer);
    let mut client = Client::connected(server.address, 2);
    let mut told = 0;
    let mut readings = vec![0];
    for burst in 0..20_u64 {
        (0..burst % 4).for_each(|_| client.tell(Command::Door(true)));
        told += burst % 4;
        client.pass(SWEEP_INTERVAL);
        readings.push(client.next_sense().behind);
        assert_eq!(readings.last(), Some(&told));
    }
    drop(client);
    let mut commands = 0;
    let mut heard = Vec::new();
    for message in server.until_gone() {
        match message[0] {
            6 if message[1..3] == [0, 0] => heard.push(commands),
            1..=5 => commands += 1,
            _ => {}
        }
    }
    assert_eq!(heard, readings);
}

#[test]
fn a_command_is_confirmed_at_once() {
    let server = Server::new(answer);
    let mut client = Client::connected(server.address, 4);
    for told in 1..=20 {
        client.tell(UP);
        assert_eq!(client.next_sense().behind, told, "and no time has passed");
    }
}

#[test]
fn one_sweep_begins_an_interval_after_the_last_and_not_before() {
    let server = Server::new(answer);
    let mut client = Client::connected(server.address, 4);
    for _ in 0..10 {
        let begun = client.now;
        assert_eq!(client.hardware.advance(client.now), None);
        assert_eq!(client.hardware.deadline(), begun + SWEEP_INTERVAL);
        assert!(!client.is_ready_within(Duration::ZERO));
        client.pass(SWEEP_INTERVAL);
        client.next_sense();
    }
    drop(client);
    let sweeps = server.until_gone().iter().filter(|message| message[0] == 7).count();
    assert_eq!(sweeps, 11);
}

#[test]
fn the_client_sweeps_often_enough_in_real_time() {
    let server = Server::new(answer);
    let mut client = Client::connected(server.address, 4);
    let clock = Stopwatch::now();
    let mut gaps = Vec::new();
    while gaps.len() < 50 {
        let begun = clock.elapsed();
        loop {
            client.now = Instant::START + clock.elapsed();
            if client.hardware.advance(client.now).is_some() {
                break;
            }
            let wait = client.hardware.deadline().since(client.now);
            client.is_ready_within(wait);
        }
        gaps.push(clock.elapsed().saturating_sub(begun));
    }
    gaps.sort();
    assert!(gaps[25] < 2 * SWEEP_INTERVAL, "{gaps:?}");
}

#[test]
fn a_server_that_falls_silent_is_given_up_in_time_and_not_before() {
    let mut sweeps = 0;
    let server = Server::new(move |message, client| {
        sweeps += u32::from(message[0] == 9);
        if sweeps < 3 { answer(message, client) } else { Some(()) }
    });
    let mut client = Client::connected(server.address, 4);
    client.pass(SWEEP_INTERVAL);
    client.next_sense();
    client.pass(SWEEP_INTERVAL);
    assert_eq!(client.hardware.advance(client.now), None, "the third sweep begins");
    let moment = Duration::from_millis(1);
    client.pass(ANSWER_PATIENCE.saturating_sub(moment));
    assert_eq!(client.hardware.advance(client.now), None);
    client.pass(moment);
    assert_eq!(client.hardware.advance(client.now), Some(Event::Disconnected(Fault::Silent)));
}

#[test]
fn replies_that_have_arrived_are_not_late() {
    let (done, is_done) = channel();
    let server = Server::new(move |message, client| {
        answer(message, client)?;
        if message[0] == 7 { done.send(()).ok() } else { Some(()) }
    });
    let mut client = Client::connected(server.address, 4);
    client.pass(SWEEP_INTERVAL);
    assert_eq!(client.hardware.advance(client.now), None, "a second sweep begins");
    (0..2).for_each(|_| is_done.recv_timeout(PATIENCE).unwrap());
    client.pass(Duration::from_secs(60));
    assert!(matches!(client.hardware.advance(client.now), Some(Event::Sensed(_))));
}

#[test]
fn a_wrong_reply_ends_the_connection_and_is_named() {
    let wrong: [(u8, Message, &str); 6] = [
        (6, [9, 0, 0, 0], "answers something else"),
        (6, [6, 2, 0, 0], "neither yes nor no"),
        (7, [7, 1, 4, 0], "no such floor"),
        (7, [7, 255, 0, 0], "neither yes nor no"),
        (8, [8, 7, 0, 0], "neither yes nor no"),
        (9, [0, 0, 0, 0], "answers something else"),
    ];
    for (instruction, reply, why) in wrong {
        let server = Server::new(move |message, client| match message[0] {
            asked if asked == instruction => client.write_all(&reply).ok(),
            _ => answer(message, client),
        });
        let event = Client::new(server.address, 4).next();
        let Event::Failing(fault @ Fault::WrongReply { .. }) = event else { panic!("{event:?}") };
        assert!(fault.to_string().contains(why), "{fault}");
    }
}

#[test]
fn a_reply_that_nobody_asked_for_ends_the_connection() {
    let server = Server::new(|message, client| {
        answer(message, client)?;
        if message[0] == 7 { client.write_all(&[7, 1, 0, 0]).ok() } else { Some(()) }
    });
    let mut client = Client::new(server.address, 4);
    let mut event = client.next();
    if matches!(event, Event::Connected(_)) {
        event = client.next();
    }
    assert!(matches!(event, Event::Failing(Fault::Unasked) | Event::Disconnected(Fault::Unasked)));
}

#[test]
fn replies_in_pieces_are_put_together() {
    let server = Server::new(|message, client| {
        client.set_nodelay(true).unwrap();
        let reply = if message == [6, 2, 1, 0] { Some([6, 1, 0, 0]) } else { idle(message) };
        for byte in reply.into_iter().flatten() {
            client.write_all(&[byte]).ok()?;
            thread::yield_now();
        }
        Some(())
    });
    let event = Client::new(server.address, 2).next();
    let Event::Connected(sense) = event else { panic!("{event:?}") };
    let pressed: Vec<Button> = sense.pressed.iter().collect();
    assert_eq!(pressed, [Button::Cab(Floor::try_from(1).unwrap())]);
    assert_eq!(sense.floor, Some(Floor::BOTTOM));
}

#[test]
fn a_server_that_closes_in_the_middle_of_a_sweep_is_connected_to_again() {
    let mut left = 20;
    let server = Server::new(move |message, client| {
        left -= 1;
        if left == 0 { None } else { answer(message, client) }
    });
    let mut client = Client::connected(server.address, 4);
    client.pass(SWEEP_INTERVAL);
    let event = client.next();
    assert!(matches!(event, Event::Disconnected(Fault::Closed | Fault::Broken(_))), "{event:?}");
    client.tell(UP);
    assert_eq!(client.connect_again().behind, 0, "the command was for the other connection");
}

#[test]
fn a_missing_server_is_told_of_once_and_found_when_it_comes() {
    let place = listener();
    let address = place.local_addr().unwrap();
    drop(place);
    let mut client = Client::new(address, 4);
    let event = client.next_in_time();
    assert!(matches!(event, Event::Failing(Fault::Unreachable(_))), "{event:?}");
    let mut gaps = Vec::new();
    for _ in 0..400 {
        let asked = client.now;
        assert_eq!(client.hardware.advance(client.now), None);
        if !client.is_ready_within(Duration::ZERO) {
            client.now = client.hardware.deadline();
            gaps.push(client.now.since(asked));
        }
    }
    assert!(gaps.len() > 100, "it is tried again and again");
    assert!(gaps.is_sorted() && gaps.last() == Some(&Duration::from_secs(1)), "{gaps:?}");
    let server = Server::on(TcpListener::bind(address).unwrap(), answer);
    client.connect_again();
    drop(server);
}

#[test]
fn behind_another_client_it_waits_its_turn() {
    let (leave, left) = channel();
    let place = listener();
    let address = place.local_addr().unwrap();
    let first = TcpStream::connect(address).unwrap();
    thread::spawn(move || {
        let other = place.accept().unwrap();
        left.recv().unwrap();
        drop(other);
        serve(&place, answer, &channel().0);
    });
    let mut client = Client::new(address, 4);
    while client.hardware.deadline() != client.now + FIRST_ANSWER_PATIENCE {
        assert_eq!(client.hardware.advance(client.now), None);
    }
    assert_eq!(client.hardware.advance(client.now), None, "it has asked");
    client.pass(FIRST_ANSWER_PATIENCE);
    assert_eq!(client.hardware.advance(client.now), Some(Event::Failing(Fault::NeverAnswered)));
    leave.send(()).unwrap();
    drop(first);
    client.connect_again();
}

#[test]
fn the_tallest_building_is_read_whole_and_in_whole_messages() {
    let server = Server::new(|message, client| {
        client.set_nodelay(true).unwrap();
        let reply = match message {
            [7, ..] => [7, 1, 127, 0],
            [instruction, ..] => [instruction, 1, 0, 0],
        };
        if message[0] < 6 { Some(()) } else { client.write_all(&reply).ok() }
    });
    let mut client = Client::new(server.address, Building::MOST_FLOORS);
    let event = client.next();
    let Event::Connected(sense) = event else { panic!("{event:?}") };
    assert_eq!(sense.pressed.iter().count(), 3 * 128 - 2);
    assert_eq!(sense.floor, Floor::try_from(127).ok());
    assert!(sense.stop_button && sense.obstruction);
    for _ in 0..20 {
        building(128).every_floor().for_each(|floor| client.tell(Command::Indicator(floor)));
        client.next_sense();
    }
    drop(client);
    assert!(server.until_gone().iter().all(|received| received.len() == 4));
}

#[test]
fn no_message_is_split_when_the_server_lags_behind() {
    let (go, may_go) = channel();
    let mut lagging = false;
    let place = listener();
    // As on a network: the segments of the loopback are so large that no buffer ever fills.
    setsockopt(&place, TcpMaxSeg, &1460).unwrap();
    let server = Server::on(place, move |message, client| {
        if !lagging && message[0] == 3 {
            lagging = true;
            may_go.recv().unwrap();
        }
        answer(message, client)
    });
    let mut client = Client::connected(server.address, 4);
    let mut told = 0;
    while !client.waits_for_room() {
        (0..1000).for_each(|_| client.tell(Command::Indicator(Floor::BOTTOM)));
        told += 1000;
        assert_eq!(client.hardware.advance(client.now), None);
    }
    go.send(()).unwrap();
    assert!(client.next_sense().behind <= told);
    while client.next_sense().behind < told {}
    drop(client);
    let received = server.until_gone();
    assert!(received.iter().all(|message| message.len() == 4));
    assert_eq!(received.iter().filter(|message| message[0] == 3).count() as u64, told);
}

#[test]
fn the_kernel_holds_no_message_back() {
    let server = Server::new(answer);
    let client = Client::connected(server.address, 4);
    let connection = client.hardware.interest().unwrap();
    assert!(getsockopt(&connection.as_fd(), TcpNoDelay).unwrap());
}

#[test]
fn the_last_command_arrives_before_the_end() {
    for _ in 0..20 {
        let server = Server::new(answer);
        let mut client = Client::connected(server.address, 64);
        client.pass(SWEEP_INTERVAL);
        assert_eq!(client.hardware.advance(client.now), None, "with replies on their way");
        client.tell(STOP);
        client.hardware.finish();
        assert_eq!(server.until_gone().last().unwrap(), &[1, 0, 0, 0]);
    }
}

/// Nagle's algorithm at the server waits for acknowledgements that a client delays by 40 ms.
#[test]
fn a_server_without_nodelay_is_read_without_delay() {
    let slow = |message, client: &mut TcpStream| {
        idle(message).map_or(Some(()), |reply| client.write_all(&reply).ok())
    };
    let server = Server::new(slow);
    let mut client = Client::connected(server.address, 4);
    let ours = median_of_20(|| {
        client.pass(SWEEP_INTERVAL);
        client.next_sense();
    });
    let server = Server::new(slow);
    let mut plain = TcpStream::connect(server.address).unwrap();
    plain.set_nodelay(true).unwrap();
    let theirs = median_of_20(|| {
        plain.write_all(&[6, 0, 0, 0].repeat(13)).unwrap();
        plain.read_exact(&mut [0; 52]).unwrap();
    });
    assert!(2 * ours < theirs, "{ours:?}, without our care {theirs:?}");
}

fn median_of_20(mut act: impl FnMut()) -> Duration {
    let mut spans = [Duration::ZERO; 20];
    for span in &mut spans {
        let stopwatch = Stopwatch::now();
        act();
        *span = stopwatch.elapsed();
    }
    spans.sort();
    spans[10]
}
