//! Several lifts with a network between them, all in one virtual time.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use lift_group::building::{Building, LiftId};
use lift_group::group::election::Role;
use lift_group::group::message::Message;
use lift_group::group::worldview::Timestamp;
use lift_group::lift::panel::{Button, Buttons};
use lift_group::node::Input;
use lift_group::sim::chance::Chance;

use crate::wire::Wire;
use crate::world::{Event, TICK, World, building, seconds};

/// A building with several lifts, numbered from 1.
pub struct House {
    pub lifts: BTreeMap<u8, World>,
    pub network: Network,
    /// By how much the wall clock of whoever speaks jumps with every message.
    pub wall_clock_jumps: Option<u64>,
    /// How many messages were sent so far.
    pub messages: usize,
    /// By which they speak in datagrams; otherwise they understand each other anyhow.
    pub wire: Option<Wire>,
    /// What is sent arrives, and once more when the detours end.
    pub detours: bool,
    underway: Vec<(u8, Said)>,
    on_a_detour: Vec<(u8, Said)>,
}

/// What is on its way.
#[derive(Clone)]
enum Said {
    Message(Box<Message>),
    Datagram(Vec<u8>),
}

/// What happens to datagrams, by directed link.
pub struct Network {
    /// The share of datagrams that get lost, from 0 to 1.
    pub loss: f64,
    cut: BTreeSet<(u8, u8)>,
    chance: Chance,
}

impl House {
    /// So many lifts at the bottom, all started at once, that have found each other.
    pub fn of(count: u8, seed: u64) -> Self {
        Self::asleep(count, seed).begun()
    }

    /// The same, of any number of floors.
    pub fn of_floors(floors: u8, count: u8) -> Self {
        Self::asleep_in(building(floors), count, 1).begun()
    }

    fn begun(mut self) -> Self {
        self.numbers().into_iter().for_each(|lift| self.start(lift));
        self.run_until("one primary", House::is_settled);
        self
    }

    /// So many lifts, none of which is started.
    pub fn asleep(count: u8, seed: u64) -> Self {
        Self::asleep_in(building(4), count, seed)
    }

    fn asleep_in(building: Building, count: u8, seed: u64) -> Self {
        Self {
            lifts: (1..=count).map(|number| (number, World::member(number, building))).collect(),
            network: Network {
                loss: 0.0,
                cut: BTreeSet::new(),
                chance: Chance::new(seed, "network"),
            },
            wall_clock_jumps: None,
            messages: 0,
            wire: None,
            detours: false,
            underway: Vec::new(),
            on_a_detour: Vec::new(),
        }
    }

    pub fn numbers(&self) -> Vec<u8> {
        self.lifts.keys().copied().collect()
    }

    pub fn lift(&mut self, number: u8) -> &mut World {
        self.lifts.get_mut(&number).unwrap()
    }

    pub fn start(&mut self, number: u8) {
        if let Some(wire) = &mut self.wire {
            wire.begin(number);
        }
        self.lift(number).start();
    }

    /// `kill -9` of a controller: its supervisor tells the others.
    pub fn kill(&mut self, number: u8) {
        let incarnation = self.lift(number).incarnation();
        self.lift(number).kill();
        for other in self.numbers() {
            if self.network.passes(number, other) {
                let lift = LiftId(number);
                self.lift(other).hear(Input::Obituary { lift, incarnation });
            }
        }
    }

    /// A node loses power: nobody says anything.
    pub fn cut_off(&mut self, number: u8) {
        self.lift(number).cut_off();
    }

    /// A controller stands still, and hears later what it is told meanwhile.
    pub fn hang(&mut self, number: u8) {
        self.lift(number).hang();
    }

    pub fn wake(&mut self, number: u8) {
        self.lift(number).wake();
    }

    /// What was sent while there were detours arrives once more, and before anything newer.
    pub fn end_detours(&mut self) {
        let late = std::mem::take(&mut self.on_a_detour);
        self.underway.splice(..0, late);
    }

    pub fn press(&mut self, number: u8, button: Button) {
        self.lift(number).press(button);
    }

    pub fn press_all(&mut self, presses: &[(u8, Button)]) {
        for (number, button) in presses {
            self.press(*number, *button);
        }
    }

    pub fn run(&mut self, span: Duration) {
        for _ in 0..span.as_millis() / TICK.as_millis() {
            self.tick();
        }
    }

