//! The observer: sees what the simulated hardware of all lifts tells, and what is said on the
//! network, and waits no longer than [`PATIENCE`] for anything.

use std::collections::VecDeque;
use std::io::Read;
use std::os::fd::AsFd;
use std::process::ChildStdout;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lift_group::building::LiftId;
use lift_group::shell::signals::Signals;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::time::{ClockId, clock_gettime};

use super::failure::Failure;
use super::hardware::Hardware;
use super::ledger::Ledger;
use super::switch::lock;
use super::wire::{Wire, Word};

/// How long anything in the story may take; more than the longest ride.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// How often to look at what was said on the network.
const GLANCE: Duration = Duration::from_millis(2);

/// A time on the machine's monotonic clock, which the simulator's events tell as well.
pub type Moment = Duration;

/// The present moment.
///
/// # Errors
/// When the machine has no monotonic clock.
pub fn now() -> Result<Moment, Failure> {
    let time = clock_gettime(ClockId::CLOCK_MONOTONIC);
    time.map(Moment::from).map_err(|error| Failure::System("read the clock", error.into()))
}

/// Sees what happens.
#[derive(Debug)]
pub struct Observer {
    signals: Signals,
    wire: Arc<Mutex<Wire>>,
    eyes: Vec<Eye>,
    house: Vec<Hardware>,
    /// What was seen and not yet looked at: when, of which lift, what.
    unseen: VecDeque<(Moment, usize, String)>,
    last_event: Moment,
    /// All that was looked at.
    pub ledger: Ledger,
}

/// What looks at one simulator.
#[derive(Debug)]
struct Eye {
    output: ChildStdout,
    unread: Vec<u8>,
}

impl Observer {
    /// Watches for these signals, any of which ends the story, and the words on this wire.
    pub fn new(signals: Signals, wire: Arc<Mutex<Wire>>) -> Self {
        Self {
            signals,
            wire,
            eyes: Vec::new(),
            house: Vec::new(),
            unseen: VecDeque::new(),
            last_event: Moment::ZERO,
            ledger: Ledger::default(),
        }
    }

    /// Watches one more simulator, of a lift at rest at floor 0, too; returns the port at which it
    /// listens.
    ///
    /// # Errors
    /// As [`Observer::until`].
    pub fn watch(&mut self, output: ChildStdout) -> Result<u16, Failure> {
        let lift = self.eyes.len();
        self.eyes.push(Eye { output, unread: Vec::new() });
        self.house.push(Hardware::at_rest(0));
        let deadline = now()? + PATIENCE;
        loop {
            let (_, of, event) = self.next_event("a simulator to listen", deadline)?;
            let port = event.strip_prefix("listening port=").filter(|_| of == lift);
            if let Some(port) = port {
                return port.parse().map_err(|_| Failure::Broken(format!("no port: {event}")));
            }
        }
    }

    /// The lifts, as far as the story has seen them.
    pub fn house(&self) -> &[Hardware] {
        &self.house
    }

    /// When it became so, looking on from what the story has seen.
    ///
    /// # Errors
    /// When it does not become so in time, when a simulator ends, when a person interrupts, and
    /// when something is seen that must not be.
    pub fn until(
        &mut self,
        what: &str,
        is_so: impl Fn(&[Hardware]) -> bool,
    ) -> Result<Moment, Failure> {
        let deadline = now()? + PATIENCE;
        while !is_so(&self.house) {
            let event = self.next_event(what, deadline)?;
            self.look_at(event)?;
        }
        Ok(self.last_event)
    }

    /// The first such word on the network since then.
    ///
    /// # Errors
    /// As [`Observer::until`].
    pub fn until_said(
        &mut self,
        what: &str,
        since: Moment,
        is_it: impl Fn(&Word) -> bool,
    ) -> Result<Word, Failure> {
        self.until_wire(what, |wire| wire.first(since, &is_it))
    }

    /// The primary of one group of all lifts, and when it became so.
    ///
    /// # Errors
    /// As [`Observer::until`].
    pub fn until_one_primary(&mut self, what: &str) -> Result<(LiftId, Moment), Failure> {
        let lifts = self.house.len();
        self.until_wire(what, |wire| wire.one_primary(lifts))
    }

