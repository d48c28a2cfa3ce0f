//! Networks come, go and change, and no lift is restarted for it.
//!
//! Each computer is a network namespace of its own, two of them have a cable between them. This
//! takes rights that only root has; for others these tests are skipped, and say so.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use lift_group::node::{Role, Status};
use lift_group::shell::controller::status::Document;
use lift_group::shell::settings::controller_socket;
use lift_group::shell::status::ask;
use tempfile::TempDir;

use crate::house::{PATIENCE, wait_for};

/// A computer with a network of its own, and one node on it, that has no hardware to speak of.
struct Computer {
    /// Keeps the namespace there.
    holder: Child,
    supervisor: Option<Child>,
    dir: TempDir,
}

impl Computer {
    /// Without any network but its own loopback; `None` where that takes more rights than we have.
    fn new() -> Option<Self> {
        let script = "ip link set lo up && echo made && exec cat";
        let mut holder = Command::new("unshare")
            .args(["--net", "sh", "-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let mut line = String::new();
        let output = holder.stdout.take().expect("its output is a pipe");
        BufReader::new(output).read_line(&mut line).expect("it can be read");
        let dir = tempfile::tempdir().expect("a temporary directory");
        let computer = Self { holder, supervisor: None, dir };
        (line == "made\n").then_some(computer)
    }

    fn pair() -> Option<[Self; 2]> {
        let pair = Self::new().zip(Self::new());
        if pair.is_none() {
            eprintln!("skipped: only root can make network namespaces");
        }
        pair.map(Into::into)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net=/proc/{}/ns/net", self.holder.id())).arg(program);
        command
    }

    fn ip(&self, words: &str) {
        let status = self.command("ip").args(words.split(' ')).status();
        assert!(status.expect("ip can be started").success(), "ip {words}");
    }

    fn start_lift(&mut self, id: u8, options: &[&str]) {
        let log = std::fs::File::create(self.dir.path().join("log")).expect("a log file");
        let supervisor = self
            .command(env!("CARGO_BIN_EXE_lift-supervisor"))
            .args(["--id", &id.to_string(), "--floors", "4", "--hardware", "127.0.0.1:1"])
            .arg("--state-dir")
            .arg(self.state_dir())
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        self.supervisor = Some(supervisor.expect("the supervisor can be started"));
    }

    fn state_dir(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    fn status(&self) -> Option<Status> {
        let told: Option<Document> = ask(&controller_socket(&self.state_dir()), PATIENCE).ok();
        told.map(|told| told.node)
    }
}

impl Drop for Computer {
    fn drop(&mut self) {
        if let Some(supervisor) = &mut self.supervisor {
            let _ = supervisor.kill(); // and with it its controller
            let _ = supervisor.wait();
        }
        let _ = self.holder.kill();
        let _ = self.holder.wait();
        if std::thread::panicking() {
            eprintln!("── what was logged ──\n{}", self.log());
        }
    }
}

/// Puts a cable between two computers that have none.
fn connect([one, other]: &[Computer; 2]) {
    let there = other.holder.id();
    one.ip(&format!("link add wire type veth peer name wire netns {there}"));
    for (at, computer) in (1..).zip([one, other]) {
        computer.ip(&format!("address add 10.1.1.{at}/24 broadcast 10.1.1.255 dev wire"));
        computer.ip("link set wire up");
    }
}

fn roles(computers: &[Computer; 2]) -> Option<[Role; 2]> {
    let [one, other] = computers.each_ref().map(|computer| Some(computer.status()?.role));
    Some([one?, other?])
}

fn wait_until_one(computers: &[Computer; 2]) {
    wait_for("one group", || {
        roles(computers).filter(|roles| {
            roles.iter().any(|role| matches!(role, Role::Primary { .. }))
                && roles.iter().any(|role| matches!(role, Role::Backup { .. }))
        })
    });
}

fn wait_until_apart(computers: &[Computer; 2]) {
    wait_for("two groups", || {
        let all = |roles: &[Role; 2]| roles.iter().all(|role| matches!(role, Role::Primary { .. }));
        roles(computers).filter(all)
    });
}

#[test]
fn a_network_that_comes_changes_and_goes_is_met_without_a_restart() {
    let Some(mut computers) = Computer::pair() else { return };
    for (id, computer) in (1..).zip(&mut computers) {
        computer.start_lift(id, &["--group", "far"]);
    }
    wait_until_apart(&computers);
    let lives = computers.each_ref().map(|computer| computer.status().expect("it lives"));

    connect(&computers);
    wait_until_one(&computers);

    for (at, computer) in (1..).zip(&computers) {
        computer.ip("address flush dev wire");
        computer.ip(&format!("address add 172.20.0.{at}/16 broadcast 172.20.255.255 dev wire"));
    }
    wait_for("the new address", || {
        let is_used = |computer: &Computer| computer.log().contains("at address=172.20.255.255:");
        computers.iter().all(is_used).then_some(())
    });
    wait_until_one(&computers);

    computers[0].ip("link delete wire");
    wait_until_apart(&computers);

    connect(&computers);
    wait_until_one(&computers);
    for (before, computer) in lives.iter().zip(&computers) {
        let after = computer.status().expect("it lives");
        assert_eq!(after.incarnation, before.incarnation, "it was restarted");
    }
}

#[test]
fn a_cable_that_is_pulled_and_plugged_in_again_is_met_without_a_restart() {
    let Some(mut computers) = Computer::pair() else { return };
    connect(&computers);
    for (id, computer) in (1..).zip(&mut computers) {
        computer.start_lift(id, &["--group", "far", "--interface", "wire"]);
    }
    for _ in 0..3 {
        wait_until_one(&computers);
        computers[1].ip("link set wire down");
        wait_until_apart(&computers);
        computers[1].ip("link set wire up");
    }
    wait_until_one(&computers);
}

#[test]
fn lifts_without_a_group_do_not_meet_over_a_network() {
    let Some(mut computers) = Computer::pair() else { return };
    connect(&computers);
    computers[0].start_lift(1, &[]);
    computers[1].start_lift(2, &["--group", "local"]);
    wait_until_apart(&computers);
    // Whatever reaches the port of one that has no group, it hears nothing of it.
    wait_for("datagrams on the wire", || sent_on_wire(&computers[1]).filter(|sent| *sent > 100));
    wait_until_apart(&computers);
}

/// How many packets have gone out to the other computer.
fn sent_on_wire(computer: &Computer) -> Option<u64> {
    let output = computer.command("ip").args(["-s", "-o", "link", "show", "wire"]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (_, after) = text.split_once("TX:")?;
    let numbers = after.split(|c: char| !c.is_ascii_digit()).filter(|word| !word.is_empty());
    numbers.filter_map(|word| word.parse().ok()).nth(1)
}
