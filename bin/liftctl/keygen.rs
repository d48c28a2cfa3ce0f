//! `liftctl keygen`: a key for a group.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use lift_group::shell::seal::key;

use crate::options::KeygenOptions;

/// Draws a key and writes it into a new file that its owner alone can read; without a file, to
/// standard output.
///
/// # Errors
/// When there is no chance to draw from, or the file cannot be made or is there already: whoever
/// overwrites a key cuts its group in two.
pub fn run(options: &KeygenOptions) -> Result<(), Trouble> {
    let line = key::generate().map_err(Trouble::Drawn)?;
    let Some(path) = &options.file else {
        return io::stdout().write_all(line.as_bytes()).map_err(Trouble::Told);
    };
    write_fresh(path, &line).map_err(|error| Trouble::Written(path.clone(), error))
}

/// Nothing is left of a file that could not be written: it would stand in the way of the next try.
fn write_fresh(path: &Path, line: &str) -> io::Result<()> {
    let mut fresh = OpenOptions::new();
    let mut file = fresh.write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(line.as_bytes()).and_then(|()| file.sync_all()).inspect_err(|_| {
        let _ = fs::remove_file(path); // the error that is told came first
    })
}

/// Why there is no key.
#[derive(Debug)]
pub enum Trouble {
    /// The kernel gave no chance.
    Drawn(io::Error),
    /// Standard output is closed.
    Told(io::Error),
    /// The file could not be made.
    Written(PathBuf, io::Error),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drawn(error) => write!(f, "no key could be drawn: {error}"),
            Self::Told(error) => write!(f, "the key could not be told: {error}"),
            Self::Written(path, error) if error.kind() == io::ErrorKind::AlreadyExists => {
                write!(f, "{} is there already: name a new file", path.display())
            }
            Self::Written(path, error) => write!(f, "no key in {}: {error}", path.display()),
        }
    }
}
