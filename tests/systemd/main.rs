//! The unit under a real systemd: it starts what it should, unprivileged, and brings back what
//! fails, without losing a call. Each test boots a machine of its own; see [`machine`].

#[path = "../common/mod.rs"]
mod common;
mod machine;
mod package;

use std::fs;
use std::process::Command;

use common::simulator::{Event, Simulator};
use machine::{Machine, skip, unit, wait_for};

/// A lift of four floors that hurries, so that tests are short.
const HURRY: &str = "\
LIFT_FLOORS=4
LIFT_HARDWARE=127.0.0.1:15657
LIFT_DOOR_DWELL=300ms
LIFT_TRAVEL_TIME=1300ms
";

#[test]
fn the_unit_verifies_and_is_hardened() {
    let folder = tempfile::tempdir().unwrap();
    let unit = fs::read_to_string(unit()).unwrap();
    let copy = folder.path().join("lift@.service");
    let [installed, built] = ["/usr/bin/lift-supervisor", env!("CARGO_BIN_EXE_lift-supervisor")];
    fs::write(&copy, unit.replace(installed, built)).unwrap();
    // Exposure is told in tenths.
    for check in [&["verify"][..], &["security", "--offline=yes", "--threshold=15"]] {
        let analysis = Command::new("systemd-analyze").args(check).arg(&copy).output();
        let Ok(analysis) = analysis else { return skip("there is no systemd-analyze") };
        let said = String::from_utf8_lossy(&analysis.stdout);
        let complained = String::from_utf8_lossy(&analysis.stderr);
        assert!(analysis.status.success(), "{check:?}: {said}{complained}");
        assert_eq!(complained, "", "{check:?}");
    }
}

#[test]
fn a_lift_runs_without_privileges_and_shows_its_calls_to_nobody() {
    let Some((machine, _simulator)) = running_lift() else { return };
    let user = machine.show("lift@1", "UID");
    assert!(!matches!(user.as_str(), "" | "0" | "[not set]"), "{user}");
    for pid in processes(&machine, "lift@1") {
        let status = machine.run("cat", &[&format!("/proc/{pid}/status")]).unwrap();
        let value = |key| status.lines().find_map(|line| line.strip_prefix(key)).unwrap().trim();
        assert_eq!(value("Uid:"), [user.as_str(); 4].join("\t"));
        assert_eq!(value("CapBnd:"), "0000000000000000");
        assert_eq!(value("NoNewPrivs:"), "1");
        assert_eq!(value("Seccomp:"), "2");
    }
    for folder in ["/var/lib/lift/1/", "/run/lift/1/"] {
        assert_eq!(
            machine.run("stat", &["--format=%a %u", folder]).unwrap(),
            format!("700 {user}")
        );
    }
}

#[test]
fn a_killed_controller_and_a_killed_supervisor_come_back_and_the_call_is_served() {
    let Some((machine, simulator)) = running_lift() else { return };
    let first_supervisor = supervisor(&machine);
    let first_controller = controller(&machine);

    call(&simulator, &["cab 3"]);
    simulator.wait_for_text("floor none");
    call(&simulator, &["cab 2", "down 3"]);
    machine.run("kill", &["-KILL", &first_controller]).unwrap();
    simulator.wait_for_text("client gone");
    simulator.wait_for_text("motor up");
    assert_ne!(controller(&machine), first_controller);
    assert_eq!(supervisor(&machine), first_supervisor);

    call(&simulator, &["cab 0", "up 1"]);
    let second_controller = controller(&machine);
    signal_supervisor(&machine, "KILL");
    simulator.wait_for_text("client gone");
    wait_for("systemd has restarted it", || machine.show("lift@1", "NRestarts") == "1");
    wait_until_active(&machine);
    assert_ne!(supervisor(&machine), first_supervisor);
    assert_ne!(controller(&machine), second_controller);

    wait_until_all_lamps_are_out(&simulator);
    assert_every_call_was_answered(&simulator.events(), 5);
}

#[test]
fn a_supervisor_that_hangs_is_replaced_and_the_call_is_served() {
    let Some((machine, simulator)) = running_lift() else { return };
    let first_supervisor = supervisor(&machine);
    call(&simulator, &["cab 3", "up 1"]);
    signal_supervisor(&machine, "STOP");
    wait_for("systemd has restarted it", || machine.show("lift@1", "NRestarts") == "1");
    wait_until_active(&machine);
    assert_ne!(supervisor(&machine), first_supervisor);
    wait_until_all_lamps_are_out(&simulator);
    assert_every_call_was_answered(&simulator.events(), 2);
}

#[test]
fn a_reload_replaces_the_controller_alone_and_the_call_is_served() {
    let Some((machine, simulator)) = running_lift() else { return };
    let [first_supervisor, first_controller] = [supervisor(&machine), controller(&machine)];
    call(&simulator, &["cab 3", "up 1"]);
    assert_eq!(machine.systemctl(&["reload", "lift@1"]), "");
    simulator.wait_for_text("client gone");
    simulator.wait_for_text("client connected");
    assert_ne!(controller(&machine), first_controller);
    assert_eq!(supervisor(&machine), first_supervisor);
    wait_until_all_lamps_are_out(&simulator);
    assert_every_call_was_answered(&simulator.events(), 2);
}

