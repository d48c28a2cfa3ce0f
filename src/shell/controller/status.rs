//! What a controller tells of itself: its node, and how that is connected with the others.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::node;
use crate::shell::seal::dropped::Dropped;

/// What a controller tells of itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Document {
    /// Its node.
    pub node: node::Status,
    /// Between it and the others.
    pub network: NetworkStatus,
}

/// What a person sees of the network between a node and the others.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NetworkStatus {
    /// The name of the group.
    pub group: String,
    /// Where it meets, for people.
    pub place: String,
    /// There is no key: whoever reaches the place can speak for a lift.
    pub open: bool,
    /// Why the others cannot be reached at present, for people.
    pub trouble: Option<String>,
    /// How many messages could not be sent in this life of the controller.
    pub unsent: u64,
    /// What was heard and not believed in this life, by reason.
    pub dropped: Vec<DroppedStatus>,
}

/// Datagrams that were dropped for one reason.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DroppedStatus {
    /// Why.
    pub reason: Dropped,
    /// How many.
    pub count: u64,
    /// Where the last one came from, by its own word.
    pub last_from: Option<SocketAddr>,
}
