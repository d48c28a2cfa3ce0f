//! `lift-torture` as a person uses it.

use std::io::Read;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

fn torture(arguments: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lift-torture"));
    command.args(arguments.split(' ')).output().expect("it can be started")
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

#[test]
fn a_clean_series_sums_up_and_ends_well() {
    let output = torture("--seeds 0..3 --lifts 2 --heartbeat 100ms --for 30s --twice");
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("3 runs") && said.contains("time to light"), "{said}");
}

#[test]
fn told_to_end_a_series_says_how_far_it_came() {
    let mut series = Command::new(env!("CARGO_BIN_EXE_lift-torture"))
        .args(["--hours", "1000000", "--lifts", "1", "--for", "10s", "--faults", "none"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = Pid::from_raw(i32::try_from(series.id()).unwrap());
    let caught = format!("/proc/{pid}/status");
    let listens = || {
        let status = fs::read_to_string(&caught).unwrap();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:\t")).unwrap();
        u64::from_str_radix(mask, 16).unwrap() >> (Signal::SIGTERM as u64 - 1) & 1 == 1
    };
    let begun = Instant::now();
    while !listens() {
        assert!(begun.elapsed() < Duration::from_secs(30), "it never listens to SIGTERM");
        thread::sleep(Duration::from_millis(5));
    }
    kill(pid, Signal::SIGTERM).unwrap();
    let mut text = String::new();
    series.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(series.wait().unwrap().success());
    assert!(text.contains(" runs, ") && text.contains("times real time"), "{text}");
}

#[test]
fn the_summary_can_be_read_by_programs() {
    let output = torture("--seeds 0..2 --lifts 1 --heartbeat 100ms --for 20s --json --jobs 2");
    let summary: serde_json::Value = serde_json::from_str(&said(&output)).expect("JSON");
    assert_eq!(summary["runs"], 2);
    assert!(summary["virtual_seconds"].as_f64() > Some(40.0));
}

#[cfg(debug_assertions)]
#[test]
fn a_failure_is_named_played_again_and_made_small() {
    let broken = "--lifts 3 --heartbeat 100ms --for 40s --sabotage BothWaysAreAnswered";
    let output = torture(&format!("--seeds 0..40 {broken}"));
    let said_first = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said_first}");
    let command = said_first.split("-- --replay ").nth(1).expect("the command that replays it");
    let seed = command.split(' ').next().expect("a seed");

    let output = torture(&format!("--replay {seed} {broken}"));
    let said_again = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said_again}");
    assert!(said_again.contains("FAILED"), "{said_again}");
    assert!(said_again.contains(" sees "), "it tells the story: {said_again}");
    let smaller = said_again.split("-- --replay ").nth(1).expect("a smaller one").trim();
    // It wants no fault at all, and not all that time.
    assert!(smaller.contains("--only none") && !smaller.contains("--for 40s"), "{smaller}");

    let output = torture(&format!("--replay {smaller} --sabotage BothWaysAreAnswered"));
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
}

#[test]
fn wrong_options_are_explained() {
    for (wrong, word) in [("--seeds 5..5", "0..100"), ("--faults plague", "power-cut")] {
        let output = torture(wrong);
        assert_eq!(output.status.code(), Some(2));
        let why = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(why.contains(word), "{why}");
    }
}
