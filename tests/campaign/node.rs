//! One lift and the computer that controls it.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use lift_group::building::LiftId;
use lift_group::node::Status;
use lift_group::shell::controller::status::Document;
use lift_group::shell::settings::controller_socket;
use lift_group::shell::status::ask;
use nix::sys::signal::Signal;

use crate::common::process::{Process, children_of, signal};
use crate::common::simulator::Simulator;
use crate::footprint::Footprint;
use crate::namespace::Namespace;

/// Where the group meets.
pub const PORT: u16 = 22022;

/// A car that moves faster than a real one. A floor's sensor sees it for long enough to find a
/// hang, or a lift could not be safe at all.
const CAR: [&str; 6] = ["--travel", "100ms", "--passing", "600ms", "--press", "400ms"];

/// How long the doors stand open.
pub const DWELL: Duration = Duration::from_millis(500);

/// What a supervisor is told, to go with it.
const TIMES: [&str; 4] = ["--travel-time", "900ms", "--door-dwell", "500ms"];

/// How long a controller may take to tell of itself.
const PATIENCE: Duration = Duration::from_millis(100);

/// One lift and its computer.
pub struct Node {
    pub id: LiftId,
    pub place: Namespace,
    /// `None` while the hardware has no power.
    pub hardware: Option<Simulator>,
    supervisor: Option<Process>,
    key: PathBuf,
    options: Vec<String>,
    dir: PathBuf,
}

impl Node {
    /// A computer in this directory, with a cable named `wire`, but without power.
    ///
    /// # Errors
    /// Why there can be none on this machine.
    pub fn new(id: u8, dir: PathBuf, key: &Path, options: &[&str]) -> Result<Self, String> {
        fs::create_dir_all(dir.join("disk")).map_err(|error| error.to_string())?;
        let disk = dir.join("disk");
        let place = Namespace::new(&format!("mount -t tmpfs -o size=1m lift {}", disk.display()))?;
        let id = LiftId(id);
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        let key = key.to_owned();
        Ok(Self { id, place, hardware: None, supervisor: None, key, options, dir })
    }

    /// The hardware gets power, with its car at this floor.
    pub fn start_hardware(&mut self, floor: u8) {
        let command = Simulator::command(&[]);
        let program = command.get_program().to_string_lossy().into_owned();
        let mut command = self.place.command(&program);
        for (name, value) in Simulator::command(&[]).get_envs() {
            assert_eq!(value, None, "only removed");
            command.env_remove(name);
        }
        command.args(["--port", "15657", "--end-with-stdin", "--floors", "4"]);
        command.args(CAR).args(["--start-floor", &floor.to_string()]);
        self.hardware = Some(Simulator::launch(command));
    }

    /// Starts the supervisor.
    pub fn start(&mut self) {
        let log = OpenOptions::new().create(true).append(true).open(self.dir.join("log"));
        let mut command = self.place.command(env!("CARGO_BIN_EXE_lift-supervisor"));
        command
            .args(["--id", &self.id.to_string(), "--floors", "4"])
            .args(TIMES)
            .args(&self.options)
            .args(["--hardware", "127.0.0.1:15657", "--group", "campaign", "--interface", "wire"])
            .args(["--port", &PORT.to_string()])
            .arg("--key")
            .arg(&self.key)
            .arg("--state-dir")
            .arg(self.dir.join("disk/state"))
            .arg("--runtime-dir")
            .arg(self.dir.join("run"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log.expect("a log file"));
        self.supervisor = Some(Process::start(&mut command));
    }

    /// Ends the supervisor's life, and with it that of its controller; how many lives that were.
    pub fn kill(&mut self) -> u64 {
        let controller = self.signal_controller(Signal::SIGKILL);
        u64::from(controller) + self.kill_supervisor()
    }

    /// Ends the supervisor's life; its controller finds out by itself. How many lives that were.
    pub fn kill_supervisor(&mut self) -> u64 {
        self.supervisor.take().is_some().into() // it is killed with its value
    }

    /// What its supervisor and its controller take of the computer at present, if they live.
    pub fn footprints(&self) -> Option<[Footprint; 2]> {
        let supervisor = self.supervisor.as_ref()?.id();
        Some([Footprint::of(supervisor)?, Footprint::of(controller_of(supervisor)?)?])
    }

    /// Whether the supervisor was started and has ended by itself since.
    pub fn has_ended(&mut self) -> bool {
        self.supervisor.as_mut().is_some_and(|supervisor| supervisor.end().is_some())
    }

    /// Whether the supervisor was started.
    pub fn is_on(&self) -> bool {
        self.supervisor.is_some()
    }

    /// Signals the supervisor.
    pub fn signal_supervisor(&self, what: Signal) {
        if let Some(supervisor) = &self.supervisor {
            signal(supervisor.id(), what);
        }
    }

    /// Signals the controller, if there is one; whether there was.
    pub fn signal_controller(&self, what: Signal) -> bool {
        let controller = self.supervisor.as_ref().and_then(|s| controller_of(s.id()));
        if let Some(controller) = controller {
            signal(controller, what);
        }
        controller.is_some()
    }

    /// What the controller tells, if it does.
    pub fn document(&self) -> Option<Document> {
        self.supervisor.as_ref()?;
        ask(&controller_socket(&self.dir.join("run")), PATIENCE).ok()
    }

    /// What the controller tells of its node, if it does.
    pub fn status(&self) -> Option<Status> {
        self.document().map(|document| document.node)
    }

    /// How many datagrams its controller has dropped in this life, for all reasons.
    pub fn dropped(&self) -> u64 {
        let dropped = self.document().map(|document| document.network.dropped);
        dropped.into_iter().flatten().map(|dropped| dropped.count).sum()
    }

    /// The disk, as everybody else sees it.
    pub fn disk(&self) -> PathBuf {
        self.place.outside(&self.dir.join("disk"))
    }

    /// All that was logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.join("log")).unwrap_or_default()
    }

    /// Does what a line says, if the hardware has power.
    pub fn say(&self, line: &str) {
        if let Some(hardware) = &self.hardware {
            hardware.send(line);
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The controller of this supervisor.
fn controller_of(supervisor: u32) -> Option<u32> {
    let name = |pid: u32| fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let path = format!("/proc/{supervisor}/task");
    fs::metadata(path).ok()?;
    children_of(supervisor).into_iter().find(|pid| name(*pid) == "lift-controller\n")
}
