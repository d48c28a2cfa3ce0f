//! The operator's lines: what a person or a test does to the lift and to its server.

use std::time::Duration;

use crate::model::{Button, Kind, Place, Shaft, Touch};

/// What a line asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// Hands on the lift.
    Touch(Touch),
    /// Hang as a frozen server does, or no longer.
    Silent(bool),
    /// Hang at the next command that opens the door.
    SilentOnDoor,
    /// Close the client's connection.
    Drop,
    /// Close the port to new clients, or open it again.
    Refuse(bool),
    /// End the server and start it again.
    Restart,
    /// Tell everything.
    State,
    /// End the simulator.
    Quit,
}

/// What this line asks for.
///
/// # Errors
/// What is wrong with the line, in words for the one who wrote it.
pub fn parse(line: &str, shaft: &Shaft) -> Result<Act, String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let act = match words.as_slice() {
        ["press", kind, floor] => Act::Touch(Touch::Press(button(kind, floor, shaft)?, None)),
        ["press", kind, floor, length] => {
            Act::Touch(Touch::Press(button(kind, floor, shaft)?, Some(span(length)?)))
        }
        ["hold", kind, floor] => Act::Touch(Touch::Hold(button(kind, floor, shaft)?)),
        ["release", kind, floor] => Act::Touch(Touch::Release(button(kind, floor, shaft)?)),
        ["obstruct", on] => Act::Touch(Touch::Obstruct(switch(on)?)),
        ["stop", on] => Act::Touch(Touch::Stop(switch(on)?)),
        ["power", on] => Act::Touch(Touch::Power(switch(on)?)),
        ["place", at] => Act::Touch(Touch::Place(place(Place::At(number(at)?), shaft)?)),
        ["place-between", above] => {
            Act::Touch(Touch::Place(place(Place::Above(number(above)?), shaft)?))
        }
        ["rescue"] => Act::Touch(Touch::Rescue),
        ["silent", on] => Act::Silent(switch(on)?),
        ["silent-on-door"] => Act::SilentOnDoor,
        ["drop"] => Act::Drop,
        ["refuse", on] => Act::Refuse(switch(on)?),
        ["restart"] => Act::Restart,
        ["state"] => Act::State,
        ["quit"] => Act::Quit,
        _ => return Err(format!("{line:?} is no command; lift-simulator --help lists them")),
    };
    Ok(act)
}

/// This place, if the shaft has it.
///
/// # Errors
/// Which places there are.
pub fn place(place: Place, shaft: &Shaft) -> Result<Place, String> {
    let top = shaft.top();
    match place {
        _ if shaft.has(place) => Ok(place),
        Place::At(floor) => Err(format!("there is no floor {floor}; the floors are 0 to {top}")),
        Place::Above(floor) => Err(format!(
            "there is nothing above floor {floor}; the car can be above 0 to {}",
            top - 1
        )),
    }
}

fn button(kind: &str, floor: &str, shaft: &Shaft) -> Result<Button, String> {
    let floor = number(floor)?;
    place(Place::At(floor), shaft)?;
    match kind {
        "cab" => Ok(Button { kind: Kind::Cab, floor }),
        "up" if floor == shaft.top() => Err("nobody can call a lift upward at the top".into()),
        "up" => Ok(Button { kind: Kind::Up, floor }),
        "down" if floor == 0 => Err("nobody can call a lift downward at the bottom".into()),
        "down" => Ok(Button { kind: Kind::Down, floor }),
        _ => Err(format!("{kind:?} is no kind of button; say cab, up or down")),
    }
}

fn number(word: &str) -> Result<u8, String> {
    word.parse().map_err(|_| format!("{word:?} is no floor; say a number"))
}

fn switch(word: &str) -> Result<bool, String> {
    match word {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(format!("{word:?} is neither on nor off")),
    }
}

fn span(word: &str) -> Result<Duration, String> {
    humantime::parse_duration(word)
        .map_err(|_| format!("{word:?} is no length of time; say for example 300ms"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAFT: Shaft = Shaft { floors: 4, travel: Duration::ZERO, passing: Duration::ZERO };

    #[test]
    fn a_press_lasts_as_long_as_the_line_says() {
        let cab_3 = Button { kind: Kind::Cab, floor: 3 };
        let press = |length| Ok(Act::Touch(Touch::Press(cab_3, length)));
        assert_eq!(parse("press cab 3", &SHAFT), press(None));
        assert_eq!(parse(" press  cab 3 300ms ", &SHAFT), press(Some(Duration::from_millis(300))));
    }

    #[test]
    fn the_car_can_be_put_anywhere_in_the_shaft_and_nowhere_else() {
        let put = |place| Ok(Act::Touch(Touch::Place(place)));
        assert_eq!(parse("place 3", &SHAFT), put(Place::At(3)));
        assert_eq!(parse("place-between 2", &SHAFT), put(Place::Above(2)));
        assert!(parse("place 4", &SHAFT).is_err());
        assert!(parse("place-between 3", &SHAFT).is_err());
    }

    #[test]
    fn a_line_that_means_nothing_is_an_error_that_names_the_word() {
        let table = [
            ("press cab 4", "floor 4"),
            ("press cab x", "\"x\""),
            ("press side 1", "\"side\""),
            ("press up 3", "top"),
            ("press down 0", "bottom"),
            ("press cab 1 soon", "\"soon\""),
            ("power maybe", "\"maybe\""),
            ("dance", "\"dance\""),
            ("quit now", "\"quit now\""),
        ];
        for (line, named) in table {
            let error = parse(line, &SHAFT).unwrap_err();
            assert!(error.contains(named), "{line:?} gives {error:?}");
        }
    }
}
