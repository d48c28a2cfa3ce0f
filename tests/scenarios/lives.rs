//! Nodes that restart too often, come back with a number of the past, share one, or are taken away
//! for good (P9, X3).

use lift_group::building::LiftId;
use lift_group::calls::{Call, Incarnation, Part};
use lift_group::group::CannotForget;
use lift_group::group::election::Role;
use lift_group::group::status::GroupStatus;
use lift_group::lift::OutOfService;
use lift_group::node::strangers::Strangeness;
use lift_group::node::{Input, Notice};

use crate::house::House;
use crate::world::{World, building, cab, down, seconds, up};

const TOO_OFTEN: Notice = Notice::Service(Err(OutOfService::RestartedTooOften));

fn out_of_service(lift: &World) -> Option<OutOfService> {
    lift.node.as_ref().unwrap().status(lift.now).out_of_service
}

fn group(lift: &World) -> GroupStatus {
    lift.node.as_ref().unwrap().status(lift.now).group
}

#[test]
fn a_node_that_restarts_too_often_leaves_hall_calls_to_others_until_it_is_healthy() {
    let mut house = House::of(2, 1);
    let begun = house.lift(1).now;
    house.lift(1).hear(Input::Unsteady);
    house.run(seconds(0.1));
    assert_eq!(out_of_service(&house.lifts[&1]), Some(OutOfService::RestartedTooOften));
    house.press(1, down(3));
    house.press(1, cab(1));
    house.run_until("under way", |h| h.lifts[&2].shaft.motor.is_some());
    house.run_until("in service again", |h| out_of_service(&h.lifts[&1]).is_none());
    assert!(house.lift(1).now.since(begun) >= seconds(10.0));
    house.run_until_quiet();
    assert_eq!(house.lifts[&1].openings(), [1], "its own passengers it serves all the same");
    assert_eq!(house.lifts[&2].openings(), [3]);
}

#[test]
fn a_node_that_restarts_too_often_and_is_alone_is_better_than_none() {
    let mut house = House::of(1, 1);
    house.lift(1).hear(Input::Unsteady);
    house.press(1, up(2));
    house.run_until("answered", |h| h.lifts[&1].openings() == [2]);
    assert!(!house.lifts[&1].notices_have(TOO_OFTEN));
}

#[test]
fn a_node_that_restarts_too_often_is_better_than_one_that_cannot_serve_or_is_no_better() {
    for is_stopped in [true, false] {
        let mut house = House::of(2, 1);
        let begun = house.lift(1).now;
        house.lift(1).hear(Input::Unsteady);
        house.lift(2).shaft.stop_button = is_stopped;
        if !is_stopped {
            house.lift(2).hear(Input::Unsteady);
        }
        house.run(seconds(0.1));
        house.press(1, up(2));
        house.run_until("answered", |h| h.openings_at(2) == 1);
        assert!(house.lift(1).now.since(begun) < seconds(10.0), "none waits until it is healthy");
        assert_eq!(out_of_service(&house.lifts[&1]), Some(OutOfService::RestartedTooOften));
    }
}

/// Three lifts of which the second has come back from a lost disk, its clock in the past.
fn with_a_life_of_the_past() -> House {
    let mut house = House::of(3, 1);
    house.kill(2);
    house.lift(2).lives = 50;
    house.start(2);
    house.run_until("one primary", House::is_settled);
    house.cut_off(2);
    house.lift(2).disk.durable = None;
    house.lift(2).lives = 3;
    house.start(2);
    house
}

#[test]
fn a_node_below_its_own_former_life_begins_again_above_it() {
    let mut house = with_a_life_of_the_past();
    house.run(seconds(2.0));
    assert!(house.lifts[&2].lives > 51, "life {}", house.lifts[&2].lives);
    assert!(house.is_settled());
    house.press(2, up(1));
    house.run_until("heard by all", |h| h.is_lit_everywhere(up(1)));
    house.run_until_quiet();
    let lives = house.lifts[&2].lives;
    house.run(seconds(10.0));
    assert_eq!(house.lifts[&2].lives, lives, "once is enough");
}

