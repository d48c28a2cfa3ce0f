//! One node, told input by input: what it restores, and what it lets a person know.

use super::*;
use crate::building::{Building, Direction, Floor};
use crate::calls::Part;
use crate::lift::panel::Command;

const FIRST: Incarnation = Incarnation(1);
const SECOND: Incarnation = Incarnation(2);

fn floor(number: u8) -> Floor {
    Floor::try_from(number).unwrap()
}

fn building(floors: u8) -> Building {
    Building::try_from(floors).unwrap()
}

fn config() -> Config {
    Config::new(LiftId(1), building(4))
}

fn cab(lift: u8, number: u8) -> Call {
    Call::Cab(CabCall { lift: LiftId(lift), floor: floor(number) })
}

/// What a former life of this lift left, with these calls live.
fn left_by(lift: u8, live: &[Call]) -> Checkpoint {
    let mut checkpoint = Checkpoint::blank(LiftId(lift));
    for &call in live {
        checkpoint.calls.press(Actor { lift: LiftId(lift), incarnation: FIRST }, call);
    }
    checkpoint
}

fn restored(left: Checkpoint) -> Node {
    let bequest = Bequest { checkpoint: Some(left), is_durable: true, revision: Revision(0) };
    Node::new(config(), bequest, SECOND, Instant::START)
}

fn sensed(number: u8, pressed: &[Button]) -> Input {
    let pressed = pressed.iter().copied().collect();
    Input::Sensed(Sense { floor: Some(floor(number)), behind: 1000, pressed, ..Sense::default() })
}

fn outputs(node: &mut Node) -> Vec<Output> {
    std::iter::from_fn(|| node.poll_output()).collect()
}

fn tell(node: &mut Node, inputs: &[Input]) -> Vec<Output> {
    for input in inputs {
        node.handle(Instant::START, input.clone());
    }
    outputs(node)
}

fn moves(outputs: &[Output]) -> bool {
    outputs.iter().any(|output| matches!(output, Output::Command(Command::Motor(Some(_)))))
}

#[test]
fn of_a_foreign_checkpoint_the_calls_are_kept_and_the_car_is_not() {
    let mut left = left_by(2, &[cab(2, 3)]);
    left.memory.floor = Some(floor(2));
    let mut node = restored(left);
    assert_eq!(outputs(&mut node), [Output::Notice(Notice::ForeignCheckpoint(LiftId(2)))]);
    assert_eq!(node.status(Instant::START).floor, None);
    assert!(node.calls.is_live(cab(2, 3)));
}

#[test]
fn a_lift_serves_no_other_lifts_cab_calls() {
    let mut node = restored(left_by(1, &[cab(2, 3)]));
    let told = tell(&mut node, &[Input::Connected, sensed(0, &[]), sensed(0, &[])]);
    assert!(!moves(&told));
    assert_eq!(node.status(Instant::START).calls, []);
}

#[test]
fn calls_of_a_taller_building_are_kept_and_not_served() {
    let hall = HallCall::new(building(5), floor(3), Direction::Up).unwrap();
    for call in [cab(1, 4), Call::Hall(hall)] {
        let mut node = restored(left_by(1, &[call]));
        assert_eq!(outputs(&mut node), [Output::Notice(Notice::CallsOfAnotherBuilding)]);
        let told = tell(&mut node, &[Input::Connected, sensed(0, &[]), sensed(0, &[])]);
        assert!(!moves(&told), "{call}");
        assert!(node.calls.is_live(call));
    }
}

