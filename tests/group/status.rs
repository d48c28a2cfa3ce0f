//! The status tells what a person must know of the group, from any of its nodes, and above all who
//! was set up so that it cannot belong to it.

use std::net::UdpSocket;

use lift_group::building::LiftId;
use lift_group::calls::Incarnation;
use lift_group::node::Role;
use lift_group::node::strangers::{Strangeness, Stranger};
use lift_group::shell::controller::status::{Document, DroppedStatus};
use lift_group::shell::seal::datagram::{Datagram, Kind};
use lift_group::shell::seal::dropped::Dropped;
use lift_group::shell::seal::freshness::{Challenge, Life};
use lift_group::shell::seal::key::Keys;
use lift_group::shell::seal::obituary;
use lift_group::shell::seal::tag::Tags;

use crate::house::{House, Node, wait_for};

/// What a node tells, once it is so.
fn told(node: &Node, what: &str, is_so: impl Fn(&Document) -> bool) -> Document {
    wait_for(what, || node.document().filter(&is_so))
}

/// The first stranger of whom a node tells.
fn stranger(node: &Node) -> Stranger {
    let told = told(node, "a stranger", |document| !document.node.strangers.is_empty());
    told.node.strangers[0]
}

#[test]
fn every_node_tells_of_the_whole_group() {
    let house = House::with_lifts(3);
    let primary = house.nodes[house.primary().expect("one group")].id;
    house.nodes[0].press("up 2");
    for node in &house.nodes {
        let is_whole = |document: &Document| {
            let group = &document.node.group;
            group.primary == Some(LiftId(primary))
                && group.ranks.len() == 2
                && group.peers.len() == 2
                && group.peers.iter().all(|peer| peer.present && peer.lost_per_mille.is_some())
                && group.peers.iter().all(|peer| peer.report.is_some() && peer.claim.is_some())
                && group.hall_calls.iter().any(|call| call.lit && call.assigned_to.is_some())
        };
        let document = told(node, "the whole group", is_whole);
        let terms = house.nodes.iter().filter_map(Node::status).map(|status| status.group.term);
        assert!(terms.into_iter().all(|term| term == document.node.group.term));
    }
}

#[test]
fn a_lift_of_another_building_is_named_by_both_sides() {
    let mut house = House::with_lifts(2);
    house.nodes[1].kill();
    house.nodes[1].add_options(&["--floors", "5"]);
    house.nodes[1].start();
    for (node, (other, floors)) in house.nodes.iter().zip([(2, 5), (1, 4)]) {
        let stranger = stranger(node);
        assert_eq!(stranger.lift, LiftId(other));
        assert_eq!(stranger.why, Strangeness::OtherBuilding { floors });
        let line = format!(
            "set up for another building, ignored: see to its --floors, or give it \
                            a --group of its own lift={other} floors={floors}"
        );
        wait_for("a line in the log", || node.log().contains(&line).then_some(()));
    }
    let page = house.nodes[0].page();
    assert!(page.contains("strangers    lift 2   set up for 5 floors: see to its"), "{page}");
}

#[test]
fn a_lift_that_is_set_up_rightly_again_is_no_stranger_any_more() {
    let mut house = House::with_lifts(2);
    house.nodes[1].kill();
    house.nodes[1].add_options(&["--floors", "5"]);
    house.nodes[1].start();
    stranger(&house.nodes[0]);
    house.nodes[1].kill();
    house.nodes[1].add_options(&["--floors", "4"]);
    house.nodes[1].start();
    told(&house.nodes[0], "no stranger", |document| document.node.strangers.is_empty());
}

#[test]
fn two_lifts_with_one_number_are_named_by_both() {
    let mut house = House::with_lifts(2);
    house.nodes[1].kill();
    house.nodes[1].add_options(&["--id", "1"]);
    house.nodes[1].start();
    for node in &house.nodes {
        let stranger = stranger(node);
        assert_eq!((stranger.lift, stranger.why), (LiftId(1), Strangeness::SameNumber));
        let line = "another lift has the number of this one";
        wait_for("a line in the log", || node.log().contains(line).then_some(()));
    }
}

/// Says this to the group of a node, as anybody on its network could; returns where from.
fn say_to(node: &Node, datagram: &[u8]) -> String {
    let mouth = UdpSocket::bind("127.0.0.1:0").unwrap();
    mouth.set_broadcast(true).unwrap();
    mouth.send_to(datagram, format!("127.255.255.255:{}", node.option("--port"))).unwrap();
    mouth.local_addr().unwrap().to_string()
}

#[test]
fn what_is_not_believed_is_told_with_its_reason_its_number_and_its_sender() {
    let house = House::with_lifts(1);
    let node = &house.nodes[0];
    let group = node.option("--group");
    let strange = Keys::parse(&"7".repeat(64)).unwrap();
    let mut forged = obituary(&Keys::open(), group, LiftId(9), 1);
    *forged.last_mut().unwrap() ^= 1;
    for (reason, datagram) in [
        (Dropped::Malformed, b"who is there?".to_vec()),
        (Dropped::OtherGroup, obituary(&Keys::open(), "another", LiftId(9), 1)),
        (Dropped::OtherKey, obituary(&strange, group, LiftId(9), 1)),
        (Dropped::Forged, forged),
        (Dropped::OtherVersion, of_version_9(group)),
    ] {
        let from = say_to(node, &datagram);
        let is_told = |told: &DroppedStatus| {
            (told.reason, told.count) == (reason, 1)
                && told.last_from.map(|from| from.to_string()).as_ref() == Some(&from)
        };
        told(node, "what was dropped", |all| all.network.dropped.iter().any(is_told));
        let line = format!("datagrams are dropped, {reason} from={from} dropped=1");
        wait_for("a line in the log", || node.log().contains(&line).then_some(()));
    }
    let page = node.page();
    assert!(page.contains("1 sealed with another key or with none"), "{page}");
    assert!(page.contains(" our own"), "{page}");
}

/// What a lift of a version far ahead would say.
fn of_version_9(group: &str) -> Vec<u8> {
    let datagram = Datagram {
        format: 9,
        newest_format: 9,
        kind: Kind::Message,
        lift: LiftId(9),
        life: Life { incarnation: Incarnation(1), challenge: Challenge(7) },
        sequence: 1,
        echoes: vec![],
        payload: b"of days to come",
    };
    datagram.sealed(&Tags::new(&Keys::open(), group))
}

#[test]
fn a_lift_that_cannot_speak_tells_what_keeps_it_from_it() {
    let mut house = House::with_lifts(2);
    house.nodes[1].kill();
    house.nodes[1].add_options(&["--interface", "no-such-if"]);
    house.nodes[1].start();
    let document = told(&house.nodes[1], "what was not sent", |all| all.network.unsent > 0);
    let trouble = document.network.trouble.unwrap_or_default();
    assert!(trouble.contains("no broadcast address"), "{trouble}");
    assert!(document.network.place.starts_with("no-such-if:"));
    let is_primary = |document: &Document| matches!(document.node.role, Role::Primary { .. });
    told(&house.nodes[1], "a lift that goes on alone", is_primary);
    let page = house.nodes[1].page();
    assert!(page.contains("messages; the network interface has no broadcast address"), "{page}");
}