    pub fn run_until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        for _ in 0..seconds(180.0).as_millis() / TICK.as_millis() {
            if is_so(self) {
                return;
            }
            self.tick();
        }
        panic!("never came to be: {what}; roles: {:?}", self.roles());
    }

    /// Lets time pass until no lamp is lit, no door open and no motor running.
    pub fn run_until_quiet(&mut self) {
        self.run_until_quiet_but(0);
    }

    /// The same, not counting one that is dead.
    pub fn run_until_quiet_but(&mut self, dead: u8) {
        self.run(seconds(0.3));
        self.run_until("quiet", |house| {
            house.lifts.iter().filter(|(number, _)| **number != dead).all(|(_, w)| {
                w.shaft.lamps == Buttons::NONE && !w.shaft.door && w.shaft.motor.is_none()
            })
        });
    }

    pub fn roles(&self) -> BTreeMap<u8, Role> {
        let role = |world: &World| world.node.as_ref().map(|node| node.status(world.now).role);
        self.lifts.iter().filter_map(|(number, w)| Some((*number, role(w)?))).collect()
    }

    pub fn primaries(&self) -> Vec<u8> {
        let primary = |role: &Role| matches!(role, Role::Primary { .. });
        self.roles().into_iter().filter(|(_, role)| primary(role)).map(|(n, _)| n).collect()
    }

    /// One primary, and all others follow it.
    pub fn is_settled(&self) -> bool {
        let [primary] = self.primaries()[..] else { return false };
        self.roles().into_iter().all(|(number, role)| {
            number == primary || role == Role::Backup { primary: LiftId(primary) }
        })
    }

    /// How often doors opened at this floor, over all lifts.
    pub fn openings_at(&self, floor: u8) -> usize {
        self.lifts.values().flat_map(World::openings).filter(|at| *at == floor).count()
    }

    pub fn is_lit_everywhere(&self, button: Button) -> bool {
        self.lifts.values().filter(|w| w.node.is_some()).all(|w| w.is_lit(button))
    }

    pub fn was_lit(&self, number: u8, button: Button) -> bool {
        self.lifts[&number].last(Event::Lit(button)).is_some()
    }

    fn tick(&mut self) {
        let open = self.lifts.values().filter(|w| w.shaft.door).filter_map(|w| w.shaft.floor());
        let open: Vec<_> = open.collect();
        for world in self.lifts.values_mut() {
            world.open_elsewhere.clone_from(&open);
        }
        for (to, said) in std::mem::take(&mut self.underway) {
            if let Some(message) = self.opened(to, said) {
                self.lift(to).hear(Input::Received(Rc::new(message)));
            }
        }
        for world in self.lifts.values_mut() {
            world.tick();
        }
        for from in self.numbers() {
            for mut message in
                std::mem::take(&mut self.lift(from).said).into_iter().map(Rc::unwrap_or_clone)
            {
                self.messages += 1;
                self.stamp(&mut message);
                self.send(from, &message);
            }
        }
    }

    fn stamp(&self, message: &mut Message) {
        if let (Some(jumps), Some(worldview)) = (self.wall_clock_jumps, &mut message.worldview) {
            worldview.timestamp = Some(Timestamp(message.sequence.wrapping_mul(jumps)));
        }
    }

    fn opened(&mut self, to: u8, said: Said) -> Option<Message> {
        match (said, &mut self.wire) {
            (Said::Message(message), _) => Some(*message),
            (Said::Datagram(bytes), wire) => wire.as_mut()?.open(to, &bytes),
        }
    }

    fn send(&mut self, from: u8, message: &Message) {
        let said = match &mut self.wire {
            Some(wire) => Said::Datagram(wire.seal(from, message)),
            None => Said::Message(Box::new(message.clone())),
        };
        for to in self.numbers() {
            if to != from && self.network.passes(from, to) {
                self.underway.push((to, said.clone()));
                if self.detours {
                    self.on_a_detour.push((to, said.clone()));
                }
            }
        }
    }
}

impl Network {
    /// Cuts a link in one direction.
    pub fn cut(&mut self, from: u8, to: u8) {
        self.cut.insert((from, to));
    }

    /// Cuts these off from all others.
    pub fn isolate(&mut self, side: &[u8]) {
        for inside in side {
            for outside in (1..=16).filter(|n| !side.contains(n)) {
                self.cut(*inside, outside);
                self.cut(outside, *inside);
            }
        }
    }

    pub fn heal(&mut self) {
        self.cut.clear();
        self.loss = 0.0;
    }

    fn passes(&mut self, from: u8, to: u8) -> bool {
        let is_lost = self.chance.happens(self.loss);
        !self.cut.contains(&(from, to)) && !is_lost
    }
}
