//! Every history of three nodes and one call, up to a few presses and crashes, step by step.
//!
//! Each node has a copy of the call set in memory and one on its disk. With every copy goes the
//! plain truth: which presses it knows of, and which of them it knows to be answered. A call must be
//! live in a copy exactly when the truth knows of a press that is not answered: otherwise a press is
//! lost, or a lift stops for nobody.
//!
//! That the search can fail is shown by designs that look simpler and are wrong: it must find the
//! fault of each.

mod claims;
mod copy;

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::hash::Hash;

use lift_group::building::{Building, Direction, Floor, LiftId};
use lift_group::calls::{Actor, Call, CallSet, Dot, HallCall, Incarnation};

use crate::packed::Packed;
pub use copy::Calls;
use copy::Copy;

pub fn call() -> Call {
    let building = Building::try_from(3).unwrap();
    HallCall::new(building, Floor::BOTTOM, Direction::Up).unwrap().into()
}

pub fn actor(node: u8, life: u8) -> Actor {
    Actor { lift: LiftId(node), incarnation: Incarnation(life.into()) }
}

/// The design that is searched for faults.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Design {
    /// As it is.
    Real,
    /// Dots are named after the node, not after its life.
    ActorIsTheNode,
    /// A press of a lit button makes no dot.
    LitButtonsAreNotPressed,
    /// Every node forgets lives that have ended when its own copy has no call of them.
    EveryoneForgetsAlone,
    /// The primary forgets lives whatever may still be on disks.
    DisksAreNotAsked,
    /// The primary takes a node that has seen nothing of a life for one that has forgotten it.
    UnseenCountsAsForgotten,
    /// The primary forgets lives without waiting for those whom it has not heard.
    TheAbsentAreNotAsked,
    /// What was under way when a life was forgotten counts when it arrives.
    ThePastStillCounts,
    /// Calls are taken also from who does not name the listener as a member: it may never have
    /// heard it.
    StrangersAreTold,
    /// A member is named before its name is on the disk.
    NamesAreNotKept,
}

/// How much may happen.
#[derive(Clone, Copy)]
struct Bounds {
    presses: u8,
    /// Where they may happen. Two nodes that may do the same things stand for each other.
    pressing: &'static [usize],
    crashes: u8,
    crashing: &'static [usize],
    /// One message may be held back, and arrive at any time, any number of times.
    late_message: bool,
    /// The primary names lives to be forgotten.
    retires: bool,
    /// This node has never heard anybody, nor has anybody heard it.
    stranger: Option<usize>,
}

#[derive(Clone, PartialEq, Eq, Hash, Default)]
struct Node<C: Calls> {
    life: u8,
    memory: Copy<C>,
    disk: Copy<C>,
}

impl<C: Calls> Node<C> {
    /// What it says: of the members it names those that its disk has.
    fn said(&self, design: Design) -> Copy<C> {
        let named = if design == Design::NamesAreNotKept { u8::MAX } else { self.disk.members };
        Copy { members: self.memory.members & named, ..self.memory.clone() }
    }

    fn is_settled(&self, design: Design) -> bool {
        self.disk.set == self.memory.set || design == Design::DisksAreNotAsked
    }
}

/// What the primary has heard of a node in its present life.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Statement<C: Calls> {
    copy: Copy<C>,
    settled: bool,
}

/// A message that is held back.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Late<C: Calls> {
    from: usize,
    copy: Copy<C>,
    /// The primary has heard something since that was said after it.
    is_superseded: bool,
}

/// Three nodes. The first is primary, for as long as there is anything to retire.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Group<C: Calls> {
    nodes: [Node<C>; 3],
    late: Option<Late<C>>,
    presses: u8,
    crashes: u8,
    stated: [Option<Statement<C>>; 3],
    /// For each node the first life that the primary does not know to be over.
    living: [u8; 3],
    retired: Vec<Dot>,
}

const PRIMARY: usize = 0;

