//! The hostile operator: carries out the faults of the plan, one after the other.
//!
//! Hostile, but not beyond what any design could bear ([`super::bearing`]): what would be too much at
//! its time is put off, and left out when its time does not come. And cunning: many a fault waits for
//! the moment at which it hurts.

use std::collections::BTreeMap;
use std::time::Duration;

use super::bearing::{TIME_TO_SPREAD, bearable_hang, is_of_lift, is_of_network, longest_pause};
use super::chance::Chance;
use super::disk::Health;
use super::fault::{Fault, Kind};
use super::hands::Hands;
use super::intruder::Intruder;
use super::promises::{Deed, Seen};
use crate::building::LiftId;
use crate::supervisor::policy::Event;
use crate::time::{Instant, earliest};

/// The operator of one run.
#[derive(Debug)]
pub struct Operator {
    planned: std::vec::IntoIter<Fault>,
    pub(super) present: Vec<Present>,
    /// Those that wait for a moment at which they hurt.
    lurking: Vec<Lurking>,
    chance: Chance,
    intruder: Intruder,
    /// Since when nothing has been wrong with any process, disk or link.
    pub(super) calm_since: Instant,
    /// Until when a node may not have learned again what it has forgotten.
    pub(super) somebody_learns_until: Instant,
    /// By how much each wall clock is wrong, in microseconds.
    walls: Vec<i64>,
    /// How many faults of each kind there were.
    pub counts: BTreeMap<Kind, u64>,
    /// How many of each kind would have been beyond what any design could bear.
    pub left_out: BTreeMap<Kind, u64>,
}

/// A fault that is present, and when it does something again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Present {
    pub(super) fault: Fault,
    again_at: Option<Instant>,
}

/// A fault that waits until something happens at its lift, and then strikes.
#[derive(Clone, Copy, Debug)]
struct Lurking {
    fault: Fault,
    strikes_at: Instant,
    seen: bool,
}

/// How long a fault that cannot be borne is put off at most.
const PUT_OFF: Duration = Duration::from_secs(60);

/// The remainder of a salt by 5 with which a fault waits for a lamp to be lit.
const AT_A_LAMP: u64 = 1;

/// How long a fault waits for its moment.
const PATIENCE: Duration = Duration::from_secs(10);

impl Operator {
    /// The operator who will do all this.
    pub fn new(faults: Vec<Fault>, lifts: u8, mut chance: Chance) -> Self {
        Self {
            planned: faults.into_iter(),
            present: Vec::new(),
            lurking: Vec::new(),
            intruder: Intruder::new(Chance::new(chance.number(), "intruder")),
            chance,
            calm_since: Instant::START,
            somebody_learns_until: Instant::START,
            walls: vec![0; usize::from(lifts)],
            counts: BTreeMap::new(),
            left_out: BTreeMap::new(),
        }
    }

    /// Whoever listens on the network hears this.
    pub fn overhears(&mut self) -> Option<&mut Intruder> {
        self.present.iter().any(|p| p.fault.kind == Kind::Intruder).then_some(&mut self.intruder)
    }

    /// Whether nothing is wrong at present, as far as the operator has his hands in it.
    pub fn rests(&self) -> bool {
        self.present.is_empty()
    }

    /// Whether this lift's controllers are made to crash at present.
    pub fn makes_crash(&self, lift: LiftId) -> bool {
        let crashes = |p: &Present| p.fault.kind == Kind::CrashLoop && p.fault.lift + 1 == lift.0;
        self.present.iter().any(crashes)
    }

    /// When there is something to do.
    pub fn next(&self) -> Option<Instant> {
        let begins = self.planned.as_slice().first().map(|fault| Instant::START + fault.at);
        let present = self.present.iter();
        let ends = present.map(|p| earliest([Some(Instant::START + p.fault.ends()), p.again_at]));
        let strikes = self.lurking.iter().map(|lurking| Some(lurking.strikes_at));
        earliest(ends.chain(strikes).chain([begins]))
    }

