//! One installed lift: a simulator, a supervisor and its controllers, in a directory of their own.
//!
//! Everything waits for something that can be seen, with a deadline that only a lift that never
//! gets there will miss. A test that fails shows what the hardware told and what was logged.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::thread;

use lift_group::node::Status;
use lift_group::shell::controller::status::Document;
use lift_group::shell::settings::controller_socket;
use lift_group::shell::status::ask;
use lift_group::supervisor::status::{SupervisorStatus, supervisor_socket};
use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::common::process::{Process, controllers_of, signal};
use crate::common::simulator::{Event, Simulator};
use crate::plan::Plan;
use crate::seen::{POWER_CUT, Seen};

use crate::common::wait::PATIENCE;
pub use crate::common::wait::wait_for;

/// One installed lift; it ends with this value.
pub struct Lift {
    plan: Plan,
    pub hardware: Simulator,
    /// What the simulators told that were killed.
    past: Vec<Event>,
    supervisor: Option<Process>,
    dir: TempDir,
}

impl Lift {
    /// A lift without a supervisor.
    pub fn new(plan: Plan) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let hardware = plan.start_simulator(&[]);
        Self { plan, hardware, past: Vec::new(), supervisor: None, dir }
    }

    // ── the programs ────────────────────────────────────────────────────────────────────────

    /// Starts a supervisor for this lift.
    pub fn start_supervisor(&mut self) {
        self.supervisor = Some(self.spawn_supervisor());
    }

    /// Starts one more supervisor for this lift, which is then the caller's.
    pub fn spawn_supervisor(&self) -> Process {
        self.spawn_supervisor_that_logs_to(self.log_file())
    }

    /// The same, with its log somewhere else.
    pub fn spawn_supervisor_that_logs_to(&self, log: impl Into<Stdio>) -> Process {
        let mut command = self.plan.supervisor_command(self.dir(), self.hardware.address());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        Process::start(&mut command)
    }

    /// More options for the supervisors that are started from now on.
    pub fn add_options(&mut self, options: &[&str]) {
        self.plan = self.plan.clone().supervisor(options);
    }

    /// Where the node keeps what must not be lost.
    pub fn state_dir(&self) -> PathBuf {
        self.plan.state_dir(self.dir())
    }

    /// Where the status sockets are.
    pub fn runtime_dir(&self) -> PathBuf {
        self.dir.path().join("run")
    }

    /// A directory of the test's own.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// All that was logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    fn log_file(&self) -> File {
        let path = self.dir.path().join("log");
        OpenOptions::new().create(true).append(true).open(path).expect("a log file")
    }

    /// The supervisor's process.
    pub fn supervisor(&self) -> u32 {
        self.supervisor.as_ref().expect("a supervisor was started").id()
    }

    /// What the supervisor tells of itself.
    pub fn supervisor_status(&self) -> Option<SupervisorStatus> {
        ask(&supervisor_socket(&self.runtime_dir()), PATIENCE).ok()
    }

    /// What the controller tells of the lift.
    pub fn status(&self) -> Option<Status> {
        let told: Option<Document> = ask(&controller_socket(&self.runtime_dir()), PATIENCE).ok();
        told.map(|told| told.node)
    }

    /// Every controller of this lift that is alive.
    pub fn controllers(&self) -> Vec<u32> {
        controllers_of(&self.state_dir())
    }

    /// The only controller of this lift, once there is one.
    pub fn controller(&self) -> u32 {
        wait_for("a controller", || self.controllers().first().copied())
    }

    /// Waits for a controller that is another than this one.
    pub fn wait_for_successor_of(&self, former: u32) -> u32 {
        wait_for("another controller", || self.controllers().into_iter().find(|pid| *pid != former))
    }

    /// Waits until the supervisor says that its controller works.
    pub fn wait_until_it_works(&self) {
        wait_for("a working controller", || {
            let status = self.supervisor_status()?;
            status.controller.filter(|controller| controller.works)
        });
    }

    /// Waits for a line in the log that has all these words.
    pub fn wait_for_log(&self, words: &[&str]) {
        wait_for(&format!("a log line with {words:?}"), || {
            let log = self.log();
            log.lines().any(|line| words.iter().all(|word| line.contains(word))).then_some(())
        });
    }

    // ── what is done to them ────────────────────────────────────────────────────────────────

    /// `kill -9` of the controller; its process id.
    pub fn kill_controller(&self) -> u32 {
        let pid = self.controller();
        signal(pid, Signal::SIGKILL);
        pid
    }

    /// `kill -9` of the supervisor.
    pub fn kill_supervisor(&mut self) {
        drop(self.supervisor.take());
    }

    /// `kill -9` of supervisor and controller, and waits until both are gone.
    pub fn kill_both(&mut self) {
        self.controllers().into_iter().for_each(|pid| signal(pid, Signal::SIGKILL));
        self.kill_supervisor();
        wait_for("the controller's end", || self.controllers().is_empty().then_some(()));
    }

    /// The power of the hardware fails: the simulator ends, having told everything. Another one
    /// takes its place at the same address when power returns.
    pub fn cut_hardware(&mut self) {
        self.hardware.send("quit");
        self.hardware.wait_for_end();
    }

    /// The power of the hardware returns; these are more options for the new simulator.
    pub fn restore_hardware(&mut self, options: &[&str]) {
        self.past.extend(self.hardware.events());
        let at = self.past.last().map_or(0.0, |event| event.at);
        self.past.push(Event { at, text: POWER_CUT.into() });
        let port = self.hardware.address().port().to_string();
        self.hardware = self.plan.start_simulator(&[&["--port", &port], options].concat());
    }

    /// Takes this supervisor for the lift's own.
    pub fn adopt(&mut self, supervisor: Process) {
        self.supervisor = Some(supervisor);
    }

    /// Waits for the supervisor to end by itself.
    pub fn wait_for_end(&mut self) -> ExitStatus {
        let supervisor = self.supervisor.as_mut().expect("a supervisor was started");
        wait_for("the supervisor's end", || supervisor.end())
    }

    // ── hands and eyes at the hardware ──────────────────────────────────────────────────────

    /// Presses these buttons until their lamps are lit.
    pub fn call(&self, buttons: &[&str]) {
        let before = self.seen().promised;
        let count = |promised: &BTreeMap<String, usize>, button: &str| {
            promised.get(button).copied().unwrap_or(0)
        };
        for button in buttons {
            self.hardware.send(&format!("hold {button}"));
        }
        self.wait_until(&format!("lamps of {buttons:?} lit"), |seen| {
            buttons.iter().all(|button| count(&seen.promised, button) > count(&before, button))
        });
        for button in buttons {
            self.hardware.send(&format!("release {button}"));
        }
        self.hardware.state();
    }

    /// All that the observer has heard, from every simulator so far.
    pub fn events(&self) -> Vec<Event> {
        [self.past.clone(), self.hardware.events()].concat()
    }

    /// What the observer makes of it.
    pub fn seen(&self) -> Seen {
        Seen::of(&self.events())
    }

    /// Waits until the picture is so, and that no promise was broken on the way.
    pub fn wait_until(&self, what: &str, is_so: impl Fn(&Seen) -> bool) -> Seen {
        wait_for(what, || {
            let seen = self.seen();
            assert!(seen.broken.is_empty(), "broken promises: {:#?}", seen.broken);
            is_so(&seen).then_some(seen)
        })
    }

    /// Waits for an event with this text after the first `from` events.
    pub fn wait_for_event(&self, from: usize, text: &str) -> Event {
        wait_for(&format!("{text:?}"), || {
            self.events().into_iter().skip(from).find(|event| event.text == text)
        })
    }

    /// Waits until a new client is connected, after the `before` that have been.
    pub fn wait_for_client_after(&self, before: usize) {
        self.wait_until("the next client", |seen| seen.client && seen.clients > before);
    }

    /// Waits until every lamp that was ever lit has been answered and the lift rests.
    pub fn wait_until_all_is_served(&self) -> Seen {
        self.wait_until("all served", Seen::is_quiet)
    }
}

impl Drop for Lift {
    fn drop(&mut self) {
        self.kill_supervisor();
        if thread::panicking() {
            eprintln!("── what was logged ──\n{}── what was seen ──", self.log());
            for Event { at, text } in self.events() {
                eprintln!("{at:.3} {text}");
            }
        }
    }
}
