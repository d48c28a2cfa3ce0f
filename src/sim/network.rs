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
                    link.worsen(fault, from, to);
                }
                let index = self.index(from, to);
                self.links[index] = link;
            }
        }
    }
}

impl Link {
    /// Whether nothing is wrong with it.
    pub fn is_good(&self) -> bool {
        *self == Self::default()
    }

    fn worsen(&mut self, fault: &Fault, from: u8, to: u8) {
        let Fault { lift, degree, salt, .. } = *fault;
        let touches = from == lift || to == lift;
        let everywhere = salt.is_multiple_of(2);
        let bit = |node: u8| salt >> (8 + node) & 1;
        match fault.kind {
            Kind::Loss if touches || everywhere => self.loss = self.loss.max(0.7 * degree),
            Kind::Bursts => self.bursts = self.bursts.max(0.6 * degree),
            Kind::Duplication if touches || everywhere => self.duplication = degree,
            Kind::Delay if touches || everywhere => {
                self.delay = self.delay.max(Duration::from_millis(400).mul_f64(degree * degree));
            }
            Kind::Partition => self.cut |= bit(from) != bit(to),
            Kind::OneWay if everywhere => self.cut |= from == lift,
            Kind::OneWay => self.cut |= to == lift,
            Kind::CutLink => {
                let other = lift + if bit(0) == 0 { 1 } else { 2 };
                self.cut |= touches && (from == other || to == other);
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
