//! The supervisor's writer in virtual time: the real files, on a disk that takes its time.
//!
//! What the real one does in a thread ([`crate::supervisor::writer`]) happens here between two
//! moments: a task begins, and when the disk has had its time it is done by the real code, all at
//! once. Whatever kills it in between lets it die after some of its operations.

use std::time::Duration;

use super::chance::Chance;
use super::disk::{Disk, PlaceOnDisk};
use crate::supervisor::checkpoint_file::CheckpointFile;
use crate::supervisor::files::{Files, Kept};
use crate::supervisor::slot::Contents;
use crate::supervisor::writer::RETRY;
use crate::time::{Instant, earliest};

/// Bytes for each copy of a checkpoint, and of an incarnation: less than in a real file, which
/// leaves room for groups that do not occur here.
const SLOT: usize = 2048;

/// The writer of one supervisor.
#[derive(Debug)]
pub struct Writer {
    disk: Disk,
    files: Files<PlaceOnDisk>,
    chance: Chance,
    /// How long the disk takes for one task, at most.
    takes: Duration,
    waiting: Waiting,
    busy: Option<(Instant, Task)>,
    settled: bool,
    retry_at: Option<Instant>,
    said: Said,
}

/// What is left to do, the newest of each kind.
#[derive(Debug, Default)]
struct Waiting {
    save: Option<Contents>,
    proven: Option<Contents>,
    reserve: Option<u64>,
    aside: Option<bool>,
}

#[derive(Debug)]
enum Task {
    Save(Contents),
    KeepProven(Contents),
    Reserve(u64),
    SetAside { proven: bool },
    Settle,
    Retry,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Said {
    saved: Option<u64>,
    reserved: Option<u64>,
    disk_works: bool,
}

/// What has become of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Report {
    /// Checkpoints up to this one are durable.
    Saved(u64),
    /// Incarnations up to this one are durable.
    Reserved(u64),
    /// Whether the disk works, from now on.
    Disk(bool),
}

impl Writer {
    /// Opens the files, as a supervisor does that starts.
    pub fn open(disk: &Disk, takes: Duration, chance: Chance) -> Self {
        disk.revive_user();
        let open = |name| {
            let file = CheckpointFile::open(disk.place(name), SLOT);
            let opening = file.unwrap_or_else(|error| unreachable!("a disk reads: {error}"));
            Kept::new(name, opening.file, opening.disk)
        };
        let files = Files {
            checkpoint: open("checkpoint"),
            proven: open("proven"),
            incarnation: open("incarnation"),
        };
        let said = Said::of(&files);
        let disk = disk.clone();
        let waiting = Waiting::default();
        Self {
            disk,
            files,
            chance,
            takes,
            waiting,
            busy: None,
            settled: false,
            retry_at: None,
            said,
        }
    }

    /// The checkpoint found, or else the proven one; and the proven one.
    pub fn found(&self) -> (Option<Contents>, Option<Contents>) {
        let proven = self.files.proven.contents().cloned();
        (self.files.checkpoint.contents().cloned().or_else(|| proven.clone()), proven)
    }

    /// The greatest incarnation that may have been used.
    pub fn used_incarnation(&self) -> u64 {
        self.files.incarnation.contents().map_or(0, |contents| contents.revision)
    }

    /// Whether the disk works, as far as is known.
    pub fn disk_works(&self) -> bool {
        self.files.trouble().is_none()
    }

    /// Makes incarnations durable at once, as a start does; whether it could.
    pub fn reserve_now(&mut self, up_to: u64) -> bool {
        self.perform(Task::Reserve(up_to));
        self.said = Said::of(&self.files);
        self.files.incarnation.trouble().is_none()
    }

    /// Makes this durable, instead of any that still waits.
    pub fn save(&mut self, contents: Contents) {
        self.waiting.save = Some(contents);
    }

    /// Keeps this as the proven checkpoint.
    pub fn keep_proven(&mut self, contents: Contents) {
        self.waiting.proven = Some(contents);
    }

    /// Reserves incarnations.
    pub fn reserve(&mut self, up_to: u64) {
        self.waiting.reserve = Some(up_to);
    }

