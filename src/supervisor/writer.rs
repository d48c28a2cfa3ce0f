//! The thread that waits for the disk, so that the supervisor's loop never does.
//!
//! It owns the files once the start is over. [`Writer`] is the loop's end of it: it leaves things
//! to do and never waits; a checkpoint that still waits is replaced by a newer one, so a burst
//! costs one sync. What became of them is reported, and a descriptor is readable when there are
//! reports. While no disk works the thread tries again every second, with the newest of
//! everything.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::checkpoint_file::Note;
use super::desk::{Desk, Rest, Task};
use super::files::{Files, Kept};
use super::slot::Contents;
use super::storage::Storage;

/// How long a disk that did not work is left alone before it is tried again.
pub(crate) const RETRY: Duration = Duration::from_secs(1);

/// What the thread has to say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Report {
    /// The checkpoint of this revision, and so every earlier one, is durable.
    Saved(u64),
    /// The incarnations up to this one are durable.
    Reserved(u64),
    /// Checkpoints or incarnations cannot be made durable any more; why. Said on change only.
    NoDisk(String),
    /// They can again. Said on change only.
    DiskWorks,
    /// The proven checkpoint cannot be kept; why. Said on change only.
    NotKept(String),
    /// Something happened to the file of this name that a person may want to know.
    Noted(&'static str, Note),
}

/// The loop's end of the thread. Dropped, it lets the thread end in its own time.
#[derive(Debug)]
pub struct Writer {
    desk: Arc<Desk>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread. Only what changes from here on is reported: the caller knows what
    /// [`Files::trouble`] says now.
    ///
    /// # Errors
    /// When the process may have no more threads or descriptors.
    pub fn start<S>(files: Files<S>) -> io::Result<Self>
    where
        S: Storage + Send + 'static,
        S::File: Send,
    {
        let desk = Arc::new(Desk::new()?);
        let work = Work::new(files, Arc::clone(&desk));
        let builder = thread::Builder::new().name("writer".to_owned());
        let thread = builder.spawn(move || work.run())?;
        Ok(Self { desk, thread: Some(thread) })
    }

    /// Makes this checkpoint durable, instead of any that still waits. Never blocks.
    pub fn save(&self, revision: u64, payload: Vec<u8>) {
        self.desk.save(Contents { revision, payload });
    }

    /// Keeps this checkpoint as the proven one. Never blocks.
    pub fn keep_proven(&self, revision: u64, payload: Vec<u8>) {
        self.desk.keep_proven(Contents { revision, payload });
    }

    /// Moves the checkpoint aside, and the proven one if `proven` says so: a controller cannot
    /// start with it. What still waits to be saved belongs to it; what is saved afterwards does
    /// not. Never blocks.
    pub fn set_aside(&self, proven: bool) {
        self.desk.set_aside(proven);
    }

    /// Makes durable that incarnations up to this one may be used. Never blocks.
    pub fn reserve(&self, up_to: u64) {
        self.desk.reserve(up_to);
    }

    /// What the thread has reported since this was asked last, oldest first.
    pub fn reports(&self) -> Vec<Report> {
        self.desk.reports()
    }

    /// Has everything done that was left to do, as far as the disk works, and ends the thread; at
    /// most for `patience`. False when the disk still holds the thread: it is left behind, and
    /// what it had not reported may be lost.
    pub fn finish(mut self, patience: Duration) -> bool {
        self.desk.finish();
        let ended = self.desk.wait_for_end(patience);
        match self.thread.take() {
            Some(thread) if ended => thread.join().is_ok(),
            _ => false,
        }
    }
}

impl AsFd for Writer {
    /// Readable when there are reports.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.desk.as_fd()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.desk.finish();
    }
}

/// The thread, and what it has reported.
struct Work<S: Storage> {
    files: Files<S>,
    desk: Arc<Desk>,
    said: Said,
}

/// The state of the files as far as the loop knows it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Said {
    saved: Option<u64>,
    reserved: Option<u64>,
    disk_works: bool,
    proven_kept: bool,
}

impl Said {
    fn of<S: Storage>(files: &Files<S>) -> Self {
        Self {
            saved: files.checkpoint.durable(),
            reserved: files.incarnation.durable(),
            disk_works: files.trouble().is_none(),
            proven_kept: files.proven.trouble().is_none(),
        }
    }
}

impl<S: Storage> Work<S> {
    fn new(files: Files<S>, desk: Arc<Desk>) -> Self {
        let said = Said::of(&files);
        Self { files, desk, said }
    }

    fn run(mut self) {
        let mut rest = Rest::Settle;
        let mut retry_at = None;
        while let Some(task) = self.desk.next(rest, retry_at) {
            rest = if let Task::Settle = task { Rest::Done } else { Rest::Settle };
            if let Task::Retry = task {
                retry_at = None;
            }
            self.perform(task);
            self.report();
            // Counted from the failure on, whatever is done meanwhile.
            let is_due = self.files.each().iter().any(|kept| kept.is_due());
            retry_at = is_due.then(|| retry_at.unwrap_or_else(|| Instant::now() + RETRY));
        }
        self.desk.end();
    }

    fn perform(&mut self, task: Task) {
        let Files { checkpoint, proven, incarnation } = &mut self.files;
        match task {
            Task::SetAside(aside) => {
                if let Some(last) = aside.last {
                    checkpoint.save(last);
                }
                checkpoint.set_aside();
                if aside.proven {
                    proven.set_aside();
                }
            }
            Task::Save(contents) => checkpoint.save(contents),
            Task::Reserve(revision) => {
                incarnation.save(Contents { revision, payload: Vec::new() });
            }
            Task::KeepProven(contents) => proven.save(contents),
            Task::Settle => self.files.each().into_iter().for_each(Kept::settle),
            Task::Retry => self.files.each().into_iter().for_each(Kept::retry),
        }
    }

    /// Reports what has changed; that the disk works before what it has done.
    fn report(&mut self) {
        for kept in self.files.each() {
            for note in kept.take_notes() {
                self.desk.report(Report::Noted(kept.name, note));
            }
        }
        let (before, now) = (self.said, Said::of(&self.files));
        if before.disk_works != now.disk_works {
            self.desk.report(match self.files.trouble() {
                Some(why) => Report::NoDisk(why.to_owned()),
                None => Report::DiskWorks,
            });
        }
        if let Some(why) = self.files.proven.trouble().filter(|_| before.proven_kept) {
            self.desk.report(Report::NotKept(why.to_owned()));
        }
        if let Some(revision) = now.saved.filter(|_| before.saved != now.saved) {
            self.desk.report(Report::Saved(revision));
        }
        if let Some(up_to) = now.reserved.filter(|_| before.reserved != now.reserved) {
            self.desk.report(Report::Reserved(up_to));
        }
        self.said = now;
    }
}
