//! Networks on which not everybody hears everybody, and what a takeover leaves alone (P3, P6, P7,
//! P9, G6).

use std::time::Duration;

use lift_group::building::LiftId;
use lift_group::group::election::Role;
use lift_group::group::message::Claim;
use lift_group::group::status::GroupStatus;
use lift_group::node::Input;
use lift_group::time::Instant;

use crate::house::House;
use crate::world::{Event, cab, down, seconds, up};

fn group(house: &House, lift: u8) -> GroupStatus {
    let world = &house.lifts[&lift];
    world.node.as_ref().unwrap().status(world.now).group
}

/// Cuts a link in both directions.
fn part(house: &mut House, one: u8, other: u8) {
    house.network.cut(one, other);
    house.network.cut(other, one);
}

#[test]
fn the_primary_is_followed_by_those_that_it_named_in_that_order() {
    for gone in 1..4u8 {
        let mut house = House::of(4, 1);
        house.run(seconds(0.5));
        assert_eq!(group(&house, 4).ranks, [LiftId(2), LiftId(3), LiftId(4)]);
        (1..=gone).for_each(|lift| house.cut_off(lift));
        let mut first = None;
        for _ in 0..60 {
            house.run(Duration::from_millis(10));
            first = first.or_else(|| house.primaries().first().copied());
            assert!(house.primaries().len() <= 1, "{gone} gone: {:?}", house.roles());
        }
        assert_eq!((first, house.primaries()), (Some(gone + 1), vec![gone + 1]));
    }
}

#[test]
fn on_a_chain_no_call_is_lost_and_the_status_says_that_there_are_two_groups() {
    let mut house = House::of(3, 1);
    part(&mut house, 1, 3);
    house.run_until("two primaries", |h| h.primaries() == [1, 3]);
    house.run(seconds(0.5));
    assert_eq!(house.roles()[&2], Role::Backup { primary: LiftId(1) });
    let of_2 = |lift| {
        let peers = group(&house, lift).peers;
        peers.into_iter().find(|peer| peer.lift == LiftId(2)).and_then(|peer| peer.claim)
    };
    assert_eq!(group(&house, 3).primary, Some(LiftId(3)));
    assert!(matches!(of_2(3), Some(Claim::Backup { primary: LiftId(1), .. })), "{:?}", of_2(3));

    house.press(1, up(1));
    house.press(3, down(2));
    house.press(2, down(3));
    house.run_until("all lit where they were pressed", |h| {
        h.was_lit(1, up(1)) && h.was_lit(3, down(2)) && h.was_lit(2, down(3))
    });
    house.run_until_quiet();
    assert_eq!(house.primaries(), [1, 3], "nobody changed sides");
    for floor in [1, 2, 3] {
        // Each primary sends a lift of its own at most.
        assert!((1..=2).contains(&house.openings_at(floor)), "floor {floor}");
    }
    house.network.heal();
    house.run_until("one primary", House::is_settled);
    assert_eq!(house.primaries(), [1], "it was the one that others followed");
}

#[test]
fn no_lift_is_told_what_to_do_by_two_primaries() {
    let mut house = House::of(3, 1);
    part(&mut house, 1, 3);
    house.run_until("two primaries", |h| h.primaries() == [1, 3]);
    house.run(seconds(0.5));
    house.press(1, up(1));
    house.press(3, down(2));
    for _ in 0..3000 {
        house.run(Duration::from_millis(10));
        let assigned = |lift| group(&house, lift).hall_calls.into_iter().map(|c| c.assigned_to);
        assert!(assigned(1).all(|to| to != Some(LiftId(3))));
        assert!(assigned(3).all(|to| to.is_none_or(|to| to == LiftId(3))));
    }
}

#[test]
fn a_lift_that_the_primary_does_not_hear_is_assigned_nothing_and_loses_what_it_had() {
    let mut house = House::of(3, 1);
    // Only the third can go.
    house.lift(1).shaft.stop_button = true;
    house.lift(2).shaft.stop_button = true;
    house.run(seconds(0.2));
    house.press(1, down(3));
    let assigned = |h: &House| group(h, 1).hall_calls.first().and_then(|call| call.assigned_to);
    house.run_until("assigned", |h| assigned(h) == Some(LiftId(3)));
    house.lift(2).shaft.stop_button = false;
    house.network.cut(3, 1);
    house.run_until("given to another", |h| assigned(h) == Some(LiftId(2)));
    house.run_until("answered", |h| !h.lifts[&1].is_lit(down(3)));
    house.lift(1).shaft.stop_button = false;
    house.network.heal();
    house.run_until_quiet();
}

