//! A short campaign: presses and faults at random. Afterwards every lit lamp has been served.
//!
//! `LIFT_SEED=… cargo test --test processes campaign` plays one again: the same presses and faults
//! in the same order, as far as the machine's own timing lets them.

use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::common::dice::{Dice, seed};
use crate::common::process::signal;
use crate::lift::Lift;
use crate::plan::Plan;

/// How long faults are made.
const LENGTH: Duration = Duration::from_secs(20);

/// Every button of a panel with four floors.
const BUTTONS: [&str; 10] =
    ["cab 0", "cab 1", "cab 2", "cab 3", "up 0", "up 1", "up 2", "down 1", "down 2", "down 3"];

#[test]
fn whatever_was_lit_is_served_whatever_happens() {
    let seed = seed("LIFT_SEED");
    println!("LIFT_SEED={seed}"); // shown when the test fails
    let mut dice = Dice::new(seed);
    let mut lift = Plan::new().start();
    let end = Instant::now() + LENGTH;
    while Instant::now() < end {
        lift.hardware.send("silent off");
        lift.hardware.send(&format!("press {}", BUTTONS[dice.roll(BUTTONS.len())]));
        if dice.roll(2) == 0 {
            harm(&mut lift, &mut dice);
        }
        thread::sleep(Duration::from_millis(dice.roll(250) as u64));
    }
    let at_last = lift.wait_until("all served", |seen| {
        lift.hardware.send("silent off"); // it may fall silent at any door that is still to come
        seen.is_quiet()
    });
    let promises: usize = at_last.promised.values().sum();
    assert!(promises > 5, "only {promises} lamps were lit in all that time");
}

fn harm(lift: &mut Lift, dice: &mut Dice) {
    match dice.roll(14) {
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
            lift.restore_hardware(&["--start-between", &dice.roll(3).to_string()]);
        }
        7 => lift.hardware.send("restart"),
        8 => lift.hardware.send("drop"),
        9 => lift.hardware.send("silent-on-door"),
        10 => for_a_while(lift, dice, ["obstruct on", "obstruct off"]),
        11 => for_a_while(lift, dice, ["stop on", "stop off"]),
        12 => for_a_while(lift, dice, ["power off", "power on"]),
        _ => for_a_while(lift, dice, ["refuse on", "refuse off"]),
    }
}

fn for_a_while(lift: &Lift, dice: &mut Dice, [begin, end]: [&str; 2]) {
    lift.hardware.send(begin);
    thread::sleep(Duration::from_millis(dice.roll(1500) as u64));
    lift.hardware.send(end);
}
