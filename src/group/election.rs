//! Who is primary: listening, following, taking over, and giving way.
//!
//! There is no vote and no agreement. Everybody looks at what those who are *present* claim and
//! draws the same conclusion from it; where the views differ for a moment, two nodes may be primary
//! at once. That is harmless, since no call depends on it, and ends as soon as they hear each
//! other: a rule that both compute alike leaves exactly one.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::message::{Claim, Followed, Term};
use crate::building::LiftId;
use crate::sabotage::Sabotage;
use crate::time::{Instant, earliest};

/// What a node is to its group.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Role {
    /// It looks whom it finds.
    Listening,
    /// It does what this primary says.
    Backup {
        /// The primary.
        primary: LiftId,
    },
    /// It decides, in this term.
    Primary {
        /// The term.
        term: Term,
    },
}

/// What a present peer said last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stand {
    /// What it claims to be.
    pub claim: Claim,
    /// The sequence of the message that said so.
    pub sequence: u64,
    /// Its disk works.
    pub disk_works: bool,
}

/// What the decision depends on besides the past.
#[derive(Clone, Debug, Default)]
pub struct Assembly {
    /// All that are present, without this node.
    pub present: BTreeMap<LiftId, Stand>,
    /// The order of succession, by the last worldview.
    pub ranks: Vec<LiftId>,
    /// This node's disk works.
    pub disk_works: bool,
}

/// One node's part in the election.
#[derive(Clone, Debug)]
pub struct Election {
    me: LiftId,
    interval: Duration,
    /// When it began to listen; still ahead for one that has just given the role away, so that the
    /// others go first.
    began: Instant,
    role: Role,
    /// The latest worldview that was followed, or sent.
    followed: Followed,
    /// The highest term ever heard of.
    highest: Term,
    /// Since when there is no primary to follow.
    vacant_since: Option<Instant>,
    /// When the first peer was present.
    met_at: Option<Instant>,
}

impl Election {
    /// How many intervals a node listens that hears nobody: long enough to hear any peer there is.
    const LISTEN_ALONE: u32 = 20;
    /// How many intervals a node listens after it met the first peer: others may be just behind.
    const LISTEN_TOGETHER: u32 = 5;
    /// How many intervals each rank waits longer than the one before it: the time that a claim needs
    /// to be heard, and once more for the one that gets lost.
    const SLOT: u32 = 2;

    /// A node that has just started, and knew this term before.
    pub fn new(now: Instant, me: LiftId, interval: Duration, term: Term) -> Self {
        Self {
            me,
            interval,
            began: now,
            role: Role::Listening,
            followed: Followed { term, sequence: 0 },
            highest: term,
            vacant_since: None,
            met_at: None,
        }
    }

    /// The present role.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The highest term that this node has heard of; a next life must not fall behind it.
    pub fn highest_term(&self) -> Term {
        self.highest
    }

    /// What to claim.
    pub fn claim(&self, assembly: &Assembly) -> Claim {
        match self.role {
            Role::Listening => Claim::Listening { followed: self.followed },
            Role::Backup { primary } => Claim::Backup { primary, followed: self.followed },
            Role::Primary { term } => {
                Claim::Primary { term, has_followers: self.has_followers(assembly) }
            }
        }
    }

    /// A worldview of the primary that is followed has come in, or was sent.
    pub fn follow(&mut self, followed: Followed) {
        self.followed = followed;
    }

    /// Draws the conclusion from what is claimed at this moment.
    pub fn decide(&mut self, now: Instant, assembly: &Assembly) {
        self.note_terms(assembly);
        if self.met_at.is_none() && !assembly.present.is_empty() {
            self.met_at = Some(now);
        }
        match self.role {
            Role::Primary { term } => self.reign(now, term, assembly),
            Role::Backup { primary } => self.serve(now, primary, assembly),
            Role::Listening => self.listen(now, assembly),
        }
    }

    /// When time alone will change the decision.
    pub fn next_wakeup(&self, now: Instant, assembly: &Assembly) -> Option<Instant> {
        let due = match self.role {
            Role::Primary { .. } => None,
            Role::Listening => Some(self.listened_until()),
            Role::Backup { .. } => self.vacant_since,
        };
        let due = due.map(|since| since + self.delay(assembly));
        earliest([due.filter(|at| now < *at)])
    }

    // ── the three roles ─────────────────────────────────────────────────────────────────────

