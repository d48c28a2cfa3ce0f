//! The world: virtual time, and the order in which things happen.
//!
//! Time jumps from one moment at which anything is due to the next. What is due at one moment is
//! done in a fixed order: the operator, the network, the lifts by number, the people.

use std::collections::BTreeMap;
use std::time::Duration;

use super::chance::Chance;
use super::controller::Controller;
use super::effect::Effect;
use super::hands::Hands;
use super::network::{Fate, Network};
use super::operator::Operator;
use super::people::People;
use super::plan::Plan;
use super::promises::{Deed, Seen};
use super::setup::Setup;
use super::shaft::Shaft;
use super::station::Station;
use super::trace::{Happening, Trace};
use super::voice::Parcel;
use crate::building::{Floor, LiftId};
use crate::group::election::Role;
use crate::node::Notice;
use crate::time::{Instant, earliest};

/// How long nothing must have happened for a node to be as it should be.
const TIME_TO_RECOVER: Duration = Duration::from_secs(4);

/// How long after all that was done to a node its controller may die of it.
const TIME_TO_DIE: Duration = Duration::from_secs(13);

/// What there is to see for an observer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sight {
    /// Something at a lift.
    Seen(Seen),
    /// Something that the operator does, or that follows from it.
    Deed(Deed),
}

/// The simulated building.
#[derive(Debug)]
pub struct World {
    /// What time it is.
    pub now: Instant,
    /// The lifts and their nodes.
    pub stations: Vec<Station>,
    /// When each of them has something to do.
    due: Vec<Option<Instant>>,
    /// The network between the nodes.
    pub network: Network,
    /// Who wants to ride.
    pub people: People,
    /// Who breaks things.
    pub operator: Operator,
    /// What happened.
    pub trace: Trace,
    /// How many messages were said.
    pub messages: u64,
    /// When anything but messages happened last.
    pub stirred_at: Instant,
    /// What there was to see since this was taken last.
    pub sights: Vec<(LiftId, Sight)>,
    /// A rule of the nodes' own that was broken.
    pub fault: Option<String>,
    /// When a primary was lost that nobody has replaced yet.
    orphaned_at: Option<Instant>,
    /// How long it took to replace primaries.
    pub takeovers: Vec<Duration>,
    /// When the network changed last.
    pub network_changed_at: Instant,
    /// When anything was last done to each node, or it began or ended.
    shaken_at: Vec<Instant>,
    /// When each node's circumstances changed last: all that is done to it, and what follows for
    /// its processes, but nothing that it does of itself.
    pub disturbed_at: Vec<Instant>,
}

impl World {
    /// The world of this plan, before anything has started.
    pub fn new(plan: &Plan, keeps: Duration) -> Self {
        let stations: Vec<Station> = (0..plan.lifts).map(|lift| station(plan, lift)).collect();
        let until = Instant::START + plan.lasts;
        let people = Chance::new(plan.seed, "people");
        let operator = Chance::new(plan.seed, "operator");
        Self {
            now: Instant::START,
            due: vec![Some(Instant::START); stations.len()],
            network_changed_at: Instant::START,
            shaken_at: vec![Instant::START; stations.len()],
            disturbed_at: vec![Instant::START; stations.len()],
            stations,
            network: Network::new(plan.lifts, Chance::new(plan.seed, "network")),
            people: People::new(plan.building, plan.people_apart, until, people),
            operator: Operator::new(plan.faults.clone(), plan.lifts, operator),
            trace: Trace::new(keeps),
            messages: 0,
            stirred_at: Instant::START,
            sights: Vec::new(),
            fault: None,
            orphaned_at: None,
            takeovers: Vec::new(),
        }
    }

