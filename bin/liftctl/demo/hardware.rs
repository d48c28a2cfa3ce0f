//! What can be seen of a lift from outside, and what nobody may ever see.

use std::collections::BTreeSet;
use std::fmt;

/// A call button of the lift.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Call {
    /// In the car, to a floor.
    Cab(u8),
    /// On a landing, upward.
    Up(u8),
    /// On a landing, downward.
    Down(u8),
}

/// A lift as seen from outside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hardware {
    /// The floor at whose sensor the car is; none between floors.
    pub sensor: Option<u8>,
    /// The floor at whose sensor the car was last.
    pub last_floor: u8,
    /// The motor runs.
    pub runs: bool,
    /// The door is open.
    pub door_open: bool,
    /// The call lamps that are lit.
    pub lamps: BTreeSet<Call>,
}

impl Call {
    /// Where a door must open.
    pub fn floor(self) -> u8 {
        match self {
            Self::Cab(floor) | Self::Up(floor) | Self::Down(floor) => floor,
        }
    }

    /// The line that makes the simulator press the button.
    pub fn press(self) -> String {
        match self {
            Self::Cab(floor) => format!("press cab {floor}\n"),
            Self::Up(floor) => format!("press up {floor}\n"),
            Self::Down(floor) => format!("press down {floor}\n"),
        }
    }

    fn parse(kind: &str, floor: &str) -> Option<Self> {
        let floor = floor.strip_prefix("floor=")?.parse().ok()?;
        match kind {
            "cab" => Some(Self::Cab(floor)),
            "up" => Some(Self::Up(floor)),
            "down" => Some(Self::Down(floor)),
            _ => None,
        }
    }
}

impl Hardware {
    /// A lift at rest at this floor, all dark.
    pub fn at_rest(floor: u8) -> Self {
        Self {
            sensor: Some(floor),
            last_floor: floor,
            runs: false,
            door_open: false,
            lamps: BTreeSet::new(),
        }
    }

    /// Whether the car is on its way, between two floors.
    pub fn is_between_floors(&self) -> bool {
        self.sensor.is_none() && self.runs
    }

    /// Whether the door is open at this floor.
    pub fn is_open_at(&self, floor: u8) -> bool {
        self.door_open && self.sensor == Some(floor)
    }

    /// Takes in one event of the simulator, given in its words.
    ///
    /// # Errors
    /// When it is one that nobody may ever see, in a sentence.
    pub fn take_in(&mut self, event: &str) -> Result<(), String> {
        let words: Vec<&str> = event.split(' ').collect();
        match words.as_slice() {
            ["motor", direction] => self.runs = *direction != "stop",
            ["door", state] => self.door_open = *state == "open",
            ["floor", floor] => {
                self.sensor = floor.parse().ok();
                self.last_floor = self.sensor.unwrap_or(self.last_floor);
            }
            ["lamp", kind, floor, state] => {
                let call = Call::parse(kind, floor).ok_or_else(|| format!("unknown: {event}"))?;
                self.switch(call, *state == "on");
            }
            ["violation" | "left-shaft" | "nonsense" | "reload" | "error", ..] => {
                return Err(format!("what must never happen happened: {event}"));
            }
            _ => {}
        }
        Ok(())
    }

    fn switch(&mut self, call: Call, on: bool) {
        if on {
            self.lamps.insert(call);
        } else {
            self.lamps.remove(&call);
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cab(floor) => write!(f, "cab to {floor}"),
            Self::Up(floor) => write!(f, "hall up at {floor}"),
            Self::Down(floor) => write!(f, "hall down at {floor}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(events: &[&str]) -> Result<Hardware, String> {
        let mut hardware = Hardware::at_rest(0);
        events.iter().try_for_each(|event| hardware.take_in(event)).map(|()| hardware)
    }

    #[test]
    fn a_ride_is_seen_as_it_is() {
        let ride = ["lamp cab floor=2 on", "motor up", "floor none", "floor 1", "floor none"];
        let hardware = after(&ride).unwrap();
        assert!(hardware.is_between_floors() && hardware.last_floor == 1);
        assert_eq!(hardware.lamps, BTreeSet::from([Call::Cab(2)]));
        let arrival = ["floor 2", "motor stop", "door open", "lamp cab floor=2 off"];
        let hardware = after(&[&ride[..], &arrival].concat()).unwrap();
        assert!(hardware.is_open_at(2) && !hardware.runs);
        assert_eq!(hardware.lamps, BTreeSet::new());
    }

    #[test]
    fn what_no_lift_may_do_is_never_overlooked() {
        for event in ["violation door-open-while-moving", "left-shaft top", "nonsense bytes=1,2"] {
            assert!(after(&[event]).unwrap_err().contains(event));
        }
    }
}
