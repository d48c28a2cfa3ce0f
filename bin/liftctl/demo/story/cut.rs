//! The third chapter: the primary is cut off from the others, each side goes on, and they unite.

use super::{Call, Failure, Role, Story, after, index, others};

/// Tells it.
pub fn tell(story: &mut Story) -> Result<(), Failure> {
    let [high, middle, low] = story.free_floors()?;
    let before = story.press(&[(0, Call::Down(high))], &[0, 1, 2])?;

    let primary = story.primary()?;
    let lift = primary + 1;
    let rest = others(primary);
    let cut = story.stage.switch.set_plug(primary, false)?;
    story.bad(cut, format!("the network plug of lift {lift}, the primary, is pulled"))?;
    let next = story.observer.until_said("a primary of the others", cut, |word| {
        word.role == Role::Primary && index(word.lift) != primary
    })?;
    let text =
        format!("lift {} is primary of the others, {} after", next.lift, after(next.at, cut));
    story.narrator.event(next.at, text)?;
    let mut pressed = before;
    pressed.extend(story.press(&[(primary, Call::Up(low))], &[primary])?);
    pressed.extend(story.press(&[(rest[1], Call::Down(middle))], &rest)?);
    story.answers(pressed)?;

    let healed = story.stage.switch.set_plug(primary, true)?;
    story.bad(healed, format!("the plug of lift {lift} is put in again"))?;
    let (stays, one) = story.observer.until_one_primary("one primary of all")?;
    let text = format!("lift {stays} is primary of all, {} after", after(one, healed));
    story.good(one, text)
}
