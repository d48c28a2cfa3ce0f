//! What the operator does to nodes, network and hardware.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use lift_group::building::LiftId;
use lift_group::sim::promises::Deed;
use nix::sys::signal::Signal;

use crate::campaign::{Active, COPYING, Campaign};
use crate::fault::Fault;
use crate::links::{Harm, Links};
use crate::watch::now;
use lift_group::sim::chance::Chance;

impl Campaign {
    /// Strikes this node, for so long if it lasts. `false` when it cannot be struck like that now.
    pub fn strike(&mut self, fault: Fault, at: usize, length: Duration) -> bool {
        if self.is_impossible(fault, at) {
            return false;
        }
        let can_be = self.can_be_unseated_by(fault, at);
        let before = if can_be { self.building.primary() } else { None };
        self.watch_until_now();
        let began = Instant::now();
        self.inflict(fault, at, length);
        self.disturbed = Some(Instant::now());
        *self.tally.faults.entry(fault).or_default() += 1;
        if let Some((_, term)) = before.filter(|(primary, _)| *primary == at) {
            let took = self.building.time_to_primary(at, term, began);
            let Some(took) = took else { self.fail("nobody took over from the primary") };
            self.tally.took(fault, took);
        }
        true
    }

    /// Whether a primary at this node must be followed by another one soon after this fault: the
    /// others are there to do it, and the node's supervisor hears what it is told.
    fn can_be_unseated_by(&self, fault: Fault, at: usize) -> bool {
        let is_told = matches!(fault, Fault::Stopped | Fault::Replaced);
        let prevents = |active: &Active| {
            active.fault.kills()
                || active.fault.parts()
                || is_told && active.fault == Fault::SupervisorHangs && active.at == at
        };
        fault.unseats() && !self.active.iter().any(prevents)
    }

    /// Some faults exclude each other. Two programs that stand still at once leave nobody to stop
    /// the motor, and it would drive the car out of its shaft.
    fn is_impossible(&self, fault: Fault, at: usize) -> bool {
        let node = &self.building.nodes[at];
        let is = |fault| self.active.iter().any(|a| a.fault == fault && a.at == at);
        let off = !node.is_on();
        let dark = node.hardware.is_none();
        is(fault)
            || !fault.befalls_hardware() && self.somebody_learns()
            || fault.ends_the_supervisor() && is(Fault::DiskFull)
            || fault == Fault::BuildingOff && self.active.iter().any(|a| a.fault == Fault::DiskFull)
            || match fault {
                Fault::ControllerHangs => off || is(Fault::SupervisorHangs),
                Fault::SupervisorHangs => off || is(Fault::ControllerHangs),
                _ if fault.destroys_a_copy() => off || !self.is_copied(),
                _ if fault.befalls_hardware() => dark,
                Fault::CableOut
                | Fault::Partition
                | Fault::OneWay
                | Fault::Loss
                | Fault::DiskFull
                | Fault::BuildingOff => false,
                _ => off,
            }
    }

    /// Whether a node may lose its copy: no other has, and all have had time to copy what is known.
    /// Who destroys more copies than a design makes learns nothing.
    fn is_copied(&self) -> bool {
        let hardware = |active: &Active| active.fault.befalls_hardware();
        let long_ago = self.disturbed.is_none_or(|at| at.elapsed() > COPYING);
        !self.copy_lost && long_ago && self.active.iter().all(hardware)
    }

    /// Whether a node has lost what it kept and may not have learned it again from the others: what
    /// they cannot tell it before they fail as well, no design keeps.
    fn somebody_learns(&self) -> bool {
        self.active.iter().any(|active| active.fault.destroys_a_copy())
            || self.learns_until.is_some_and(|until| Instant::now() < until)
    }

    fn inflict(&mut self, fault: Fault, at: usize, length: Duration) {
        match fault {
            Fault::BuildingOff => {
                for each in 0..self.building.nodes.len() {
                    self.inflict(Fault::NodeOff, each, length);
                }
            }
            Fault::CableOut | Fault::Partition | Fault::OneWay | Fault::Loss => {
                let harms = self.harms(fault, at);
                self.part(&harms);
                self.last(fault, at, length, harms);
            }
            _ if fault.befalls_hardware() => self.harm_hardware(fault, at, length),
            _ => self.harm_node(fault, at, length),
        }
    }

    fn harm_node(&mut self, fault: Fault, at: usize, length: Duration) {
        let node = &mut self.building.nodes[at];
        let full = fault == Fault::DiskFull;
        self.watch.note(node.id, if full { Deed::DiskFails(true) } else { Deed::Killed });
        let kills = &mut self.tally.kills;
        match fault {
            Fault::ControllerKilled => *kills += u64::from(node.signal_controller(Signal::SIGKILL)),
            Fault::ControllerHangs => _ = node.signal_controller(Signal::SIGSTOP),
            Fault::SupervisorKilled => *kills += node.kill_supervisor(),
            Fault::SupervisorHangs => node.signal_supervisor(Signal::SIGSTOP),
            Fault::Stopped => node.signal_supervisor(Signal::SIGTERM),
            Fault::Replaced => node.signal_supervisor(Signal::SIGHUP),
            Fault::DiskFull => fill(&node.disk().join("full")),
            _ => *kills += node.kill(),
        }
        if fault.kills() {
            // Until just now somebody may have lived, and shown it.
            self.watch.note(node.id, Deed::Killed);
        }
        if fault.destroys_a_copy() {
            self.copy_lost = true;
            self.watch.note(node.id, Deed::DiskLost);
            let state = node.disk().join("state");
            if fault == Fault::DiskWiped {
                _ = fs::remove_dir_all(&state); // it may not be there yet
            } else {
                flip(&state, &mut self.chance);
            }
        }
        let marker = Duration::from_millis(1500);
        match fault {
            Fault::ControllerKilled | Fault::Stopped | Fault::Replaced => {}
            Fault::ControllerHangs => self.last(fault, at, marker, Vec::new()),
            _ => self.last(fault, at, length, Vec::new()),
        }
    }

