//! What a lift will do: the rules that drive it, run ahead.
//!
//! No second copy of the rules: where a lift stops, what it answers and which way it goes on is
//! asked of [`crate::lift::collective`], as the lift itself does. Only time is estimated here, and
//! a passenger who has not pressed yet is not foreseen.

use std::time::Duration;

use crate::building::{Building, Direction, Floor};
use crate::config::Config;
use crate::lift::collective;
use crate::lift::panel::{Button, Buttons};
use crate::lift::report::{Motion, Report};

/// When this lift would answer each of these calls, in the order in which it would. Nothing is
/// foreseen of a lift that does not know where it is.
pub fn foresee(config: &Config, report: Report, mut calls: Buttons) -> Vec<(Button, Duration)> {
    let Some(floor) = report.floor else { return Vec::new() };
    let mut car = Foreseen::begin(config, report, floor, &calls);
    let mut answered = Vec::new();
    // Every turn answers a call or moves the car towards one.
    for _ in 0..4 * usize::from(Building::MOST_FLOORS) {
        if calls.is_empty() {
            break;
        }
        let here = car.stop(config, &calls);
        answered.extend(here.iter().map(|button| (button, car.at)));
        calls = calls.without(&here);
        car.stand(config, !here.is_empty());
        car.go_on(config, &calls);
    }
    answered
}

struct Foreseen {
    floor: Floor,
    committed: Option<Direction>,
    /// How much later than now.
    at: Duration,
    /// The door is open already.
    open: bool,
}

impl Foreseen {
    fn begin(config: &Config, report: Report, floor: Floor, calls: &Buttons) -> Self {
        let open = report.motion == Motion::DoorOpen;
        let mut car = Self { floor, committed: report.committed, at: Duration::ZERO, open };
        if matches!(report.motion, Motion::Moving | Motion::Halted) {
            // Somewhere between two floors.
            car.roll(config, calls, config.travel_time / 2);
        }
        car
    }

    /// What is answered where the car stands. At a door that is open already another direction is
    /// announced only when those who came for the present one have had their time.
    fn stop(&mut self, config: &Config, calls: &Buttons) -> Buttons {
        let announced = collective::commit(calls, self.floor, self.committed);
        if self.open && self.committed.is_some() && announced != self.committed {
            let here = collective::answered_by(calls, self.floor, self.committed);
            if !here.is_empty() {
                return here;
            }
            self.stand(config, false);
        }
        self.committed = announced;
        collective::answered_by(calls, self.floor, self.committed)
    }

    /// Stands for a dwell after an answer; a door that was open already, for the rest of one.
    fn stand(&mut self, config: &Config, answered: bool) {
        let was_open = std::mem::take(&mut self.open);
        if answered {
            self.at += config.door_dwell;
        } else if was_open {
            self.at += config.door_dwell / 2;
        }
    }

    /// Drives to the next stop, if there is one, and if nobody here wants to go that way: to those
    /// the new direction is announced first.
    fn go_on(&mut self, config: &Config, calls: &Buttons) {
        self.committed = collective::commit(calls, self.floor, self.committed);
        let is_announced = !collective::answered_by(calls, self.floor, self.committed).is_empty();
        let ahead = |d| collective::calls_ahead(calls, self.floor, d);
        if !is_announced && self.committed.is_some_and(ahead) {
            self.roll(config, calls, config.travel_time);
        }
    }

