//! The observer: sees what the simulated hardware tells, in its order, and waits no longer than
//! [`PATIENCE`] for anything.

use std::io::Read;
use std::os::fd::AsFd;
use std::process::ChildStdout;
use std::time::Duration;

use lift_group::shell::signals::{Signal, Signals};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::time::{ClockId, clock_gettime};

use super::failure::Failure;
use super::hardware::Hardware;

/// How long anything in the story may take; more than the longest ride.
pub const PATIENCE: Duration = Duration::from_secs(10);

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

/// Sees what the simulated hardware tells.
#[derive(Debug)]
pub struct Observer {
    output: ChildStdout,
    signals: Signals,
    unread: Vec<u8>,
    hardware: Hardware,
    last_event: Moment,
}

impl Observer {
    /// Watches for these signals; and for the events of a lift that begins like this.
    pub fn new(output: ChildStdout, signals: Signals, hardware: Hardware) -> Self {
        Self { output, signals, unread: Vec::new(), hardware, last_event: Moment::ZERO }
    }

    /// The lift, as far as the story has seen it.
    pub fn hardware(&self) -> &Hardware {
        &self.hardware
    }

    /// The port at which the simulator listens.
    ///
    /// # Errors
    /// As [`Observer::until`].
    pub fn port(&mut self) -> Result<u16, Failure> {
        let deadline = now()? + PATIENCE;
        loop {
            let (_, event) = self.next_event("the simulator to listen", deadline)?;
            if let Some(port) = event.strip_prefix("listening port=") {
                return port.parse().map_err(|_| Failure::Broken(format!("no port: {event}")));
            }
        }
    }

    /// When it became so, looking on from what the story has seen.
    ///
    /// # Errors
    /// When it does not become so in time, when the simulator ends, when a person interrupts, and
    /// when something is seen that must not be.
    pub fn until(
        &mut self,
        what: &str,
        is_so: impl Fn(&Hardware) -> bool,
    ) -> Result<Moment, Failure> {
        let deadline = now()? + PATIENCE;
        while !is_so(&self.hardware) {
            let (at, event) = self.next_event(what, deadline)?;
            self.hardware.take_in(&event).map_err(Failure::Broken)?;
            self.last_event = at;
        }
        Ok(self.last_event)
    }

    /// Lets time pass. What happens meanwhile is seen later.
    ///
    /// # Errors
    /// When the simulator ends, or a person interrupts.
    pub fn pause(&mut self, span: Duration) -> Result<(), Failure> {
        let end = now()? + span;
        while now()? < end {
            self.watch(end)?;
        }
        Ok(())
    }

    fn next_event(&mut self, what: &str, deadline: Moment) -> Result<(Moment, String), Failure> {
        loop {
            if let Some(length) = self.unread.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=length).collect();
                return parse(&line);
            }
            if now()? >= deadline {
                return Err(Failure::InVain(what.into(), PATIENCE));
            }
            self.watch(deadline)?;
        }
    }

    /// Waits until there is something to see, and no longer than until then.
    fn watch(&mut self, until: Moment) -> Result<(), Failure> {
        let left = until.saturating_sub(now()?) + Duration::from_millis(1);
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        let mut ready = [
            PollFd::new(self.output.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.signals.as_fd(), PollFlags::POLLIN),
        ];
        match poll(&mut ready, timeout) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(Failure::System("wait", error.into())),
        }
        let [output, _] = ready.map(|ready| ready.any().unwrap_or(false));
        if self.signals.pending().any(|signal| signal == Signal::Terminate) {
            return Err(Failure::Interrupted);
        }
        if output { self.read() } else { Ok(()) }
    }

    /// Takes in what is there to be read.
    fn read(&mut self) -> Result<(), Failure> {
        let mut bytes = [0; 4096];
        match self.output.read(&mut bytes) {
            Ok(0) => Err(Failure::Ended("lift-simulator", None)),
            Ok(length) => {
                self.unread.extend(&bytes[..length]);
                Ok(())
            }
            Err(error) => Err(Failure::System("read what the simulator tells", error)),
        }
    }
}

/// An event and its time: `12.345678 door open`.
fn parse(line: &[u8]) -> Result<(Moment, String), Failure> {
    let line = String::from_utf8_lossy(line);
    let parsed = line.trim_end().split_once(' ').and_then(|(at, event)| {
        let at = Moment::try_from_secs_f64(at.parse().ok()?).ok()?;
        Some((at, event.to_owned()))
    });
    parsed.ok_or_else(|| Failure::Broken(format!("the simulator told no event: {line}")))
}
