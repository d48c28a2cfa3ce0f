//! A process of the demo, and their directory: gone when these values are.
//!
//! Each process is in a group of its own, so that Ctrl-C in a terminal reaches the demo alone,
//! which then ends the others in order; and has no environment, so that no setting of the person
//! who watches changes the story.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};
use std::{env, process, thread};

use nix::sys::signal::{self, SIGTERM};
use nix::unistd::Pid;

use super::failure::Failure;

/// How long a process may take to end in order before it is killed.
const GRACE: Duration = Duration::from_secs(3);

/// How often to look whether it has.
const GLANCE: Duration = Duration::from_millis(5);

/// A child process that ends with this value.
#[derive(Debug)]
pub struct Process {
    /// The child.
    pub child: Child,
}

impl Process {
    /// Starts this program, prepared like this.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(
        name: &'static str,
        bin_dir: &Path,
        prepare: impl FnOnce(&mut Command) -> &mut Command,
    ) -> Result<Self, Failure> {
        let program = bin_dir.join(name);
        let mut command = Command::new(&program);
        let started = prepare(command.env_clear().process_group(0)).spawn();
        let child = started.map_err(|error| Failure::Program(program, error))?;
        Ok(Self { child })
    }

    /// How it has ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Asks it to end in order, without waiting for that. Nothing that fails here can be helped.
    pub fn dismiss(&mut self) {
        if self.ended().is_none() {
            let _ = signal::kill(Pid::from_raw(self.child.id().cast_signed()), SIGTERM);
        }
    }
}

impl Drop for Process {
    /// In order, or else by force.
    fn drop(&mut self) {
        let deadline = Instant::now() + GRACE;
        self.dismiss();
        while self.ended().is_none() && Instant::now() < deadline {
            thread::sleep(GLANCE);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A directory that goes with this value, and nobody else's.
#[derive(Debug)]
pub struct Directory(PathBuf);

impl Directory {
    /// Makes it, in the system's temporary place.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn make() -> io::Result<Self> {
        let path = env::temp_dir().join(format!("liftctl-demo-{}", process::id()));
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Something in it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0); // what is left of it is in the system's temporary place
    }
}