    fn roll(&mut self, config: &Config, calls: &Buttons, first: Duration) {
        let Some(direction) = self.committed else { return };
        let mut leg = first;
        while let Some(next) = config.building.next(self.floor, direction) {
            self.floor = next;
            self.at += leg;
            leg = config.travel_time;
            if collective::stops_at(calls, next, direction) {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::building::LiftId;
    use Direction::{Down, Up};

    fn floor(number: u8) -> Floor {
        Floor::try_from(number).unwrap()
    }

    fn at(number: u8, motion: Motion, committed: Option<Direction>) -> Report {
        Report { floor: Some(floor(number)), committed, motion, out_of_service: None }
    }

    /// In tenths of a second, by the usual timings: 2.5 s a floor, 3 s a stop.
    fn foreseen(report: Report, calls: &[Button]) -> Vec<(Button, u128)> {
        let config = Config::new(LiftId(1), Building::try_from(6).unwrap());
        let answers = foresee(&config, report, calls.iter().copied().collect());
        answers.into_iter().map(|(button, at)| (button, at.as_millis() / 100)).collect()
    }

    #[test]
    fn a_resting_lift_needs_the_way_alone() {
        let rests = at(0, Motion::DoorClosed, None);
        let call = Button::Hall(floor(4), Down);
        assert_eq!(foreseen(rests, &[call]), [(call, 100)]);
    }

    #[test]
    fn every_stop_on_the_way_costs_a_dwell() {
        let (cab, hall) = (Button::Cab(floor(1)), Button::Hall(floor(2), Up));
        let rests = at(0, Motion::DoorClosed, None);
        assert_eq!(foreseen(rests, &[cab, hall]), [(cab, 25), (hall, 80)]);
    }

    #[test]
    fn who_waits_to_go_down_waits_for_the_way_down() {
        let (cab, hall) = (Button::Cab(floor(4)), Button::Hall(floor(2), Down));
        let rises = at(0, Motion::Moving, Some(Up));
        assert_eq!(foreseen(rises, &[cab, hall]), [(cab, 87), (hall, 167)]);
    }

    #[test]
    fn an_open_door_answers_at_once_and_keeps_others_waiting() {
        let stands = at(2, Motion::DoorOpen, Some(Up));
        let (here, there) = (Button::Hall(floor(2), Up), Button::Cab(floor(3)));
        assert_eq!(foreseen(stands, &[here]), [(here, 0)]);
        assert_eq!(foreseen(stands, &[there]), [(there, 40)]);
        assert_eq!(foreseen(stands, &[here, there]), [(here, 0), (there, 55)]);
    }

    #[test]
    fn an_open_door_is_announced_for_the_way_back_when_its_time_is_over() {
        let stands = at(2, Motion::DoorOpen, Some(Up));
        let (back, in_the_car) = (Button::Hall(floor(2), Down), Button::Cab(floor(2)));
        assert_eq!(foreseen(stands, &[back]), [(back, 15)]);
        assert_eq!(foreseen(stands, &[back, in_the_car]), [(in_the_car, 0), (back, 30)]);
    }

    #[test]
    fn up_and_down_at_one_floor_are_two_answers() {
        let rests = at(1, Motion::DoorClosed, None);
        let (up, down) = (Button::Hall(floor(1), Up), Button::Hall(floor(1), Down));
        assert_eq!(foreseen(rests, &[up, down]), [(up, 0), (down, 30)]);
    }

    #[test]
    fn who_wants_to_go_back_gets_in_before_the_car_does() {
        let rises = at(3, Motion::Moving, Some(Up));
        let (up, down) = (Button::Hall(floor(4), Up), Button::Hall(floor(4), Down));
        let below = Button::Cab(floor(2));
        let all = [(up, 12), (down, 42), (below, 122)];
        assert_eq!(foreseen(rises, &[up, down, below]), all);
    }

    #[test]
    fn every_call_is_foreseen_from_everywhere() {
        let building = Building::try_from(6).unwrap();
        let config = Config::new(LiftId(1), building);
        let all: Buttons = Button::every(building).collect();
        for start in building.every_floor() {
            for motion in [Motion::Moving, Motion::DoorClosed, Motion::DoorOpen] {
                for committed in [None, Some(Up), Some(Down)] {
                    let report = Report { floor: Some(start), ..at(0, motion, committed) };
                    let answers = foresee(&config, report, all);
                    assert_eq!(answers.len(), all.iter().count(), "{report:?}");
                }
            }
        }
    }

    #[test]
    fn nothing_is_foreseen_of_a_lift_that_is_lost() {
        let lost = Report { floor: None, ..at(0, Motion::Unknown, None) };
        assert_eq!(foreseen(lost, &[Button::Cab(floor(1))]), []);
    }
}
