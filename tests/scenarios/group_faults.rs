//! The group when nodes hang, flap, or come back with what others have left behind (P, A, G).

use std::time::Duration;

use lift_group::building::LiftId;
use lift_group::group::election::Role;
use lift_group::lift::panel::Buttons;

use crate::house::House;
use crate::world::{down, seconds, up};

#[test]
fn a_group_at_rest_speaks_at_its_interval_and_no_more() {
    let mut house = House::of(3, 1);
    house.run(seconds(1.0));
    let before = house.messages;
    house.run(seconds(10.0));
    let (sent, expected) = (house.messages - before, 3 * 1000);
    assert!(sent <= expected * 11 / 10, "{sent} messages instead of {expected}");
}

#[test]
fn a_backup_that_hangs_and_wakes_displaces_nobody() {
    let mut house = House::of(3, 1);
    house.hang(2);
    house.run(seconds(0.15));
    house.wake(2);
    for _ in 0..30 {
        house.run(Duration::from_millis(10));
        assert!(house.primaries().contains(&1), "a lone node displaced the primary");
    }
    assert!(house.is_settled());
}

#[test]
fn a_primary_that_hangs_and_wakes_follows_who_replaced_it_and_revives_no_call() {
    let mut house = House::of(3, 1);
    house.press(3, up(1));
    house.run_until("lit", |h| h.is_lit_everywhere(up(1)));
    house.hang(1);
    house.run_until("replaced", |h| h.primaries().contains(&2));
    house.run_until("answered by another", |h| !h.lifts[&2].is_lit(up(1)));
    let openings = house.openings_at(1);
    house.wake(1);
    house.run(seconds(0.5));
    assert_eq!(house.roles()[&1], Role::Backup { primary: LiftId(2) });
    house.run_until_quiet();
    assert_eq!(house.openings_at(1), openings, "G4: an answered call came back");
}

#[test]
fn a_link_that_flaps_loses_no_call_and_leaves_one_primary() {
    let mut house = House::of(3, 1);
    for round in 0..20u8 {
        house.network.isolate(&[1 + round % 3]);
        house.press(1 + round % 3, up(round % 3));
        house.run(seconds(0.25));
        house.network.heal();
        house.run(seconds(0.25));
    }
    house.run_until("one primary", House::is_settled);
    house.run_until_quiet();
}

#[test]
fn a_primary_whose_disk_fails_hands_the_role_to_one_whose_disk_works() {
    let mut house = House::of(3, 1);
    house.lift(1).set_disk(false);
    house.run(seconds(0.5));
    assert_eq!(house.primaries(), [2]);
    assert!(house.is_settled());
    house.press(1, down(2));
    house.run_until("lit", |h| h.is_lit_everywhere(down(2)));
    house.run_until_quiet();
}

#[test]
fn a_takeover_leaves_calls_with_the_lifts_that_go_for_them() {
    let mut house = House::of(3, 1);
    house.press(1, down(3));
    house.run_until("under way", |h| h.lifts.values().any(|w| w.shaft.motor.is_some()));
    house.run(seconds(0.5));
    let primary = house.primaries()[0];
    house.kill(primary);
    house.run_until_quiet_but(primary);
    assert!(house.openings_at(3) == 1);
}

#[test]
fn a_lift_that_cannot_start_loses_its_hall_calls_to_another() {
    let mut house = House::of(2, 1);
    house.press(1, down(3));
    house.run_until("under way", |h| h.lifts.values().any(|w| w.shaft.motor.is_some()));
    let stuck = *house.lifts.iter().find(|(_, w)| w.shaft.motor.is_some()).unwrap().0;
    house.lift(stuck).shaft.cut_power();
    house.run_until("answered", |h| h.openings_at(3) == 1);
    assert!(house.lifts[&(3 - stuck)].openings() == [3]);
}

#[test]
fn nothing_is_forgotten_behind_the_back_of_a_node_that_is_away() {
    let mut house = House::of(3, 1);
    house.press(2, up(1));
    house.run_until("lit", |h| h.is_lit_everywhere(up(1)));
    house.run(seconds(0.1));
    house.cut_off(3);
    // Its panel is without power as well, and forgets what was lit: only the call itself comes back.
    house.lift(3).shaft.lamps = Buttons::NONE;
    house.lift(3).disk.durable.as_mut().unwrap().lamps = Buttons::NONE;
    house.run_until("answered", |h| h.openings_at(1) == 1);
    house.run_until_quiet_but(3);
    for lift in [1, 2, 1, 2] {
        house.kill(lift);
        house.run(seconds(0.3));
        house.start(lift);
        house.run(seconds(1.0));
    }
    house.start(3);
    house.run(seconds(1.0));
    house.run_until_quiet();
    house.run(seconds(1.0));
    assert_eq!(house.openings_at(1), 1, "G4: an answered call came back");
}

#[test]
fn what_a_clock_says_matters_to_nobody() {
    let events = |jumps| {
        let mut house = House::of(3, 1);
        house.wall_clock_jumps = jumps;
        house.press(1, up(1));
        house.press(3, down(2));
        house.run(seconds(5.0));
        house.kill(1);
        house.run(seconds(20.0));
        house.lifts.into_values().map(|world| world.events).collect::<Vec<_>>()
    };
    let without = events(None);
    assert!(without.iter().any(|events| !events.is_empty()));
    assert_eq!(events(Some(u64::MAX / 7)), without);
}