    /// Does what is due by now.
    pub fn advance(&mut self, hands: &mut Hands) {
        let now = hands.now;
        let over = |p: &Present| Instant::START + p.fault.ends() <= now;
        for Present { fault, .. } in self.present.extract_if(.., |p| over(p)).collect::<Vec<_>>() {
            self.end(&fault, hands);
        }
        for index in 0..self.present.len() {
            if self.present[index].again_at.is_some_and(|at| at <= now) {
                let fault = self.present[index].fault;
                self.present[index].again_at = Some(self.do_again(&fault, hands));
            }
        }
        while self.planned.as_slice().first().is_some_and(|f| Instant::START + f.at <= now) {
            let Some(fault) = self.planned.next() else { return };
            if lurks(&fault) {
                let strikes_at = now + PATIENCE;
                self.lurking.push(Lurking { fault, strikes_at, seen: false });
            } else {
                self.begin(fault, hands);
            }
        }
        let due = |lurking: &mut Lurking| lurking.strikes_at <= now;
        for Lurking { fault, .. } in self.lurking.extract_if(.., due).collect::<Vec<_>>() {
            self.begin(fault, hands);
        }
    }

    /// Something happens at a lift: some faults have waited for that. What is on its way then, to the
    /// disk, to the others or to the hardware, takes some milliseconds; somewhere among them they
    /// strike.
    pub fn watch(&mut self, now: Instant, lift: LiftId, seen: Seen) {
        let soon = |fault: &Fault| Duration::from_micros(fault.salt / 1000 % 80_000);
        for lurking in self.lurking.iter_mut().filter(|l| !l.seen && l.fault.lift + 1 == lift.0) {
            let matters = match lurking.fault.salt % 5 {
                0 => matches!(seen, Seen::Pressed(_)),
                AT_A_LAMP | 4 => matches!(seen, Seen::Lamp(_, true)),
                2 => matches!(seen, Seen::Door(true)),
                _ => matches!(seen, Seen::Motor(None)),
            };
            if matters {
                // A lamp is lit by what has just become durable, or should have.
                let at_a_lamp = matches!(seen, Seen::Lamp(..));
                let wait = if at_a_lamp { soon(&lurking.fault) / 40 } else { soon(&lurking.fault) };
                (lurking.strikes_at, lurking.seen) = (now + wait, true);
            }
        }
    }

    /// All is well from now on.
    pub fn heal(&mut self, hands: &mut Hands) {
        self.planned = Vec::new().into_iter();
        self.lurking.clear();
        for Present { fault, .. } in std::mem::take(&mut self.present) {
            self.end(&fault, hands);
        }
        hands.stations.iter_mut().for_each(|station| station.run(hands.now));
    }

    // ── beginnings ──────────────────────────────────────────────────────────────────────────

    fn begin(&mut self, fault: Fault, hands: &mut Hands) {
        if self.is_beyond_bearing(&fault, hands) {
            self.put_off(fault, hands.now);
            return;
        }
        let fault = Fault { at: hands.now.since(Instant::START), ..fault };
        if self.forgets(&fault, hands) {
            self.somebody_learns_until = hands.now + fault.lasts + TIME_TO_SPREAD;
        }
        *self.counts.entry(fault.kind).or_default() += 1;
        hands.told.push(format!("begins: {fault}"));
        self.disturb(&fault, hands.now);
        self.strike(&fault, hands);
        let again = matches!(fault.kind, Kind::Slow | Kind::Obstruction | Kind::Intruder);
        let again_at = again.then_some(hands.now);
        if fault.lasts.is_zero() {
            self.end(&fault, hands);
        } else {
            self.present.push(Present { fault, again_at });
        }
    }

