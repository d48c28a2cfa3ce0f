//! What happens, and the line that tells it: one event a line, the time first, then words.

use std::fmt::{self, Display};

use crate::model::{Button, Direction, Moment};
use crate::protocol::{Command, Nonsense};

/// Something that happened to the lift or its server. Only changes are events: a command that
/// repeats what is so already makes none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// Clients may connect, at this port.
    Listening {
        /// The port, chosen or given.
        port: u16,
    },
    /// A client was accepted.
    ClientConnected,
    /// The client closed its connection, or it was closed.
    ClientGone,
    /// An output of the lift is now as this command says.
    Output(Command),
    /// A command met a car outside its shaft, or a motor without power.
    Ignored(Command),
    /// Bytes that no sound client sends.
    Nonsense {
        /// The bytes, filled up with zeros.
        bytes: [u8; 4],
        /// What is wrong with them.
        why: Nonsense,
    },
    /// The car came to a floor's sensor, or (`None`) left it.
    Floor(Option<u8>),
    /// The car left the shaft past this end.
    LeftShaft(Direction),
    /// The car is back in the shaft.
    Rescued,
    /// A call button went down.
    Pressed(Button),
    /// A call button came up.
    Released(Button),
    /// Somebody stands in the doorway, or no longer.
    Obstruction(bool),
    /// The stop button is in, or out.
    StopButton(bool),
    /// The motor has power, or none.
    Power(bool),
    /// The server hangs, or no longer.
    Silent(bool),
    /// The server will hang at the next command that opens the door.
    SilentOnDoor,
    /// The server's port is closed, or open again.
    Refusing(bool),
    /// The client did what no lift may do.
    Violation(Violation),
    /// Everything at once, because somebody asked.
    State(String),
    /// A line that could not be obeyed.
    Error(String),
}

/// What no lift may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Violation {
    /// The motor was started with an open door, or the door opened while it ran.
    DoorOpenWhileMoving,
    /// The door opened away from a floor, or the car left a floor with it.
    DoorOpenBetweenFloors,
}

/// The line that tells an event: monotonic seconds, then the event.
pub fn line(at: Moment, event: &Event) -> String {
    format!("{}.{:06} {event}\n", at.as_secs(), at.subsec_micros())
}

/// A switch in words.
pub fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

/// Buttons as one word: `cab:3,up:1`.
pub fn list<'a>(buttons: impl Iterator<Item = &'a Button>) -> String {
    let words: Vec<String> =
        buttons.map(|button| format!("{}:{}", button.kind, button.floor)).collect();
    if words.is_empty() { "none".into() } else { words.join(",") }
}

impl Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listening { port } => write!(f, "listening port={port}"),
            Self::ClientConnected => f.write_str("client connected"),
            Self::ClientGone => f.write_str("client gone"),
            Self::Output(command) => command.fmt(f),
            Self::Ignored(command) => write!(f, "ignored {command}"),
            Self::Nonsense { bytes: [first, second, third, fourth], why } => {
                write!(f, "nonsense bytes={first},{second},{third},{fourth} wrong={why}")
            }
            Self::Floor(Some(floor)) => write!(f, "floor {floor}"),
            Self::Floor(None) => f.write_str("floor none"),
            Self::LeftShaft(Direction::Up) => f.write_str("left-shaft top"),
            Self::LeftShaft(Direction::Down) => f.write_str("left-shaft bottom"),
            Self::Rescued => f.write_str("rescued"),
            Self::Pressed(button) => write!(f, "pressed {button}"),
            Self::Released(button) => write!(f, "released {button}"),
            Self::Obstruction(on) => write!(f, "obstruction {}", on_off(*on)),
            Self::StopButton(on) => write!(f, "stop-button {}", on_off(*on)),
            Self::Power(on) => write!(f, "power {}", on_off(*on)),
            Self::Silent(on) => write!(f, "silent {}", on_off(*on)),
            Self::SilentOnDoor => f.write_str("silent on-door"),
            Self::Refusing(on) => write!(f, "refuse {}", on_off(*on)),
            Self::Violation(violation) => write!(f, "violation {violation}"),
            Self::State(state) => write!(f, "state {state}"),
            Self::Error(error) => write!(f, "error {error}"),
        }
    }
}

impl Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DoorOpenWhileMoving => "door-open-while-moving",
            Self::DoorOpenBetweenFloors => "door-open-between-floors",
        })
    }
}
