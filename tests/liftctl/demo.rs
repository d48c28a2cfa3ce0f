//! The demo: it shows what it promises, and it fails when a promise is not kept.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::{eventually, is_alive, liftctl, run, text};

/// A demo that keeps its things in a directory of this test.
fn demo(dir: &TempDir, arguments: &[&OsStr]) -> Command {
    let mut command = liftctl(&["demo"]);
    command.args(arguments).env("TMPDIR", dir.path());
    command
}

/// Whether a demo has left nothing there.
fn is_clean(dir: &TempDir) -> bool {
    fs::read_dir(dir.path()).unwrap().next().is_none()
}

#[test]
fn the_demo_shows_that_no_call_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let output = run(&mut demo(&dir, &[]));
    let (story, errors) = (text(&output.stdout), text(&output.stderr));
    let told = [
        "is primary, two are its backups",
        "somebody presses cab to ",
        "lit on all panels, ",
        "the primary, is killed: SIGKILL",
        "is primary, ",
        "is answered",
        "a backup, hangs: SIGSTOP",
        "its supervisor has killed it, ",
        "is a backup again, ",
        "is answered",
        "the primary, is pulled",
        "is primary of the others, ",
        "lit on the panel of lift ",
        "lit on the panels of lifts ",
        "is answered",
        "is put in again",
        "is primary of all, ",
        "9 calls were lit, 9 were answered, and no lamp is lit at the end.",
        "liftctl status --state-dir",
    ];
    let mut rest = story.as_str();
    for line in told {
        let at = rest.find(line).unwrap_or_else(|| panic!("no {line:?} in {story}\n{errors}"));
        rest = &rest[at + line.len()..];
    }
    assert_eq!(output.status.code(), Some(0), "{errors}");
    assert!(is_clean(&dir));
}

/// The programs of a demo, one of them in place of the real one: a shell script that finds that
/// one as `$real`.
fn programs_with(broken: &str, script: &str) -> TempDir {
    let bin_dir = tempfile::tempdir().unwrap();
    for name in ["lift-simulator", "lift-supervisor", "lift-controller"] {
        if name != broken {
            symlink(beside_liftctl(name), bin_dir.path().join(name)).unwrap();
        }
    }
    let real = beside_liftctl(broken);
    let path = bin_dir.path().join(broken);
    fs::write(&path, format!("#!/bin/sh\nreal='{}'\n{script}\n", real.display())).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    bin_dir
}

/// What a demo with these programs told before it failed, and why it did.
fn failed_demo(bin_dir: &TempDir) -> (String, String) {
    let dir = tempfile::tempdir().unwrap();
    let output = run(&mut demo(&dir, &["--bin-dir".as_ref(), bin_dir.path().as_ref()]));
    let (story, errors) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{story}\n{errors}");
    assert!(!story.contains("were answered, and no lamp"), "{story}");
    assert!(errors.contains("controller started"), "no log in {errors}");
    assert!(is_clean(&dir));
    (story, errors)
}

#[test]
fn the_demo_fails_when_the_controller_is_not_replaced() {
    let once = "mkdir \"${0%/*}/lived-$PPID\" && exec \"$real\"";
    let (story, errors) = failed_demo(&programs_with("lift-controller", once));
    assert!(story.contains(" is killed: SIGKILL"), "{story}\n{errors}");
    assert!(errors.contains("in vain for a new controller"), "{errors}");
}

#[test]
fn the_demo_fails_when_a_lit_call_is_not_answered() {
    let stuck = "exec \"$real\" \"$@\" --travel 1h";
    let (story, errors) = failed_demo(&programs_with("lift-simulator", stuck));
    assert!(story.contains("all lit on all panels"), "{story}\n{errors}");
    assert!(errors.contains("in vain for the answer to "), "{errors}");
}

#[test]
fn the_demo_says_which_program_is_missing() {
    let [dir, bin_dir] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let output = run(&mut demo(&dir, &["--bin-dir".as_ref(), bin_dir.path().as_ref()]));
    let errors = text(&output.stderr);
    assert!(errors.contains("lift-simulator: ") && errors.contains("cargo build"), "{errors}");
    assert_eq!(output.status.code(), Some(1));
    assert!(is_clean(&dir));
}

#[test]
fn a_demo_that_is_interrupted_leaves_nothing_behind() {
    ends_in_order_by(Signal::SIGINT);
}

#[test]
fn a_demo_whose_terminal_is_closed_leaves_nobody_behind() {
    ends_in_order_by(Signal::SIGHUP);
}

fn ends_in_order_by(signal: Signal) {
    let dir = tempfile::tempdir().unwrap();
    let mut command = demo(&dir, &[]);
    let mut demo = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut story = BufReader::new(demo.stdout.take().unwrap()).lines();
    let line = story.by_ref().map(Result::unwrap).find(|line| line.contains("controllers are "));
    let (_, rest) = line.as_ref().unwrap().split_once("controllers are ").unwrap();
    let (pids, _) = rest.split_once(';').unwrap();
    let controllers: Vec<u64> = pids.split(", ").map(|pid| pid.parse().unwrap()).collect();
    assert_eq!(controllers.iter().filter(|pid| is_alive(**pid)).count(), 3, "{pids}");
    kill(Pid::from_raw(demo.id().try_into().unwrap()), signal).unwrap();
    let output = demo.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("interrupted"));
    assert!(is_clean(&dir));
    eventually("the end of the controllers", || !controllers.iter().any(|pid| is_alive(*pid)));
}

fn beside_liftctl(name: &str) -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_liftctl")).with_file_name(name)
}
