//! What one lift looks like at present.

use super::seen::{Deed, Seen};
use crate::building::{Direction, Floor};
use crate::lift::panel::{Button, Buttons};
use crate::time::Instant;

/// What one lift looks like at present, and what is being done to it.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "hands on a lift switch one thing each")]
pub struct Picture {
    /// Which way the motor runs.
    pub motor: Option<Direction>,
    /// Where the car is; `None` between floors.
    pub floor: Option<Floor>,
    /// Since when the door is open.
    pub door: Option<Instant>,
    /// Since when the car stands with its door closed.
    pub still: Option<Instant>,
    /// The lamps that shine.
    pub lamps: Buttons,
    /// Since when somebody stands in the doorway.
    pub obstruction: Option<Instant>,
    /// Since when the stop button is in.
    pub stop_button: Option<Instant>,
    /// When anything was last done to the lift that may make it forget what it was about.
    pub shaken: Option<Instant>,
    /// When anything was last done that keeps the lift from serving, or undone. It forgets nothing.
    pub hindered: Option<Instant>,
    /// No controller may have been listening to the panel since: what was pressed after this may
    /// not have been noticed.
    pub deaf: bool,
    /// The hardware does not answer.
    hardware_lost: bool,
    /// See [`Deed::Apart`].
    pub apart: bool,
    /// See [`Deed::DiskFails`].
    pub disk_fails: bool,
    /// See [`Deed::Unable`].
    pub unable: bool,
}

impl Picture {
    /// Takes note of what is seen; `false` when nothing changed.
    pub fn see(&mut self, at: Instant, seen: Seen) -> bool {
        let changes = self.take_in(at, seen);
        let is_still = self.motor.is_none() && self.door.is_none();
        self.still = is_still.then(|| self.still.unwrap_or(at));
        changes
    }

    fn take_in(&mut self, at: Instant, seen: Seen) -> bool {
        let by_controller = matches!(seen, Seen::Lamp(..) | Seen::Door(_) | Seen::Motor(Some(_)));
        self.deaf &= self.hardware_lost || !by_controller;
        match seen {
            Seen::Pressed(_) | Seen::LeftShaft(_) => true,
            Seen::Lamp(button, on) => self.light(button, on),
            Seen::Door(open) => switch(&mut self.door, at, open),
            Seen::Motor(motor) => std::mem::replace(&mut self.motor, motor) != motor,
            Seen::Floor(floor) => std::mem::replace(&mut self.floor, floor) != floor,
            Seen::Obstruction(on) => switch(&mut self.obstruction, at, on),
            Seen::StopButton(on) => switch(&mut self.stop_button, at, on),
            Seen::Blank => {
                (self.motor, self.door, self.lamps) = (None, None, Buttons::NONE);
                (self.shaken, self.deaf) = (Some(at), true);
                true
            }
        }
    }

    /// Takes note of what is done to it.
    pub fn suffer(&mut self, at: Instant, deed: Deed) {
        match deed {
            Deed::Apart(apart) => self.apart = apart,
            Deed::DiskFails(fails) => self.disk_fails = fails,
            Deed::Unable(unable) => (self.unable, self.hindered) = (unable, Some(at)),
            Deed::HardwareLost(lost) => {
                (self.hardware_lost, self.shaken) = (lost, Some(at));
                self.deaf |= lost;
            }
            Deed::Killed => (self.deaf, self.shaken) = (true, Some(at)),
            Deed::DiskLost | Deed::DiskRots => self.shaken = Some(at),
        }
    }

    /// The floor at which the door is open.
    pub fn open_at(&self) -> Option<Floor> {
        self.floor.filter(|_| self.door.is_some())
    }

    /// Whether anything was done to the lift at this time or later.
    pub fn was_shaken_since(&self, at: Instant) -> bool {
        self.shaken.is_some_and(|shaken| at <= shaken)
    }

    /// When anything was last done to the lift.
    pub fn touched(&self) -> Option<Instant> {
        self.shaken.max(self.hindered)
    }

    fn light(&mut self, button: Button, on: bool) -> bool {
        let before = self.lamps.contains(button);
        self.lamps = self.lamps.without(&[button].into_iter().collect());
        if on {
            self.lamps.insert(button);
        }
        before != on
    }
}

fn switch(since: &mut Option<Instant>, at: Instant, on: bool) -> bool {
    let before = since.is_some();
    *since = on.then(|| since.unwrap_or(at));
    before != on
}