    /// Goes to the next moment at which anything is due, but not beyond `until`, and does it.
    pub fn step(&mut self, until: Instant) {
        let (people, operator) = (self.people.next(), self.operator.next());
        let stations = self.due.iter().flatten().min().copied();
        let next = earliest([stations, self.network.next(), people, operator]);
        self.now = next.unwrap_or(until).clamp(self.now, until.max(self.now));
        if operator.is_some_and(|at| at <= self.now) {
            self.operate(Operator::advance);
        }
        self.deliver();
        for index in 0..self.stations.len() {
            if self.due[index].is_some_and(|at| at <= self.now) {
                if self.stations[index].controller().is_some_and(Controller::is_asleep) {
                    self.disturbed_at[index] = self.now;
                }
                self.stations[index].advance(self.now);
                self.take_effects(index);
            }
        }
        if people.is_some_and(|at| at <= self.now) {
            let mut shafts: Vec<&mut Shaft> =
                self.stations.iter_mut().map(|station| &mut station.shaft).collect();
            self.people.advance(self.now, &mut shafts);
            (0..self.stations.len()).for_each(|index| self.take_effects(index));
        }
    }

    /// All is well from now on.
    pub fn heal(&mut self) {
        self.trace.note(self.now, Happening::Operator("heals everything".into()));
        self.operate(Operator::heal);
    }

    /// What each living node is to its group.
    pub fn roles(&self) -> BTreeMap<u8, Role> {
        let role = |(index, station): (u8, &Station)| Some((index, station.controller()?.role()));
        (0..).zip(&self.stations).filter_map(role).collect()
    }

    fn operate(&mut self, act: impl FnOnce(&mut Operator, &mut Hands)) {
        let mut told = Vec::new();
        let mut deeds = Vec::new();
        let mut hands = Hands {
            now: self.now,
            stations: &mut self.stations,
            network: &mut self.network,
            deeds: &mut deeds,
            told: &mut told,
        };
        act(&mut self.operator, &mut hands);
        for text in told {
            self.trace.note(self.now, Happening::Operator(text));
        }
        for (lift, deed) in deeds {
            let index = usize::from(lift.0 - 1);
            (self.disturbed_at[index], self.shaken_at[index]) = (self.now, self.now);
            if matches!(deed, Deed::Apart(_)) {
                self.network_changed_at = self.now;
            }
            self.sights.push((lift, Sight::Deed(deed)));
        }
        (0..self.stations.len()).for_each(|index| self.take_effects(index));
    }

    fn deliver(&mut self) {
        while let Some((to, parcel)) = self.network.arrived(self.now) {
            let index = usize::from(to);
            self.trace.mix((self.now.since(Instant::START), to));
            self.stations[index].receive(self.now, parcel);
            self.take_effects(index);
        }
    }

    /// Passes on what a lift has done, and looks when it has something to do again.
    fn take_effects(&mut self, index: usize) {
        let lift = self.stations[index].lift();
        for effect in self.stations[index].effects() {
            self.take_effect(index, lift, effect);
        }
        for seen in std::mem::take(&mut self.stations[index].shaft.seen) {
            self.stirred_at = self.now;
            self.trace.note(self.now, Happening::Seen(lift, seen));
            self.operator.watch(self.now, lift, seen);
            self.sights.push((lift, Sight::Seen(seen)));
        }
        self.due[index] = self.stations[index].next(self.now);
    }