impl<C: Calls> Group<C> {
    /// Nodes that know each other, but for the stranger.
    fn of_all_but(stranger: Option<usize>) -> Self {
        let known = stranger.map_or(0b111, |stranger| 0b111 & !(1 << stranger));
        let members = |node| if Some(node) == stranger { 1 << node } else { known };
        let node = |node| {
            let copy = Copy { members: members(node), ..Copy::default() };
            Node { life: 0, memory: copy.clone(), disk: copy }
        };
        Self {
            nodes: std::array::from_fn(node),
            late: None,
            presses: 0,
            crashes: 0,
            stated: [None, None, None],
            living: [0; 3],
            retired: Vec::new(),
        }
    }

    /// All that may come next.
    fn successors(&self, design: Design, bounds: Bounds) -> Vec<Self> {
        let mut all = Vec::new();
        for node in 0..3 {
            if self.presses < bounds.presses && bounds.pressing.contains(&node) {
                all.push(self.after(|g| g.press(node, design)));
            }
            all.push(self.after(|g| g.answer(node)));
            if bounds.crashing.contains(&node) || bounds.retires {
                all.push(self.after(|g| g.nodes[node].disk = g.nodes[node].memory.clone()));
            }
            all.extend(
                (0..3)
                    .filter(|from| *from != node)
                    .map(|from| self.after(|g| g.hear(node, from, design))),
            );
            if self.crashes < bounds.crashes && bounds.crashing.contains(&node) {
                // A disk that is lost just before its node's life is forgotten by the others can
                // cost one stop for nobody: the statement of before cannot be taken back.
                for (announced, disk_lost) in
                    [(false, false), (true, false), (false, !bounds.retires)]
                {
                    all.push(self.after(|g| g.crash(node, announced, disk_lost)));
                }
            }
            if self.late.is_some() {
                all.push(self.after(|g| g.hear_late(node)));
            } else if bounds.late_message {
                all.push(self.after(|g| g.hold_back(node, design)));
            }
            if design == Design::EveryoneForgetsAlone {
                all.push(self.after(|g| g.forget_alone(node)));
            }
        }
        if bounds.retires {
            for group in &mut all {
                group.retire(design);
            }
        } else {
            for group in &mut all {
                group.stated = [None, None, None];
            }
        }
        all
    }

    fn after(&self, step: impl FnOnce(&mut Self)) -> Self {
        let mut next = self.clone();
        step(&mut next);
        next
    }

    fn press(&mut self, number: usize, design: Design) {
        let Node { life, memory, .. } = &mut self.nodes[number];
        let life = if design == Design::ActorIsTheNode { 0 } else { *life };
        if !(design == Design::LitButtonsAreNotPressed && memory.set.is_live()) {
            memory.set.press(u8::try_from(number).unwrap(), life);
        }
        memory.pressed |= 1 << self.presses;
        self.presses += 1;
    }

    fn answer(&mut self, number: usize) {
        let memory = &mut self.nodes[number].memory;
        memory.set.answer();
        memory.answered = memory.pressed;
    }

    fn hear(&mut self, number: usize, from: usize, design: Design) {
        let said = self.nodes[from].said(design);
        let settled = self.nodes[from].is_settled(design);
        let memory = &mut self.nodes[number].memory;
        memory.members |= 1 << from;
        if !said.names(number) && design != Design::StrangersAreTold {
            memory.learn(&said);
            return;
        }
        memory.merge(&said);
        if number == PRIMARY {
            self.stated[from] = Some(Statement { copy: said, settled });
            self.living[from] = self.nodes[from].life;
            if let Some(late) = self.late.as_mut().filter(|late| late.from == from) {
                late.is_superseded = true;
            }
        }
        if from == PRIMARY {
            self.retired.iter().for_each(|dot| self.nodes[number].memory.set.retire(*dot));
        }
    }

    fn hold_back(&mut self, number: usize, design: Design) {
        let copy = self.nodes[number].said(design);
        self.late = Some(Late { from: number, copy, is_superseded: number == PRIMARY });
    }

    fn hear_late(&mut self, number: usize) {
        let memory = &mut self.nodes[number].memory;
        if let Some(late) = &self.late {
            if late.copy.names(number) && !memory.late_is_outdated {
                memory.merge(&late.copy);
            } else {
                memory.learn(&late.copy);
            }
        }
    }

