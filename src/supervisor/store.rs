//! The state directory: what a node knows when it starts, and where it keeps what it must not
//! forget.
//!
//! - `checkpoint` holds the newest checkpoint, `proven` the last one with which a controller lived
//!   for long enough, `incarnation` the greatest incarnation that may have been used;
//! - `….aside-<n>` are files that could not be used, kept for whoever wants to know why;
//!   `….fresh` is a file about to take its place.

use super::checkpoint_file::{CheckpointFile, Note};
use super::files::{Files, Kept};
use super::found::Found;
use super::incarnation::Incarnations;
use super::lock::{Lock, OpenError};
use super::slot::Contents;
use super::storage::Directory;
use super::writer::Writer;

/// Bytes for each copy of a checkpoint at first: far more than one lift needs.
const CHECKPOINT_SLOT: usize = 16 * 1024;

/// Bytes for each copy of an incarnation: one block of the disk, which then never holds parts of
/// both.
const INCARNATION_SLOT: usize = 4096;

/// All that a start finds, and the thread that keeps it from here on.
#[derive(Debug)]
pub struct Store {
    /// Held for as long as this lives, and any child that shares it.
    pub lock: Lock,
    /// What to start with: the newest checkpoint, or the proven one where that is lost.
    pub checkpoint: Option<Contents>,
    /// What to start with when a controller cannot start with `checkpoint`.
    pub proven: Option<Contents>,
    /// The numbers of the lives to come.
    pub incarnations: Incarnations,
    /// Whether the disk works; if not, why. The writer reports each change from here on.
    pub disk: Result<(), String>,
    /// What was found, by file.
    pub found: Vec<(&'static str, Found)>,
    /// What was done about it, by file.
    pub notes: Vec<(&'static str, Note)>,
    /// The owner of the files.
    pub writer: Writer,
}

impl Store {
    /// Reads what the locked directory holds, makes sure that it is durable, and reserves
    /// incarnations. `unix_micros` is the wall clock in microseconds since 1970. A disk that does
    /// not work is no error: the node must serve all the same.
    ///
    /// # Errors
    /// When the directory or a file in it may not be used at all.
    pub fn open(lock: Lock, unix_micros: u64) -> Result<Self, OpenError> {
        lock.check_writable()?;
        let mut found = Vec::new();
        let mut open = |name, slot| {
            let place = Directory::new(lock.directory(), name);
            let path = place.path();
            let opening = CheckpointFile::open(place, slot)
                .map_err(|error| OpenError::Unreadable { path, error })?;
            found.push((name, opening.found));
            Ok(Kept::new(name, opening.file, opening.disk))
        };
        let mut files = Files {
            checkpoint: open("checkpoint", CHECKPOINT_SLOT)?,
            proven: open("proven", CHECKPOINT_SLOT)?,
            incarnation: open("incarnation", INCARNATION_SLOT)?,
        };
        let incarnations = begin(&mut files.incarnation, unix_micros);
        let proven = files.proven.contents().cloned();
        let checkpoint = files.checkpoint.contents().cloned().or_else(|| proven.clone());
        let disk = files.trouble().map_or(Ok(()), |why| Err(why.to_owned()));
        let notes = files.each().into_iter().flat_map(notes).collect();
        let writer = Writer::start(files).map_err(OpenError::Thread)?;
        Ok(Self { lock, checkpoint, proven, incarnations, disk, found, notes, writer })
    }

    /// The highest revision used so far, as far as it is known.
    pub fn revision(&self) -> u64 {
        let kept = [&self.checkpoint, &self.proven];
        kept.into_iter().flatten().map(|contents| contents.revision).max().unwrap_or(0)
    }
}

fn notes(kept: &mut Kept<Directory>) -> Vec<(&'static str, Note)> {
    let name = kept.name;
    kept.take_notes().into_iter().map(|note| (name, note)).collect()
}

/// The incarnations above all that may have been used, the first block of them durable if the
/// disk works.
fn begin(file: &mut Kept<Directory>, unix_micros: u64) -> Incarnations {
    let used = file.contents().map_or(0, |contents| contents.revision);
    let mut incarnations = Incarnations::starting(used, unix_micros);
    if let Some(revision) = incarnations.wanted() {
        file.save(Contents { revision, payload: Vec::new() });
        if file.trouble().is_none() {
            incarnations.reserved(revision);
        }
    }
    incarnations
}
