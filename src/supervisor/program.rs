//! The controller's program: where it lies, and whether it is still the file that ran last.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A program that may be replaced while the supervisor lives.
#[derive(Debug)]
pub struct Program {
    path: PathBuf,
    started: Option<Identity>,
}

/// What tells a file from another one under the same name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Identity {
    device: u64,
    inode: u64,
    /// When it was written: seconds and nanoseconds.
    written: (i64, i64),
}

impl Program {
    /// The program at this path, of which nothing was started yet.
    pub fn at(path: PathBuf) -> Self {
        Self { path, started: None }
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file that lies there now is about to be started.
    pub fn note_start(&mut self) {
        self.started = self.identity().or(self.started);
    }

    /// Whether another file lies there than the one that was started last. A file that is gone for
    /// a moment, as while a package is installed, is no other one.
    pub fn has_changed(&self) -> bool {
        match (self.started, self.identity()) {
            (Some(started), Some(now)) => started != now,
            _ => false,
        }
    }

    fn identity(&self) -> Option<Identity> {
        let file = fs::metadata(&self.path).ok()?;
        let written = (file.mtime(), file.mtime_nsec());
        Some(Identity { device: file.dev(), inode: file.ino(), written })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_file_under_the_same_name_is_another_program() {
        let dir = tempfile::tempdir().unwrap();
        let [path, fresh] = ["controller", "fresh"].map(|name| dir.path().join(name));
        fs::write(&path, "one").unwrap();
        let mut program = Program::at(path.clone());
        assert!(!program.has_changed(), "it never ran");
        program.note_start();
        assert!(!program.has_changed());
        fs::write(&fresh, "one").unwrap();
        fs::remove_file(&path).unwrap();
        assert!(!program.has_changed(), "there is none");
        fs::rename(&fresh, &path).unwrap();
        assert!(program.has_changed());
        program.note_start();
        assert!(!program.has_changed());
    }
}
