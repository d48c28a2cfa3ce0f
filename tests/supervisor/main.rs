//! The supervisor as a real process, with controllers that behave as a test wants.

mod bench;
mod controller;

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Output;
use std::thread::sleep;
use std::time::{Duration, Instant};

use bench::{Bench, PATIENCE, bare_command, wait_for};
use controller::Behaviour::{
    Babble, Choke, ChokeOnAll, Die, Hang, Outlive, Save, SaveAndDie, Stay, Work,
};
use nix::sys::signal::Signal;

// --- crashes

#[test]
fn a_crashed_controller_is_replaced_and_gets_its_checkpoint_back() {
    let bench = Bench::new(&Save(7, "calls"));
    let _supervisor = bench.start();
    let first = bench.life(1);
    assert_eq!((first.checkpoint.as_str(), first.revision), ("none", 0));
    bench.wait_for_line("saved 7");
    bench.behave(&Work);
    first.signal(Signal::SIGKILL);
    let second = bench.life(2);
    assert_eq!((second.checkpoint.as_str(), second.revision), ("calls", 7));
    assert!(second.incarnation > first.incarnation);
    let status = bench.status_at_work(&second);
    assert_eq!(status.restarts, 1);
    assert_eq!(status.last_end.unwrap().reason, "signal 9");
}

#[test]
fn the_last_words_of_a_dying_controller_are_heard_and_become_durable() {
    let bench = Bench::new(&SaveAndDie(1, "calls"));
    let _supervisor = bench.start();
    bench.life(1);
    bench.behave(&Die);
    wait_for("the checkpoint on the disk", || (bench.status().durable == Some(1)).then_some(()));
    bench.behave(&Work);
    let last = bench.last_life();
    assert_eq!(last.checkpoint, "calls");
    bench.wait_for_line("saved 1"); // which was reported long before this life
}

#[test]
fn a_crash_loop_slows_down_and_discards_nothing() {
    let bench = Bench::new(&Save(1, "calls"));
    let _supervisor = bench.start();
    bench.wait_for_line("saved 1");
    bench.behave(&Die);
    bench.life(1).signal(Signal::SIGKILL);
    let births = wait_for("ten lives", || Some(bench.births()).filter(|births| births.len() > 9));
    assert!(births[9] - births[8] >= 300, "the tenth life comes 320 ms after the ninth ended");
    bench.behave(&Work);
    assert_eq!(bench.life(2).checkpoint, "calls");
    assert!(bench.set_aside().is_empty());
}

#[test]
fn a_program_that_cannot_be_executed_is_named_and_discards_nothing() {
    let bench = Bench::new(&Save(1, "calls"));
    let mut supervisor = bench.start();
    bench.wait_for_line("saved 1");
    supervisor.signal(Signal::SIGTERM);
    supervisor.exit();
    let broken = bench.start_as(bench.command().args(["--controller", "/no/such/program"]));
    wait_for("five attempts", || (bench.status().restarts >= 5).then_some(()));
    assert!(broken.log().contains("cannot start /no/such/program"));
    drop(broken);
    bench.behave(&Work);
    let _supervisor = bench.start();
    assert_eq!(bench.life(2).checkpoint, "calls");
    assert!(bench.set_aside().is_empty());
}

// --- hangs

#[test]
fn a_controller_that_stands_still_is_killed_and_replaced() {
    let bench = Bench::new(&Work);
    let _supervisor = bench.start();
    let first = bench.life(1);
    bench.status_at_work(&first);
    first.signal(Signal::SIGSTOP);
    let second = bench.life(2);
    assert!(!first.is_alive());
    let reason = bench.status_at_work(&second).last_end.unwrap().reason;
    assert!(reason.contains("hung"), "{reason}");
}

#[test]
fn a_controller_that_never_gives_a_heartbeat_is_killed() {
    let bench = Bench::new(&Hang);
    let supervisor = bench.start();
    let first = bench.life(1);
    bench.life(2);
    assert!(!first.is_alive());
    assert!(!supervisor.log().contains("works"), "it was never ready");
}

