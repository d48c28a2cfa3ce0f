//! Options, from the command line and the environment, and directories that cannot be used.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Output;

use crate::bench::{Bench, bare_command};
use crate::controller::Behaviour::Work;

fn fails(arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = bare_command().args(arguments).output().unwrap();
    (status.code(), String::from_utf8(stderr).unwrap())
}

#[test]
fn wrong_options_are_named_with_what_is_allowed() {
    let good = ["--id", "1", "--floors", "4", "--hardware", "127.0.0.1:1", "--state-dir", "/x"];
    for (option, value, hint) in [
        ("--id", "256", "from 0 to 255"),
        ("--floors", "1", "from 2 to 128"),
        ("--hardware", "localhost", "give HOST:PORT"),
        ("--hardware", "localhost:0", "give HOST:PORT"),
        ("--hang-timeout", "200", "from 50ms to 10s"),
        ("--hang-timeout", "1ms", "from 50ms to 10s"),
        ("--door-dwell", "1h", "from 50ms to 1m"),
        ("--log-level", "loud", "possible values"),
    ] {
        let mut arguments: Vec<&str> = good.to_vec();
        match arguments.iter().position(|given| *given == option) {
            Some(place) => arguments[place + 1] = value,
            None => arguments.extend([option, value]),
        }
        let (status, message) = fails(&arguments);
        assert_eq!(status, Some(2), "{message}");
        assert!(message.contains(option) && message.contains(hint), "{message}");
    }
    let (status, message) = fails(&good[..6]);
    assert_eq!(status, Some(2));
    assert!(message.contains("--state-dir"), "{message}");
}

#[test]
fn hardware_without_an_address_is_no_usage_error() {
    let (status, message) =
        fails(&["--id=1", "--floors=4", "--hardware=lift.invalid:1", "--state-dir=/x"]);
    assert_eq!(status, Some(68));
    assert!(message.contains("lift.invalid:1"), "{message}");
}

#[test]
fn a_key_that_cannot_be_read_at_present_is_no_usage_error() {
    let bench = Bench::new(&Work);
    let nowhere = bench.path("mounted later");
    let mut supervisor = bench.start_as(bench.command().arg("--key").arg(&nowhere));
    assert_eq!(supervisor.exit_code(), Some(66), "systemd tries it again");
    assert!(supervisor.log().contains(nowhere.to_str().unwrap()));
    fs::write(bench.path("no key"), "none").unwrap();
    fs::set_permissions(bench.path("no key"), Permissions::from_mode(0o600)).unwrap();
    let mut supervisor = bench.start_as(bench.command().arg("--key").arg(bench.path("no key")));
    assert_eq!(supervisor.exit_code(), Some(2), "what stands in it stays wrong");
}

#[test]
fn a_credential_that_cannot_be_looked_at_does_not_open_the_group() {
    let bench = Bench::new(&Work);
    fs::create_dir(bench.path("empty")).unwrap();
    symlink("lift.key", bench.path("empty").join("lift.key")).unwrap(); // to itself, without end
    let mut command = bench.command();
    let mut supervisor = bench.start_as(command.env("CREDENTIALS_DIRECTORY", bench.path("empty")));
    assert_eq!(supervisor.exit_code(), Some(66));
    assert!(supervisor.log().contains("the credential "));
    assert!(!supervisor.log().contains("runs open"));
}

#[test]
fn a_state_directory_that_cannot_be_is_named() {
    let bench = Bench::new(&Work);
    fs::write(bench.path("file"), "").unwrap();
    for place in ["/proc/lift".into(), bench.path("file"), bench.path("file").join("below")] {
        let mut supervisor = bench.start_as(bench.command().arg("--state-dir").arg(&place));
        assert_eq!(supervisor.exit_code(), Some(73), "{}", place.display());
        assert!(supervisor.log().contains(place.to_str().unwrap()));
    }
}

#[test]
fn every_option_can_come_from_the_environment() {
    let bench = Bench::new(&Work);
    let by_arguments = bench.command();
    let mut by_environment = bare_command();
    by_environment
        .envs(by_arguments.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .env("STATE_DIRECTORY", bench.state_dir())
        .env("RUNTIME_DIRECTORY", bench.path("run"));
    let arguments: Vec<&str> = by_arguments.get_args().map(|word| word.to_str().unwrap()).collect();
    for option in arguments.chunks(2).filter(|option| option[0] != "--state-dir") {
        let name = option[0].trim_start_matches('-').replace('-', "_").to_uppercase();
        by_environment.env(format!("LIFT_{name}"), option[1]);
    }
    let _supervisor = bench.start_as(&mut by_environment);
    bench.life(1);
    assert!(bench.path("run").join("supervisor.sock").exists());
}
