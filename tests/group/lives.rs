//! Lives that follow each other too fast, come from the past, or are two at once.

use std::fs;
use std::time::Duration;

use lift_group::lift::OutOfService;
use lift_group::node::Role;
use lift_group::shell::clock;
use lift_group::supervisor::lock::Lock;
use lift_group::supervisor::store::Store;
use nix::sys::signal::Signal;

use crate::house::{House, Node, wait_for};

const TOO_OFTEN: Option<OutOfService> = Some(OutOfService::RestartedTooOften);

/// Waits until the lift is out of service for this reason, or in service.
fn wait_for_service(node: &Node, wanted: Option<OutOfService>) {
    wait_for(&format!("service: {wanted:?}"), || {
        node.status().filter(|status| status.out_of_service == wanted)
    });
}

#[test]
fn a_controller_that_crashes_again_and_again_leaves_hall_calls_to_others_for_a_while() {
    let house = House::with_lifts(2);
    let (shaky, sound) = (&house.nodes[0], &house.nodes[1]);
    for _ in 0..3 {
        let killed = shaky.signal_controller(Signal::SIGKILL);
        wait_for("another controller", || Some(shaky.controller()).filter(|pid| *pid != killed));
    }
    wait_for_service(shaky, TOO_OFTEN);
    assert!(shaky.log().contains("out of service reason=\"restarted too often\""));
    sound.press("up 2");
    wait_for("the call answered by the other", || sound.openings().contains(&2).then_some(()));
    wait_for_service(shaky, None);
    assert_eq!(shaky.openings(), [], "while it was shaky it was sent nowhere");
}

/// Its numbers begin in the future, as if a clock had been wrong.
fn begin_in_the_future(node: &Node) {
    const YEAR: u64 = 365 * 24 * 3600 * 1_000_000;
    let lock = wait_for("a directory that nobody holds any more", || {
        Lock::take(&node.state_dir(), Duration::ZERO).ok()
    });
    Store::open(lock, clock::unix_micros() + YEAR).expect("it can be used");
}

#[test]
fn a_node_whose_disk_and_clock_went_back_gets_above_its_former_lives() {
    let mut house = House::with_lifts(3);
    house.nodes[1].kill();
    begin_in_the_future(&house.nodes[1]);
    house.nodes[1].start();
    wait_for("a life of the future", || house.nodes[1].status());
    house.wait_until_it_is_one();
    let former = wait_for("a status", || house.nodes[1].status()).incarnation;

    house.nodes[1].kill();
    fs::remove_dir_all(house.nodes[1].state_dir()).expect("the disk is lost");
    house.nodes[1].start();
    wait_for("a life above the former", || {
        house.nodes[1].status().filter(|status| status.incarnation > former)
    });
    house.wait_until_it_is_one();
    assert!(house.nodes[1].log().contains("the others know a later life of this lift"));
    house.nodes[1].press("up 2");
    wait_for("the lamp on all panels", || {
        house.nodes.iter().all(|node| node.was_lit("up floor=2")).then_some(())
    });
}

#[test]
fn of_two_lifts_with_one_number_the_later_one_is_named_and_goes_on_alone() {
    let mut house = House::with_lifts(2);
    // Long enough for nobody to be taken for a newcomer.
    wait_for("some seconds of life", || {
        let status = house.nodes.iter().map(Node::supervisor_status).collect::<Option<Vec<_>>>()?;
        status.iter().all(|status| status.uptime_ms > 3000).then_some(())
    });
    house.add(1);
    wait_for("one that yields", || house.nodes[2].status().filter(|status| status.group.yields));
    wait_for("the first one again in its group", || {
        let roles = [house.nodes[0].role()?, house.nodes[1].role()?];
        let primary = |role: &Role| matches!(role, Role::Primary { .. });
        let backup = |role: &Role| matches!(role, Role::Backup { .. });
        (roles.iter().any(primary) && roles.iter().any(backup)).then_some(())
    });
    for (node, words) in [
        (&house.nodes[2], "this lift has the number of another one"),
        (&house.nodes[0], "another lift has the number of this one"),
    ] {
        wait_for("a word about the number", || node.log().contains(words).then_some(()));
    }
    house.nodes[1].press("up 2");
    wait_for("the lamp of the first one", || house.nodes[0].was_lit("up floor=2").then_some(()));
    assert!(!house.nodes[2].was_lit("up floor=2"), "it is not of this group");
}
