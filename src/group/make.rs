//! How a primary makes its worldview.

use std::collections::BTreeMap;
use std::time::Duration;

use super::assignment::{Candidate, assign};
use super::election::{Assembly, succession};
use super::lamps::{Keeper, is_safe};
use super::message::{Claim, Followed, Term};
use super::worldview::Worldview;
use super::{Group, Own, Stated, hall_calls};
use crate::building::{Building, LiftId};
use crate::calls::{Actor, Call, CallSet, HallCall};
use crate::lift::panel::{Button, Buttons};
use crate::lift::report::Report;
use crate::time::Instant;

impl Group {
    pub(super) fn make_worldview(
        &self,
        now: Instant,
        term: Term,
        own: &Own,
        assembly: &Assembly,
    ) -> Worldview {
        let ages = self.ages(now);
        let candidates = self.candidates(term, own, assembly);
        let followed = Followed { term, sequence: u64::MAX };
        let mut ranks = succession(self.actor.lift, followed, assembly);
        ranks.retain(|lift| *lift != self.actor.lift);
        Worldview {
            term,
            reports: self.reports(own, assembly),
            assignments: assign(&self.config, &candidates, &ages, &self.own.assignments),
            lit: self.lit(now, own),
            ages,
            ranks,
            retired: self.retired(own),
        }
    }

    fn reports(&self, own: &Own, assembly: &Assembly) -> BTreeMap<LiftId, Report> {
        let peers = assembly
            .present
            .keys()
            .filter_map(|lift| self.stated.get(lift).map(|peer| (*lift, peer.report)));
        peers.chain([(self.actor.lift, own.report)]).collect()
    }

    fn ages(&self, now: Instant) -> BTreeMap<HallCall, Duration> {
        self.known_since.iter().map(|(call, since)| (*call, now.since(*since))).collect()
    }

    /// Which hall lamps may be lit. A lamp that is lit stays so for as long as its call lives.
    fn lit(&self, now: Instant, own: &Own) -> Buttons {
        let me = Keeper { seen: own.calls.context(), kept: own.kept, disk_works: own.disk_works };
        let others: Vec<Keeper> = self.members(now).map(Stated::keeper).collect();
        hall_calls(own.calls)
            .filter(|call| {
                let lit = own.lamps.contains(Button::Hall(call.floor(), call.direction()));
                lit || is_safe(own.calls, Call::Hall(*call), me, &others)
            })
            .map(|call| Button::Hall(call.floor(), call.direction()))
            .collect()
    }

    /// The lifts that can take hall calls: in service, present, and following this primary in this
    /// term. Whoever follows another one would be told otherwise.
    fn candidates(&self, term: Term, own: &Own, assembly: &Assembly) -> Vec<Candidate> {
        let follows = |claim: &Claim| {
            matches!(claim, Claim::Backup { primary, followed }
                if *primary == self.actor.lift && followed.term == term)
        };
        let followers = assembly.present.iter().filter(|(_, peer)| follows(&peer.claim));
        let followers = followers
            .filter_map(|(lift, _)| self.stated.get(lift).map(|peer| (*lift, peer.report)));
        followers
            .chain([(self.actor.lift, own.report)])
            .filter(|(_, report)| report.out_of_service.is_none() && report.floor.is_some())
            .map(|(lift, report)| Candidate {
                lift,
                report,
                cab: cab_calls(own.calls, lift, self.config.building),
            })
            .collect()
    }

    /// The lives that everybody may forget: they have ended, and every node that was ever heard
    /// holds the same of them, with no call alive. A node that is away may still hold one, so
    /// nothing is forgotten behind its back.
    fn retired(&self, own: &Own) -> Vec<Actor> {
        let sets = || self.stated.values().map(|peer| &peer.calls).chain([own.calls]);
        let known: std::collections::BTreeSet<Actor> =
            sets().flat_map(|set| set.context().actors()).collect();
        let done = |actor: &Actor| {
            let newest = sets().filter_map(|set| set.context().newest_of(*actor)).max();
            self.is_over(*actor)
                && sets().all(|set| {
                    set.is_idle(*actor)
                        && set.context().newest_of(*actor).is_none_or(|seen| Some(seen) == newest)
                })
        };
        known.into_iter().filter(done).collect()
    }

    /// Whether this life is known to be over.
    fn is_over(&self, actor: Actor) -> bool {
        if actor.lift == self.actor.lift {
            actor.incarnation < self.actor.incarnation
        } else {
            self.presence.is_over(actor)
        }
    }
}

impl Stated {
    fn keeper(&self) -> Keeper<'_> {
        Keeper { seen: self.calls.context(), kept: &self.kept, disk_works: self.stand.disk_works }
    }
}

fn cab_calls(calls: &CallSet, lift: LiftId, building: Building) -> Buttons {
    let own = calls.live().into_iter().filter_map(|call| match call {
        Call::Cab(cab) if cab.lift == lift && call.fits(building) => Some(Button::Cab(cab.floor)),
        _ => None,
    });
    own.collect()
}
