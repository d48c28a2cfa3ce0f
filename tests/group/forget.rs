//! A lift that was taken away for good.

use std::process::{Command, Output};

use lift_group::building::LiftId;

use crate::house::{House, Node, wait_for};

fn forget(lift: u8, by: &Node) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_liftctl"));
    command.arg("forget").arg(lift.to_string()).arg("--state-dir").arg(by.state_dir());
    command.output().expect("liftctl can be started")
}

fn refusal(lift: u8, by: &Node) -> String {
    let output = forget(lift, by);
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).expect("text")
}

/// Whether the node remembers that lift, present or not.
fn remembers(node: &Node, lift: u8) -> Option<bool> {
    let peers = node.status()?.group.peers;
    Some(peers.iter().any(|peer| peer.lift == LiftId(lift)))
}

fn wait_until_absent(node: &Node, lift: u8) {
    wait_for("absence", || {
        let peers = node.status()?.group.peers;
        peers.into_iter().find(|peer| peer.lift == LiftId(lift) && !peer.present)
    });
}

#[test]
fn a_lift_that_is_gone_is_forgotten_by_the_whole_group_and_may_come_again() {
    let mut house = House::with_lifts(3);
    assert!(refusal(3, &house.nodes[0]).contains("is present"));
    house.nodes[2].kill();
    wait_until_absent(&house.nodes[0], 3);

    let output = forget(3, &house.nodes[0]);
    assert!(output.status.success(), "{output:?}");
    let all_but_3 = &house.nodes[..2];
    wait_for("oblivion", || {
        all_but_3.iter().all(|node| remembers(node, 3) == Some(false)).then_some(())
    });
    for node in all_but_3 {
        let killed = node.signal_controller(nix::sys::signal::Signal::SIGKILL);
        wait_for("another", || Some(node.controller()).filter(|pid| *pid != killed));
        wait_for("no memory", || remembers(node, 3).filter(|remembers| !remembers));
    }

    house.nodes[2].start();
    house.wait_until_it_is_one();
    assert_eq!(remembers(&house.nodes[0], 3), Some(true));
}

#[test]
fn what_cannot_be_forgotten_is_said() {
    let house = House::with_lifts(1);
    assert!(refusal(1, &house.nodes[0]).contains("cannot forget itself"));
    assert!(refusal(9, &house.nodes[0]).contains("no member"));
}
