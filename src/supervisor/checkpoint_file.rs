//! A file that keeps one thing, its newest contents, through power loss, torn writes, flipped bits
//! and a lying disk.
//!
//! It has two slots, each with room for a whole copy, so that there is always a whole one while
//! the other is written:
//!
//! - [`CheckpointFile::save`] writes the slot that does not hold the newest copy and syncs: from
//!   then on the contents are durable, before the second copy is touched;
//! - [`CheckpointFile::settle`] brings the other slot to the same revision, so that two equal
//!   copies stand most of the time and damage to either costs nothing;
//! - the reader takes the newest whole copy.
//!
//! A disk that failed once may have thrown away what it had taken before, so after any failure the
//! file is never written again: a fresh one with both copies is made and takes its place. A file
//! that is not ours, or beyond use, is moved aside and kept.
//!
//! What was read may stand in the kernel's memory alone, because the life that wrote it ended
//! before its sync, or because that sync failed. So the first thing done with a file is to write
//! the newest copy upon itself: torn or not, the bytes on the disk are the same.
//!
//! It knows nothing of what it keeps, and never retries of its own accord.

use std::fmt;
use std::io::{self, ErrorKind};

use nix::libc;

use super::found::{Found, survey};
use super::slot::{self, Contents, HEADER};
use super::storage::{Storage, StoredFile};
use crate::sabotage::Sabotage;

/// The largest slot, in bytes: far above what a link carries, and a bound on what is read.
const LARGEST_SLOT: usize = 512 * 1024;

/// A file of two slots.
#[derive(Debug)]
pub struct CheckpointFile<S: Storage> {
    storage: S,
    fresh_slot: usize,
    contents: Option<Contents>,
    standing: Standing<S::File>,
    notes: Vec<Note>,
}

/// What may be done with the file that bears the name.
#[derive(Debug)]
enum Standing<F> {
    /// It may be written in place.
    Trusted(Slots<F>),
    /// There is none, or it failed: only a fresh file can take its place.
    Distrusted,
    /// It must be kept, so it is to be moved aside before anything takes its place.
    Obstructed,
}

#[derive(Debug)]
struct Slots<F> {
    file: F,
    /// Bytes for each slot.
    size: usize,
    /// The slot with the newest copy, and its revision.
    newest: (u16, u64),
    /// Whether the other slot holds the same.
    settled: bool,
}

/// A file as it was when it was opened.
#[derive(Debug)]
pub struct Opening<S: Storage> {
    /// The file; its contents, if any, are the newest whole copy.
    pub file: CheckpointFile<S>,
    /// What was found.
    pub found: Found,
    /// Whether what was found is durable now.
    pub disk: io::Result<()>,
}

/// What happened to a file beyond its everyday writing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Note {
    /// A fresh file took the place of one that is not trusted any more.
    Replaced {
        /// Why it is not trusted.
        why: String,
    },
    /// The file was moved aside and is kept under this name in the same directory.
    SetAside {
        /// The new name.
        name: String,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replaced { why } => {
                write!(f, "not trusted any more ({why}), a fresh file took its place")
            }
            Self::SetAside { name } => write!(f, "moved aside, kept as {name}"),
        }
    }
}

impl<S: Storage> CheckpointFile<S> {
    /// Reads what is there, makes one copy of it durable (see the module), and moves aside what
    /// cannot be used. A fresh file gets slots of at least `fresh_slot` bytes. What the disk does
    /// not even let us open is moved aside by a [`CheckpointFile::retry`]; until then the disk does
    /// not work.
    ///
    /// # Errors
    /// When a file is there that cannot be opened for another reason than the disk's: then it may
    /// well be whole.
    pub fn open(storage: S, fresh_slot: usize) -> io::Result<Opening<S>> {
        let read = storage.read(2 * LARGEST_SLOT);
        let fresh_slot = fresh_slot.next_power_of_two().max(slot::SMALLEST);
        let standing = Standing::Distrusted;
        let mut file = Self { storage, fresh_slot, contents: None, standing, notes: Vec::new() };
        let bytes = match read {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(Opening { file, found: Found::Nothing, disk: Ok(()) }),
            Err(error) if !is_fault_of_disk(&error) => return Err(error),
            Err(error) => {
                file.standing = Standing::Obstructed;
                return Ok(Opening { file, found: Found::Unreadable, disk: Err(error) });
            }
        };
        let (found, newest) = survey(&bytes);
        let disk = match newest {
            Some((slot, contents)) => file.refresh(&bytes, slot, contents),
            None => file.set_aside(),
        };
        Ok(Opening { file, found, disk })
    }

    /// The newest contents, durable or not.
    pub fn contents(&self) -> Option<&Contents> {
        self.contents.as_ref()
    }

    /// Whether something is still to be done for which the disk did not work.
    pub fn is_due(&self) -> bool {
        match self.standing {
            Standing::Trusted(_) => false,
            Standing::Distrusted => self.contents.is_some(),
            Standing::Obstructed => true,
        }
    }

