//! One call and what is owed for it (G1, G2, G3, G4): from lamp to open door.
//!
//! A lamp that is lit is owed a door that is open at that floor from then on, and a press of a lit
//! button is owed one that is open after that press. The lamp may go dark when a door was open for
//! the call since; when the panel loses its power, the debt stays.
//!
//! An observer cannot see for which of two directions a door is open, except by what the lift's own
//! panel shows: a lift that answers a call darkens its own lamp at once. So a stop counts for a call
//! when the lamp of that very lift goes dark, and still when the door closes, unless the lamp shines
//! again by then, because somebody has pressed again meanwhile.
//!
//! A node that comes back from a crash or a partition shows what it knew: a lamp may be lit again
//! whose call was answered meanwhile. Nobody pressed for such a [`Entry::stale`] lamp, so it may go
//! dark as soon as its node has heard (a lone lift hears nothing), or be answered once more. When
//! somebody else has pressed meanwhile, nobody can tell whose lamp it is: it is in doubt until all is
//! well.

use std::collections::{BTreeMap, BTreeSet};

use super::broken::Promise;
use crate::building::LiftId;
use crate::time::Instant;

/// What is owed for one call.
#[derive(Clone, Debug, Default)]
pub struct Owed {
    panels: BTreeMap<LiftId, Entry>,
    /// When the promise was made that was not kept yet.
    promised: Option<Instant>,
    /// The last press, anywhere.
    pressed: Option<Instant>,
    /// The last press on each panel that a controller can have noticed.
    presses: BTreeMap<LiftId, Instant>,
    /// When each lift last had its door open for the call: when its lamp went dark for it, or when
    /// the door closed, if that was later.
    stops: BTreeMap<LiftId, Instant>,
    /// When a door last closed that may have been open for the call, and nobody can tell.
    may_have_stopped: Option<Instant>,
    /// What could bring an answered call back, since the last press.
    troubles: usize,
    /// Stops for the call since the last press although it had been answered.
    extra_stops: usize,
    /// From when on a single node may lose its copy.
    spread_at: Option<Instant>,
    /// Who has lost its copy.
    lost: BTreeSet<LiftId>,
}

/// The lamp of the call on one panel.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// When it was lit: what the passenger has waited since.
    pub since: Instant,
    /// The last press that the lift can have noticed by now.
    newest: Instant,
    /// A press that it may not have noticed yet.
    fresh: Option<Instant>,
    /// While something was wrong it was lit for a press elsewhere: it may still be the lamp of an
    /// earlier press, which has been answered.
    doubt: bool,
    /// It shines; otherwise the panel has lost its power.
    shines: bool,
    /// Nobody has pressed since the call was answered.
    pub stale: bool,
}

/// What a lamp that was lit means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lit {
    /// A promise was made.
    Promised,
    /// One that was made already shows on one more panel, or again.
    Known,
    /// A call came back.
    CameBack,
}

/// What has become of a promise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It was kept; when it had been made.
    Kept(Instant),
    /// Nobody can tell whether there was one: its last lamp may have been that of an earlier press.
    Unclear,
}

/// What a lamp that went dark means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Dark {
    /// What has become of the promise by that.
    pub fate: Option<Fate>,
    /// The door that is open now opened for a call that had been answered already.
    pub extra_stop: bool,
    /// No other door than the lift's own can have been the reason.
    pub by_own_door: bool,
}

/// What must be known of the world to judge a lamp.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// Now.
    pub at: Instant,
    /// Within which everything counts as at once.
    pub grace: std::time::Duration,
    /// The lifts whose doors are open at the floor of the call, and can be open for it.
    pub open: &'a BTreeSet<LiftId>,
    /// The last time at which anything was wrong anywhere.
    pub trouble: Option<Instant>,
    /// How many lifts there are.
    pub lifts: usize,
}

impl Around<'_> {
    /// Something is wrong, or was just now.
    fn is_troubled(&self) -> bool {
        self.trouble.is_some_and(|trouble| self.at < trouble + self.grace)
    }
}

impl Owed {
    /// Its button was pressed on this panel; `heard`: a controller can have noticed that.
    pub fn press(&mut self, panel: LiftId, heard: bool, around: Around) {
        self.pressed = Some(around.at);
        (self.troubles, self.extra_stops) = (0, 0);
        if heard {
            self.presses.insert(panel, around.at);
        }
        if let Some(entry) = self.panels.get_mut(&panel).filter(|entry| heard && entry.shines) {
            entry.notice(around);
            entry.fresh = Some(around.at);
            if entry.stale {
                (entry.stale, entry.since) = (false, around.at);
            }
        }
    }

