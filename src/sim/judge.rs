//! The judge of a run: shows everything to the observer of the promises, and looks itself at what
//! an observer outside cannot see.

use std::fmt;
use std::time::Duration;

use super::cliques;
use super::inside::{Inside, check_memory};
use super::memory::Memory;
use super::plan::Plan;
use super::promises::{Bounds, Figures, Promises};
use super::trace::seconds;
use super::world::{Sight, World};
use crate::building::LiftId;
use crate::group::election::Role;
use crate::shell::hardware::SWEEP_INTERVAL;
use crate::time::Instant;

/// How long a building takes to find itself again after a fault: restarts back off to a second, a
/// disk is tried again every second, who has restarted often is watched for ten.
const CONVALESCENCE: Duration = Duration::from_secs(13);

/// How long the end of a run is watched for rest.
const REST: Duration = Duration::from_secs(6);

/// How often the judge looks into the nodes.
const LOOK: Duration = Duration::from_millis(100);

/// A promise that was broken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    /// Which one: the same words each time that it is broken.
    pub promise: &'static str,
    /// When and how.
    pub how: String,
}

/// The judge of one run.
pub struct Judge<'a> {
    plan: &'a Plan,
    promises: Promises,
    inside: Inside,
    memory: Memory,
    whole: bool,
    looked_at: Instant,
    disturbed_at: Instant,
}

impl<'a> Judge<'a> {
    /// A judge of what happens by this plan.
    pub fn new(plan: &'a Plan) -> Self {
        let lifts: Vec<LiftId> = (1..=plan.lifts).map(LiftId).collect();
        Self {
            plan,
            promises: Promises::new(plan.building, &lifts, bounds(plan)),
            inside: Inside::default(),
            memory: Memory::default(),
            whole: false,
            looked_at: Instant::START,
            disturbed_at: Instant::START,
        }
    }

    /// Lets the world go through both phases.
    ///
    /// # Errors
    /// As soon as a promise is broken.
    pub fn live_through(&mut self, world: &mut World) -> Result<(), Broken> {
        let healing = Instant::START + self.plan.lasts;
        self.watch_until(world, healing, |_, _| false)?;
        world.heal();
        let end = healing + CONVALESCENCE + self.plan.patience() * 2 + REST;
        let quiet = |judge: &Self, world: &World| {
            let still = world.now.since(world.stirred_at) >= REST;
            still && world.now.since(healing) >= CONVALESCENCE + REST && judge.promises.is_quiet()
        };
        self.watch_until(world, end, quiet)?;
        self.promises.settle(world.now).map_err(Broken::of_promise)?;
        if !self.whole || !quiet(self, world) {
            let last = [world.stirred_at, self.disturbed_at].map(seconds);
            let how = format!("something happened at {:.3} s, ended at {:.3} s", last[0], last[1]);
            return Err(Broken { promise: "G5: what is left in peace comes to rest", how });
        }
        self.judge_rest(world)
    }

    /// What it came to so far.
    pub fn figures(&self) -> &Figures {
        self.promises.figures()
    }

    fn watch_until(
        &mut self,
        world: &mut World,
        end: Instant,
        is_over: impl Fn(&Self, &World) -> bool,
    ) -> Result<(), Broken> {
        while world.now < end {
            world.step(end);
            self.show(world)?;
            if world.now.since(self.looked_at) >= LOOK {
                self.looked_at = world.now;
                self.look(world)?;
                if is_over(self, world) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Shows the observer what there was to see.
    fn show(&mut self, world: &mut World) -> Result<(), Broken> {
        if let Some(rule) = world.fault.take() {
            return Err(Broken { promise: "a node keeps its own rules", how: rule });
        }
        for (passenger, arrived) in std::mem::take(&mut world.people.news) {
            if arrived {
                self.promises.arrives(world.now, passenger);
            } else {
                self.promises.waits(world.now, passenger);
            }
        }
        for (lift, sight) in std::mem::take(&mut world.sights) {
            let done = match sight {
                Sight::Seen(seen) => self.promises.see(world.now, lift, seen),
                Sight::Deed(deed) => {
                    (self.whole, self.disturbed_at) = (false, world.now);
                    self.promises.suffer(world.now, lift, deed)
                }
            };
            done.map_err(Broken::of_promise)?;
        }
        Ok(())
    }

    fn look(&mut self, world: &World) -> Result<(), Broken> {
        self.promises.elapse(world.now).map_err(Broken::of_promise)?;
        if !world.operator.rests() {
            self.disturbed_at = world.now;
        }
        let calm = world.now.since(self.disturbed_at) >= CONVALESCENCE;
        if !self.whole && calm && world.operator.rests() {
            self.whole = true;
            self.promises.healed(world.now).map_err(Broken::of_promise)?;
        }
        self.inside.look(world).map_err(|how| Broken {
            promise: "A1: no call waits for a lift that is out of service",
            how,
        })?;
        self.memory.look(world).map_err(|how| Broken {
            promise: "G4: no press that a node knows to be answered comes back to it",
            how,
        })?;
        cliques::check(world, self.plan.heartbeat)
            .map_err(|how| Broken { promise: "P1: one primary in each group that is whole", how })
    }

    /// All is at rest: what the nodes know must be so as well.
    fn judge_rest(&self, world: &World) -> Result<(), Broken> {
        let roles = world.roles();
        let leads = |role: &&Role| matches!(role, Role::Primary { .. });
        if roles.len() != world.stations.len() || roles.values().filter(leads).count() != 1 {
            let promise = "P1: all nodes live, and one of them is primary, at the end";
            return Err(Broken { promise, how: format!("{roles:?}") });
        }
        let pending = self.figures().pending();
        if pending > 0 {
            let promise = "G1: something becomes of every promise";
            return Err(Broken { promise, how: format!("{pending} have been lost sight of") });
        }
        let promise = "G4: no state grows for ever, ended lives are forgotten";
        check_memory(world).map_err(|how| Broken { promise, how })?;
        let most =
            u128::from(self.plan.lifts) * (1000 / self.plan.heartbeat.as_millis().max(1) + 3);
        if u128::from(self.inside.chatter) > most + most / 10 {
            let how = format!("{} messages in a second at rest", self.inside.chatter);
            return Err(Broken { promise: "P1: no node says more than it has to", how });
        }
        Ok(())
    }
}

impl Broken {
    #[expect(clippy::needless_pass_by_value, reason = "it is what becomes of an error")]
    fn of_promise(broken: super::promises::Broken) -> Self {
        Self { promise: broken.promise.words(), how: broken.to_string() }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.how, self.promise)
    }
}

/// What the world of this plan can be held to.
fn bounds(plan: &Plan) -> Bounds {
    let wire = SWEEP_INTERVAL + plan.lag * 2;
    let grace = wire * 3 + plan.heartbeat * 5 + Duration::from_millis(100);
    Bounds {
        // The clock of a controller may be fast by a thousandth, and what it says last gets there
        // before its time: the end of a line delivers all that is under way.
        dwell: plan.door_dwell.mul_f64(0.998).saturating_sub(plan.lag),
        grace,
        light: Duration::from_millis(40) + plan.lag * 3 + plan.disk_time * 4,
        // A panel waits for its own disk, which may be busy with something else just then.
        agree: grace + plan.disk_time * 3,
        start: grace + Duration::from_secs(2),
        answer: plan.patience(),
        ride: plan.patience() * 2,
    }
}