    fn crash(&mut self, number: usize, announced: bool, disk_lost: bool) {
        self.crashes += 1;
        let node = &mut self.nodes[number];
        if disk_lost {
            node.disk = Copy::default();
        }
        node.memory = node.disk.clone();
        node.life += 1;
        if announced || number == PRIMARY {
            self.living[number] = node.life;
        }
        if number == PRIMARY {
            self.stated = [None, None, None];
            self.living = [0; 3];
            self.living[number] = self.nodes[number].life;
            self.retired.clear();
        }
    }

    fn forget_alone(&mut self, number: usize) {
        let living = self.nodes.each_ref().map(|node| node.life);
        let set = &mut self.nodes[number].memory.set;
        for actor in set.idle_actors() {
            if let Some(newest) = set.newest_of(actor).filter(|_| is_over(actor, living)) {
                set.retire(newest);
            }
        }
    }

    /// What the primary names as retired from this moment on, and forgets itself.
    fn retire(&mut self, design: Design) {
        let primary = &self.nodes[PRIMARY];
        let statements = || self.stated.iter().flatten();
        let copies: Vec<&C> =
            statements().map(|said| &said.copy.set).chain([&primary.memory.set]).collect();
        let newest_of = |actor| copies.iter().filter_map(|copy| copy.newest_of(actor)).max();
        let mut retired = self.retired.clone();
        retired.retain(|dot| newest_of(dot.actor) == Some(*dot));
        let settled = primary.is_settled(design) && primary.said(design) == primary.memory;
        let is_missing = |node: &usize| self.stated[*node].is_none() && *node != PRIMARY;
        let missing = (0..3).filter(is_missing).any(|node| primary.memory.names(node));
        if settled
            && (!missing || design == Design::TheAbsentAreNotAsked)
            && statements().all(|said| said.settled)
        {
            let known: BTreeSet<Actor> = copies.iter().flat_map(|c| c.idle_actors()).collect();
            for actor in known.into_iter().filter(|actor| is_over(*actor, self.living)) {
                let Some(newest) = newest_of(actor) else { continue };
                let done = copies.iter().all(|copy| {
                    let seen = copy.newest_of(actor);
                    let unseen_will_do = design == Design::UnseenCountsAsForgotten;
                    (seen == Some(newest) && copy.idle_actors().contains(&actor))
                        || (seen.is_none() && unseen_will_do)
                });
                if done && !retired.contains(&newest) {
                    retired.push(newest);
                }
            }
        }
        let is_superseded = self.late.as_ref().is_some_and(|late| late.is_superseded);
        if retired.iter().any(|dot| !self.retired.contains(dot)) {
            let outdated = is_superseded && design != Design::ThePastStillCounts;
            self.nodes[PRIMARY].memory.late_is_outdated |= outdated;
        }
        for dot in &retired {
            self.nodes[PRIMARY].memory.set.retire(*dot);
        }
        self.retired = retired;
    }

    /// What is wrong with this group.
    fn fault(&self) -> Option<&'static str> {
        self.nodes.iter().find_map(|node| {
            match (node.memory.set.is_live(), node.memory.is_truly_live()) {
                (false, true) => Some("a press is lost"),
                (true, false) => Some("a lift stops for nobody"),
                _ => None,
            }
        })
    }
}

fn is_over(actor: Actor, living: [u8; 3]) -> bool {
    actor.incarnation < Incarnation(living[usize::from(actor.lift.0)].into())
}

/// The first fault that any history has; or how many states there are, all in order.
fn search<C: Calls>(design: Design, bounds: Bounds) -> Result<usize, &'static str> {
    let mut found = HashSet::from([Group::<C>::of_all_but(bounds.stranger)]);
    let mut open: VecDeque<Group<C>> = found.iter().cloned().collect();
    while let Some(group) = open.pop_front() {
        for next in group.successors(design, bounds) {
            if let Some(fault) = next.fault() {
                return Err(fault);
            }
            if !found.contains(&next) {
                found.insert(next.clone());
                open.push_back(next);
            }
        }
    }
    Ok(found.len())
}
