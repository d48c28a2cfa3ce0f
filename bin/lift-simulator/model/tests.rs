use super::*;

/// The timing of the lab's simulators.
const SETTINGS: Settings = Settings {
    shaft: Shaft { floors: 4, travel: Duration::from_secs(2), passing: Duration::from_millis(500) },
    start: Place::At(0),
    press: Duration::from_millis(200),
    stop_delay: Duration::from_millis(10),
};

const CAB_2: Button = Button { kind: Kind::Cab, floor: 2 };
const UP: Command = Command::Motor(Some(Direction::Up));
const DOWN: Command = Command::Motor(Some(Direction::Down));
const STOP: Command = Command::Motor(None);
const OPEN: Command = Command::Door(true);

fn lift_at(start: Place) -> Model {
    Model::new(Settings { start, ..SETTINGS })
}

fn ms(milliseconds: u64) -> Moment {
    Moment::from_millis(milliseconds)
}

/// What happened since the last call, with the milliseconds before each event.
fn told(model: &mut Model) -> Vec<String> {
    let lines = model.take_events().into_iter();
    lines.map(|(at, event)| format!("{} {event}", at.as_millis())).collect()
}

#[test]
fn from_rest_the_car_is_seen_for_the_passing_time_and_again_after_the_travel_time() {
    let mut lift = lift_at(Place::At(0));
    lift.execute(ms(0), UP);
    lift.advance(ms(2500));
    assert_eq!(told(&mut lift), ["0 motor up", "500 floor none", "2500 floor 1"]);
}

#[test]
fn a_passed_floor_is_seen_for_the_passing_time() {
    let mut lift = lift_at(Place::At(3));
    lift.execute(ms(0), DOWN);
    lift.advance(ms(5499));
    let passed = ["2500 floor 2", "3000 floor none", "5000 floor 1"];
    assert_eq!(told(&mut lift)[2..], passed);
}

#[test]
fn a_motor_stopped_while_the_sensor_sees_the_car_leaves_it_there() {
    let mut lift = lift_at(Place::At(0));
    lift.execute(ms(0), UP);
    lift.execute(ms(2999), STOP);
    lift.advance(ms(60_000));
    assert_eq!(told(&mut lift)[2..], ["2500 floor 1", "2999 motor stop"]);
    assert_eq!(lift.answer(ms(60_000), Question::Floor), [7, 1, 1, 0]);
}

#[test]
fn a_motor_stopped_too_late_leaves_the_car_between_floors() {
    let mut lift = lift_at(Place::At(0));
    lift.execute(ms(0), UP);
    lift.execute(ms(3000), STOP);
    lift.advance(ms(60_000));
    assert_eq!(told(&mut lift)[2..], ["2500 floor 1", "3000 floor none", "3000 motor stop"]);
    assert_eq!(lift.answer(ms(60_000), Question::Floor), [7, 0, 0, 0]);
}

#[test]
fn reversing_between_floors_costs_a_full_travel_time() {
    let mut lift = lift_at(Place::At(1));
    lift.execute(ms(0), UP);
    lift.execute(ms(600), DOWN); // the car has hardly left
    lift.advance(ms(2600));
    assert_eq!(told(&mut lift)[2..], ["600 motor down", "2600 floor 1"]);
}

#[test]
fn starting_between_floors_costs_a_full_travel_time_either_way() {
    for (command, reached) in [(UP, "2000 floor 2"), (DOWN, "2000 floor 1")] {
        let mut lift = lift_at(Place::Above(1));
        lift.execute(ms(0), command);
        lift.advance(ms(2000));
        assert_eq!(told(&mut lift)[1..], [reached]);
    }
}

#[test]
fn stopping_between_floors_forgets_how_far_the_car_had_come() {
    let mut lift = lift_at(Place::Above(1));
    lift.execute(ms(0), UP);
    lift.execute(ms(1999), STOP);
    lift.execute(ms(1999), UP);
    lift.advance(ms(3999));
    assert_eq!(told(&mut lift)[1..], ["1999 motor stop", "1999 motor up", "3999 floor 2"]);
}