/// A supervisor says to all others that the lives of lift 2 up to this one are over.
fn say_over_up_to(house: &mut House, said: u64) {
    let (lift, incarnation) = (LiftId(2), Incarnation(said));
    for other in [1, 3] {
        house.lift(other).hear(Input::Obituary { lift, incarnation });
    }
}

#[test]
fn a_lift_that_lives_and_is_said_to_be_dead_begins_again_above_that() {
    // By another supervisor with its number, whose controller has ended, or nobody understands it.
    for above in [0, 50] {
        let mut house = House::of(3, 1);
        let said = house.lifts[&2].lives + above;
        say_over_up_to(&mut house, said);
        house.run(seconds(2.0));
        assert!(house.is_settled(), "it is heard again");
        let lives = house.lifts[&2].lives;
        assert!(lives > said);
        house.press(2, up(1));
        house.run_until("heard by all", |h| h.is_lit_everywhere(up(1)));
        house.run_until_quiet();
        assert_eq!(house.lifts[&2].lives, lives, "once is enough");
    }
}

#[test]
fn a_life_is_not_outlived_by_what_its_supervisor_said_of_all_before_it() {
    let mut house = House::of(3, 1);
    house.cut_off(2);
    say_over_up_to(&mut house, 50);
    house.lift(2).lives = 50;
    house.start(2);
    house.run(seconds(2.0));
    assert!(house.is_settled());
    assert_eq!(house.lifts[&2].lives, 51);
}

/// Three lifts, and a second one that was given the number 2, after so many lives.
fn with_a_namesake(lives: u64) -> House {
    let mut house = House::of(3, 1);
    house.kill(2);
    house.lift(2).lives = 50;
    house.start(2);
    house.run(seconds(2.0));
    house.lifts.insert(9, World::member(2, building(4)));
    house.lift(9).now = house.lifts[&1].now;
    house.lift(9).lives = lives;
    house
}

fn is_a_group_without_9(house: &House) -> bool {
    let primary = LiftId(house.primaries()[0]);
    let follows =
        |role: Role| role == Role::Backup { primary } || matches!(role, Role::Primary { .. });
    house.primaries() == [primary.0, 9] && house.roles().into_values().all(follows)
}

#[test]
fn of_two_living_nodes_with_one_number_the_later_one_goes_on_alone() {
    // Before, with and after the number that the first one has.
    for lives in [3, 50, 100] {
        let mut house = with_a_namesake(lives);
        house.start(9);
        house.run_until("one that yields", |h| group(&h.lifts[&9]).yields);
        house.run_until("one group, and one alone", is_a_group_without_9);
        assert!(house.lifts[&2].notices_have(Notice::Stranger(LiftId(2), Strangeness::SameNumber)));
        house.run(seconds(2.0));
        assert!(is_a_group_without_9(&house));
        let lives = (house.lifts[&2].lives, house.lifts[&9].lives);
        assert_ne!(lives.0, lives.1, "their presses look alike");
        house.press(2, up(1));
        house.press(9, up(2));
        house.run_until("each lit where it is known", |h| {
            h.lifts[&1].is_lit(up(1)) && h.lifts[&9].is_lit(up(2))
        });
        house.run_until_quiet();
        assert_eq!(house.lifts[&9].openings(), [2]);
        house.run(seconds(30.0));
        assert!(is_a_group_without_9(&house));
        assert_eq!((house.lifts[&2].lives, house.lifts[&9].lives), lives, "they outbid each other");
    }
}

#[test]
fn of_two_groups_that_meet_with_one_number_one_node_goes_on_alone() {
    let mut house = with_a_namesake(100);
    house.network.isolate(&[9]);
    house.start(9);
    house.run(seconds(2.0));
    house.network.heal();
    house.run_until("one group, and one alone", is_a_group_without_9);
}

#[test]
fn a_node_takes_the_place_of_a_namesake_that_is_gone() {
    let mut house = with_a_namesake(100);
    house.start(9);
    house.run_until("one group, and one alone", is_a_group_without_9);
    house.cut_off(2);
    house.run_until("in its place", |h| matches!(h.roles()[&9], Role::Backup { .. }));
    assert!(house.lifts[&9].notices_have(Notice::Yields(false)));
}

