//! Who decides, and what happens when that is nobody.

use lift_group::node::Role;
use nix::sys::signal::Signal;

use crate::house::{House, Node, wait_for};

#[test]
fn three_nodes_make_one_group() {
    let house = House::with_lifts(3);
    let at = house.primary().expect("nothing has happened since");
    let roles = house.nodes.iter().filter_map(Node::role);
    assert_eq!(roles.filter(|role| matches!(role, Role::Primary { .. })).count(), 1);
    assert!(house.nodes[at].log().contains("is primary term="));
}

#[test]
fn a_killed_primary_is_replaced_at_once() {
    let house = House::with_lifts(3);
    for _ in 0..3 {
        let before = house.wait_until_it_is_one();
        house.nodes[before].signal_controller(Signal::SIGKILL);
        let after = wait_for("another primary", || house.primary().filter(|now| *now != before));
        assert!(house.nodes[after].role().is_some(), "it lives");
    }
}

#[test]
fn a_hung_primary_is_replaced_and_comes_back_as_backup() {
    let house = House::with_lifts(3);
    let before = house.wait_until_it_is_one();
    let hung = house.nodes[before].signal_controller(Signal::SIGSTOP);
    let after = wait_for("another primary", || house.primary().filter(|now| *now != before));
    assert_ne!(after, before);
    assert_ne!(house.nodes[before].controller(), hung);
}

#[test]
fn a_hung_backup_comes_back() {
    let house = House::with_lifts(3);
    let primary = house.wait_until_it_is_one();
    let backup = house.other_than(primary);
    let hung = house.nodes[backup].signal_controller(Signal::SIGSTOP);
    wait_for("another controller", || {
        Some(house.nodes[backup].controller()).filter(|controller| *controller != hung)
    });
    assert_eq!(house.wait_until_it_is_one(), primary, "nobody else had a reason to take over");
}

#[test]
fn a_node_that_loses_power_is_replaced_and_finds_the_group_again() {
    let mut house = House::with_lifts(3);
    let before = house.wait_until_it_is_one();
    house.nodes[before].kill();
    let others = |house: &House| {
        let others = house.nodes.iter().enumerate().filter(|(at, _)| *at != before);
        let roles = others.filter_map(|(_, node)| node.role());
        roles.filter(|role| matches!(role, Role::Primary { .. })).count()
    };
    wait_for("a primary among the others", || (others(&house) == 1).then_some(()));
    house.nodes[before].start();
    assert_ne!(house.wait_until_it_is_one(), before, "one that comes back displaces nobody");
}

#[test]
fn a_primary_that_stood_still_for_long_and_goes_on_follows_who_replaced_it() {
    let mut house = House::with_lifts(3);
    house.nodes.iter_mut().for_each(Node::kill);
    // Its supervisor does not mind, so that it lives to wake up.
    house.nodes[0].add_options(&["--hang-timeout", "10s"]);
    house.nodes[0].start();
    wait_for("a primary", || {
        house.nodes[0].role().filter(|role| matches!(role, Role::Primary { .. }))
    });
    house.nodes[1..].iter_mut().for_each(Node::start);
    assert_eq!(house.wait_until_it_is_one(), 0);
    house.nodes[1].press("up 2");
    wait_for("lit", || house.nodes[2].was_lit("up floor=2").then_some(()));
    let still = house.nodes[0].signal_controller(Signal::SIGSTOP);
    wait_for("another primary", || {
        let leads = |node: &Node| matches!(node.role(), Some(Role::Primary { .. }));
        house.nodes[1..].iter().position(leads)
    });
    wait_for("answered", || (!house.nodes[2].is_lit("up floor=2")).then_some(()));
    let woken = house.nodes[0].signal_controller(Signal::SIGCONT);
    assert_eq!(woken, still, "nobody has killed it");
    assert_ne!(house.wait_until_it_is_one(), 0, "it displaces nobody");
    wait_for("dark", || house.nodes.iter().all(|node| !node.is_lit("up floor=2")).then_some(()));
}
