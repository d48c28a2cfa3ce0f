//! The least that a restart can take: a parent that only waits, and a child that does nothing.
//!
//! The parent sleeps in `waitpid`, which the kernel wakes as promptly as a poll for the end of a
//! child. What remains is what no supervisor gets round: the end of one process, a wake-up, and
//! the beginning of another up to its first line.

use std::env;
use std::io::{self, BufRead, BufReader, Lines, Read};
use std::process::{self, Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::common::ROLE;

/// The role of the parent.
pub const PARENT: &str = "parent";

/// The role of the child.
pub const CHILD: &str = "child";

/// Starts a child whenever the last one was killed.
pub fn be_parent() -> io::Result<()> {
    let program = env::current_exe()?;
    while !Command::new(&program).env(ROLE, CHILD).spawn()?.wait()?.success() {}
    Ok(())
}

/// Says who it is, and stays until standard input ends.
pub fn be_child() -> io::Result<()> {
    println!("{}", process::id());
    io::stdin().read_to_end(&mut Vec::new()).map(drop)
}

/// A bare parent with its present child.
pub struct Bare {
    parent: Child,
    /// Its end is the end of the child, and then of the parent.
    stdin: Option<ChildStdin>,
    children: Lines<BufReader<ChildStdout>>,
    child: Pid,
}

impl Bare {
    /// A parent whose first child lives.
    pub fn start() -> io::Result<Self> {
        let mut parent = Command::new(env::current_exe()?)
            .env(ROLE, PARENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdin = parent.stdin.take();
        let stdout = parent.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let children = BufReader::new(stdout).lines();
        let mut bare = Self { parent, stdin, children, child: Pid::from_raw(0) };
        bare.child = bare.next_child()?;
        Ok(bare)
    }

    /// Kills the child; the time until the next one has said its line.
    pub fn restart(&mut self) -> io::Result<Duration> {
        let begun = Instant::now();
        kill(self.child, Signal::SIGKILL)?;
        self.child = self.next_child()?;
        Ok(begun.elapsed())
    }

    /// The present child.
    pub fn child(&self) -> Pid {
        self.child
    }

    fn next_child(&mut self) -> io::Result<Pid> {
        let line = self.children.next().ok_or(io::ErrorKind::UnexpectedEof)??;
        line.parse().map(Pid::from_raw).map_err(io::Error::other)
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        self.stdin = None;
        // Whether it ends well no longer matters.
        let _ = self.parent.wait();
    }
}
