//! Why the demo is not what it should be.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

/// Why the demo is not what it should be.
#[derive(Debug)]
pub enum Failure {
    /// A program cannot be started.
    Program(PathBuf, io::Error),
    /// A program ended in the middle of the story.
    Ended(&'static str, Option<ExitStatus>),
    /// What had to come did not come in time.
    InVain(String, Duration),
    /// What must not happen happened.
    Broken(String),
    /// A person wanted an end.
    Interrupted,
    /// The machine refuses something.
    System(&'static str, io::Error),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program(path, error) => write!(
                f,
                "cannot start {}: {error}; build all programs (cargo build --release), or say with \
                 --bin-dir where they are",
                path.display()
            ),
            Self::Ended(name, Some(status)) => write!(f, "{name} has ended by itself: {status}"),
            Self::Ended(name, None) => write!(f, "{name} has ended by itself"),
            Self::InVain(what, patience) => {
                write!(f, "waited {} s in vain for {what}", patience.as_secs())
            }
            Self::Broken(what) => f.write_str(what),
            Self::Interrupted => f.write_str("interrupted; everything was cleaned up"),
            Self::System(what, error) => write!(f, "cannot {what}: {error}"),
        }
    }
}
