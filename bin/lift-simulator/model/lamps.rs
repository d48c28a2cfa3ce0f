//! Everything that shines. The door is among it: its lamp is all there is to see of it.

use std::collections::BTreeSet;
use std::mem;

use super::panel::Button;
use crate::protocol::Command;

/// What is lit, and what the indicator shows.
#[derive(Debug, Default)]
pub struct Lamps {
    /// The call buttons whose lamps are lit.
    pub calls: BTreeSet<Button>,
    /// The door is open.
    pub door_open: bool,
    /// The stop button's lamp is lit.
    pub stop: bool,
    /// The floor that the indicator shows.
    pub indicator: u8,
}

impl Lamps {
    /// Switches what the command is about; `false` when it was so already, or shines not at all.
    pub fn switch(&mut self, command: Command) -> bool {
        match command {
            Command::CallLamp(button, true) => self.calls.insert(button),
            Command::CallLamp(button, false) => self.calls.remove(&button),
            Command::Door(open) => mem::replace(&mut self.door_open, open) != open,
            Command::StopLamp(on) => mem::replace(&mut self.stop, on) != on,
            Command::Indicator(floor) => mem::replace(&mut self.indicator, floor) != floor,
            Command::Reload | Command::Motor(_) => false,
        }
    }

    /// The commands that make everything dark.
    pub fn darkening(&self) -> Vec<Command> {
        let calls = self.calls.iter().map(|button| Command::CallLamp(*button, false));
        calls
            .chain([Command::Door(false), Command::StopLamp(false), Command::Indicator(0)])
            .collect()
    }
}
