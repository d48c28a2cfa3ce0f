//! The promises, kept watch over from outside.
//!
//! [`Promises`] is told what a person with a stopwatch sees at the lifts of one building
//! ([`Seen`]), and what an operator did to them ([`Deed`]); it answers at once when a promise was
//! [`Broken`]. It knows nothing of nodes, messages, roles or checkpoints: what they believe is no
//! excuse. So the same judge serves a simulated building and one of real programs.
//!
//! Some promises hold at every moment: where the car and the door may be ([`dwell`], [`direction`]),
//! and that a lit lamp goes dark for an open door alone ([`owed`]). Others have deadlines: what is
//! lit is answered, what is pressed is lit ([`lighting`]), panels agree, passengers arrive
//! ([`rides`]). Deadlines hold while the building is *whole*: from when the operator says that all
//! is [healed](Promises::healed) until the next deed.
//!
//! # What is admitted
//!
//! Where a requirement has an exception the observer has it too, and only there:
//!
//! - Each side of a partition may answer a call once, and a node that lost its power before an
//!   answer was on its disk lights the lamp again and opens the door again: better than to forget
//!   somebody. Such lamps and stops are counted ([`Figures`]), and there are never more of them
//!   than lifts and deeds since the press.
//! - A call is forgiven when the operator destroyed every copy that the design owes: two for a lamp
//!   that was lit within a group (that of its own lift among them for a cab call), one for a lamp of
//!   a node that was alone.
//! - A lift that the operator keeps from serving keeps its own passengers waiting.
//! - A press at a panel to which no controller listens promises nothing. After a deed nobody is
//!   taken to listen before a lamp, a door or a motor shows it.
//! - After a crash a door may close early, if no call had been answered at it.
//!
//! What it is not: a judge of how well the lifts go about it. When a car turns, at which floors it
//! could have stopped as well, how long a passenger may hold a door: `tests/scenarios` asks for that.

pub mod bounds;
pub mod broken;
pub mod direction;
pub mod dwell;
pub mod figures;
pub mod lighting;
pub mod owed;
pub mod picture;
pub mod rides;
pub mod seen;

mod deadlines;
mod look;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use bounds::Bounds;
pub use broken::{Broken, Promise};
pub use figures::{Figures, Spans};
pub use seen::{Deed, Seen};

use crate::building::{Building, Floor, LiftId};
use crate::calls::{CabCall, Call, HallCall};
use crate::lift::panel::Button;
use crate::time::Instant;
use direction::Announced;
use dwell::Standing;
use lighting::Lighting;
use owed::{Around, Owed};
use picture::Picture;
use rides::Rides;

/// The observer of one building.
#[derive(Clone, Debug)]
pub struct Promises {
    building: Building,
    bounds: Bounds,
    lifts: BTreeMap<LiftId, Watched>,
    owed: BTreeMap<Call, Owed>,
    lighting: Lighting,
    rides: Rides,
    /// Since when the panels differ about a call.
    differing: BTreeMap<Call, Instant>,
    /// Since when nothing is wrong.
    whole: Option<Instant>,
    /// When the operator last did anything that may make nodes forget or differ.
    troubled_at: Option<Instant>,
    figures: Figures,
}

/// One lift as it is watched.
#[derive(Clone, Debug, Default)]
struct Watched {
    picture: Picture,
    standing: Option<Standing>,
    announced: Announced,
    /// When the door last opened and closed.
    opened: Instant,
    closed: Instant,
}

impl Promises {
    /// An observer that comes to this building when all is dark, closed and at rest. Nothing has a
    /// deadline before the first [`Promises::healed`].
    pub fn new(building: Building, lifts: &[LiftId], bounds: Bounds) -> Self {
        Self {
            building,
            bounds,
            lifts: lifts.iter().map(|lift| (*lift, Watched::default())).collect(),
            owed: BTreeMap::new(),
            lighting: Lighting::default(),
            rides: Rides::default(),
            differing: BTreeMap::new(),
            whole: None,
            troubled_at: None,
            figures: Figures::default(),
        }
    }

    /// Takes in what is seen at a lift. Time never runs backwards.
    ///
    /// # Errors
    /// When a promise is broken; nothing that is seen later means anything then.
    pub fn see(&mut self, at: Instant, lift: LiftId, seen: Seen) -> Result<(), Broken> {
        self.elapse(at)?;
        self.look(at, lift, seen).map_err(|(promise, what)| {
            let what = if what.is_empty() { format!("{seen:?}") } else { what };
            Broken { at, lift: Some(lift), promise, what }
        })
    }

