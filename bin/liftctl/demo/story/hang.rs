//! The second chapter: the controller of a backup hangs.

use nix::sys::signal::Signal;

use super::{Call, Failure, Story, after, others};

/// Tells it.
pub fn tell(story: &mut Story) -> Result<(), Failure> {
    let primary = story.primary()?;
    let [backup, _] = others(primary);
    let [high, low, _] = story.free_floors()?;
    let buttons = [(backup, Call::Down(high)), (backup, Call::Cab(low))];
    let pressed = story.press(&buttons, &[0, 1, 2])?;

    let (victim, hung) = story.strike(backup, Signal::SIGSTOP)?;
    let lift = backup + 1;
    story.bad(hung, format!("controller {victim} of lift {lift}, a backup, hangs: SIGSTOP"))?;
    let new = story.revival(backup, victim, hung)?;
    story.tell(vec![
        (
            new.dead,
            format!("its supervisor has killed it, {} after the hang", after(new.dead, hung)),
        ),
        (
            new.born,
            format!("controller {} starts, {} after the hang", new.pid, after(new.born, hung)),
        ),
        (
            new.back,
            format!("lift {lift} is a backup again, {} after the hang", after(new.back, hung)),
        ),
    ])?;
    if story.primary()? == primary {
        let text = format!("lift {} has been primary all the while", primary + 1);
        story.narrator.event(new.back, text)?;
    } // On a machine that is too busy the role may have moved; it costs nothing.
    story.answers(pressed)
}
