//! The lock on the state directory, and why a directory cannot be used.

use std::fs::{DirBuilder, File, TryLockError};
use std::io::{self, ErrorKind};
use std::os::fd::AsFd;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fmt, thread};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::unistd::{AccessFlags, eaccess};

/// How often a lock that is held is tried again.
const LOCK_RETRY: Duration = Duration::from_millis(10);

/// The state directory, locked: nobody else uses it.
///
/// The lock belongs to the open directory, not to the process: it is free when the last process
/// that shares it is gone. So "the lock is free" means that no supervisor and no controller lives.
/// It is never given back before, and it is the directory itself that is locked: a file in it
/// could be deleted, or not be made for want of room.
#[derive(Debug)]
pub struct Lock {
    directory: PathBuf,
    descriptor: File,
}

impl Lock {
    /// Locks the directory, which is made if need be; waits for at most `patience` where somebody
    /// else holds it.
    ///
    /// # Errors
    /// When it is held for longer, or is no directory that can be used.
    pub fn take(directory: &Path, patience: Duration) -> Result<Self, OpenError> {
        let path = || directory.to_owned();
        match DirBuilder::new().recursive(true).mode(0o700).create(directory) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Err(OpenError::NotADirectory { path: path() });
            }
            Err(error) => return Err(OpenError::NotMade { path: path(), error }),
            Ok(()) => {}
        }
        let unreadable = |error| OpenError::Unreadable { path: path(), error };
        let descriptor = File::open(directory).map_err(unreadable)?;
        let deadline = Instant::now() + patience;
        loop {
            match descriptor.try_lock() {
                Ok(()) => return Ok(Self { directory: path(), descriptor }),
                Err(TryLockError::Error(error)) => return Err(unreadable(error)),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                    thread::sleep(LOCK_RETRY);
                }
                Err(TryLockError::WouldBlock) => return Err(OpenError::Held { path: path() }),
            }
        }
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Lets every child that is started from now on hold the lock as well, until it ends.
    ///
    /// # Errors
    /// When the kernel refuses, which it has no reason to.
    pub fn share_with_children(&self) -> io::Result<()> {
        fcntl(self.descriptor.as_fd(), FcntlArg::F_SETFD(FdFlag::empty()))?;
        Ok(())
    }

    /// A directory that this user may not write is a mistake of whoever set it up. One that is
    /// read-only for everybody is a disk that does not work: that is no reason to stop.
    ///
    /// # Errors
    /// When it is the former.
    pub fn check_writable(&self) -> Result<(), OpenError> {
        match eaccess(&self.directory, AccessFlags::W_OK | AccessFlags::X_OK) {
            Err(Errno::EACCES) => Err(OpenError::NotWritable { path: self.directory.clone() }),
            _ => Ok(()),
        }
    }
}

/// Why a state directory cannot be used.
#[derive(Debug)]
pub enum OpenError {
    /// It does not exist and cannot be made.
    NotMade {
        /// The directory.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// Something else has its name.
    NotADirectory {
        /// What was named.
        path: PathBuf,
    },
    /// This user may not write it.
    NotWritable {
        /// The directory.
        path: PathBuf,
    },
    /// Somebody else uses it. The only one of these that passes by itself.
    Held {
        /// The directory.
        path: PathBuf,
    },
    /// The directory or a file in it cannot be opened.
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// The process cannot have the thread that writes.
    Thread(io::Error),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotMade { path, error } => {
                write!(
                    f,
                    "cannot make the state directory {}: {error}; make it, or name another",
                    path.display()
                )
            }
            Self::NotADirectory { path } => {
                write!(f, "{} is not a directory; name another as state directory", path.display())
            }
            Self::NotWritable { path } => write!(
                f,
                "this user may not write in the state directory {}; change its owner, or name another",
                path.display()
            ),
            Self::Held { path } => write!(
                f,
                "the state directory {} is in use by another supervisor or its controller; stop that, or name another",
                path.display()
            ),
            Self::Unreadable { path, error } => {
                write!(
                    f,
                    "cannot open {}: {error}; let this user read and write it",
                    path.display()
                )
            }
            Self::Thread(error) => {
                write!(
                    f,
                    "cannot start the thread that writes checkpoints: {error}; raise the limits of this service"
                )
            }
        }
    }
}

impl std::error::Error for OpenError {}
