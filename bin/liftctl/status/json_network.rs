//! The network and those who do not belong to it as JSON, see [`super::json`].

use lift_group::node::strangers::{Strangeness, Stranger};
use lift_group::shell::controller::status::{DroppedStatus, NetworkStatus};
use lift_group::shell::seal::dropped::Dropped;
use serde::Serialize;

#[derive(Serialize)]
pub struct Network {
    group: String,
    place: String,
    open: bool,
    trouble: Option<String>,
    unsent: u64,
    dropped: Vec<DroppedDatagrams>,
}

#[derive(Serialize)]
struct DroppedDatagrams {
    reason: &'static str,
    usual: bool,
    count: u64,
    last_from: Option<String>,
}

#[derive(Serialize)]
pub struct StrangeLift {
    id: u8,
    reason: &'static str,
    floors: Option<u8>,
    ago_ms: u64,
}

impl Network {
    pub fn of(network: &NetworkStatus) -> Self {
        Self {
            group: network.group.clone(),
            place: network.place.clone(),
            open: network.open,
            trouble: network.trouble.clone(),
            unsent: network.unsent,
            dropped: network.dropped.iter().map(DroppedDatagrams::of).collect(),
        }
    }
}

impl DroppedDatagrams {
    fn of(dropped: &DroppedStatus) -> Self {
        Self {
            reason: reason(dropped.reason),
            usual: dropped.reason.is_usual(),
            count: dropped.count,
            last_from: dropped.last_from.map(|from| from.to_string()),
        }
    }
}

impl StrangeLift {
    pub fn of(stranger: &Stranger) -> Self {
        let (reason, floors) = match stranger.why {
            Strangeness::OtherBuilding { floors } => ("other building", Some(floors)),
            Strangeness::SameNumber => ("same number", None),
        };
        Self { id: stranger.lift.0, reason, floors, ago_ms: stranger.ago_ms }
    }
}

fn reason(reason: Dropped) -> &'static str {
    match reason {
        Dropped::Oversized => "oversized",
        Dropped::Malformed => "malformed",
        Dropped::OtherGroup => "other group",
        Dropped::OtherKey => "other key",
        Dropped::Forged => "forged",
        Dropped::OtherVersion => "other version",
        Dropped::NextFormat => "next format",
        Dropped::Stale => "stale",
        Dropped::NotYetFresh => "not yet fresh",
        Dropped::Reflection => "reflection",
    }
}
