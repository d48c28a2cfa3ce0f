//! One lift: a car, its drive and its door, under collective control.
//!
//! A [`Lift`] is told what the hardware [senses](Lift::sense) and which calls it is to serve
//! ([`Lift::proceed`]); what drive and door are to do is a function of its state
//! ([`Lift::actuators`]). It does not know where calls come from, how they are kept safe, or that
//! there are other lifts: those are questions of the node.
//!
//! Losing the hardware, losing the process and starting for the first time are one case: the car is
//! [`Car::Unknown`], and a [`Memory`] tells what was last known of it.

pub mod car;
pub mod collective;
pub mod door;
pub mod panel;
pub mod report;
mod service;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::building::{Direction, Floor};
use crate::config::Config;
use crate::sabotage::Sabotage;
use crate::time::Instant;
use car::{Actuators, Car, Travel};
use door::OpenDoor;
use panel::{Button, Buttons, Sense};
pub use service::OutOfService;

/// One lift.
#[derive(Clone, Debug)]
pub struct Lift {
    config: Config,
    car: Car,
    /// The floor last passed, or stood at.
    last_floor: Option<Floor>,
    /// The committed direction: where the car goes on, also while it stands.
    committed: Option<Direction>,
    /// The floor at which the door was open when the hardware or the last life was lost.
    reopen_at: Option<Floor>,
    /// The stop button is held.
    stop_button: bool,
    /// Something stands in the doorway.
    obstruction: bool,
    /// The process is to end: the lift comes to rest and stays.
    ending: bool,
    /// Something besides the lift itself keeps it from taking hall calls.
    barred: Option<OutOfService>,
}

/// What outlives the loss of the hardware or of the process.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    /// The floor last passed, or stood at.
    pub floor: Option<Floor>,
    /// The committed direction.
    pub direction: Option<Direction>,
    /// The door was open at that floor.
    pub door_open: bool,
}

impl Lift {
    /// A lift of which this much is known.
    pub fn new(config: Config, memory: Memory) -> Self {
        let has = |floor: &Floor| config.building.floor(floor.number()).is_some();
        let last_floor = memory.floor.filter(has);
        Self {
            config,
            car: Car::Unknown,
            last_floor,
            committed: memory.direction,
            reopen_at: last_floor.filter(|_| memory.door_open),
            stop_button: false,
            obstruction: false,
            ending: false,
            barred: None,
        }
    }

    /// Takes in a reading. `confirmed`: it was taken after drive and door had executed everything
    /// that [`Lift::actuators`] has told them so far.
    pub fn sense(&mut self, now: Instant, sense: &Sense, confirmed: bool) {
        self.stop_button = sense.stop_button && !Sabotage::StopButtonIsIgnored.is_done();
        self.obstruction = sense.obstruction;
        match &mut self.car {
            Car::Unknown => self.find_itself(now, sense.floor),
            Car::Moving(travel) => {
                travel.between_floors |= sense.floor.is_none() || sense.floor != self.last_floor;
            }
            Car::Stopping(_) | Car::Standing(..) if confirmed => self.check_place(now, sense.floor),
            Car::Stopping(_) | Car::Standing(..) | Car::Halted { .. } => {}
        }
        self.last_floor = sense.floor.or(self.last_floor);
    }

    /// The hardware does not answer any more.
    pub fn disconnect(&mut self) {
        self.reopen_at = self.door_open_at();
        self.car = Car::Unknown;
    }

    /// Brings the lift to rest for good.
    pub fn end(&mut self) {
        self.ending = true;
    }

    /// Takes no hall calls for this reason, which is not its own, for as long as there is one.
    pub fn bar(&mut self, reason: Option<OutOfService>) {
        self.barred = reason;
    }

    /// Goes on with its work, one step: `sensor` is the floor of the last reading, `calls` are those
    /// that this lift is to serve.
    pub fn proceed(&mut self, now: Instant, sensor: Option<Floor>, calls: &Buttons) {
        match self.car {
            Car::Unknown | Car::Stopping(_) => {}
            Car::Halted { direction, seeking } => self.go_on(now, sensor, direction, seeking),
            Car::Moving(travel) => self.travel(now, sensor, travel, calls),
            Car::Standing(floor, None) => self.set_out(now, floor, calls),
            Car::Standing(floor, Some(door)) => self.attend(now, floor, door, calls),
        }
    }

