//! Any faults in any order (G1, G2, G5). Whatever happened, once all is well again every call that
//! was ever lit is answered within the patience of [`World::run_until`], and the lift comes to
//! rest. What must never be seen is checked by shaft and observer at every step.

use std::time::Duration;

use lift_group::lift::panel::{Button, Buttons};
use proptest::prelude::*;

use crate::shaft::Shaft;
use crate::world::{World, building, seconds};

#[derive(Clone, Copy, Debug)]
enum Happening {
    Press(Button),
    Obstruction(bool),
    StopButton(bool),
    DrivePower(bool),
    LinkLost(Duration),
    ServerRestarted(Duration),
    Killed(Duration),
    PowerLost(Duration),
    DiskStalls(bool),
    Disk(bool),
}

fn happen(lift: &mut World, happening: Happening) {
    match happening {
        Happening::Press(button) => lift.press(button),
        Happening::Obstruction(there) => lift.shaft.obstruction = there,
        Happening::StopButton(held) => lift.shaft.stop_button = held,
        Happening::DrivePower(true) => lift.shaft.powered = true,
        Happening::DrivePower(false) => lift.shaft.cut_power(),
        Happening::LinkLost(away) => {
            lift.lose_hardware();
            lift.run(away);
            lift.connect();
        }
        Happening::ServerRestarted(away) => {
            lift.lose_hardware();
            lift.shaft = Shaft::new(building(4), lift.shaft.place);
            lift.run(away);
            lift.connect();
        }
        Happening::Killed(away) => {
            lift.kill();
            lift.run(away);
            lift.start();
        }
        Happening::PowerLost(away) => {
            lift.cut_off();
            lift.run(away);
            lift.start();
        }
        Happening::DiskStalls(stalled) => lift.disk.stalled = stalled,
        Happening::Disk(works) => lift.set_disk(works),
    }
}

/// All is well again: nobody is owed anything before long, and then nothing moves.
fn heal_and_check(mut lift: World) {
    lift.shaft.obstruction = false;
    lift.shaft.stop_button = false;
    lift.shaft.powered = true;
    lift.disk.stalled = false;
    lift.set_disk(true);
    // A node that has just started listens for a second before it leads anybody.
    lift.run(seconds(1.5));
    lift.run_until_quiet();
    lift.run(seconds(0.5));
    assert_eq!(lift.promised, Buttons::NONE, "lit, and never answered");
    let status = lift.node.as_ref().unwrap().status(lift.now);
    assert_eq!(status.calls, [], "registered, and never answered");
    assert_eq!(status.out_of_service, None);
    let happened = lift.events.len();
    lift.run(seconds(10.0));
    assert_eq!(lift.events.len(), happened, "no rest");
}

fn span(most_ms: u64) -> impl Strategy<Value = Duration> {
    (0..most_ms / 10).prop_map(|n| Duration::from_millis(n * 10))
}

fn everyday() -> impl Strategy<Value = Happening> {
    let buttons: Vec<Button> = Button::every(building(4)).collect();
    let away = || span(3000);
    prop_oneof![
        6 => prop::sample::select(buttons).prop_map(Happening::Press),
        2 => any::<bool>().prop_map(Happening::Obstruction),
        1 => any::<bool>().prop_map(Happening::StopButton),
        1 => any::<bool>().prop_map(Happening::DrivePower),
        1 => away().prop_map(Happening::LinkLost),
        1 => away().prop_map(Happening::ServerRestarted),
    ]
}

fn with_crashes() -> impl Strategy<Value = Happening> {
    prop_oneof![
        8 => everyday(),
        1 => span(3000).prop_map(Happening::Killed),
        1 => any::<bool>().prop_map(Happening::DiskStalls),
        1 => any::<bool>().prop_map(Happening::Disk),
    ]
}

/// With a disk that works: without one a lamp is no promise that outlives the power.
fn with_power_losses() -> impl Strategy<Value = Happening> {
    prop_oneof![
        8 => everyday(),
        2 => span(3000).prop_map(Happening::PowerLost),
    ]
}

fn story(
    of: impl Strategy<Value = Happening>,
) -> impl Strategy<Value = Vec<(Happening, Duration)>> {
    prop::collection::vec((of, prop_oneof![span(300), span(6000)]), 1..30)
}

fn live_through(start: u8, late: bool, story: Vec<(Happening, Duration)>) {
    let mut lift = World::at(start);
    lift.late = late;
    for (happening, pause) in story {
        happen(&mut lift, happening);
        lift.run(pause);
    }
    heal_and_check(lift);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_lift_that_crashes_among_any_faults_keeps_every_promise(
        start in 0..4u8, late: bool, story in story(with_crashes()),
    ) {
        live_through(start, late, story);
    }

    #[test]
    fn a_lift_that_loses_power_among_any_faults_keeps_every_promise(
        start in 0..4u8, late: bool, story in story(with_power_losses()),
    ) {
        live_through(start, late, story);
    }
}
