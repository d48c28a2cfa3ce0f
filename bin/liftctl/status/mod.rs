//! `liftctl status`: how a running lift is, for a [`person`] or as [`json`].
//!
//! Supervisor and controller are asked each for itself: where one does not answer, what the other
//! knows is what a person needs.

mod json;
mod json_group;
mod json_network;
mod person;
mod person_group;
mod report;

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use lift_group::supervisor::status::supervisor_socket;

use crate::options::StatusOptions;
use crate::paint::Paint;
pub use report::Report;

/// Tells how the lift is.
///
/// # Errors
/// When supervisor or controller do not answer; what is known was told all the same.
pub fn run(options: &StatusOptions) -> Result<(), Trouble> {
    let report = Report::ask(where_it_is(&options.which.directories));
    let text = if options.json {
        json::write(&report).map_err(io::Error::from)?
    } else {
        person::write(&report, Paint::for_output())
    };
    io::stdout().write_all(text.as_bytes())?;
    match report.troubles() {
        troubles if troubles.is_empty() => Ok(()),
        troubles => Err(Trouble::NoAnswer(troubles)),
    }
}

/// The first directory that has, or may have, the socket; if none has, the first.
pub fn where_it_is(directories: &[PathBuf]) -> &Path {
    let may_have = |directory: &&PathBuf| {
        !matches!(supervisor_socket(directory).try_exists(), Ok(false)) // forbidden is not missing
    };
    let found = directories.iter().find(may_have).or(directories.first());
    found.map_or(Path::new("."), PathBuf::as_path)
}

/// Why the status is not whole.
#[derive(Debug)]
pub enum Trouble {
    /// These did not answer.
    NoAnswer(Vec<String>),
    /// It could not be written.
    Output(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAnswer(reasons) => f.write_str(&reasons.join("\nliftctl: ")),
            Self::Output(error) => write!(f, "cannot write the status: {error}"),
        }
    }
}