#[test]
fn repeating_the_motor_command_delays_nothing() {
    let mut lift = lift_at(Place::At(0));
    for now in (0..2500).step_by(100) {
        lift.execute(ms(now), UP);
    }
    lift.advance(ms(2500));
    assert_eq!(told(&mut lift), ["0 motor up", "500 floor none", "2500 floor 1"]);
}

#[test]
fn lateness_of_the_loop_changes_neither_what_happens_nor_when() {
    let mut late = lift_at(Place::At(0));
    late.execute(ms(0), UP);
    late.touch(ms(0), Touch::Press(CAB_2, Some(ms(2600))));
    late.advance(ms(60_000));
    let mut punctual = lift_at(Place::At(0));
    punctual.execute(ms(0), UP);
    punctual.touch(ms(0), Touch::Press(CAB_2, Some(ms(2600))));
    (0..60_000).for_each(|now| punctual.advance(ms(now)));
    assert_eq!(told(&mut late), told(&mut punctual));
}

#[test]
fn nothing_is_due_any_more_once_it_has_happened() {
    let mut lift = lift_at(Place::At(0));
    lift.execute(ms(0), UP);
    lift.touch(ms(0), Touch::Press(CAB_2, None));
    lift.client_gone(ms(0));
    while let Some(due) = lift.next_deadline() {
        lift.advance(due);
        assert!(lift.next_deadline().is_none_or(|next| next > due));
    }
}

#[test]
fn a_car_driven_on_at_an_end_floor_leaves_the_shaft() {
    for (end, command, left) in [(3, UP, "500 left-shaft top"), (0, DOWN, "500 left-shaft bottom")]
    {
        let mut lift = lift_at(Place::At(end));
        lift.execute(ms(0), command);
        lift.advance(ms(60_000));
        assert_eq!(told(&mut lift)[1..], ["500 floor none", left, "500 motor stop"]);
    }
}

#[test]
fn a_car_stopped_at_an_end_floor_in_time_stays_in_the_shaft() {
    let mut lift = lift_at(Place::At(2));
    lift.execute(ms(0), UP);
    lift.execute(ms(2999), STOP);
    lift.advance(ms(60_000));
    assert_eq!(told(&mut lift).last().unwrap(), "2999 motor stop");
}

#[test]
fn a_car_outside_the_shaft_obeys_nothing_until_it_is_rescued() {
    let mut lift = lift_at(Place::At(3));
    lift.execute(ms(0), UP);
    lift.advance(ms(500));
    told(&mut lift);
    for command in [DOWN, Command::CallLamp(CAB_2, true), OPEN, Command::Reload] {
        lift.execute(ms(600), command);
    }
    let ignored = ["motor down", "lamp cab floor=2 on", "door open", "reload"];
    assert_eq!(told(&mut lift), ignored.map(|command| format!("600 ignored {command}")));
    lift.touch(ms(700), Touch::Rescue);
    lift.execute(ms(800), DOWN);
    lift.advance(ms(1300));
    let obeyed = ["700 floor 3", "700 rescued", "800 motor down", "1300 floor none"];
    assert_eq!(told(&mut lift), obeyed);
}

#[test]
fn a_car_can_be_moved_by_hand_from_anywhere_to_anywhere() {
    let mut lift = lift_at(Place::At(0));
    lift.execute(ms(0), DOWN);
    lift.touch(ms(600), Touch::Place(Place::Above(1)));
    assert_eq!(told(&mut lift).last().unwrap(), "600 rescued");
    lift.touch(ms(700), Touch::Place(Place::At(2)));
    assert_eq!(told(&mut lift), ["700 floor 2"]);
}

