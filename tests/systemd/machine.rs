//! A computer of its own for one test: a real systemd, with our unit and programs installed, in
//! namespaces of its own on this computer. [`boot.sh`](boot.sh) tells how it is made.
//!
//! It has a network of its own with nothing but loopback, so every test has port 15657 for itself.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use tempfile::TempDir;

/// How long anything may take before a test gives up: far longer than it ever does.
const PATIENCE: Duration = Duration::from_secs(30);

const SYSTEMD: &str = "/lib/systemd/systemd";

/// Any will do.
const MACHINE_ID: &str = "0123456789abcdef0123456789abcdef\n";

/// What the unit orders itself against.
const STANDARD_UNITS: [&str; 4] =
    ["sysinit.target", "basic.target", "network.target", "shutdown.target"];

const PROGRAMS: [&str; 3] = [
    env!("CARGO_BIN_EXE_lift-supervisor"),
    env!("CARGO_BIN_EXE_lift-controller"),
    env!("CARGO_BIN_EXE_liftctl"),
];

/// The running computer; it is switched off with this value, also when a test fails.
pub struct Machine {
    /// The process that ends together with everything on the machine.
    power: Child,
    folder: TempDir,
}

impl Machine {
    /// Boots, with these files in /etc/lift. `None` where that is not possible: then it was said
    /// why.
    pub fn boot(environment: &[(&str, &str)]) -> Option<Self> {
        if let Some(reason) = reason_to_skip() {
            skip(&reason);
            return None;
        }
        let folder = installation(environment).expect("a temporary folder can be filled");
        Some(Self::power_on("outside", folder))
    }

    /// Boots a whole Debian, this computer's own but without any of its services, in which a
    /// package can be installed. `None` where that is not possible: then it was said why.
    pub fn boot_debian() -> Option<Self> {
        let container = Command::new("systemd-nspawn").arg("--version").output().is_ok();
        let reason = "there is no systemd-nspawn, Debian's package systemd-container has it";
        if let Some(reason) = reason_to_skip().or((!container).then(|| reason.to_owned())) {
            skip(&reason);
            return None;
        }
        let folder = temporary_folder().expect("a temporary folder can be made");
        fs::write(folder.path().join("machine-id"), MACHINE_ID).expect("it can be written to");
        Some(Self::power_on("debian", folder))
    }

    fn power_on(how: &str, folder: TempDir) -> Self {
        // When the test is killed, the power goes, too.
        let power = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "unshare", "--mount"])
            .args([boot_script(), Path::new(how), folder.path()])
            .spawn()
            .expect("setpriv of util-linux can be started");
        let machine = Self { power, folder };
        machine.wait_until_it_runs();
        machine
    }

    /// Boots again, in order; what lay on its disk is still there.
    pub fn reboot(&self) {
        let before = self.first_process();
        self.systemctl(&["reboot"]);
        wait_for("the machine has gone down", || self.first_process() != before);
        self.wait_until_it_runs();
    }

    fn wait_until_it_runs(&self) {
        wait_for("systemd runs", || self.systemctl(&["is-system-running"]).contains("running"));
    }

    /// Where the machine's disk is seen from this computer.
    pub fn disk(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root", self.first_process().unwrap_or_default()))
    }

    /// A command that runs this program with these namespaces of the machine.
    pub fn enter(&self, namespaces: &[&str], program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.arg("--target").arg(self.first_process().unwrap_or_default());
        command.args(namespaces).arg(program);
        command
    }

    /// What `systemctl` says, in words or in anger.
    pub fn systemctl(&self, arguments: &[&str]) -> String {
        self.run("systemctl", arguments).unwrap_or_else(|said| said)
    }

    /// What a program of the machine says; what it complains of when it fails.
    pub fn run(&self, program: &str, arguments: &[&str]) -> Result<String, String> {
        let everything = ["--mount", "--pid", "--uts", "--ipc", "--net", "--cgroup"];
        let ran = self.enter(&everything, program).args(arguments).output();
        let Output { status, stdout, stderr } = ran.expect("nsenter of util-linux can be started");
        let said = String::from_utf8_lossy(&stdout).trim().to_owned();
        let complained = String::from_utf8_lossy(&stderr).trim().to_owned();
        if status.success() { Ok(said) } else { Err(said + &complained) }
    }

    /// A property of a unit.
    pub fn show(&self, unit: &str, property: &str) -> String {
        self.systemctl(&["show", "--value", "--property", property, unit])
    }

    /// The process that is systemd, as this computer numbers it.
    fn first_process(&self) -> Option<String> {
        let mut pid = self.power.id().to_string();
        loop {
            let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
            children.split_whitespace().next()?.clone_into(&mut pid);
            let program = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
            if program.trim() == "systemd" {
                return Some(pid);
            }
        }
    }

    /// What was logged.
    fn logs(&self) -> String {
        let mut logs = String::new();
        for name in ["log", "units/lift.log"] {
            let text = fs::read(self.folder.path().join(name)).unwrap_or_default();
            let _ = writeln!(logs, "--- {name}\n{}", String::from_utf8_lossy(&text));
        }
        logs
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{}", self.logs());
        }
        // Whatever else runs in between ends with the first process; it may have failed by itself.
        if let Some(first) = self.first_process().and_then(|pid| pid.parse().ok()) {
            let _ = kill(Pid::from_raw(first), Signal::SIGKILL);
        }
        let _ = self.power.kill();
        let _ = self.power.wait();
        let arguments = [boot_script(), Path::new("remove"), self.folder.path()];
        let removed = Command::new("unshare").arg("--mount").args(arguments).status();
        if !thread::panicking() {
            assert!(removed.expect("unshare can be started").success(), "something was left");
        }
    }
}

