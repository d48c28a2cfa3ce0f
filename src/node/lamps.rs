//! Which lamps this lift's panels show: promises that outlive whoever made them.

use super::{Node, Role};
use crate::calls::Call;
use crate::lift::panel::{Button, Buttons};
use crate::sabotage::Sabotage;
use crate::time::Instant;

impl Node {
    /// A lamp that is lit stays so until its call is answered, whatever becomes of who lit it.
    pub(super) fn light_lamps(&mut self, now: Instant) {
        let lit = self.calls.every_live().filter_map(|call| {
            let button = self.button_of(call)?;
            let latched = self.lamps.contains(button) && !Sabotage::LampIsNotLatched.is_done();
            let is_safe = || match call {
                Call::Hall(_) => self.group.worldview().is_some_and(|v| v.lit.contains(button)),
                Call::Cab(_) => self.cab_call_is_safe(now, call),
            };
            (latched || is_safe()).then_some(button)
        });
        self.lamps = lit.collect();
    }

    /// A cab call is safe on this node's own disk; without one, with any other node.
    fn cab_call_is_safe(&self, now: Instant, call: Call) -> bool {
        if Sabotage::CabLampIsLitTooSoon.is_done() {
            return true;
        }
        if self.durability.disk_works() {
            let kept = self.durability.calls().of(call).context();
            self.calls.of(call).is_safe_with(call, kept)
        } else {
            self.group.is_held_by_others(now, &self.calls, call)
        }
    }

    /// The lamps that an earlier life may have lit although this one has not: all of them until
    /// the group has been heard, then those of calls that are about to be lit.
    pub(super) fn possible_promises(&self) -> Buttons {
        let possible = match self.group.role() {
            Role::Listening => Button::every(self.config.building).collect(),
            _ => self.live_buttons(),
        };
        possible.without(&self.lamps)
    }

    /// The buttons of this lift's panels whose calls wait for an answer.
    pub(super) fn live_buttons(&self) -> Buttons {
        self.calls.every_live().filter_map(|call| self.button_of(call)).collect()
    }
}