#[test]
fn a_primary_forgets_a_former_life_once_its_calls_are_answered_and_the_present_one_never() {
    let actors = |node: &Node| node.calls.part(Part::LOWEST).context().actors().collect::<Vec<_>>();
    let mut node = restored(left_by(1, &[cab(1, 0)]));
    let opens = [Input::Connected, sensed(0, &[]), sensed(0, &[])];
    tell(&mut node, &opens);
    tell(&mut node, &[sensed(0, &[Button::Cab(floor(0))]), Input::Saved(Revision(1000))]);
    assert!(!node.calls.is_live(cab(1, 0)));
    assert_eq!(actors(&node).len(), 2, "it does not know yet who else is there");
    let alone = Instant::START + std::time::Duration::from_secs(1);
    for _ in 0..3 {
        node.handle(alone, Input::Wakeup);
        node.handle(alone, Input::Saved(Revision(1000)));
    }
    assert_eq!(actors(&node), [Actor { lift: LiftId(1), incarnation: SECOND }]);
}

#[test]
fn a_lamp_is_lit_after_its_call_was_handed_to_the_supervisor() {
    let mut node = restored(Checkpoint::blank(LiftId(1)));
    let ready = [Input::Disk { works: false }, Input::Connected, sensed(0, &[])];
    tell(&mut node, &ready);
    let button = Button::Cab(floor(2));
    let told = tell(&mut node, &[sensed(0, &[button])]);
    let at = |wanted: fn(&Output) -> bool| told.iter().position(wanted).unwrap();
    let lit = at(|output| matches!(output, Output::Command(Command::CallLamp(_, true))));
    let saved = at(|output| matches!(output, Output::Save(..)));
    assert!(saved < lit);
}

#[test]
fn a_press_on_a_lit_button_is_a_press_of_its_own() {
    let mut node = restored(Checkpoint::blank(LiftId(1)));
    let pressed = [Button::Cab(floor(3))];
    let press = [sensed(0, &pressed), sensed(0, &[])];
    tell(&mut node, &[Input::Connected, sensed(0, &[])]);
    tell(&mut node, &press);
    tell(&mut node, &press);
    assert_eq!(node.calls.of(cab(1, 3)).dots_of(cab(1, 3)).count(), 2);
}

#[test]
fn a_person_is_told_of_a_change_once() {
    let mut node = restored(Checkpoint::blank(LiftId(1)));
    let is_notice = |output: &Output| matches!(output, Output::Notice(_));
    let told = tell(&mut node, &[Input::Connected, sensed(0, &[])]);
    assert_eq!(told.into_iter().filter(is_notice).count(), 1, "in service");
    let told = tell(&mut node, &[sensed(0, &[]), Input::Wakeup]);
    assert_eq!(told.into_iter().filter(is_notice).count(), 0);
    let fails = [Input::Disk { works: false }, Input::Disk { works: false }];
    let told = tell(&mut node, &fails).into_iter().filter(is_notice).collect::<Vec<_>>();
    assert_eq!(told, [Output::Notice(Notice::Disk { works: false })]);
}

#[test]
fn a_node_is_at_rest_when_its_motor_is_known_to_stand_and_all_is_saved() {
    let mut node = restored(left_by(1, &[cab(1, 3)]));
    tell(&mut node, &[Input::Connected, sensed(0, &[]), sensed(0, &[])]);
    assert!(!node.is_at_rest(), "it moves");
    let told = tell(&mut node, &[Input::Stop]);
    assert!(told.contains(&Output::Command(Command::Motor(None))));
    let behind = |behind| Input::Sensed(Sense { behind, ..Sense::default() });
    tell(&mut node, &[Input::Saved(Revision(1000)), behind(0)]);
    assert!(!node.is_at_rest(), "nobody has seen the motor stop");
    tell(&mut node, &[Input::Saved(Revision(1000)), behind(1000)]);
    assert!(node.is_at_rest());
}

#[test]
fn a_node_that_waits_for_the_disk_is_not_at_rest() {
    let mut node = restored(Checkpoint::blank(LiftId(1)));
    let pressed = [Button::Cab(floor(0))];
    tell(&mut node, &[Input::Connected, sensed(0, &pressed), Input::Stop, sensed(0, &[])]);
    assert!(!node.is_at_rest());
    // The first report lights the lamp, which is to be remembered as well.
    tell(&mut node, &[Input::Saved(Revision(1000)), Input::Saved(Revision(1000))]);
    assert!(node.is_at_rest());
}
