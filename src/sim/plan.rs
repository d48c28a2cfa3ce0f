//! What a seed stands for: a building, its people, and a list of all that will go wrong in it.
//!
//! Nothing is drawn alike in all seeds: how large the group is, how fast it speaks, which kinds of
//! faults there are and how often ("swarm testing", Groce and others, 2012). A seed that has every
//! fault all the time finds little, since everything is broken all the time.

use std::collections::BTreeSet;
use std::time::Duration;

use super::chance::Chance;
use super::fault::{Fault, Kind};
use crate::building::{Building, LiftId};
use crate::config::Config;
use crate::shell::hardware::SWEEP_INTERVAL;

/// What a person may ask for; whatever is not said is drawn.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Wishes {
    /// How many lifts.
    pub lifts: Option<u8>,
    /// How many floors.
    pub floors: Option<u8>,
    /// How often a controller speaks.
    pub heartbeat: Option<Duration>,
    /// How long a command or a reading is under way.
    pub lag: Option<Duration>,
    /// How long passengers are apart, on average.
    pub people_apart: Option<Duration>,
    /// For how long things go wrong.
    pub lasts: Option<Duration>,
    /// Which kinds of faults there are.
    pub kinds: Option<BTreeSet<Kind>>,
    /// Which of the faults happen, by their numbers.
    pub only: Option<BTreeSet<usize>>,
}

/// One run, whole.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    /// The seed of all chance in it.
    pub seed: u64,
    /// The building.
    pub building: Building,
    /// How many lifts, numbered from 1.
    pub lifts: u8,
    /// How often a controller speaks.
    pub heartbeat: Duration,
    /// How long a car takes from floor to floor.
    pub travel_time: Duration,
    /// For how long a door stands open.
    pub door_dwell: Duration,
    /// How long a command or a reading is under way.
    pub lag: Duration,
    /// Every reading is delivered, also one that says the same as the one before.
    pub every_reading: bool,
    /// How long a disk takes for one task, at most, while all is well.
    pub disk_time: Duration,
    /// The real seal is at work.
    pub sealed: bool,
    /// How long passengers are apart, on average.
    pub people_apart: Duration,
    /// For how long things go wrong, and people come.
    pub lasts: Duration,
    /// All that will go wrong, in order.
    pub faults: Vec<Fault>,
}

impl Plan {
    /// What this seed stands for, but for the wishes.
    pub fn new(seed: u64, wishes: &Wishes) -> Self {
        let chance = &mut Chance::new(seed, "plan");
        let lifts = size(chance);
        let lifts = wishes.lifts.unwrap_or(lifts);
        let floors = floors(chance);
        let floors = wishes.floors.unwrap_or(floors);
        let heartbeat = Duration::from_millis(chance.pick(&[10, 10, 10, 20, 25, 50, 100]));
        let heartbeat = wishes.heartbeat.unwrap_or(heartbeat);
        let lasts = chance.span(Duration::from_secs(60), Duration::from_secs(400));
        let lasts = wishes.lasts.unwrap_or(lasts);
        let lasts = Duration::from_secs(lasts.as_secs());
        let people_apart = draw_people_apart(chance);
        let drawn = draw_lag(chance);
        let lag = wishes.lag.unwrap_or(drawn);
        let building = Building::try_from(floors.clamp(2, 128));
        let building = building.unwrap_or_else(|why| unreachable!("{why}"));
        let plan = Self {
            seed,
            building,
            lifts: lifts.clamp(1, 16),
            heartbeat,
            travel_time: Duration::from_millis(chance.between(1000, 2500)),
            door_dwell: Duration::from_millis(chance.between(1500, 3000)),
            lag,
            // A reading may then be older than a command that was sent before it came.
            every_reading: chance.happens(0.2) || lag > SWEEP_INTERVAL,
            disk_time: Duration::from_millis(chance.pick(&[1, 5, 5, 30, 200])),
            sealed: chance.happens(0.15) || is_named(wishes, Kind::Intruder),
            people_apart: wishes.people_apart.unwrap_or(people_apart),
            lasts,
            faults: Vec::new(),
        };
        let faults = plan.draw_faults(wishes);
        Self { faults, ..plan }
    }

