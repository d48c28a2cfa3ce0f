//! The group, as one node sees it.
//!
//! Everybody says everything all the time ([`message`]); from what the *present* peers said last
//! ([`presence`]) each node concludes who is primary ([`election`]). The primary makes the
//! [`worldview`]: who answers which call ([`assignment`]) and which lamps may be lit ([`lamps`]);
//! the others follow it. Nothing is negotiated and nothing is remembered but what was said last, so
//! a takeover has nothing to catch up with.
//!
//! The group does not know which calls exist: it is told, and calls merge whoever is primary.

pub mod assignment;
pub mod election;
pub mod lamps;
pub mod message;
pub mod presence;
pub mod worldview;

mod make;
mod say;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::building::LiftId;
use crate::calls::{Actor, Call, CallSet, Context, HallCall, Incarnation};
use crate::config::Config;
use crate::lift::panel::Buttons;
use crate::lift::report::Report;
use crate::time::{Instant, earliest};
use election::{Assembly, Election, Role, Stand};
use message::{Claim, Followed, Message, Term};
use presence::Presence;
use say::Said;
use worldview::Worldview;

/// The group, as one node sees it.
#[derive(Clone, Debug)]
pub struct Group {
    config: Config,
    actor: Actor,
    presence: Presence,
    election: Election,
    /// What every peer said last, present or not.
    stated: BTreeMap<LiftId, Stated>,
    /// What this node decides while it is primary.
    own: Worldview,
    /// Since when each hall call has been known here.
    known_since: BTreeMap<HallCall, Instant>,
    said: Said,
}

/// What a peer said last.
#[derive(Clone, Debug)]
struct Stated {
    stand: Stand,
    report: Report,
    calls: CallSet,
    kept: Context,
    worldview: Option<Worldview>,
}

/// What the node itself contributes.
#[derive(Clone, Copy, Debug)]
pub struct Own<'a> {
    /// Its lift.
    pub report: Report,
    /// The calls that it knows.
    pub calls: &'a CallSet,
    /// What of them would come back from its disk.
    pub kept: &'a Context,
    /// Its disk works.
    pub disk_works: bool,
    /// The lamps that are lit on its panels.
    pub lamps: Buttons,
}

/// Whether a message was of use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Heard {
    /// It counts: its calls are to be merged.
    News,
    /// It is late, repeated, or from a life that is over.
    Stale,
    /// Its speaker believes to be in another building.
    OtherBuilding,
    /// Somebody else speaks in this node's name, in this life or a later one.
    OurName,
}

impl Group {
    /// The group of a node that has just started, and knew this term before.
    pub fn new(now: Instant, config: Config, actor: Actor, term: Term) -> Self {
        Self {
            config,
            actor,
            presence: Presence::new(actor.lift),
            election: Election::new(now, actor.lift, config.heartbeat, term),
            stated: BTreeMap::new(),
            own: Worldview::default(),
            known_since: BTreeMap::new(),
            said: Said::nothing(now),
        }
    }

    /// Takes in what a peer says.
    pub fn hear(&mut self, now: Instant, message: &Message) -> Heard {
        if message.from == self.actor.lift {
            let ours = message.incarnation >= self.actor.incarnation;
            return if ours { Heard::OurName } else { Heard::Stale };
        }
        if message.building != self.config.building {
            return Heard::OtherBuilding;
        }
        if !self.presence.hear(now, message) {
            return Heard::Stale;
        }
        self.stated.insert(message.from, Stated::of(message));
        Heard::News
    }

    /// A supervisor says that this life of its controller, and every one before, is over.
    pub fn bury(&mut self, lift: LiftId, incarnation: Incarnation) {
        self.presence.bury(lift, incarnation);
    }

    /// Draws the conclusions from what everybody said.
    pub fn decide(&mut self, now: Instant, own: &Own) {
        let present = self.stands(now);
        let ranks = self.followed_worldview().map_or(Vec::new(), |view| view.ranks.clone());
        let assembly = Assembly { present: &present, ranks: &ranks, disk_works: own.disk_works };
        self.election.decide(now, &assembly);
        self.note_calls(now, own.calls);
        match self.election.role() {
            Role::Primary { term } => self.own = self.make_worldview(now, term, own, &assembly),
            Role::Backup { primary } => {
                if let Some(followed) = self.stated.get(&primary).and_then(Stated::leads) {
                    self.election.follow(followed);
                }
            }
            Role::Listening => {}
        }
    }

