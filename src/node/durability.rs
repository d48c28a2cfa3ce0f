//! What is durable: which of the node's checkpoints would come back after a crash.
//!
//! Every change of the [`Checkpoint`] is handed out at once under a growing revision, and the
//! supervisor reports the revisions that have reached the disk. A burst of changes may become
//! durable by its last revision alone, so a report stands for everything before it as well.
//!
//! A disk that fails says so; one that stalls says nothing. After [`DISK_PATIENCE`] without a word
//! both count the same: there is nothing to wait for.

use std::collections::VecDeque;

use super::Revision;
use super::checkpoint::Checkpoint;
use crate::building::Floor;
use crate::calls::Calls;
use crate::config::DISK_PATIENCE;
use crate::group::members::Members;
use crate::sabotage::Sabotage;
use crate::time::Instant;

/// How many checkpoints may wait for the disk, each with its content. Beyond that the newest takes
/// the place of the one before it, whose report then counts for an older one: later, never too soon.
const MOST_WAITING: usize = 32;

/// The node's knowledge of its disk.
#[derive(Clone, Debug)]
pub struct Durability {
    /// The supervisor can make checkpoints durable at present.
    works: bool,
    /// The oldest checkpoint waits for longer than anybody should.
    stalled: bool,
    /// The highest revision used so far.
    revision: Revision,
    /// What would come back after a crash, as far as it is known.
    durable: Checkpoint,
    waiting: VecDeque<Waiting>,
}

#[derive(Clone, Debug)]
struct Waiting {
    revision: Revision,
    since: Instant,
    checkpoint: Checkpoint,
}

impl Durability {
    /// The knowledge of a node at the beginning of a life: this checkpoint is durable, or a blank
    /// one is where the node does not know, and so takes nothing for durable that it has not handed
    /// out itself. `revision` is the highest one used so far.
    pub fn new(durable: Checkpoint, revision: Revision) -> Self {
        Self { works: true, stalled: false, revision, durable, waiting: VecDeque::new() }
    }

    /// The revision under which to hand out this checkpoint, if it differs from the last one.
    pub fn changed(&mut self, now: Instant, checkpoint: &Checkpoint) -> Option<Revision> {
        if checkpoint == self.newest() {
            return None;
        }
        if self.waiting.len() == MOST_WAITING {
            self.waiting.pop_back();
        }
        self.revision = Revision(self.revision.0 + 1);
        let checkpoint = checkpoint.clone();
        self.waiting.push_back(Waiting { revision: self.revision, since: now, checkpoint });
        Some(self.revision)
    }

    /// The last checkpoint that was handed out.
    pub fn newest(&self) -> &Checkpoint {
        self.waiting.back().map_or(&self.durable, |waiting| &waiting.checkpoint)
    }

    /// This revision, and so every earlier one, is durable.
    pub fn saved(&mut self, revision: Revision) {
        let all = Sabotage::ReportCountsForAll.is_done();
        let reached = self.waiting.iter().take_while(|w| w.revision <= revision || all).count();
        if let Some(last) = self.waiting.drain(..reached).next_back() {
            self.durable = last.checkpoint;
        }
    }

    /// The supervisor can, or cannot, make checkpoints durable.
    pub fn disk(&mut self, works: bool) {
        self.works = works;
    }

    /// Lets time pass.
    pub fn keep_time(&mut self, now: Instant) {
        self.stalled = self.stalls_at().is_some_and(|deadline| deadline <= now);
    }

    /// When time will have changed something.
    pub fn next_wakeup(&self) -> Option<Instant> {
        self.stalls_at().filter(|_| !self.stalled)
    }

    /// Whether there is a disk to wait for.
    pub fn disk_works(&self) -> bool {
        self.works && !self.stalled
    }

    /// Whether nothing waits for a disk that works.
    pub fn is_settled(&self) -> bool {
        self.waiting.is_empty() || !self.disk_works()
    }

    /// The calls that would come back after a crash, as far as it is known.
    pub fn calls(&self) -> &Calls {
        &self.durable.calls
    }

    /// The other members that a next life would know, as far as it is known.
    pub fn members(&self) -> &Members {
        &self.durable.members
    }

    /// Whether a next life would know that the door was open at this floor, or cannot be made to:
    /// by what is durable, and by all that may become durable at any moment.
    pub fn keeps_door_open_at(&self, floor: Floor) -> bool {
        let waiting = self.waiting.iter().map(|waiting| &waiting.checkpoint);
        let knows = |c: &Checkpoint| c.memory.door_open && c.memory.floor == Some(floor);
        Sabotage::DoorIsNotKept.is_done()
            || !self.disk_works()
            || std::iter::once(&self.durable).chain(waiting).all(knows)
    }

