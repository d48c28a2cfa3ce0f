//! What any design can bear, and what would be too much.
//!
//! A fault that makes a node forget what it alone may know (its disk is lost, or it dies while its
//! disk does not work) is borne only when all is calm elsewhere, so that the others know it too; and
//! only if nothing else goes wrong until it has learned from them what it forgot. Any number of disks
//! may be ill at once, even all of them, as long as nobody dies who then forgets.
//!
//! A controller that stands still while its car comes to the end of the shaft stops it in time, or its
//! supervisor does, unless the car passes a floor faster than that can be noticed.

use std::time::Duration;

use super::controller::Controller;
use super::fault::{Fault, Kind};
use super::hands::Hands;
use super::operator::{Operator, Present};
use super::station::Station;
use super::supervisor::HANG_TIMEOUT;
use crate::shell::hardware::SWEEP_INTERVAL;
use crate::time::Instant;

/// How long it takes until all know what one knew: so long all must have been calm before anything
/// may be forgotten, and so long it takes to learn it again.
pub(super) const TIME_TO_SPREAD: Duration = Duration::from_secs(6);

/// What a controller needs, awake, to have its car stopped.
const REACTION: Duration = Duration::from_millis(10);

/// The longest that a controller can stand still, and not be killed for it: its car may just reach
/// the end of the shaft, as a reading has just been taken, and must not have left it when the command
/// to stop arrives.
pub(super) fn longest_pause(station: &Station) -> Duration {
    station.shaft.passing().saturating_sub(SWEEP_INTERVAL + station.setup.lag * 2 + REACTION)
}

/// For how long a controller hangs that is to hang for so long: it is killed for it, or goes on in
/// time.
pub(super) fn bearable_hang(lasts: Duration, station: &Station) -> Duration {
    if is_killed_for(lasts) { lasts } else { lasts.min(longest_pause(station)) }
}

fn is_killed_for(pause: Duration) -> bool {
    pause >= HANG_TIMEOUT
}

impl Operator {
    /// Whether a call might be lost that nobody could keep.
    pub(super) fn is_beyond_bearing(&self, fault: &Fault, hands: &Hands) -> bool {
        if self.somebody_learns_until > hands.now && !is_of_lift(fault.kind) {
            return true;
        }
        let own = usize::from(fault.lift);
        let others_ill = is_any_ill(hands, |index| index != own);
        match fault.kind {
            Kind::Blackout => {
                is_any_ill(hands, |_| true)
                    || hands.stations.iter().any(|station| keeps_nothing(station, hands.now))
                    || self.disk_was_ill(hands.now)
            }
            Kind::DiskFails
            | Kind::SyncFails
            | Kind::SyncFailsOnce
            | Kind::DiskStalls
            | Kind::DiskFull => {
                // What a supervisor writes last, as it leaves, nobody else remembers.
                self.befalls(fault.lift, &[Kind::Shutdown])
            }
            Kind::Slow | Kind::Hang => {
                // Two pauses may be too long together.
                self.befalls(fault.lift, &[Kind::Slow, Kind::Hang])
                    || is_stopped_too_late(fault, &hands.stations[own])
            }
            _ if self.forgets(fault, hands) => {
                hands.stations.len() < 2 || others_ill || !self.is_calm_but_for(fault, hands.now)
            }
            _ => false,
        }
    }

    /// Whether one of these is present at this lift already.
    fn befalls(&self, lift: u8, kinds: &[Kind]) -> bool {
        let befalls = |its: &Fault| its.lift == lift && kinds.contains(&its.kind);
        self.present.iter().any(|present| befalls(&present.fault))
    }

    /// Whether by this fault a node forgets what it alone may know.
    pub(super) fn forgets(&self, fault: &Fault, hands: &Hands) -> bool {
        match fault.kind {
            Kind::BitRot | Kind::DiskLost | Kind::Poison => true,
            Kind::SupervisorKill | Kind::Shutdown | Kind::PowerCut => {
                let own = usize::from(fault.lift);
                is_any_ill(hands, |index| index == own)
                    || keeps_nothing(&hands.stations[own], hands.now)
                    || self.disk_was_ill(hands.now)
            }
            _ => false,
        }
    }

    fn is_calm_but_for(&self, fault: &Fault, now: Instant) -> bool {
        let disturbs = |Present { fault: its, .. }: &Present| {
            is_of_network(its.kind) || !is_of_lift(its.kind) && its.lift != fault.lift
        };
        now.since(self.calm_since) >= TIME_TO_SPREAD && !self.present.iter().any(disturbs)
    }

    /// A disk that has just recovered may not hold everything yet.
    fn disk_was_ill(&self, now: Instant) -> bool {
        let ill = [Kind::DiskFails, Kind::SyncFails, Kind::DiskStalls, Kind::DiskFull];
        let kinds = ill.iter().any(|kind| self.counts.contains_key(kind));
        kinds && now.since(self.calm_since) < TIME_TO_SPREAD
    }
}

/// Whether a car on its way may have left the shaft before its controller is killed for hanging: the
/// controller may stand still from just before the reading that shows the last floor.
fn is_stopped_too_late(fault: &Fault, station: &Station) -> bool {
    let is_killed = fault.kind == Kind::Hang && is_killed_for(fault.lasts);
    let killed_after = SWEEP_INTERVAL + station.setup.lag * 2 + HANG_TIMEOUT;
    is_killed && station.shaft.runs() && station.shaft.passing() <= killed_after
}

/// Whether its node says that nothing is kept at present: one sync has failed, say, and it is not yet
/// time to try again.
fn keeps_nothing(station: &Station, now: Instant) -> bool {
    let keeps = |living: &Controller| living.node().status(living.time(now)).disk_works;
    station.controller().is_some_and(|living| !keeps(living))
}

/// Whether the disk of any of these does not work.
fn is_any_ill(hands: &Hands, among: impl Fn(usize) -> bool) -> bool {
    let ill = |index: usize| !hands.stations[index].disk.health().is_well();
    (0..hands.stations.len()).any(|index| among(index) && ill(index))
}

/// Whether it concerns the lift alone: no process, disk or link.
pub(super) fn is_of_lift(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::DriveDead
            | Kind::Obstruction
            | Kind::StopButton
            | Kind::HardwareDies
            | Kind::HardwareMute
            | Kind::Intruder
            | Kind::ClockJump
    )
}

pub(super) fn is_of_network(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Loss
            | Kind::Bursts
            | Kind::Duplication
            | Kind::Delay
            | Kind::Partition
            | Kind::OneWay
            | Kind::CutLink
            | Kind::Flapping
    )
}
