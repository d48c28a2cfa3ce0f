//! A short campaign: presses and faults at random. Afterwards every lit lamp has been served.
//!
//! `LIFT_SEED=… cargo test --test processes campaign` plays one again: the same presses and faults
//! in the same order, as far as the machine's own timing lets them.

use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::common::process::signal;
use crate::common::seed::seed;
use crate::lift::Lift;
use crate::plan::Plan;
use lift_group::sim::chance::Chance;

/// How long faults are made.
const LENGTH: Duration = Duration::from_secs(20);

/// Every button of a panel with four floors.
const BUTTONS: [&str; 10] =
    ["cab 0", "cab 1", "cab 2", "cab 3", "up 0", "up 1", "up 2", "down 1", "down 2", "down 3"];

#[test]
fn whatever_was_lit_is_served_whatever_happens() {
    let seed = seed("LIFT_SEED");
    println!("LIFT_SEED={seed}"); // shown when the test fails
    let mut chance = Chance::new(seed, "campaign");
    let mut lift = Plan::new().start();
    let end = Instant::now() + LENGTH;
    while Instant::now() < end {
        lift.hardware.send("silent off");
        lift.hardware.send(&format!("press {}", BUTTONS[chance.index(BUTTONS.len())]));
        if chance.index(2) == 0 {
            harm(&mut lift, &mut chance);
        }
        thread::sleep(Duration::from_millis(chance.index(250) as u64));
    }
    let at_last = lift.wait_until("all served", |seen| {
        lift.hardware.send("silent off"); // it may fall silent at any door that is still to come
        seen.is_quiet()
    });
    let promises: usize = at_last.promised.values().sum();
    assert!(promises > 5, "only {promises} lamps were lit in all that time");
}

fn harm(lift: &mut Lift, chance: &mut Chance) {
    match chance.index(14) {
        0 => {
            lift.kill_controller();
        }
        1 => signal(lift.controller(), Signal::SIGSTOP),
        2 => {
            lift.kill_supervisor();
            lift.start_supervisor();
        }
        3 => {
            lift.kill_both();
            lift.start_supervisor();
        }
        4 => {
            signal(lift.supervisor(), Signal::SIGTERM);
            lift.wait_for_end();
            lift.start_supervisor();
        }
        5 => {
            lift.wait_until_it_works(); // a program that has not yet begun dies of it
            signal(lift.supervisor(), Signal::SIGHUP);
        }
        6 => {
            lift.cut_hardware();
            lift.restore_hardware(&["--start-between", &chance.index(3).to_string()]);
        }
        7 => lift.hardware.send("restart"),
        8 => lift.hardware.send("drop"),
        9 => lift.hardware.send("silent-on-door"),
        10 => for_a_while(lift, chance, ["obstruct on", "obstruct off"]),
        11 => for_a_while(lift, chance, ["stop on", "stop off"]),
        12 => for_a_while(lift, chance, ["power off", "power on"]),
        _ => for_a_while(lift, chance, ["refuse on", "refuse off"]),
    }
}

fn for_a_while(lift: &Lift, chance: &mut Chance, [begin, end]: [&str; 2]) {
    lift.hardware.send(begin);
    thread::sleep(Duration::from_millis(chance.index(1500) as u64));
    lift.hardware.send(end);
}
