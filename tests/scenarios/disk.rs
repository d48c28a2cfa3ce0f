//! Lamps and the disk: a lamp is lit when its call would come back, and not before (G3).

use lift_group::node::Notice;

use crate::shaft::Place;
use crate::world::{Event, World, cab, floor, seconds, up};

#[test]
fn a_lamp_waits_for_the_disk() {
    let mut lift = World::at(0);
    lift.disk.stalled = true;
    lift.press_all(&[cab(2), up(1)]);
    lift.run(seconds(3.0));
    assert!(!lift.is_lit(cab(2)) && !lift.is_lit(up(1)));
    assert!(lift.shaft.place != Place::At(floor(0)), "everything else goes on");
    lift.disk.stalled = false;
    lift.run(seconds(0.1));
    assert!(lift.is_lit(cab(2)));
    lift.run_until_quiet();
    assert_eq!(lift.openings(), [1, 2]);
}

#[test]
fn a_lamp_waits_for_the_disk_even_when_the_life_that_began_to_wait_is_over() {
    let mut lift = World::at(0);
    lift.disk.stalled = true;
    lift.press_all(&[cab(2), up(1)]);
    lift.run(seconds(1.0));
    lift.kill();
    lift.start();
    lift.run(seconds(3.0));
    assert!(!lift.is_lit(cab(2)) && !lift.is_lit(up(1)), "only the supervisor's memory has them");
    lift.disk.stalled = false;
    lift.run_until("lit", |w| w.is_lit(cab(2)));
    lift.run_until_quiet();
    assert_eq!(lift.openings(), [1, 2]);
}

#[test]
fn a_door_waits_for_a_stalled_disk_rather_than_forget_who_it_opened_for() {
    let mut lift = World::at(0);
    lift.press(up(1));
    lift.run_until("about to open", |w| w.shaft.place == Place::At(floor(1)));
    lift.disk.stalled = true;
    lift.run_until("open", |w| w.shaft.door);
    lift.run(seconds(4.5));
    assert!(lift.shaft.door && lift.is_lit(up(1)));
    lift.disk.stalled = false;
    lift.run_until_quiet();
    assert_eq!(lift.openings(), [1]);
}

#[test]
fn without_a_disk_lamps_are_lit_all_the_same_and_it_is_said() {
    let mut lift = World::at(0);
    lift.set_disk(false);
    lift.press_all(&[cab(2), up(1)]);
    lift.run(seconds(0.1));
    assert!(lift.is_lit(cab(2)) && lift.is_lit(up(1)));
    assert!(lift.notices_have(Notice::Disk { works: false }));
    lift.run_until_quiet();
    assert_eq!(lift.openings(), [1, 2]);
}

#[test]
fn a_disk_that_says_nothing_for_too_long_counts_as_none() {
    let mut lift = World::at(0);
    lift.disk.stalled = true;
    lift.press(up(2));
    lift.run(seconds(5.2));
    assert!(lift.last(Event::Lit(up(2))).is_some());
    assert!(lift.notices_have(Notice::Disk { works: false }));
    lift.run_until_quiet();
    assert_eq!(lift.openings(), [2]);
    lift.disk.stalled = false;
    lift.run(seconds(0.1));
    assert!(lift.notices_have(Notice::Disk { works: true }));
}

#[test]
fn a_lit_lamp_stays_lit_when_the_disk_fails_and_comes_back() {
    let mut lift = World::at(0);
    lift.shaft.cut_power();
    lift.press(cab(3));
    lift.run_until("lit", |w| w.is_lit(cab(3)));
    lift.set_disk(false);
    lift.run(seconds(1.0));
    lift.press(cab(2));
    lift.run(seconds(1.0));
    assert!(lift.is_lit(cab(2)));
    lift.disk.stalled = true;
    lift.set_disk(true);
    lift.run(seconds(1.0));
    assert!(lift.is_lit(cab(2)) && lift.is_lit(cab(3)));
}

#[test]
fn a_burst_of_changes_costs_no_memory_while_the_disk_is_away() {
    let mut lift = World::at(0);
    lift.set_disk(false);
    for round in 0..100u8 {
        lift.press(cab(round % 4));
        lift.run(seconds(7.0));
    }
    lift.set_disk(true);
    lift.run_until_quiet();
    let printed = format!("{:?}", lift.node.unwrap()).len();
    assert!(printed < 100_000, "a node of {printed} characters has not forgotten its past");
}
