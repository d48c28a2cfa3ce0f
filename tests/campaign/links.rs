//! What happens to datagrams between the computers: which get lost, by the packet filter of who
//! would receive them.

use std::collections::BTreeSet;

use lift_group::building::LiftId;

use crate::building::{Building, address};
use crate::node::PORT;

/// What is wrong with the network.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Harm {
    /// Nothing gets from one to the other.
    Cut(LiftId, LiftId),
    /// So many of a hundred datagrams to this one are lost.
    Loss(LiftId, u8),
    /// The cable of this one is out.
    NoCable(LiftId),
}

/// All that is wrong with the network.
#[derive(Default, Debug)]
pub struct Links(Vec<Harm>);

impl Links {
    /// What would be wrong with these, without doing it.
    pub fn plan(&mut self, harms: &[Harm]) {
        self.0.extend(harms.iter().cloned());
    }

    /// Adds something wrong.
    pub fn harm(&mut self, harms: &[Harm], building: &Building) {
        self.0.extend(harms.iter().cloned());
        self.apply(building, harms);
    }

    /// Takes something wrong away.
    pub fn heal(&mut self, harms: &[Harm], building: &Building) {
        for harm in harms {
            if let Some(at) = self.0.iter().position(|other| other == harm) {
                self.0.remove(at);
            }
        }
        self.apply(building, harms);
    }

    /// Who does not hear all others as usual, or is not heard.
    pub fn apart(&self, all: &[LiftId]) -> BTreeSet<LiftId> {
        let touched = |harm: &Harm| match harm {
            Harm::Cut(from, to) => vec![*from, *to],
            Harm::Loss(..) | Harm::NoCable(_) => all.to_vec(),
        };
        self.0.iter().flat_map(touched).collect()
    }

    /// Brings filters and cables of all that were just changed to what is wrong now.
    fn apply(&self, building: &Building, changed: &[Harm]) {
        for node in &building.nodes {
            let concerns = |harm: &&Harm| match harm {
                Harm::Cut(_, to) | Harm::Loss(to, _) | Harm::NoCable(to) => *to == node.id,
            };
            let (cables, filters): (Vec<&Harm>, Vec<&Harm>) =
                changed.iter().filter(concerns).partition(|harm| matches!(harm, Harm::NoCable(_)));
            if !cables.is_empty() {
                let out = self.0.contains(&Harm::NoCable(node.id));
                building.plug(node.id, !out);
            }
            if !filters.is_empty() {
                node.place.filter(&self.rules(node.id));
            }
        }
    }

    fn rules(&self, node: LiftId) -> String {
        let rule = |harm: &Harm| match harm {
            Harm::Cut(from, to) if *to == node => {
                Some(format!("add rule ip lift input ip saddr {} drop\n", address(*from)))
            }
            Harm::Loss(to, percent) if *to == node => Some(format!(
                "add rule ip lift input udp dport {PORT} numgen random mod 100 < {percent} drop\n"
            )),
            _ => None,
        };
        let rules: String = self.0.iter().filter_map(rule).collect();
        format!(
            "add table ip lift\n\
             add chain ip lift input {{ type filter hook input priority 0; }}\n\
             flush chain ip lift input\n{rules}"
        )
    }
}