    /// It may be borne a little later.
    fn put_off(&mut self, fault: Fault, now: Instant) {
        if now.since(Instant::START + fault.at) < PUT_OFF {
            let strikes_at = now + Duration::from_secs(1);
            self.lurking.push(Lurking { fault, strikes_at, seen: true });
        } else {
            *self.left_out.entry(fault.kind).or_default() += 1;
        }
    }

    fn strike(&mut self, fault: &Fault, hands: &mut Hands) {
        let index = usize::from(fault.lift);
        match fault.kind {
            Kind::Kill => hands.kill(index, if fault.degree < 0.5 { 0 } else { fault.salt % 12 }),
            Kind::Hang => {
                let lasts = bearable_hang(fault.lasts, &hands.stations[index]);
                hands.hang(index, lasts);
            }
            Kind::CrashLoop => hands.crash_loop(index, 1 + fault.salt % 8),
            Kind::Poison => hands.poison(index),
            Kind::Reload => hands.signal(index, Event::Reload),
            Kind::SupervisorKill => hands.kill_supervisor(index),
            Kind::Shutdown => hands.signal(index, Event::Terminate),
            Kind::PowerCut | Kind::BitRot => hands.cut_power(index),
            Kind::DiskLost => hands.lose_disk(index),
            Kind::SyncFailsOnce => self.fail_sync(fault, hands),
            Kind::Blackout => (0..hands.stations.len()).for_each(|lift| hands.cut_power(lift)),
            Kind::DiskFails | Kind::SyncFails | Kind::DiskStalls | Kind::DiskFull => {
                self.judge_disk(fault, true, hands);
            }
            Kind::DriveDead | Kind::StopButton | Kind::HardwareMute => {
                hands.hinder(fault.kind, index, true);
            }
            Kind::HardwareDies => hands.kill_hardware(index),
            Kind::ClockJump => self.jump_clock(fault, hands),
            Kind::Slow | Kind::Obstruction | Kind::Intruder => {}
            _ => {
                hands.network.suffer(*fault);
                hands.tell_all(Deed::Apart(true));
            }
        }
    }

    /// One sync fails. Half of the time it is seen whether anybody relied on it: the power is cut as
    /// soon as a lamp is lit.
    fn fail_sync(&mut self, fault: &Fault, hands: &mut Hands) {
        hands.stations[usize::from(fault.lift)].disk.fail_next_sync();
        if fault.degree < 0.5 {
            let (kind, lasts) = (Kind::PowerCut, Duration::from_secs(1));
            let fault = Fault { kind, lasts, salt: fault.salt / 5 * 5 + AT_A_LAMP, ..*fault };
            let strikes_at = hands.now + PATIENCE;
            self.lurking.push(Lurking { fault, strikes_at, seen: false });
        }
    }

    // ── ends ────────────────────────────────────────────────────────────────────────────────

    fn end(&mut self, fault: &Fault, hands: &mut Hands) {
        let index = usize::from(fault.lift);
        if !fault.lasts.is_zero() {
            hands.told.push(format!("ends: {fault}"));
            self.disturb(fault, hands.now);
        }
        match fault.kind {
            Kind::CrashLoop => hands.crash_loop(index, 0),
            Kind::Shutdown | Kind::PowerCut | Kind::DiskLost => {
                hands.stations[index].run(hands.now);
            }
            Kind::BitRot => {
                let file = if fault.degree < 0.8 { "checkpoint" } else { "incarnation" };
                hands.stations[index].disk.rot(file);
                hands.tell(index, Deed::DiskRots);
                hands.stations[index].run(hands.now);
            }
            Kind::Blackout => hands.stations.iter_mut().for_each(|station| station.run(hands.now)),
            Kind::DiskFails | Kind::SyncFails | Kind::DiskStalls | Kind::DiskFull => {
                self.judge_disk(fault, false, hands);
            }
            Kind::DriveDead | Kind::StopButton | Kind::HardwareMute | Kind::HardwareDies => {
                hands.hinder(fault.kind, index, false);
            }
            Kind::Obstruction => {
                hands.stations[index].shaft.obstruct(false);
                hands.tell(index, Deed::Unable(false));
            }
            kind if is_of_network(kind) => {
                hands.network.recover_from(fault);
                let still = self.present.iter().any(|p| is_of_network(p.fault.kind));
                hands.tell_all(Deed::Apart(still));
            }
            _ => {}
        }
    }

