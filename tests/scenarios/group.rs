//! The group: roles, lamps and calls over a network that may do anything (P, L, G).

use lift_group::building::LiftId;
use lift_group::calls::Part;
use lift_group::group::election::Role;

use crate::house::House;
use crate::world::{cab, down, seconds, up};

#[test]
fn nodes_that_start_together_agree_on_the_lowest() {
    let house = House::of(3, 1);
    assert_eq!(house.primaries(), [1]);
}

#[test]
fn a_node_that_comes_later_is_a_backup() {
    let mut house = House::asleep(3, 1);
    house.start(3);
    house.run_until("alone", |h| h.primaries() == [3]);
    house.start(1);
    house.run(seconds(2.0));
    assert_eq!(house.roles()[&1], Role::Backup { primary: LiftId(3) });
}

#[test]
fn a_killed_primary_is_replaced_at_once_and_comes_back_as_backup() {
    let mut house = House::of(3, 1);
    house.kill(1);
    house.run(seconds(0.05));
    assert_eq!(house.primaries(), [2]);
    house.start(1);
    house.run(seconds(1.0));
    assert!(house.is_settled());
    assert_eq!(house.primaries(), [2]);
}

#[test]
fn a_primary_that_vanishes_is_replaced_soon() {
    let mut house = House::of(3, 1);
    house.cut_off(1);
    house.run(seconds(0.15));
    assert_eq!(house.primaries(), [2]);
}

#[test]
fn when_the_successor_vanishes_as_well_the_next_one_takes_over() {
    let mut house = House::of(3, 1);
    house.cut_off(1);
    house.cut_off(2);
    house.run(seconds(0.3));
    assert_eq!(house.primaries(), [3]);
}

#[test]
fn a_hall_call_is_lit_on_all_panels_and_answered_by_one_lift() {
    let mut house = House::of(3, 1);
    house.press(2, up(1));
    house.run_until("lit everywhere", |h| h.is_lit_everywhere(up(1)));
    house.run_until_quiet();
    assert_eq!(house.openings_at(1), 1);
}

#[test]
fn a_panel_lights_a_hall_call_that_its_own_lift_would_still_know_after_a_power_loss() {
    let mut house = House::of(3, 1);
    house.lifts.values_mut().for_each(|lift| lift.shaft.cut_power());
    house.lift(3).disk.stalled = true;
    house.press(1, up(1));
    house.run_until("lit", |h| h.lifts[&1].is_lit(up(1)) && h.lifts[&2].is_lit(up(1)));
    house.run(seconds(1.0));
    assert!(!house.lifts[&3].is_lit(up(1)));
    house.lift(3).disk.stalled = false;
    house.run_until("lit by all", |h| h.is_lit_everywhere(up(1)));
    for lift in [1, 2, 3] {
        house.cut_off(lift);
    }
    house.start(3);
    house.run_until("alone", |h| h.primaries() == [3]);
    house.run(seconds(1.0));
    assert!(house.lifts[&3].is_lit(up(1)));
}

#[test]
fn a_cab_call_is_shown_and_answered_in_its_own_car_alone() {
    let mut house = House::of(3, 1);
    house.press(2, cab(3));
    house.run_until_quiet();
    assert_eq!(house.lifts[&2].openings(), [3]);
    assert_eq!(house.openings_at(3), 1);
    assert!(!house.was_lit(1, cab(3)) && !house.was_lit(3, cab(3)));
}

#[test]
fn a_call_assigned_to_a_lift_that_dies_is_answered_by_another() {
    let mut house = House::of(3, 1);
    house.press(3, down(3));
    house.run_until("under way", |h| h.lifts.values().any(|w| w.shaft.motor.is_some()));
    let runner = *house.lifts.iter().find(|(_, w)| w.shaft.motor.is_some()).unwrap().0;
    house.cut_off(runner);
    house.run_until_quiet_but(runner);
    assert_eq!(house.openings_at(3), 1);
}

