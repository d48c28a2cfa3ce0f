//! `liftctl` as a person uses it, with real lifts.

#[path = "../common/mod.rs"]
mod common;

mod demo;
mod keygen;

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::group;
use common::simulator::Simulator;
use common::skip::or_skip;
use lift_group::building::LiftId;
use lift_group::shell::orders::{Order, give, order_socket};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use serde_json::Value;
use tempfile::TempDir;

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// The number of the user whom nothing belongs to.
const NOBODY: u32 = 65534;

/// A car that sets out and never gets anywhere, and a lift that does not find that strange.
const ENDLESS: [&str; 6] = ["--start-floor", "1", "--travel", "1h", "--passing", "1h"];

/// A supervised lift; it ends with this value.
struct Lift {
    supervisor: Child,
    hardware: Simulator,
    dir: TempDir,
}

impl Lift {
    fn start(simulator: &[&str], supervisor: &[&str]) -> Self {
        let hardware = Simulator::start(4, simulator);
        let dir = tempfile::tempdir().unwrap();
        let supervisor = program(env!("CARGO_BIN_EXE_lift-supervisor"))
            .args(["--id", "7", "--floors", "4", "--travel-time", "60s"])
            .args(["--hardware", &hardware.address().to_string()])
            .arg("--state-dir")
            .arg(dir.path())
            .args(group::options())
            .args(supervisor)
            .stdin(Stdio::null())
            .stderr(File::create(dir.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        Self { supervisor, hardware, dir }
    }

    fn status(&self, more: &[&str]) -> Output {
        run(liftctl(&["status", "--state-dir"]).arg(self.dir.path()).args(more))
    }

    /// The status as JSON, once it is so.
    fn json_when(&self, is_so: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let output = self.status(&["--json"]);
            let document: Value = serde_json::from_slice(&output.stdout).unwrap();
            if output.status.success() && is_so(&document) {
                return document;
            }
            assert!(Instant::now() < deadline, "never came to be: {document:#}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// A lift on its way from floor 1 up to 3, for ever.
    fn travelling() -> Self {
        let lift = Self::start(&ENDLESS, &[]);
        lift.json_when(|status| {
            let controller = &status["controller"];
            controller["in_service"] == true && controller["role"] != "listening"
        });
        lift.hardware.send("press cab 3");
        lift.json_when(|status| {
            status["controller"]["motion"] == "moving"
                && status["controller"]["calls"][0]["lit"] == true
        });
        lift
    }
}

impl Drop for Lift {
    fn drop(&mut self) {
        let _ = self.supervisor.kill(); // and with it its controller
        let _ = self.supervisor.wait();
    }
}

/// A program that no setting of the one who tests reaches.
fn program(path: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(path);
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("LIFT_") {
            command.env_remove(name);
        }
    }
    command
}

fn liftctl(arguments: &[&str]) -> Command {
    let mut command = program(env!("CARGO_BIN_EXE_liftctl"));
    command.args(arguments);
    command
}

/// A program that was copied just now is busy for as long as a child of another test, forked
/// meanwhile, has not become its own program yet.
fn run(command: &mut Command) -> Output {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match command.output() {
            Err(error)
                if error.kind() == ErrorKind::ExecutableFileBusy && Instant::now() < deadline =>
            {
                thread::sleep(Duration::from_millis(10));
            }
            result => return result.unwrap(),
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn is_alive(pid: u64) -> bool {
    Path::new("/proc").join(pid.to_string()).exists()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Whether a test can run a program as somebody else.
fn others_can_be_played() -> Result<(), String> {
    geteuid().is_root().then_some(()).ok_or_else(|| "only root can be another user".to_owned())
}

/// A copy of this program, in this directory, as the user whom nothing belongs to.
fn as_nobody(path: impl AsRef<Path>, directory: &Path) -> Command {
    let copy = directory.join(path.as_ref().file_name().unwrap());
    fs::copy(path, &copy).unwrap();
    let mut command = program(copy);
    command.uid(NOBODY).gid(NOBODY).current_dir("/");
    command
}

fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "never came to be: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_person_reads_how_a_running_lift_is() {
    let lift = Lift::travelling();
    let output = lift.status(&[]);
    let page = text(&output.stdout);
    let begins = [
        "lift 7       in service",
        "car          moving up; last at floor 1 of 0 to 3",
        "door         closed",
        "calls        cab to 3       lamp lit",
        "role         primary",
        "group        test-",
        "dropped      ",
        "controller   pid ",
        &format!("supervisor   pid {}, for ", lift.supervisor.id()),
        "restarts     0",
        "disk         works, checkpoint ",
    ];
    let lines: Vec<&str> = page.lines().collect();
    assert_eq!(lines.len(), begins.len(), "{page}");
    for (line, begin) in lines.iter().zip(begins) {
        assert!(line.starts_with(begin), "{begin:?} is not in\n{page}");
    }
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
}

#[test]
fn a_program_reads_how_a_running_lift_is() {
    let lift = Lift::travelling();
    let status = lift.json_when(|_| true);
    assert_eq!(status["supervisor"]["pid"], lift.supervisor.id());
    assert_eq!(status["supervisor"]["restarts"], 0);
    assert_eq!(status["supervisor"]["controller"]["works"], true);
    assert_eq!(status["controller"]["id"], 7);
    assert_eq!(status["controller"]["floor"], 1);
    assert_eq!(status["controller"]["direction"], "up");
    assert_eq!(status["controller"]["door"], "closed");
    let incarnation = &status["supervisor"]["controller"]["incarnation"];
    assert_eq!(&status["controller"]["incarnation"], incarnation);
    let call = serde_json::json!({"kind": "cab", "floor": 3, "direction": null, "lit": true});
    assert_eq!(status["controller"]["calls"], Value::Array(vec![call]));
    let network = &status["controller"]["network"];
    assert!(network["group"].as_str().unwrap().starts_with("test-"), "{network:#}");
    assert_eq!((&network["unsent"], &network["trouble"]), (&Value::from(0), &Value::Null));
    assert_eq!(network["dropped"][0]["reason"], "reflection", "what it says comes back to it");
    assert_eq!(status["controller"]["strangers"], Value::Array(vec![]));
    assert_eq!(status["errors"], Value::Array(vec![]));
}

#[test]
fn a_restart_and_its_reason_are_told() {
    let lift = Lift::travelling();
    let first = lift.json_when(|_| true)["supervisor"]["controller"]["pid"].as_u64().unwrap();
    kill(Pid::from_raw(first.try_into().unwrap()), Signal::SIGKILL).unwrap();
    let status = lift.json_when(|status| status["supervisor"]["restarts"] == 1);
    assert_eq!(status["supervisor"]["last_end"]["reason"], "signal 9");
    assert_eq!(status["controller"]["calls"][0]["lit"], true, "{status:#}");
    let page = text(&lift.status(&[]).stdout);
    assert!(page.contains("\nrestarts     1, the last "), "{page}");
    assert!(page.contains(" ago: signal 9\n"), "{page}");
}

#[test]
fn of_a_controller_that_does_not_answer_the_supervisor_tells() {
    let lift = Lift::start(&ENDLESS, &["--hang-timeout", "10s"]);
    let status = lift.json_when(|status| status["controller"]["in_service"] == true);
    let controller = status["supervisor"]["controller"]["pid"].as_u64().unwrap();
    kill(Pid::from_raw(controller.try_into().unwrap()), Signal::SIGSTOP).unwrap();
    let output = lift.status(&[]);
    let (page, errors) = (text(&output.stdout), text(&output.stderr));
    assert!(page.starts_with("lift 7       does not answer\n"), "{page}");
    assert!(page.contains(&format!("pid {controller}, ")), "{page}");
    assert!(errors.contains("the controller does not tell its status: no answer"), "{errors}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn of_a_lift_that_does_not_run_is_said_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let output = run(liftctl(&["status", "--state-dir"]).arg(dir.path()));
    let errors = text(&output.stderr);
    let socket = dir.path().join("supervisor.sock");
    assert!(errors.contains(&*socket.to_string_lossy()), "{errors}");
    assert!(errors.contains("start it (systemctl start lift@N)"), "{errors}");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    let output = run(liftctl(&["status", "--json", "--state-dir"]).arg(dir.path()));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(document["supervisor"].is_null() && document["controller"].is_null());
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn another_user_is_told_nothing_and_gives_no_orders() {
    let Some(()) = or_skip(others_can_be_played()) else { return };
    let lift = Lift::start(&[], &[]);
    lift.json_when(|status| status["controller"]["in_service"] == true);
    set_mode(lift.dir.path(), 0o755); // a careless hand
    for arguments in [&["status"][..], &["forget", "3"]] {
        let mut liftctl = as_nobody(env!("CARGO_BIN_EXE_liftctl"), lift.dir.path());
        let output = run(liftctl.args(arguments).arg("--state-dir").arg(lift.dir.path()));
        let errors = text(&output.stderr);
        assert!(errors.contains("ask as its own user or as root"), "{errors}");
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{arguments:?}");
    }
    let ignored = || {
        let log = fs::read_to_string(lift.dir.path().join("log")).unwrap();
        log.contains(&format!("an order of somebody else is ignored user=Some({NOBODY})"))
    };
    assert!(!ignored());
    let orders = order_socket(lift.dir.path());
    set_mode(&orders, 0o777); // one that is more careless still
    let mut sender = as_nobody(env::current_exe().unwrap(), lift.dir.path());
    let sender = sender.args(["--exact", "an_order_of_somebody", "--ignored"]).env("PLACE", orders);
    assert!(run(sender).status.success());
    eventually("the order is ignored", ignored);
}

#[test]
#[ignore = "the part of another test that runs as another user"]
fn an_order_of_somebody() {
    let Some(orders) = env::var_os("PLACE") else { return };
    give(Path::new(&orders), Order::Forget(LiftId(3))).unwrap();
}

#[test]
fn what_is_said_counts_before_what_the_environment_says() {
    let error_of = |command: &mut Command| text(&run(command).stderr);
    let by = |arguments: &[&str]| {
        error_of(liftctl(arguments).env("LIFT_STATE_DIR", "/nowhere/a").env("LIFT_ID", "9"))
    };
    assert!(by(&["status"]).contains("/nowhere/a/supervisor.sock"));
    assert!(by(&["status", "--state-dir", "/nowhere/b"]).contains("/nowhere/b/supervisor.sock"));
    assert!(by(&["status", "--runtime-dir", "/nowhere/c"]).contains("/nowhere/c/supervisor.sock"));
    assert!(by(&["status", "--id", "200"]).contains("/run/lift/200/supervisor.sock"));
}

#[test]
fn wrong_options_are_an_error_of_their_own() {
    for wrong in [&["status"][..], &["status", "--id", "x"], &["states"], &[]] {
        let output = run(&mut liftctl(wrong));
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        assert!(!output.stderr.is_empty(), "{wrong:?}");
    }
}
