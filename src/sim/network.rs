//! The network: what becomes of a parcel on each of its links.
//!
//! Every ordered pair of nodes is a link of its own, with its own delay, loss and fate; what is
//! wrong with it follows from the faults that are present, which are kept, not undone: when one
//! ends the rest still holds.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use super::chance::Chance;
use super::fault::{Fault, Kind};
use super::voice::Parcel;
use crate::time::Instant;

/// How long a datagram takes on a network in good order.
const USUAL: (Duration, Duration) = (Duration::from_micros(60), Duration::from_micros(400));

/// The network of a building.
#[derive(Debug)]
pub struct Network {
    nodes: u8,
    chance: Chance,
    faults: Vec<Fault>,
    /// What is wrong with each link, by sender and receiver.
    links: Vec<Link>,
    underway: BinaryHeap<Reverse<Underway>>,
    sent: u64,
}

/// What is wrong with one link.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Link {
    /// Nothing gets through.
    pub cut: bool,
    /// It comes and goes, this long each.
    pub flaps: Option<Duration>,
    /// Everything is lost in this share of every second, together with all others.
    pub bursts: f64,
    /// This share is lost.
    pub loss: f64,
    /// This share arrives twice.
    pub duplication: f64,
    /// How much later something may arrive.
    pub delay: Duration,
}

/// What a sender's parcel has met.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It is on its way.
    Underway,
    /// It is lost.
    Lost,
}

#[derive(Debug)]
struct Underway {
    at: Instant,
    number: u64,
    to: u8,
    parcel: Parcel,
}

impl Network {
    /// The network between so many nodes.
    pub fn new(nodes: u8, chance: Chance) -> Self {
        let links = vec![Link::default(); usize::from(nodes) * usize::from(nodes)];
        let underway = BinaryHeap::new();
        Self { nodes, chance, faults: Vec::new(), links, underway, sent: 0 }
    }

    /// A fault of the network begins.
    pub fn suffer(&mut self, fault: Fault) {
        self.faults.push(fault);
        self.judge_links();
    }

    /// It is over.
    pub fn recover_from(&mut self, fault: &Fault) {
        self.faults.retain(|present| present.number != fault.number);
        self.judge_links();
    }

    /// Whether nothing is wrong with any link.
    pub fn is_in_order(&self) -> bool {
        self.faults.is_empty()
    }

    /// What is wrong with the link from one node to another.
    pub fn link(&self, from: u8, to: u8) -> Link {
        self.links[self.index(from, to)]
    }

    /// Sends a parcel to one node.
    pub fn send(&mut self, now: Instant, from: u8, to: u8, parcel: &Parcel) -> Fate {
        let link = self.link(from, to);
        if link.swallows(now, &mut self.chance) {
            return Fate::Lost;
        }
        let copies = if self.chance.happens(link.duplication) { 2 } else { 1 };
        for _ in 0..copies {
            let late = if link.delay.is_zero() {
                Duration::ZERO
            } else {
                self.chance.span(Duration::ZERO, link.delay)
            };
            let at = now + self.chance.span(USUAL.0, USUAL.1) + late;
            self.put_underway(at, to, parcel.clone());
        }
        Fate::Underway
    }

    /// Lets a parcel arrive then, whatever the links are like.
    pub fn put_underway(&mut self, at: Instant, to: u8, parcel: Parcel) {
        self.sent += 1;
        self.underway.push(Reverse(Underway { at, number: self.sent, to, parcel }));
    }

    /// When the next parcel arrives.
    pub fn next(&self) -> Option<Instant> {
        self.underway.peek().map(|Reverse(first)| first.at)
    }

    /// The next parcel that has arrived by now, and where.
    pub fn arrived(&mut self, now: Instant) -> Option<(u8, Parcel)> {
        if self.next()? > now {
            return None;
        }
        let Reverse(Underway { to, parcel, .. }) = self.underway.pop()?;
        Some((to, parcel))
    }

    fn index(&self, from: u8, to: u8) -> usize {
        usize::from(from) * usize::from(self.nodes) + usize::from(to)
    }

    fn judge_links(&mut self) {
        for from in 0..self.nodes {
            for to in 0..self.nodes {
                let mut link = Link::default();
                for fault in &self.faults {
                    link.worsen(fault, from, to, self.nodes);
                }
                let index = self.index(from, to);
                self.links[index] = link;
            }
        }
    }
}

impl Link {
    /// Whether all that is said gets through, be it late or twice.
    pub fn is_present(&self) -> bool {
        let losses = (self.cut, self.flaps, self.bursts, self.loss);
        losses == (false, None, 0.0, 0.0)
    }

