//! One connection to the hardware: commands out, one sweep after the other out and back.
//!
//! A *sweep* asks for everything there is to know, in one go, and its replies make one [`Sense`].
//! One sweep is on its way at a time. The next begins [`SWEEP_INTERVAL`] after the last began, or
//! at once when commands wait to be confirmed.

use std::io::{ErrorKind, Read};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::os::linux::net::TcpStreamExt;
use std::time::Duration;
use std::{io, mem};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags};

use super::connecting;
use super::fault::Fault;
use super::outgoing::Outgoing;
use super::protocol::{self, Message, Request};
use crate::building::Building;
use crate::lift::panel::{Command, Sense};
use crate::time::Instant;

/// How long after a sweep the next begins. A button can be pressed for less than 50 ms; two
/// looks fit into that even when one comes some milliseconds late.
pub const SWEEP_INTERVAL: Duration = Duration::from_millis(20);

/// How long making a connection may take.
const CONNECT_PATIENCE: Duration = Duration::from_secs(1);

/// How long a sweep may take. The car passes a floor within 500 ms, so a server that is slower
/// than this can no longer stop it there; a healthy one takes some milliseconds.
pub const ANSWER_PATIENCE: Duration = Duration::from_millis(300);

/// How long the first sweep may take. Nothing moves yet, and the server may still be busy with
/// the last client's end.
pub const FIRST_ANSWER_PATIENCE: Duration = Duration::from_secs(1);

/// How long an ordered end waits for the server to have read everything.
const FAREWELL: Duration = Duration::from_millis(100);

/// A connection, from the first attempt to make it.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    stage: Stage,
    building: Building,
    requests: Vec<Request>,
    outgoing: Outgoing,
    /// The beginning of a reply.
    incoming: Vec<u8>,
    /// How many commands went out so far.
    commands: u64,
    sweep: Sweep,
}

/// What is known of the server.
#[derive(Clone, Copy, Debug)]
enum Stage {
    /// Nothing.
    Connecting { until: Instant },
    /// It has accepted the connection, which does not mean that it reads it.
    Unproven,
    /// It has answered a whole sweep, then for the first time.
    Proven { since: Instant },
}

/// The latest sweep.
#[derive(Debug)]
struct Sweep {
    begun: Instant,
    replies: usize,
    sense: Sense,
}

impl Connection {
    /// Begins to connect to this address.
    ///
    /// # Errors
    /// When it is clear at once that this leads nowhere.
    pub fn begin(address: SocketAddr, building: Building, now: Instant) -> Result<Self, Fault> {
        let requests = Request::sweep(building);
        Ok(Self {
            stream: connecting::begin(address).map_err(Fault::Unreachable)?,
            stage: Stage::Connecting { until: now + CONNECT_PATIENCE },
            building,
            outgoing: Outgoing::default(),
            incoming: Vec::new(),
            commands: 0,
            sweep: Sweep { begun: now, replies: requests.len(), sense: Sense::default() },
            requests,
        })
    }

    /// Since when it is known that the server answers.
    pub fn proven_since(&self) -> Option<Instant> {
        match self.stage {
            Stage::Proven { since } => Some(since),
            Stage::Connecting { .. } | Stage::Unproven => None,
        }
    }

    /// Puts a command behind all that was said before; the next [`advance`](Self::advance) sends
    /// it.
    pub fn command(&mut self, command: Command) {
        self.outgoing.push(protocol::command(command));
        self.commands += 1;
    }

    /// Receives and sends what there is; never waits. A complete reading is handed out before
    /// anything is sent, so that the answer to it can go out with the next sweep behind it.
    ///
    /// # Errors
    /// When the connection is of no use any more.
    pub fn advance(&mut self, now: Instant) -> Result<Option<Sense>, Fault> {
        if let Stage::Connecting { until } = self.stage {
            self.go_on_connecting(now, until)?;
            return Ok(None);
        }
        // Before any judgement: replies that are here are not late, we are.
        if let Some(sense) = self.receive()? {
            self.stage = Stage::Proven { since: self.proven_since().unwrap_or(now) };
            return Ok(Some(sense));
        }
        if now >= self.deadline() {
            if self.is_sweeping() {
                return Err(self.silence());
            }
            self.begin_sweep(now);
        }
        self.send()?;
        Ok(None)
    }

