//! Which lamps this lift's panels show: promises that outlive whoever made them.

use super::{Node, Role};
use crate::calls::{Call, Part};
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
                Call::Hall(_) => self.hall_call_is_safe(call, button),
                Call::Cab(_) => self.cab_call_is_safe(now, call),
            };
            (latched || is_safe()).then_some(button)
        });
        self.lamps = lit.collect();
    }

    /// A hall call is safe when the primary says so, and known to this node's next life: after a power
    /// loss it may be the first that is back, and must not put out what it had lit.
    fn hall_call_is_safe(&self, call: Call, button: Button) -> bool {
        if Sabotage::HallLampIsLitTooSoon.is_done() {
            return true;
        }
        let group_keeps_it = self.group.worldview().is_some_and(|v| v.lit.contains(button));
        group_keeps_it && (self.is_on_disk(call) || !self.durability.disk_works())
    }

    /// A cab call is safe on this node's own disk; without one, with any other node.
    fn cab_call_is_safe(&self, now: Instant, call: Call) -> bool {
        if Sabotage::CabLampIsLitTooSoon.is_done() {
            return true;
        }
        if self.durability.disk_works() {
            self.is_on_disk(call)
        } else {
            self.group.is_held_by_others(now, &self.calls, call)
        }
    }

    fn is_on_disk(&self, call: Call) -> bool {
        let kept = self.durability.calls().of(call).context();
        self.calls.of(call).is_safe_with(call, kept)
    }

    /// The lamps that an earlier life may have lit although this one has not: all of them until
    /// the group has been heard, and each one of its peers of that part of the calls; then those of
    /// calls that are about to be lit.
    pub(super) fn possible_promises(&self, now: Instant) -> Buttons {
        let listens = self.group.role() == Role::Listening;
        let untold = |part: &Part| listens || !self.group.has_been_told_of(now, *part);
        let untold: Vec<Part> = Part::every_of(self.config.building).filter(untold).collect();
        let mut possible = self.live_buttons();
        if !untold.is_empty() {
            let every = Button::every(self.config.building);
            every
                .filter(|button| untold.contains(&Part::of(button.floor())))
                .for_each(|button| possible.insert(button));
        }
        possible.without(&self.lamps)
    }

    /// The buttons of this lift's panels whose calls wait for an answer.
    pub(super) fn live_buttons(&self) -> Buttons {
        self.calls.every_live().filter_map(|call| self.button_of(call)).collect()
    }
}
