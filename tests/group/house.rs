//! A house with several lifts: for each a simulator, a supervisor and its controllers, all in one
//! group of their own on this computer.
//!
//! Everything waits for something that can be seen, with a deadline that only a group that never
//! gets there will miss.

use std::fs::{self, OpenOptions};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;

use lift_group::node::{Role, Status};
use lift_group::shell::controller::status::Document;
use lift_group::shell::settings::controller_socket;
use lift_group::shell::status::ask;
use lift_group::supervisor::status::{SupervisorStatus, supervisor_socket};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::common::group;
use crate::common::simulator::{Event, Simulator};

pub use crate::common::wait::{PATIENCE, wait_for};

/// A car that moves faster than a real one, and what its node must know of that.
const CAR: [&str; 4] = ["--travel", "200ms", "--passing", "200ms"];
const TIMES: [&str; 4] = ["--travel-time", "900ms", "--door-dwell", "300ms"];

/// Several lifts in one house; they end with this value.
pub struct House {
    pub nodes: Vec<Node>,
    dir: TempDir,
}

/// One lift and all that belongs to it.
pub struct Node {
    pub id: u8,
    pub hardware: Simulator,
    supervisor: Option<Child>,
    options: Vec<String>,
    dir: PathBuf,
}

impl House {
    /// Starts so many lifts at floor 0 of four, and waits until they are one group.
    pub fn with_lifts(lifts: u8) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let options = group::options();
        let nodes = (1..=lifts).map(|id| Node::new(id, &options, dir.path().join(id.to_string())));
        let mut house = Self { nodes: nodes.collect(), dir };
        house.nodes.iter_mut().for_each(Node::start);
        house.wait_until_it_is_one();
        house
    }

    /// Waits until one node is primary and all the others are its backups; returns its index.
    pub fn wait_until_it_is_one(&self) -> usize {
        wait_for("one group", || self.primary())
    }

    /// The index of the primary, if all nodes agree on it.
    pub fn primary(&self) -> Option<usize> {
        let roles: Option<Vec<Role>> = self.nodes.iter().map(Node::role).collect();
        let roles = roles?;
        let is_primary = |role: &Role| matches!(role, Role::Primary { .. });
        let at = roles.iter().position(is_primary)?;
        let id = self.nodes[at].id;
        let follows = |role: &Role| matches!(role, Role::Backup { primary } if primary.0 == id);
        (roles.iter().filter(|role| follows(role)).count() + 1 == roles.len()).then_some(at)
    }

    /// Starts one more lift of this number, whoever else has it, in the same group.
    pub fn add(&mut self, id: u8) {
        let dir = self.path(&format!("one-more-{id}"));
        let mut node = Node::new(id, &self.nodes[0].options, dir);
        node.start();
        self.nodes.push(node);
    }

    /// A path in the directory of the test.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The index of some node that is not this one.
    pub fn other_than(&self, at: usize) -> usize {
        (at + 1) % self.nodes.len()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.nodes.iter_mut().for_each(Node::kill);
        if thread::panicking() {
            for node in &self.nodes {
                eprintln!("── lift {}: what was logged ──\n{}", node.id, node.log());
                for event in node.hardware.events() {
                    eprintln!("{:.3} {}", event.at, event.text);
                }
            }
            eprintln!("── in {} ──", self.dir.path().display());
        }
    }
}

impl Node {
    fn new(id: u8, options: &[String], dir: PathBuf) -> Self {
        fs::create_dir(&dir).expect("a directory for the lift");
        let hardware = Simulator::start(4, &CAR);
        Self { id, hardware, supervisor: None, options: options.to_vec(), dir }
    }

