//! What any design can bear, and what would be too much.
//!
//! A fault that makes a node forget what it alone may know (its disk is lost, or it dies while its
//! disk does not work) is borne only when all is calm elsewhere, so that the others know it too. Two
//! of them must be far enough apart for what was forgotten to be learned again.

use std::time::Duration;

use super::disk::Health;
use super::fault::{Fault, Kind};
use super::hands::Hands;
use super::operator::{Operator, Present};
use crate::time::Instant;

/// How long all must have been calm before anything may be forgotten.
const CALM: Duration = Duration::from_secs(6);

impl Operator {
    /// Whether a node would forget what nobody else may know.
    pub(super) fn is_beyond_bearing(&self, fault: &Fault, hands: &Hands) -> bool {
        let disk_works = |index: usize| hands.stations[index].disk.health() == Health::default();
        let own = usize::from(fault.lift);
        let forgets = match fault.kind {
            Kind::BitRot | Kind::DiskLost | Kind::Poison => true,
            Kind::SupervisorKill | Kind::Shutdown | Kind::PowerCut => {
                !disk_works(own) || self.disk_was_ill(hands.now)
            }
            Kind::Blackout => {
                let all = (0..hands.stations.len()).all(disk_works);
                return !all || self.disk_was_ill(hands.now);
            }
            Kind::DiskFails | Kind::SyncFails | Kind::DiskStalls | Kind::DiskFull => {
                return (0..hands.stations.len()).any(|index| index != own && !disk_works(index));
            }
            _ => false,
        };
        let others_ill = (0..hands.stations.len()).any(|index| index != own && !disk_works(index));
        let elsewhere = |p: &Present| !is_of_lift(p.fault.kind) && p.fault.lift != fault.lift;
        let alone = hands.stations.len() < 2;
        let calm = hands.now.since(self.calm_since) >= CALM && !self.present.iter().any(elsewhere);
        let calm = calm && !self.present.iter().any(|p| is_of_network(p.fault.kind));
        forgets && (alone || others_ill || !calm)
    }

    /// A disk that has just recovered may not hold everything yet.
    fn disk_was_ill(&self, now: Instant) -> bool {
        let ill = [Kind::DiskFails, Kind::SyncFails, Kind::DiskStalls, Kind::DiskFull];
        let kinds = ill.iter().any(|kind| self.counts.contains_key(kind));
        kinds && now.since(self.calm_since) < CALM
    }
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