    /// What drive and door are to do; `None` while nobody can tell them.
    pub fn actuators(&self) -> Option<Actuators> {
        self.car.actuators()
    }

    /// What the car does.
    pub fn car(&self) -> &Car {
        &self.car
    }

    /// The floor to show on the indicator.
    pub fn last_floor(&self) -> Option<Floor> {
        self.last_floor
    }

    /// Where the car goes on, also while it stands.
    pub fn committed(&self) -> Option<Direction> {
        self.committed
    }

    /// Whether the stop button is held.
    pub fn stop_button(&self) -> bool {
        self.stop_button
    }

    /// The calls among `calls` that the open door answers at this moment: it is known to be open,
    /// and still stands for a full dwell for whoever comes.
    pub fn answers(&self, now: Instant, calls: &Buttons) -> Buttons {
        match self.car.open_door() {
            Some((floor, door)) if door.is_confirmed() && door.can_be_held(now) => {
                collective::answered_by(calls, floor, self.committed)
            }
            _ => Buttons::NONE,
        }
    }

    /// Lets a press at the open door do what a call would do: the door stands again. `false` when
    /// this door is no answer to this button, so that the press must become a call.
    pub fn hold_door(&mut self, now: Instant, button: Button) -> bool {
        let in_service = self.service().is_ok();
        let Car::Standing(floor, Some(door)) = &mut self.car else { return false };
        let answered = match button {
            Button::Cab(wanted) => wanted == *floor,
            Button::Hall(wanted, direction) => {
                wanted == *floor && in_service && self.committed.unwrap_or(direction) == direction
            }
        };
        if !answered || !door.is_confirmed() || !door.can_be_held(now) {
            return false;
        }
        if let Button::Hall(_, direction) = button {
            self.committed = Some(direction);
        }
        door.hold(now);
        true
    }

    /// What a next life must know.
    pub fn memory(&self) -> Memory {
        Memory {
            floor: self.last_floor,
            direction: self.committed,
            door_open: self.door_open_at().is_some(),
        }
    }

    /// When time will have changed something.
    pub fn next_wakeup(&self) -> Option<Instant> {
        match &self.car {
            Car::Moving(travel) => travel.next_wakeup(),
            Car::Standing(_, Some(door)) if !self.held() => door.next_wakeup(),
            _ => None,
        }
    }

    // ── one step of each state ──────────────────────────────────────────────────────────────

    /// Halted: goes on when it may.
    fn go_on(&mut self, now: Instant, sensor: Option<Floor>, direction: Direction, seeking: bool) {
        if self.held() {
            return;
        }
        self.car = match sensor {
            Some(floor) => Car::Stopping(floor),
            None => Car::Moving(Travel::from_between(now, &self.config, direction, seeking)),
        };
    }

    /// Moving: halts, stops at the floor that it reaches, or passes it.
    fn travel(&mut self, now: Instant, sensor: Option<Floor>, mut travel: Travel, calls: &Buttons) {
        let Travel { direction, seeking, .. } = travel;
        if self.held() {
            self.car = Car::Halted { direction, seeking };
            return;
        }
        if let Some(floor) = sensor.filter(|_| travel.between_floors) {
            if seeking || collective::stops_at(calls, floor, direction) {
                self.car = Car::Stopping(floor);
                return;
            }
            travel.pass_floor(now, &self.config);
        }
        travel.keep_time(now);
        self.car = Car::Moving(travel);
    }

    /// Standing with the door closed: opens it for those who wait here, or goes to where they do.
    fn set_out(&mut self, now: Instant, floor: Floor, calls: &Buttons) {
        if self.held() {
            return;
        }
        self.committed = collective::commit(calls, floor, self.committed);
        if collective::answered_by(calls, floor, self.committed).is_empty() {
            self.depart(now, floor, calls);
        } else {
            self.open(now, floor);
        }
    }