    /// Starts the supervisor.
    pub fn start(&mut self) {
        let log = OpenOptions::new().create(true).append(true).open(self.dir.join("log"));
        let supervisor = Command::new(env!("CARGO_BIN_EXE_lift-supervisor"))
            .args(["--id", &self.id.to_string(), "--floors", "4"])
            .args(TIMES)
            .args(["--hardware", &self.hardware.address().to_string()])
            .arg("--state-dir")
            .arg(self.state_dir())
            .args(&self.options)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log.expect("a log file"))
            .spawn();
        self.supervisor = Some(supervisor.expect("the supervisor can be started"));
    }

    /// What this option of the supervisor is.
    pub fn option(&self, name: &str) -> &str {
        let at = self.options.iter().position(|option| option == name).expect("the option");
        &self.options[at + 1]
    }

    /// Where the node keeps what must not be lost.
    pub fn state_dir(&self) -> PathBuf {
        self.dir.join("state")
    }

    /// More options for the supervisors that are started from now on.
    pub fn add_options(&mut self, options: &[&str]) {
        self.options.extend(options.iter().map(|option| (*option).to_owned()));
    }

    /// All that supervisor and controllers have logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.join("log")).unwrap_or_default()
    }

    /// What the controller tells of its node, if it does.
    pub fn status(&self) -> Option<Status> {
        self.document().map(|document| document.node)
    }

    /// What the controller tells, if it does.
    pub fn document(&self) -> Option<Document> {
        ask(&controller_socket(&self.state_dir()), PATIENCE).ok()
    }

    /// What the supervisor tells of itself, if it does.
    pub fn supervisor_status(&self) -> Option<SupervisorStatus> {
        ask(&supervisor_socket(&self.state_dir()), PATIENCE).ok()
    }

    /// What a person is told who asks for its status.
    pub fn page(&self) -> String {
        let mut liftctl = Command::new(env!("CARGO_BIN_EXE_liftctl"));
        liftctl.arg("status").arg("--state-dir").arg(self.dir.join("state"));
        let output = liftctl.output().expect("liftctl can be started");
        String::from_utf8(output.stdout).expect("text")
    }

    /// What the node is to its group, if its controller tells.
    pub fn role(&self) -> Option<Role> {
        self.status().map(|status| status.role)
    }

    /// The process of the controller, once it works.
    pub fn controller(&self) -> u32 {
        wait_for("a working controller", || {
            self.supervisor_status()?
                .controller
                .filter(|controller| controller.works)
                .map(|found| found.pid)
        })
    }

    /// Sends a signal to the controller; returns which process that was.
    pub fn signal_controller(&self, signal: Signal) -> u32 {
        let pid = self.controller();
        kill(Pid::from_raw(pid.cast_signed()), signal).expect("the controller is there");
        pid
    }

    /// The power of the node fails: neither of its processes lives on.
    pub fn kill(&mut self) {
        if let Some(mut supervisor) = self.supervisor.take() {
            let _ = supervisor.kill(); // and with it its controller
            let _ = supervisor.wait();
        }
    }

    /// Presses a button for long enough that nobody can miss it.
    pub fn press(&self, button: &str) {
        self.hardware.send(&format!("press {button} 300ms"));
    }

    /// Whether this lamp is lit at present, for example `hall-up floor=1`.
    pub fn is_lit(&self, lamp: &str) -> bool {
        let (on, off) = (format!("lamp {lamp} on"), format!("lamp {lamp} off"));
        let told = self.hardware.events();
        let last = told.iter().rfind(|event| event.text == on || event.text == off);
        last.is_some_and(|event| event.text == on)
    }

    /// Whether this lamp has ever been lit.
    pub fn was_lit(&self, lamp: &str) -> bool {
        self.hardware.events().iter().any(|event| event.text == format!("lamp {lamp} on"))
    }

    /// The floors at which the door has opened so far.
    pub fn openings(&self) -> Vec<u8> {
        let mut floor = Some(0);
        let mut openings = Vec::new();
        for Event { text, .. } in self.hardware.events() {
            if let Some(name) = text.strip_prefix("floor ") {
                floor = name.parse().ok();
            } else if text == "door open" {
                openings.extend(floor);
            }
        }
        openings
    }
}
