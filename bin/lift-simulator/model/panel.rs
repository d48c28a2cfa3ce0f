//! The call buttons and the fingers on them.
//!
//! A press ends by itself. Pressed again before that, a button is let go when the *first* press
//! ends, and a press that follows shortly after may be cut off by the end of the second: that is
//! how the lab's simulators do it, and the shortest press that a client must catch.

use std::collections::BTreeSet;
use std::fmt;

use super::car::Moment;

/// Which kind of call button.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// On the landing, upward.
    Up,
    /// On the landing, downward.
    Down,
    /// In the car.
    Cab,
}

/// A call button; its lamp has the same name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Button {
    /// Its kind.
    pub kind: Kind,
    /// Its floor.
    pub floor: u8,
}

/// Which buttons are pressed, and until when.
#[derive(Debug, Default)]
pub struct Presses {
    down: BTreeSet<Button>,
    held: BTreeSet<Button>,
    ends: Vec<(Moment, Button)>,
}

impl Presses {
    /// Whether a finger is on the button.
    pub fn is_pressed(&self, button: Button) -> bool {
        self.down.contains(&button) || self.held.contains(&button)
    }

    /// Every pressed button.
    pub fn all(&self) -> impl Iterator<Item = &Button> {
        self.down.union(&self.held)
    }

    /// Presses a button until a moment.
    pub fn press(&mut self, button: Button, until: Moment) {
        self.down.insert(button);
        self.ends.push((until, button));
    }

    /// Presses a button for good.
    pub fn hold(&mut self, button: Button) {
        self.held.insert(button);
    }

    /// Takes every finger off a button.
    pub fn release(&mut self, button: Button) {
        self.down.remove(&button);
        self.held.remove(&button);
        self.ends.retain(|(_, other)| *other != button);
    }

    /// When the next press ends.
    pub fn deadline(&self) -> Option<Moment> {
        self.ends.iter().map(|(until, _)| *until).min()
    }

    /// Ends a press whose time has come by `now`; the button, if that was what kept it pressed.
    pub fn end_one(&mut self, now: Moment) -> Option<Button> {
        let due = self.ends.iter().position(|(until, _)| *until <= now)?;
        let (_, button) = self.ends.remove(due);
        (self.down.remove(&button) && !self.held.contains(&button)).then_some(button)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Cab => "cab",
        })
    }
}

impl fmt::Display for Button {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} floor={}", self.kind, self.floor)
    }
}
