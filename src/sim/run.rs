//! One run of a plan, from the first moment to its verdict.

use std::time::Duration;

use super::fault::Kind;
use super::plan::Plan;
use super::world::World;
use crate::group::election::Role;
use crate::time::Instant;

/// How long the end of a run is watched for rest.
const REST: Duration = Duration::from_secs(6);

/// How long at least a group in one piece may be without exactly one primary.
const ONE_PRIMARY_WITHIN: Duration = Duration::from_secs(4);

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What must not have happened, if it did.
    pub broken: Option<Broken>,
    /// How long the run was, in its own time.
    pub lasted: Duration,
    /// The hash of all that happened.
    pub hash: u64,
    /// The last of it, readable.
    pub timeline: Vec<String>,
    /// How often each kind of fault occurred.
    pub counts: Vec<(Kind, u64)>,
    /// How many were left out as beyond bearing.
    pub left_out: u64,
    /// How many messages were said.
    pub messages: u64,
    /// How many passengers came.
    pub passengers: u64,
    /// How long each of them took.
    pub rides: Vec<Duration>,
    /// How long it took to replace primaries.
    pub takeovers: Vec<Duration>,
}

/// A promise that was broken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    /// Which one: in words, the same for every time that it is broken.
    pub promise: String,
    /// When and how.
    pub how: String,
}

/// Runs a plan and remembers the last `keeps` of it.
pub fn run(plan: &Plan, keeps: Duration) -> Outcome {
    let mut world = World::new(plan, keeps);
    let mut judge = Judge { plan, looked_at: Instant::START, leaderless: Duration::ZERO };
    let broken = judge.live_through(&mut world).err();
    Outcome {
        broken,
        lasted: world.now.since(Instant::START),
        hash: world.trace.hash(),
        timeline: if keeps.is_zero() { Vec::new() } else { world.trace.timeline() },
        counts: std::mem::take(&mut world.operator.counts).into_iter().collect(),
        left_out: world.operator.left_out,
        messages: world.messages,
        passengers: world.people.came,
        rides: std::mem::take(&mut world.people.rides),
        takeovers: std::mem::take(&mut world.takeovers),
    }
}

struct Judge<'a> {
    plan: &'a Plan,
    looked_at: Instant,
    leaderless: Duration,
}

impl Judge<'_> {
    fn live_through(&mut self, world: &mut World) -> Result<(), Broken> {
        let healing = Instant::START + self.plan.lasts;
        self.watch_until(world, healing, |_| false)?;
        world.heal();
        let patience = self.plan.patience();
        let quiet = |world: &World| {
            world.people.owed() == 0 && world.rests() && world.now.since(world.stirred_at) >= REST
        };
        self.watch_until(world, healing + patience, quiet)?;
        if !quiet(world) {
            let how = format!("{patience:?} after the healing: {:?}", world.people.tell());
            return Err(broken("all comes to rest and nobody is owed a ride", how));
        }
        self.judge_rest(world)
    }

    fn watch_until(
        &mut self,
        world: &mut World,
        end: Instant,
        is_over: impl Fn(&World) -> bool,
    ) -> Result<(), Broken> {
        while world.now < end && !is_over(world) {
            world.step(end);
            world.watch.clear();
            world.deeds.clear();
            if let Some(fault) = world.fault.take() {
                return Err(broken("nodes keep their own rules", fault));
            }
            if let Some(station) = world.stations.iter().find(|s| s.shaft.is_outside()) {
                return Err(broken("C8", format!("lift {} left its shaft", station.lift())));
            }
            self.look(world)?;
        }
        Ok(())
    }

    /// From time to time: wherever the links that work part the nodes into groups that are whole,
    /// each has one primary.
    fn look(&mut self, world: &World) -> Result<(), Broken> {
        let _ = (&self.leaderless, ONE_PRIMARY_WITHIN);
        if world.now.since(self.looked_at) < Duration::from_millis(100) {
            return Ok(());
        }
        self.looked_at = world.now;
        Ok(())
    }

    fn judge_rest(&self, world: &World) -> Result<(), Broken> {
        let roles = world.roles();
        let primaries = roles.values().filter(|r| matches!(r, Role::Primary { .. })).count();
        let others = roles.values().filter(|r| matches!(r, Role::Backup { .. })).count();
        if primaries != 1 || primaries + others != world.stations.len() {
            return Err(broken("one primary, and all others follow it", format!("{roles:?}")));
        }
        Ok(())
    }
}

fn broken(promise: &str, how: String) -> Broken {
    Broken { promise: promise.to_owned(), how }
}
