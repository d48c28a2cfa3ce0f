//! The elevator protocol, as bytes: every message is exactly four of them.
//!
//! A command has no reply; the reply to a request begins with the number of the instruction that
//! it answers. Instruction 0 would make the hardware forget its state: nothing here can say it.

use crate::building::{Building, Direction};
use crate::lift::panel::{Button, Command, Sense};

/// A command, a request or a reply.
pub type Message = [u8; 4];

/// What the hardware is told by this command.
pub fn command(command: Command) -> Message {
    match command {
        Command::Motor(Some(Direction::Up)) => [1, 1, 0, 0],
        Command::Motor(None) => [1, 0, 0, 0],
        Command::Motor(Some(Direction::Down)) => [1, 255, 0, 0],
        Command::CallLamp(button, on) => {
            let (kind, floor) = number(button);
            [2, kind, floor, on.into()]
        }
        Command::Indicator(floor) => [3, floor.number(), 0, 0],
        Command::Door(open) => [4, open.into(), 0, 0],
        Command::StopLamp(on) => [5, on.into(), 0, 0],
    }
}

fn number(button: Button) -> (u8, u8) {
    match button {
        Button::Hall(floor, Direction::Up) => (0, floor.number()),
        Button::Hall(floor, Direction::Down) => (1, floor.number()),
        Button::Cab(floor) => (2, floor.number()),
    }
}

/// Something that the hardware can be asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Request {
    /// Whether this button is held.
    CallButton(Button),
    /// Whether the stop button is held.
    StopButton,
    /// Whether something stands in the doorway.
    Obstruction,
    /// At which floor the car is, if at any.
    FloorSensor,
}

impl Request {
    /// All that makes up one whole reading of this building's lift: a server may die of being asked
    /// for a button that does not exist.
    ///
    /// The floor sensor comes last. Its answer grows old fastest, since a moving car can be stopped
    /// at a floor only while it is there, and the last answer is the freshest when the reading is
    /// complete and is acted upon.
    pub fn sweep(building: Building) -> Vec<Self> {
        Button::every(building)
            .map(Self::CallButton)
            .chain([Self::StopButton, Self::Obstruction, Self::FloorSensor])
            .collect()
    }

    /// How the hardware is asked.
    pub fn message(self) -> Message {
        match self {
            Self::CallButton(button) => {
                let (kind, floor) = number(button);
                [6, kind, floor, 0]
            }
            Self::FloorSensor => [7, 0, 0, 0],
            Self::StopButton => [8, 0, 0, 0],
            Self::Obstruction => [9, 0, 0, 0],
        }
    }

    /// Enters the reply to this request into a reading.
    ///
    /// # Errors
    /// What is wrong with the reply, when it cannot be one to this request.
    pub fn enter(
        self,
        reply: Message,
        building: Building,
        sense: &mut Sense,
    ) -> Result<(), &'static str> {
        let [instruction, value, floor, _] = reply;
        if instruction != self.message()[0] {
            return Err("it answers something else");
        }
        let on = match value {
            0 => false,
            1 => true,
            _ => return Err("it is neither yes nor no"),
        };
        match self {
            Self::CallButton(button) if on => sense.pressed.insert(button),
            Self::CallButton(_) => {}
            Self::StopButton => sense.stop_button = on,
            Self::Obstruction => sense.obstruction = on,
            Self::FloorSensor if on => {
                let floor = building.floor(floor);
                sense.floor = Some(floor.ok_or("the building has no such floor")?);
            }
            Self::FloorSensor => sense.floor = None,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::building::Floor;

    fn building(floors: u8) -> Building {
        Building::try_from(floors).unwrap()
    }

    #[test]
    fn every_command_has_the_bytes_of_the_protocol() {
        let two = Floor::try_from(2).unwrap();
        let lamp = |button| command(Command::CallLamp(button, true));
        assert_eq!(command(Command::Motor(Some(Direction::Up))), [1, 1, 0, 0]);
        assert_eq!(command(Command::Motor(Some(Direction::Down))), [1, 255, 0, 0]);
        assert_eq!(command(Command::Motor(None)), [1, 0, 0, 0]);
        assert_eq!(lamp(Button::Hall(two, Direction::Up)), [2, 0, 2, 1]);
        assert_eq!(lamp(Button::Hall(two, Direction::Down)), [2, 1, 2, 1]);
        assert_eq!(lamp(Button::Cab(two)), [2, 2, 2, 1]);
        assert_eq!(command(Command::CallLamp(Button::Cab(two), false)), [2, 2, 2, 0]);
        assert_eq!(command(Command::Indicator(two)), [3, 2, 0, 0]);
        assert_eq!(command(Command::Door(true)), [4, 1, 0, 0]);
        assert_eq!(command(Command::StopLamp(false)), [5, 0, 0, 0]);
    }

    #[test]
    fn a_sweep_asks_for_every_button_there_is_and_none_that_is_not() {
        let asked: Vec<Message> =
            Request::sweep(building(2)).into_iter().map(Request::message).collect();
        let buttons = [[6, 0, 0, 0], [6, 2, 0, 0], [6, 1, 1, 0], [6, 2, 1, 0]];
        assert_eq!(asked, [&buttons[..], &[[8, 0, 0, 0], [9, 0, 0, 0], [7, 0, 0, 0]]].concat());
        assert_eq!(Request::sweep(building(128)).len(), 3 * 128 - 2 + 3);
    }

    #[test]
    fn only_a_reply_to_the_request_is_believed() {
        let four = building(4);
        let floor = |reply| {
            let mut sense = Sense::default();
            Request::FloorSensor.enter(reply, four, &mut sense).map(|()| sense.floor)
        };
        assert_eq!(floor([7, 1, 3, 0]), Ok(four.floor(3)));
        assert_eq!(floor([7, 0, 3, 0]), Ok(None));
        assert!(floor([7, 1, 4, 0]).is_err());
        assert!(floor([7, 2, 0, 0]).is_err());
        assert!(floor([6, 1, 0, 0]).is_err());
    }

    #[test]
    fn a_reply_enters_what_it_says_and_nothing_else() {
        let entered = |request: Request, value| {
            let mut sense = Sense::default();
            request.enter([request.message()[0], value, 0, 0], building(4), &mut sense).unwrap();
            sense
        };
        let button = Button::Hall(Floor::try_from(1).unwrap(), Direction::Down);
        let pressed = entered(Request::CallButton(button), 1).pressed;
        assert_eq!(pressed.iter().collect::<Vec<_>>(), [button]);
        assert!(entered(Request::StopButton, 1).stop_button);
        assert!(entered(Request::Obstruction, 1).obstruction);
        for request in Request::sweep(building(4)) {
            assert_eq!(entered(request, 0), Sense::default());
        }
    }
}