    /// Its lamp was lit on this panel; from `spread` on a single node may lose its copy. It
    /// `may_be_older` than the last press, that of a call which the lift does not know to be answered.
    ///
    /// # Errors
    /// When nobody has pressed, or nobody since it was answered and nothing was wrong.
    pub fn light(
        &mut self,
        panel: LiftId,
        spread: Option<Instant>,
        may_be_older: bool,
        around: Around,
    ) -> Result<Lit, Promise> {
        let at = around.at;
        if let Some(entry) = self.panels.get_mut(&panel) {
            entry.shines = true;
            return Ok(Lit::Known);
        }
        let Some(pressed) = self.pressed else { return Err(Promise::Asked) };
        let owed = self.panels.values().any(|entry| !entry.stale);
        let stale = !owed && self.last_stop().is_some_and(|stop| pressed + around.grace < stop);
        let just_answered = self.last_stop().is_some_and(|stop| at <= stop + around.grace);
        let troubled = around.trouble.is_some_and(|trouble| pressed <= trouble + around.grace);
        if stale && !just_answered && !troubled {
            return Err(Promise::StaysAnswered);
        }
        if !owed && !stale {
            self.spread_at = spread;
            self.lost.clear();
            self.promised = Some(at);
        }
        let fresh = self.presses.get(&panel).copied().filter(|own| self.last_stop() < Some(*own));
        let may_be_answered = self.last_stop().is_some() || self.may_have_stopped.is_some();
        let doubt = may_be_older && around.is_troubled() && may_be_answered;
        let mut entry = Entry { since: at, newest: at, fresh, doubt, shines: true, stale };
        entry.notice(around);
        self.panels.insert(panel, entry);
        match (stale, owed) {
            (true, _) => Ok(Lit::CameBack),
            (false, true) => Ok(Lit::Known),
            (false, false) => Ok(Lit::Promised),
        }
    }

    /// Its lamp went dark on this panel.
    ///
    /// # Errors
    /// When no door has been open for it, or the call is answered again and again.
    pub fn darken(&mut self, panel: LiftId, around: Around) -> Result<Option<Dark>, Promise> {
        let Some(mut entry) = self.panels.remove(&panel) else { return Ok(None) };
        entry.notice(around);
        let before = self.last_stop().is_some_and(|stop| entry.newest <= stop);
        let now = !around.open.is_empty();
        let is_told = entry.stale && around.lifts > 1; // by others, that it was answered
        let reason = now || before || is_told;
        if !reason && !self.is_in_doubt(&entry, around) {
            return Err(Promise::StaysLit);
        }
        let others = |lift: &LiftId| *lift != panel;
        let stopped = |(lift, stop): (&LiftId, &Instant)| others(lift) && entry.newest <= *stop;
        let by_others = around.open.iter().any(others) || self.stops.iter().any(stopped);
        let by_own_door = around.open.contains(&panel)
            && !by_others
            && !(entry.stale || entry.doubt || self.may_be_answered(&entry));
        let extra_stop = now && (before || entry.stale) && around.open.contains(&panel);
        if extra_stop {
            self.extra_stops += 1;
            if self.extra_stops > around.lifts * (1 + self.troubles) {
                return Err(Promise::StaysAnswered);
            }
        }
        if around.open.contains(&panel) {
            self.stops.insert(panel, around.at);
        }
        let fate = if reason {
            self.promised.take_if(|_| !entry.stale).map(Fate::Kept)
        } else {
            self.lose_sight()
        };
        Ok(Some(Dark { fate, extra_stop, by_own_door }))
    }

    /// No controller listens to this panel any more: it may not have noticed the last press.
    pub fn deafen(&mut self, panel: LiftId, around: Around) {
        if let Some(entry) = self.panels.get_mut(&panel) {
            entry.notice(around);
            entry.fresh = None;
        }
    }

    /// The panel lost its power: what it showed is still owed, unless nobody can tell what that was,
    /// or a door has been open for it since, of which only its node had not heard; what became of
    /// the promise by that.
    pub fn blank(&mut self, panel: LiftId, around: Around) -> Option<Fate> {
        let entry = self.panels.remove(&panel)?;
        if self.last_stop().is_some_and(|stop| entry.newest <= stop) {
            return self.promised.take().map(Fate::Kept);
        }
        if self.is_in_doubt(&entry, around) {
            return self.lose_sight();
        }
        self.panels.insert(panel, Entry { shines: false, ..entry });
        None
    }

