//! Calls belong to the group: lit everywhere, served once, outliving everybody.

use crate::house::{House, Node, wait_for};

const UP_AT_2: &str = "up floor=2";

/// Waits until this is so of all nodes.
fn on_all(house: &House, what: &str, is_so: impl Fn(&Node) -> bool) {
    wait_for(what, || house.nodes.iter().all(&is_so).then_some(()));
}

#[test]
fn a_hall_call_pressed_anywhere_is_lit_on_all_panels_and_served_once() {
    let house = House::with_lifts(3);
    // Where no car stands, or the door would be open before the lamp is lit.
    for (at, (button, floor)) in [("up", 2), ("up", 1), ("down", 3)].into_iter().enumerate() {
        let lamp = format!("{button} floor={floor}");
        house.nodes[at].press(&format!("{button} {floor}"));
        on_all(&house, "the lamp on all panels", |node| node.was_lit(&lamp));
        on_all(&house, "all panels dark again", |node| !node.is_lit(&lamp));
        assert_eq!(openings_at(&house, floor), 1, "one lift came, and only one");
    }
    violations(&house);
}

#[test]
fn everything_killed_at_once_serves_what_was_lit() {
    let mut house = House::with_lifts(3);
    house.nodes[0].press("up 2");
    house.nodes[1].press("cab 3");
    on_all(&house, "the lamp on all panels", |node| node.was_lit(UP_AT_2));
    wait_for("the car's lamp", || house.nodes[1].was_lit("cab floor=3").then_some(()));
    let served = openings_at(&house, 2) + openings_at(&house, 3);
    assert_eq!(served, 0, "this machine is too slow to kill anything before it is served");
    house.nodes.iter_mut().for_each(Node::kill);
    house.nodes.iter_mut().for_each(Node::start);
    on_all(&house, "all panels dark again", |node| {
        !node.is_lit(UP_AT_2) && !node.is_lit("cab floor=3")
    });
    assert!(openings_at(&house, 2) >= 1);
    assert!(house.nodes[1].openings().contains(&3));
    violations(&house);
}

fn openings_at(house: &House, floor: u8) -> usize {
    let openings = house.nodes.iter().flat_map(Node::openings);
    openings.filter(|opened| *opened == floor).count()
}

fn violations(house: &House) {
    for node in &house.nodes {
        assert!(node.hardware.violations().is_empty(), "lift {}", node.id);
    }
}