/// How many lives of former days the lifts that are there remember, and cab calls of lift 3.
fn remembered(house: &House) -> Vec<(usize, usize)> {
    let of_3 = |call: &Call| matches!(call, Call::Cab(cab) if cab.lift == LiftId(3));
    let count = |number: &u8| {
        let calls = &house.lifts[number].disk.durable.as_ref().unwrap().calls;
        (
            calls.part(Part::LOWEST).context().actors().count(),
            calls.live().iter().filter(|call| of_3(call)).count(),
        )
    };
    [1, 2].iter().map(count).collect()
}

/// Lift 3 of three is taken away with a passenger's call; the others have lived some lives since.
fn without_lift_3() -> House {
    let mut house = House::of(3, 1);
    house.press(3, cab(2));
    house.run_until("lit", |h| h.lifts[&3].is_lit(cab(2)));
    house.run(seconds(0.1));
    house.cut_off(3);
    for round in 0..10 {
        let victim = 1 + round % 2;
        house.press(victim, up(round % 3));
        house.run(seconds(0.5));
        house.kill(victim);
        house.run(seconds(0.1));
        house.start(victim);
    }
    house.run_until_quiet_but(3);
    house.run(seconds(2.0));
    house
}

#[test]
fn a_lift_that_was_taken_away_is_waited_for_until_it_is_forgotten_by_all() {
    let mut house = without_lift_3();
    assert!(remembered(&house).iter().all(|(lives, cab)| *lives > 3 && *cab == 1));
    house.lift(1).hear(Input::Forget(LiftId(3)));
    house.run(seconds(2.0));
    assert!(remembered(&house).iter().all(|(lives, cab)| *lives <= 2 && *cab == 0));
    // Nor does it come back with what a crash brings back.
    let before = house.lifts[&2].disk.durable.clone();
    house.lift(1).hear(Input::Forget(LiftId(3)));
    house.cut_off(2);
    house.lift(2).disk.durable = before;
    house.start(2);
    house.run(seconds(1.0));
    assert!(
        house.lifts[&1].notices_have(Notice::Forgotten(LiftId(3), Err(CannotForget::NoMember)))
    );
    for lift in [1, 2] {
        assert!(group(&house.lifts[&lift]).peers.iter().all(|peer| peer.lift != LiftId(3)));
    }
}

#[test]
fn a_forgotten_lift_that_is_installed_again_is_a_member_again() {
    let mut house = without_lift_3();
    house.lift(2).hear(Input::Forget(LiftId(3)));
    house.run(seconds(1.0));
    house.start(3);
    house.run_until("one group", |h| h.roles().len() == 3 && h.is_settled());
    house.press(3, up(1));
    house.run_until("lit", |h| h.is_lit_everywhere(up(1)));
    house.run_until("answered", |h| !h.lifts[&1].is_lit(up(1)));
}

#[test]
fn a_lift_that_was_cut_off_and_forgotten_begins_a_new_life_when_it_is_heard() {
    let mut house = House::of(3, 1);
    house.network.isolate(&[3]);
    house.run(seconds(1.0));
    house.lift(1).hear(Input::Forget(LiftId(3)));
    house.run(seconds(1.0));
    let lives = house.lifts[&3].lives;
    house.network.heal();
    house.run(seconds(2.0));
    assert!(house.is_settled() && house.lifts[&3].lives > lives);
    assert!(group(&house.lifts[&1]).peers.iter().any(|peer| peer.lift == LiftId(3)));
}

#[test]
fn a_lift_that_lives_is_not_forgotten() {
    let mut house = House::of(2, 1);
    house.lift(1).hear(Input::Forget(LiftId(2)));
    house.lift(1).hear(Input::Forget(LiftId(1)));
    for lift in [1, 2] {
        let refused = Notice::Forgotten(LiftId(lift), Err(CannotForget::Lives));
        assert!(house.lifts[&1].notices_have(refused));
    }
    house.run(seconds(1.0));
    assert!(house.is_settled());
}

