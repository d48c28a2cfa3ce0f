//! How a lift is to be installed.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::group;
use crate::common::simulator::Simulator;
use crate::lift::Lift;

/// A lift that moves faster than a real one, in the proportions of a real one: a floor's sensor
/// sees the car for longer than it takes to find a hang, or a lift could not be safe at all.
const TRAVEL: [&str; 4] = ["--travel", "400ms", "--passing", "500ms"];

/// What a supervisor is told, to go with it.
const USUAL: [&str; 6] = ["--floors", "4", "--travel-time", "900ms", "--door-dwell", "500ms"];

/// How a lift is to be installed. What is said here holds instead of what is usual.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    simulator: Vec<String>,
    supervisor: BTreeMap<String, String>,
    /// The command through which a supervisor gets to its state directory.
    through: Vec<String>,
    state_dir: Option<PathBuf>,
}

impl Plan {
    /// A lift of four floors with its car at floor 0.
    pub fn new() -> Self {
        let group = group::options();
        let group: Vec<&str> = group.iter().map(String::as_str).collect();
        Self::default().supervisor(&USUAL).supervisor(&group)
    }

    /// More options for the simulator.
    pub fn simulator(mut self, options: &[&str]) -> Self {
        self.simulator.extend(options.iter().map(|option| (*option).to_owned()));
        self
    }

    /// More options for the supervisor, each with its value.
    pub fn supervisor(mut self, options: &[&str]) -> Self {
        let pairs = options.chunks(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned()));
        self.supervisor.extend(pairs);
        self
    }

    /// The state is kept in a directory to which a supervisor gets through this command.
    pub fn disk(mut self, state_dir: &Path, through: Vec<String>) -> Self {
        self.through = through;
        self.state_dir = Some(state_dir.to_owned());
        self
    }

    /// Starts the simulator, but no supervisor.
    pub fn build(self) -> Lift {
        Lift::new(self)
    }

    /// Starts all of it, and waits until it works.
    pub fn start(self) -> Lift {
        let mut lift = self.build();
        lift.start_supervisor();
        lift.wait_until_it_works();
        lift
    }

    /// Where the state is kept; in this directory, if nothing else was said.
    pub fn state_dir(&self, dir: &Path) -> PathBuf {
        self.state_dir.clone().unwrap_or_else(|| dir.join("state"))
    }

    /// Starts a simulator, with these options besides. Its events begin with its whole state.
    pub fn start_simulator(&self, besides: &[&str]) -> Simulator {
        let said: Vec<&str> = self.simulator.iter().map(String::as_str).collect();
        let simulator = Simulator::start(4, &[&TRAVEL, &said[..], besides].concat());
        simulator.state();
        simulator
    }

    /// The command that starts a supervisor whose files are in this directory.
    pub fn supervisor_command(&self, dir: &Path, hardware: SocketAddr) -> Command {
        let program = env!("CARGO_BIN_EXE_lift-supervisor").to_owned();
        let words = [&self.through[..], &[program]].concat();
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).args(["--id", "1", "--log-level", "debug"]);
        command.arg("--hardware").arg(hardware.to_string());
        command.arg("--state-dir").arg(self.state_dir(dir));
        command.arg("--runtime-dir").arg(dir.join("run"));
        command.args(self.supervisor.iter().flat_map(|(name, value)| [name, value]));
        command
    }
}
