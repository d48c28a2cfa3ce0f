//! A supervisor in a directory of its own, and what a test may ask of it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

use lift_group::shell::status;
use lift_group::supervisor::status::{ControllerStatus, SupervisorStatus, supervisor_socket};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::common::group;
use crate::controller::{Behaviour, DIRECTORY};

/// How long a test waits for what must come; far more than it takes.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A directory in which supervisors are started.
pub struct Bench {
    directory: TempDir,
}

/// A life as its controller wrote it down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Life {
    pub incarnation: u64,
    pub pid: i32,
    pub revision: u64,
    pub checkpoint: String,
}

impl Bench {
    pub fn new(behaviour: &Behaviour) -> Self {
        let bench = Self { directory: tempfile::tempdir().unwrap() };
        bench.behave(behaviour);
        bench
    }

    /// How lives that begin from now on behave.
    pub fn behave(&self, behaviour: &Behaviour) {
        let fresh = self.path("behaviour.fresh");
        fs::write(&fresh, behaviour.words()).unwrap();
        fs::rename(fresh, self.path("behaviour")).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn state_dir(&self) -> PathBuf {
        self.path("state")
    }

    /// The command for a supervisor of this bench.
    pub fn command(&self) -> Command {
        let mut command = bare_command();
        command
            .args(["--id", "1", "--floors", "4", "--hardware", "127.0.0.1:1"])
            .args(["--hang-timeout", "1s"]) // no false alarms on a busy machine
            .args(group::options())
            .arg("--state-dir")
            .arg(self.state_dir())
            .arg("--controller")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/supervisor/controller.sh"))
            .env("CONTROLLER_PROGRAM", env::current_exe().unwrap())
            .env(DIRECTORY, self.directory.path());
        command
    }

    pub fn start(&self) -> Supervisor {
        self.start_as(&mut self.command())
    }

    pub fn start_as(&self, command: &mut Command) -> Supervisor {
        let log = self.path("log");
        let file = File::options().create(true).append(true).open(&log).unwrap();
        let process = command.stdout(Stdio::null()).stderr(file).spawn().unwrap();
        Supervisor { process, log }
    }

    pub fn diary(&self) -> Vec<String> {
        let diary = fs::read_to_string(self.path("diary")).unwrap_or_default();
        diary.lines().map(str::to_owned).collect()
    }

    /// The lives that got as far as their checkpoint.
    pub fn lives(&self) -> Vec<Life> {
        self.diary().iter().filter_map(|line| Life::read(line)).collect()
    }

    /// When the controllers were born, in milliseconds.
    pub fn births(&self) -> Vec<u64> {
        let diary = self.diary();
        let births = diary.iter().filter_map(|line| line.strip_prefix("born "));
        births.map(|millis| millis.parse().unwrap()).collect()
    }

    /// The life of this number, counted from 1, once it has begun.
    pub fn life(&self, number: usize) -> Life {
        wait_for(&format!("life {number}"), || self.lives().get(number - 1).cloned())
    }

    /// The first life that lasts until its controller works.
    pub fn last_life(&self) -> Life {
        wait_for("a life that lasts", || {
            let last = self.lives().pop()?;
            let works =
                |status: &ControllerStatus| status.works && status.incarnation == last.incarnation;
            self.status().controller.is_some_and(|status| works(&status)).then_some(last)
        })
    }

    pub fn wait_for_line(&self, line: &str) {
        wait_for(line, || self.diary().iter().any(|found| found == line).then_some(()));
    }

    /// The names of the files kept aside.
    pub fn set_aside(&self) -> Vec<String> {
        let files = fs::read_dir(self.state_dir()).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name.contains("aside")).collect();
        names.sort();
        names
    }

    pub fn status(&self) -> SupervisorStatus {
        let socket = supervisor_socket(&self.state_dir());
        wait_for("a status", || status::ask(&socket, PATIENCE).ok())
    }

    /// The status, as soon as the controller of this life works.
    pub fn status_at_work(&self, life: &Life) -> SupervisorStatus {
        wait_for("the controller at work", || {
            let status = self.status();
            let controller = status.controller.as_ref()?;
            (controller.incarnation == life.incarnation && controller.works).then_some(status)
        })
    }
}

impl Life {
    fn read(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split(' ').collect();
        let ["life", incarnation, pid, revision, checkpoint] = words[..] else { return None };
        Some(Self {
            incarnation: incarnation.parse().unwrap(),
            pid: pid.parse().unwrap(),
            revision: revision.parse().unwrap(),
            checkpoint: checkpoint.to_owned(),
        })
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.pid), signal).unwrap();
    }

    /// Whether its process is there and not a zombie.
    pub fn is_alive(&self) -> bool {
        let stat = fs::read_to_string(Path::new("/proc").join(self.pid.to_string()).join("stat"));
        stat.is_ok_and(|stat| !stat.contains(") Z "))
    }
}

/// A running supervisor; killed when the test is over, and its controller with it.
pub struct Supervisor {
    process: Child,
    log: PathBuf,
}

impl Supervisor {
    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.process.id().try_into().unwrap()), signal).unwrap();
    }

    /// Signals every process of the supervisor's group, as a terminal does.
    pub fn signal_group(&self, signal: Signal) {
        killpg(Pid::from_raw(self.process.id().try_into().unwrap()), signal).unwrap();
    }

    pub fn exit(&mut self) -> ExitStatus {
        wait_for("the supervisor's end", || self.process.try_wait().unwrap())
    }

    pub fn exit_code(&mut self) -> Option<i32> {
        self.exit().code()
    }

    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    pub fn wait_for_log(&self, text: &str) {
        wait_for(&format!("a log line with {text:?}"), || self.log().contains(text).then_some(()));
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if thread::panicking() {
            eprintln!("--- the log of the supervisor:\n{}", self.log());
        }
    }
}

/// The program without any options.
pub fn bare_command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lift-supervisor"));
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("LIFT_") || name.ends_with("_DIRECTORY") {
            command.env_remove(name);
        }
    }
    command
}

/// What is found, as soon as it is.
pub fn wait_for<T>(what: &str, mut find: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = find() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(5));
    }
}
