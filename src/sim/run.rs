//! One run of a plan, from the first moment to its verdict.

use std::time::Duration;

use super::fault::Kind;
use super::judge::{Broken, Judge};
use super::plan::Plan;
use super::promises::Figures;
use super::world::World;
use crate::time::Instant;

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
    /// How many of each kind were left out as beyond bearing.
    pub left_out: Vec<(Kind, u64)>,
    /// How many messages were said.
    pub messages: u64,
    /// How many passengers came.
    pub passengers: u64,
    /// What the observer saw, in numbers.
    pub figures: Figures,
    /// How long it took to replace primaries.
    pub takeovers: Vec<Duration>,
}

/// Runs a plan and remembers the last `keeps` of it.
pub fn run(plan: &Plan, keeps: Duration) -> Outcome {
    let mut world = World::new(plan, keeps);
    let mut judge = Judge::new(plan);
    let broken = judge.live_through(&mut world).err();
    Outcome {
        broken,
        lasted: world.now.since(Instant::START),
        hash: world.trace.hash(),
        timeline: if keeps.is_zero() { Vec::new() } else { world.trace.timeline() },
        counts: std::mem::take(&mut world.operator.counts).into_iter().collect(),
        left_out: std::mem::take(&mut world.operator.left_out).into_iter().collect(),
        messages: world.messages,
        passengers: world.people.came,
        figures: judge.figures().clone(),
        takeovers: std::mem::take(&mut world.takeovers),
    }
}
