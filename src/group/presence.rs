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

use std::collections::BTreeMap;
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
    /// Of each peer the latest life of which its supervisor has said that it is over. Kept apart:
    /// an obituary may come before the first message, and late messages after it.
    buried: BTreeMap<LiftId, Burial>,
}

/// What the supervisor of a peer has said.
#[derive(Clone, Copy, Debug)]
struct Burial {
    /// This life is over, and every one before.
    last: Incarnation,
    /// When that was heard for the first time.
    at: Instant,
}

/// What is known of a peer by listening to it.
#[derive(Clone, Copy, Debug)]
struct Peer {
    incarnation: Incarnation,
    sequence: u64,
    heard_at: Instant,
    /// When it last said that it hears us.
    met_at: Option<Instant>,
    interval: Duration,
    hears_us: bool,
    loss: Loss,
    /// For how long it may be silent, by its interval and its loss.
    patience: Duration,
}

impl Presence {
    /// Nobody has been heard yet.
    pub fn new(me: LiftId) -> Self {
        Self { me, peers: BTreeMap::new(), buried: BTreeMap::new() }
    }

    /// Takes note of a message; `false` when it says nothing new: it is late, or a repetition, or
    /// from a life that is over.
    pub fn hear(&mut self, now: Instant, message: &Message) -> bool {
        if self.is_buried(message.speaker()) {
            return false;
        }
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
    pub fn bury(&mut self, now: Instant, Actor { lift, incarnation }: Actor) {
        let burial = Burial { last: incarnation, at: now };
        let buried = self.buried.entry(lift).or_insert(burial);
        if buried.last < incarnation {
            *buried = burial;
        }
    }

    /// For one that speaks although it is buried: the first life of it that would be heard. Its words
    /// must come so long after the burial that they were not under way then.
    pub fn first_unburied(&self, now: Instant, speaker: Actor) -> Option<Actor> {
        let Burial { last: Incarnation(last), at } = *self.buried.get(&speaker.lift)?;
        let lives = self.is_buried(speaker) && at + LONGEST_PATIENCE <= now;
        lives.then(|| Actor { incarnation: Incarnation(last.saturating_add(1)), ..speaker })
    }

    /// This node was not listening for so long: that the peers were silent means nothing.
    pub fn forgive(&mut self, deaf: Duration) {
        for peer in self.peers.values_mut() {
            peer.heard_at = peer.heard_at + deaf;
        }
    }

    /// Whether this life is known to be over: buried, or followed by another.
    pub fn is_over(&self, actor: Actor) -> bool {
        let succeeded = |peer: &Peer| actor.incarnation < peer.incarnation;
        self.peers.get(&actor.lift).is_some_and(succeeded) || self.is_buried(actor)
    }

    fn is_buried(&self, actor: Actor) -> bool {
        self.buried.get(&actor.lift).is_some_and(|buried| actor.incarnation <= buried.last)
    }

    /// Whether the peer is heard.
    pub fn is_heard(&self, now: Instant, lift: LiftId) -> bool {
        self.living(lift).is_some_and(|peer| now < peer.absent_at())
    }

    /// Whether the peer is heard and hears us.
    pub fn is_present(&self, now: Instant, lift: LiftId) -> bool {
        self.living(lift).is_some_and(|peer| now < peer.absent_at() && peer.hears_us)
    }

    /// Whether the peer was present a moment ago: a brief suspicion, on whichever side, does not
    /// make it a stranger, nor does a crash from which it will be back at once.
    pub fn was_just_present(&self, now: Instant, lift: LiftId) -> bool {
        self.peers.get(&lift).and_then(Peer::stranger_at).is_some_and(|at| now < at)
    }

    /// All that are heard.
    pub fn heard(&self, now: Instant) -> impl Iterator<Item = LiftId> {
        self.peers.keys().copied().filter(move |lift| self.is_heard(now, *lift))
    }

    /// All that are present.
    pub fn present(&self, now: Instant) -> impl Iterator<Item = LiftId> {
        self.peers.keys().copied().filter(move |lift| self.is_present(now, *lift))
    }

    /// The share of the peer's messages that get lost on the way here, from 0 to 1.
    pub fn loss(&self, lift: LiftId) -> Option<f64> {
        self.peers.get(&lift).map(|peer| peer.loss.share())
    }

    /// When the next silence will mean absence.
    pub fn next_wakeup(&self, now: Instant) -> Option<Instant> {
        let ahead = |at: &Instant| now < *at;
        let absent_at = |lift| self.living(lift).map(Peer::absent_at).filter(ahead);
        let changes =
            |(lift, peer): (&LiftId, &Peer)| [absent_at(*lift), peer.stranger_at().filter(ahead)];
        earliest(self.peers.iter().flat_map(changes))
    }

    /// The peer, unless its life is known to be over.
    fn living(&self, lift: LiftId) -> Option<&Peer> {
        let peer = self.peers.get(&lift)?;
        let is_buried = self.is_buried(Actor { lift, incarnation: peer.incarnation });
        (!is_buried).then_some(peer)
    }
}

impl Peer {
    /// Takes note of a message, `heard` being what it would make of a stranger.
    fn hear(&mut self, heard: Self) -> bool {
        let gap = heard.sequence.checked_sub(self.sequence).filter(|gap| *gap > 0);
        let (same_life, new_life) =
            (heard.incarnation == self.incarnation, heard.incarnation > self.incarnation);
        match gap {
            _ if new_life => {}
            Some(gap) if same_life => self.loss.note_gap(gap),
            _ => return false,
        }
        let patience = patience(heard.interval, self.loss);
        let met_at = heard.met_at.or(self.met_at);
        *self = Self { loss: self.loss, met_at, patience, ..heard };
        true
    }

