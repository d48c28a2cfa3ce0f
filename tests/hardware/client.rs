//! The client under test, and the time that it is told.

use std::net::SocketAddr;
use std::time::{Duration, Instant as Stopwatch};

use lift_group::building::Building;
use lift_group::lift::panel::{Command, Sense};
use lift_group::shell::hardware::{Event, Hardware};
use lift_group::time::Instant;
use nix::poll::{PollFlags, PollTimeout, poll};

use crate::PATIENCE;

pub fn building(floors: u8) -> Building {
    Building::try_from(floors).unwrap()
}

/// The client and the time it is told.
pub struct Client {
    pub hardware: Hardware,
    pub now: Instant,
}

impl Client {
    pub fn new(address: SocketAddr, floors: u8) -> Self {
        Self { hardware: Hardware::new(address, building(floors)), now: Instant::START }
    }

    pub fn connected(address: SocketAddr, floors: u8) -> Self {
        let mut client = Self::new(address, floors);
        assert!(matches!(client.next(), Event::Connected(_)));
        client
    }

    pub fn tell(&mut self, command: Command) {
        self.hardware.command(command);
    }

    pub fn pass(&mut self, span: Duration) {
        self.now = self.now + span;
    }

    /// Waits in real time, without time passing for the client, until there is something to do.
    pub fn is_ready_within(&self, patience: Duration) -> bool {
        let mut interest: Vec<_> = self.hardware.interest().into_iter().collect();
        let patience = PollTimeout::try_from(patience).unwrap();
        self.hardware.deadline() <= self.now || poll(&mut interest, patience).unwrap() > 0
    }

    /// The next event; no time passes meanwhile, only bytes.
    pub fn next(&mut self) -> Event {
        let stopwatch = Stopwatch::now();
        loop {
            if let Some(event) = self.hardware.advance(self.now) {
                return event;
            }
            assert!(self.is_ready_within(PATIENCE), "nothing happened");
            assert!(stopwatch.elapsed() < PATIENCE, "no event");
        }
    }

    /// The next event; time passes as far as the client waits for it.
    pub fn next_in_time(&mut self) -> Event {
        let stopwatch = Stopwatch::now();
        loop {
            if let Some(event) = self.hardware.advance(self.now) {
                return event;
            }
            if !self.is_ready_within(Duration::from_millis(50)) {
                self.now = self.hardware.deadline();
            }
            assert!(stopwatch.elapsed() < PATIENCE, "no event");
        }
    }

    /// The first reading of the next connection; in time, and however often it fails before.
    pub fn connect_again(&mut self) -> Sense {
        loop {
            match self.next_in_time() {
                Event::Connected(sense) => return sense,
                Event::Failing(_) => {}
                event => panic!("{event:?}"),
            }
        }
    }

    pub fn next_sense(&mut self) -> Sense {
        match self.next() {
            Event::Sensed(sense) => sense,
            event => panic!("{event:?}"),
        }
    }

    /// Whether there are commands for which the connection has no room.
    pub fn waits_for_room(&self) -> bool {
        let interest = self.hardware.interest().expect("there is a connection");
        interest.events().contains(PollFlags::POLLOUT)
    }
}