#[test]
fn a_supervisor_that_was_stopped_itself_kills_nobody() {
    let bench = Bench::new(&Work);
    let supervisor = bench.start();
    let life = bench.life(1);
    let before = bench.status_at_work(&life);
    supervisor.signal(Signal::SIGSTOP);
    sleep(Duration::from_secs(3)); // three times the time after which silence is a hang
    supervisor.signal(Signal::SIGCONT);
    wait_for("another second at work", || {
        (bench.status().uptime_ms > before.uptime_ms + 4000).then_some(())
    });
    assert_eq!(bench.status().restarts, 0);
    assert!(life.is_alive());
}

#[test]
fn a_controller_that_babbles_is_killed_and_the_log_says_why() {
    let bench = Bench::new(&Babble);
    let supervisor = bench.start();
    supervisor.wait_for_log("broke the rules of the link: cannot decode 20 bytes");
    wait_for("another life", || (bench.births().len() > 1).then_some(()));
}

#[test]
fn a_checkpoint_that_is_not_newer_is_refused() {
    let bench = Bench::new(&Save(5, "new"));
    let supervisor = bench.start();
    bench.wait_for_line("saved 5");
    bench.behave(&Save(5, "other"));
    bench.life(1).signal(Signal::SIGKILL);
    supervisor.wait_for_log("broke the rules of the link: checkpoint 5 after checkpoint 5");
    bench.behave(&Work);
    assert_eq!(bench.life(3).checkpoint, "new");
}

// --- poisoned checkpoints

#[test]
fn a_poisoned_checkpoint_is_set_aside_when_the_controller_works_without_it() {
    let bench = Bench::new(&Save(3, "poison"));
    let supervisor = bench.start();
    bench.wait_for_line("saved 3");
    bench.behave(&Choke("poison"));
    bench.life(1).signal(Signal::SIGKILL);
    let working = wait_for("a life without the poison", || {
        bench.lives().into_iter().skip(1).find(|life| life.checkpoint == "none")
    });
    assert_eq!(working.revision, 3, "numbers go on");
    bench.status_at_work(&working);
    let poisoned = bench.lives().iter().filter(|life| life.checkpoint == "poison").count();
    assert_eq!(poisoned, 3);
    wait_for("the file aside", || (bench.set_aside() == ["checkpoint.aside-1"]).then_some(()));
    assert!(supervisor.log().contains("[ERROR]"));
    let kept = fs::read(bench.state_dir().join("checkpoint.aside-1")).unwrap();
    assert!(kept.windows(6).any(|bytes| bytes == b"poison"));
    working.signal(Signal::SIGKILL);
    assert_eq!(bench.life(6).checkpoint, "none", "the poison is never tried again");
}

#[test]
fn a_controller_that_no_checkpoint_helps_discards_none() {
    let bench = Bench::new(&Save(3, "calls"));
    let _supervisor = bench.start();
    bench.wait_for_line("saved 3");
    bench.behave(&ChokeOnAll);
    bench.life(1).signal(Signal::SIGKILL);
    // Three lives with the newest, three with the proven, three with nothing, and round again.
    wait_for("a whole round", || (bench.lives().len() >= 11).then_some(()));
    let with_calls = |life: &bench::Life| life.checkpoint == "calls";
    assert!(bench.lives()[1..4].iter().all(with_calls));
    assert!(!bench.lives()[4..10].iter().any(with_calls));
    assert!(with_calls(&bench.life(11)));
    bench.behave(&Work);
    let last = bench.last_life();
    assert_eq!(last.checkpoint, "calls");
    assert!(bench.set_aside().is_empty());
}

// --- the disk