    fn worsen(&mut self, fault: &Fault, from: u8, to: u8, nodes: u8) {
        let Fault { lift, degree, salt, .. } = *fault;
        let touches = from == lift || to == lift;
        let everywhere = salt.is_multiple_of(2);
        // The whole network, all that one node says or hears, either of both, or one link.
        let strikes = match salt % 8 {
            1 => touches,
            3 => from == lift,
            5 => to == lift,
            7 => from == lift && to == other_end(fault, nodes),
            _ => true,
        };
        match fault.kind {
            Kind::Loss if strikes => self.loss = self.loss.max(0.7 * degree),
            Kind::Bursts => self.bursts = self.bursts.max(0.6 * degree),
            Kind::Duplication if strikes => self.duplication = degree,
            Kind::Delay if strikes => {
                self.delay = self.delay.max(Duration::from_millis(400).mul_f64(degree * degree));
            }
            Kind::Partition => self.cut |= side(fault, from, nodes) != side(fault, to, nodes),
            Kind::OneWay if everywhere => self.cut |= from == lift,
            Kind::OneWay => self.cut |= to == lift,
            Kind::CutLink => {
                let other = other_end(fault, nodes);
                self.cut |= from == lift && to == other;
                self.cut |= everywhere && from == other && to == lift;
            }
            Kind::Flapping if touches => {
                self.flaps =
                    Some(Duration::from_millis(20) + Duration::from_millis(400).mul_f64(degree));
            }
            _ => {}
        }
    }

    fn swallows(&self, now: Instant, chance: &mut Chance) -> bool {
        let clock = now.since(Instant::START);
        let off = |period: Duration| clock.as_millis() / period.as_millis().max(1) % 2 == 1;
        let second = f64::from(clock.subsec_millis()) / 1000.0;
        self.cut || second < self.bursts || self.flaps.is_some_and(off) || chance.happens(self.loss)
    }
}

/// On which side of a partition a node is. Both sides have one at least, where there are two nodes.
fn side(fault: &Fault, node: u8, nodes: u8) -> bool {
    let drawn = |node: u8| fault.salt >> (8 + node) & 1 == 1;
    let all_on_one = (1..nodes).all(|other| drawn(other) == drawn(0));
    drawn(node) != (all_on_one && node == fault.lift)
}

/// To which other node the link is cut; to none where there is one node alone.
fn other_end(fault: &Fault, nodes: u8) -> u8 {
    let others = u64::from(nodes.saturating_sub(1)).max(1);
    let further = u8::try_from((fault.salt >> 8) % others).unwrap_or(0);
    (fault.lift + 1 + further) % nodes.max(1)
}

impl PartialEq for Underway {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.number) == (other.at, other.number)
    }
}

impl Eq for Underway {}

impl PartialOrd for Underway {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Underway {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many links a fault of this kind cuts, for many salts, in a group of so many lifts.
    fn cuts(kind: Kind, nodes: u8) -> Vec<usize> {
        let mut chance = Chance::new(1, "salts");
        let cut = |number| {
            let mut network = Network::new(nodes, Chance::new(1, "network"));
            let fault = Fault::draw(&mut chance, number, kind, Duration::ZERO, nodes);
            network.suffer(fault);
            let own = |node| network.link(node, node).cut;
            assert!(!(0..nodes).any(own), "{fault}: a node is cut from itself");
            network.links.iter().filter(|link| link.cut).count()
        };
        (0..200).map(cut).collect()
    }

    #[test]
    fn a_partition_parts_every_group() {
        for nodes in 2..=16 {
            assert!(cuts(Kind::Partition, nodes).iter().all(|cut| *cut >= 2), "{nodes} nodes");
        }
    }

    #[test]
    fn a_cut_link_is_one_link_whoever_it_is_of_both_ways_or_one() {
        for nodes in 2..=16 {
            let cuts = cuts(Kind::CutLink, nodes);
            assert!(cuts.iter().all(|cut| [1, 2].contains(cut)), "{nodes} nodes: {cuts:?}");
            assert!(cuts.contains(&1) && cuts.contains(&2), "{nodes} nodes: {cuts:?}");
        }
    }

    #[test]
    fn loss_strikes_all_links_those_of_a_node_or_a_single_one() {
        let mut chance = Chance::new(1, "salts");
        let mut struck = std::collections::BTreeSet::new();
        for number in 0..100 {
            let mut network = Network::new(4, Chance::new(1, "network"));
            network.suffer(Fault::draw(&mut chance, number, Kind::Loss, Duration::ZERO, 4));
            let links = (0..4).flat_map(|from| (0..4).map(move |to| (from, to)));
            let lossy =
                |(from, to): &(u8, u8)| from != to && !network.link(*from, *to).is_present();
            struck.insert(links.filter(lossy).count());
        }
        assert_eq!(struck, [1, 3, 6, 12].into());
    }
}
