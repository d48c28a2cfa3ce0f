//! The hardware of one lift, behind the elevator protocol over TCP.
//!
//! A connection that was made proves nothing: a server that is busy with another client accepts
//! ours and answers nothing, and stops the motor for the other one's sake once it turns to us. So
//! the hardware counts as connected when it has answered a first whole reading, and no command
//! is sent before. It is connected to again, for ever, whenever it fails to answer, answers
//! nonsense or goes; every such attempt begins afresh, nothing is remembered from the connection
//! before. What to tell the hardware then is not decided here.

mod connecting;
mod connection;
mod fault;
mod outgoing;
pub mod protocol;

use std::mem;
use std::net::SocketAddr;
use std::time::Duration;

use log::debug;
use nix::poll::PollFd;

use self::connection::Connection;
pub use self::connection::{ANSWER_PATIENCE, FIRST_ANSWER_PATIENCE, SWEEP_INTERVAL};
pub use self::fault::Fault;
use crate::building::Building;
use crate::lift::panel::{Command, Sense};
use crate::time::Instant;

/// How long after a first failure the next attempt is made; twice as long after each further one.
pub(crate) const SHORTEST_BACKOFF: Duration = Duration::from_millis(50);

/// The longest time between two attempts. A connection that has lived for as long begins again
/// with the shortest.
pub(crate) const LONGEST_BACKOFF: Duration = Duration::from_secs(1);

/// What became of the hardware.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// A fresh connection has answered its first reading. The count of [`Sense::behind`] begins
    /// at 0.
    Connected(Sense),
    /// A further reading of this connection.
    Sensed(Sense),
    /// The connection is lost; it is being made again.
    Disconnected(Fault),
    /// The connection cannot be made; told once for as long as the reason stays the same.
    Failing(Fault),
}

/// The hardware of one lift. All is done by [`advance`](Self::advance), which never waits.
#[derive(Debug)]
pub struct Hardware {
    address: SocketAddr,
    building: Building,
    state: State,
    backoff: Duration,
    told: Option<Fault>,
}

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one per program")]
enum State {
    /// The next attempt is made then.
    Apart { until: Instant },
    /// There is a connection, or an attempt at one.
    Joined(Connection),
}

impl Hardware {
    /// Hardware at this address, not connected to yet.
    pub fn new(address: SocketAddr, building: Building) -> Self {
        Self {
            address,
            building,
            state: State::Apart { until: Instant::START },
            backoff: SHORTEST_BACKOFF,
            told: None,
        }
    }

    /// Tells the hardware, with the next [`advance`](Self::advance). While it does not answer there
    /// is nobody to tell; the next connection begins with nothing said.
    pub fn command(&mut self, command: Command) {
        match &mut self.state {
            State::Joined(connection) if connection.proven_since().is_some() => {
                connection.command(command);
            }
            State::Joined(_) | State::Apart { .. } => {}
        }
    }

    /// What to wait for.
    pub fn interest(&self) -> Option<PollFd<'_>> {
        match &self.state {
            State::Apart { .. } => None,
            State::Joined(connection) => Some(connection.interest()),
        }
    }

    /// Until when to wait for it.
    pub fn deadline(&self) -> Instant {
        match &self.state {
            State::Apart { until } => *until,
            State::Joined(connection) => connection.deadline(),
        }
    }

    /// Does what can be done at once. To be called again, after the event was dealt with, until
    /// there is none; and whenever what it waits for has come, its deadline is reached, or there
    /// are commands.
    pub fn advance(&mut self, now: Instant) -> Option<Event> {
        self.step(now).unwrap_or_else(|fault| self.part(now, fault))
    }

    /// Ends in order: sees to it that the last command gets there.
    pub fn finish(&mut self) {
        let state = mem::replace(&mut self.state, State::Apart { until: Instant::START });
        if let State::Joined(connection) = state
            && let Err(error) = connection.finish()
        {
            debug!("the hardware did not hear us out: {error}");
        }
    }

    fn step(&mut self, now: Instant) -> Result<Option<Event>, Fault> {
        match &mut self.state {
            State::Apart { until } if now < *until => Ok(None),
            State::Apart { .. } => {
                self.state = State::Joined(Connection::begin(self.address, self.building, now)?);
                Ok(None)
            }
            State::Joined(connection) => {
                let known = connection.proven_since().is_some();
                let Some(sense) = connection.advance(now)? else { return Ok(None) };
                self.told = None;
                Ok(Some(if known { Event::Sensed(sense) } else { Event::Connected(sense) }))
            }
        }
    }

    fn part(&mut self, now: Instant, fault: Fault) -> Option<Event> {
        let proven_since = match &self.state {
            State::Joined(connection) => connection.proven_since(),
            State::Apart { .. } => None,
        };
        if proven_since.is_some_and(|since| now.since(since) >= LONGEST_BACKOFF) {
            self.backoff = SHORTEST_BACKOFF;
        }
        self.state = State::Apart { until: now + self.backoff };
        self.backoff = LONGEST_BACKOFF.min(self.backoff * 2);
        let known = self.told.replace(fault) == Some(fault);
        match proven_since {
            Some(_) => Some(Event::Disconnected(fault)),
            None => (!known).then_some(Event::Failing(fault)),
        }
    }
}
