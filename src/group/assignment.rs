//! Which lift answers which hall call.
//!
//! Every lift is foreseen by the rules that drive it, with the calls that it
//! would have. The assignment is sought that makes the sum of the squared waits smallest: squared,
//! so that one passenger who waits very long weighs more than several who wait a little, and
//! nobody is forgotten.
//!
//! A call that is taken from the lift that has it counts as if its passenger had to wait
//! `CHANGE_COSTS` longer. So a call moves for a gain that a passenger would notice, however long
//! anybody has been waiting, and no two lifts swap it back and forth.
//!
//! It is a search for a good answer, not for the best: every call in turn goes where it costs
//! least, until no single move makes it better. In a large group only the likeliest lifts are asked
//! for each call, and only so many moves are weighed at a time; the next search goes on elsewhere.

use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use super::foresight::foresee;
use crate::building::LiftId;
use crate::calls::HallCall;
use crate::config::Config;
use crate::lift::panel::{Button, Buttons};
use crate::lift::report::Report;

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

/// What it costs to take a call from a lift, as a wait: what a passenger would just notice.
const CHANGE_COSTS: Duration = Duration::from_secs(2);

/// Gains below this, in squares of seconds, are errors of arithmetic.
const NO_GAIN: f64 = 1e-6;

/// How often the search goes through all calls, at most; the second time finds next to nothing.
const MOST_ROUNDS: usize = 4;
/// How many lifts are asked for a call, the likeliest ones.
const MOST_ASKED: usize = 8;
/// After so many foreseen lifts no more moves are weighed.
const MOST_FORESEEN: usize = 1000;
/// Up to so many pairs of a lift and a call the search also begins anew, from nothing.
const MOST_PAIRS_ANEW: usize = 128;

/// A good assignment of these calls, each with the time that it has waited, to these lifts.
/// Without a lift nothing is assigned.
pub fn assign(
    config: &Config,
    candidates: &[Candidate],
    waiting: &BTreeMap<HallCall, Duration>,
    present: &Assignments,
) -> Assignments {
    if candidates.is_empty() || waiting.is_empty() {
        return Assignments::new();
    }
    let problem = Problem { config, candidates, waiting, present, foreseen: Cell::new(0) };
    let kept = problem.complete(problem.kept());
    if candidates.len() * waiting.len() > MOST_PAIRS_ANEW {
        return problem.named(kept);
    }
    let fresh = problem.complete(problem.nothing());
    problem.named(if fresh.cost() < kept.cost() - NO_GAIN { fresh } else { kept })
}

struct Problem<'a> {
    config: &'a Config,
    candidates: &'a [Candidate],
    waiting: &'a BTreeMap<HallCall, Duration>,
    present: &'a Assignments,
    /// How often a lift was foreseen so far.
    foreseen: Cell<usize>,
}

/// One way to divide the calls among the candidates, which go by their index.
struct Division {
    owners: BTreeMap<HallCall, usize>,
    loads: Vec<Load>,
}

/// What one candidate has to do.
#[derive(Clone, Copy)]
struct Load {
    calls: Buttons,
    cost: f64,
}

impl Division {
    fn cost(&self) -> f64 {
        self.loads.iter().map(|load| load.cost).sum()
    }
}

