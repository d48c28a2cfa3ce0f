//! Who is there: whom this node hears, how much of it is lost, and when silence means absence.
//!
//! A peer is *heard* until it has missed so many of its promised messages that loss alone would
//! explain it about once in a thousand million times. How many that is follows from the loss on
//! the link itself, measured by the gaps in the peer's sequence and by nothing else: no clock is
//! compared and no acknowledgement is needed. A wrong suspicion costs a change of role, never a
//! call.
//!
//! A peer is *present* when it is heard and says that it hears us. One-way links therefore count as
//! none: whoever follows a primary that cannot hear it would wait for ever.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::message::Message;
use crate::building::LiftId;
use crate::calls::{Actor, Incarnation};
use crate::time::{Instant, earliest};

/// The fewest missed messages that mean absence: a busy machine may well be late by a few.
const FEWEST_MISSED: f64 = 10.0;

/// How likely it may be that all messages of that time were lost by chance.
const FALSE_SUSPICION: f64 = 1e-9;

/// However bad the link: silence for so long means absence.
const LONGEST_PATIENCE: Duration = Duration::from_secs(1);

/// Who is there.
#[derive(Clone, Debug)]
pub struct Presence {
    me: LiftId,
    peers: BTreeMap<LiftId, Peer>,
}

/// What is known of a peer by listening to it.
#[derive(Clone, Debug)]
pub struct Peer {
    incarnation: Incarnation,
    sequence: u64,
    heard_at: Instant,
    interval: Duration,
    hears_us: bool,
    loss: Loss,
    /// Its supervisor has said that this life is over.
    buried: bool,
}

impl Presence {
    /// Nobody has been heard yet.
    pub fn new(me: LiftId) -> Self {
        Self { me, peers: BTreeMap::new() }
    }

    /// Takes note of a message; `false` when it says nothing new: it is late, or a repetition, or
    /// from a life that is over.
    pub fn hear(&mut self, now: Instant, message: &Message) -> bool {
        let first = Peer::first_heard(now, message, message.hears.contains(&self.me));
        match self.peers.get_mut(&message.from) {
            None => {
                self.peers.insert(message.from, first);
                true
            }
            Some(peer) => peer.hear(first),
        }
    }

    /// The peer's supervisor says that this life of it, and every one before, is over.
    pub fn bury(&mut self, lift: LiftId, incarnation: Incarnation) {
        if let Some(peer) = self.peers.get_mut(&lift)
            && peer.incarnation <= incarnation
        {
            peer.incarnation = incarnation;
            peer.buried = true;
        }
    }

    /// Whether this life is known to be over: buried, or followed by another.
    pub fn is_over(&self, actor: Actor) -> bool {
        self.peers.get(&actor.lift).is_some_and(|peer| {
            actor.incarnation < peer.incarnation
                || (peer.buried && actor.incarnation == peer.incarnation)
        })
    }

    /// Whether the peer is heard.
    pub fn is_heard(&self, now: Instant, lift: LiftId) -> bool {
        self.peers.get(&lift).is_some_and(|peer| now < peer.absent_at())
    }

    /// Whether the peer is heard and hears us.
    pub fn is_present(&self, now: Instant, lift: LiftId) -> bool {
        self.peers.get(&lift).is_some_and(|peer| now < peer.absent_at() && peer.hears_us)
    }

    /// Whether the peer was present a moment ago: a brief suspicion does not make it a stranger.
    pub fn was_just_present(&self, now: Instant, lift: LiftId) -> bool {
        let just = |peer: &Peer| now.since(peer.heard_at) < LONGEST_PATIENCE;
        self.peers.get(&lift).is_some_and(|peer| just(peer) && peer.hears_us)
    }

    /// All that are heard.
    pub fn heard(&self, now: Instant) -> BTreeSet<LiftId> {
        self.peers.keys().copied().filter(|lift| self.is_heard(now, *lift)).collect()
    }

    /// All that are present.
    pub fn present(&self, now: Instant) -> BTreeSet<LiftId> {
        self.peers.keys().copied().filter(|lift| self.is_present(now, *lift)).collect()
    }

    /// The share of the peer's messages that get lost on the way here, from 0 to 1.
    pub fn loss(&self, lift: LiftId) -> Option<f64> {
        self.peers.get(&lift).map(|peer| peer.loss.share())
    }

    /// When the next silence will mean absence.
    pub fn next_wakeup(&self, now: Instant) -> Option<Instant> {
        let ahead = |peer: &Peer| Some(peer.absent_at()).filter(|at| now < *at);
        let just = |peer: &Peer| Some(peer.heard_at + LONGEST_PATIENCE).filter(|at| now < *at);
        earliest(self.peers.values().flat_map(|peer| [ahead(peer), just(peer)]))
    }
}

impl Peer {
    /// Takes note of a message, `heard` being what it would make of a stranger.
    fn hear(&mut self, heard: Self) -> bool {
        let gap = heard.sequence.checked_sub(self.sequence).filter(|gap| *gap > 0);
        let (same_life, new_life) =
            (heard.incarnation == self.incarnation, heard.incarnation > self.incarnation);
        match gap {
            _ if new_life => *self = Self { loss: self.loss, ..heard },
            Some(gap) if same_life && !self.buried => {
                self.loss.note_gap(gap);
                *self = Self { loss: self.loss, ..heard };
            }
            _ => return false,
        }
        true
    }

    fn first_heard(now: Instant, message: &Message, hears_us: bool) -> Self {
        Self {
            incarnation: message.incarnation,
            sequence: message.sequence,
            heard_at: now,
            interval: message.interval,
            hears_us,
            loss: Loss::default(),
            buried: false,
        }
    }

    fn absent_at(&self) -> Instant {
        if self.buried { Instant::START } else { self.heard_at + self.patience() }
    }

    fn patience(&self) -> Duration {
        let missed = (FALSE_SUSPICION.ln() / self.loss.share().ln()).ceil().max(FEWEST_MISSED);
        self.interval.mul_f64(missed.min(1e3)).min(LONGEST_PATIENCE)
    }
}

/// The loss on a link, over its last few hundred messages.
#[derive(Clone, Copy, Debug, Default)]
struct Loss {
    received: u16,
    lost: u16,
}

impl Loss {
    /// How many messages the measure remembers; when they are full the older half fades.
    const MEMORY: u16 = 512;
    /// A gap beyond this is an absence, not loss.
    const LONGEST_GAP: u64 = 64;

    /// The sequence has grown by this much since the last message.
    fn note_gap(&mut self, gap: u64) {
        if (1..=Self::LONGEST_GAP).contains(&gap) {
            self.received += 1;
            self.lost += u16::try_from(gap - 1).unwrap_or(0);
        }
        if self.received + self.lost >= Self::MEMORY {
            *self = Self { received: self.received / 2, lost: self.lost / 2 };
        }
    }

    fn share(self) -> f64 {
        f64::from(self.lost) / f64::from((self.received + self.lost).max(1))
    }
}