#[test]
fn without_a_disk_nothing_is_acknowledged_and_nothing_is_forgotten() {
    let bench = Bench::new(&Save(7, "calls"));
    fs::create_dir_all(bench.state_dir().join("checkpoint.fresh")).unwrap(); // in the way of a file
    let supervisor = bench.start();
    supervisor.wait_for_log("[ERROR] lift-supervisor: no disk");
    let first = bench.life(1);
    bench.behave(&Work);
    first.signal(Signal::SIGKILL);
    let second = bench.life(2);
    assert_eq!((second.checkpoint.as_str(), second.revision), ("calls", 7));
    let status = bench.status_at_work(&second);
    assert!(status.disk_trouble.unwrap().contains("checkpoint"));
    assert_eq!((status.received, status.durable), (Some(7), None));
    assert!(!bench.diary().iter().any(|line| line.starts_with("saved")));
    fs::remove_dir(bench.state_dir().join("checkpoint.fresh")).unwrap();
    bench.wait_for_line("saved 7");
    supervisor.wait_for_log("the disk works again");
}

#[test]
fn a_damaged_checkpoint_is_named_and_the_other_copy_is_used() {
    let bench = Bench::new(&Save(7, "calls"));
    let mut supervisor = bench.start();
    bench.wait_for_line("saved 7");
    supervisor.signal(Signal::SIGTERM);
    supervisor.exit();
    let file = bench.state_dir().join("checkpoint");
    let mut bytes = fs::read(&file).unwrap();
    let place = bytes.windows(5).position(|bytes| bytes == b"calls").unwrap();
    bytes[place] ^= 1;
    fs::write(&file, bytes).unwrap();
    bench.behave(&Work);
    let supervisor = bench.start();
    assert_eq!(bench.life(2).checkpoint, "calls");
    supervisor.wait_for_log("[WARN ] lift-supervisor: the file checkpoint is damaged: one of two");
}

// --- the supervisor's own end

#[test]
fn a_controller_dies_with_its_supervisor_and_the_next_one_has_its_checkpoint() {
    let bench = Bench::new(&Save(7, "calls"));
    let mut killed = bench.start();
    let first = bench.life(1);
    bench.wait_for_line("saved 7");
    bench.behave(&Work);
    killed.signal(Signal::SIGKILL);
    let _next = bench.start();
    let second = bench.life(2);
    assert!(!first.is_alive(), "two controllers");
    assert_eq!((second.checkpoint.as_str(), second.revision), ("calls", 7));
    assert!(second.incarnation > first.incarnation);
    killed.exit();
}

#[test]
fn while_a_controller_outlives_its_supervisor_there_is_no_other() {
    let bench = Bench::new(&Outlive);
    let mut killed = bench.start_as(bench.command().args(["--hang-timeout", "10s"]));
    let first = bench.life(1);
    bench.status_at_work(&first);
    killed.signal(Signal::SIGKILL);
    killed.exit();
    bench.behave(&Work);
    let mut waiting = bench.start();
    assert_eq!(waiting.exit_code(), Some(75));
    assert!(first.is_alive());
    assert_eq!(bench.births().len(), 1);
    first.signal(Signal::SIGKILL);
    let _next = bench.start();
    bench.life(2);
}

#[test]
fn a_second_supervisor_leaves_and_the_first_goes_on() {
    let bench = Bench::new(&Work);
    let _first = bench.start();
    let life = bench.life(1);
    let begin = Instant::now();
    let mut second = bench.start();
    assert_eq!(second.exit_code(), Some(75));
    assert!(begin.elapsed() >= Duration::from_secs(5), "it did not wait");
    let message = format!("{} is in use", bench.state_dir().display());
    assert!(second.log().contains(&message));
    assert_eq!(bench.status_at_work(&life).restarts, 0);
}

#[test]
fn a_second_supervisor_takes_over_when_the_first_ends_in_time() {
    let bench = Bench::new(&Work);
    let first = bench.start();
    bench.life(1);
    let second = bench.start();
    second.wait_for_log("the state directory is in use, waiting");
    first.signal(Signal::SIGTERM);
    bench.life(2);
}

#[test]
fn a_request_to_end_stops_the_controller_first() {
    let bench = Bench::new(&Work);
    let mut supervisor = bench.start();
    let life = bench.life(1);
    bench.status_at_work(&life);
    supervisor.signal(Signal::SIGTERM);
    assert_eq!(supervisor.exit_code(), Some(0));
    assert!(!life.is_alive());
    bench.wait_for_line("stop");
    assert!(supervisor.log().contains("controller ended: stopped as asked"));
}