    /// A server that falls silent while its motor runs cannot stop it: the car would leave the
    /// shaft, and nobody could help it. So it falls silent at a door, or for less than the way to
    /// the next floor.
    fn harm_hardware(&mut self, fault: Fault, at: usize, length: Duration) {
        let node = &mut self.building.nodes[at];
        let stands = self.watch.stands(node.id);
        let length = if fault == Fault::HardwareSilent && stands {
            length.min(Duration::from_millis(900))
        } else {
            length
        };
        let by_hands = line(fault, true);
        let line = by_hands.unwrap_or(match fault {
            Fault::HardwareSilent if stands => "silent on",
            Fault::HardwareSilent => "silent-on-door",
            _ => "drop",
        });
        let deed = if by_hands.is_some() { Deed::Unable(true) } else { Deed::HardwareLost(true) };
        self.watch.note(node.id, deed);
        if fault == Fault::HardwareOff {
            self.watch.cut_power(node);
        } else {
            node.say(line);
        }
        self.last(fault, at, length, Vec::new());
    }

    fn harms(&mut self, fault: Fault, at: usize) -> Vec<Harm> {
        let lifts = self.building.lifts();
        let here = lifts[at];
        let others: Vec<LiftId> = lifts.into_iter().filter(|lift| *lift != here).collect();
        match fault {
            Fault::CableOut => vec![Harm::NoCable(here)],
            Fault::OneWay => vec![Harm::Cut(here, self.chance.pick(&others))],
            Fault::Loss => {
                let percent = 10 + self.chance.index(50);
                vec![Harm::Loss(here, u8::try_from(percent).unwrap_or(50))]
            }
            _ => {
                let mut here = vec![here];
                let mut there = others;
                if there.len() > 2 && self.chance.index(2) == 0 {
                    here.push(there.remove(0));
                }
                let both = |a: LiftId, b: LiftId| [Harm::Cut(a, b), Harm::Cut(b, a)];
                let pairs = here.iter().flat_map(|a| there.iter().map(move |b| (*a, *b)));
                pairs.flat_map(|(a, b)| both(a, b)).collect()
            }
        }
    }

    fn part(&mut self, harms: &[Harm]) {
        let lifts = self.building.lifts();
        let before = self.links.apart(&lifts);
        let mut after = Links::default();
        after.plan(harms);
        for lift in after.apart(&lifts).difference(&before) {
            self.watch.note(*lift, Deed::Apart(true));
        }
        self.links.harm(harms, &self.building);
    }

    pub fn join(&mut self, harms: &[Harm]) {
        let lifts = self.building.lifts();
        let before = self.links.apart(&lifts);
        self.links.heal(harms, &self.building);
        for lift in before.difference(&self.links.apart(&lifts)) {
            self.watch.note(*lift, Deed::Apart(false));
        }
    }

    pub fn last(&mut self, fault: Fault, at: usize, length: Duration, harms: Vec<Harm>) {
        self.active.push(Active { fault, at, until: now() + length, harms });
    }
}

/// What hands do to a lift in this fault, or when they let go.
pub fn line(fault: Fault, on: bool) -> Option<&'static str> {
    match (fault, on) {
        (Fault::DriveOff, true) => Some("power off"),
        (Fault::DriveOff, false) => Some("power on"),
        (Fault::Obstruction, true) => Some("obstruct on"),
        (Fault::Obstruction, false) => Some("obstruct off"),
        (Fault::StopButton, true) => Some("stop on"),
        (Fault::StopButton, false) => Some("stop off"),
        _ => None,
    }
}

/// Fills the disk with this file.
fn fill(path: &Path) {
    let mut file = fs::File::create(path).expect("a file");
    while file.write_all(&[0; 4096]).is_ok() {}
    while file.write_all(&[0; 1]).is_ok() {}
}

/// Makes some bytes of some files others.
fn flip(state: &Path, chance: &mut Chance) {
    for name in ["checkpoint", "proven", "incarnation"] {
        let path = state.join(name);
        let Ok(mut bytes) = fs::read(&path) else { continue };
        for _ in 0..=chance.index(4) {
            if !bytes.is_empty() && chance.index(2) == 0 {
                let at = chance.index(bytes.len());
                bytes[at] ^= 1 << chance.index(8);
            }
        }
        fs::write(&path, bytes).expect("it can be written");
    }
}
