//! The elevator protocol of the TTK4145 lab: what four bytes mean.
//!
//! The server checks what the lab's servers check, and nothing more: bytes that an instruction
//! does not use may be anything.

use std::fmt;

use crate::event::on_off;
use crate::model::{Button, Direction, Kind};

/// What a client sends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Instruction {
    /// Do this. There is no reply.
    Command(Command),
    /// Tell me this. There is a reply of four bytes.
    Question(Question),
}

/// An instruction that changes something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Read the configuration anew; all state is thrown away.
    Reload,
    /// Run the motor, or stop it.
    Motor(Option<Direction>),
    /// Switch the lamp of a call button.
    CallLamp(Button, bool),
    /// Show this floor.
    Indicator(u8),
    /// Open or close the door.
    Door(bool),
    /// Switch the lamp of the stop button.
    StopLamp(bool),
}

/// An instruction that is answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Question {
    /// Is this call button pressed?
    Button(Button),
    /// At which floor is the car?
    Floor,
    /// Is the stop button pressed?
    StopButton,
    /// Is something in the doorway?
    Obstruction,
}

/// What is wrong with an instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nonsense {
    /// There is no such instruction.
    Instruction,
    /// A motor byte other than 0, 1 and 255: something else on every hardware.
    Motor,
    /// There is no such kind of button.
    ButtonType,
    /// This server has no such floor.
    Floor,
    /// A lamp is neither on nor off.
    LampValue,
}

impl Nonsense {
    /// Whether the lab's servers come to a halt over it.
    pub fn hangs_the_server(self) -> bool {
        self != Self::Motor
    }
}

/// What these bytes tell a server that has so many floors.
///
/// # Errors
/// When they tell it nothing that it understands.
pub fn decode(bytes: [u8; 4], floors: u8) -> Result<Instruction, Nonsense> {
    let [instruction, first, second, third] = bytes;
    let floor = |number: u8| if number < floors { Ok(number) } else { Err(Nonsense::Floor) };
    let button = || Ok(Button { kind: kind(first)?, floor: floor(second)? });
    Ok(match instruction {
        0 => Instruction::Command(Command::Reload),
        1 => Instruction::Command(Command::Motor(motor(first)?)),
        2 => Instruction::Command(Command::CallLamp(button()?, lamp(third)?)),
        3 => Instruction::Command(Command::Indicator(floor(first)?)),
        4 => Instruction::Command(Command::Door(lamp(first)?)),
        5 => Instruction::Command(Command::StopLamp(lamp(first)?)),
        6 => Instruction::Question(Question::Button(button()?)),
        7 => Instruction::Question(Question::Floor),
        8 => Instruction::Question(Question::StopButton),
        9 => Instruction::Question(Question::Obstruction),
        _ => return Err(Nonsense::Instruction),
    })
}

fn motor(byte: u8) -> Result<Option<Direction>, Nonsense> {
    match byte {
        0 => Ok(None),
        1 => Ok(Some(Direction::Up)),
        255 => Ok(Some(Direction::Down)),
        _ => Err(Nonsense::Motor),
    }
}

fn kind(byte: u8) -> Result<Kind, Nonsense> {
    match byte {
        0 => Ok(Kind::Up),
        1 => Ok(Kind::Down),
        2 => Ok(Kind::Cab),
        _ => Err(Nonsense::ButtonType),
    }
}

fn lamp(byte: u8) -> Result<bool, Nonsense> {
    match byte {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Nonsense::LampValue),
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reload => f.write_str("reload"),
            Self::Motor(None) => f.write_str("motor stop"),
            Self::Motor(Some(direction)) => write!(f, "motor {direction}"),
            Self::CallLamp(button, on) => write!(f, "lamp {button} {}", on_off(*on)),
            Self::Indicator(floor) => write!(f, "indicator {floor}"),
            Self::Door(open) => write!(f, "door {}", if *open { "open" } else { "closed" }),
            Self::StopLamp(on) => write!(f, "stop-lamp {}", on_off(*on)),
        }
    }
}

impl fmt::Display for Nonsense {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Instruction => "instruction",
            Self::Motor => "motor",
            Self::ButtonType => "button-type",
            Self::Floor => "floor",
            Self::LampValue => "lamp-value",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLOORS: u8 = 4;
    const CAB_3: Button = Button { kind: Kind::Cab, floor: 3 };

    #[test]
    fn every_instruction_of_the_protocol_is_understood() {
        use Instruction::{Command as Do, Question as Tell};
        let table = [
            ([0, 0, 0, 0], Do(Command::Reload)),
            ([1, 1, 0, 0], Do(Command::Motor(Some(Direction::Up)))),
            ([1, 0, 0, 0], Do(Command::Motor(None))),
            ([1, 255, 0, 0], Do(Command::Motor(Some(Direction::Down)))),
            ([2, 2, 3, 1], Do(Command::CallLamp(CAB_3, true))),
            ([2, 0, 1, 0], Do(Command::CallLamp(Button { kind: Kind::Up, floor: 1 }, false))),
            ([3, 2, 0, 0], Do(Command::Indicator(2))),
            ([4, 1, 0, 0], Do(Command::Door(true))),
            ([5, 0, 0, 0], Do(Command::StopLamp(false))),
            ([6, 1, 1, 0], Tell(Question::Button(Button { kind: Kind::Down, floor: 1 }))),
            ([7, 0, 0, 0], Tell(Question::Floor)),
            ([8, 0, 0, 0], Tell(Question::StopButton)),
            ([9, 9, 9, 9], Tell(Question::Obstruction)),
        ];
        for (bytes, instruction) in table {
            assert_eq!(decode(bytes, FLOORS), Ok(instruction), "{bytes:?}");
        }
    }

    #[test]
    fn what_no_sound_client_sends_is_nonsense() {
        let table = [
            ([1, 2, 0, 0], Nonsense::Motor),
            ([2, 3, 0, 1], Nonsense::ButtonType),
            ([2, 2, 4, 1], Nonsense::Floor),
            ([2, 2, 3, 2], Nonsense::LampValue),
            ([3, 4, 0, 0], Nonsense::Floor),
            ([4, 2, 0, 0], Nonsense::LampValue),
            ([5, 255, 0, 0], Nonsense::LampValue),
            ([6, 3, 0, 0], Nonsense::ButtonType),
            ([6, 0, 4, 0], Nonsense::Floor),
            ([10, 0, 0, 0], Nonsense::Instruction),
        ];
        for (bytes, nonsense) in table {
            assert_eq!(decode(bytes, FLOORS), Err(nonsense), "{bytes:?}");
        }
    }

    #[test]
    fn a_strange_motor_byte_is_the_only_nonsense_that_a_server_survives() {
        assert!(!Nonsense::Motor.hangs_the_server());
        assert!(Nonsense::Floor.hangs_the_server());
    }
}
