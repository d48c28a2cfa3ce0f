//! `lift-torture` as a person uses it.

use std::process::{Command, Output};

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