    fn until_wire<T>(
        &mut self,
        what: &str,
        find: impl Fn(&Wire) -> Option<T>,
    ) -> Result<T, Failure> {
        let deadline = now()? + PATIENCE;
        loop {
            if let Some(found) = find(&lock(&self.wire)) {
                return Ok(found);
            }
            if now()? >= deadline {
                return Err(Failure::InVain(what.into(), PATIENCE));
            }
            self.pause(GLANCE)?;
        }
    }

    /// Lets time pass. What happens meanwhile is looked at later.
    ///
    /// # Errors
    /// When a simulator ends, or a person interrupts.
    pub fn pause(&mut self, span: Duration) -> Result<(), Failure> {
        let end = now()? + span;
        while now()? < end {
            self.see(end)?;
        }
        Ok(())
    }

    /// Looks at all that has happened by now.
    ///
    /// # Errors
    /// As [`Observer::until`].
    pub fn catch_up(&mut self) -> Result<(), Failure> {
        self.pause(GLANCE)?;
        while let Some(event) = self.unseen.pop_front() {
            self.look_at(event)?;
        }
        Ok(())
    }

    fn look_at(&mut self, (at, lift, event): (Moment, usize, String)) -> Result<(), Failure> {
        self.ledger.enter(at, lift, &event);
        if let Some(hardware) = self.house.get_mut(lift) {
            hardware.take_in(&event).map_err(Failure::Broken)?;
        }
        self.last_event = at;
        Ok(())
    }

    fn next_event(
        &mut self,
        what: &str,
        deadline: Moment,
    ) -> Result<(Moment, usize, String), Failure> {
        loop {
            if let Some(event) = self.unseen.pop_front() {
                return Ok(event);
            }
            if now()? >= deadline {
                return Err(Failure::InVain(what.into(), PATIENCE));
            }
            self.see(deadline)?;
        }
    }

    /// Waits until there is something to see, and no longer than until then.
    fn see(&mut self, until: Moment) -> Result<(), Failure> {
        let left = until.saturating_sub(now()?) + Duration::from_millis(1);
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        let mut ready = vec![PollFd::new(self.signals.as_fd(), PollFlags::POLLIN)];
        ready
            .extend(self.eyes.iter().map(|eye| PollFd::new(eye.output.as_fd(), PollFlags::POLLIN)));
        match poll(&mut ready, timeout) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(Failure::System("wait", error.into())),
        }
        let ready: Vec<bool> = ready.iter().map(|ready| ready.any().unwrap_or(false)).collect();
        if self.signals.pending().next().is_some() {
            return Err(Failure::Interrupted);
        }
        let mut seen = Vec::new();
        for (lift, eye) in self.eyes.iter_mut().enumerate() {
            if ready.get(lift + 1) == Some(&true) {
                let events = eye.read()?;
                seen.extend(events.into_iter().map(|(at, event)| (at, lift, event)));
            }
        }
        seen.sort_by_key(|(at, ..)| *at);
        self.unseen.extend(seen);
        Ok(())
    }
}

impl Eye {
    /// The events that are there to be read.
    fn read(&mut self) -> Result<Vec<(Moment, String)>, Failure> {
        let mut bytes = [0; 4096];
        let length = self.output.read(&mut bytes);
        match length.map_err(|error| Failure::System("read what a simulator tells", error))? {
            0 => return Err(Failure::Ended("lift-simulator", None)),
            length => self.unread.extend(&bytes[..length]),
        }
        let mut events = Vec::new();
        while let Some(length) = self.unread.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.unread.drain(..=length).collect();
            events.push(parse(&line)?);
        }
        Ok(events)
    }
}

/// An event and its time: `12.345678 door open`.
fn parse(line: &[u8]) -> Result<(Moment, String), Failure> {
    let line = String::from_utf8_lossy(line);
    let parsed = line.trim_end().split_once(' ').and_then(|(at, event)| {
        let at = Moment::try_from_secs_f64(at.parse().ok()?).ok()?;
        Some((at, event.to_owned()))
    });
    parsed.ok_or_else(|| Failure::Broken(format!("a simulator told no event: {line}")))
}
