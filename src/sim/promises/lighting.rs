//! G3: never lighting lamps is no way out. While nothing is wrong a press lights its lamp, or is
//! answered on the spot.

use std::collections::BTreeMap;

use crate::building::{Floor, LiftId};
use crate::calls::Call;
use crate::time::Instant;

/// The presses that have not lit their lamps yet.
#[derive(Clone, Debug, Default)]
pub struct Lighting {
    pressed: BTreeMap<(LiftId, Call), Instant>,
}

impl Lighting {
    /// A button whose lamp is dark was pressed.
    pub fn press(&mut self, at: Instant, panel: LiftId, call: Call) {
        self.pressed.entry((panel, call)).or_insert(at);
    }

    /// The lamp was lit; when the button had been pressed, if it was.
    pub fn light(&mut self, panel: LiftId, call: Call) -> Option<Instant> {
        self.pressed.remove(&(panel, call))
    }

    /// A door opened: whoever waits there needs no lamp.
    pub fn open(&mut self, lift: LiftId, floor: Floor) {
        self.pressed.retain(|(_, call), _| call.floor() != floor || !call.is_open_to(lift));
    }

    /// Something is wrong: nothing was promised to those who have no lamp yet.
    pub fn excuse(&mut self) {
        self.pressed.clear();
    }

    /// The press that waits for the longest.
    pub fn oldest(&self) -> Option<(Instant, LiftId, Call)> {
        let waiting = self.pressed.iter().map(|((panel, call), at)| (*at, *panel, *call));
        waiting.min_by_key(|(at, ..)| *at)
    }
}
