//! When and what a node speaks: at its interval, and at once when something changed.

use std::collections::BTreeSet;

use super::election::Assembly;
use super::message::{Claim, Message};
use super::worldview::Worldview;
use super::{Group, Own};
use crate::building::LiftId;
use crate::calls::{CallSet, Context};
use crate::lift::report::Report;
use crate::time::Instant;

/// What was said last. What changes with every message (a sequence, an age) is not in it: that
/// would never fall silent.
#[derive(Clone, Debug)]
pub(super) struct Said {
    sequence: u64,
    next_at: Instant,
    last: Option<Content>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Content {
    claim: Claim,
    hears: BTreeSet<LiftId>,
    report: Report,
    calls: CallSet,
    kept: Context,
    disk_works: bool,
    worldview: Option<Worldview>,
}

impl Said {
    pub(super) fn nothing(now: Instant) -> Self {
        Self { sequence: 0, next_at: now, last: None }
    }

    pub(super) fn next_at(&self) -> Instant {
        self.next_at
    }
}

impl Group {
    pub(super) fn say(&mut self, now: Instant, own: &Own) -> Option<Message> {
        let content = self.content(now, own);
        let news = self.said.last.as_ref() != Some(&content);
        if !news && now < self.said.next_at {
            return None;
        }
        self.said.sequence += 1;
        let interval = self.interval(now);
        self.said.next_at = now + interval;
        self.said.last = Some(content.clone());
        let Content { hears, report, calls, kept, disk_works, worldview, .. } = content;
        Some(Message {
            from: self.actor.lift,
            incarnation: self.actor.incarnation,
            sequence: self.said.sequence,
            interval,
            building: self.config.building,
            claim: self.claim(now, own),
            hears,
            report,
            calls,
            kept,
            disk_works,
            worldview: worldview.map(|view| Worldview { ages: self.own.ages.clone(), ..view }),
        })
    }

    fn content(&self, now: Instant, own: &Own) -> Content {
        let claim = self.claim(now, own);
        let primary = matches!(claim, Claim::Primary { .. });
        Content {
            claim: claim.without_progress(),
            hears: self.presence.heard(now),
            report: own.report,
            calls: own.calls.clone(),
            kept: own.kept.clone(),
            disk_works: own.disk_works,
            worldview: primary
                .then(|| Worldview { ages: std::collections::BTreeMap::new(), ..self.own.clone() }),
        }
    }

    fn claim(&self, now: Instant, own: &Own) -> Claim {
        let present = self.stands(now);
        let assembly = Assembly { present: &present, ranks: &[], disk_works: own.disk_works };
        self.election.claim(&assembly)
    }
}