/// Waits until it is so.
pub fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "waited {PATIENCE:?} in vain until {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Says, past the test runner's capture, that a test did not run; fails where that is not allowed.
pub fn skip(reason: &str) {
    assert!(env::var_os("LIFT_TEST_SKIP").is_none_or(|skip| skip != "never"), "{reason}");
    let test = thread::current().name().unwrap_or_default().to_owned();
    let _ = io::stderr().write_all(format!("SKIPPED {test}: {reason}\n").as_bytes());
}

fn reason_to_skip() -> Option<String> {
    if !geteuid().is_root() {
        return Some("only root can boot a systemd of its own".to_owned());
    }
    if !Path::new(SYSTEMD).exists() {
        return Some(format!("there is no {SYSTEMD}"));
    }
    let namespaces = Command::new("unshare").args(["--mount", "--pid", "--fork", "true"]).output();
    match namespaces {
        Ok(output) if output.status.success() => None,
        Ok(output) => Some(format!("no namespaces: {}", String::from_utf8_lossy(&output.stderr))),
        Err(error) => Some(format!("unshare of util-linux cannot be started: {error}")),
    }
}

fn boot_script() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/systemd/boot.sh"))
}

/// The folder that the machine boots from.
fn installation(environment: &[(&str, &str)]) -> io::Result<TempDir> {
    let folder = temporary_folder()?;
    let [bin, etc, units] = ["bin", "etc", "units"].map(|name| folder.path().join(name));

    fs::create_dir_all(&bin)?;
    for program in PROGRAMS.map(Path::new) {
        let installed = bin.join(program.file_name().unwrap_or_default());
        fs::hard_link(program, &installed).or_else(|_| fs::copy(program, installed).map(drop))?;
    }

    fs::create_dir_all(etc.join("lift"))?;
    fs::write(etc.join("machine-id"), MACHINE_ID)?;
    for (name, text) in environment {
        fs::write(etc.join("lift").join(name), text)?;
    }

    fs::create_dir_all(units.join("lift@.service.d"))?;
    for unit in STANDARD_UNITS.map(|unit| Path::new("/lib/systemd/system").join(unit)) {
        fs::copy(&unit, units.join(unit.file_name().unwrap_or_default()))?;
    }
    fs::copy(unit(), units.join("lift@.service"))?;
    // There is no journal.
    let log = "[Service]\nStandardError=append:/run/units/lift.log\n";
    fs::write(units.join("lift@.service.d/log.conf"), log)?;
    fs::write(units.join("test.target"), "[Unit]\nDefaultDependencies=no\n")?;
    Ok(folder)
}

fn temporary_folder() -> io::Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("lift-test-").tempdir()?;
    fs::write(folder.path().join("log"), "")?;
    Ok(folder)
}

/// The unit of this project.
pub fn unit() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd/lift@.service")
}