    /// When [`advance`](Self::advance) has something to do even if the server says nothing.
    pub fn deadline(&self) -> Instant {
        match self.stage {
            Stage::Connecting { until } => until,
            Stage::Unproven => self.sweep.begun + FIRST_ANSWER_PATIENCE,
            Stage::Proven { .. } if self.is_sweeping() => self.sweep.begun + ANSWER_PATIENCE,
            Stage::Proven { .. } if self.commands > self.sweep.sense.behind => Instant::START,
            Stage::Proven { .. } => self.sweep.begun + SWEEP_INTERVAL,
        }
    }

    /// What to wait for.
    pub fn interest(&self) -> PollFd<'_> {
        let mut flags = PollFlags::POLLIN;
        match self.stage {
            Stage::Connecting { .. } => flags = PollFlags::POLLOUT,
            _ => flags.set(PollFlags::POLLOUT, self.outgoing.is_waiting()),
        }
        PollFd::new(self.stream.as_fd(), flags)
    }

    /// Ends in order: sees to it that the last command gets there. A connection closed with replies
    /// still unread would be torn down, and what the server has not read yet with it.
    pub fn finish(mut self) -> io::Result<()> {
        self.outgoing.flush(&mut self.stream)?;
        self.stream.shutdown(Shutdown::Write)?;
        self.stream.set_nonblocking(false)?;
        self.stream.set_read_timeout(Some(FAREWELL))?;
        io::copy(&mut self.stream, &mut io::sink())?;
        Ok(())
    }

    fn is_sweeping(&self) -> bool {
        self.sweep.replies < self.requests.len()
    }

    fn silence(&self) -> Fault {
        if self.proven_since().is_some() { Fault::Silent } else { Fault::NeverAnswered }
    }

    fn go_on_connecting(&mut self, now: Instant, until: Instant) -> Result<(), Fault> {
        if connecting::is_connected(&self.stream).map_err(Fault::Unreachable)? {
            self.stream.set_nodelay(true).map_err(|error| Fault::broken(&error))?;
            self.stage = Stage::Unproven;
            self.begin_sweep(now);
            self.send()
        } else if now >= until {
            Err(Fault::Unreachable(Errno::ETIMEDOUT))
        } else {
            Ok(())
        }
    }

    fn begin_sweep(&mut self, now: Instant) {
        let sense = Sense { behind: self.commands, ..Sense::default() };
        self.sweep = Sweep { begun: now, replies: 0, sense };
        for request in &self.requests {
            self.outgoing.push(request.message());
        }
    }

    fn send(&mut self) -> Result<(), Fault> {
        self.outgoing.flush(&mut self.stream).map_err(|error| Fault::broken(&error))?;
        self.acknowledge_at_once()
    }

    fn receive(&mut self) -> Result<Option<Sense>, Fault> {
        let mut bytes = [0; 2048];
        loop {
            self.acknowledge_at_once()?;
            match self.stream.read(&mut bytes) {
                Ok(0) => return Err(Fault::Closed),
                Ok(length) => self.incoming.extend(&bytes[..length]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(Fault::broken(&error)),
            }
            if let Some(sense) = self.take_replies()? {
                return Ok(Some(sense));
            }
        }
    }

    /// A server that sends small messages without `TCP_NODELAY` sends the next reply only when the
    /// last was acknowledged, and the kernel is in no hurry with that unless it is told each time.
    fn acknowledge_at_once(&self) -> Result<(), Fault> {
        self.stream.set_quickack(true).map_err(|error| Fault::broken(&error))
    }

    fn take_replies(&mut self) -> Result<Option<Sense>, Fault> {
        let received = mem::take(&mut self.incoming);
        let (replies, rest) = received.as_chunks::<{ size_of::<Message>() }>();
        self.incoming.extend(rest);
        for reply in replies {
            self.take_reply(*reply)?;
        }
        if self.is_sweeping() || replies.is_empty() {
            return Ok(None);
        }
        Ok(Some(self.sweep.sense))
    }

    fn take_reply(&mut self, reply: Message) -> Result<(), Fault> {
        let Some(request) = self.requests.get(self.sweep.replies) else {
            return Err(Fault::Unasked);
        };
        request
            .enter(reply, self.building, &mut self.sweep.sense)
            .map_err(|why| Fault::WrongReply { request: request.message(), reply, why })?;
        self.sweep.replies += 1;
        Ok(())
    }
}