    /// Takes in what the operator does to a lift or its node.
    ///
    /// # Errors
    /// When a promise was broken before.
    pub fn suffer(&mut self, at: Instant, lift: LiftId, deed: Deed) -> Result<(), Broken> {
        self.elapse(at)?;
        self.disturb(at);
        // What is done to all lifts at one moment is one trouble.
        let is_trouble = !matches!(deed, Deed::Unable(_));
        if is_trouble && self.troubled_at.replace(at) != Some(at) {
            self.owed.values_mut().for_each(Owed::trouble);
        }
        let Some(watched) = self.lifts.get_mut(&lift) else { return Ok(()) };
        let disk_fails = watched.picture.disk_fails;
        watched.picture.suffer(at, deed);
        let deaf = watched.picture.deaf;
        let lost = deed == Deed::DiskLost;
        let is_kept = !(lost || disk_fails || deed == Deed::DiskRots);
        if let Some(standing) = watched.standing.as_mut().filter(|_| !is_kept) {
            standing.lose_disk();
        }
        if deaf {
            self.deafen(at, lift);
        }
        if lost {
            self.lose_copies(at, lift);
        }
        if let Deed::Apart(apart) = deed {
            self.spread_copies(at, lift, apart);
        }
        Ok(())
    }

    /// The operator has put everything right: from now on promises have deadlines. Lifts that are
    /// still [unable](Deed::Unable) are left out.
    ///
    /// # Errors
    /// When a promise was broken before.
    pub fn healed(&mut self, at: Instant) -> Result<(), Broken> {
        self.elapse(at)?;
        self.whole = self.whole.or(Some(at));
        for watched in self.lifts.values_mut() {
            watched.picture.deaf = false;
        }
        Ok(())
    }

    /// A passenger begins to wait for a lift; each has a number of his own.
    pub fn waits(&mut self, at: Instant, passenger: u64) {
        self.rides.begin(at, passenger);
    }

    /// A passenger arrived.
    pub fn arrives(&mut self, at: Instant, passenger: u64) {
        if let Some(since) = self.rides.end(passenger) {
            self.figures.to_arrive.note(at.since(since));
        }
    }

    /// What it all came to so far.
    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    /// What this lift looks like at present.
    pub fn picture(&self, lift: LiftId) -> Option<&Picture> {
        self.lifts.get(&lift).map(|watched| &watched.picture)
    }

    // ── what is done ────────────────────────────────────────────────────────────────────────

    /// Something is wrong from now on.
    fn disturb(&mut self, at: Instant) {
        let replicated = self.whole.take().is_some_and(|whole| whole + self.bounds.grace <= at);
        if replicated {
            self.owed.values_mut().for_each(|owed| owed.replicate(at));
        }
        self.lighting.excuse();
    }

    /// No controller may be listening to the panel of this lift.
    fn deafen(&mut self, at: Instant, lift: LiftId) {
        let (open, grace, lifts) = (BTreeSet::new(), self.bounds.grace, self.lifts.len());
        let around = Around { at, grace, open: &open, trouble: Some(at), lifts };
        for owed in self.owed.values_mut() {
            owed.deafen(lift, around);
        }
    }

    fn lose_copies(&mut self, at: Instant, lift: LiftId) {
        let calls: Vec<Call> = self.owed.keys().copied().collect();
        for call in calls {
            let mut owed = self.owed.remove(&call).unwrap_or_default();
            let own = if let Call::Cab(cab) = call { Some(cab.lift) } else { None };
            let gone = owed.lose_copy(lift, own, self.around(at, &BTreeSet::new()));
            self.figures.forgiven += u64::from(gone);
            self.owed.insert(call, owed);
        }
    }

    /// A node that was apart tells the others what it knows; one that is apart from now on could not
    /// tell what it has just learned.
    fn spread_copies(&mut self, at: Instant, lift: LiftId, apart: bool) {
        let soon = (!apart).then_some(at + self.bounds.grace);
        for (call, owed) in &mut self.owed {
            let known_here_alone = match call {
                Call::Cab(cab) => cab.lift == lift,
                Call::Hall(_) => owed.entries().all(|(panel, _)| panel == lift),
            };
            if known_here_alone {
                owed.spread(at, soon);
            }
        }
    }

    // ── what it is all made of ──────────────────────────────────────────────────────────────

    /// The lifts whose doors are open at the floor of the call and can be open for it.
    fn open_for(&self, call: Call) -> BTreeSet<LiftId> {
        let open = self.lifts.iter().filter(|(lift, watched)| {
            call.is_open_to(**lift) && watched.picture.open_at() == Some(call.floor())
        });
        open.map(|(lift, _)| *lift).collect()
    }

    fn around<'a>(&self, at: Instant, open: &'a BTreeSet<LiftId>) -> Around<'a> {
        let apart = self.lifts.values().any(|watched| watched.picture.apart);
        let trouble = Some(self.whole.filter(|_| !apart).unwrap_or(at));
        Around { at, grace: self.bounds.grace, open, trouble, lifts: self.lifts.len() }
    }

    fn call(&self, lift: LiftId, button: Button) -> Option<Call> {
        match button {
            Button::Cab(floor) => self.has(floor).then_some(Call::Cab(CabCall { lift, floor })),
            Button::Hall(floor, direction) => {
                HallCall::new(self.building, floor, direction).map(Call::Hall)
            }
        }
    }

    fn has(&self, floor: Floor) -> bool {
        self.building.floor(floor.number()).is_some()
    }
}