    /// The configuration of a lift, counted from 0.
    pub fn config(&self, lift: u8) -> Config {
        Config {
            door_dwell: self.door_dwell,
            travel_time: self.travel_time,
            heartbeat: self.heartbeat,
            ..Config::new(LiftId(lift + 1), self.building)
        }
    }

    /// How long it may take after the healing until everybody has had a ride: the time of a lift that
    /// goes through the whole building a few times and stops at every floor.
    pub fn patience(&self) -> Duration {
        let floor = self.travel_time + self.door_dwell * 3;
        Duration::from_secs(90) + floor * u32::from(self.building.floors()) * 6
    }

    /// Draws some kinds, each with its own rate, and their faults. The times of one kind do not
    /// depend on which others there are, and what comes first not on how long it goes on.
    fn draw_faults(&self, wishes: &Wishes) -> Vec<Fault> {
        let mut chance = Chance::new(self.seed, "kinds");
        let share = chance.pick(&[0.0, 0.1, 0.2, 0.4, 0.7]);
        let mut faults = Vec::new();
        for (index, kind) in Kind::ALL.into_iter().enumerate() {
            let mut own = Chance::new(self.seed, &kind.name());
            let said = wishes.kinds.as_ref().map(|kinds| kinds.contains(&kind));
            let drawn = chance.happens(share) && (self.sealed || kind != Kind::Intruder);
            if !said.unwrap_or(drawn) {
                continue;
            }
            let rarest = own.pick(&[8, 30, 120]);
            let apart = own.span(Duration::from_secs(4), Duration::from_secs(rarest));
            let mut at = own.pause(apart);
            for number in 0..100 {
                let number = index * 100 + number;
                faults.push(Fault::draw(&mut own, number, kind, at, self.lifts));
                at += own.pause(apart) + Duration::from_millis(1);
            }
        }
        let chosen = |fault: &Fault| {
            let only = wishes.only.as_ref();
            fault.at < self.lasts && only.is_none_or(|only| only.contains(&fault.number))
        };
        faults.retain(chosen);
        faults.sort_by_key(|fault| (fault.at, fault.number));
        faults
    }
}

/// Whether this kind of fault was asked for by name.
fn is_named(wishes: &Wishes, kind: Kind) -> bool {
    wishes.kinds.as_ref().is_some_and(|kinds| kinds.contains(&kind))
}

/// Mostly small groups, since they are the fastest and meet every kind of trouble; some large.
fn size(chance: &mut Chance) -> u8 {
    let (least, most) = chance.pick(&[(1, 3), (2, 4), (3, 3), (2, 5), (3, 5), (4, 8), (6, 16)]);
    u8::try_from(chance.between(least, most)).unwrap_or(3)
}

fn floors(chance: &mut Chance) -> u8 {
    let (least, most) = chance.pick(&[(2, 4), (4, 6), (4, 10), (6, 16), (10, 40)]);
    u8::try_from(chance.between(least, most)).unwrap_or(4)
}

/// From a rush hour to a quiet night.
fn draw_people_apart(chance: &mut Chance) -> Duration {
    let most = chance.pick(&[3, 8, 20, 40]);
    chance.span(Duration::from_secs(1), Duration::from_secs(most))
}

/// Sometimes longer than the time between two readings.
fn draw_lag(chance: &mut Chance) -> Duration {
    let most = chance.pick(&[1, 8, 60]);
    chance.span(Duration::from_micros(50), Duration::from_millis(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_intruder_who_is_asked_for_finds_datagrams() {
        let wishes = Wishes { kinds: Some([Kind::Intruder].into()), ..Wishes::default() };
        assert!((0..50).all(|seed| Plan::new(seed, &wishes).sealed));
    }

    #[test]
    fn few_plans_are_sealed_and_no_intruder_is_drawn_in_others() {
        let plans = (0..400).map(|seed| Plan::new(seed, &Wishes::default()));
        let (sealed, open): (Vec<Plan>, Vec<Plan>) = plans.partition(|plan| plan.sealed);
        assert!((40..100).contains(&sealed.len()), "{} of 400", sealed.len());
        let intrudes = |plan: &Plan| plan.faults.iter().any(|f| f.kind == Kind::Intruder);
        assert!(sealed.iter().any(intrudes) && !open.iter().any(intrudes));
    }
}
