//! Short stories that say why the set is as it is. (The laws are in `tests/calls`.)

use super::{Actor, CabCall, Call, CallSet, Context, HallCall, Incarnation};
use crate::building::{Building, Direction, Floor, LiftId};

const ONE: Actor = Actor { lift: LiftId(1), incarnation: Incarnation(100) };
const ONE_REBORN: Actor = Actor { lift: LiftId(1), incarnation: Incarnation(101) };
const TWO: Actor = Actor { lift: LiftId(2), incarnation: Incarnation(100) };

fn floor(number: u8) -> Floor {
    Floor::try_from(number).unwrap()
}

fn up(number: u8) -> Call {
    let building = Building::try_from(9).unwrap();
    HallCall::new(building, floor(number), Direction::Up).unwrap().into()
}

fn cab(number: u8) -> Call {
    CabCall { lift: ONE.lift, floor: floor(number) }.into()
}

/// A set in which the actor has pressed these, one after the other.
fn pressed<const N: usize>(actor: Actor, calls: [Call; N]) -> CallSet {
    let mut set = CallSet::default();
    for call in calls {
        set.press(actor, call);
    }
    set
}

fn merged(one: &CallSet, other: &CallSet) -> CallSet {
    let mut both = one.clone();
    both.merge(other);
    both
}

fn counters(set: &CallSet, call: Call) -> Vec<u64> {
    set.dots_of(call).map(|dot| dot.counter.get()).collect()
}

#[test]
fn a_call_is_live_from_press_to_answer() {
    let mut set = CallSet::default();
    assert!(!set.is_live(up(3)));
    set.press(ONE, up(3));
    assert!(set.is_live(up(3)) && !set.is_live(cab(3)));
    set.answer(up(3));
    assert!(!set.is_live(up(3)));
}

#[test]
fn an_answer_leaves_the_other_calls_of_the_floor_alone() {
    let mut set = pressed(ONE, [up(3), cab(3)]);
    set.answer(up(3));
    assert_eq!(set.live(), [cab(3)].into());
}

#[test]
fn an_answer_reaches_whoever_hears_of_it() {
    let one = pressed(ONE, [up(3)]);
    let mut two = merged(&CallSet::default(), &one);
    two.answer(up(3));
    assert!(!merged(&one, &two).is_live(up(3)));
}

#[test]
fn a_late_copy_brings_no_answered_call_back() {
    let mut one = pressed(ONE, [up(3)]);
    let late = one.clone();
    one.answer(up(3));
    assert_eq!(merged(&one, &late), one);
}

#[test]
fn a_call_that_is_pressed_again_survives_the_answer_to_the_first_press() {
    let mut one = pressed(ONE, [up(3)]);
    one.answer(up(3));
    let answer = one.clone();
    one.press(ONE, up(3));
    assert!(merged(&answer, &one).is_live(up(3)));
}

#[test]
fn a_press_on_a_lit_button_survives_an_answer_that_was_under_way() {
    let mut one = pressed(ONE, [up(3)]);
    let mut two = one.clone();
    two.answer(up(3));
    one.press(ONE, up(3));
    assert!(merged(&one, &two).is_live(up(3)));
}

/// With one counter for each button, both sides would call their press "number 2" here, and the
/// answer to the one would be an answer to the other.
#[test]
fn counters_per_button_would_lose_this_press() {
    let common = pressed(ONE, [up(3)]);
    let (mut one, mut two) = (common.clone(), common);
    one.press(ONE, up(3));
    two.press(TWO, up(3));
    two.answer(up(3));
    assert!(merged(&one, &two).is_live(up(3)));
}

/// Node one sees a press, and node two hears of it. One crashes before its disk has the press,
/// comes back with an empty checkpoint, and sees another press. What do both know in the end?
fn known_after_a_restart_as(reborn: Actor) -> CallSet {
    let two = merged(&CallSet::default(), &pressed(ONE, [up(3)]));
    merged(&two, &pressed(reborn, [cab(5)]))
}

