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
pub mod foresight;
pub mod lamps;
pub mod members;
pub mod message;
pub mod name;
pub mod presence;
pub mod statement;
pub mod status;
pub mod worldview;

mod ages;
mod make;
mod naming;
mod retirement;
mod say;
mod stated;

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::building::LiftId;
use crate::calls::{Actor, Call, Calls, HallCall, Incarnation, Part};
use crate::config::Config;
use crate::lift::panel::Buttons;
use crate::lift::report::Report;
use crate::time::{Instant, earliest};
use ages::Ages;
use election::{Assembly, Election, Role, Stand};
use make::Assigned;
use members::Members;
use message::{Message, Term};
use name::{Arrival, Name};
use presence::Presence;
use say::Said;
use stated::Stated;
use worldview::Worldview;

/// The group, as one node sees it.
#[derive(Clone, Debug)]
pub struct Group {
    config: Config,
    actor: Actor,
    presence: Presence,
    election: Election,
    /// All nodes that anybody has ever heard, this one among them.
    members: Members,
    name: Name,
    /// What every peer said last, present or not.
    stated: BTreeMap<LiftId, Stated>,
    /// Those of them who are present, as of the last decision.
    assembly: Assembly,
    /// What this node decides while it is primary.
    own: Worldview,
    assigned: Option<Assigned>,
    ages: Ages,
    said: Said,
}

/// What the node itself contributes.
#[derive(Clone, Copy, Debug)]
pub struct Own<'a> {
    /// Its lift.
    pub report: Report,
    /// The calls that it knows.
    pub calls: &'a Calls,
    /// The calls that would come back from its disk.
    pub durable: &'a Calls,
    /// The other members that would.
    pub durable_members: &'a Members,
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
    /// It counts, and says nothing that its speaker has not said before: nothing follows from it.
    Nothing,
    /// It counts, but for its calls: lives have been forgotten since it was said, or its speaker
    /// does not name this node as a member yet.
    ButForCalls,
    /// It is late, repeated, or from a life that is over.
    Stale,
    /// Its speaker believes to be in another building.
    OtherBuilding,
    /// Somebody else speaks in this node's name.
    OurName,
}

/// Why a lift is not forgotten.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CannotForget {
    /// It is heard, or is this one.
    Lives,
    /// There is no such member.
    NoMember,
}

impl Group {
    /// The group of a node that has just started, and knew this term and these members before.
    pub fn new(
        now: Instant,
        config: Config,
        actor: Actor,
        term: Term,
        mut members: Members,
    ) -> Self {
        members.saw(actor);
        Self {
            config,
            actor,
            presence: Presence::new(actor.lift),
            election: Election::new(now, actor.lift, config.heartbeat, term),
            members,
            name: Name::default(),
            stated: BTreeMap::new(),
            assembly: Assembly::default(),
            own: Worldview::default(),
            assigned: None,
            ages: Ages::default(),
            said: Said::nothing(now),
        }
    }

    /// Comes before anything else: a node that was held up for longer than between two of its own
    /// messages has heard nobody meanwhile, and must not take that for their silence.
    pub fn wake(&mut self, now: Instant) {
        let late = now.since(self.said.next_at());
        if late > self.config.heartbeat {
            self.presence.forgive(late);
        }
    }

    /// Takes in what a peer says.
    pub fn hear(&mut self, now: Instant, message: Rc<Message>) -> Heard {
        if message.from == self.actor.lift {
            return self.hear_own_name(now, &message);
        }
        if self.name.yields() {
            return Heard::Stale;
        }
        if message.building != self.config.building {
            return Heard::OtherBuilding;
        }
        let (from, speaker) = (message.from, message.speaker());
        let was_present = self.presence.is_present(now, from);
        if !self.presence.hear(now, &message) {
            // One that lives and was said to be dead must hear that only later lives count. Who was
            // forgotten hears that anyhow.
            let later = self.presence.first_unburied(now, speaker);
            if let Some(later) = later.filter(|_| !self.members.is_forgotten(speaker)) {
                self.members.saw(later);
            }
            return Heard::Stale;
        }
        if let Some(stated) = self.stated.get_mut(&from).filter(|_| was_present)
            && stated.has_said(&message)
        {
            stated.last = message;
            return Heard::Nothing;
        }
        self.members.merge(&message.members);
        self.members.saw(speaker);
        let counts_in_full =
            self.is_named_by(&message) && !self.members.is_outdated(speaker, message.sequence);
        let mut stated = Stated::of(message, self.stated.remove(&from));
        if counts_in_full {
            stated.take_in_calls();
        }
        self.stated.insert(from, stated);
        if counts_in_full { Heard::News } else { Heard::ButForCalls }
    }

