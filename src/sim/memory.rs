//! What each life of a node has known of each press: what it knew to be answered must not come back
//! to it (G4), from whatever copy of before.

use std::collections::{BTreeMap, BTreeSet};

use super::fault::Kind;
use super::world::World;
use crate::calls::{Actor, Dot, Part};

/// What the lives that are there have known.
#[derive(Clone, Debug, Default)]
pub struct Memory(BTreeMap<Actor, Known>);

#[derive(Clone, Debug, Default)]
struct Known {
    live: BTreeSet<(Part, Dot)>,
    answered: BTreeSet<(Part, Dot)>,
}

impl Memory {
    /// Looks what the nodes know now.
    ///
    /// # Errors
    /// When a press is live again that a node knew to be answered.
    pub fn look(&mut self, world: &World) -> Result<(), String> {
        // Whoever has lost its disk may bring a press back of which all others have forgotten
        // whose it was: the one hole that the design knows.
        let forgets = [Kind::DiskLost, Kind::Poison, Kind::BitRot];
        if forgets.iter().any(|kind| world.operator.counts.contains_key(kind)) {
            return Ok(());
        }
        let mut now = BTreeMap::new();
        for station in &world.stations {
            let Some(living) = station.controller() else { continue };
            let life = Actor { lift: station.lift(), incarnation: living.incarnation };
            let calls = living.node().calls();
            let parts = Part::every_of(station.setup.config.building);
            // The parts count each for itself.
            let of = |part| calls.part(part).dots().map(move |(dot, _)| (part, dot));
            let presses = parts.flat_map(of);
            let mut known = self.0.remove(&life).unwrap_or_default();
            known
                .learn(presses.collect())
                .map_err(|(_, dot)| format!("{dot} is live again at {life}"))?;
            now.insert(life, known);
        }
        self.0 = now;
        Ok(())
    }
}

impl Known {
    fn learn(&mut self, live: BTreeSet<(Part, Dot)>) -> Result<(), (Part, Dot)> {
        if live == self.live {
            return Ok(());
        }
        self.answered.extend(self.live.difference(&live));
        let back = live.intersection(&self.answered).next().copied();
        self.live = live;
        back.map_or(Ok(()), Err)
    }
}
