//! One seed played again, for a person to read.

use std::io::{IsTerminal, Write, stderr};
use std::time::Duration;

use lift_group::sim::plan::{Plan, Wishes};
use lift_group::sim::run::run;
use lift_group::sim::shrink::shrink;

use crate::options::{Options, replay_command};
use crate::series::{ANOTHER_RUN, say};

/// The most runs that are spent on a smaller failure.
const MOST_RUNS: usize = 400;

/// Plays a seed again; whether every promise was kept.
pub fn replay(seed: u64, options: &Options) -> bool {
    let mut wishes = options.wishes();
    if !options.as_is
        && let Some((smaller, _)) = shrink(seed, &wishes, MOST_RUNS, &mut show_progress)
    {
        wishes = smaller;
        if stderr().is_terminal() {
            let _ = writeln!(stderr());
        }
    }
    tell(seed, &wishes, options)
}

fn show_progress(step: &str) {
    if stderr().is_terminal() {
        let _ = write!(stderr(), "\r\x1b[Kit still fails with {step}");
    }
}

fn tell(seed: u64, wishes: &Wishes, options: &Options) -> bool {
    let plan = Plan::new(seed, wishes);
    let outcome = run(&plan, options.last);
    for line in &outcome.timeline {
        say(&format!("{line}\n"));
    }
    say(&format!(
        "\nseed {seed}: {} lifts, {} floors, a message every {:?}, {} faults in {:?}, trace {:016x}\n",
        plan.lifts,
        plan.building.floors(),
        plan.heartbeat,
        plan.faults.len(),
        plan.lasts,
        outcome.hash,
    ));
    let is_same = run(&plan, Duration::ZERO).hash == outcome.hash;
    let broken = outcome.broken.map(|broken| broken.to_string());
    let Some(failure) = broken.or_else(|| (!is_same).then(|| ANOTHER_RUN.to_owned())) else {
        say("every promise was kept\n");
        return true;
    };
    let command = replay_command(seed, wishes);
    say(&format!("FAILED: {failure}\nplay it again: {command} --as-is\n"));
    false
}
