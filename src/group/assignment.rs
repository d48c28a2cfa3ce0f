//! Which lift answers which hall call.
//!
//! Every lift is foreseen by the rules that drive it ([`crate::lift::collective`]), run ahead over
//! the calls that it would have. The assignment is sought that makes the sum of the squared waits
//! smallest: squared, so that one passenger who waits very long weighs more than several who wait
//! a little, and nobody is forgotten. It is a pure function of the worldview, computed afresh on
//! every change; what is already assigned moves only for a gain that a passenger would notice.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::building::{Building, Direction, Floor, LiftId};
use crate::calls::HallCall;
use crate::config::Config;
use crate::lift::collective;
use crate::lift::panel::{Button, Buttons};
use crate::lift::report::{Motion, Report};

/// A lift that can take hall calls.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// Which lift.
    pub lift: LiftId,
    /// Where it is and what it does.
    pub report: Report,
    /// The calls of its own passengers.
    pub cab: Buttons,
}

/// Who answers what.
pub type Assignments = BTreeMap<HallCall, LiftId>;

/// A change must make waits shorter by as much as one passenger's wait of 2 s, in squares of
/// seconds, to be worth the confusion.
const WORTH_A_CHANGE: f64 = 4.0;

/// The best assignment of these calls, each with the time that it has waited, to these lifts.
/// Without a lift nothing is assigned.
pub fn assign(
    config: &Config,
    candidates: &[Candidate],
    waiting: &BTreeMap<HallCall, Duration>,
    present: &Assignments,
) -> Assignments {
    let plan = Plan { config, candidates, waiting };
    let kept = plan.keep(present);
    let fresh = plan.improve(plan.insert(Assignments::new()));
    let kept = plan.insert(kept);
    if plan.cost(&fresh) + WORTH_A_CHANGE < plan.cost(&kept) { fresh } else { kept }
}

struct Plan<'a> {
    config: &'a Config,
    candidates: &'a [Candidate],
    waiting: &'a BTreeMap<HallCall, Duration>,
}

impl Plan<'_> {
    /// What of the present assignment is still possible.
    fn keep(&self, present: &Assignments) -> Assignments {
        let possible = |call: &HallCall, lift: &LiftId| {
            self.waiting.contains_key(call) && self.candidates.iter().any(|c| c.lift == *lift)
        };
        present.iter().filter(|(call, lift)| possible(call, lift)).map(|(c, l)| (*c, *l)).collect()
    }

    /// Gives every call that nobody has, the longest waiting first, to whom it costs least.
    fn insert(&self, mut assigned: Assignments) -> Assignments {
        let mut open: Vec<HallCall> =
            self.waiting.keys().copied().filter(|call| !assigned.contains_key(call)).collect();
        open.sort_by_key(|call| std::cmp::Reverse(self.waiting[call]));
        for call in open {
            if let Some((_, better)) = self.best_with(&assigned, call) {
                assigned = better;
            }
        }
        assigned
    }

    /// Moves single calls for as long as that makes it better.
    fn improve(&self, mut assigned: Assignments) -> Assignments {
        let mut cost = self.cost(&assigned);
        loop {
            let moved = self.waiting.keys().filter_map(|call| self.best_with(&assigned, *call));
            let Some((less, better)) = moved.min_by(|a, b| a.0.total_cmp(&b.0)) else { break };
            if less >= cost {
                break;
            }
            (cost, assigned) = (less, better);
        }
        assigned
    }

    /// The cheapest assignment that differs from this one in this call at most.
    fn best_with(&self, assigned: &Assignments, call: HallCall) -> Option<(f64, Assignments)> {
        let with = |candidate: &Candidate| {
            let mut changed = assigned.clone();
            changed.insert(call, candidate.lift);
            (self.cost(&changed), changed)
        };
        self.candidates.iter().map(with).min_by(|a, b| a.0.total_cmp(&b.0))
    }

    /// The sum of the squared waits, in squares of seconds.
    fn cost(&self, assigned: &Assignments) -> f64 {
        self.candidates.iter().map(|candidate| self.cost_of(candidate, assigned)).sum()
    }

    fn cost_of(&self, candidate: &Candidate, assigned: &Assignments) -> f64 {
        let own = assigned.iter().filter(|(_, lift)| **lift == candidate.lift);
        let hall = own.map(|(call, _)| Button::Hall(call.floor(), call.direction()));
        let calls: Buttons = hall.chain(candidate.cab.iter()).collect();
        let squares =
            foresee(self.config, &candidate.report, calls).into_iter().map(|(button, at)| {
                let waited = self.waited(button);
                (waited + at).as_secs_f64().powi(2)
            });
        squares.sum()
    }

    fn waited(&self, button: Button) -> Duration {
        let Button::Hall(floor, direction) = button else { return Duration::ZERO };
        let call = HallCall::new(self.config.building, floor, direction);
        call.and_then(|call| self.waiting.get(&call).copied()).unwrap_or_default()
    }
}

/// When this lift would answer each of these calls, by the rules that drive it.
pub fn foresee(config: &Config, report: &Report, mut calls: Buttons) -> Vec<(Button, Duration)> {
    let Some(floor) = report.floor else { return Vec::new() };
    let mut car = Foreseen::begin(config, report, floor, &calls);
    let mut answered = Vec::new();
    // Every turn answers a call or moves the car towards one.
    for _ in 0..4 * usize::from(Building::MOST_FLOORS) {
        if calls.is_empty() {
            break;
        }
        let here = car.stop(&calls);
        answered.extend(here.iter().map(|button| (button, car.at)));
        calls = calls.without(&here);
        if !here.is_empty() {
            car.at += config.door_dwell;
        }
        car.go_on(config, &calls);
    }
    answered
}

struct Foreseen {
    floor: Floor,
    committed: Option<Direction>,
    at: Duration,
}

impl Foreseen {
    fn begin(config: &Config, report: &Report, floor: Floor, calls: &Buttons) -> Self {
        let mut car = Self { floor, committed: report.committed, at: Duration::ZERO };
        match report.motion {
            Motion::Moving | Motion::Halted => {
                car.at = config.travel_time / 2;
                car.roll(config, calls, Duration::ZERO);
            }
            Motion::DoorOpen => car.at = config.door_dwell / 2,
            Motion::DoorClosed | Motion::Unknown => {}
        }
        car
    }

    /// What is answered where the car stands.
    fn stop(&mut self, calls: &Buttons) -> Buttons {
        self.committed = collective::commit(calls, self.floor, self.committed);
        collective::answered_by(calls, self.floor, self.committed)
    }

    /// Drives to the next stop, if there is one.
    fn go_on(&mut self, config: &Config, calls: &Buttons) {
        self.committed = collective::commit(calls, self.floor, self.committed);
        let ahead = |d| collective::calls_ahead(calls, self.floor, d);
        if self.committed.is_some_and(ahead) {
            self.roll(config, calls, config.travel_time);
        }
    }

    fn roll(&mut self, config: &Config, calls: &Buttons, first: Duration) {
        let Some(direction) = self.committed else { return };
        let mut leg = first;
        while let Some(next) = config.building.next(self.floor, direction) {
            self.floor = next;
            self.at += leg;
            leg = config.travel_time;
            if collective::stops_at(calls, next, direction) {
                break;
            }
        }
    }
}