    /// Moves the checkpoint aside, and the proven one too if so said.
    pub fn set_aside(&mut self, proven: bool) {
        self.waiting.save = None;
        self.waiting.aside = Some(self.waiting.aside.unwrap_or(false) || proven);
    }

    /// When there is something to do.
    pub fn next(&self, now: Instant) -> Option<Instant> {
        let idle = self.busy.is_none();
        let waits = idle && (self.waiting.any() || !self.settled);
        earliest([
            self.busy.as_ref().map(|(done, _)| *done).filter(|_| !self.disk.health().stalls),
            waits.then_some(now),
            self.retry_at.filter(|_| idle),
        ])
    }

    /// Does what is due by now, and reports.
    pub fn advance(&mut self, now: Instant) -> Vec<Report> {
        if let Some((done, _)) = &self.busy
            && (*done > now || self.disk.health().stalls)
        {
            return Vec::new();
        }
        if let Some((_, task)) = self.busy.take() {
            self.settled = matches!(task, Task::Settle);
            if matches!(task, Task::Retry) {
                self.retry_at = None;
            }
            self.perform(task);
            let is_due = self.files.each().iter().any(|kept| kept.is_due());
            self.retry_at = is_due.then(|| self.retry_at.unwrap_or(now + RETRY));
        }
        self.begin(now);
        self.report()
    }

    /// The process dies in the middle of what it does.
    pub fn die(mut self) {
        if let Some((_, task)) = self.busy.take() {
            self.disk.kill_user_after(self.chance.below(5));
            self.perform(task);
        }
    }

    /// Ends in order: everything is done that the disk allows.
    pub fn finish(mut self) {
        if self.disk.health().stalls {
            return self.die();
        }
        let busy = self.busy.take().map(|(_, task)| task);
        if let Some(task) = busy {
            self.perform(task);
        }
        while let Some(task) = self.waiting.take() {
            self.perform(task);
        }
    }

    fn begin(&mut self, now: Instant) {
        let retry = self.retry_at.is_some_and(|at| at <= now);
        let waiting = if retry { Some(Task::Retry) } else { self.waiting.take() };
        let task = match waiting {
            Some(task) => task,
            None if !self.settled => Task::Settle,
            None => return,
        };
        self.busy = Some((now + self.chance.span(self.takes / 8, self.takes), task));
    }

    fn perform(&mut self, task: Task) {
        let Files { checkpoint, proven, incarnation } = &mut self.files;
        match task {
            Task::Save(contents) => checkpoint.save(contents),
            Task::KeepProven(contents) => proven.save(contents),
            Task::Reserve(revision) => incarnation.save(Contents { revision, payload: vec![] }),
            Task::SetAside { proven: also } => {
                checkpoint.set_aside();
                if also {
                    proven.set_aside();
                }
            }
            Task::Settle => self.files.each().into_iter().for_each(Kept::settle),
            Task::Retry => self.files.each().into_iter().for_each(Kept::retry),
        }
    }

    fn report(&mut self) -> Vec<Report> {
        let (before, now) = (self.said, Said::of(&self.files));
        if before == now {
            return Vec::new();
        }
        self.said = now;
        let disk = (before.disk_works != now.disk_works).then_some(Report::Disk(now.disk_works));
        let saved = now.saved.filter(|_| before.saved != now.saved).map(Report::Saved);
        let reserved = now.reserved.filter(|_| before.reserved != now.reserved);
        [disk, saved, reserved.map(Report::Reserved)].into_iter().flatten().collect()
    }
}

impl Waiting {
    fn any(&self) -> bool {
        let Self { save, proven, reserve, aside } = self;
        save.is_some() || proven.is_some() || reserve.is_some() || aside.is_some()
    }

    fn take(&mut self) -> Option<Task> {
        let aside = self.aside.take().map(|proven| Task::SetAside { proven });
        aside
            .or_else(|| self.save.take().map(Task::Save))
            .or_else(|| self.reserve.take().map(Task::Reserve))
            .or_else(|| self.proven.take().map(Task::KeepProven))
    }
}

impl Said {
    fn of(files: &Files<PlaceOnDisk>) -> Self {
        Self {
            saved: files.checkpoint.durable(),
            reserved: files.incarnation.durable(),
            disk_works: files.trouble().is_none(),
        }
    }
}