#[test]
fn lost_power_stops_the_car_where_it_is_and_forgets_the_command() {
    let mut lift = lift_at(Place::At(0));
    lift.execute(ms(0), UP);
    lift.touch(ms(1000), Touch::Power(false));
    lift.execute(ms(1500), UP);
    lift.touch(ms(2000), Touch::Power(true));
    lift.advance(ms(60_000));
    let stuck = ["1000 power off", "1000 motor stop", "1500 ignored motor up", "2000 power on"];
    assert_eq!(told(&mut lift)[2..], stuck);
    lift.execute(ms(60_000), UP);
    lift.advance(ms(62_000));
    assert_eq!(told(&mut lift), ["60000 motor up", "62000 floor 1"]);
}

#[test]
fn a_motor_without_power_still_has_lamps_and_a_door() {
    let mut lift = lift_at(Place::At(0));
    lift.touch(ms(0), Touch::Power(false));
    lift.execute(ms(1), OPEN);
    assert_eq!(told(&mut lift), ["0 power off", "1 door open"]);
}

#[test]
fn a_press_ends_by_itself() {
    let mut lift = lift_at(Place::At(0));
    lift.touch(ms(0), Touch::Press(CAB_2, None));
    assert_eq!(lift.answer(ms(199), Question::Button(CAB_2)), [6, 1, 0, 0]);
    assert_eq!(lift.answer(ms(200), Question::Button(CAB_2)), [6, 0, 0, 0]);
    assert_eq!(told(&mut lift), ["0 pressed cab floor=2", "200 released cab floor=2"]);
}

#[test]
fn a_button_pressed_twice_is_let_go_with_the_first_press() {
    let mut lift = lift_at(Place::At(0));
    for now in [0, 150, 300] {
        lift.touch(ms(now), Touch::Press(CAB_2, None));
    }
    lift.advance(ms(1000));
    let expected = [
        "0 pressed cab floor=2",
        "200 released cab floor=2",
        "300 pressed cab floor=2",
        "350 released cab floor=2",
    ];
    assert_eq!(told(&mut lift), expected);
}

#[test]
fn a_held_button_stays_pressed_until_it_is_released() {
    let mut lift = lift_at(Place::At(0));
    lift.touch(ms(0), Touch::Hold(CAB_2));
    lift.touch(ms(10), Touch::Press(CAB_2, None));
    assert_eq!(lift.answer(ms(60_000), Question::Button(CAB_2)), [6, 1, 0, 0]);
    lift.touch(ms(60_000), Touch::Release(CAB_2));
    assert_eq!(told(&mut lift), ["0 pressed cab floor=2", "60000 released cab floor=2"]);
}

#[test]
fn obstruction_and_stop_button_are_answered_as_they_are() {
    let mut lift = lift_at(Place::At(0));
    assert_eq!(lift.answer(ms(0), Question::Obstruction), [9, 0, 0, 0]);
    assert_eq!(lift.answer(ms(0), Question::StopButton), [8, 0, 0, 0]);
    lift.touch(ms(1), Touch::Obstruct(true));
    lift.touch(ms(1), Touch::Stop(true));
    assert_eq!(lift.answer(ms(2), Question::Obstruction), [9, 1, 0, 0]);
    assert_eq!(lift.answer(ms(2), Question::StopButton), [8, 1, 0, 0]);
}

#[test]
fn only_changes_are_told() {
    let mut lift = lift_at(Place::At(0));
    let commands = [OPEN, Command::StopLamp(true), Command::Indicator(2), UP];
    let lamps = [Command::CallLamp(CAB_2, true), Command::CallLamp(CAB_2, false)];
    for command in lamps.into_iter().chain(commands) {
        lift.execute(ms(1), command);
        lift.execute(ms(1), command);
    }
    lift.touch(ms(2), Touch::Obstruct(false));
    lift.touch(ms(2), Touch::Stop(false));
    lift.touch(ms(2), Touch::Power(true));
    lift.touch(ms(2), Touch::Release(CAB_2));
    lift.touch(ms(2), Touch::Rescue);
    assert_eq!(
        told(&mut lift),
        [
            "1 lamp cab floor=2 on",
            "1 lamp cab floor=2 off",
            "1 door open",
            "1 stop-lamp on",
            "1 indicator 2",
            "1 motor up",
            "1 violation door-open-while-moving",
        ]
    );
}

