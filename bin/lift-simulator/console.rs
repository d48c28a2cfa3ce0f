//! A console: lines of the operator come in, events go out. Standard input and output are one,
//! every client of the control socket is another.
//!
//! A console is never waited for. It is written to when it has room, and one that does not read
//! is given up once it has fallen [`MOST_UNREAD`] bytes behind.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{Shutdown, shutdown};

/// How far a console may fall behind, in bytes: some twenty thousand events.
const MOST_UNREAD: usize = 1 << 20;

/// How much is read or written at once. A pipe that polls as writable takes this much without
/// blocking.
const CHUNK: usize = 4096;

/// Longer lines mean nothing.
const LONGEST_LINE: usize = 256;

/// How long the end of the simulator waits for a console to take the last events.
const PATIENCE_AT_THE_END: u16 = 1000; // milliseconds

/// One console.
#[derive(Debug)]
pub struct Console {
    /// Where lines come from, until they end.
    input: Option<File>,
    /// Where events go, until nobody is there to read them.
    output: Option<File>,
    /// The line that has begun to arrive.
    begun: Vec<u8>,
    /// Events that the output had no room for yet.
    unsent: Vec<u8>,
    /// What the end of the input means, as a line.
    end_means: Option<&'static str>,
}

impl Console {
    /// The console on standard input and output; `end_means` is the line that the end of the
    /// input stands for.
    ///
    /// # Errors
    /// When the process has no descriptors left.
    pub fn standard(end_means: Option<&'static str>) -> io::Result<Self> {
        let input = io::stdin().as_fd().try_clone_to_owned()?;
        let output = io::stdout().as_fd().try_clone_to_owned()?;
        Ok(Self::new(input, output, end_means))
    }

    /// A console on a socket.
    ///
    /// # Errors
    /// When the process has no descriptors left.
    pub fn socket(stream: UnixStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        let input = OwnedFd::from(stream.try_clone()?);
        Ok(Self::new(input, stream.into(), None))
    }

    fn new(input: OwnedFd, output: OwnedFd, end_means: Option<&'static str>) -> Self {
        Self {
            input: Some(input.into()),
            output: Some(output.into()),
            begun: Vec::new(),
            unsent: Vec::new(),
            end_means,
        }
    }

    /// What to wait for to [`read`](Self::read).
    pub fn input(&self) -> Option<BorrowedFd<'_>> {
        self.input.as_ref().map(AsFd::as_fd)
    }

    /// What to wait for, and whether for room or only for its end, to [`flush`](Self::flush).
    pub fn output(&self) -> Option<(BorrowedFd<'_>, PollFlags)> {
        let room = if self.unsent.is_empty() { PollFlags::empty() } else { PollFlags::POLLOUT };
        self.output.as_ref().map(|output| (output.as_fd(), room))
    }

    /// Whether nothing can come from or go to this console any more.
    pub fn is_gone(&self) -> bool {
        self.input.is_none() && self.output.is_none()
    }

    /// Takes what has arrived, and gives the lines that it completes.
    pub fn read(&mut self) -> Vec<String> {
        let mut chunk = [0; CHUNK];
        let Some(input) = &mut self.input else { return Vec::new() };
        match input.read(&mut chunk) {
            Ok(length) if length > 0 => self.take_lines(&chunk[..length]),
            Err(error) if is_passing(&error) => Vec::new(),
            Ok(_) | Err(_) => self.end_input(),
        }
    }

    /// Gives the console an event to tell.
    pub fn tell(&mut self, line: &str) {
        if self.output.is_some() {
            self.unsent.extend_from_slice(line.as_bytes());
        }
        if self.unsent.len() > MOST_UNREAD {
            self.end_output();
        }
    }

    /// Tells as much as there is room for, once [`output`](Self::output) is ready.
    pub fn flush(&mut self, ready: PollFlags) {
        let Some(output) = &mut self.output else { return };
        if ready.intersects(PollFlags::POLLERR | PollFlags::POLLHUP) {
            return self.end_output();
        }
        let chunk = &self.unsent[..self.unsent.len().min(CHUNK)];
        match output.write(chunk) {
            Ok(length) => drop(self.unsent.drain(..length)),
            Err(error) if is_passing(&error) => {}
            Err(_) => self.end_output(),
        }
    }

    /// Tells the last events; waits a little for one who reads slowly.
    pub fn finish(&mut self) {
        while !self.unsent.is_empty() {
            let Some(output) = &self.output else { return };
            let mut wait = [PollFd::new(output.as_fd(), PollFlags::POLLOUT)];
            match poll(&mut wait, PollTimeout::from(PATIENCE_AT_THE_END)) {
                Ok(1..) => {
                    let ready = wait[0].revents().unwrap_or(PollFlags::POLLERR);
                    self.flush(ready);
                }
                _ => return,
            }
        }
    }

    fn take_lines(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        for byte in bytes {
            match byte {
                b'\n' => lines.extend(self.end_line()),
                _ if self.begun.len() <= LONGEST_LINE => self.begun.push(*byte),
                _ => {} // it is too long to mean anything already
            }
        }
        lines
    }

    /// The line that ended, unless it is blank.
    fn end_line(&mut self) -> Option<String> {
        let line = String::from_utf8_lossy(&self.begun).trim().to_owned();
        self.begun.clear();
        (!line.is_empty()).then_some(line)
    }

    fn end_input(&mut self) -> Vec<String> {
        self.input = None;
        self.end_line().into_iter().chain(self.end_means.map(str::to_owned)).collect()
    }

    /// Gives up telling. On a socket the other side sees the end; it may still say lines.
    fn end_output(&mut self) {
        if let Some(output) = self.output.take() {
            let _ = shutdown(output.as_raw_fd(), Shutdown::Write); // a pipe just closes
        }
        self.unsent = Vec::new();
    }
}

/// Whether the same call may work later.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
