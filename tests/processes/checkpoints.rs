//! What is found on the disk at the start: whole, damaged, foreign, poisoned.

use std::fs;
use std::path::PathBuf;

use lift_group::supervisor::checkpoint_file::CheckpointFile;
use lift_group::supervisor::slot::Contents;
use lift_group::supervisor::storage::Directory;

use crate::lift::Lift;
use crate::plan::Plan;

/// A node that was killed while it owed calls; its motor has no power, so none was answered.
fn owing() -> Lift {
    let mut lift = Plan::new().start();
    lift.hardware.send("power off");
    lift.call(&["cab 3", "up 1", "down 2"]);
    lift.kill_both();
    lift.hardware.send("power on");
    lift
}

fn checkpoint(lift: &Lift) -> PathBuf {
    lift.state_dir().join("checkpoint")
}

/// Flips a bit in the middle of what is written in each of these slots.
fn flip_in_slots(lift: &Lift, slots: &[usize]) {
    let mut bytes = fs::read(checkpoint(lift)).unwrap();
    let half = bytes.len() / 2;
    for slot in slots {
        bytes[slot * half + 50] ^= 0x10;
    }
    fs::write(checkpoint(lift), bytes).unwrap();
}

/// Every kind of call is registered, lit and answered.
fn assert_works(lift: &Lift) {
    lift.call(&["cab 2", "up 1", "down 3"]);
    lift.wait_until("called floors", |seen| [1, 2, 3].iter().all(|f| seen.openings.contains(f)));
}

#[test]
fn calls_come_back_from_the_file_alone() {
    let mut lift = owing();
    lift.cut_hardware();
    lift.restore_hardware(&["--start-floor", "2"]);
    lift.start_supervisor();
    lift.wait_until("the lamps lit again", |seen| seen.lit.len() == 3);
    lift.wait_until_all_is_served();
}

#[test]
fn one_damaged_copy_costs_nothing() {
    for slot in [0, 1] {
        let mut lift = owing();
        flip_in_slots(&lift, &[slot]);
        lift.start_supervisor();
        lift.wait_for_log(&["damaged", "one of two copies"]);
        lift.wait_until_all_is_served();
    }
}

#[test]
fn a_file_damaged_beyond_use_is_kept_aside_and_the_lift_works() {
    let mut lift = owing();
    flip_in_slots(&lift, &[0, 1]);
    lift.cut_hardware(); // the lamps go with the power: nothing can remember the calls any more
    lift.restore_hardware(&[]);
    let damaged = fs::read(checkpoint(&lift)).unwrap();
    lift.start_supervisor();
    lift.wait_for_log(&["both copies are damaged"]);
    assert_works(&lift);
    assert_eq!(fs::read(lift.state_dir().join("checkpoint.aside-1")).unwrap(), damaged);
}

#[test]
fn a_foreign_file_is_kept_aside_and_the_lift_works() {
    let mut lift = Plan::new().build();
    fs::create_dir(lift.state_dir()).unwrap();
    fs::write(checkpoint(&lift), "my holiday pictures").unwrap();
    lift.start_supervisor();
    lift.wait_for_log(&["not a file of ours"]);
    assert_works(&lift);
    lift.wait_until_all_is_served();
    let kept = fs::read_to_string(lift.state_dir().join("checkpoint.aside-1")).unwrap();
    assert_eq!(kept, "my holiday pictures");
}

#[test]
fn a_poisoned_checkpoint_is_kept_aside_and_the_lift_works() {
    let mut lift = Plan::new().build();
    fs::create_dir(lift.state_dir()).unwrap();
    let place = Directory::new(&lift.state_dir(), "checkpoint");
    let mut file = CheckpointFile::open(place, 4096).unwrap().file;
    file.save(Contents { revision: 7, payload: b"sealed, but nonsense".to_vec() }).unwrap();
    lift.start_supervisor();
    lift.wait_for_log(&["set aside"]);
    assert_works(&lift);
    lift.wait_until_all_is_served();
    let kept = fs::read(lift.state_dir().join("checkpoint.aside-1")).unwrap();
    assert!(kept.windows(20).any(|bytes| bytes == b"sealed, but nonsense"));
}