    fn stalls_at(&self) -> Option<Instant> {
        self.waiting.front().map(|oldest| oldest.since + DISK_PATIENCE)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::building::{Building, Direction, LiftId};
    use crate::calls::{Actor, CabCall, Call, Calls, HallCall, Incarnation};

    const LIFT: LiftId = LiftId(1);

    fn at(milliseconds: u64) -> Instant {
        Instant::after_start(Duration::from_millis(milliseconds))
    }

    /// Whether the call would come back, or cannot be made to.
    fn keeps(disk: &Durability, calls: &Calls, call: Call) -> bool {
        !disk.disk_works() || calls.of(call).is_safe_with(call, disk.calls().of(call).context())
    }

    fn call() -> Call {
        Call::Cab(CabCall { lift: LIFT, floor: Floor::BOTTOM })
    }

    /// A checkpoint unlike any with another number.
    fn checkpoint(presses: usize) -> Checkpoint {
        let mut checkpoint = Checkpoint::blank(LIFT);
        for _ in 0..presses {
            checkpoint.calls.press(Actor { lift: LIFT, incarnation: Incarnation(1) }, call());
        }
        checkpoint
    }

    fn with_door(checkpoint: Checkpoint, floor: Option<Floor>, door_open: bool) -> Checkpoint {
        let memory = crate::lift::Memory { floor, door_open, direction: None };
        Checkpoint { memory, ..checkpoint }
    }

    fn durability() -> Durability {
        Durability::new(checkpoint(0), Revision(7))
    }

    #[test]
    fn every_change_is_handed_out_once_under_a_growing_revision() {
        let mut disk = durability();
        assert_eq!(disk.changed(at(0), &checkpoint(0)), None, "that is where it began");
        assert_eq!(disk.changed(at(0), &checkpoint(1)), Some(Revision(8)));
        assert_eq!(disk.changed(at(0), &checkpoint(1)), None);
        assert_eq!(disk.changed(at(0), &checkpoint(0)), Some(Revision(9)), "back is a change");
    }

    #[test]
    fn a_report_stands_for_itself_and_all_before_it() {
        let mut disk = durability();
        for presses in 1..=3 {
            disk.changed(at(0), &checkpoint(presses));
        }
        let newest = checkpoint(1).calls;
        assert!(!keeps(&disk, &newest, call()));
        disk.saved(Revision(9));
        assert!(keeps(&disk, &newest, call()));
        assert!(!disk.is_settled(), "revision 10 is on its way");
        disk.saved(Revision(10));
        assert!(disk.is_settled());
    }

    #[test]
    fn a_call_is_kept_by_the_checkpoint_that_has_it_and_by_none_before() {
        let building = Building::try_from(2).unwrap();
        let hall = HallCall::new(building, Floor::BOTTOM, Direction::Up).map(Call::Hall).unwrap();
        let mut both = checkpoint(1);
        both.calls.press(Actor { lift: LIFT, incarnation: Incarnation(1) }, hall);
        let mut disk = durability();
        disk.changed(at(0), &checkpoint(1));
        disk.changed(at(0), &both);
        disk.saved(Revision(8));
        assert!(keeps(&disk, &both.calls, call()));
        assert!(!keeps(&disk, &both.calls, hall));
    }

    #[test]
    fn a_disk_that_fails_or_stalls_keeps_nobody_waiting_until_it_works_again() {
        let mut disk = durability();
        disk.changed(at(0), &checkpoint(1));
        disk.disk(false);
        assert!(!disk.disk_works() && disk.is_settled());
        assert!(
            keeps(&disk, &checkpoint(1).calls, call()) && disk.keeps_door_open_at(Floor::BOTTOM)
        );
        disk.disk(true);
        assert!(!disk.is_settled() && !keeps(&disk, &checkpoint(1).calls, call()));
    }

    #[test]
    fn a_disk_stalls_when_its_oldest_checkpoint_has_waited_for_too_long() {
        let mut disk = durability();
        assert_eq!(disk.next_wakeup(), None);
        disk.changed(at(10), &checkpoint(1));
        disk.changed(at(4000), &checkpoint(2));
        let deadline = at(10) + DISK_PATIENCE;
        assert_eq!(disk.next_wakeup(), Some(deadline));
        disk.keep_time(at(5009));
        assert!(disk.disk_works());
        disk.keep_time(deadline);
        assert!(!disk.disk_works());
        assert_eq!(disk.next_wakeup(), None);
        disk.saved(Revision(8));
        disk.keep_time(deadline);
        assert!(disk.disk_works(), "the next one still has time");
    }

    #[test]
    fn a_door_is_kept_open_by_all_that_a_next_life_may_begin_with() {
        let (here, there) = (Floor::BOTTOM, Floor::try_from(1).unwrap());
        let open = with_door(checkpoint(0), Some(here), true);
        let mut disk = durability();
        disk.changed(at(0), &open);
        assert!(!disk.keeps_door_open_at(here), "not on the disk yet");
        disk.saved(Revision(8));
        assert!(disk.keeps_door_open_at(here) && !disk.keeps_door_open_at(there));
        disk.changed(at(0), &with_door(checkpoint(0), Some(here), false));
        disk.changed(at(0), &open);
        assert!(!disk.keeps_door_open_at(here), "the closed one may be what comes back");
        disk.saved(Revision(10));
        assert!(disk.keeps_door_open_at(here));
    }

    #[test]
    fn what_waits_for_the_disk_is_bounded_and_no_report_comes_too_soon() {
        let mut disk = durability();
        for presses in 1..=100 {
            disk.changed(at(0), &checkpoint(presses));
        }
        assert_eq!(disk.waiting.len(), MOST_WAITING);
        disk.saved(Revision(7 + 99));
        assert!(!disk.is_settled(), "the last of them has not been reported");
        assert_ne!(disk.durable, checkpoint(100));
        disk.saved(Revision(7 + 100));
        assert_eq!(disk.durable, checkpoint(100));
        assert!(disk.is_settled());
    }
}
