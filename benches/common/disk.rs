//! The disk and little else: what no checkpoint gets round.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use lift_group::supervisor::slot::HEADER;

/// A checkpoint's size in bytes: that of a lift with a dozen calls.
const PAYLOAD: usize = 256;

/// A file of two slots and nothing more.
pub struct BareFile(File);

impl BareFile {
    const SLOT: usize = 16 * 1024;

    /// A file in this directory.
    pub fn create(directory: &Path) -> io::Result<Self> {
        let file = File::create(directory.join("bare"))?;
        file.write_all_at(&vec![0; 2 * Self::SLOT], 0)?;
        file.sync_all()?;
        Ok(Self(file))
    }

    /// The least that can be done for a checkpoint, and how long that takes.
    pub fn save(&self, revision: u64) -> io::Result<Duration> {
        let mut bytes = payload(revision);
        bytes.resize(HEADER + PAYLOAD, 0);
        timed(|| {
            self.0.write_all_at(&bytes, revision % 2 * Self::SLOT as u64)?;
            self.0.sync_data()
        })
    }
}

/// Bytes that differ each time.
pub fn payload(revision: u64) -> Vec<u8> {
    vec![revision.to_le_bytes()[0]; PAYLOAD]
}

/// How long this takes.
pub fn timed(work: impl FnOnce() -> io::Result<()>) -> io::Result<Duration> {
    let begun = Instant::now();
    work()?;
    Ok(begun.elapsed())
}
