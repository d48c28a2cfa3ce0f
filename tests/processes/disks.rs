//! The lift on disks that stall, are full, or cannot be written at all.

use std::fs::{self, File};
use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::common::process::signal;
use crate::common::skip::or_skip;
use crate::disk::Disk;
use crate::lift::wait_for;
use crate::plan::Plan;

/// How long the disk stalls.
const STALL: Duration = Duration::from_secs(3);

/// Longer than a busy machine keeps a healthy controller waiting, and far shorter than the stall.
const HANG: [&str; 2] = ["--hang-timeout", "1s"];

#[test]
fn a_stalled_disk_delays_lamps_and_nothing_else() {
    let Some(disk) = or_skip(Disk::freezable()) else { return };
    let lift = Plan::new().supervisor(&HANG).disk(&disk.state_dir(), disk.through()).start();
    lift.call(&["cab 1"]);
    lift.wait_until_all_is_served();
    let controller = lift.controller();
    let Some(frozen) = or_skip(disk.freeze()) else { return };
    let thaw_at = Instant::now() + STALL;
    for line in ["power off", "press cab 3", "press down 2"] {
        lift.hardware.send(line);
    }
    wait_for("the presses registered", || lift.status().filter(|status| status.calls.len() == 2));
    while Instant::now() < thaw_at {
        assert!(lift.supervisor_status().is_some(), "the supervisor waits for the disk");
        assert!(lift.status().is_some(), "the controller waits for the disk");
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(lift.seen().lit.len(), 0, "a lamp was lit for a call that is not safe");
    assert_eq!(lift.controllers(), [controller], "the stall was taken for a hang");
    drop(frozen);
    lift.wait_until("the lamps", |seen| seen.lit.len() == 2);
    lift.hardware.send("power on");
    lift.wait_until_all_is_served();
}

#[test]
fn a_controller_killed_while_the_disk_stalls_is_replaced_at_once() {
    let Some(disk) = or_skip(Disk::freezable()) else { return };
    let lift = Plan::new().supervisor(&HANG).disk(&disk.state_dir(), disk.through()).start();
    lift.call(&["cab 3", "up 2"]);
    let Some(frozen) = or_skip(disk.freeze()) else { return };
    let former = lift.kill_controller();
    lift.wait_for_successor_of(former);
    lift.wait_until_it_works();
    drop(frozen);
    lift.wait_until_all_is_served();
}

#[test]
fn a_supervisor_killed_while_the_disk_stalls_is_replaced_and_forgets_nothing() {
    let Some(disk) = or_skip(Disk::freezable()) else { return };
    let mut lift = Plan::new().supervisor(&HANG).disk(&disk.state_dir(), disk.through()).start();
    lift.hardware.send("power off");
    lift.call(&["cab 3", "up 2"]);
    let Some(frozen) = or_skip(disk.freeze()) else { return };
    lift.hardware.send("press cab 1");
    wait_for("the press registered", || lift.status().filter(|status| status.calls.len() == 3));
    signal(lift.supervisor(), Signal::SIGKILL); // it cannot die before its disk lets go of it
    let next = lift.spawn_supervisor();
    wait_for("the controller's end", || lift.controllers().is_empty().then_some(()));
    drop(frozen);
    lift.adopt(next);
    lift.hardware.send("power on");
    lift.wait_until_all_is_served();
}

#[test]
fn a_disk_that_stalls_for_longer_than_anybody_should_wait_counts_as_none() {
    let Some(disk) = or_skip(Disk::freezable()) else { return };
    let mut lift = Plan::new().supervisor(&HANG).disk(&disk.state_dir(), disk.through()).start();
    lift.hardware.send("power off");
    let Some(frozen) = or_skip(disk.freeze()) else { return };
    lift.call(&["cab 3", "up 2"]);
    lift.wait_for_log(&["ERROR", "calls are lit that a power loss would forget"]);
    drop(frozen);
    wait_for("everything durable", || {
        lift.supervisor_status().filter(|status| status.durable == status.received)
    });
    lift.kill_both();
    lift.hardware.send("power on");
    lift.start_supervisor();
    lift.wait_until_all_is_served();
}

#[test]
fn a_full_disk_is_named_and_the_lift_serves_without_it_until_there_is_room() {
    let Some(disk) = or_skip(Disk::small(256)) else { return };
    fs::create_dir(disk.outside().join("state")).unwrap();
    let filler = disk.outside().join("filler");
    fill(&filler);
    let mut lift = Plan::new().disk(&disk.state_dir(), disk.through()).start();
    lift.wait_for_log(&["ERROR", "no disk", "No space left"]);
    lift.hardware.send("power off");
    lift.call(&["cab 3", "up 1"]);
    fs::remove_file(filler).unwrap();
    wait_for("the disk works again", || {
        lift.supervisor_status().filter(|status| status.disk_trouble.is_none())
    });
    lift.kill_both();
    lift.hardware.send("power on");
    lift.start_supervisor();
    let seen = lift.wait_until_all_is_served();
    assert!(seen.openings.contains(&3) && seen.openings.contains(&1));
}

#[test]
fn a_lift_without_a_disk_serves_through_kill_9_of_its_controller() {
    let Some(disk) = or_skip(Disk::small(256)) else { return };
    fs::create_dir(disk.outside().join("state")).unwrap();
    fill(&disk.outside().join("filler"));
    let lift = Plan::new().disk(&disk.state_dir(), disk.through()).start();
    lift.call(&["cab 3", "up 1"]);
    let former = lift.kill_controller();
    lift.wait_for_successor_of(former);
    lift.wait_until_all_is_served();
}

#[test]
fn a_disk_that_fills_up_later_costs_no_call() {
    let Some(disk) = or_skip(Disk::small(256)) else { return };
    let mut lift = Plan::new().disk(&disk.state_dir(), disk.through()).start();
    wait_for("a first checkpoint", || lift.supervisor_status()?.durable);
    fill(&disk.outside().join("filler"));
    lift.hardware.send("power off");
    lift.call(&["cab 3", "up 1"]);
    assert_eq!(lift.supervisor_status().unwrap().disk_trouble, None);
    lift.kill_both();
    lift.hardware.send("power on");
    lift.start_supervisor();
    lift.wait_until_all_is_served();
}

#[test]
fn a_read_only_disk_is_named_and_the_lift_serves_without_it_until_it_can_be_written() {
    let Some(disk) = or_skip(Disk::small(256)) else { return };
    fs::create_dir(disk.outside().join("state")).unwrap();
    if or_skip(disk.remount("ro")).is_none() {
        return;
    }
    let mut lift = Plan::new().disk(&disk.state_dir(), disk.through()).start();
    lift.wait_for_log(&["ERROR", "no disk", "Read-only"]);
    lift.hardware.send("power off");
    lift.call(&["cab 3", "up 1"]);
    disk.remount("rw").unwrap();
    wait_for("the disk works again", || {
        lift.supervisor_status().filter(|status| status.disk_trouble.is_none())
    });
    lift.kill_both();
    lift.hardware.send("power on");
    lift.start_supervisor();
    lift.wait_until_all_is_served();
}

/// Writes until nothing more goes in.
fn fill(path: &std::path::Path) {
    let mut file = File::create(path).unwrap();
    while file.write(&[1; 4096]).is_ok_and(|written| written > 0) {}
}
