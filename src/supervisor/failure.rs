//! Why a supervisor cannot do its work, and the exit status by which systemd and people know.

use std::fmt;
use std::io;

use nix::libc;

use super::lock::OpenError;

/// Why a supervisor gives up. All of these may pass, so systemd tries again.
#[derive(Debug)]
pub enum Failure {
    /// The state directory cannot be used.
    StateDirectory(OpenError),
    /// The kernel refused something without which there is no supervision; what and why.
    System(&'static str, io::Error),
}

impl Failure {
    /// The exit status, of those that `sysexits.h` names.
    pub fn exit_status(&self) -> u8 {
        const OS_ERROR: u8 = 71;
        const CANNOT_CREATE: u8 = 73;
        const TEMPORARY: u8 = 75;
        match self {
            Self::StateDirectory(OpenError::Held { .. }) => TEMPORARY,
            Self::StateDirectory(OpenError::Thread(_)) | Self::System(..) => OS_ERROR,
            Self::StateDirectory(_) => CANNOT_CREATE,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StateDirectory(error) => error.fmt(f),
            Self::System(what, error) => {
                write!(f, "cannot {what}: {error}")?;
                if is_shortage(error) {
                    f.write_str("; raise the limits of this service")
                } else {
                    Ok(())
                }
            }
        }
    }
}

/// Whether it is a limit that was reached: of the process, of the service or of the machine.
fn is_shortage(error: &io::Error) -> bool {
    const LIMITS: [i32; 5] =
        [libc::EMFILE, libc::ENFILE, libc::ENOMEM, libc::ENOBUFS, libc::EAGAIN];
    error.raw_os_error().is_some_and(|number| LIMITS.contains(&number))
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_to_be_raised_only_where_one_was_reached() {
        let said =
            |number| Failure::System("wait", io::Error::from_raw_os_error(number)).to_string();
        assert!(said(libc::EMFILE).contains("raise the limits"));
        assert!(!said(libc::EINVAL).contains("raise the limits"));
    }
}