    /// What happened to the file since this was asked last.
    pub fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }

    /// Makes these contents durable: they are when this returns without an error. If it cannot,
    /// they are kept in memory for a [`CheckpointFile::retry`].
    ///
    /// # Errors
    /// When no disk works, or the payload is beyond all measure.
    pub fn save(&mut self, contents: Contents) -> io::Result<()> {
        slot_size(&contents, self.fresh_slot)?;
        let written = match &mut self.standing {
            Standing::Trusted(slots) if slots.takes(&contents) => slots.write(&contents),
            _ => {
                self.contents = Some(contents);
                return self.retry();
            }
        };
        self.contents = Some(contents);
        self.replace_after(written)
    }

    /// Brings the second copy to the revision of the first. Nothing depends on it at once.
    ///
    /// # Errors
    /// When no disk works any more.
    pub fn settle(&mut self) -> io::Result<()> {
        let (Standing::Trusted(slots), Some(contents)) = (&mut self.standing, &self.contents)
        else {
            return Ok(());
        };
        let written = slots.settle(contents);
        self.replace_after(written)
    }

    /// Moves the file aside, with whatever it holds; the next contents go into a fresh one.
    ///
    /// # Errors
    /// When it still bears its name; a [`CheckpointFile::retry`] tries again.
    pub fn set_aside(&mut self) -> io::Result<()> {
        self.contents = None;
        self.standing = Standing::Obstructed;
        self.retry()
    }

    /// Does what is still to be done; the contents are durable if there is no error.
    ///
    /// # Errors
    /// When the disk still does not work.
    pub fn retry(&mut self) -> io::Result<()> {
        if matches!(self.standing, Standing::Obstructed) {
            match self.storage.set_aside() {
                Ok(name) => self.notes.push(Note::SetAside { name }),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
            self.standing = Standing::Distrusted;
        }
        self.replace()
    }

    /// Takes the found contents over and writes them anew: in place where that is the same bytes
    /// again, in a fresh file otherwise.
    fn refresh(&mut self, bytes: &[u8], newest: u16, contents: Contents) -> io::Result<()> {
        let size = bytes.len() / 2;
        let same = bytes.get(usize::from(newest) * size..).is_some_and(|found| {
            found[..size.min(found.len())].starts_with(&slot::encode(newest, &contents))
        });
        let written = if slot::is_layout(bytes.len()) && same {
            self.rewrite(size, newest, &contents)
        } else {
            Err(io::Error::other(format!("its {} bytes are not as now written", bytes.len())))
        };
        self.contents = Some(contents);
        self.replace_after(written)
    }

    fn rewrite(&mut self, size: usize, newest: u16, contents: &Contents) -> io::Result<()> {
        let file = self.storage.open()?;
        // As if the newest copy stood in the other slot, so that the write goes to its own.
        let mut slots = Slots { file, size, newest: (1 - newest, 0), settled: false };
        slots.write(contents)?;
        self.storage.sync_name()?;
        self.standing = Standing::Trusted(slots);
        Ok(())
    }

    /// Passes a success on; after a failure a fresh file takes the place.
    fn replace_after(&mut self, written: io::Result<()>) -> io::Result<()> {
        let Err(error) = written else { return Ok(()) };
        if Sabotage::FailedSyncIsBelieved.is_done() {
            return Ok(());
        }
        self.replace().map_err(|fresh| {
            io::Error::new(fresh.kind(), format!("{error}, and then a fresh file: {fresh}"))
        })?;
        self.notes.push(Note::Replaced { why: error.to_string() });
        Ok(())
    }

    /// Puts a fresh file with two copies of the contents in the place of whatever there is.
    fn replace(&mut self) -> io::Result<()> {
        let Some(contents) = &self.contents else { return Ok(()) };
        self.standing = Standing::Distrusted;
        let size = slot_size(contents, self.fresh_slot)?;
        let mut image = vec![0; 2 * size];
        for (slot, room) in (0..).zip(image.chunks_mut(size)) {
            let copy = slot::encode(slot, contents);
            room[..copy.len()].copy_from_slice(&copy);
        }
        let file = self.storage.create()?;
        file.write_at(0, &image)?;
        file.sync()?;
        self.storage.swap_in()?;
        let newest = (0, contents.revision);
        self.standing = Standing::Trusted(Slots { file, size, newest, settled: true });
        Ok(())
    }
}

impl<F: StoredFile> Slots<F> {
    /// Whether these contents can go into a slot: they fit, and the reader will take them for the
    /// newer.
    fn takes(&self, contents: &Contents) -> bool {
        HEADER + contents.payload.len() <= self.size && contents.revision > self.newest.1
    }

    /// Makes the contents durable in the slot that does not hold the newest copy.
    fn write(&mut self, contents: &Contents) -> io::Result<()> {
        let slot = 1 - self.newest.0;
        let written = self.write_slot(slot, contents);
        if !Sabotage::FailedSyncIsBelieved.is_done() {
            written?;
        }
        self.newest = (slot, contents.revision);
        self.settled = false;
        Ok(())
    }

    fn settle(&mut self, contents: &Contents) -> io::Result<()> {
        if !self.settled {
            self.write_slot(1 - self.newest.0, contents)?;
            self.settled = true;
        }
        Ok(())
    }

    fn write_slot(&self, slot: u16, contents: &Contents) -> io::Result<()> {
        let offset = u64::from(slot) * self.size as u64;
        self.file.write_at(offset, &slot::encode(slot, contents))?;
        self.file.sync()
    }
}

/// Whether it is the disk that does not let us open a file, and not a person or a shortage in this
/// machine.
fn is_fault_of_disk(error: &io::Error) -> bool {
    const SHORTAGES: [i32; 3] = [libc::EMFILE, libc::ENFILE, libc::ENOMEM];
    let is_shortage = error.raw_os_error().is_some_and(|number| SHORTAGES.contains(&number));
    error.kind() != ErrorKind::PermissionDenied && !is_shortage
}

/// The size of a fresh file's slots for these contents: a power of two, at least `fresh_slot`.
fn slot_size(contents: &Contents, fresh_slot: usize) -> io::Result<usize> {
    let size = (HEADER + contents.payload.len()).next_power_of_two().max(fresh_slot);
    if size > LARGEST_SLOT {
        let why = format!("{} bytes are more than a file keeps", contents.payload.len());
        return Err(io::Error::new(ErrorKind::InvalidInput, why));
    }
    Ok(size)
}
