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
use crate::calls::{CallSet, Context};
use crate::config::DISK_PATIENCE;
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
    /// The knowledge of a node that has just been given this checkpoint: it is where a next life
    /// would begin, too. `revision` is the highest one used so far.
    pub fn new(restored: Checkpoint, revision: Revision) -> Self {
        Self { works: true, stalled: false, revision, durable: restored, waiting: VecDeque::new() }
    }

    /// The revision under which to hand out this checkpoint, if it differs from the last one.
    pub fn changed(&mut self, now: Instant, checkpoint: &Checkpoint) -> Option<Revision> {
        let newest = self.waiting.back().map_or(&self.durable, |waiting| &waiting.checkpoint);
        if checkpoint == newest {
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

    /// This revision, and so every earlier one, is durable.
    pub fn saved(&mut self, revision: Revision) {
        let reached = self.waiting.iter().take_while(|w| w.revision <= revision).count();
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

    /// What would come back after a crash, as far as it is known.
    pub fn kept(&self) -> &Context {
        self.durable.calls.context()
    }

    /// Whether a crash would bring back the very same calls.
    pub fn holds(&self, calls: &CallSet) -> bool {
        self.durable.calls == *calls
    }

    /// Whether a next life would know that the door was open at this floor, or cannot be made to:
    /// by what is durable, and by all that may become durable at any moment.
    pub fn keeps_door_open_at(&self, floor: Floor) -> bool {
        let waiting = self.waiting.iter().map(|waiting| &waiting.checkpoint);
        let knows = |c: &Checkpoint| c.memory.door_open && c.memory.floor == Some(floor);
        !self.disk_works() || std::iter::once(&self.durable).chain(waiting).all(knows)
    }

    fn stalls_at(&self) -> Option<Instant> {
        self.waiting.front().map(|oldest| oldest.since + DISK_PATIENCE)
    }
}
