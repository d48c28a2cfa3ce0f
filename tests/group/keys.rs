//! Who may speak in a group.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use lift_group::node::Role;
use lift_group::shell::seal::key::generate;

use crate::house::{House, wait_for};

#[test]
fn without_a_key_it_is_said_that_the_group_runs_open() {
    let house = House::with_lifts(1);
    assert!(house.nodes[0].log().contains("the group runs open"));
}

#[test]
fn nodes_with_different_keys_stay_apart_and_say_why() {
    let mut house = House::with_lifts(2);
    let file = house.path("key");
    fs::write(&file, generate().unwrap()).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    house.nodes[1].kill();
    house.nodes[1].add_options(&["--key", &file.to_string_lossy()]);
    house.nodes[1].start();
    wait_for("two primaries", || {
        let is_primary = |role| matches!(role, Some(Role::Primary { .. }));
        house.nodes.iter().all(|node| is_primary(node.role())).then_some(())
    });
    for node in &house.nodes {
        wait_for("a word about the key", || {
            node.log().contains("sealed with another key or with none").then_some(())
        });
    }
}