impl Problem<'_> {
    fn nothing(&self) -> Division {
        let loads = (0..self.candidates.len()).map(|index| self.load(index, Buttons::NONE));
        Division { owners: BTreeMap::new(), loads: loads.collect() }
    }

    /// Every call is with whom it was assigned to before, if that lift can take it.
    fn kept(&self) -> Division {
        let index_of: BTreeMap<LiftId, usize> =
            self.candidates.iter().enumerate().map(|(index, c)| (c.lift, index)).collect();
        let owner = |call: &HallCall| Some((*call, *index_of.get(self.present.get(call)?)?));
        let owners: BTreeMap<HallCall, usize> = self.waiting.keys().filter_map(owner).collect();
        let mut calls = vec![Buttons::NONE; self.candidates.len()];
        for (call, index) in &owners {
            calls[*index].insert(Button::from(*call));
        }
        let loads = calls.into_iter().enumerate().map(|(index, calls)| self.load(index, calls));
        Division { owners, loads: loads.collect() }
    }

    fn complete(&self, mut division: Division) -> Division {
        self.insert(&mut division);
        self.improve(&mut division);
        division
    }

    /// Gives every call that nobody has, the longest waiting first, to whom it costs least.
    fn insert(&self, division: &mut Division) {
        let open = self.waiting.keys().copied().filter(|call| !division.owners.contains_key(call));
        let mut open: Vec<HallCall> = open.collect();
        open.sort_by_key(|call| Reverse(self.waiting[call]));
        for call in open {
            if let Some((_, index)) = self.best_for(division, call) {
                self.give(division, call, index);
            }
        }
    }

    /// Moves single calls for as long as that makes it better and there is time.
    fn improve(&self, division: &mut Division) {
        let calls = self.in_turn();
        for _ in 0..MOST_ROUNDS {
            let mut moved = false;
            for call in &calls {
                if self.foreseen.get() > MOST_FORESEEN {
                    return;
                }
                let owner = division.owners[call];
                let without = division.loads[owner].calls.without(&only(*call));
                let saved = division.loads[owner].cost - self.load(owner, without).cost;
                if let Some((cost, index)) = self.best_for(division, *call)
                    && cost < saved - NO_GAIN
                {
                    self.give(division, *call, index);
                    moved = true;
                }
            }
            if !moved {
                break;
            }
        }
    }

    /// All calls. As time passes each of them is the first one, so that none is always too late.
    fn in_turn(&self) -> Vec<HallCall> {
        let mut calls: Vec<HallCall> = self.waiting.keys().copied().collect();
        let longest = self.waiting.values().max().map_or(0, Duration::as_secs);
        let turn = usize::try_from(longest).unwrap_or_default() * 31 % calls.len().max(1);
        if self.candidates.len() > MOST_ASKED {
            calls.rotate_left(turn);
        }
        calls
    }

    /// Who takes the call for the least additional cost, among those who do not have it yet.
    fn best_for(&self, division: &Division, call: HallCall) -> Option<(f64, usize)> {
        let costs = self.likeliest_for(division, call).into_iter().map(|index| {
            let before = division.loads[index];
            (self.load(index, with(before.calls, call)).cost - before.cost, index)
        });
        costs.min_by(|a, b| a.0.total_cmp(&b.0))
    }

    /// Those who do not have the call and are likeliest to come soon: near, with little to do.
    fn likeliest_for(&self, division: &Division, call: HallCall) -> Vec<usize> {
        let owner = division.owners.get(&call).copied();
        let others = (0..self.candidates.len()).filter(|index| Some(*index) != owner);
        let mut others: Vec<usize> = others.collect();
        if others.len() > MOST_ASKED {
            others.sort_by_cached_key(|index| self.rough_guess(division, *index, call));
            others.truncate(MOST_ASKED);
        }
        others
    }

    fn rough_guess(&self, division: &Division, index: usize, call: HallCall) -> Duration {
        let Candidate { report, cab, .. } = &self.candidates[index];
        let floors = report.floor.map_or(u8::MAX, |at| at.number().abs_diff(call.floor().number()));
        let stops = division.loads[index].calls.floors().union(cab.floors()).iter().count();
        let stops = u32::try_from(stops).unwrap_or(u32::MAX);
        self.config.travel_time * u32::from(floors) + self.config.door_dwell * stops
    }

    fn give(&self, division: &mut Division, call: HallCall, index: usize) {
        if let Some(owner) = division.owners.insert(call, index) {
            let without = division.loads[owner].calls.without(&only(call));
            division.loads[owner] = self.load(owner, without);
        }
        division.loads[index] = self.load(index, with(division.loads[index].calls, call));
    }

    /// These hall calls for this candidate, at the sum of the squared waits, in squares of seconds.
    fn load(&self, index: usize, calls: Buttons) -> Load {
        self.foreseen.set(self.foreseen.get() + 1);
        let Candidate { lift, report, cab } = &self.candidates[index];
        let all = calls.union(cab);
        let waits =
            foresee(self.config, *report, all).into_iter().map(|(button, at)| match button {
                Button::Hall(floor, direction) => {
                    let call = HallCall::new(self.config.building, floor, direction);
                    at + call.map_or(Duration::ZERO, |call| self.handicap(call, *lift))
                }
                Button::Cab(_) => at,
            });
        Load { calls, cost: waits.map(|wait| wait.as_secs_f64().powi(2)).sum() }
    }

    /// How long the call has waited, and what it costs to take it from whom it was assigned to.
    fn handicap(&self, call: HallCall, lift: LiftId) -> Duration {
        let waited = self.waiting.get(&call).copied().unwrap_or_default();
        let owner = self.present.get(&call);
        let can_keep = || self.candidates.iter().any(|c| Some(&c.lift) == owner);
        if owner != Some(&lift) && can_keep() { waited + CHANGE_COSTS } else { waited }
    }

    fn named(&self, division: Division) -> Assignments {
        let lift = |index: usize| self.candidates[index].lift;
        division.owners.into_iter().map(|(call, index)| (call, lift(index))).collect()
    }
}