/// A lift on its own with a lit call, of which then only one direction comes back: it is heard and
/// does not hear, or the reverse.
fn alone_with_a_lit_call(is_heard: bool) {
    let mut house = House::of(3, 1);
    house.network.isolate(&[3]);
    house.run_until("alone", |h| h.primaries().contains(&3));
    house.lift(3).shaft.cut_power();
    house.press(3, up(1));
    house.run_until("lit", |h| h.lifts[&3].is_lit(up(1)));
    house.network.heal();
    for other in [1, 2] {
        if is_heard { house.network.cut(other, 3) } else { house.network.cut(3, other) }
    }
    house.run(seconds(10.0));
    assert!(house.primaries().contains(&3), "nobody that it can follow");
    if is_heard {
        assert_eq!(house.openings_at(1), 1, "those who hear of the call answer it");
        assert!(house.lifts[&3].is_lit(up(1)), "it has heard of no answer");
    }
    house.press(1, down(2));
    house.lift(3).shaft.powered = true;
    house.run_until("answered", |h| !h.lifts[&3].is_lit(up(1)) && h.openings_at(2) > 0);
    house.network.heal();
    house.run_until("one primary", House::is_settled);
    house.run_until_quiet();
    assert_ne!(house.primaries(), [3]);
}

#[test]
fn a_lone_primary_that_is_heard_and_does_not_hear_keeps_its_promises() {
    alone_with_a_lit_call(true);
}

#[test]
fn a_lone_primary_that_hears_and_is_not_heard_keeps_its_promises() {
    alone_with_a_lit_call(false);
}

#[test]
fn a_lift_that_is_cut_off_serves_its_own_car_and_panel() {
    let mut house = House::of(3, 1);
    house.press(3, cab(1));
    house.run_until("lit", |h| h.lifts[&3].is_lit(cab(1)));
    house.network.isolate(&[3]);
    house.press(3, cab(2));
    house.press(3, down(3));
    house.run_until("lit alone", |h| h.was_lit(3, cab(2)) && h.was_lit(3, down(3)));
    house.run_until_quiet();
    assert_eq!(house.lifts[&3].openings(), [1, 2, 3]);
}

/// What is seen of lifts 2 and 3 that go for calls, the primary being dead for the second half or
/// not. Its own car is held and has nothing to do.
fn seen_of_the_others(primary_dies: bool) -> Vec<Vec<(Instant, Event)>> {
    let mut house = House::of(3, 1);
    house.lift(1).shaft.stop_button = true;
    house.run(seconds(0.2));
    house.press(2, down(3));
    house.press(3, up(1));
    house.press(2, cab(2));
    house.run(seconds(3.0));
    if primary_dies {
        house.kill(1);
    }
    house.run(seconds(30.0));
    assert_eq!(house.primaries(), [if primary_dies { 2 } else { 1 }]);
    [2, 3].map(|lift| house.lifts[&lift].events.clone()).into()
}

#[test]
fn a_takeover_says_nothing_to_the_hardware_that_was_not_to_be_said_anyhow() {
    let undisturbed = seen_of_the_others(false);
    assert!(undisturbed.iter().flatten().count() > 10);
    assert_eq!(seen_of_the_others(true), undisturbed);
}

#[test]
fn a_late_word_of_a_lift_that_was_forgotten_makes_it_no_member() {
    let mut house = House::of(3, 1);
    house.detours = true;
    house.run(seconds(0.2));
    house.detours = false;
    house.kill(3);
    house.run(seconds(0.1));
    house.lift(1).hear(Input::Forget(LiftId(3)));
    house.run(seconds(2.0));
    house.end_detours();
    house.run(seconds(0.5));
    for lift in [1, 2] {
        assert!(group(&house, lift).peers.iter().all(|peer| peer.lift != LiftId(3)));
    }
}
