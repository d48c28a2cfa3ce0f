//! The Debian package as its users have it: installed, started, upgraded, rebooted and purged on a
//! whole Debian.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use crate::common::simulator::Simulator;
use crate::machine::{Machine, skip, wait_for};
use crate::{call, controllers, lit, wait_until_all_lamps_are_out};

const LIFTS: [&str; 3] = ["lift@1", "lift@2", "lift@3"];

/// A person's own settings, in the file that the package brings.
const SETTINGS: &str = "# my own\nLIFT_FLOORS=4\nLIFT_DOOR_DWELL=300ms\nLIFT_TRAVEL_TIME=1300ms\n";

#[test]
fn an_installed_package_runs_three_lifts_as_one_group() {
    let Some((machine, simulators)) = building() else { return };
    wait_for("each lift sees the two others", || {
        [1, 2, 3].iter().all(|id| peers(&machine, *id) == 2)
    });
    let said = machine.show("lift@1", "StatusText");
    assert!(said.contains("controller"), "a person sees what it does: {said}");

    simulators[1].send("press up 1");
    for simulator in &simulators {
        simulator.wait_for_text("lamp up floor=1 on");
    }
    for simulator in &simulators {
        wait_until_all_lamps_are_out(simulator);
    }

    let controller = controllers(&machine, "lift@2").remove(0);
    machine.run("kill", &["-KILL", &controller]).unwrap();
    wait_for("it is said in the journal", || warnings(&machine, "lift@2").contains("signal 9"));
    assert_eq!(machine.systemctl(&["kill", "--kill-who=main", "--signal=KILL", "lift@3"]), "");
    wait_for("systemd has restarted it", || machine.show("lift@3", "NRestarts") == "1");
    wait_for("all are one again", || [1, 2, 3].iter().all(|id| peers(&machine, *id) == 2));
}

#[test]
fn an_upgrade_keeps_the_settings_and_every_call() {
    let Some((machine, simulators)) = building() else { return };
    let before = LIFTS.map(|lift| machine.show(lift, "MainPID"));
    call(&simulators[0], &["cab 3"]);
    simulators[0].wait_for_text("floor none");
    install(&machine, "0.1.0-2");
    for (lift, before) in LIFTS.into_iter().zip(before) {
        assert_eq!(machine.systemctl(&["is-active", lift]), "active");
        assert_ne!(machine.show(lift, "MainPID"), before, "{lift} runs the new programs");
        assert_eq!(controllers(&machine, lift).len(), 1, "{lift} runs once");
    }
    assert_eq!(machine.run("cat", &["/etc/lift/lift.env"]).unwrap(), SETTINGS.trim());
    simulators[0].wait_for_text("lamp cab floor=3 off");
}

#[test]
fn a_lit_call_outlives_a_reboot() {
    let Some((machine, simulators)) = building() else { return };
    call(&simulators[1], &["cab 3"]);
    machine.reboot();
    drop(simulators);
    let simulator = simulator(&machine, 2);
    simulator.wait_for_text("lamp cab floor=3 on");
    simulator.wait_for_text("lamp cab floor=3 off");
    assert!(lit(&simulator.events()).is_empty());
}

#[test]
fn what_is_removed_stops_in_order_and_what_is_purged_leaves_nothing() {
    let Some((machine, simulators)) = building() else { return };
    call(&simulators[0], &["cab 3"]);
    simulators[0].wait_for_text("floor none");
    machine.run("dpkg", &["--remove", "lift-group"]).unwrap();
    simulators[0].wait_for_text("motor stop");
    assert!(machine.run("pgrep", &["lift-"]).is_err(), "nothing runs any more");
    assert_eq!(machine.run("cat", &["/etc/lift/lift.env"]).unwrap(), SETTINGS.trim());

    machine.run("dpkg", &["--purge", "lift-group"]).unwrap();
    let places = ["/etc", "/usr/bin", "/usr/lib/systemd", "/usr/share", "/var/lib", "/run"];
    let search = [&places[..], &["-name", "lift*", "-not", "-path", "*/dpkg/*"]].concat();
    let left = machine.run("find", &search).unwrap();
    assert_eq!(left, "", "it left something");
}

/// A machine with the package installed and three lifts, enabled and started, and their hardware.
fn building() -> Option<(Machine, Vec<Simulator>)> {
    package("0.1.0-1")?;
    let machine = Machine::boot_debian()?;
    install(&machine, "0.1.0-1");
    let settings = machine.disk().join("etc/lift");
    fs::write(settings.join("lift.env"), SETTINGS).unwrap();
    for id in 1..=3 {
        let hardware = format!("LIFT_HARDWARE=127.0.0.1:1565{id}\n");
        fs::write(settings.join(format!("{id}.env")), hardware).unwrap();
    }
    let simulators: Vec<Simulator> = (1..=3).map(|id| simulator(&machine, id)).collect();
    machine.run("systemctl", &[&["enable", "--now"], &LIFTS[..]].concat()).unwrap();
    for simulator in &simulators {
        simulator.wait_for_text("client connected");
    }
    Some((machine, simulators))
}

fn simulator(machine: &Machine, id: u8) -> Simulator {
    let mut simulator = machine.enter(&["--net"], env!("CARGO_BIN_EXE_lift-simulator"));
    simulator.args(["--port", &format!("1565{id}"), "--end-with-stdin", "--floors", "4"]);
    simulator.args(["--travel", "1s", "--passing", "300ms"]);
    Simulator::launch(simulator)
}

/// As a person does it, from a file.
fn install(machine: &Machine, version: &str) {
    let package = package(version).expect("there was one before");
    fs::copy(package, machine.disk().join("tmp/lift-group.deb")).unwrap();
    machine.run("apt-get", &["install", "--yes", "/tmp/lift-group.deb"]).unwrap();
}

/// How many others this lift sees.
fn peers(machine: &Machine, id: u8) -> usize {
    let status = machine.run("liftctl", &["status", "--id", &id.to_string(), "--json"]);
    let status: serde_json::Value =
        serde_json::from_str(&status.unwrap_or_default()).unwrap_or_default();
    let peers = status["controller"]["group"]["peers"].as_array().cloned().unwrap_or_default();
    peers.iter().filter(|peer| peer["present"] == true).count()
}

/// What the journal holds of a lift as warnings or worse.
fn warnings(machine: &Machine, lift: &str) -> String {
    machine.run("journalctl", &["--unit", lift, "--priority=warning", "--output=cat"]).unwrap()
}

/// The package in this version, made of the present code; `None` where it cannot be made: then it
/// was said why.
fn package(version: &str) -> Option<PathBuf> {
    static BUILT: Once = Once::new();
    let cargo_deb = Command::new(env!("CARGO")).args(["deb", "--version"]).output();
    if !cargo_deb.is_ok_and(|output| output.status.success()) {
        skip("there is no cargo-deb: cargo install cargo-deb");
        return None;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("package");
    let file = |version: &str| folder.join(format!("{version}.deb"));
    BUILT.call_once(|| {
        fs::create_dir_all(&folder).unwrap();
        build(&folder, &["--deb-version", "0.1.0-1"], &file("0.1.0-1"));
        build(&folder, &["--deb-version", "0.1.0-2", "--no-build"], &file("0.1.0-2"));
    });
    Some(file(version))
}

/// Not optimised, which takes minutes and is not what is tested.
fn build(folder: &Path, arguments: &[&str], file: &Path) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/systemd/debian/build");
    let built = Command::new(script)
        .args(arguments)
        .arg("--output")
        .arg(file)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
}
