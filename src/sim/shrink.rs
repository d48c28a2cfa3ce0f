//! Makes a failure small: fewer faults, fewer lifts, shorter, for as long as the same promise is
//! broken.

use std::collections::BTreeSet;
use std::time::Duration;

use super::plan::{Plan, Wishes};
use super::run::{Outcome, run};

/// A failure that is being made smaller.
struct Shrinking<'a> {
    seed: u64,
    promise: &'static str,
    wishes: Wishes,
    outcome: Outcome,
    /// How many more runs may be spent.
    left: usize,
    tell: &'a mut dyn FnMut(&str),
}

/// The smallest wishes found with which the seed breaks the same promise as with these, and how that
/// run goes. Nothing to shrink is nothing to return. At most `runs` are spent, and whoever waits is
/// told of every step.
pub fn shrink(
    seed: u64,
    wishes: &Wishes,
    runs: usize,
    tell: &mut dyn FnMut(&str),
) -> Option<(Wishes, Outcome)> {
    let outcome = run(&Plan::new(seed, wishes), Duration::ZERO);
    let promise = outcome.broken.as_ref()?.promise;
    let wishes = wishes.clone();
    let mut shrinking = Shrinking { seed, promise, wishes, outcome, left: runs, tell };
    shrinking.shorten();
    shrinking.drop_faults();
    shrinking.drop_lifts();
    shrinking.drop_faults();
    shrinking.shorten();
    Some((shrinking.wishes, shrinking.outcome))
}

impl Shrinking<'_> {
    /// Whether it still fails so; then these are the wishes from now on.
    fn still_fails(&mut self, wishes: Wishes) -> bool {
        if self.left == 0 || wishes == self.wishes {
            return false;
        }
        self.left -= 1;
        let outcome = run(&Plan::new(self.seed, &wishes), Duration::ZERO);
        let fails = outcome.broken.as_ref().is_some_and(|b| b.promise == self.promise);
        if fails {
            (self.wishes, self.outcome) = (wishes, outcome);
            let plan = self.plan();
            let (faults, lifts) = (plan.faults.len(), plan.lifts);
            (self.tell)(&format!("{faults} faults, {lifts} lifts, {:?}", plan.lasts));
        }
        fails
    }

    fn plan(&self) -> Plan {
        Plan::new(self.seed, &self.wishes)
    }

    /// Ends it right after the failure; or if it fails after the healing, heals earlier.
    fn shorten(&mut self) {
        let failed = Duration::from_secs(self.outcome.lasted.as_secs() + 1);
        if failed < self.plan().lasts {
            self.still_fails(Wishes { lasts: Some(failed), ..self.wishes.clone() });
        }
        for tenths in [1, 2, 4, 6, 8, 9] {
            let lasts = Duration::from_secs((self.plan().lasts * tenths / 10).as_secs());
            if self.still_fails(Wishes { lasts: Some(lasts), ..self.wishes.clone() }) {
                break;
            }
        }
    }

    /// Leaves out half of the faults, a quarter, and so on down to each alone.
    fn drop_faults(&mut self) {
        let mut size = self.plan().faults.len().div_ceil(2);
        while size > 0 {
            let all: Vec<usize> = self.plan().faults.iter().map(|fault| fault.number).collect();
            let mut dropped = false;
            for part in all.chunks(size) {
                let now: BTreeSet<usize> = self.plan().faults.iter().map(|f| f.number).collect();
                let only = now.into_iter().filter(|number| !part.contains(number)).collect();
                dropped |= self.still_fails(Wishes { only: Some(only), ..self.wishes.clone() });
            }
            if !dropped || size > 1 {
                size /= 2;
            }
        }
    }

    fn drop_lifts(&mut self) {
        for lifts in 1..self.plan().lifts {
            if self.still_fails(Wishes { lifts: Some(lifts), ..self.wishes.clone() }) {
                break;
            }
        }
    }
}
