//! Crashes, hangs and power loss of the node at every moment (G1–G4, C9).

use std::time::Duration;

use lift_group::lift::panel::Button;
use lift_group::node::Input;

use crate::shaft::Place;
use crate::world::{Event, World, cab, down, floor, seconds, up};

/// A ride with everything in it: both directions, cab calls, a reversal at an open door.
fn ride() -> World {
    let mut lift = World::at(1);
    lift.press_all(&[cab(3), up(2), down(2), down(3), up(0)]);
    lift
}

const RIDE: Duration = Duration::from_secs(45);

/// Lets the ride go on to this moment, breaks it, starts anew and checks that who was promised a
/// ride got one. Returns how often the door opened.
fn break_at(moment: Duration, break_it: fn(&mut World), away: Duration) -> usize {
    let mut lift = ride();
    lift.run(moment);
    let promised: Vec<Button> = lift.shaft.lamps.iter().collect();
    break_it(&mut lift);
    let broken = lift.now;
    lift.run(away);
    lift.start();
    lift.run_until_quiet();
    for button in promised {
        let served = lift.last(Event::Dark(button)).is_some_and(|dark| dark >= broken);
        assert!(served, "broken at {moment:?}: {button:?} was lit and never served");
    }
    lift.openings().len()
}

fn every(step_ms: u64) -> impl Iterator<Item = Duration> {
    (0..).map(move |n| Duration::from_millis(n * step_ms)).take_while(|moment| *moment < RIDE)
}

#[test]
fn a_controller_killed_at_any_moment_keeps_every_promise() {
    for moment in every(170) {
        break_at(moment, World::kill, Duration::from_millis(10));
    }
}

#[test]
fn a_node_that_loses_power_at_any_moment_keeps_every_promise() {
    for moment in every(170) {
        break_at(moment, World::cut_off, seconds(2.0));
    }
}

#[test]
fn a_crash_costs_at_most_one_more_opening() {
    let undisturbed = {
        let mut lift = ride();
        lift.run_until_quiet();
        lift.openings().len()
    };
    for moment in every(110) {
        let openings = break_at(moment, World::cut_off, seconds(1.0));
        assert!(openings <= undisturbed + 1, "broken at {moment:?}: {openings} openings");
    }
}

#[test]
fn a_door_that_was_open_opens_again_for_its_full_time() {
    let mut lift = World::at(0);
    lift.press(up(1));
    lift.run_until("answered", |w| w.last(Event::Dark(up(1))).is_some());
    lift.run(seconds(2.0));
    lift.kill();
    lift.run(seconds(1.0));
    let restarted = lift.now;
    lift.start();
    lift.run_until_quiet();
    let closed = lift.last(Event::Closed(floor(1))).unwrap();
    assert!(closed.since(restarted) >= seconds(3.0));
}

#[test]
fn a_door_that_nobody_remembers_does_not_close_on_an_obstruction() {
    let mut lift = World::at(0);
    lift.shaft.door = true;
    lift.shaft.obstruction = true;
    lift.cut_off();
    lift.start();
    lift.run(seconds(2.0));
    lift.shaft.obstruction = false;
    let cleared = lift.now;
    lift.run_until_quiet();
    assert!(lift.last(Event::Closed(floor(0))).unwrap().since(cleared) >= seconds(3.0));
}

#[test]
fn a_door_that_had_closed_does_not_open_again() {
    let mut lift = World::at(0);
    lift.press(up(1));
    lift.run_until_quiet();
    lift.run(seconds(1.0));
    lift.cut_off();
    lift.start();
    lift.run(seconds(30.0));
    assert_eq!(lift.openings(), [1]);
}

#[test]
fn a_call_that_was_answered_does_not_come_back() {
    let mut lift = World::at(0);
    lift.press_all(&[cab(1), cab(3)]);
    lift.run_until("lit", |w| w.is_lit(cab(1)));
    let promised = lift.last(Event::Lit(cab(1)));
    lift.run_until("answered", |w| w.last(Event::Dark(cab(1))).is_some());
    lift.run(seconds(0.1));
    lift.cut_off();
    lift.start();
    lift.run_until_quiet();
    assert_eq!(lift.openings().into_iter().filter(|at| *at == 3).count(), 1);
    assert_eq!(lift.last(Event::Lit(cab(1))), promised, "it was not lit again");
}

#[test]
fn a_car_killed_between_floors_goes_on_the_way_it_went() {
    for (start, goal, between) in [(0, 3, 1), (3, 0, 1)] {
        let mut lift = World::at(start);
        lift.press(cab(goal));
        lift.run_until("half way", |w| w.shaft.place == Place::Above(floor(between)));
        let direction = lift.shaft.motor;
        lift.kill();
        lift.run(seconds(0.5));
        lift.start();
        lift.run(seconds(0.05));
        assert_eq!(lift.shaft.motor, direction);
        lift.run_until_quiet();
        assert_eq!(lift.openings(), [goal]);
    }
}

#[test]
fn many_crashes_in_a_row_lose_nothing_and_pile_up_nothing() {
    let mut lift = World::at(0);
    lift.press_all(&[cab(3), down(2)]);
    lift.run(seconds(0.1));
    for _ in 0..200 {
        lift.kill();
        lift.run(Duration::from_millis(10));
        lift.start();
        lift.press(cab(2));
        lift.run(seconds(0.23));
    }
    lift.run_until_quiet();
    lift.run(seconds(0.1));
    let kept = format!("{:?}", lift.disk.durable.unwrap()).len();
    assert!(kept < 1000, "a checkpoint of {kept} characters has not forgotten its former lives");
}

#[test]
fn a_node_told_to_stop_comes_to_rest_and_loses_nothing() {
    for moment in every(330) {
        let mut lift = ride();
        lift.run(moment);
        let promised = lift.shaft.lamps;
        lift.hear(Input::Stop);
        lift.run_until("at rest", |w| w.node.as_ref().unwrap().is_at_rest());
        assert_eq!(lift.shaft.motor, None);
        assert_eq!(promised.without(&lift.shaft.lamps), lift_group::lift::panel::Buttons::NONE);
        lift.cut_off();
        lift.start();
        lift.run_until_quiet();
    }
}