    fn take_effect(&mut self, index: usize, lift: LiftId, effect: Effect) {
        let text = match effect {
            Effect::Speak(parcel, sequence) => return self.speak(index, lift, &parcel, sequence),
            Effect::Tell(notice) => {
                match notice {
                    Notice::Role(Role::Primary { .. }) => self.crown(index),
                    // It may have been stalled for long until the node says so, and gives its role away.
                    Notice::Disk { .. } => self.disturbed_at[index] = self.now,
                    _ => {}
                }
                format!("tells {notice:?}")
            }
            Effect::Begun(incarnation) => {
                (self.disturbed_at[index], self.shaken_at[index]) = (self.now, self.now);
                format!("controller {incarnation} is born")
            }
            Effect::Ended { incarnation, was_primary } => {
                self.check_death(index, lift);
                self.sights.push((lift, Sight::Deed(Deed::Killed)));
                (self.disturbed_at[index], self.shaken_at[index]) = (self.now, self.now);
                let others = (0..self.stations.len()).filter(|other| *other != index);
                let calm = |other: usize| {
                    self.stations[other].controller().is_some()
                        && self.now.since(self.shaken_at[other]) >= TIME_TO_RECOVER
                };
                if was_primary && self.network.is_in_order() && others.clone().any(calm) {
                    self.orphaned_at = Some(self.now);
                }
                format!("controller {incarnation} has ended")
            }
            Effect::Killed(why) => format!("controller is killed, as it {why}"),
            Effect::Break(rule) => {
                self.fault.get_or_insert(format!("lift {lift}: {rule}"));
                format!("breaks a rule: {rule}")
            }
        };
        self.stirred_at = self.now;
        self.trace.note(self.now, Happening::Told(lift, text));
    }

    /// A controller has died. Nobody does so of himself.
    fn check_death(&mut self, index: usize, lift: LiftId) {
        let in_peace = self.now.since(self.shaken_at[index]) >= TIME_TO_DIE;
        if in_peace && !self.operator.makes_crash(lift) {
            let what = format!("G5: the controller of lift {lift} dies although nobody harms it");
            self.fault.get_or_insert(what);
        }
    }

    /// A node has become primary. On a network in order nobody whom nothing has happened to does so
    /// while another such one is.
    fn crown(&mut self, index: usize) {
        if let Some(at) = self.orphaned_at.take()
            && self.network_changed_at < at
            && self.shaken_at[index] < at
        {
            self.takeovers.push(self.now.since(at));
        }
        let long_ago = |at: Instant| self.now.since(at) >= TIME_TO_RECOVER;
        let undisturbed = self.network.is_in_order() && long_ago(self.network_changed_at);
        let rival = (0..self.stations.len()).find(|other| {
            let station = &self.stations[*other];
            let leads = |living: &Controller| matches!(living.role(), Role::Primary { .. });
            *other != index
                && station.controller().is_some_and(leads)
                && long_ago(self.shaken_at[*other])
        });
        if let Some(rival) = rival.filter(|_| undisturbed && long_ago(self.shaken_at[index])) {
            let [lift, other] = [index, rival].map(|index| self.stations[index].lift());
            let what = format!("P3: lift {lift} takes over although lift {other} has");
            self.fault.get_or_insert(what);
        }
    }

    /// Whether anything has been done to any node within this time.
    pub fn was_shaken(&self, within: Duration) -> bool {
        self.shaken_at.iter().any(|at| self.now.since(*at) < within)
    }

    fn speak(&mut self, index: usize, from: LiftId, parcel: &Parcel, sequence: Option<u64>) {
        self.messages += 1;
        self.trace.note(self.now, Happening::Sent { from, sequence });
        if let Parcel::Sealed(bytes) = parcel {
            self.trace.mix(bytes);
        }
        if let Some(intruder) = self.operator.overhears() {
            intruder.listen(parcel);
        }
        let Ok(sender) = u8::try_from(index) else { return };
        for (to, receiver) in (0..).zip(&self.stations) {
            if to != sender && self.network.send(self.now, sender, to, parcel) == Fate::Lost {
                let to = receiver.lift();
                self.trace.note(self.now, Happening::Lost { from, to, sequence });
            }
        }
    }
}

fn station(plan: &Plan, lift: u8) -> Station {
    let mut chance = Chance::new(plan.seed, &format!("lift {lift}"));
    let floors = plan.building.floors();
    let at = plan.building.floor(chance.small(floors)).unwrap_or(Floor::BOTTOM);
    let starts_at = Instant::START + chance.span(Duration::ZERO, Duration::from_secs(3));
    let Plan { sealed, lag, every_reading, disk_time, .. } = *plan;
    let setup = Setup { config: plan.config(lift), sealed, lag, every_reading, disk_time };
    Station::new(setup, at, starts_at, chance)
}