#[test]
fn an_order_to_stop_stops_the_motor_first() {
    let Some((machine, simulator)) = running_lift() else { return };
    call(&simulator, &["cab 3"]);
    simulator.wait_for_text("floor none");
    assert_eq!(machine.systemctl(&["stop", "lift@1"]), "");
    simulator.wait_for_text("client gone");
    let events = simulator.events();
    let last = |text: &str| events.iter().rposition(|event| event.text == text);
    assert!(last("motor stop") > last("motor up"), "{events:#?}");
    assert!(last("motor stop") < last("client gone"), "not by the loss of its client: {events:#?}");
    assert_eq!(machine.show("lift@1", "Result"), "success");
    assert_eq!(machine.show("lift@1", "ExecMainStatus"), "0");
    assert_eq!(machine.systemctl(&["is-active", "lift@1"]), "inactive");
}

#[test]
fn wrong_options_are_not_tried_again() {
    let one_floor = ("2.env", "LIFT_FLOORS=1\n");
    let Some(machine) = Machine::boot(&[("lift.env", HURRY), one_floor]) else { return };
    assert!(machine.run("systemctl", &["start", "lift@2"]).is_err());
    assert_eq!(machine.systemctl(&["is-active", "lift@2"]), "failed");
    assert_eq!(machine.show("lift@2", "ExecMainStatus"), "2");
    assert_eq!(machine.show("lift@2", "NRestarts"), "0");
}

#[test]
fn a_person_sees_how_the_lift_is() {
    let Some((machine, _simulator)) = running_lift() else { return };
    let status = machine.run("liftctl", &["status", "--id", "1", "--json"]).unwrap();
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["controller"]["id"], 1);
    assert_eq!(status["supervisor"]["controller"]["pid"].to_string(), controller(&machine));
}

/// A machine on which lift 1 runs, and the hardware of that lift.
fn running_lift() -> Option<(Machine, Simulator)> {
    let machine = Machine::boot(&[("lift.env", HURRY)])?;
    let mut simulator = machine.enter(&["--net"], env!("CARGO_BIN_EXE_lift-simulator"));
    simulator.args(["--end-with-stdin", "--floors", "4", "--travel", "1s", "--passing", "300ms"]);
    let simulator = Simulator::launch(simulator);
    assert_eq!(machine.systemctl(&["start", "lift@1"]), "");
    simulator.wait_for_text("client connected");
    Some((machine, simulator))
}

/// Presses these buttons and waits for their lamps.
fn call(simulator: &Simulator, buttons: &[&str]) {
    for button in buttons {
        simulator.send(&format!("press {button}"));
        let (panel, floor) = button.split_once(' ').unwrap();
        simulator.wait_for_text(&format!("lamp {panel} floor={floor} on"));
    }
}

fn signal_supervisor(machine: &Machine, signal: &str) {
    let signal = format!("--signal={signal}");
    assert_eq!(machine.systemctl(&["kill", "--kill-who=main", &signal, "lift@1"]), "");
}

fn supervisor(machine: &Machine) -> String {
    machine.show("lift@1", "MainPID")
}

/// The one process of the unit that is not the supervisor.
fn controller(machine: &Machine) -> String {
    wait_for("there is one controller", || controllers(machine, "lift@1").len() == 1);
    controllers(machine, "lift@1").remove(0)
}

/// Every process of the lift but its supervisor.
fn controllers(machine: &Machine, lift: &str) -> Vec<String> {
    let supervisor = machine.show(lift, "MainPID");
    let mut all = processes(machine, lift);
    all.retain(|pid| *pid != supervisor);
    all
}

/// Every process of the unit.
fn processes(machine: &Machine, lift: &str) -> Vec<String> {
    let group = machine.show(lift, "ControlGroup");
    let pids = machine.run("cat", &[&format!("/sys/fs/cgroup{group}/cgroup.procs")]);
    pids.unwrap_or_default().lines().map(str::to_owned).collect()
}

fn wait_until_active(machine: &Machine) {
    wait_for("lift 1 is active", || machine.systemctl(&["is-active", "lift@1"]) == "active");
}

fn wait_until_all_lamps_are_out(simulator: &Simulator) {
    wait_for("all lamps are out", || lit(&simulator.events()).is_empty());
}

/// The call lamps that are lit after these events.
fn lit(events: &[Event]) -> Vec<&str> {
    let mut lit = Vec::new();
    for event in events.iter().filter(|event| event.text.starts_with("lamp ")) {
        let (lamp, state) = event.text.rsplit_once(' ').unwrap();
        lit.retain(|other| *other != lamp);
        if state == "on" {
            lit.push(lamp);
        }
    }
    lit
}

/// Each lamp was lit once and went out once, at its floor, with the door open; and the lift did
/// nothing that no lift may do.
fn assert_every_call_was_answered(events: &[Event], calls: usize) {
    let mut floor = "none";
    let mut door = "closed";
    let mut answered = 0;
    for event in events {
        let words: Vec<&str> = event.words().collect();
        match words[..] {
            ["floor", now] => floor = now,
            ["door", now] => door = now,
            ["lamp", _, lamp_floor, "off"] => {
                let here = lamp_floor == format!("floor={floor}");
                assert!(here && door == "open", "{} at a {door} door: {events:#?}", event.text);
                answered += 1;
            }
            ["violation", ..] => panic!("{}: {events:#?}", event.text),
            _ => {}
        }
    }
    assert_eq!(answered, calls, "{events:#?}");
}
