//! What follows from what is seen.

use std::collections::BTreeSet;

use super::direction::Announced;
use super::dwell::{self, Standing};
use super::owed::{Fate, Lit, Owed};
use super::picture::Picture;
use super::{Bounds, Promise, Promises, Seen, Watched};
use crate::building::{Direction, Floor, LiftId};
use crate::calls::{CabCall, Call};
use crate::config::LONGEST_HOLD;
use crate::lift::panel::Button;
use crate::time::Instant;

/// The promise that is broken, and what was seen of it.
pub type Breach = (Promise, String);

impl Promises {
    /// Takes in what is seen.
    pub(super) fn look(&mut self, at: Instant, lift: LiftId, seen: Seen) -> Result<(), Breach> {
        let Some(watched) = self.lifts.get_mut(&lift) else { return Ok(()) };
        let before = watched.picture.clone();
        if !watched.picture.see(at, seen) {
            return Ok(());
        }
        match seen {
            Seen::Pressed(button) => self.press(at, lift, button),
            Seen::Lamp(button, true) => self.light(at, lift, button)?,
            Seen::Lamp(button, false) => self.darken(at, lift, button)?,
            Seen::Door(true) => self.open(at, lift),
            Seen::Door(false) => self.close(at, lift, &before)?,
            Seen::Motor(Some(direction)) => self.depart(at, lift, direction)?,
            Seen::Floor(None) => watched.announced = Announced::default(),
            Seen::LeftShaft(end) => {
                return Err((Promise::Shaft, format!("the car is driven out of it, {end}")));
            }
            Seen::Obstruction(false) => self.clear(at, lift, before.obstruction),
            Seen::Blank => self.blank(at, lift, &before),
            Seen::Motor(None)
            | Seen::Floor(Some(_))
            | Seen::Obstruction(true)
            | Seen::StopButton(_) => {}
        }
        self.lifts.get(&lift).map_or(Ok(()), |watched| dwell::is_at_rest(&watched.picture))
    }

    fn press(&mut self, at: Instant, lift: LiftId, button: Button) {
        let Some(call) = self.call(lift, button) else { return };
        self.figures.pressed += 1;
        let open = self.open_for(call);
        let mut owed = self.owed.remove(&call).unwrap_or_default();
        let heard = self.lifts.get(&lift).is_some_and(|watched| !watched.picture.deaf);
        owed.press(lift, heard, self.around(at, &open));
        if self.whole.is_some() && open.is_empty() && !owed.shines_on(lift) {
            self.lighting.press(at, lift, call);
        }
        self.owed.insert(call, owed);
    }

    fn light(&mut self, at: Instant, lift: LiftId, button: Button) -> Result<(), Breach> {
        let Some(call) = self.call(lift, button) else {
            return Err((Promise::Asked, format!("there is no such button: {button:?}")));
        };
        if let Some(pressed) = self.lighting.light(lift, call) {
            self.figures.to_light.note(at.since(pressed));
        }
        let apart = self.lifts.get(&lift).is_some_and(|watched| watched.picture.apart);
        let soon = if matches!(call, Call::Cab(_)) { at + self.bounds.grace } else { at };
        let open = self.open_for(call);
        let mut owed = self.owed.remove(&call).unwrap_or_default();
        let spread = (!apart).then_some(soon);
        let may_be_older = self.may_not_know(lift, call, &owed);
        let means = owed.light(lift, spread, may_be_older, self.around(at, &open));
        self.owed.insert(call, owed);
        match means.map_err(|promise| (promise, format!("the lamp of {call} is lit")))? {
            Lit::Promised => self.figures.lit += 1,
            Lit::CameBack => self.figures.came_back += 1,
            Lit::Known => {}
        }
        self.compare(at, call);
        Ok(())
    }