    /// No earlier life of ours can have met us, and no word of this one comes back to it: whoever
    /// speaks as this lift is another lift, also if two disks have given both the same number.
    fn hear_own_name(&mut self, now: Instant, message: &Message) -> Heard {
        let ours = Arrival::of(self.actor.incarnation, self.said.sequence());
        let theirs = Arrival::of(message.incarnation, message.sequence);
        self.name.hear(now, ours, theirs);
        Heard::OurName
    }

    /// A supervisor says that this life of its controller, and every one before, is over.
    pub fn bury(&mut self, now: Instant, lift: LiftId, incarnation: Incarnation) {
        if lift != self.actor.lift {
            self.presence.bury(now, Actor { lift, incarnation });
        }
    }

    /// Draws the conclusions from what everybody said.
    pub fn decide(&mut self, now: Instant, own: &Own) {
        self.name.keep_time(now, self.members.outlives(self.actor).is_some());
        let (members, presence) = (&self.members, &self.presence);
        self.stated.retain(|lift, _| !is_gone_for_good(members, presence, now, *lift));
        let ranks = self.followed_worldview().map_or(Vec::new(), |view| view.ranks.clone());
        self.assembly = Assembly { present: self.stands(now), ranks, disk_works: own.disk_works };
        let before = self.election.role();
        self.election.decide(now, &self.assembly);
        self.ages.note(now, own.calls, self.config.building);
        match self.election.role() {
            Role::Primary { term } => self.lead(now, before, term, own),
            Role::Backup { primary } => self.follow(now, primary),
            Role::Listening => {}
        }
    }

    /// A new primary goes on from where the last one was.
    fn lead(&mut self, now: Instant, before: Role, term: Term, own: &Own) {
        if let Role::Backup { primary } = before {
            let last = self.stated.get(&primary).and_then(|peer| peer.last.worldview.clone());
            self.own = last.unwrap_or_default();
        }
        let ages = self.ages.by(now);
        let assignments = self.assign(now, term, own, &ages);
        let worldview = self.make_worldview(now, term, own, assignments, ages);
        if !worldview.retired.is_subset(&self.own.retired) {
            self.outdate_the_past();
        }
        self.own = worldview;
    }

    fn follow(&mut self, now: Instant, primary: LiftId) {
        let Some(peer) = self.stated.get(&primary) else { return };
        if let Some(followed) = peer.leads() {
            self.election.follow(followed);
        }
        if let Some(worldview) = &peer.last.worldview {
            self.ages.adopt(now, &worldview.ages);
        }
    }

    /// What to say to the others, if it is time or there is news. Who yields its name says nothing.
    pub fn speak(&mut self, now: Instant, own: &Own) -> Option<Rc<Message>> {
        if self.name.is_silent() {
            self.said.nothing_before(now + self.config.heartbeat);
            return None;
        }
        let message = self.say(now, own)?;
        self.name.has_spoken();
        if message.worldview.is_some() {
            let followed = message.claim.followed(message.sequence);
            self.election.follow(followed);
        }
        Some(message)
    }

