//! How the operator lays hands on the world: what each fault does to it.

use std::time::Duration;

use super::fault::Kind;
use super::network::Network;
use super::promises::Deed;
use super::station::Station;
use crate::building::LiftId;
use crate::supervisor::policy::Event;
use crate::time::Instant;

/// The world, as far as an operator lays hands on it.
pub struct Hands<'a> {
    /// What time it is.
    pub now: Instant,
    /// The lifts.
    pub stations: &'a mut [Station],
    /// The network.
    pub network: &'a mut Network,
    /// What was done, for whoever watches: to a lift, or to all.
    pub deeds: &'a mut Vec<(LiftId, Deed)>,
    /// What was done, for a person to read.
    pub told: &'a mut Vec<String>,
}

impl Hands<'_> {
    /// Whoever watches learns of this.
    pub fn tell(&mut self, index: usize, deed: Deed) {
        self.deeds.push((self.stations[index].lift(), deed));
    }

    /// Whoever watches learns of this at every lift.
    pub fn tell_all(&mut self, deed: Deed) {
        (0..self.stations.len()).for_each(|index| self.tell(index, deed));
    }

    /// A controller is killed, after so many more of its deeds.
    pub fn kill(&mut self, index: usize, after: u64) {
        let now = self.now;
        self.tell(index, Deed::Killed);
        if let Some((supervisor, shaft)) = self.stations[index].supervisor_and_shaft() {
            supervisor.kill_controller(now, after, shaft);
        }
    }

    /// The next lives of a controller are short.
    pub fn crash_loop(&mut self, index: usize, lives: u64) {
        if let Some((supervisor, _)) = self.stations[index].supervisor_and_shaft() {
            supervisor.let_crash(u32::try_from(lives).unwrap_or(0));
        }
        if lives > 0 {
            self.kill(index, 0);
        }
    }

    /// A controller leaves what no other can begin with.
    pub fn poison(&mut self, index: usize) {
        let now = self.now;
        self.tell(index, Deed::Killed);
        if let Some((supervisor, shaft)) = self.stations[index].supervisor_and_shaft() {
            supervisor.poison(now, shaft);
            self.tell(index, Deed::DiskLost);
        }
    }

    /// A controller stands still for so long.
    pub fn hang(&mut self, index: usize, lasts: Duration) {
        let until = self.now + lasts;
        self.tell(index, Deed::Killed);
        if let Some((supervisor, _)) = self.stations[index].supervisor_and_shaft()
            && let Some(controller) = supervisor.controller_mut()
        {
            controller.sleep(until);
        }
    }

    /// A supervisor gets a signal.
    pub fn signal(&mut self, index: usize, event: Event) {
        let signal = |station: &mut Station, now| station.signal(now, event);
        if event == Event::Terminate {
            return self.end_supervisor(index, signal);
        }
        self.tell(index, Deed::Killed);
        signal(&mut self.stations[index], self.now);
    }

    /// A supervisor is killed.
    pub fn kill_supervisor(&mut self, index: usize) {
        self.end_supervisor(index, Station::kill_supervisor);
    }

    /// A node loses power.
    pub fn cut_power(&mut self, index: usize) {
        self.end_supervisor(index, Station::cut_power);
    }

    /// A supervisor ends in this way, and with it what a disk that does not work has not kept.
    fn end_supervisor(&mut self, index: usize, end: impl FnOnce(&mut Station, Instant)) {
        let forgets = !self.stations[index].disk.health().is_well();
        self.tell(index, Deed::Killed);
        end(&mut self.stations[index], self.now);
        if forgets {
            self.tell(index, Deed::DiskLost);
        }
    }

    /// A node loses power, and all that was on its disk.
    pub fn lose_disk(&mut self, index: usize) {
        self.cut_power(index);
        self.stations[index].disk.lose_everything();
        self.tell(index, Deed::DiskLost);
    }

    /// Something hinders a lift, or does not any more.
    pub fn hinder(&mut self, kind: Kind, index: usize, begins: bool) {
        let shaft = &mut self.stations[index].shaft;
        match kind {
            Kind::DriveDead => shaft.power_drive(!begins),
            Kind::StopButton => shaft.hold_stop_button(begins),
            _ => shaft.mute(begins),
        }
        self.tell(
            index,
            match kind {
                Kind::DriveDead | Kind::StopButton => Deed::Unable(begins),
                _ => Deed::HardwareLost(begins),
            },
        );
    }

    /// A hardware's server dies.
    pub fn kill_hardware(&mut self, index: usize) {
        let now = self.now;
        self.tell(index, Deed::HardwareLost(true));
        self.stations[index].shaft.answers = false;
        self.stations[index].shaft.restart_server();
        if let Some((supervisor, _)) = self.stations[index].supervisor_and_shaft()
            && let Some(controller) = supervisor.controller_mut()
        {
            controller.lose_server(now);
        }
    }
}
