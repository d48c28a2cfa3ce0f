//! C4: what a lift announces by the lamp that it darkens, and where it goes on.

use super::bounds::Bounds;
use super::broken::Promise;
use super::look::Breach;
use crate::building::{Direction, Floor};
use crate::time::Instant;

/// What one lift has announced at its present stop.
#[derive(Clone, Copy, Debug, Default)]
pub struct Announced {
    last: Option<(Direction, Instant)>,
}

impl Announced {
    /// The lamp of this direction went dark on the lift's own panel, for the lift's own door; whether
    /// the lift turns by that.
    ///
    /// # Errors
    /// When that of the other direction did so just before.
    pub fn answer(
        &mut self,
        at: Instant,
        direction: Direction,
        bounds: &Bounds,
    ) -> Result<bool, Breach> {
        let last = self.last.replace((direction, at));
        match last {
            Some((other, before))
                if other != direction && at.since(before) + bounds.grace < bounds.dwell =>
            {
                let between = at.since(before);
                Err((Promise::OneDirection, format!("{between:?} lie between up and down")))
            }
            _ => Ok(last.is_some_and(|(other, _)| other != direction)),
        }
    }

    /// The car leaves this floor in this direction; `wanted` tells whether somebody in it has long
    /// wanted to go the other way.
    ///
    /// # Errors
    /// When it had announced that other way.
    pub fn depart(self, floor: Floor, direction: Direction, wanted: bool) -> Result<(), Breach> {
        match self.last {
            Some((announced, _)) if announced != direction && wanted => Err((
                Promise::Direction,
                format!("it leaves floor {floor} {direction}, with a cab call the other way"),
            )),
            _ => Ok(()),
        }
    }
}
