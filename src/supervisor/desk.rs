//! Where the loop and the writer meet: tasks one way, reports the other.
//!
//! A task that waits is replaced by a newer one of its kind, so neither a burst nor a stalled disk
//! makes anything grow. Nobody holds the desk while it waits for a disk.

use std::mem;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nix::sys::eventfd::{EfdFlags, EventFd};

use super::slot::Contents;
use super::writer::Report;

/// How long a disk that did not work is left alone before it is tried again.
pub(crate) const RETRY: Duration = Duration::from_secs(1);

/// The desk.
#[derive(Debug)]
pub struct Desk {
    papers: Mutex<Papers>,
    changed: Condvar,
    /// Readable while there are reports.
    bell: EventFd,
}

#[derive(Debug, Default)]
struct Papers {
    aside: Option<Aside>,
    checkpoint: Option<Contents>,
    reserve: Option<u64>,
    proven: Option<Contents>,
    finishing: bool,
    ended: bool,
    reports: Vec<Report>,
}

/// What the writer does next.
#[derive(Debug)]
pub enum Task {
    /// Move the checkpoint aside.
    SetAside(Aside),
    /// Make this checkpoint durable.
    Save(Contents),
    /// Make the incarnations up to this one durable.
    Reserve(u64),
    /// Keep this checkpoint as the proven one.
    KeepProven(Contents),
    /// Nothing waits: write the second copies.
    Settle,
    /// Time to try again what the disk did not take.
    Retry,
}

/// A checkpoint that is to be moved aside.
#[derive(Debug, Default)]
pub struct Aside {
    /// What was still waiting to be saved; it belongs to what is moved aside.
    pub last: Option<Contents>,
    /// Whether the proven checkpoint goes with it.
    pub proven: bool,
}

/// What the writer still has to do of its own accord.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rest {
    /// Nothing.
    Done,
    /// Second copies.
    Settle,
    /// What the disk did not take.
    Retry,
}

impl Desk {
    /// An empty desk.
    ///
    /// # Errors
    /// When the process has no descriptors left.
    pub fn new() -> nix::Result<Self> {
        let bell = EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?;
        Ok(Self { papers: Mutex::default(), changed: Condvar::new(), bell })
    }

    /// Leaves a checkpoint to be saved.
    pub fn save(&self, contents: Contents) {
        self.put(|papers| papers.checkpoint = Some(contents));
    }

    /// Leaves a checkpoint to be kept as the proven one.
    pub fn keep_proven(&self, contents: Contents) {
        self.put(|papers| papers.proven = Some(contents));
    }

    /// Asks for the checkpoint, with any that waits, to be moved aside.
    pub fn set_aside(&self, proven: bool) {
        self.put(|papers| {
            let aside = papers.aside.get_or_insert_default();
            aside.proven |= proven;
            aside.last = papers.checkpoint.take().or(aside.last.take());
            if proven {
                papers.proven = None;
            }
        });
    }

    /// Asks for incarnations to be reserved.
    pub fn reserve(&self, up_to: u64) {
        self.put(|papers| papers.reserve = papers.reserve.max(Some(up_to)));
    }

    /// Tells the writer to end when nothing waits any more.
    pub fn finish(&self) {
        self.put(|papers| papers.finishing = true);
    }

    /// Waits until the writer has ended, at most for `patience`; whether it has.
    pub fn wait_for_end(&self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        let mut papers = self.papers();
        while !papers.ended {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.changed.wait_timeout(papers, left);
            papers = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Takes all reports, oldest first.
    pub fn reports(&self) -> Vec<Report> {
        // The bell is silenced first: whatever is reported from here on rings it again.
        let _ = self.bell.read();
        mem::take(&mut self.papers().reports)
    }

    /// The next task of the writer; none at the end. Waits while nothing is to be done.
    pub fn next(&self, rest: Rest) -> Option<Task> {
        let mut papers = self.papers();
        loop {
            if let Some(task) = papers.take() {
                return Some(task);
            }
            if rest == Rest::Settle {
                return Some(Task::Settle);
            }
            if papers.finishing {
                return None;
            }
            if rest == Rest::Done {
                papers = self.changed.wait(papers).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let waited = self.changed.wait_timeout(papers, RETRY);
            let (again, wait) = waited.unwrap_or_else(PoisonError::into_inner);
            if wait.timed_out() {
                return Some(Task::Retry);
            }
            papers = again;
        }
    }

    /// Leaves a report, and rings.
    pub fn report(&self, report: Report) {
        self.papers().report(report);
        // It can only fail when it rings already.
        let _ = self.bell.write(1);
    }

    /// The writer has ended.
    pub fn end(&self) {
        self.put(|papers| papers.ended = true);
    }

    fn put(&self, change: impl FnOnce(&mut Papers)) {
        change(&mut self.papers());
        self.changed.notify_all();
    }

    fn papers(&self) -> MutexGuard<'_, Papers> {
        self.papers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AsFd for Desk {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.bell.as_fd()
    }
}

impl Papers {
    /// What is set aside goes first: what waits to be saved was left later.
    fn take(&mut self) -> Option<Task> {
        None.or_else(|| self.aside.take().map(Task::SetAside))
            .or_else(|| self.checkpoint.take().map(Task::Save))
            .or_else(|| self.reserve.take().map(Task::Reserve))
            .or_else(|| self.proven.take().map(Task::KeepProven))
    }

    fn report(&mut self, report: Report) {
        match (self.reports.last_mut(), &report) {
            (Some(Report::Saved(before)), Report::Saved(now)) => *before = *now,
            _ => self.reports.push(report),
        }
    }
}
