//! Signals, as something that a poll loop can wait for.
//!
//! The handler writes one byte into a socket; the loop polls its other end and then asks what
//! came. Several signals of one kind between two looks count as one.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::backend::SignalDelivery;
use signal_hook::iterator::exfiltrator::SignalOnly;

/// What a process can be told by a signal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signal {
    /// End in order: `SIGTERM`, or `SIGINT` from a terminal.
    Terminate,
    /// Begin afresh in order: `SIGHUP`.
    Reload,
    /// A child process has ended, or stopped, or gone on: `SIGCHLD`.
    ChildEnded,
}

impl Signal {
    fn numbers(self) -> &'static [i32] {
        match self {
            Self::Terminate => &[SIGTERM, SIGINT],
            Self::Reload => &[SIGHUP],
            Self::ChildEnded => &[SIGCHLD],
        }
    }

    fn from_number(number: i32) -> Option<Self> {
        [Self::Terminate, Self::Reload, Self::ChildEnded]
            .into_iter()
            .find(|signal| signal.numbers().contains(&number))
    }
}

/// Signals that wait to be looked at; readable while there are some.
#[derive(Debug)]
pub struct Signals(SignalDelivery<UnixStream, SignalOnly>);

impl Signals {
    /// Takes these signals from now on instead of what they do by default. Neither end of the
    /// socket reaches a child process.
    ///
    /// # Errors
    /// When the process has no descriptors left.
    pub fn listen(signals: &[Signal]) -> io::Result<Self> {
        let (read, write) = UnixStream::pair()?;
        let numbers = signals.iter().flat_map(|signal| signal.numbers());
        SignalDelivery::with_pipe(read, write, SignalOnly, numbers).map(Self)
    }

    /// The signals that came since the last look; never waits.
    pub fn pending(&mut self) -> impl Iterator<Item = Signal> + use<> {
        self.0.pending().filter_map(Signal::from_number)
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.get_read().as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use nix::sys::signal::raise;

    fn is_readable(signals: &Signals) -> bool {
        let mut ready = [PollFd::new(signals.as_fd(), PollFlags::POLLIN)];
        poll(&mut ready, PollTimeout::ZERO).unwrap() == 1
    }

    #[test]
    fn a_signal_wakes_the_poll_and_is_reported_once() {
        let mut signals = Signals::listen(&[Signal::Terminate, Signal::Reload]).unwrap();
        assert!(!is_readable(&signals));
        for number in [nix::sys::signal::SIGINT, nix::sys::signal::SIGHUP] {
            raise(number).unwrap();
        }
        assert!(is_readable(&signals));
        assert_eq!(signals.pending().collect::<Vec<_>>(), [Signal::Reload, Signal::Terminate]);
        assert!(!is_readable(&signals));
        assert_eq!(signals.pending().next(), None);
    }
}
