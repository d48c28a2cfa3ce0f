//! When and what a node speaks: at its interval, and at once when something changed.

use std::time::Duration;

use super::election::Role;
use super::message::{Claim, Message};
use super::{Group, Own};
use crate::time::Instant;

/// How much longer a backup waits between two messages for each peer.
const SHARE_OF_THE_NETWORK: Duration = Duration::from_micros(1100);

/// What was said last, and when to speak again.
#[derive(Clone, Debug)]
pub(super) struct Said {
    sequence: u64,
    next_at: Instant,
    last: Option<Message>,
}

impl Said {
    pub(super) fn nothing(now: Instant) -> Self {
        Self { sequence: 0, next_at: now, last: None }
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
    pub(super) fn say(&mut self, now: Instant, own: &Own) -> Option<Message> {
        let news = self.said.last.as_ref().is_none_or(|last| self.has_news_since(last, now, own));
        if !news && now < self.said.next_at {
            return None;
        }
        self.said.sequence += 1;
        let interval = self.interval(now);
        self.said.next_at = now + interval;
        let message = Message {
            from: self.actor.lift,
            incarnation: self.actor.incarnation,
            sequence: self.said.sequence,
            interval,
            building: self.config.building,
            claim: self.claim(),
            hears: self.presence.heard(now),
            members: self.members.clone(),
            report: own.report,
            calls: own.calls.clone(),
            kept: own.kept.clone(),
            settled: own.settled,
            disk_works: own.disk_works,
            worldview: self.leads().then(|| self.own.clone()),
        };
        self.said.last = Some(message.clone());
        Some(message)
    }

    /// Whether there is anything to say that was not said in this message. What changes with every
    /// message (a sequence, an age) is no news: that would never fall silent.
    fn has_news_since(&self, last: &Message, now: Instant, own: &Own) -> bool {
        let unchanged = last.claim.without_progress() == self.claim().without_progress()
            && last.report == own.report
            && last.settled == own.settled
            && last.disk_works == own.disk_works
            && last.hears == self.presence.heard(now)
            && last.members == self.members
            && last.calls == *own.calls
            && last.kept == *own.kept
            && match (&last.worldview, self.leads()) {
                (Some(said), true) => said.agrees_with(&self.own),
                (said, leads) => said.is_some() == leads,
            };
        !unchanged
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

    fn leads(&self) -> bool {
        matches!(self.election.role(), Role::Primary { .. })
    }

    fn claim(&self) -> Claim {
        self.election.claim(&self.assembly)
    }
}
