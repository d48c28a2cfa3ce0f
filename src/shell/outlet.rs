//! Standard error without waiting for whoever reads it.
//!
//! A terminal that somebody has stopped, or a pipe that nobody reads, would hold up whoever writes
//! a line, and with it a lift whose motor runs. So a line that finds no room is dropped and counted.
//!
//! Standard error is shared with whoever started us: to make it non-blocking would change it for
//! all of them. A pipe or a terminal is therefore opened once more, for us alone. Where that cannot
//! be done, as with a socket, there is at least a look for room before each line.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// The longest line, its end included; a longer one is cut. What fits is written whole or not at
/// all, even where several processes write.
const LONGEST_LINE: usize = libc::PIPE_BUF;

/// A count of dropped lines.
pub type Dropped = Arc<AtomicU64>;

/// Where lines go. Anything written is gathered until its line is whole.
#[derive(Debug)]
pub struct Outlet {
    own: Option<File>,
    line: Vec<u8>,
    dropped: Dropped,
}

impl Outlet {
    /// Standard error; what finds no room is counted here.
    pub fn new(dropped: Dropped) -> Self {
        Self { own: open_once_more(), line: Vec::new(), dropped }
    }

    fn end_line(&mut self) {
        if self.line.len() > LONGEST_LINE {
            self.line.truncate(LONGEST_LINE - 1);
            self.line.push(b'\n');
        }
        let written = match &self.own {
            Some(own) => write_if_room(own.as_fd(), own, &self.line),
            None => write_if_room(io::stderr().as_fd(), io::stderr(), &self.line),
        };
        if written.is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        self.line.clear();
    }
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.end_line();
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An open file of our own for a pipe or a terminal, never to wait for.
fn open_once_more() -> Option<File> {
    const STANDARD_ERROR: &str = "/proc/self/fd/2";
    let kind = std::fs::metadata(STANDARD_ERROR).ok()?.file_type();
    let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
    let is_worth_it = kind.is_fifo() || kind.is_char_device();
    let opened = || OpenOptions::new().write(true).custom_flags(flags).open(STANDARD_ERROR).ok();
    is_worth_it.then(opened).flatten()
}

fn write_if_room(descriptor: BorrowedFd, mut output: impl Write, line: &[u8]) -> io::Result<()> {
    match poll(&mut [PollFd::new(descriptor, PollFlags::POLLOUT)], PollTimeout::ZERO)? {
        0 => Err(ErrorKind::WouldBlock.into()),
        _ => output.write(line).map(|_| ()),
    }
}
