//! A wrong design: one counter for each node, with its life in the high bits. It looks as if it
//! could do without actors, but a life that began with an old checkpoint claims to have seen
//! presses of earlier lives that it has not.

use std::collections::{BTreeMap, BTreeSet};

use lift_group::calls::{Actor, Dot};

use crate::search::Calls;

#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Packed {
    seen: BTreeMap<u8, u64>,
    live: BTreeSet<(u8, u64)>,
}

impl Packed {
    fn covers(&self, dot: (u8, u64)) -> bool {
        self.seen.get(&dot.0) >= Some(&dot.1)
    }
}

impl Calls for Packed {
    fn press(&mut self, node: u8, life: u8) {
        let newest = self.seen.entry(node).or_default();
        *newest = (*newest + 1).max((u64::from(life) << 32) + 1);
        self.live.insert((node, *newest));
    }

    fn answer(&mut self) {
        self.live.clear();
    }

    fn merge(&mut self, other: &Self) {
        self.live.retain(|dot| other.live.contains(dot) || !other.covers(*dot));
        let news: Vec<_> = other.live.iter().copied().filter(|dot| !self.covers(*dot)).collect();
        self.live.extend(news);
        for (node, newest) in &other.seen {
            let seen = self.seen.entry(*node).or_default();
            *seen = (*newest).max(*seen);
        }
    }

    fn is_live(&self) -> bool {
        !self.live.is_empty()
    }

    fn idle_actors(&self) -> Vec<Actor> {
        Vec::new()
    }

    fn newest_of(&self, _: Actor) -> Option<Dot> {
        None
    }

    fn retire(&mut self, _: Dot) {}
}