#[test]
fn an_interrupt_from_the_terminal_ends_the_controller_in_order_too() {
    let bench = Bench::new(&Work);
    let mut supervisor = bench.start_as(bench.command().process_group(0));
    bench.status_at_work(&bench.life(1));
    supervisor.signal_group(Signal::SIGINT);
    assert_eq!(supervisor.exit_code(), Some(0));
    assert!(supervisor.log().contains("controller ended: stopped as asked"));
}

#[test]
fn a_controller_that_does_not_end_when_asked_is_killed() {
    let bench = Bench::new(&Stay);
    let mut supervisor = bench.start();
    let life = bench.life(1);
    bench.status_at_work(&life);
    supervisor.signal(Signal::SIGTERM);
    assert_eq!(supervisor.exit_code(), Some(0));
    assert!(!life.is_alive());
    assert!(supervisor.log().contains("did not stop in time"));
}

#[test]
fn a_request_to_reload_replaces_the_controller_and_keeps_its_checkpoint() {
    let bench = Bench::new(&Save(7, "calls"));
    let supervisor = bench.start();
    let first = bench.life(1);
    bench.wait_for_line("saved 7");
    bench.behave(&Work);
    supervisor.signal(Signal::SIGHUP);
    let second = bench.life(2);
    bench.wait_for_line("stop");
    assert!(!first.is_alive());
    assert_eq!(second.checkpoint, "calls");
    assert_eq!(bench.status_at_work(&second).last_end.unwrap().reason, "stopped as asked");
}

// --- systemd

/// The socket on which systemd would listen.
struct Systemd(UnixDatagram);

impl Systemd {
    fn at(path: &Path) -> Self {
        let socket = UnixDatagram::bind(path).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(socket)
    }

    /// Waits for a message with this line; returns the messages before it and it.
    fn wait_for(&self, line: &str) -> Vec<String> {
        let mut messages = Vec::new();
        loop {
            let mut bytes = [0; 4096];
            let length = self.0.recv(&mut bytes).unwrap_or_else(|error| {
                panic!("waited in vain for {line} after {messages:?}: {error}")
            });
            messages.push(String::from_utf8(bytes[..length].to_vec()).unwrap());
            if messages.last().unwrap().lines().any(|found| found.starts_with(line)) {
                return messages;
            }
        }
    }
}

#[test]
fn systemd_is_told_of_readiness_when_the_controller_works_and_of_the_end() {
    let bench = Bench::new(&Die);
    let systemd = Systemd::at(&bench.path("notify"));
    let mut supervisor = bench.start_as(bench.command().env("NOTIFY_SOCKET", bench.path("notify")));
    wait_for("some lives in vain", || (bench.births().len() > 2).then_some(()));
    bench.behave(&Work);
    let messages = systemd.wait_for("READY=1");
    assert!(messages[0].starts_with("STATUS=no controller: exit status 3"), "{messages:?}");
    let ready = messages.last().unwrap();
    assert!(ready.contains("STATUS=controller "), "{ready}");
    supervisor.signal(Signal::SIGHUP);
    systemd.wait_for("RELOADING=1");
    systemd.wait_for("READY=1");
    supervisor.signal(Signal::SIGTERM);
    systemd.wait_for("STOPPING=1");
    assert_eq!(supervisor.exit_code(), Some(0));
}

#[test]
fn the_watchdog_is_fed_while_the_loop_goes_round_and_only_then() {
    let bench = Bench::new(&Work);
    let systemd = Systemd::at(&bench.path("notify"));
    let mut command = bench.command();
    command.env("NOTIFY_SOCKET", bench.path("notify")).env("WATCHDOG_USEC", "200000");
    let supervisor = bench.start_as(&mut command);
    (0..5).for_each(|_| drop(systemd.wait_for("WATCHDOG=1")));
    supervisor.signal(Signal::SIGSTOP);
    systemd.0.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    wait_for("silence", || systemd.0.recv(&mut [0; 4096]).is_err().then_some(()));
}

// --- bad input

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