    /// What to say to the others, if it is time or there is news.
    pub fn speak(&mut self, now: Instant, own: &Own) -> Option<Message> {
        let message = self.say(now, own)?;
        if message.worldview.is_some() {
            let followed = message.claim.followed(message.sequence);
            self.election.follow(followed);
        }
        Some(message)
    }

    /// The present role.
    pub fn role(&self) -> Role {
        self.election.role()
    }

    /// The highest term heard of.
    pub fn term(&self) -> Term {
        self.election.highest_term()
    }

    /// What the group is to do, by the primary that this node is or follows.
    pub fn worldview(&self) -> Option<&Worldview> {
        match self.election.role() {
            Role::Primary { .. } => Some(&self.own),
            Role::Backup { .. } => self.followed_worldview(),
            Role::Listening => None,
        }
    }

    /// The hall calls that this node's lift is to answer.
    pub fn assigned(&self) -> impl Iterator<Item = HallCall> {
        let all = self.worldview().into_iter().flat_map(|view| &view.assignments);
        all.filter(|(_, lift)| **lift == self.actor.lift).map(|(call, _)| *call)
    }

    /// Whether a peer that was there a moment ago holds this call; also when there is none.
    pub fn is_held_by_others(&self, now: Instant, calls: &CallSet, call: Call) -> bool {
        let mut members = self.members(now).peekable();
        members.peek().is_none()
            || members.any(|peer| calls.is_safe_with(call, peer.calls.context()))
    }

    /// All that are present.
    pub fn present(&self, now: Instant) -> BTreeSet<LiftId> {
        self.presence.present(now)
    }

    /// When time alone will change something.
    pub fn next_wakeup(&self, now: Instant, disk_works: bool) -> Option<Instant> {
        let present = self.stands(now);
        let ranks = self.followed_worldview().map_or(Vec::new(), |view| view.ranks.clone());
        let assembly = Assembly { present: &present, ranks: &ranks, disk_works };
        earliest([
            self.presence.next_wakeup(now),
            self.election.next_wakeup(now, &assembly),
            Some(self.said.next_at()),
        ])
    }

    /// How often this node speaks. The backups of a large group slow down, so that the group as a
    /// whole stays near a thousand messages a second; the primary does not.
    fn interval(&self, now: Instant) -> Duration {
        let peers = u32::try_from(self.presence.heard(now).len()).unwrap_or(u32::MAX);
        match self.election.role() {
            Role::Primary { .. } => self.config.heartbeat,
            _ => self.config.heartbeat.max(SHARE_OF_THE_NETWORK.saturating_mul(peers)),
        }
    }

    fn followed_worldview(&self) -> Option<&Worldview> {
        let Role::Backup { primary } = self.election.role() else { return None };
        self.stated.get(&primary)?.worldview.as_ref()
    }

    fn stands(&self, now: Instant) -> BTreeMap<LiftId, Stand> {
        let present = |(lift, _): &(&LiftId, &Stated)| self.presence.is_present(now, **lift);
        self.stated.iter().filter(present).map(|(lift, peer)| (*lift, peer.stand)).collect()
    }

    /// All that were present a moment ago, without this node.
    fn members(&self, now: Instant) -> impl Iterator<Item = &Stated> {
        let member =
            move |(lift, _): &(&LiftId, &Stated)| self.presence.was_just_present(now, **lift);
        self.stated.iter().filter(member).map(|(_, peer)| peer)
    }

    fn note_calls(&mut self, now: Instant, calls: &CallSet) {
        let live: BTreeSet<HallCall> = hall_calls(calls).collect();
        self.known_since.retain(|call, _| live.contains(call));
        for call in live {
            self.known_since.entry(call).or_insert(now);
        }
    }
}

/// How much longer a backup waits between two messages for each peer.
const SHARE_OF_THE_NETWORK: Duration = Duration::from_micros(1100);

impl Stated {
    fn of(message: &Message) -> Self {
        let Message { claim, sequence, disk_works, report, .. } = *message;
        Self {
            stand: Stand { claim, sequence, disk_works },
            report,
            calls: message.calls.clone(),
            kept: message.kept.clone(),
            worldview: message.worldview.clone(),
        }
    }

    /// The worldview by which this peer leads, if it does.
    fn leads(&self) -> Option<Followed> {
        let Claim::Primary { .. } = self.stand.claim else { return None };
        Some(self.stand.claim.followed(self.stand.sequence))
    }
}

fn hall_calls(calls: &CallSet) -> impl Iterator<Item = HallCall> {
    calls.live().into_iter().filter_map(|call| match call {
        Call::Hall(call) => Some(call),
        Call::Cab(_) => None,
    })
}
