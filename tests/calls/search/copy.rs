//! A copy of the call set, and with it what is true of the calls.

use std::hash::Hash;

use lift_group::calls::{Actor, CallSet, Dot};

use super::{actor, call};

/// A copy of the set, and the truth: bit by bit, which presses it knows of and which of them it
/// knows to be answered.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Copy<C> {
    pub set: C,
    pub pressed: u8,
    pub answered: u8,
    /// With the copy goes the word that the message held back is outdated.
    pub late_is_outdated: bool,
    /// And, bit by bit, which nodes are members.
    pub members: u8,
}

impl<C: Calls> Copy<C> {
    pub fn merge(&mut self, other: &Self) {
        self.set.merge(&other.set);
        self.pressed |= other.pressed;
        self.answered |= other.answered;
        self.learn(other);
    }

    /// Takes in all but the calls.
    pub fn learn(&mut self, other: &Self) {
        self.late_is_outdated |= other.late_is_outdated;
        self.members |= other.members;
    }

    pub fn names(&self, node: usize) -> bool {
        self.members & 1 << node != 0
    }

    pub fn is_truly_live(&self) -> bool {
        self.pressed & !self.answered != 0
    }
}

/// What a copy of the call set can do, whatever the design.
pub trait Calls: Clone + Eq + Hash + Default {
    fn press(&mut self, node: u8, life: u8);
    fn answer(&mut self);
    fn merge(&mut self, other: &Self);
    fn is_live(&self) -> bool;
    fn idle_actors(&self) -> Vec<Actor>;
    fn newest_of(&self, actor: Actor) -> Option<Dot>;
    fn retire(&mut self, newest: Dot);
}

impl Calls for CallSet {
    fn press(&mut self, node: u8, life: u8) {
        CallSet::press(self, actor(node, life), call());
    }

    fn answer(&mut self) {
        CallSet::answer(self, call());
    }

    fn merge(&mut self, other: &Self) {
        CallSet::merge(self, other);
    }

    fn is_live(&self) -> bool {
        CallSet::is_live(self, call())
    }

    fn idle_actors(&self) -> Vec<Actor> {
        CallSet::idle_actors(self).collect()
    }

    fn newest_of(&self, actor: Actor) -> Option<Dot> {
        self.context().newest_of(actor)
    }

    fn retire(&mut self, newest: Dot) {
        self.retire_up_to(newest);
    }
}
