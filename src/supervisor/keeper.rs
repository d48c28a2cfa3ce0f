//! The supervisor's memory at work: what is at hand in memory, what the writer makes durable, and
//! what becomes of it.

use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use log::{debug, error, info, warn};

use super::checkpoints::Checkpoints;
use super::incarnation::Incarnations;
use super::lock::Lock;
use super::policy::Candidate;
use super::store::Store;
use super::writer::{Report, Writer};

/// How long the last checkpoint may take to reach the disk when the supervisor ends.
const FINISH_PATIENCE: Duration = Duration::from_secs(1);

/// What a controller must be told of the disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum News {
    /// Checkpoints up to this one are durable.
    Saved(u64),
    /// Whether checkpoints can be made durable.
    Disk {
        /// Whether they can.
        works: bool,
    },
}

/// Keeps what must outlive a controller.
#[derive(Debug)]
pub struct Keeper {
    checkpoints: Checkpoints,
    incarnations: Incarnations,
    trouble: Option<String>,
    writer: Writer,
    /// Held until the very end.
    _lock: Lock,
}

impl Keeper {
    /// Takes over what was found in the state directory, and says in the log what that was.
    pub fn new(store: Store) -> Self {
        tell_findings(&store);
        let Store { lock, checkpoint, proven, incarnations, disk, writer, .. } = store;
        let checkpoints = Checkpoints::found(checkpoint, proven, disk.is_ok());
        Self { checkpoints, incarnations, trouble: disk.err(), writer, _lock: lock }
    }

    /// The number of a new life.
    pub fn next_incarnation(&mut self) -> u64 {
        if !self.incarnations.is_reserved() {
            warn!("the number of the next life is not durable, it is unique by the clock alone");
        }
        let incarnation = self.incarnations.take();
        self.reserve_incarnations();
        incarnation
    }

    /// The next life must have a greater number than this, and one of its own time: two supervisors
    /// that are told to rise above the same number do not both take the one behind it.
    pub fn rise_above(&mut self, incarnation: u64, unix_micros: u64) {
        self.incarnations.rise_above(incarnation.max(unix_micros));
        self.reserve_incarnations();
    }

    fn reserve_incarnations(&mut self) {
        if let Some(up_to) = self.incarnations.wanted() {
            self.writer.reserve(up_to);
        }
    }

    /// The checkpoints.
    pub fn checkpoints(&self) -> &Checkpoints {
        &self.checkpoints
    }

    /// Chooses the checkpoint for a new life; returns its revision.
    pub fn hand_out(&mut self, candidate: Candidate) -> Option<u64> {
        self.checkpoints.hand_out(candidate).map(|contents| contents.revision)
    }

    /// Takes a new checkpoint in, and has it made durable.
    ///
    /// # Errors
    /// When it is not numbered above all others.
    pub fn receive(&mut self, revision: u64, payload: Vec<u8>) -> Result<(), String> {
        self.checkpoints.receive(revision, payload.clone())?;
        self.writer.save(revision, payload);
        Ok(())
    }

    /// What the present life began with is proven.
    pub fn prove(&mut self) {
        if let Some(proven) = self.checkpoints.prove() {
            debug!("a checkpoint is proven revision={}", proven.revision);
            self.writer.keep_proven(proven.revision, proven.payload.clone());
        }
    }

    /// No controller can begin with these: out of the way with them.
    pub fn set_aside(&mut self, guilty: &[Candidate]) {
        if self.checkpoints.received().is_none() {
            return;
        }
        let revision = self.checkpoints.begun_with().map(|contents| contents.revision);
        error!(
            "no controller could begin with the checkpoint, calls may be lost: set aside={guilty:?} used_instead={}",
            number_or_none(revision)
        );
        self.checkpoints.set_aside(guilty);
        self.writer.set_aside(guilty.contains(&Candidate::Proven));
    }

    /// Why checkpoints cannot be made durable at present, if they cannot.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// What the disk has done since this was asked last, as far as a controller must know.
    pub fn news(&mut self) -> Vec<News> {
        let reports = self.writer.reports();
        reports.into_iter().filter_map(|report| self.hear(report)).collect()
    }

    fn hear(&mut self, report: Report) -> Option<News> {
        match report {
            Report::Saved(revision) => {
                self.checkpoints.saved(revision);
                return Some(News::Saved(revision));
            }
            Report::NoDisk(trouble) => {
                tell_no_disk(&trouble);
                self.trouble = Some(trouble);
                return Some(News::Disk { works: false });
            }
            Report::DiskWorks => {
                info!("the disk works again");
                self.trouble = None;
                return Some(News::Disk { works: true });
            }
            Report::Reserved(up_to) => self.incarnations.reserved(up_to),
            Report::NotKept(trouble) => warn!("the proven checkpoint is not kept: {trouble}"),
            Report::Noted(file, note) => warn!("the file {file} was {note}"),
        }
        None
    }

    /// Ends, as soon as everything is durable or the disk has had its time.
    pub fn finish(self) {
        if !self.writer.finish(FINISH_PATIENCE) {
            warn!("the disk holds up the last checkpoint, it may not be durable");
        }
    }
}

impl AsFd for Keeper {
    /// Readable when there may be news.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.writer.as_fd()
    }
}

/// A revision for the log.
pub fn number_or_none(revision: Option<u64>) -> String {
    revision.map_or("none".to_owned(), |revision| revision.to_string())
}

fn tell_findings(store: &Store) {
    for (file, found) in &store.found {
        if found.is_fault() {
            warn!("the file {file} is damaged: {found}");
        } else {
            debug!("read the file {file}: {found}");
        }
    }
    for (file, note) in &store.notes {
        warn!("the file {file} was {note}");
    }
    if let Err(trouble) = &store.disk {
        tell_no_disk(trouble);
    }
}

fn tell_no_disk(trouble: &str) {
    error!("no disk: checkpoints are not durable, trying again every second: {trouble}");
}
