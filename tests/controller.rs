//! The controller as a process, with a test for its supervisor and a server for its hardware.

#[path = "common/group.rs"]
#[allow(dead_code, reason = "every test uses its own part")]
mod group;
#[path = "hardware/server.rs"]
mod server;

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use lift_group::building::{Building, LiftId};
use lift_group::config::Config;
use lift_group::node::Checkpoint;
use lift_group::shell::broadcast::{Membership, Place, Reach};
use lift_group::shell::controller::status::Document;
use lift_group::shell::link::{Link, Received, ToController, ToSupervisor};
use lift_group::shell::seal::key::Keys;
use lift_group::shell::settings::{Settings, controller_socket};
use lift_group::shell::status::ask;
use lift_group::shell::{checkpoint, codec};
use log::LevelFilter;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::Serialize;
use tempfile::TempDir;

use server::{Heard, Server, answer, listener};

/// How long a condition may take to come true on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// The button of the car to floor 2 is lit.
const LAMP_ON: [u8; 4] = [2, 2, 2, 1];

/// A controller, seen from its supervisor. Ended when the test is over.
struct Controller {
    child: Child,
    link: Link,
    runtime_dir: TempDir,
}

impl Controller {
    fn spawn() -> Self {
        Self::spawn_by(&mut Command::new(env!("CARGO_BIN_EXE_lift-controller")))
    }

    fn spawn_by(command: &mut Command) -> Self {
        let (link, other) = Link::pair().unwrap();
        let command = command.stdin(OwnedFd::from(other)).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        // The command keeps the other end of the link open.
        command.stdin(Stdio::null());
        Self { child, link, runtime_dir: tempfile::tempdir().unwrap() }
    }

    /// A controller that has taken in what it was given.
    fn restored(hardware: SocketAddr) -> Self {
        Self::restored_beating_every(Duration::from_millis(20), hardware)
    }

    fn restored_beating_every(heartbeat: Duration, hardware: SocketAddr) -> Self {
        let controller = Self::spawn();
        assert_eq!(controller.next(), Some(ToSupervisor::Hello));
        controller.welcome(&Settings { heartbeat, ..controller.settings(hardware) }, None);
        assert_eq!(controller.next(), Some(ToSupervisor::Restored));
        controller
    }

    fn settings(&self, hardware: SocketAddr) -> Settings {
        Settings {
            config: Config::new(LiftId(1), Building::try_from(4).unwrap()),
            hardware,
            membership: Membership {
                group: format!("test-{}", self.child.id()),
                place: Place { port: group::free_port(), reach: Reach::Computer },
                keys: Keys::open(),
            },
            log_level: LevelFilter::Debug,
            runtime_dir: self.runtime_dir.path().into(),
            heartbeat: Duration::from_millis(20),
        }
    }

    fn welcome(&self, settings: &impl Serialize, checkpoint: Option<Vec<u8>>) {
        self.say(&ToController::Welcome {
            incarnation: 9,
            configuration: codec::encode(settings).unwrap(),
            checkpoint,
            is_durable: true,
            revision: 41,
            disk_works: true,
            unsteady: false,
        });
    }

    fn say(&self, message: &ToController) {
        assert!(self.link.send(message).unwrap());
    }

    /// What it says next; `None` when it has gone.
    fn next(&self) -> Option<ToSupervisor> {
        loop {
            match self.link.receive().unwrap() {
                Received::Message(message) => return Some(message),
                Received::End => return None,
                Received::Nothing => {
                    let mut link = [PollFd::new(self.link.as_fd(), PollFlags::POLLIN)];
                    let patience = PollTimeout::try_from(PATIENCE).unwrap();
                    assert_eq!(poll(&mut link, patience).unwrap(), 1, "it says nothing");
                }
            }
        }
    }

    /// What is no heartbeat is a checkpoint.
    fn next_heartbeat(&self) {
        while let Some(message) = self.next() {
            match message {
                ToSupervisor::Heartbeat => return,
                ToSupervisor::Checkpoint { .. } => {}
                other => panic!("{other:?}"),
            }
        }
        panic!("it is gone");
    }