    /// The door of a lift that can answer the call has closed at its floor; when the promise had
    /// been made, if it was kept by that without any lamp to show it. Where its own lamp shines
    /// again, the stop counts as far as that had gone dark.
    pub fn close(&mut self, lift: LiftId, at: Instant) -> Option<Instant> {
        if !self.shines_on(lift) {
            self.stops.insert(lift, at);
        }
        let stop = self.stop_of(lift)?;
        let dark = self.panels.iter().filter(|(_, entry)| !entry.shines && entry.newest <= stop);
        let dark: Vec<LiftId> = dark.map(|(panel, _)| *panel).collect();
        self.panels.retain(|panel, _| !dark.contains(panel));
        self.promised.take_if(|_| !dark.is_empty())
    }

    /// The lift, whose door closes, may not know any more for whom it was open, or could not show it:
    /// whether any lamp means anything that was lit before, nobody can tell until all is well.
    pub fn doubt(&mut self, panel: LiftId, at: Instant) {
        if self.panels.contains_key(&panel) {
            self.may_have_stopped = Some(at);
        }
    }

    /// Something happened by which answered calls can come back.
    pub fn trouble(&mut self) {
        self.troubles += 1;
    }

    /// From `spread` on a single node may lose its copy, unless it may already.
    pub fn spread(&mut self, at: Instant, spread: Option<Instant>) {
        if self.spread_at.is_none_or(|before| at < before) {
            self.spread_at = spread;
        }
    }

    /// All nodes have had the time to save what they know.
    pub fn replicate(&mut self, at: Instant) {
        self.may_have_stopped = None;
        self.lost.clear();
        self.spread(at, Some(at));
    }

    /// A node has lost its copy. When with it the last one went that the design owes, that of the
    /// call's `own` lift among them if it is a cab call, nothing is owed any more; `true` when a
    /// promise went with it that was not kept yet.
    pub fn lose_copy(&mut self, lift: LiftId, own: Option<LiftId>, around: Around) -> bool {
        if !self.is_owed() {
            return false;
        }
        let spread = self.spread_at.is_some_and(|spread| spread <= around.at) && around.lifts > 1;
        if spread || self.panels.contains_key(&lift) {
            self.lost.insert(lift);
        }
        let needed = if spread { 2 } else { 1 };
        let own_has_it = own.is_some_and(|own| !self.lost.contains(&own));
        if self.lost.len() < needed || own_has_it {
            return false;
        }
        self.panels.retain(|_, entry| entry.shines);
        self.panels.values_mut().for_each(|entry| entry.stale = true);
        self.promised.take().is_some()
    }

    /// Whether anything is owed.
    pub fn is_owed(&self) -> bool {
        self.panels.values().any(|entry| !entry.stale)
    }

    /// Whether its lamp shines on this panel.
    pub fn shines_on(&self, panel: LiftId) -> bool {
        self.panels.get(&panel).is_some_and(|entry| entry.shines)
    }

    /// Since when the lamp or the debt of each panel has been there.
    pub fn entries(&self) -> impl Iterator<Item = (LiftId, &Entry)> {
        self.panels.iter().map(|(panel, entry)| (*panel, entry))
    }

    fn is_in_doubt(&self, entry: &Entry, around: Around) -> bool {
        entry.doubt || self.may_be_answered(entry) && around.is_troubled()
    }

    /// Whether a door has closed since that may have been open for it.
    fn may_be_answered(&self, entry: &Entry) -> bool {
        self.may_have_stopped.is_some_and(|stop| entry.newest <= stop)
    }

    /// A lamp in doubt is gone. With the last one goes the promise.
    fn lose_sight(&mut self) -> Option<Fate> {
        let was_last = !self.is_owed();
        self.promised.take_if(|_| was_last).map(|_| Fate::Unclear)
    }

    /// When this lift last had its door open for the call.
    pub fn stop_of(&self, lift: LiftId) -> Option<Instant> {
        self.stops.get(&lift).copied()
    }

    fn last_stop(&self) -> Option<Instant> {
        self.stops.values().max().copied()
    }
}

impl Entry {
    /// A press from before the grace has been noticed by now.
    fn notice(&mut self, around: Around) {
        if let Some(fresh) = self.fresh.take_if(|fresh| *fresh + around.grace <= around.at) {
            (self.newest, self.doubt) = (self.newest.max(fresh), false);
        }
        self.doubt &= around.is_troubled();
    }
}
