//! A node at work: the real programs, with their own state directory on a real disk.

use std::fs::{self, File};
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use lift_group::shell::status;
use lift_group::supervisor::status::{SupervisorStatus, supervisor_socket};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use super::DISK;

/// The longest that anything here can take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A supervisor, and whatever it supervises.
pub struct Node {
    /// The supervisor's process.
    pub child: Child,
    directory: TempDir,
}

impl Node {
    /// A node with this hardware, alone in its group but for what `change` says otherwise.
    pub fn start(hardware: SocketAddr, change: impl FnOnce(&mut Command)) -> io::Result<Self> {
        let directory = TempDir::with_prefix_in("node-", DISK)?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_lift-supervisor"));
        command
            .args(["--id", "1", "--floors", "4", "--hardware", &hardware.to_string()])
            // No lift in service on this computer has to do with it.
            .arg("--group")
            .arg(directory.path().file_name().unwrap_or_default())
            .args(["--interface", "lo"])
            .arg("--state-dir")
            .arg(directory.path())
            .stdin(Stdio::null())
            .stderr(File::create(directory.path().join("log"))?);
        change(&mut command);
        Ok(Self { child: command.spawn()?, directory })
    }

    /// The supervisor.
    pub fn supervisor(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    /// The state directory.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The controller, as soon as it works.
    pub fn controller(&self) -> io::Result<Pid> {
        let deadline = Instant::now() + PATIENCE;
        let socket = supervisor_socket(self.directory());
        loop {
            let status = status::ask::<SupervisorStatus>(&socket, PATIENCE);
            let controller = status.ok().and_then(|status| status.controller);
            match controller.filter(|controller| controller.works) {
                Some(controller) => return Ok(Pid::from_raw(controller.pid.cast_signed())),
                None if Instant::now() < deadline => thread::sleep(Duration::from_millis(1)),
                None => return Err(self.failure("the controller does not work")),
            }
        }
    }

    /// Has the controller replaced in order. The supervisor forgets how often it crashed, so that
    /// the next crash is healed without delay, as the first one is in service.
    pub fn replace_controller(&self) -> io::Result<()> {
        Ok(kill(self.supervisor(), Signal::SIGHUP)?)
    }

    /// An error that tells what the node said.
    fn failure(&self, why: &str) -> io::Error {
        let log = fs::read_to_string(self.directory().join("log")).unwrap_or_default();
        io::Error::other(format!("{why}; the node's log:\n{log}"))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // Whether it ends well no longer matters.
        let _ = kill(self.supervisor(), Signal::SIGTERM);
        let _ = self.child.wait();
    }
}
