//! What a file that must survive everything needs of a disk, and nothing more.
//!
//! The traits are a seam: [`Directory`] keeps the files on a real disk, a test puts a disk in its
//! place that tears, forgets, fails or stalls at any operation.
//!
//! What is expected of a disk: bytes written are certain only after a [`StoredFile::sync`] that
//! succeeded, and until then any part of them may have arrived. A failed sync may have thrown
//! bytes away and forgotten that it did, so that a later one succeeds without them. A name is
//! certain after a [`Storage::swap_in`], [`Storage::set_aside`] or [`Storage::sync_name`] that
//! succeeded; until then it stands for its old or its new file, never for a mixture.

use std::fmt::Debug;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::libc;

/// The place of one named file.
pub trait Storage {
    /// An open file.
    type File: StoredFile;

    /// The whole file, or its first `most` bytes; none when there is no such file. Where the disk
    /// cannot read its own blocks there are zeros; what is no regular file counts as empty.
    ///
    /// # Errors
    /// When the file is there, but cannot be opened.
    fn read(&self, most: usize) -> io::Result<Option<Vec<u8>>>;

    /// The present file, to be written in place.
    ///
    /// # Errors
    /// When there is none, or it may not be written.
    fn open(&self) -> io::Result<Self::File>;

    /// A fresh, empty file without a name that counts, until it is swapped in.
    ///
    /// # Errors
    /// When the directory takes no more files.
    fn create(&self) -> io::Result<Self::File>;

    /// Puts the file created last in the place of the present one, for certain.
    ///
    /// # Errors
    /// When it is not certain which of the two bears the name.
    fn swap_in(&self) -> io::Result<()>;

    /// Moves the present file aside, for certain, and says under which name it is kept. Overwrites
    /// nothing; forgets the oldest of many.
    ///
    /// # Errors
    /// When it is not certain which name the file bears.
    fn set_aside(&self) -> io::Result<String>;

    /// Makes certain that the name stands for the file for which it seems to stand.
    ///
    /// # Errors
    /// When that is not certain.
    fn sync_name(&self) -> io::Result<()>;
}

/// An open file. After an error of either operation it is to be dropped, not tried again.
pub trait StoredFile: Debug {
    /// Writes all `bytes` from `offset` on.
    ///
    /// # Errors
    /// When any part of them may be missing.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Makes all that was written certain.
    ///
    /// # Errors
    /// When it is not.
    fn sync(&self) -> io::Result<()>;
}

impl StoredFile for File {
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }
}

/// A file of this name in a real directory.
#[derive(Clone, Debug)]
pub struct Directory {
    directory: PathBuf,
    name: &'static str,
}

/// How many files of one name are kept aside.
const MOST_ASIDE: usize = 8;

/// The unit in which a damaged file is read, so that one bad block does not hide its neighbours.
const BLOCK: usize = 4096;

impl Directory {
    /// The place of the file `name` in `directory`.
    pub fn new(directory: &Path, name: &'static str) -> Self {
        Self { directory: directory.to_owned(), name }
    }

    /// Where the file is, for messages.
    pub fn path(&self) -> PathBuf {
        self.directory.join(self.name)
    }

    fn fresh_path(&self) -> PathBuf {
        self.directory.join(format!("{}.fresh", self.name))
    }

    /// The numbers of the files kept aside, smallest first.
    fn aside(&self) -> io::Result<Vec<u64>> {
        let prefix = format!("{}.aside-", self.name);
        let mut numbers = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let name = entry?.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix(&prefix));
            numbers.extend(number.and_then(|number| number.parse::<u64>().ok()));
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn aside_name(&self, number: u64) -> String {
        format!("{}.aside-{number}", self.name)
    }
}

impl Storage for Directory {
    type File = File;

    fn read(&self, most: usize) -> io::Result<Option<Vec<u8>>> {
        // Without O_NONBLOCK a pipe of this name would hold us for ever.
        let opened = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(self.path());
        let file = match opened {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let about = file.metadata()?;
        let length = if about.is_file() { about.len() } else { 0 };
        let mut bytes = vec![0; usize::try_from(length).map_or(most, |length| length.min(most))];
        for (offset, block) in (0..).step_by(BLOCK).zip(bytes.chunks_mut(BLOCK)) {
            if file.read_exact_at(block, offset).is_err() {
                block.fill(0);
            }
        }
        Ok(Some(bytes))
    }

    fn open(&self) -> io::Result<File> {
        OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK).open(self.path())
    }

    fn create(&self) -> io::Result<File> {
        match fs::remove_file(self.fresh_path()) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(self.fresh_path())
    }

    fn swap_in(&self) -> io::Result<()> {
        fs::rename(self.fresh_path(), self.path())?;
        self.sync_name()
    }

    fn set_aside(&self) -> io::Result<String> {
        let aside = self.aside()?;
        let name = self.aside_name(aside.last().map_or(1, |last| last.saturating_add(1)));
        fs::rename(self.path(), self.directory.join(&name))?;
        self.sync_name()?;
        let surplus = (aside.len() + 1).saturating_sub(MOST_ASIDE);
        for &number in &aside[..surplus] {
            // What cannot be removed does no harm but to take room.
            let _ = fs::remove_file(self.directory.join(self.aside_name(number)));
        }
        Ok(name)
    }

    fn sync_name(&self) -> io::Result<()> {
        File::open(&self.directory)?.sync_all()
    }
}