    /// A person says that this lift was taken away for good: nobody waits to hear of it any more,
    /// here and wherever this is heard.
    ///
    /// # Errors
    /// Why it is not forgotten.
    pub fn forget(&mut self, now: Instant, lift: LiftId) -> Result<(), CannotForget> {
        if lift == self.actor.lift || self.presence.is_heard(now, lift) {
            return Err(CannotForget::Lives);
        }
        if !self.members.contains(lift) {
            return Err(CannotForget::NoMember);
        }
        self.members.forget(lift);
        Ok(())
    }

    /// Whether this lift was taken away for good, as far as anybody can see.
    pub fn has_forgotten(&self, now: Instant, lift: LiftId) -> bool {
        is_gone_for_good(&self.members, &self.presence, now, lift)
    }

    /// The present role.
    pub fn role(&self) -> Role {
        self.election.role()
    }

    /// All other nodes that anybody has ever heard. (This one is told its number at every birth.)
    pub fn other_members(&self) -> Members {
        self.members.only(|lift| lift != self.actor.lift)
    }

    /// Whether the other nodes that were ever heard are these.
    pub fn has_other_members(&self, others: &Members) -> bool {
        self.members.agrees_with(others, |lift| lift != self.actor.lift)
    }

    /// Whether another living node was there first that has the number of this one, so that this
    /// one goes on alone.
    pub fn yields(&self) -> bool {
        self.name.yields()
    }

    /// The number above which this node must begin a new life, when it is time for that.
    pub fn wants_life_above(&mut self, now: Instant) -> Option<Incarnation> {
        let is_wanted = self.name.wants_new_life(now, self.config.heartbeat);
        let above = || self.members.outlives(self.actor).unwrap_or(self.actor.incarnation);
        is_wanted.then(above)
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
    pub fn is_held_by_others(&self, now: Instant, calls: &Calls, call: Call) -> bool {
        let (set, part) = (calls.of(call), Part::of(call.floor()));
        let holds = |peer: &Stated| {
            peer.calls.get(&part).is_some_and(|its| set.is_safe_with(call, its.calls().context()))
        };
        let mut recent = self.recent(now).peekable();
        recent.peek().is_none() || recent.any(holds)
    }

    /// Whether all peers that were there a moment ago have said what they know of this part.
    pub fn has_been_told_of(&self, now: Instant, part: Part) -> bool {
        self.recent(now).all(|peer| peer.calls.contains_key(&part))
    }

    /// All that are present.
    pub fn present(&self, now: Instant) -> impl Iterator<Item = LiftId> {
        self.presence.present(now)
    }

    /// When time alone will change something.
    pub fn next_wakeup(&self, now: Instant) -> Option<Instant> {
        earliest([
            self.presence.next_wakeup(now),
            self.election.next_wakeup(now, &self.assembly),
            Some(self.said.next_at()),
            self.name.next_wakeup(self.config.heartbeat),
        ])
    }

    fn followed_worldview(&self) -> Option<&Worldview> {
        let Role::Backup { primary } = self.election.role() else { return None };
        self.stated.get(&primary)?.last.worldview.as_ref()
    }

    fn stands(&self, now: Instant) -> BTreeMap<LiftId, Stand> {
        let present = |(lift, _): &(&LiftId, &Stated)| self.presence.is_present(now, **lift);
        self.stated.iter().filter(present).map(|(lift, peer)| (*lift, peer.stand())).collect()
    }

    /// What all those said who were present a moment ago.
    fn recent(&self, now: Instant) -> impl Iterator<Item = &Stated> {
        let member =
            move |(lift, _): &(&LiftId, &Stated)| self.presence.was_just_present(now, **lift);
        self.stated.iter().filter(member).map(|(_, peer)| peer)
    }
}

/// Whether the lift was taken away, as a person has said, and nothing is heard that says otherwise.
fn is_gone_for_good(members: &Members, presence: &Presence, now: Instant, lift: LiftId) -> bool {
    members.has_forgotten(lift) && !presence.is_heard(now, lift)
}

fn hall_calls(live: impl Iterator<Item = Call>) -> impl Iterator<Item = HallCall> {
    live.filter_map(|call| match call {
        Call::Hall(call) => Some(call),
        Call::Cab(_) => None,
    })
}