#[test]
fn the_motor_stops_a_little_after_the_client_went_and_undoes_the_next_ones_command() {
    let mut lift = lift_at(Place::At(0));
    lift.execute(ms(0), OPEN);
    lift.execute(ms(0), Command::CallLamp(CAB_2, true));
    lift.client_gone(ms(100));
    lift.execute(ms(105), UP);
    told(&mut lift);
    lift.advance(ms(1000));
    assert_eq!(told(&mut lift), ["110 motor stop"], "lamps and door stay");
}

#[test]
fn a_command_after_the_first_answer_is_not_undone() {
    let mut lift = lift_at(Place::At(0));
    lift.client_gone(ms(100));
    lift.execute(ms(101), UP);
    lift.answer(ms(102), Question::Obstruction);
    lift.execute(ms(103), UP);
    lift.advance(ms(500));
    assert_eq!(told(&mut lift), ["101 motor up", "102 motor stop", "103 motor up"]);
}

#[test]
fn an_open_door_and_a_running_motor_are_a_violation_whichever_comes_first() {
    for commands in [[OPEN, UP], [UP, OPEN]] {
        let mut lift = lift_at(Place::At(0));
        for command in commands {
            lift.execute(ms(0), command);
        }
        assert_eq!(told(&mut lift)[2..], ["0 violation door-open-while-moving"]);
        lift.advance(ms(500));
        let on_leaving = ["500 floor none", "500 violation door-open-between-floors"];
        assert_eq!(told(&mut lift), on_leaving);
    }
}

#[test]
fn a_door_opened_between_floors_is_a_violation() {
    let mut lift = lift_at(Place::Above(0));
    lift.execute(ms(0), OPEN);
    assert_eq!(told(&mut lift), ["0 door open", "0 violation door-open-between-floors"]);
}

#[test]
fn a_door_opened_at_a_floor_and_closed_before_the_start_is_no_violation() {
    let mut lift = lift_at(Place::At(1));
    for command in [OPEN, Command::Door(false), UP, STOP, OPEN] {
        lift.execute(ms(0), command);
    }
    assert!(told(&mut lift).iter().all(|line| !line.contains("violation")));
}

#[test]
fn a_reload_throws_the_servers_state_away_but_not_the_world() {
    let mut lift = lift_at(Place::At(1));
    lift.touch(ms(0), Touch::Hold(CAB_2));
    for command in [UP, Command::CallLamp(CAB_2, true), Command::Indicator(3)] {
        lift.execute(ms(0), command);
    }
    lift.advance(ms(3000));
    told(&mut lift);
    lift.execute(ms(3001), Command::Reload);
    let expected = [
        "3001 reload",
        "3001 floor 1",
        "3001 motor stop",
        "3001 lamp cab floor=2 off",
        "3001 indicator 0",
    ];
    assert_eq!(told(&mut lift), expected);
    assert_eq!(lift.answer(ms(3001), Question::Button(CAB_2)), [6, 1, 0, 0]);
}

#[test]
fn times_beyond_all_measure_are_no_trouble() {
    let mut lift = Model::new(Settings {
        shaft: Shaft { floors: 2, travel: Duration::MAX, passing: Duration::MAX },
        start: Place::At(0),
        press: Duration::MAX,
        stop_delay: Duration::MAX,
    });
    lift.execute(ms(1), UP);
    lift.touch(ms(1), Touch::Press(CAB_2, None));
    lift.client_gone(ms(1));
    lift.advance(ms(60_000));
    assert_eq!(told(&mut lift), ["1 motor up", "1 pressed cab floor=2"]);
}

#[test]
fn a_shaft_that_takes_no_time_has_an_end_all_the_same() {
    let mut lift = Model::new(Settings {
        shaft: Shaft { floors: 255, travel: Duration::ZERO, passing: Duration::ZERO },
        ..SETTINGS
    });
    lift.execute(ms(1), UP);
    lift.advance(ms(1));
    assert!(told(&mut lift).contains(&"1 left-shaft top".to_owned()));
}