    fn next_checkpoint(&self) -> (u64, Checkpoint) {
        loop {
            match self.next().expect("it lives") {
                ToSupervisor::Checkpoint { revision, bytes } => {
                    return (revision, checkpoint::OURS.checkpoint_of(&bytes).unwrap());
                }
                ToSupervisor::Heartbeat => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// Its end, and what it logged.
    fn end(&mut self) -> (ExitStatus, String) {
        wait_until(|| self.child.try_wait().unwrap().is_some());
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap(), log)
    }

    fn end_of(mut self, code: i32) -> String {
        while self.next().is_some() {}
        let (status, log) = self.end();
        assert_eq!(status.code(), Some(code), "{log}");
        log
    }
}

impl Drop for Controller {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Hardware on which somebody presses the button of the car to floor 2 when told to.
fn with_button() -> (Server, Arc<AtomicBool>) {
    let held = Arc::new(AtomicBool::new(false));
    let button = Arc::clone(&held);
    let server = Server::new(move |message, client| match message {
        [6, 2, 2, _] if button.load(Ordering::SeqCst) => client.write_all(&[6, 1, 0, 0]).ok(),
        _ => answer(message, client),
    });
    (server, held)
}

fn wait_until(mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < PATIENCE, "it never came true");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn restored_it_connects_to_its_hardware() {
    let place = listener();
    place.set_nonblocking(true).unwrap();
    let controller = Controller::spawn();
    assert_eq!(controller.next(), Some(ToSupervisor::Hello));
    controller.welcome(&controller.settings(place.local_addr().unwrap()), None);
    assert_eq!(controller.next(), Some(ToSupervisor::Restored));
    wait_until(|| place.accept().is_ok());
    assert_eq!(controller.next(), Some(ToSupervisor::Heartbeat));
}

#[test]
fn heartbeats_go_on_while_the_hardware_is_silent() {
    let server = Server::new(|_, _| Some(()));
    let controller = Controller::restored(server.address);
    for _ in 0..20 {
        controller.next_heartbeat();
    }
}

#[test]
fn a_lamp_is_lit_when_its_call_is_durable_and_not_before() {
    let (server, button) = with_button();
    let controller = Controller::restored(server.address);
    // Where the car stands.
    let (first, _) = controller.next_checkpoint();
    assert_eq!(first, 42, "numbered above all that were used before");
    controller.say(&ToController::Saved(first));
    button.store(true, Ordering::SeqCst);
    let revision = loop {
        let (revision, checkpoint) = controller.next_checkpoint();
        if !checkpoint.calls.live().is_empty() {
            break revision;
        }
    };
    for _ in 0..10 {
        assert!(matches!(
            controller.next(),
            Some(ToSupervisor::Heartbeat | ToSupervisor::Checkpoint { .. })
        ));
    }
    while let Ok(heard) = server.heard.try_recv() {
        assert_ne!(heard, Heard::Bytes(LAMP_ON.into()), "a promise that nobody keeps");
    }
    controller.say(&ToController::Saved(revision));
    while server.next_command() != LAMP_ON {}
}

#[test]
fn told_to_stop_it_stops_the_motor_and_ends_in_order() {
    let (server, button) = with_button();
    let controller = Controller::restored(server.address);
    controller.say(&ToController::Disk { works: false });
    button.store(true, Ordering::SeqCst);
    while server.next_command() != [1, 1, 0, 0] {}
    controller.say(&ToController::Stop);
    let log = controller.end_of(0);
    let heard = server.until_gone();
    let last_motor = heard.iter().rfind(|message| message[0] == 1);
    assert_eq!(last_motor, Some(&vec![1, 0, 0, 0]), "{log}");
    let confirmed = heard.iter().rposition(|message| message[0] == 7);
    assert!(confirmed > heard.iter().rposition(|message| message[0] == 1), "{heard:?}");
}

#[test]
fn it_does_not_wait_for_ever_to_come_to_rest() {
    let server = Server::new(answer);
    let controller = Controller::restored(server.address);
    controller.next_checkpoint();
    controller.say(&ToController::Stop);
    let log = controller.end_of(0);
    assert!(log.contains("has not come to rest"), "its checkpoint was never saved: {log}");
}

#[test]
fn a_termination_signal_is_an_order_to_stop() {
    let server = Server::new(answer);
    let controller = Controller::restored(server.address);
    controller.say(&ToController::Disk { works: false });
    controller.next_heartbeat();
    kill(Pid::from_raw(controller.child.id().cast_signed()), Signal::SIGTERM).unwrap();
    controller.end_of(0);
}

#[test]
fn a_hang_up_is_left_to_the_supervisor() {
    let server = Server::new(answer);
    let controller = Controller::restored(server.address);
    controller.next_heartbeat();
    kill(Pid::from_raw(controller.child.id().cast_signed()), Signal::SIGHUP).unwrap();
    for _ in 0..20 {
        assert!(controller.next().is_some());
    }
}

#[test]
fn a_stop_before_the_welcome_is_obeyed() {
    let controller = Controller::spawn();
    controller.say(&ToController::Stop);
    controller.end_of(0);
}

#[test]
fn it_leaves_when_its_supervisor_is_gone() {
    let server = Server::new(answer);
    let never = Duration::from_secs(3600);
    let mut controller = Controller::restored_beating_every(never, server.address);
    controller.next_checkpoint();
    let (link, _) = Link::pair().unwrap();
    drop(std::mem::replace(&mut controller.link, link));
    let (status, log) = controller.end();
    assert_eq!(status.code(), Some(1), "{log}");
    assert!(log.contains("the supervisor is gone"), "{log}");
}

#[test]
fn it_does_not_begin_as_another_ones_child() {
    let mut shell = Command::new("sh");
    let script = format!("'{}'; exit $?", env!("CARGO_BIN_EXE_lift-controller"));
    let controller = Controller::spawn_by(shell.args(["-c", &script]));
    assert_eq!(controller.next(), None);
    assert!(controller.end_of(1).contains("the supervisor is gone"));
}

#[test]
fn started_by_hand_it_says_what_to_start_instead() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lift-controller"));
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("start that"));
}

#[test]
fn a_checkpoint_that_is_none_is_named_and_nothing_is_touched() {
    let place = listener();
    place.set_nonblocking(true).unwrap();
    let controller = Controller::spawn();
    assert_eq!(controller.next(), Some(ToSupervisor::Hello));
    let settings = controller.settings(place.local_addr().unwrap());
    controller.welcome(&settings, Some(b"no checkpoint".into()));
    assert_eq!(controller.next(), None, "not restored");
    assert!(controller.end_of(65).contains("revision=41"));
    assert!(place.accept().is_err(), "the hardware was not connected to");
}

#[test]
fn settings_of_another_version_are_named() {
    let controller = Controller::spawn();
    assert_eq!(controller.next(), Some(ToSupervisor::Hello));
    controller.welcome(&"settings of another version", None);
    assert!(controller.end_of(2).contains("one version"));
}

#[test]
fn nonsense_from_the_supervisor_ends_it_with_a_message() {
    let server = Server::new(answer);
    let controller = Controller::restored(server.address);
    controller.welcome(&(), None);
    assert!(controller.end_of(1).contains("a second welcome"));
}

#[test]
fn whoever_asks_is_told_the_status() {
    let server = Server::new(answer);
    let controller = Controller::restored(server.address);
    let path = controller_socket(controller.runtime_dir.path());
    wait_until(|| {
        ask::<Document>(&path, PATIENCE).is_ok_and(|Document { node: status, .. }| {
            assert_eq!((status.lift, status.incarnation.0), (LiftId(1), 9));
            status.floor.is_some()
        })
    });
}