    /// Whether this lift may not know that an earlier press of the call was answered, by another lift
    /// or by itself before something happened to it, and then be told so by others.
    fn may_not_know(&self, lift: LiftId, call: Call, owed: &Owed) -> bool {
        if self.lifts.len() < 2 {
            return false;
        }
        let by_others = matches!(call, Call::Hall(_));
        let shaken = self.lifts.get(&lift).and_then(|watched| watched.picture.shaken);
        // What was answered at a door that closed then may have been answered a dwell before.
        let kept_after = shaken.map(|shaken| shaken + self.bounds.dwell + self.bounds.grace);
        by_others || kept_after.is_some_and(|after| owed.stop_of(lift).is_none_or(|at| at <= after))
    }

    fn darken(&mut self, at: Instant, lift: LiftId, button: Button) -> Result<(), Breach> {
        let Some(call) = self.call(lift, button) else { return Ok(()) };
        let open = self.open_for(call);
        let mut owed = self.owed.remove(&call).unwrap_or_default();
        let dark = owed.darken(lift, self.around(at, &open));
        self.owed.insert(call, owed);
        let dark = dark.map_err(|promise| (promise, format!("the lamp of {call} goes dark")))?;
        self.compare(at, call);
        let Some(dark) = dark else { return Ok(()) };
        self.end(at, dark.fate);
        self.figures.extra_stops += u64::from(dark.extra_stop);
        let is_alone = self.lifts.len() == 1;
        match self.lifts.get_mut(&lift) {
            Some(watched) if dark.by_own_door => watched.answer(at, call, is_alone, &self.bounds),
            Some(watched) if open.contains(&lift) => {
                // It may have announced another direction, and may not: nobody can tell.
                watched.announced = Announced::default();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, at: Instant, lift: LiftId) {
        let Some(watched) = self.lifts.get_mut(&lift) else { return };
        watched.opened = at;
        watched.standing = Some(Standing::open(at, &watched.picture));
        watched.announced = Announced::default();
        if let Some(floor) = watched.picture.floor {
            self.lighting.open(lift, floor);
        }
    }

    fn close(&mut self, at: Instant, lift: LiftId, before: &Picture) -> Result<(), Breach> {
        self.end_stop(at, lift, before);
        let Some(watched) = self.lifts.get_mut(&lift) else { return Ok(()) };
        watched.closed = at;
        let standing = watched.standing.take();
        standing.map_or(Ok(()), |standing| standing.close(at, before, &self.bounds))
    }

    /// The stop counts for every call at the floor whose lamp does not shine at this lift.
    fn end_stop(&mut self, at: Instant, lift: LiftId, before: &Picture) {
        let Some(floor) = before.open_at() else { return };
        let buttons = [
            Button::Cab(floor),
            Button::Hall(floor, Direction::Up),
            Button::Hall(floor, Direction::Down),
        ];
        let is_doubtful = self.lifts.get(&lift).is_some_and(Watched::may_owe_darkness);
        for button in buttons {
            let Some(call) = self.call(lift, button) else { continue };
            let Some(owed) = self.owed.get_mut(&call) else { continue };
            let kept = owed.close(lift, at);
            if is_doubtful {
                owed.doubt(lift, at);
            }
            self.end(at, kept.map(Fate::Kept));
        }
    }

    fn depart(&mut self, at: Instant, lift: LiftId, direction: Direction) -> Result<(), Breach> {
        let Some(watched) = self.lifts.get(&lift) else { return Ok(()) };
        let picture = &watched.picture;
        if picture.stop_button.is_some_and(|since| since + self.bounds.grace < at) {
            return Err((Promise::StopButton, format!("the motor runs {direction}")));
        }
        let Some(floor) = picture.floor else { return Ok(()) };
        if self.building.next(floor, direction).is_none() {
            return self.start_outward(at, floor, direction, picture.touched());
        }
        if picture.touched().is_some_and(|touched| watched.opened <= touched) {
            return Ok(());
        }
        let other_way = picture.lamps.cab.beyond(floor, direction.opposite());
        let wanted = other_way.iter().any(|to| {
            let owed = self.owed.get(&Call::Cab(CabCall { lift, floor: to }));
            let mut entries = owed.into_iter().flat_map(Owed::entries);
            entries.any(|(_, e)| !e.stale && e.since + self.bounds.grace <= watched.closed)
        });
        watched.announced.depart(floor, direction, wanted)
    }

    /// A command that was under way when the drive or its server failed gets there late, with the one
    /// behind it that ends it: wrong only if the car then leaves.
    fn start_outward(
        &self,
        at: Instant,
        floor: Floor,
        direction: Direction,
        touched: Option<Instant>,
    ) -> Result<(), Breach> {
        if touched.is_some_and(|touched| at <= touched + self.bounds.grace) {
            return Ok(());
        }
        Err((Promise::Shaft, format!("at floor {floor} the motor is started {direction}")))
    }

    fn clear(&mut self, at: Instant, lift: LiftId, began: Option<Instant>) {
        let watched = self.lifts.get_mut(&lift).filter(|watched| !watched.picture.deaf);
        let standing = watched.and_then(|watched| watched.standing.as_mut());
        if let Some((standing, began)) = standing.zip(began) {
            standing.clear(at, began, &self.bounds);
        }
    }

    fn blank(&mut self, at: Instant, lift: LiftId, before: &Picture) {
        self.disturb(at);
        self.deafen(at, lift);
        let open = BTreeSet::new();
        let around = self.around(at, &open);
        let fates: Vec<_> = self.owed.values_mut().map(|owed| owed.blank(lift, around)).collect();
        for fate in fates {
            self.end(at, fate);
        }
        self.end_stop(at, lift, before);
        let calls: Vec<Call> = self.owed.keys().copied().collect();
        for call in calls {
            self.compare(at, call);
        }
        if let Some(watched) = self.lifts.get_mut(&lift) {
            watched.standing = None;
            watched.announced = Announced::default();
        }
    }

    fn end(&mut self, at: Instant, fate: Option<Fate>) {
        match fate {
            Some(Fate::Kept(since)) => {
                self.figures.answered += 1;
                self.figures.to_answer.note(at.since(since));
            }
            Some(Fate::Unclear) => self.figures.unclear += 1,
            None => {}
        }
    }

    /// Takes note of whether the panels differ about a hall call.
    fn compare(&mut self, at: Instant, call: Call) {
        if matches!(call, Call::Cab(_)) {
            return;
        }
        let shining = self
            .owed
            .get(&call)
            .map_or(0, |owed| self.lifts.keys().filter(|lift| owed.shines_on(**lift)).count());
        if shining == 0 || shining == self.lifts.len() {
            self.differing.remove(&call);
        } else {
            self.differing.entry(call).or_insert(at);
        }
    }
}

impl Watched {
    /// Whether a lamp that still shines when the door closes may be that of a call which was answered
    /// at it: by a life that could not put it out any more, or that nobody remembers.
    fn may_owe_darkness(&self) -> bool {
        let is_forgotten = self.standing.as_ref().is_some_and(|standing| !standing.is_kept());
        is_forgotten || self.picture.was_shaken_since(self.opened)
    }

    /// The lamp of a call went dark for this lift's own door.
    fn answer(
        &mut self,
        at: Instant,
        call: Call,
        is_alone: bool,
        bounds: &Bounds,
    ) -> Result<(), Breach> {
        let turns = match call {
            Call::Hall(hall) if !self.picture.was_shaken_since(self.opened) => {
                self.announced.answer(at, hall.direction(), bounds)?
            }
            Call::Hall(_) | Call::Cab(_) => false,
        };
        // No other lift can have answered it, and this one might have closed its door: so it turns, or
        // somebody holds the door who still may.
        let stands_on = is_alone
            && matches!(call, Call::Hall(_))
            && !self.picture.was_shaken_since(self.opened)
            && self.opened + bounds.dwell <= at
            && at + bounds.grace < self.opened + LONGEST_HOLD;
        if let Some(standing) = &mut self.standing {
            standing.answer();
            if turns || stands_on {
                standing.turn(at);
            }
        }
        Ok(())
    }
}