    /// A primary gives way to a better one, and gives the role away when its disk fails and
    /// somebody else has one that works.
    fn reign(&mut self, now: Instant, term: Term, assembly: &Assembly) {
        let mine = strength(self.has_followers(assembly), term, self.me);
        if let Some((rival, theirs)) = best_primary(assembly)
            && theirs > mine
            && !Sabotage::NobodyYields.is_done()
        {
            self.back(rival);
        } else if !assembly.disk_works && assembly.present.values().any(|peer| peer.disk_works) {
            self.role = Role::Listening;
            self.began = now + self.interval * Self::LISTEN_ALONE;
        }
    }

    /// A backup follows its primary for as long as that is there and claims to be it; then another
    /// one, if there is one; else it takes over when its turn comes.
    fn serve(&mut self, now: Instant, primary: LiftId, assembly: &Assembly) {
        let reigns = |peer: &Stand| matches!(peer.claim, Claim::Primary { .. });
        let is_led = assembly.present.get(&primary).is_some_and(reigns);
        if is_led || Sabotage::LostPrimaryIsFollowed.is_done() {
            self.vacant_since = None;
        } else if let Some((primary, _)) = best_primary(assembly) {
            self.back(primary);
        } else {
            let since = *self.vacant_since.get_or_insert(now);
            self.take_over_after(now, since, assembly);
        }
    }

    fn listen(&mut self, now: Instant, assembly: &Assembly) {
        if let Some((primary, _)) = best_primary(assembly) {
            self.back(primary);
        } else {
            self.take_over_after(now, self.listened_until(), assembly);
        }
    }

    // ── what they are made of ───────────────────────────────────────────────────────────────

    fn back(&mut self, primary: LiftId) {
        self.role = Role::Backup { primary };
        self.vacant_since = None;
    }

    fn take_over_after(&mut self, now: Instant, since: Instant, assembly: &Assembly) {
        if since + self.delay(assembly) <= now {
            let term = self.highest.next();
            self.highest = term;
            self.role = Role::Primary { term };
            self.vacant_since = None;
        }
    }

    /// Who meets others need not wait as long as who hears nobody.
    fn listened_until(&self) -> Instant {
        let alone = self.began + self.interval * Self::LISTEN_ALONE;
        let since = self.met_at.map(|met_at| met_at.max(self.began));
        since.map_or(alone, |met_at| alone.min(met_at + self.interval * Self::LISTEN_TOGETHER))
    }

    /// How long this node lets others go first.
    fn delay(&self, assembly: &Assembly) -> Duration {
        if Sabotage::RanksAreIgnored.is_done() {
            return Duration::ZERO;
        }
        let rank = succession(self.me, self.followed.term, assembly);
        let rank = rank.iter().position(|lift| *lift == self.me).unwrap_or(0);
        self.interval * Self::SLOT * u32::try_from(rank).unwrap_or(u32::MAX)
    }

    fn has_followers(&self, assembly: &Assembly) -> bool {
        let follows = |peer: &Stand| matches!(peer.claim, Claim::Backup { primary, .. } if primary == self.me);
        assembly.present.values().any(follows)
    }

    fn note_terms(&mut self, assembly: &Assembly) {
        let terms = assembly.present.values().map(|peer| peer.claim.followed(0).term);
        self.highest = terms.chain([self.highest]).max().unwrap_or_default();
    }
}

/// All that are present and this node, in the order in which they should lead: who has a disk that
/// works, as the last primary named them, who has the latest worldview, the lowest number.
///
/// Within a term all worldviews count alike: whoever is present is only a few messages behind, each
/// of which is whole, and an order that changed with every message would be no order.
pub fn succession(me: LiftId, term: Term, assembly: &Assembly) -> Vec<LiftId> {
    let own = (me, term, assembly.disk_works);
    let peers = assembly
        .present
        .iter()
        .map(|(lift, peer)| (*lift, peer.claim.followed(peer.sequence).term, peer.disk_works));
    let named = |lift| {
        assembly.ranks.iter().position(|ranked| *ranked == lift).unwrap_or(assembly.ranks.len())
    };
    let mut order: Vec<_> = peers.chain([own]).collect();
    order
        .sort_by_key(|(lift, term, disk_works)| (!disk_works, named(*lift), Reverse(*term), *lift));
    order.into_iter().map(|(lift, ..)| lift).collect()
}

/// How strong a claim to be primary is; everybody compares alike.
type Strength = (bool, Term, Reverse<LiftId>);

fn strength(has_followers: bool, term: Term, lift: LiftId) -> Strength {
    (has_followers, term, Reverse(lift))
}

fn best_primary(assembly: &Assembly) -> Option<(LiftId, Strength)> {
    let claims = assembly.present.iter().filter_map(|(lift, peer)| match peer.claim {
        Claim::Primary { term, has_followers } => {
            Some((*lift, strength(has_followers, term, *lift)))
        }
        _ => None,
    });
    claims.max_by_key(|(_, strength)| *strength)
}