    /// Standing with the door open: keeps it open for whoever may still come, else closes it, or
    /// announces the other direction to those who wait for it here. Who has held the door for as
    /// long as he may is then a reason for neither: it is the others' turn.
    fn attend(&mut self, now: Instant, floor: Floor, mut door: OpenDoor, calls: &Buttons) {
        door.observe(now, self.obstruction);
        if self.committed.is_none() {
            self.committed = collective::commit(calls, floor, None);
        }
        let wanted = !collective::answered_by(calls, floor, self.committed).is_empty();
        if self.held() || (wanted && door.can_be_held(now)) {
            door.hold(now);
        }
        if !door.may_close(now) {
            self.car = Car::Standing(floor, Some(door));
            return;
        }
        let left = calls.without(&collective::answered_by(calls, floor, self.committed));
        let before = self.committed;
        self.committed = collective::commit(&left, floor, before);
        let announces = self.committed != before
            && !collective::answered_by(&left, floor, self.committed).is_empty();
        if announces {
            door.announce(now);
            self.car = Car::Standing(floor, Some(door));
        } else {
            self.car = Car::Standing(floor, None);
            self.depart(now, floor, calls);
        }
    }

    // ── what the steps are made of ──────────────────────────────────────────────────────────

    /// Sets out in the committed direction if calls lie there. After a stop this comes before any
    /// call at the same floor, so that nobody keeps a lift that others wait for.
    fn depart(&mut self, now: Instant, floor: Floor, calls: &Buttons) {
        let Some(direction) = self.committed else { return };
        let way = self.config.building.next(floor, direction);
        if way.is_some() && collective::calls_ahead(calls, floor, direction) {
            self.car = Car::Moving(Travel::from_floor(now, &self.config, direction));
        }
    }

    fn open(&mut self, now: Instant, floor: Floor) {
        self.car = Car::Standing(floor, Some(OpenDoor::open(now, self.config.door_dwell)));
    }

    /// The first reading after the hardware was lost. A door that was open opens again for its full
    /// time, since passengers may still be at it. With something in the doorway it opens whatever is
    /// remembered: nobody can tell that it is closed, so to close it could hurt.
    fn find_itself(&mut self, now: Instant, sensor: Option<Floor>) {
        let reopen_at = self.reopen_at.take();
        match sensor {
            Some(floor) if reopen_at == sensor || self.obstruction => self.open(now, floor),
            Some(floor) => self.car = Car::Stopping(floor),
            None => self.seek(now),
        }
    }

    /// The motor is known to be off, and the reading shows where the car is.
    fn check_place(&mut self, now: Instant, sensor: Option<Floor>) {
        match (&mut self.car, sensor) {
            (Car::Standing(floor, Some(door)), Some(here)) if *floor == here => door.confirm(now),
            (Car::Standing(floor, None), Some(here)) if *floor == here => {}
            (Car::Stopping(floor), Some(here)) if *floor == here => {
                self.car = Car::Standing(here, None);
            }
            (_, Some(here)) => self.car = Car::Stopping(here),
            (Car::Stopping(_), None) => self.return_to_missed_floor(now),
            (_, None) => self.seek(now),
        }
    }

    /// Between floors without knowing where: looks for one where it was going before.
    fn seek(&mut self, now: Instant) {
        let wanted = self.committed.unwrap_or(Direction::Down);
        let building = self.config.building;
        let leads_out = self.last_floor.is_some_and(|last| building.next(last, wanted).is_none());
        self.run(now, if leads_out { wanted.opposite() } else { wanted });
    }

    /// The car did not stop in time and is just past its floor: goes back to it.
    fn return_to_missed_floor(&mut self, now: Instant) {
        let past = self.committed.unwrap_or(Direction::Down);
        self.run(now, past.opposite());
    }

    /// Drives until any floor is reached.
    fn run(&mut self, now: Instant, direction: Direction) {
        self.committed = Some(direction);
        self.car = if self.held() {
            Car::Halted { direction, seeking: true }
        } else {
            Car::Moving(Travel::from_between(now, &self.config, direction, true))
        };
    }

    /// The lift must stay as it is.
    fn held(&self) -> bool {
        self.stop_button || self.ending
    }

    /// Where the door is open, or was when its hardware was lost.
    fn door_open_at(&self) -> Option<Floor> {
        self.car.open_door().map(|(floor, _)| floor).or(self.reopen_at)
    }
}
