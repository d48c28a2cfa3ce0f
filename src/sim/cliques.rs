//! One primary in each group that is whole (P1).
//!
//! Where the links that work part the nodes into groups, each of which hears all of itself and
//! nothing else, every group has exactly one primary before long. Where they do not, no rule could
//! say what should be.

use std::time::Duration;

use super::network::Network;
use super::world::World;
use crate::building::LiftId;
use crate::group::election::Role;
use crate::time::Instant;

/// How long a group may take, besides so many heartbeats: the longest patience with a bad link,
/// once for those who wait and once for those they wait for.
const BESIDES: Duration = Duration::from_secs(3);

/// Listening, missing somebody, and waiting for one's turn, in heartbeats.
const HEARTBEATS: u32 = 80;

/// Looks whether each group that is whole has one primary whom all others follow.
///
/// # Errors
/// When one has not.
pub fn check(world: &World, heartbeat: Duration) -> Result<(), String> {
    let nodes = u8::try_from(world.stations.len()).unwrap_or(0);
    let patience = BESIDES + heartbeat * HEARTBEATS;
    for first in 0..nodes {
        let group = heard_by(&world.network, nodes, first);
        let is_first = group.first() == Some(&first);
        if is_first
            && is_whole(&world.network, nodes, &group)
            && is_settled(world, &group, patience)
        {
            check_group(world, &group)?;
        }
    }
    Ok(())
}

fn heard_by(network: &Network, nodes: u8, node: u8) -> Vec<u8> {
    let hears = |other: &u8| *other == node || network.link(node, *other).is_present();
    (0..nodes).filter(hears).collect()
}

/// Whether all of these hear each other, and none of them anybody else.
fn is_whole(network: &Network, nodes: u8, group: &[u8]) -> bool {
    group.iter().all(|node| {
        (0..nodes).filter(|other| other != node).all(|other| {
            let links = [network.link(*node, other), network.link(other, *node)];
            if group.contains(&other) {
                links.iter().all(super::network::Link::is_present)
            } else {
                links.iter().all(|link| link.cut)
            }
        })
    })
}

/// Whether nothing has happened to any of these for long enough.
fn is_settled(world: &World, group: &[u8], patience: Duration) -> bool {
    group.iter().all(|node| {
        let index = usize::from(*node);
        let awake = world.stations[index].controller().is_none_or(|living| !living.is_asleep());
        awake && world.now.since(world.disturbed_at[index]) >= patience
    })
}

fn check_group(world: &World, group: &[u8]) -> Result<(), String> {
    let roles = world.roles();
    let living: Vec<(u8, Role)> =
        group.iter().filter_map(|node| Some((*node, *roles.get(node)?))).collect();
    let is_primary = |(_, role): &&(u8, Role)| matches!(role, Role::Primary { .. });
    let primaries: Vec<u8> = living.iter().filter(is_primary).map(|(node, _)| *node).collect();
    let [primary] = primaries[..] else {
        if living.is_empty() {
            return Ok(());
        }
        return Err(format!("at {}: {}", at(world.now), tell(&living)));
    };
    let follows = Role::Backup { primary: LiftId(primary + 1) };
    if living.iter().all(|(node, role)| *node == primary || *role == follows) {
        Ok(())
    } else {
        Err(format!("at {}: {}", at(world.now), tell(&living)))
    }
}

fn at(now: Instant) -> String {
    format!("{:.3} s", super::trace::seconds(now))
}

fn tell(roles: &[(u8, Role)]) -> String {
    let tell = |(node, role): &(u8, Role)| format!("lift {} is {role:?}", node + 1);
    roles.iter().map(tell).collect::<Vec<_>>().join(", ")
}