#[test]
fn two_sides_of_a_partition_serve_on_and_unite() {
    let mut house = House::of(4, 1);
    house.network.isolate(&[1, 2]);
    house.run_until("two primaries", |h| h.primaries().len() == 2);
    house.press(1, up(1));
    house.press(4, down(2));
    house.run_until("lit on both sides", |h| h.was_lit(2, up(1)) && h.was_lit(3, down(2)));
    house.network.heal();
    house.run_until("one primary", House::is_settled);
    house.run_until_quiet();
    assert!(house.openings_at(1) >= 1 && house.openings_at(2) >= 1);
}

#[test]
fn a_lone_node_never_displaces_the_primary_of_a_group() {
    let mut house = House::of(3, 1);
    house.network.isolate(&[1]);
    house.run_until("two primaries", |h| h.primaries() == [1, 2]);
    for _ in 0..5 {
        house.cut_off(1);
        house.start(1);
        house.run(seconds(1.0));
    }
    house.network.heal();
    house.run(seconds(1.0));
    assert_eq!(house.primaries(), [2]);
}

#[test]
fn calls_lit_on_a_lift_that_is_cut_off_are_served_by_it() {
    let mut house = House::of(3, 1);
    house.press(3, up(2));
    house.run_until("lit", |h| h.is_lit_everywhere(up(2)));
    house.network.isolate(&[3]);
    house.run_until("dark", |h| !h.lifts[&3].is_lit(up(2)));
    assert_eq!(house.lifts[&3].openings(), [2]);
}

#[test]
fn a_primary_that_is_heard_but_does_not_hear_is_nobodys_primary() {
    let mut house = House::of(3, 1);
    house.network.cut(2, 1);
    house.network.cut(3, 1);
    house.run(seconds(0.5));
    house.press(2, up(1));
    house.run_until("served", |h| h.was_lit(2, up(1)) && !h.lifts[&2].is_lit(up(1)));
    assert!(house.primaries().contains(&2), "{:?}", house.roles());
}

#[test]
fn half_of_all_datagrams_may_be_lost() {
    let mut house = House::of(3, 7);
    house.network.loss = 0.5;
    house.press(1, up(1));
    house.press(2, down(3));
    house.press(3, cab(2));
    house.run(seconds(40.0));
    house.network.heal();
    house.run_until_quiet();
    assert!(house.openings_at(1) >= 1 && house.openings_at(3) >= 1);
    let own = house.lifts[&3].openings().into_iter();
    assert_eq!(own.filter(|at| *at == 2).count(), 1);
}

#[test]
fn a_building_that_lost_its_power_answers_what_was_lit() {
    let mut house = House::of(3, 1);
    house.press(1, up(2));
    house.press(2, cab(1));
    house.run_until("lit", |h| h.is_lit_everywhere(up(2)) && h.lifts[&2].is_lit(cab(1)));
    house.numbers().into_iter().for_each(|lift| house.cut_off(lift));
    house.run(seconds(5.0));
    house.numbers().into_iter().for_each(|lift| house.start(lift));
    house.run_until_quiet();
    assert!(house.openings_at(2) == 1 && house.lifts[&2].openings() == [1]);
}

#[test]
fn a_cab_call_comes_back_from_the_others_when_the_disk_was_lost() {
    let mut house = House::of(3, 1);
    house.press(2, cab(3));
    house.run_until("lit", |h| h.lifts[&2].is_lit(cab(3)));
    house.run(seconds(0.1));
    house.cut_off(2);
    house.lift(2).disk.durable = None;
    house.start(2);
    house.run_until("served", |h| h.lifts[&2].openings() == [3]);
}

#[test]
fn former_lives_are_forgotten_by_all() {
    let mut house = House::of(3, 1);
    for round in 0..30 {
        let victim = 1 + round % 3;
        house.press(victim, up(round % 3));
        house.run(seconds(0.5));
        house.kill(victim);
        house.run(seconds(0.1));
        house.start(victim);
    }
    house.run_until_quiet();
    house.run(seconds(2.0));
    for world in house.lifts.values() {
        let calls = &world.disk.durable.as_ref().unwrap().calls;
        let actors = calls.part(Part::LOWEST).context().actors().count();
        assert!(actors <= 3, "{actors} actors are remembered");
    }
}