fn only(call: HallCall) -> Buttons {
    with(Buttons::NONE, call)
}

fn with(mut calls: Buttons, call: HallCall) -> Buttons {
    calls.insert(Button::from(call));
    calls
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::building::{Building, Direction, Floor};
    use crate::lift::report::Motion;
    use Direction::{Down, Up};

    fn floor(number: u8) -> Floor {
        Floor::try_from(number).unwrap()
    }

    fn config() -> Config {
        Config::new(LiftId(1), Building::try_from(10).unwrap())
    }

    fn call(number: u8, direction: Direction) -> HallCall {
        HallCall::new(config().building, floor(number), direction).unwrap()
    }

    fn resting(lift: u8, at: u8) -> Candidate {
        let report = Report {
            floor: Some(floor(at)),
            committed: None,
            motion: Motion::DoorClosed,
            out_of_service: None,
        };
        Candidate { lift: LiftId(lift), report, cab: Buttons::NONE }
    }

    fn rising(lift: u8, at: u8, cab: &[u8]) -> Candidate {
        let resting = resting(lift, at);
        let report = Report { committed: Some(Up), motion: Motion::Moving, ..resting.report };
        let cab = cab.iter().map(|to| Button::Cab(floor(*to))).collect();
        Candidate { lift: LiftId(lift), report, cab }
    }

    fn waiting(calls: &[(HallCall, u64)]) -> BTreeMap<HallCall, Duration> {
        calls.iter().map(|(call, age)| (*call, Duration::from_secs(*age))).collect()
    }

    fn assigned(candidates: &[Candidate], calls: &[HallCall]) -> Vec<u8> {
        let waiting = waiting(&calls.iter().map(|call| (*call, 0)).collect::<Vec<_>>());
        let assignments = assign(&config(), candidates, &waiting, &Assignments::new());
        calls.iter().map(|call| assignments[call].0).collect()
    }

    #[test]
    fn the_nearest_resting_lift_comes() {
        let lifts = [resting(1, 0), resting(2, 6)];
        assert_eq!(assigned(&lifts, &[call(5, Down)]), [2]);
        assert_eq!(assigned(&lifts, &[call(1, Up)]), [1]);
    }

    #[test]
    fn a_near_lift_that_goes_away_is_farther_than_a_far_one_that_rests() {
        let lifts = [rising(1, 4, &[7, 9]), resting(2, 0)];
        assert_eq!(assigned(&lifts, &[call(3, Up)]), [2], "nearest car would send lift 1");
    }

    #[test]
    fn a_lift_that_comes_by_anyhow_takes_who_goes_its_way_and_no_one_else() {
        let lifts = [rising(1, 2, &[9]), resting(2, 9)];
        assert_eq!(assigned(&lifts, &[call(4, Up)]), [1]);
        assert_eq!(assigned(&lifts, &[call(4, Down)]), [2], "nearest car would send lift 1");
    }

    #[test]
    fn a_lift_with_many_stops_ahead_is_spared() {
        let lifts = [rising(1, 3, &[4, 5, 6, 7]), resting(2, 3)];
        assert_eq!(assigned(&lifts, &[call(8, Up)]), [2], "nearest car would not care");
    }

    #[test]
    fn calls_are_spread_over_lifts_that_rest() {
        let lifts = [resting(1, 5), resting(2, 5)];
        let both = assigned(&lifts, &[call(1, Up), call(9, Down)]);
        assert_ne!(both[0], both[1]);
    }

    #[test]
    fn an_equal_lift_does_not_take_a_call_however_long_it_waits() {
        for age in [0, 1, 10, 100, 1000] {
            let waiting = waiting(&[(call(5, Down), age)]);
            let present = Assignments::from([(call(5, Down), LiftId(2))]);
            let lifts = [resting(1, 5), resting(2, 5)];
            assert_eq!(assign(&config(), &lifts, &waiting, &present), present, "age {age} s");
        }
    }

    #[test]
    fn an_open_door_keeps_the_call_that_it_is_about_to_answer() {
        let open = Report { motion: Motion::DoorOpen, committed: Some(Up), ..resting(1, 5).report };
        let lifts = [Candidate { report: open, ..resting(1, 5) }, resting(2, 5)];
        let present = Assignments::from([(call(5, Up), LiftId(1))]);
        for age in [0, 100] {
            let waiting = waiting(&[(call(5, Up), age)]);
            assert_eq!(assign(&config(), &lifts, &waiting, &present), present, "age {age} s");
        }
    }

    #[test]
    fn a_gain_that_a_passenger_notices_moves_a_call() {
        let lifts = [rising(1, 6, &[9]), resting(2, 4)];
        let present = Assignments::from([(call(5, Up), LiftId(1))]);
        let waiting = waiting(&[(call(5, Up), 3)]);
        assert_eq!(assign(&config(), &lifts, &waiting, &present)[&call(5, Up)], LiftId(2));
    }

    #[test]
    fn a_lift_that_can_take_no_calls_loses_its_own_to_the_others() {
        let present = Assignments::from([(call(5, Up), LiftId(1)), (call(2, Up), LiftId(1))]);
        let waiting = waiting(&[(call(5, Up), 0), (call(2, Up), 0)]);
        let assignments = assign(&config(), &[resting(2, 0)], &waiting, &present);
        assert!(assignments.len() == 2 && assignments.values().all(|lift| *lift == LiftId(2)));
    }

    #[test]
    fn without_a_lift_nothing_is_assigned() {
        let present = Assignments::from([(call(5, Up), LiftId(1))]);
        let waiting = waiting(&[(call(5, Up), 0)]);
        assert_eq!(assign(&config(), &[], &waiting, &present), Assignments::new());
    }

    #[test]
    fn who_has_waited_long_comes_before_those_who_have_not() {
        let old = call(9, Down);
        let waiting = waiting(&[(old, 90), (call(1, Up), 0), (call(2, Up), 0)]);
        let lifts = [resting(1, 0), resting(2, 6)];
        let assignments = assign(&config(), &lifts, &waiting, &Assignments::new());
        assert_eq!(assignments[&old], LiftId(2));
        assert!(assignments.iter().all(|(call, lift)| *call == old || *lift == LiftId(1)));
    }

    #[test]
    fn an_assignment_once_made_stays_while_nothing_changes() {
        let lifts = [resting(1, 0), resting(2, 4), rising(3, 2, &[8])];
        let all = (0..9).map(|n| call(n, Up)).chain((1..10).map(|n| call(n, Down)));
        let ages: Vec<(HallCall, u64)> = all.zip(0..).collect();
        let mut present = assign(&config(), &lifts, &waiting(&ages), &Assignments::new());
        for _ in 0..20 {
            let next = assign(&config(), &lifts, &waiting(&ages), &present);
            assert_eq!(next, present);
            present = next;
        }
    }
}
