//! What a peer has said so far, as far as it counts.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::election::Stand;
use super::lamps::Keeper;
use super::message::{Claim, Followed, Message};
use super::statement::Statement;
use crate::calls::{Context, Part};

/// What a peer said last in its present life.
#[derive(Clone, Debug)]
pub(super) struct Stated {
    /// Its last message.
    pub(super) last: Rc<Message>,
    /// Of each part of the calls that it has spoken of yet.
    pub(super) calls: BTreeMap<Part, Statement>,
}

impl Stated {
    /// What the peer has said with this message and, of calls, in the same life before it: a life
    /// knows what it has once known, but the next one may begin with less.
    pub(super) fn of(message: Rc<Message>, before: Option<Self>) -> Self {
        let before = before.filter(|before| before.last.incarnation == message.incarnation);
        let calls = before.map(|before| before.calls).unwrap_or_default();
        Self { last: message, calls }
    }

    pub(super) fn take_in_calls(&mut self) {
        let calls = self.last.calls.iter();
        self.calls.extend(calls.map(|statement| (statement.part(), statement.clone())));
    }

    /// Whether the peer has said all of this before.
    pub(super) fn has_said(&self, message: &Message) -> bool {
        let known = |its: &Statement| self.calls.get(&its.part()) == Some(its);
        message.repeats(&self.last) && message.calls.iter().all(known)
    }

    /// What the election must know of the peer.
    pub(super) fn stand(&self) -> Stand {
        let Message { claim, sequence, disk_works, .. } = *self.last;
        Stand { claim, sequence, disk_works }
    }

    /// The worldview by which this peer leads, if it does.
    pub(super) fn leads(&self) -> Option<Followed> {
        let Claim::Primary { .. } = self.last.claim else { return None };
        Some(self.last.claim.followed(self.last.sequence))
    }

    pub(super) fn keeper(&self, part: Part) -> Keeper<'_> {
        let stated = self.calls.get(&part).map(|its| (its.calls().context(), its.kept()));
        let (seen, kept) = stated.unwrap_or((Context::nothing(), Context::nothing()));
        Keeper { seen, kept, disk_works: self.last.disk_works }
    }
}
