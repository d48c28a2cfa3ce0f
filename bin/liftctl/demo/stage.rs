//! The stage: three lifts, each a supervisor with its controller and a simulator, and the network
//! between them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{self, Stdio};
use std::sync::{Arc, Mutex};

use lift_group::shell::seal::key::{Keys, generate};
use lift_group::shell::seal::tag::Tags;
use lift_group::shell::signals::{Signal, Signals};

use super::failure::Failure;
use super::hardware::Call;
use super::observer::Observer;
use super::process::{Directory, Process};
use super::switch::Switch;
use super::wire::Wire;

/// How many lifts there are. Lift `n` is the one at `n - 1`.
pub const LIFTS: usize = 3;

/// How many floors the house has.
pub const FLOORS: u8 = 7;

/// Cars twice as fast as most, for those who watch; and what their nodes must know of that.
const CAR: [&str; 4] = ["--travel", "1s", "--passing", "250ms"];
const TIMES: [&str; 4] = ["--travel-time", "1500ms", "--door-dwell", "1500ms"];

/// How much of each log is shown when the demo fails.
const LINES_OF_LOG: usize = 12;

/// The processes and their directory. They go in this order: the supervisors, and with them their
/// controllers, while there are still lifts to bring to rest.
#[derive(Debug)]
pub struct Stage {
    supervisors: Vec<Process>,
    simulators: Vec<Process>,
    /// The network.
    pub switch: Switch,
    directory: Directory,
}

impl Stage {
    /// Starts three lifts at rest at floor 0, their supervisors, and somebody to observe them.
    ///
    /// # Errors
    /// When a program cannot be started, or there is no room for a directory.
    pub fn build(bin_dir: &Path) -> Result<(Self, Observer), Failure> {
        let cannot = |what| move |error| Failure::System(what, error);
        // A terminal that is closed hangs up: `Signal::Reload` elsewhere, the end of a demo.
        let signals = Signals::listen(&[Signal::Terminate, Signal::Reload])
            .map_err(cannot("listen for signals"))?;
        let directory = Directory::make().map_err(cannot("make a temporary directory"))?;
        let keys = make_key(&directory.join("key")).map_err(cannot("make a key"))?;
        // A group of its own: no lift in service on this computer has to do with it.
        let group = format!("demo-{}", process::id());
        let wire = Arc::new(Mutex::new(Wire::new(Tags::new(&keys, &group))));
        let switch = Switch::start(LIFTS, Arc::clone(&wire)).map_err(cannot("start a network"))?;
        let mut observer = Observer::new(signals, wire);
        let mut stage = Self { supervisors: vec![], simulators: vec![], switch, directory };
        for lift in 0..LIFTS {
            let hardware = stage.start_simulator(bin_dir, &mut observer)?;
            let supervisor = stage.start_supervisor(bin_dir, lift, &group, &hardware)?;
            stage.supervisors.push(supervisor);
        }
        Ok((stage, observer))
    }

    fn start_simulator(
        &mut self,
        bin_dir: &Path,
        observer: &mut Observer,
    ) -> Result<String, Failure> {
        let mut simulator = Process::start("lift-simulator", bin_dir, |command| {
            command.args(["--port", "0", "--end-with-stdin", "--floors", &FLOORS.to_string()]);
            command.args(CAR).stdin(Stdio::piped()).stdout(Stdio::piped())
        })?;
        let events = simulator.child.stdout.take().ok_or(Failure::Ended("lift-simulator", None))?;
        self.simulators.push(simulator);
        Ok(format!("127.0.0.1:{}", observer.watch(events)?))
    }

    fn start_supervisor(
        &self,
        bin_dir: &Path,
        lift: usize,
        group: &str,
        hardware: &str,
    ) -> Result<Process, Failure> {
        let log = File::create(self.log(lift))
            .map_err(|error| Failure::System("make a log in the temporary directory", error))?;
        let port = self.switch.ports()[lift].to_string();
        Process::start("lift-supervisor", bin_dir, |command| {
            command.args(["--id", &(lift + 1).to_string(), "--floors", &FLOORS.to_string()]);
            command.args(["--hardware", hardware]).args(TIMES);
            command.args(["--group", group, "--interface", "lo", "--port", &port]);
            command.arg("--key").arg(self.directory.join("key"));
            command.arg("--state-dir").arg(self.sockets(lift));
            command.arg("--controller").arg(bin_dir.join("lift-controller"));
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log)
        })
    }

    /// Where everything is.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Where the status sockets of a lift are.
    pub fn sockets(&self, lift: usize) -> PathBuf {
        self.directory.join(&(lift + 1).to_string())
    }

    /// Presses a button of a lift.
    ///
    /// # Errors
    /// When its simulator does not read.
    pub fn press(&mut self, lift: usize, call: Call) -> Result<(), Failure> {
        let input = self.simulators.get_mut(lift).and_then(|of| of.child.stdin.as_mut());
        let input = input.ok_or(Failure::Ended("lift-simulator", None))?;
        input
            .write_all(call.press().as_bytes())
            .map_err(|error| Failure::System("press a button", error))
    }

    /// Sees to it that the supervisors still run.
    ///
    /// # Errors
    /// When one does not.
    pub fn check(&mut self) -> Result<(), Failure> {
        match self.supervisors.iter_mut().find_map(Process::ended) {
            None => Ok(()),
            Some(status) => Err(Failure::Ended("a lift-supervisor", Some(status))),
        }
    }

    /// The last lines of what the supervisor and the controllers of every lift have logged.
    pub fn ends_of_logs(&self) -> String {
        let end = |lift| {
            let log = fs::read_to_string(self.log(lift)).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            let lines = lines[lines.len().saturating_sub(LINES_OF_LOG)..].join("\n");
            format!("\nThe log of lift {} ends:\n{lines}\n", lift + 1)
        };
        (0..self.supervisors.len()).map(end).collect()
    }

    fn log(&self, lift: usize) -> PathBuf {
        self.directory.join(&format!("{}.log", lift + 1))
    }
}

impl Drop for Stage {
    /// All at once, and then one after the other is waited for.
    fn drop(&mut self) {
        self.supervisors.iter_mut().for_each(Process::dismiss);
    }
}

/// A new key, in a file that nobody else may read.
fn make_key(path: &Path) -> io::Result<Keys> {
    let key = generate()?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(key.as_bytes())?;
    Keys::parse(&key).map_err(|error| io::Error::other(error.to_string()))
}
