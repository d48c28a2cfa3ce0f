//! The files of a node, and for each whether the disk works for it.

use std::io;

use super::checkpoint_file::{CheckpointFile, Note};
use super::slot::Contents;
use super::storage::Storage;

/// The files of a node.
#[derive(Debug)]
pub struct Files<S: Storage> {
    /// The newest checkpoint.
    pub checkpoint: Kept<S>,
    /// The last checkpoint with which a controller has lived for long enough.
    pub proven: Kept<S>,
    /// The greatest incarnation that may have been used, as a revision without payload.
    pub incarnation: Kept<S>,
}

/// A file, its name, and why the disk did not work for it last.
#[derive(Debug)]
pub struct Kept<S: Storage> {
    /// The name it bears in its directory.
    pub name: &'static str,
    file: CheckpointFile<S>,
    trouble: Option<String>,
}

impl<S: Storage> Kept<S> {
    /// A file that was opened, and how that went.
    pub fn new(name: &'static str, file: CheckpointFile<S>, disk: io::Result<()>) -> Self {
        let mut kept = Self { name, file, trouble: None };
        kept.judge(disk);
        kept
    }

    /// The newest contents, durable or not.
    pub fn contents(&self) -> Option<&Contents> {
        self.file.contents()
    }

    /// Makes these contents durable; whether they are is told by [`Kept::trouble`].
    pub fn save(&mut self, contents: Contents) {
        let done = self.file.save(contents);
        self.judge(done);
    }

    /// Why the disk does not work for this file; none when it does.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// What happened to the file since this was asked last.
    pub fn take_notes(&mut self) -> Vec<Note> {
        self.file.take_notes()
    }

    /// Writes the second copy, where the first is durable.
    pub fn settle(&mut self) {
        if !self.file.is_due() {
            let done = self.file.settle();
            self.judge(done);
        }
    }

    /// Moves the file aside with all that it holds.
    pub fn set_aside(&mut self) {
        let done = self.file.set_aside();
        self.judge(done);
    }

    /// Whether something waits for the disk to work again.
    pub fn is_due(&self) -> bool {
        self.file.is_due()
    }

    /// Tries again what waits for the disk.
    pub fn retry(&mut self) {
        if self.file.is_due() {
            let done = self.file.retry();
            self.judge(done);
        }
    }

    /// The revision of the contents, if they are durable.
    pub fn durable(&self) -> Option<u64> {
        let contents = self.file.contents().filter(|_| !self.file.is_due());
        contents.map(|contents| contents.revision)
    }

    fn judge(&mut self, done: io::Result<()>) {
        self.trouble = done.err().map(|error| format!("{}: {error}", self.name));
    }
}

impl<S: Storage> Files<S> {
    /// All of them.
    pub fn each(&mut self) -> [&mut Kept<S>; 3] {
        [&mut self.checkpoint, &mut self.proven, &mut self.incarnation]
    }

    /// Why the disk does not work for what must not wait: checkpoints and incarnations.
    pub fn trouble(&self) -> Option<&str> {
        self.checkpoint.trouble().or(self.incarnation.trouble())
    }
}
