//! Random histories of a group whose copies of the call set meet by chance, and the plain truth
//! about them.
//!
//! The truth forgets nothing: it keeps every press that a node knows of and every press that was
//! answered, and unites both when two nodes meet. What it says about a call, the set must say too.

use std::collections::{BTreeMap, BTreeSet};

use lift_group::building::{Building, Direction, Floor, LiftId};
use lift_group::calls::{Actor, CabCall, Call, CallSet, Dot, HallCall, Incarnation};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

const NODES: u8 = 3;

/// What a node knows: as the set under test keeps it, and as the plain truth.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    pub set: CallSet,
    pressed: BTreeMap<Dot, Call>,
    answered: BTreeSet<Dot>,
}

impl Knowledge {
    /// The calls that were pressed in a way that no known answer knew of.
    pub fn truly_live(&self) -> BTreeSet<Call> {
        let open = self.pressed.iter().filter(|(dot, _)| !self.answered.contains(dot));
        open.map(|(_, call)| *call).collect()
    }

    pub fn has_answered(&self, dot: Dot) -> bool {
        self.answered.contains(&dot)
    }

    pub fn press(&mut self, actor: Actor, call: Call) {
        let dot = self.set.press(actor, call);
        let before = self.pressed.insert(dot, call);
        assert_eq!(before, None, "{dot} was made twice");
    }

    pub fn answer(&mut self, call: Call) {
        self.set.answer(call);
        let of_call = self.pressed.iter().filter(|(_, pressed)| **pressed == call);
        self.answered.extend(of_call.map(|(dot, _)| dot));
    }

    pub fn merge(&mut self, other: &Self) {
        self.set.merge(&other.set);
        self.pressed.extend(&other.pressed);
        self.answered.extend(&other.answered);
    }
}

/// Something that happens at one node.
#[derive(Clone, Debug)]
pub enum Step {
    Press(Call),
    Answer(Call),
    /// A message arrives: what any node knew at any time.
    Hear(Index),
    /// The node crashes and comes back, under a new incarnation, with what it knew at any time.
    Restart(Index),
}

/// What a node knew after a step.
#[derive(Clone, Debug)]
pub struct Moment {
    pub actor: Actor,
    pub knowledge: Knowledge,
}

/// Every moment of a group's history, in order; it begins with one of each node.
#[derive(Clone, Debug)]
pub struct History(pub Vec<Moment>);

impl History {
    fn new(steps: Vec<(u8, Step)>) -> Self {
        let first = |node| Moment { actor: actor(node, 0), knowledge: Knowledge::default() };
        let mut history = Self((0..NODES).map(first).collect());
        for (number, (node, step)) in (1..).zip(steps) {
            let next = history.after(number, LiftId(node), &step);
            history.0.push(next);
        }
        history
    }

    fn after(&self, number: u64, node: LiftId, step: &Step) -> Moment {
        let own: Vec<&Moment> = self.0.iter().filter(|moment| moment.actor.lift == node).collect();
        let mut now: Moment = own[own.len() - 1].clone();
        match step {
            Step::Press(call) => now.knowledge.press(now.actor, *call),
            Step::Answer(call) => now.knowledge.answer(*call),
            Step::Hear(message) => now.knowledge.merge(&self.any(*message).knowledge),
            Step::Restart(checkpoint) => {
                now.actor.incarnation = Incarnation(number);
                now.knowledge = checkpoint.get(&own).knowledge.clone();
            }
        }
        now
    }

    pub fn any(&self, index: Index) -> &Moment {
        index.get(&self.0)
    }

    /// Each moment of a life with each earlier moment of the same life.
    pub fn earlier_and_later(&self) -> impl Iterator<Item = (&CallSet, &CallSet)> {
        self.0.iter().enumerate().flat_map(|(index, later)| {
            let life = self.0[..index].iter().filter(|earlier| earlier.actor == later.actor);
            life.map(|earlier| (&earlier.knowledge.set, &later.knowledge.set))
        })
    }
}

fn actor(node: u8, incarnation: u64) -> Actor {
    Actor { lift: LiftId(node), incarnation: Incarnation(incarnation) }
}

/// Few calls, so that histories press and answer the same ones again and again.
pub fn calls() -> impl Strategy<Value = Call> {
    let floor = Floor::try_from(1).unwrap();
    let building = Building::try_from(3).unwrap();
    let hall_call = |direction| Call::from(HallCall::new(building, floor, direction).unwrap());
    let cab_call = |lift| Call::from(CabCall { lift: LiftId(lift), floor });
    select(vec![hall_call(Direction::Up), hall_call(Direction::Down), cab_call(0), cab_call(1)])
}

pub fn histories() -> impl Strategy<Value = History> {
    let step = prop_oneof![
        4 => calls().prop_map(Step::Press),
        2 => calls().prop_map(Step::Answer),
        4 => any::<Index>().prop_map(Step::Hear),
        1 => any::<Index>().prop_map(Step::Restart),
    ];
    vec((0..NODES, step), 1..40).prop_map(History::new)
}
