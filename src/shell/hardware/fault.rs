//! Why there is no connection to the hardware, and what to do about it.

use std::fmt;
use std::io;

use nix::errno::Errno;

use super::protocol::Message;

/// Why a connection could not be made, or was given up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Nobody could be connected to.
    Unreachable(Errno),
    /// A connection was made, but not one reading was answered.
    NeverAnswered,
    /// A reading was not answered in time.
    Silent,
    /// The server ended the connection.
    Closed,
    /// The connection broke.
    Broken(Errno),
    /// The reply cannot be one to the request.
    WrongReply {
        /// What was asked.
        request: Message,
        /// What came.
        reply: Message,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Something came that nobody had asked for.
    Unasked,
}

impl Fault {
    /// A connection that broke with this error.
    pub fn broken(error: &io::Error) -> Self {
        Self::Broken(error.raw_os_error().map_or(Errno::UnknownErrno, Errno::from_raw))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(error) => {
                write!(f, "cannot connect ({}): is the server running?", error.desc())
            }
            Self::NeverAnswered => f.write_str(
                "connected, but not answered: has the server another client, or fewer floors?",
            ),
            Self::Silent => f.write_str("no answer in time: see to the server"),
            Self::Closed => f.write_str("the server closed the connection"),
            Self::Broken(error) => write!(f, "the connection broke ({})", error.desc()),
            Self::WrongReply { request, reply, why } => write!(
                f,
                "reply {reply:?} to {request:?} is wrong, {why}: check address and --floors"
            ),
            Self::Unasked => f.write_str("a reply that was not asked for: check the address"),
        }
    }
}
