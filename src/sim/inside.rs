//! What only somebody who looks into the nodes can see: whom calls wait for, what is remembered for
//! ever, how much is said.

use std::collections::BTreeSet;
use std::time::Duration;

use super::station::Station;
use super::world::World;
use crate::calls::{Actor, Part};
use crate::group::election::Role;
use crate::lift::OutOfService;
use crate::time::Instant;

/// How long a lift may be out of service until no call waits for it any more.
const NOTICED: Duration = Duration::from_secs(1);

/// For how long the network and all nodes must have been in order for that to be asked.
const IN_ORDER_FOR: Duration = Duration::from_secs(3);

/// The lifts that were out of service when they were last looked at.
#[derive(Clone, Debug, Default)]
pub struct Inside {
    looked_at: Instant,
    out_of_service: BTreeSet<u8>,
    said: u64,
    /// How many messages were said between the last two looks.
    pub chatter: u64,
}

impl Inside {
    /// Looks into the nodes, once a second.
    ///
    /// # Errors
    /// When a call waits for a lift that is out of service.
    pub fn look(&mut self, world: &World) -> Result<(), String> {
        if world.now.since(self.looked_at) < NOTICED {
            return Ok(());
        }
        self.looked_at = world.now;
        self.chatter = world.messages - self.said;
        self.said = world.messages;
        let before = std::mem::replace(&mut self.out_of_service, out_of_service(world));
        let stuck: BTreeSet<u8> = before.intersection(&self.out_of_service).copied().collect();
        if stuck.is_empty() || world.now.since(world.network_changed_at) < IN_ORDER_FOR {
            return Ok(());
        }
        world.stations.iter().try_for_each(|station| check_assignments(station, world, &stuck))
    }
}

/// The lifts that are to be left alone. One that only restarts too often is not, where no lift is in
/// service, or a disk may keep the primary from telling those that are of calls.
fn out_of_service(world: &World) -> BTreeSet<u8> {
    let why = |station: &Station| {
        let living = station.controller()?;
        Some(living.node().status(living.time(world.now)).out_of_service)
    };
    let reasons: Vec<_> = world.stations.iter().map(why).collect();
    let can_be_told = world.stations.iter().all(|station| station.disk.health().is_well());
    let is_left_alone = |why: Option<OutOfService>| match why {
        Some(OutOfService::RestartedTooOften) => can_be_told && reasons.contains(&Some(None)),
        why => why.is_some(),
    };
    let all = (0..).zip(&reasons);
    all.filter(|(_, why)| is_left_alone(why.flatten())).map(|(lift, _)| lift).collect()
}

fn check_assignments(station: &Station, world: &World, stuck: &BTreeSet<u8>) -> Result<(), String> {
    let Some(living) = station.controller() else { return Ok(()) };
    if !matches!(living.role(), Role::Primary { .. }) || !world.network.is_in_order() {
        return Ok(());
    }
    if world.was_shaken(IN_ORDER_FOR) {
        return Ok(());
    }
    let status = living.node().status(living.time(world.now));
    for waiting in status.group.hall_calls {
        if let Some(lift) = waiting.assigned_to.filter(|lift| stuck.contains(&(lift.0 - 1))) {
            let call = waiting.call;
            return Err(format!("{call} is assigned to lift {lift}, which is out of service"));
        }
    }
    Ok(())
}

/// What nodes remember of lives that have ended, when all is at rest.
///
/// # Errors
/// When any of it has not been forgotten.
pub fn check_memory(world: &World) -> Result<(), String> {
    let living = |actor: Actor| {
        let mut stations = world.stations.iter().filter(|station| station.lift() == actor.lift);
        stations.any(|s| s.controller().is_some_and(|life| life.incarnation == actor.incarnation))
    };
    for station in &world.stations {
        let Some(checkpoint) = station.checkpoint() else { continue };
        for part in Part::every() {
            let mut actors = checkpoint.calls.part(part).context().actors();
            if let Some(actor) = actors.find(|actor| !living(*actor)) {
                let lift = station.lift();
                return Err(format!("lift {lift} has not forgotten {actor}, which has ended"));
            }
        }
    }
    Ok(())
}
