//! Calls, and the set of registered calls that merges.

use serde::{Deserialize, Serialize};

/// The number of one life of a node: unique, and greater than that of any life before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Incarnation(pub u64);
