//! How a primary makes its worldview.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::assignment::{Assignments, Candidate, assign};
use super::election::succession;
use super::lamps::{Keeper, is_safe};
use super::message::{Claim, Term};
use super::worldview::Worldview;
use super::{Group, Own, hall_calls};
use crate::building::{Building, LiftId};
use crate::calls::{Call, Calls, HallCall, Part};
use crate::lift::OutOfService;
use crate::lift::panel::{Button, Buttons};
use crate::lift::report::Report;
use crate::sabotage::Sabotage;
use crate::time::Instant;

/// How long an assignment stands at least while only cars move: long enough to cost no time, and
/// too short for any passenger.
const ASSIGN_EVERY: Duration = Duration::from_millis(100);

/// What was assigned last.
#[derive(Clone, Debug)]
pub(super) struct Assigned {
    at: Instant,
    calls: BTreeSet<HallCall>,
    lifts: Vec<LiftId>,
}

impl Group {
    /// Assigns at once when a call or a lift has come or gone, and from time to time as cars move.
    pub(super) fn assign(
        &mut self,
        now: Instant,
        term: Term,
        own: &Own,
        waiting: &BTreeMap<HallCall, Duration>,
    ) -> Assignments {
        let able = self.able(term, own);
        let lifts: Vec<LiftId> = able.iter().map(|(lift, _)| *lift).collect();
        let stands = self.assigned.as_ref().is_some_and(|last| {
            now.since(last.at) < ASSIGN_EVERY
                && last.lifts == lifts
                && last.calls.iter().eq(waiting.keys())
        });
        if stands {
            return std::mem::take(&mut self.own.assignments);
        }
        let candidates = candidates(able, own.calls, self.config.building);
        self.assigned = Some(Assigned { at: now, calls: waiting.keys().copied().collect(), lifts });
        assign(&self.config, &candidates, waiting, &self.own.assignments)
    }

    pub(super) fn make_worldview(
        &self,
        now: Instant,
        term: Term,
        own: &Own,
        assignments: Assignments,
        ages: BTreeMap<HallCall, Duration>,
    ) -> Worldview {
        let mut ranks = succession(self.actor.lift, term, &self.assembly);
        ranks.retain(|lift| *lift != self.actor.lift);
        Worldview {
            term,
            reports: self.reports(own),
            assignments,
            lit: self.lit(now, own),
            ages,
            ranks,
            retired: self.retired(own),
            timestamp: None,
        }
    }

    fn reports(&self, own: &Own) -> BTreeMap<LiftId, Report> {
        let peers = self
            .assembly
            .present
            .keys()
            .filter_map(|lift| self.stated.get(lift).map(|peer| (*lift, peer.last.report)));
        peers.chain([(self.actor.lift, own.report)]).collect()
    }

    /// Which hall lamps may be lit. A lamp that is lit stays so for as long as its call lives.
    fn lit(&self, now: Instant, own: &Own) -> Buttons {
        let parts = Part::every_of(self.config.building);
        parts.flat_map(|part| self.lit_of(now, part, own)).collect()
    }

    fn lit_of(&self, now: Instant, part: Part, own: &Own) -> Vec<Button> {
        let (calls, durable) = (own.calls.part(part), own.durable.part(part));
        let is_lit = |call: &HallCall| own.lamps.contains(Button::from(*call));
        let (mut lit, dark): (Vec<HallCall>, Vec<HallCall>) =
            hall_calls(calls.every_live()).partition(is_lit);
        if !dark.is_empty() {
            let (seen, kept) = (calls.context(), durable.context());
            let me = Keeper { seen, kept, disk_works: own.disk_works };
            let others: Vec<Keeper> = self.recent(now).map(|peer| peer.keeper(part)).collect();
            lit.extend(dark.into_iter().filter(|c| is_safe(calls, Call::Hall(*c), me, &others)));
        }
        lit.into_iter().map(Button::from).collect()
    }

    /// The lifts that can take hall calls: in service, present, told of calls by this primary, and
    /// following it in this term. Whoever follows another one would be told otherwise. Where there is
    /// none, those that could and only restart too often: they are better than none.
    fn able(&self, term: Term, own: &Own) -> Vec<(LiftId, Report)> {
        let follows = |claim: &Claim| {
            matches!(claim, Claim::Backup { primary, followed }
                if *primary == self.actor.lift && followed.term == term)
        };
        let followers = self.assembly.present.iter().filter(|(_, peer)| follows(&peer.claim));
        let followers = followers
            .filter(|(lift, _)| self.names(**lift, own))
            .filter_map(|(lift, _)| self.stated.get(lift).map(|peer| (*lift, peer.last.report)));
        let reached = followers.chain([(self.actor.lift, own.report)]);
        let mut able: Vec<_> = reached.filter(|(_, report)| report.floor.is_some()).collect();
        if Sabotage::StuckLiftIsChosen.is_done() {
            return able;
        }
        let is_in_service = |(_, report): &(LiftId, Report)| report.out_of_service.is_none();
        let but_for = (!able.iter().any(is_in_service)).then_some(OutOfService::RestartedTooOften);
        able.retain(|(_, report)| report.out_of_service == but_for);
        able
    }
}

/// These lifts with the calls of their own passengers.
fn candidates(able: Vec<(LiftId, Report)>, calls: &Calls, building: Building) -> Vec<Candidate> {
    let mut cabs: BTreeMap<LiftId, Buttons> = BTreeMap::new();
    for call in calls.every_live() {
        if let Call::Cab(cab) = call
            && call.fits(building)
        {
            cabs.entry(cab.lift).or_default().insert(Button::Cab(cab.floor));
        }
    }
    let cab = |lift| cabs.get(&lift).copied().unwrap_or_default();
    able.into_iter().map(|(lift, report)| Candidate { lift, report, cab: cab(lift) }).collect()
}