/// Its life ends, and the next one is left in peace until everybody may have forgotten it.
fn begin_another_life(house: &mut House, lift: u8) {
    house.kill(lift);
    house.run(seconds(0.1));
    house.start(lift);
    house.run(seconds(2.0));
}

#[test]
fn an_answered_call_does_not_come_back_with_a_message_that_was_under_way() {
    let mut house = House::of(3, 1);
    house.press(3, up(1));
    house.run_until("lit", |h| h.is_lit_everywhere(up(1)));
    house.detours = true;
    house.run(seconds(0.2));
    house.detours = false;
    house.run_until_quiet();
    for lift in [3, 2] {
        begin_another_life(&mut house, lift);
    }
    assert!(remembered(&house).iter().all(|(lives, _)| *lives == 0), "its life is forgotten");
    house.kill(2);
    house.start(2);
    house.end_detours();
    house.run(seconds(5.0));
    house.run_until_quiet();
    assert_eq!(house.openings_at(1), 1);
}

#[test]
fn an_answered_call_does_not_come_back_with_a_lift_that_was_never_heard() {
    let mut house = House::asleep(3, 1);
    for other in [1, 2] {
        house.network.cut(3, other);
        house.start(other);
    }
    house.start(3);
    house.run(seconds(1.0));
    house.press(2, up(1));
    house.run_until("lit", |h| [1, 2].iter().all(|lift| h.lifts[lift].is_lit(up(1))));
    house.run_until_quiet();
    begin_another_life(&mut house, 2);
    assert_eq!(remembered(&house)[0].0, 0, "its life is forgotten");
    house.network.heal();
    house.run(seconds(5.0));
    house.run_until_quiet();
    assert_eq!(house.openings_at(1), 1);
}

#[test]
fn a_lift_that_was_forgotten_is_told_of_calls_when_it_would_be_known_again() {
    let mut house = House::of(2, 1);
    house.cut_off(2);
    house.run(seconds(2.0));
    house.lift(1).hear(Input::Forget(LiftId(2)));
    house.press(1, cab(3));
    house.run_until("lit", |h| h.lifts[&1].is_lit(cab(3)));
    house.lift(2).disk.durable = None;
    lift_2_is_told_when_the_disk_works(&mut house);
}

#[test]
fn nobody_is_sent_to_a_call_of_which_it_is_not_told() {
    let mut house = House::asleep(2, 1);
    house.start(1);
    house.run(seconds(1.0));
    house.press(1, cab(3));
    house.run_until("away", |h| h.lifts[&1].openings() == [3]);
    house.lift(1).disk.stalled = true;
    house.start(2);
    house.run_until("one group", House::is_settled);
    house.press(1, up(0));
    house.run(seconds(0.5));
    let sent = |house: &House| group(&house.lifts[&1]).hall_calls[0].assigned_to;
    assert_eq!((sent(&house), is_told(&house)), (Some(LiftId(1)), false));
    house.lift(1).disk.stalled = false;
    house.run_until("sent", |h| h.lifts[&2].openings() == [0]);
}

/// Lift 2 starts while the disk of lift 1 stalls: it is told of calls when that is over.
fn lift_2_is_told_when_the_disk_works(house: &mut House) {
    house.lift(1).disk.stalled = true;
    house.start(2);
    house.run(seconds(0.5));
    assert!(house.is_settled() && !is_told(house));
    house.lift(1).disk.stalled = false;
    house.run(seconds(0.1));
    assert!(is_told(house));
}

/// Whether lift 2 has been told of any call.
fn is_told(house: &House) -> bool {
    house.lifts[&2].node.as_ref().unwrap().calls().every_live().next().is_some()
}

#[test]
fn a_lift_tells_its_calls_to_nobody_whom_it_would_not_know_after_a_power_loss() {
    let mut house = House::asleep(2, 1);
    house.start(1);
    house.run(seconds(1.0));
    house.press(1, cab(3));
    house.run_until("lit", |h| h.lifts[&1].is_lit(cab(3)));
    lift_2_is_told_when_the_disk_works(&mut house);
}