    fn first_heard(now: Instant, message: &Message, hears_us: bool) -> Self {
        Self {
            incarnation: message.incarnation,
            sequence: message.sequence,
            heard_at: now,
            met_at: hears_us.then_some(now),
            interval: message.interval,
            hears_us,
            loss: Loss::default(),
            patience: patience(message.interval, Loss::default()),
        }
    }

    fn absent_at(&self) -> Instant {
        self.heard_at + self.patience
    }

    /// When it will not have been present for so long that it does not count any more.
    fn stranger_at(&self) -> Option<Instant> {
        self.met_at.map(|met_at| met_at + LONGEST_PATIENCE)
    }
}

/// For how long a peer may be silent that promises a message in every interval and loses so many.
fn patience(interval: Duration, loss: Loss) -> Duration {
    let missed = (FALSE_SUSPICION.ln() / loss.share().ln()).ceil().max(FEWEST_MISSED);
    // Whatever the peer promises: an interval without end must not become a time that is none.
    interval.min(LONGEST_PATIENCE).mul_f64(missed.min(1e3)).min(LONGEST_PATIENCE)
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

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: LiftId = LiftId(2);

    fn at(ms: u64) -> Instant {
        Instant::after_start(Duration::from_millis(ms))
    }

    fn message(life: u64, sequence: u64, hears_us: bool) -> Message {
        let hears = hears_us.then_some(LiftId(1)).into_iter().collect();
        Message { incarnation: Incarnation(life), sequence, hears, ..Message::blank(PEER) }
    }

    fn life(life: u64) -> Actor {
        Actor { lift: PEER, incarnation: Incarnation(life) }
    }

    /// One that heard the first message of a peer's seventh life at 0 ms.
    fn acquainted() -> Presence {
        let mut presence = Presence::new(LiftId(1));
        assert!(presence.hear(at(0), &message(7, 1, true)));
        presence
    }

    #[test]
    fn a_peer_is_absent_after_ten_missed_messages_on_a_clean_link() {
        let presence = acquainted();
        assert!(presence.is_present(at(99), PEER) && !presence.is_present(at(100), PEER));
        assert_eq!(presence.next_wakeup(at(0)), Some(at(100)));
    }

    #[test]
    fn a_lossy_link_earns_more_patience_but_never_more_than_a_second() {
        // Of so many messages one arrives.
        for (one_in, patience) in [(2, 300..=320), (4, 720..=760), (50, 1000..=1000)] {
            let mut presence = acquainted();
            for n in 1..=400 {
                presence.hear(at(0), &message(7, 1 + n * one_in, true));
            }
            let absent = presence.next_wakeup(at(0)).unwrap().since(at(0)).as_millis();
            assert!(patience.contains(&absent), "one in {one_in}: {absent} ms");
        }
    }

    #[test]
    fn a_promise_to_speak_in_ages_earns_no_more_than_a_second() {
        let mut presence = Presence::new(LiftId(1));
        assert!(presence.hear(at(0), &Message { interval: Duration::MAX, ..message(7, 1, true) }));
        assert_eq!(presence.next_wakeup(at(0)), Some(at(1000)));
    }

    #[test]
    fn what_is_late_or_repeated_says_nothing() {
        let mut presence = acquainted();
        assert!(presence.hear(at(1), &message(7, 3, true)));
        for (life, sequence) in [(7, 3), (7, 2), (6, 99)] {
            assert!(!presence.hear(at(2), &message(life, sequence, true)));
        }
        assert!(presence.hear(at(3), &message(8, 1, true)), "a new life counts afresh");
    }

    #[test]
    fn who_does_not_hear_us_is_heard_and_not_present() {
        let mut presence = acquainted();
        presence.hear(at(1), &message(7, 2, false));
        assert!(presence.is_heard(at(1), PEER) && !presence.is_present(at(1), PEER));
        assert!(presence.was_just_present(at(2), PEER), "a brief suspicion of theirs");
        assert!(!presence.was_just_present(at(1000), PEER));
    }

    #[test]
    fn a_buried_life_is_over_whatever_arrives_late_and_the_next_one_is_not() {
        let mut presence = acquainted();
        presence.bury(at(1), life(7));
        assert!(!presence.is_present(at(1), PEER));
        assert!(!presence.hear(at(1), &message(7, 2, true)));
        assert!(presence.is_over(life(7)) && !presence.is_over(life(8)));
        assert!(presence.hear(at(2), &message(8, 1, true)) && presence.is_present(at(2), PEER));
    }

    #[test]
    fn a_buried_life_that_speaks_on_lives_and_one_whose_words_were_under_way_does_not() {
        let mut presence = acquainted();
        presence.bury(at(1), life(9));
        assert_eq!(presence.first_unburied(at(1000), life(7)), None);
        presence.bury(at(1000), life(9));
        assert_eq!(presence.first_unburied(at(1001), life(7)), Some(life(10)));
        assert_eq!(presence.first_unburied(at(1001), life(10)), None, "it is heard");
        presence.bury(at(1002), life(10));
        assert_eq!(presence.first_unburied(at(1500), life(10)), None, "a burial of its own");
    }

    #[test]
    fn an_obituary_counts_even_before_the_first_message() {
        let mut presence = Presence::new(LiftId(1));
        presence.bury(at(1), life(7));
        assert!(!presence.hear(at(0), &message(7, 1, true)));
        assert!(presence.hear(at(0), &message(8, 1, true)));
    }

    #[test]
    fn silence_that_nobody_listened_to_means_nothing() {
        let mut presence = acquainted();
        presence.forgive(Duration::from_millis(500));
        assert!(presence.is_present(at(590), PEER) && !presence.is_present(at(600), PEER));
    }
}
