//! When and what a node speaks: at its interval, and at once when something changed.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use super::election::Role;
use super::message::{Claim, Message};
use super::statement::Statement;
use super::{Group, Own};
use crate::calls::Part;
use crate::time::Instant;

/// How much longer a backup waits between two messages for each peer.
const SHARE_OF_THE_NETWORK: Duration = Duration::from_micros(1100);

/// How long the statements of a message may be together, in actors and presses: about what fits into
/// one packet of an Ethernet. A single statement may be longer.
const LONGEST_STATEMENTS: usize = 100;

/// What was said last, and when to speak again.
#[derive(Clone, Debug)]
pub(super) struct Said {
    sequence: u64,
    next_at: Instant,
    last: Option<Rc<Message>>,
    /// What was stated last of each part.
    stated: BTreeMap<Part, Statement>,
    /// The part whose turn it is.
    turn: Part,
}

impl Said {
    pub(super) fn nothing(now: Instant) -> Self {
        Self { sequence: 0, next_at: now, last: None, stated: BTreeMap::new(), turn: Part::LOWEST }
    }

    /// Leaves off speaking until then.
    pub(super) fn nothing_before(&mut self, at: Instant) {
        self.next_at = self.next_at.max(at);
    }

    /// How many messages have been said.
    pub(super) fn sequence(&self) -> u64 {
        self.sequence
    }

    pub(super) fn next_at(&self) -> Instant {
        self.next_at
    }
}

impl Group {
    pub(super) fn say(&mut self, now: Instant, own: &Own) -> Option<Rc<Message>> {
        let news = self.said.last.as_ref().is_none_or(|last| self.has_news_since(last, now, own));
        if !news && now < self.said.next_at {
            return None;
        }
        self.said.sequence += 1;
        let interval = self.interval(now);
        self.said.next_at = now + interval;
        let message = Rc::new(Message {
            from: self.actor.lift,
            incarnation: self.actor.incarnation,
            sequence: self.said.sequence,
            interval,
            building: self.config.building,
            claim: self.claim(),
            hears: self.presence.heard(now).collect(),
            members: self.named_members(own),
            report: own.report,
            calls: self.statements(own),
            disk_works: own.disk_works,
            worldview: self.leads().then(|| self.own.clone()),
        });
        self.said.last = Some(Rc::clone(&message));
        Some(message)
    }

    /// Whether there is anything to say that was not said in this message. What changes with every
    /// message (a sequence, an age) is no news: that would never fall silent.
    fn has_news_since(&self, last: &Message, now: Instant, own: &Own) -> bool {
        let unchanged = last.claim.without_progress() == self.claim().without_progress()
            && last.report == own.report
            && last.disk_works == own.disk_works
            && last.hears.iter().copied().eq(self.presence.heard(now))
            && self.has_named_members(&last.members, own)
            && Part::every_of(self.config.building).all(|part| self.has_stated(part, own))
            && match (&last.worldview, self.leads()) {
                (Some(said), true) => said.agrees_with(&self.own),
                (said, leads) => said.is_some() == leads,
            };
        !unchanged
    }

    /// As many parts of the calls as there is room for, one at least: those that have changed, then
    /// the others in turn. In every other message it begins with the one whose turn it is, since
    /// among very many changes it would never come.
    fn statements(&mut self, own: &Own) -> Vec<Statement> {
        let (before, after): (Vec<Part>, Vec<Part>) =
            Part::every_of(self.config.building).partition(|part| *part < self.said.turn);
        let mut parts = [after, before].concat();
        let in_turn = usize::from(self.said.sequence.is_multiple_of(2));
        parts[in_turn..].sort_by_key(|part| self.has_stated(*part, own));
        let mut statements = Vec::new();
        let mut length = 0;
        for part in parts {
            let statement = Statement::of(part, own.calls, own.durable);
            length += statement.length();
            if length > LONGEST_STATEMENTS && !statements.is_empty() {
                break;
            }
            statements.push(statement);
        }
        self.note_stated(&statements);
        statements
    }

    fn note_stated(&mut self, statements: &[Statement]) {
        for statement in statements {
            if statement.part() == self.said.turn {
                self.said.turn = self.said.turn.next_of(self.config.building);
            }
            self.said.stated.insert(statement.part(), statement.clone());
        }
    }

    /// Whether there is nothing new to state of this part.
    fn has_stated(&self, part: Part, own: &Own) -> bool {
        let last = self.said.stated.get(&part);
        last.is_some_and(|last| last.holds_for(own.calls, own.durable))
    }

    /// How often this node speaks. The backups of a large group slow down, so that the group as a
    /// whole stays near a thousand messages a second; the primary does not.
    fn interval(&self, now: Instant) -> Duration {
        let peers = u32::try_from(self.presence.heard(now).count()).unwrap_or(u32::MAX);
        match self.election.role() {
            Role::Primary { .. } => self.config.heartbeat,
            _ => self.config.heartbeat.max(SHARE_OF_THE_NETWORK.saturating_mul(peers)),
        }
    }

    fn leads(&self) -> bool {
        matches!(self.election.role(), Role::Primary { .. })
    }

    fn claim(&self) -> Claim {
        self.election.claim(&self.assembly)
    }
}
