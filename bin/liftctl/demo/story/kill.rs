//! The first chapter: the controller of the primary is killed while its car moves.

use nix::sys::signal::Signal;

use super::{Call, Failure, Hardware, Role, Story, after, index, others};
use crate::demo::stage::FLOORS;

/// Tells it.
pub fn tell(story: &mut Story) -> Result<(), Failure> {
    let primary = story.primary()?;
    let [one, other] = others(primary);
    let buttons = [
        (primary, Call::Cab(FLOORS - 2)),
        (one, Call::Up(2)),
        (other, Call::Down(FLOORS - 1)),
        (other, Call::Cab(1)),
    ];
    let pressed = story.press(&buttons, &[0, 1, 2])?;
    let moves = |house: &[Hardware]| house[primary].is_between_floors();
    story.observer.until("the primary's car to be between two floors", moves)?;

    let (victim, killed) = story.strike(primary, Signal::SIGKILL)?;
    let name = format!("controller {victim} of lift {}, the primary,", primary + 1);
    story.bad(killed, format!("{name} is killed: SIGKILL, its car is between two floors"))?;
    let next = story.observer.until_said("another primary", killed, |word| {
        word.role == Role::Primary && index(word.lift) != primary
    })?;
    let new = story.revival(primary, victim, killed)?;
    let stops = story.observer.until("the motor to stop", |house| !house[primary].runs)?;
    let runs = story.observer.until("the motor to run again", |house| house[primary].runs)?;
    let lift = primary + 1;
    story.tell(vec![
        (
            new.dead,
            format!("the others hear of its death, {} after the kill", after(new.dead, killed)),
        ),
        (
            next.at,
            format!("lift {} is primary, {} after the kill", next.lift, after(next.at, killed)),
        ),
        (
            new.born,
            format!("controller {} starts, {} after the kill", new.pid, after(new.born, killed)),
        ),
        (stops, format!("the motor of lift {lift} has stopped")),
        (
            runs,
            format!("the motor of lift {lift} runs again, {} after the kill", after(runs, killed)),
        ),
        (new.back, format!("lift {lift} is a backup, {} after the kill", after(new.back, killed))),
    ])?;
    story.answers(pressed)
}