#[test]
fn counters_per_node_would_lose_this_press() {
    assert_eq!(known_after_a_restart_as(ONE_REBORN).live(), [up(3), cab(5)].into());
    // The same name for two presses: each side takes the other's for answered.
    assert_eq!(known_after_a_restart_as(ONE).live(), [].into());
}

#[test]
fn a_call_comes_back_from_the_others_when_the_disk_is_lost() {
    let two = merged(&CallSet::default(), &pressed(ONE, [cab(5)]));
    let mut reborn = pressed(ONE_REBORN, []);
    reborn.merge(&two);
    assert_eq!(reborn.live(), [cab(5)].into());
}

#[test]
fn an_impatient_passenger_leaves_two_dots() {
    let set = pressed(ONE, [up(3), cab(5), up(3), up(3), up(3)]);
    assert_eq!(counters(&set, up(3)), [1, 5]);
    assert_eq!(counters(&set, cab(5)), [2]);
}

#[test]
fn one_answer_is_enough_for_an_impatient_passenger() {
    let mut set = pressed(ONE, [up(3), cab(5), up(3), up(3)]);
    set.answer(up(3));
    assert_eq!(set.live(), [cab(5)].into());
}

#[test]
fn every_actor_has_its_own_two_dots() {
    let one = pressed(ONE, [up(3), up(3), up(3)]);
    let mut two = merged(&CallSet::default(), &one);
    for _ in 0..3 {
        two.press(TWO, up(3));
    }
    assert_eq!(counters(&two, up(3)), [1, 3, 1, 3]);
}

#[test]
fn a_call_is_safe_with_whoever_has_seen_it_and_stays_so_when_pressed_again() {
    let mut one = pressed(ONE, [up(3)]);
    assert!(!one.is_safe_with(up(3), &Context::default()));
    let on_disk = one.context().clone();
    assert!(one.is_safe_with(up(3), &on_disk));
    for _ in 0..3 {
        one.press(ONE, up(3));
    }
    assert!(one.is_safe_with(up(3), &on_disk));
}

#[test]
fn a_call_pressed_again_after_its_answer_must_become_safe_anew() {
    let mut one = pressed(ONE, [up(3)]);
    let on_disk = one.context().clone();
    one.answer(up(3));
    assert!(!one.is_safe_with(up(3), &on_disk), "an answered call needs no safety");
    one.press(ONE, up(3));
    assert!(!one.is_safe_with(up(3), &on_disk));
}

#[test]
fn a_set_fits_the_buildings_that_have_all_its_live_calls() {
    let mut set = pressed(ONE, [up(3), cab(7)]);
    let fits = |set: &CallSet, floors| set.fits(Building::try_from(floors).unwrap());
    assert!(fits(&set, 8) && !fits(&set, 7));
    set.answer(cab(7));
    assert!(fits(&set, 5) && !fits(&set, 4));
}

#[test]
fn an_actor_with_a_live_dot_cannot_be_retired() {
    let mut set = pressed(ONE, [up(3), cab(5)]);
    set.answer(up(3));
    let before = set.clone();
    assert_eq!(set.idle_actors().count(), 0);
    assert!(!set.retire(ONE));
    assert_eq!(set, before);
}

#[test]
fn an_actor_that_all_have_retired_is_gone() {
    let mut one = pressed(ONE, [up(3)]);
    one.press(ONE_REBORN, cab(5));
    one.answer(up(3));
    let mut two = one.clone();
    assert!(one.idle_actors().eq([ONE]));
    assert!(one.retire(ONE) && two.retire(ONE));
    one.merge(&two);
    assert!(one.context().actors().eq([ONE_REBORN]));
    assert!(one.is_live(cab(5)));
}

/// Why actors are retired by all together, and not by each as it sees fit.
#[test]
fn an_actor_retired_too_early_comes_back_with_a_call_that_was_answered() {
    let absent = pressed(ONE, [up(3)]);
    let mut present = absent.clone();
    present.answer(up(3));
    assert!(present.retire(ONE));
    assert!(merged(&present, &absent).is_live(up(3)));
}
