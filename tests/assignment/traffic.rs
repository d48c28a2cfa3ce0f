//! An hour of passengers who press at random, at several lifts. The same presses are served by our
//! assignment and by the simplest rule there is: the nearest car, once and for all.

use std::collections::BTreeMap;
use std::time::Duration;

use lift_group::building::{Building, Direction, Floor, LiftId};
use lift_group::calls::HallCall;
use lift_group::group::assignment::{Assignments, Candidate, assign};
use lift_group::lift::panel::{Button, Buttons};
use lift_group::sim::chance::Chance;
use lift_group::time::Instant;

use crate::car::{Car, TICK, config};

const HOUR: u32 = 36_000; // in ticks

/// How often the assignment looks at cars that have moved.
const LOOK_EVERY: u32 = 5;

#[derive(Clone, Copy, PartialEq)]
enum Rule {
    Ours,
    NearestCar,
}

/// A house full of people.
struct House {
    rule: Rule,
    building: Building,
    cars: Vec<Car>,
    cabs: Vec<Buttons>,
    /// Since when each call waits, and where its passenger wants to go.
    waiting: BTreeMap<HallCall, (Instant, Button)>,
    assignments: Assignments,
    waits: Vec<Duration>,
}

/// What the passengers say of it.
#[derive(Debug)]
struct Verdict {
    answered: usize,
    average: Duration,
    longest: Duration,
}

impl House {
    fn new(rule: Rule, floors: u8, lifts: u8) -> Self {
        Self {
            rule,
            building: config(floors).building,
            cars: (0..lifts).map(|_| Car::at(floors, 0)).collect(),
            cabs: vec![Buttons::NONE; lifts.into()],
            waiting: BTreeMap::new(),
            assignments: Assignments::new(),
            waits: Vec::new(),
        }
    }

    /// Somebody may want to go somewhere. Whatever the lifts do, the same people come.
    fn receive_passengers(&mut self, now: Instant, chance: &mut Chance, one_in: u64) -> bool {
        let comes = chance.below(one_in) == 0;
        let floors = u64::from(self.building.floors());
        let [from, to] = [(); 2].map(|()| u8::try_from(chance.below(floors)).unwrap());
        if !comes || from == to {
            return false;
        }
        let direction = if to > from { Direction::Up } else { Direction::Down };
        let [from, to] = [from, to].map(|number| self.building.floor(number).unwrap());
        let call = HallCall::new(self.building, from, direction).unwrap();
        let is_new = !self.waiting.contains_key(&call);
        self.waiting.entry(call).or_insert((now, Button::Cab(to)));
        if is_new && self.rule == Rule::NearestCar {
            let nearest = self.nearest_to(call);
            self.assignments.insert(call, nearest);
        }
        is_new
    }

    fn nearest_to(&self, call: HallCall) -> LiftId {
        let distance = |car: &Car| {
            let at = car.report().floor.map_or(0, Floor::number);
            at.abs_diff(call.floor().number())
        };
        let nearest = (0..).zip(&self.cars).min_by_key(|(_, car)| distance(car)).unwrap();
        LiftId(nearest.0)
    }

    fn assign(&mut self, now: Instant) {
        if self.rule == Rule::NearestCar {
            return;
        }
        let cars = (0..).zip(self.cars.iter().zip(&self.cabs));
        let candidates: Vec<Candidate> = cars
            .map(|(lift, (car, cab))| Candidate {
                lift: LiftId(lift),
                report: car.report(),
                cab: *cab,
            })
            .filter(|candidate| candidate.report.floor.is_some())
            .collect();
        let ages = self.waiting.iter().map(|(call, (since, _))| (*call, now.since(*since)));
        let config = config(self.building.floors());
        self.assignments = assign(&config, &candidates, &ages.collect(), &self.assignments);
    }

    /// Lets every car go on; whether anybody was answered.
    fn drive(&mut self, now: Instant) -> bool {
        let before = self.waits.len();
        for at in 0..self.cars.len() {
            let own = |(call, lift): (&HallCall, &LiftId)| {
                (usize::from(lift.0) == at).then_some(Button::from(*call))
            };
            let hall = self.assignments.iter().filter_map(own);
            let calls = hall.chain(self.cabs[at].iter()).collect();
            let answered = self.cars[at].tick(now, &calls);
            self.cabs[at] = self.cabs[at].without(&answered);
            for button in answered.iter() {
                self.board(now, at, button);
            }
        }
        self.waits.len() > before
    }

    fn board(&mut self, now: Instant, car: usize, button: Button) {
        let Button::Hall(floor, direction) = button else { return };
        let call = HallCall::new(self.building, floor, direction).unwrap();
        let Some((since, wish)) = self.waiting.remove(&call) else { return };
        self.assignments.remove(&call);
        self.cabs[car].insert(wish);
        self.waits.push(now.since(since));
    }
}

/// An hour with a passenger every so many ticks on average, and then until the last is served.
fn an_hour(rule: Rule, floors: u8, lifts: u8, one_in: u64, seed: u64) -> Verdict {
    let (mut house, mut chance) =
        (House::new(rule, floors, lifts), Chance::new(seed, "passengers"));
    let mut tick = 0;
    while tick < HOUR || !house.waiting.is_empty() {
        let now = Instant::START + TICK * tick;
        let pressed = tick < HOUR && house.receive_passengers(now, &mut chance, one_in);
        let answered = house.drive(now);
        if pressed || answered || tick % LOOK_EVERY == 0 {
            house.assign(now);
        }
        tick += 1;
        assert!(tick < 2 * HOUR, "somebody waits for ever: {:?}", house.waiting);
    }
    let answered = house.waits.len();
    let average = house.waits.iter().sum::<Duration>() / u32::try_from(answered).unwrap();
    Verdict { answered, average, longest: house.waits.into_iter().max().unwrap() }
}

/// Both rules, on the same passengers.
fn compare(floors: u8, lifts: u8, one_in: u64) -> [Verdict; 2] {
    let verdicts = [Rule::Ours, Rule::NearestCar]
        .map(|rule| an_hour(rule, floors, lifts, one_in, 0x9E37_79B9_7F4A_7C15));
    println!("{lifts} lifts, {floors} floors: ours {:?}", verdicts[0]);
    println!("{lifts} lifts, {floors} floors: nearest car {:?}", verdicts[1]);
    verdicts
}

#[test]
fn nobody_waits_for_long_at_three_busy_lifts_and_less_than_for_the_nearest_car() {
    let [ours, nearest] = compare(8, 3, 60);
    assert!(ours.answered > 400);
    assert!(ours.average < nearest.average);
    assert!(ours.longest < Duration::from_secs(180));
}

#[test]
fn nobody_waits_for_long_at_eight_busy_lifts_and_less_than_for_the_nearest_car() {
    let [ours, nearest] = compare(12, 8, 30);
    assert!(ours.answered > 800);
    assert!(ours.average < nearest.average);
    assert!(ours.longest < Duration::from_secs(180));
}

#[test]
fn nobody_is_forgotten_by_lifts_that_have_more_to_do_than_they_can() {
    let ours = an_hour(Rule::Ours, 8, 3, 10, 7);
    println!("3 lifts, 8 floors, more passengers than they can carry: {ours:?}");
    // A car that stops at every floor, up and down, takes some two minutes.
    assert!(ours.longest < Duration::from_secs(300));
}
