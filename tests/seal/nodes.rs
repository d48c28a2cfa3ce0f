//! Nodes that seal and open, without a network.

use std::time::Duration;

use lift_group::building::{Building, LiftId};
use lift_group::calls::Incarnation;
use lift_group::group::members::Members;
use lift_group::group::message::{Claim, Followed, Message};
use lift_group::lift::report::{Motion, Report};
use lift_group::shell::seal::dialect::{self, Dialect};
use lift_group::shell::seal::dropped::Dropped;
use lift_group::shell::seal::freshness::Challenge;
use lift_group::shell::seal::key::Keys;
use lift_group::shell::seal::{Opened, Seal};

pub const GROUP: &str = "tower";

/// A life of a node.
pub struct Node {
    pub seal: Seal,
    pub message: Message,
}

/// The key of this number.
pub fn key(number: u8) -> Keys {
    Keys::parse(&line(number)).unwrap()
}

pub fn line(number: u8) -> String {
    format!("{number:064x}\n")
}

impl Node {
    /// A life of this lift, with a challenge that follows from both.
    pub fn new(lift: u8, incarnation: u64) -> Self {
        Self::with(&key(1), GROUP, lift, incarnation)
    }

    pub fn with(keys: &Keys, group: &str, lift: u8, incarnation: u64) -> Self {
        Self::speaking(dialect::OURS, keys, group, lift, incarnation)
    }

    pub fn speaking(
        dialect: Dialect,
        keys: &Keys,
        group: &str,
        lift: u8,
        incarnation: u64,
    ) -> Self {
        let challenge = Challenge(u64::from(lift) << 32 | incarnation);
        let seal = Seal::speaking(dialect, keys, group, LiftId(lift), challenge);
        Self { seal, message: message(lift, incarnation) }
    }

    /// Its next datagram.
    pub fn say(&mut self) -> Vec<u8> {
        self.message.sequence += 1;
        self.seal.seal(&self.message).unwrap()
    }

    /// What it makes of a datagram; whom it hears it says from then on.
    pub fn hear(&mut self, datagram: &[u8]) -> Result<Message, Dropped> {
        match self.seal.open(datagram)? {
            Opened::Message(message) => {
                self.message.hears.insert(message.from);
                Ok(message)
            }
            other @ Opened::Obituary { .. } => panic!("{other:?}"),
        }
    }
}

/// A node whose program speaks this.
pub fn node_of(dialect: Dialect, lift: u8) -> Node {
    Node::speaking(dialect, &key(1), GROUP, lift, 100)
}

/// Two nodes that have met.
pub fn met() -> (Node, Node) {
    let (mut one, mut two) = (Node::new(1, 100), Node::new(2, 100));
    meet(&mut one, &mut two);
    (one, two)
}

pub fn meet(one: &mut Node, two: &mut Node) {
    let _ = two.hear(&one.say());
    one.hear(&two.say()).unwrap();
    two.hear(&one.say()).unwrap();
}

fn message(lift: u8, incarnation: u64) -> Message {
    Message {
        from: LiftId(lift),
        incarnation: Incarnation(incarnation),
        sequence: 0,
        interval: Duration::from_millis(10),
        building: Building::try_from(4).unwrap(),
        claim: Claim::Listening { followed: Followed::default() },
        hears: [].into(),
        members: Members::default(),
        report: Report {
            floor: None,
            committed: None,
            motion: Motion::Unknown,
            out_of_service: None,
        },
        calls: Vec::new(),
        disk_works: true,
        worldview: None,
    }
}