    // ── what goes on ────────────────────────────────────────────────────────────────────────

    /// What a present fault does now and then; when again.
    fn do_again(&mut self, fault: &Fault, hands: &mut Hands) -> Instant {
        let (now, index) = (hands.now, usize::from(fault.lift));
        let ms = Duration::from_millis;
        match fault.kind {
            Kind::Slow => {
                let late = self.chance.span(ms(1), ms(120).mul_f64(fault.degree) + ms(2));
                // What it asks for between two pauses may arrive in the second.
                let late = late.min(longest_pause(&hands.stations[index]) / 2);
                hands.hang(index, late);
                now + late + self.chance.span(ms(1), ms(60))
            }
            Kind::Obstruction => {
                let there = self.chance.happens(0.5);
                hands.stations[index].shaft.obstruct(there);
                hands.tell(index, Deed::Unable(true));
                now + self.chance.span(ms(50), ms(8000).mul_f64(fault.degree) + ms(100))
            }
            _ => {
                let to = self.chance.small(u8::try_from(hands.stations.len()).unwrap_or(1));
                if let Some(parcel) = self.intruder.speak() {
                    hands.network.put_underway(now, to, parcel);
                }
                now + self.chance.span(ms(2), ms(40))
            }
        }
    }

    fn disturb(&mut self, fault: &Fault, now: Instant) {
        if !is_of_lift(fault.kind) {
            self.calm_since = now;
        }
    }

    fn judge_disk(&self, fault: &Fault, begins: bool, hands: &mut Hands) {
        let index = usize::from(fault.lift);
        let also = self.present.iter().map(|p| p.fault).filter(|f| f.lift == fault.lift);
        let kinds: Vec<Kind> = also.chain(begins.then_some(*fault)).map(|f| f.kind).collect();
        let health = Health {
            fails: kinds.contains(&Kind::DiskFails),
            syncs_fail: kinds.contains(&Kind::SyncFails),
            is_full: kinds.contains(&Kind::DiskFull),
            stalls: kinds.contains(&Kind::DiskStalls),
        };
        hands.stations[index].disk.set_health(health);
        hands.tell(index, Deed::DiskFails(!health.is_well()));
    }

    /// A wall clock may go back only where disks keep what it was.
    fn jump_clock(&mut self, fault: &Fault, hands: &mut Hands) {
        let index = usize::from(fault.lift);
        let by = i64::try_from(fault.salt % 100_000_000_000).unwrap_or(0);
        let disks =
            [Kind::DiskLost, Kind::DiskFails, Kind::SyncFails, Kind::DiskFull, Kind::DiskStalls];
        let planned = self.planned.as_slice().iter().map(|fault| fault.kind);
        let mut all = planned.chain(self.counts.keys().copied());
        let back = !all.any(|kind| disks.contains(&kind)) && fault.degree < 0.5;
        self.walls[index] = if back { -by } else { self.walls[index].max(0) + by };
        hands.stations[index].jump_clock(self.walls[index]);
    }
}

/// Most of those faults that begin in a moment wait for one.
fn lurks(fault: &Fault) -> bool {
    let in_a_moment = matches!(
        fault.kind,
        Kind::Kill
            | Kind::SupervisorKill
            | Kind::PowerCut
            | Kind::Blackout
            | Kind::HardwareDies
            | Kind::HardwareMute
            | Kind::Partition
            | Kind::DriveDead
    );
    in_a_moment && fault.salt >> 4 & 3 != 0
}
