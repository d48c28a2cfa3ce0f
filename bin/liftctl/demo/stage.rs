//! The stage: the processes of the demo and their directory, all gone when it is.
//!
//! Each process is in a group of its own, so that Ctrl-C in a terminal reaches the demo alone,
//! which then ends the others in order; and has no environment, so that no setting of the person
//! who watches changes the story.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::net::{Ipv4Addr, UdpSocket};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{env, process, thread};

use lift_group::shell::signals::{Signal, Signals};
use nix::sys::signal::{self, SIGTERM};
use nix::unistd::Pid;

use super::failure::Failure;
use super::hardware::{Call, Hardware};
use super::observer::Observer;

/// How many floors the lift has.
pub const FLOORS: u8 = 4;

/// How long a process may take to end in order before it is killed.
const GRACE: Duration = Duration::from_secs(3);

/// How often to look whether it has.
const GLANCE: Duration = Duration::from_millis(5);

/// How much of the log is shown when the demo fails.
const LINES_OF_LOG: usize = 20;

/// The processes and their directory. They go in this order: the supervisor, and with it the
/// controller, while there is still a lift to bring to rest.
#[derive(Debug)]
pub struct Stage {
    supervisor: Process,
    simulator: Process,
    directory: Directory,
}

impl Stage {
    /// Starts a lift at rest at floor 0, somebody to observe it, and its supervisor.
    ///
    /// # Errors
    /// When a program cannot be started, or there is no room for a directory.
    pub fn build(bin_dir: &Path) -> Result<(Self, Observer), Failure> {
        let signals = Signals::listen(&[Signal::Terminate])
            .map_err(|error| Failure::System("listen for signals", error))?;
        let directory = Directory::make()
            .map_err(|error| Failure::System("make a temporary directory", error))?;
        let floors = FLOORS.to_string();

        let mut simulator = Process::start("lift-simulator", bin_dir, |command| {
            command.args(["--port", "0", "--end-with-stdin", "--floors", &floors]);
            command.stdin(Stdio::piped()).stdout(Stdio::piped())
        })?;
        let events = simulator.child.stdout.take().ok_or(Failure::Ended("lift-simulator", None))?;
        let mut observer = Observer::new(events, signals, Hardware::at_rest(0));
        let hardware = format!("127.0.0.1:{}", observer.port()?);

        let port = free_port()
            .map_err(|error| Failure::System("find a port for the group", error))?
            .to_string();

        let log = File::create(directory.log())
            .map_err(|error| Failure::System("make a log in the temporary directory", error))?;
        let supervisor = Process::start("lift-supervisor", bin_dir, |command| {
            command.args(["--id", "1", "--floors", &floors, "--hardware", &hardware]);
            command.arg("--state-dir").arg(directory.state());
            // A group of its own: no lift in service on this computer has to do with it.
            command.arg("--group").arg(format!("demo-{}", process::id()));
            command.args(["--interface", "lo", "--port", &port]);
            command.arg("--controller").arg(bin_dir.join("lift-controller"));
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log)
        })?;
        Ok((Self { supervisor, simulator, directory }, observer))
    }

    /// Where the status sockets are.
    pub fn sockets(&self) -> PathBuf {
        self.directory.state()
    }

    /// Presses a button.
    ///
    /// # Errors
    /// When the simulator does not read.
    pub fn press(&mut self, call: Call) -> Result<(), Failure> {
        let input = self.simulator.child.stdin.as_mut();
        let input = input.ok_or(Failure::Ended("lift-simulator", None))?;
        input
            .write_all(call.press().as_bytes())
            .map_err(|error| Failure::System("press a button", error))
    }

    /// Sees to it that the supervisor still runs.
    ///
    /// # Errors
    /// When it does not.
    pub fn check(&mut self) -> Result<(), Failure> {
        match self.supervisor.ended() {
            None => Ok(()),
            Some(status) => Err(Failure::Ended("lift-supervisor", Some(status))),
        }
    }

    /// The last lines of what supervisor and controller have logged.
    pub fn end_of_log(&self) -> String {
        let log = fs::read_to_string(self.directory.log()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LINES_OF_LOG)..].join("\n")
    }
}

/// A child process that ends with this value.
#[derive(Debug)]
struct Process {
    child: Child,
}

impl Process {
    fn start(
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

    fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }
}

impl Drop for Process {
    /// In order, or else by force. Nothing that fails here can be helped.
    fn drop(&mut self) {
        let deadline = Instant::now() + GRACE;
        if self.ended().is_none() {
            let _ = signal::kill(Pid::from_raw(self.child.id().cast_signed()), SIGTERM);
        }
        while self.ended().is_none() && Instant::now() < deadline {
            thread::sleep(GLANCE);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A UDP port that nobody uses at this moment.
fn free_port() -> io::Result<u16> {
    Ok(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// A directory that goes with this value, and nobody else's.
#[derive(Debug)]
struct Directory(PathBuf);

impl Directory {
    fn make() -> io::Result<Self> {
        let path = env::temp_dir().join(format!("liftctl-demo-{}", process::id()));
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    fn state(&self) -> PathBuf {
        self.0.join("1")
    }

    fn log(&self) -> PathBuf {
        self.0.join("1.log")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0); // what is left of it is in the system's temporary place
    }
}
