//! The link between a supervisor and its controller: the messages, and the socket they travel by.
//!
//! The supervisor makes a pair of connected Unix sockets that keep message boundaries, and gives
//! one end to the controller as its standard input. Neither end ever waits for the other: a send
//! that finds no room says so, and the sender sends something newer later. The end of either
//! process is the end of the link.

use std::io::{self, ErrorKind, IoSlice};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use nix::errno::Errno;
use nix::sys::socket::sockopt::SndBuf;
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType};
use nix::sys::socket::{recv, sendmsg, setsockopt, socketpair};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::codec::{self, MOST_BYTES};

/// What a supervisor says to its controller.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ToController {
    /// The answer to [`ToSupervisor::Hello`]: all that a life begins with.
    Welcome {
        /// The number of this life: greater than that of any life before.
        incarnation: u64,
        /// The controller's configuration; opaque to the supervisor.
        configuration: Vec<u8>,
        /// The newest checkpoint there is; opaque to the supervisor.
        checkpoint: Option<Vec<u8>>,
        /// Whether that checkpoint is what a power loss would leave.
        is_durable: bool,
        /// The highest revision used so far; the next checkpoint must be numbered above it.
        revision: u64,
        /// Whether checkpoints can be made durable at present.
        disk_works: bool,
        /// Whether the lives before ended too soon after one another.
        unsteady: bool,
    },
    /// This checkpoint, and so every earlier one, is durable.
    Saved(u64),
    /// Checkpoints can, or cannot, be made durable from now on.
    Disk {
        /// Whether they can.
        works: bool,
    },
    /// Come to rest and end: motor stopped, last checkpoint sent.
    Stop,
}

/// What a controller says to its supervisor.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ToSupervisor {
    /// The program runs and wants its [`ToController::Welcome`].
    Hello,
    /// Configuration and checkpoint are understood. Said before hardware or network is opened,
    /// so that whatever goes wrong afterwards is not the checkpoint's fault.
    Restored,
    /// The loop has gone round once more.
    Heartbeat,
    /// Make this durable.
    Checkpoint {
        /// Its number; grows with every checkpoint.
        revision: u64,
        /// The checkpoint; opaque to the supervisor.
        bytes: Vec<u8>,
    },
    /// Others know of a life with this number: begin one above it, in place of this one.
    LiveAbove(u64),
}

/// How much may wait on the link, as the kernel is asked for it: it doubles the number, and by its
/// usual settings grants no more. A message must be shorter, and [`MOST_BYTES`] is. It is a limit
/// and nothing that is set aside.
const ROOM: usize = 208 * 1024;

/// One end of the link; never blocks.
#[derive(Debug)]
pub struct Link(OwnedFd);

/// What a [`Link::receive`] found.
#[derive(Debug, PartialEq, Eq)]
pub enum Received<T> {
    /// A message.
    Message(T),
    /// Nothing yet.
    Nothing,
    /// The other end is gone.
    End,
}

impl Link {
    /// The two ends of a new link.
    ///
    /// # Errors
    /// When the process has no descriptors left.
    pub fn pair() -> io::Result<(Self, Self)> {
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let (one, other) = socketpair(AddressFamily::Unix, SockType::SeqPacket, None, flags)?;
        setsockopt(&one, SndBuf, &ROOM)?;
        setsockopt(&other, SndBuf, &ROOM)?;
        Ok((Self(one), Self(other)))
    }

    /// Sends one message whole; `false` when there is no room for it at present.
    ///
    /// # Errors
    /// When the other end is gone or the message is too large.
    pub fn send<T: Serialize>(&self, message: &T) -> io::Result<bool> {
        let bytes = codec::encode(message).map_err(io::Error::other)?;
        let whole = [IoSlice::new(&bytes)];
        let flags = MsgFlags::MSG_NOSIGNAL | MsgFlags::MSG_DONTWAIT;
        match sendmsg::<()>(self.0.as_raw_fd(), &whole, &[], flags, None) {
            Ok(_) => Ok(true),
            Err(Errno::EAGAIN | Errno::ENOBUFS) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes the next message, if one is waiting.
    ///
    /// # Errors
    /// When what is waiting is not a message.
    pub fn receive<T: DeserializeOwned>(&self) -> io::Result<Received<T>> {
        let length = match self.next_length() {
            Ok(0) => return Ok(Received::End),
            Ok(length) => length,
            Err(Errno::EAGAIN | Errno::EINTR) => return Ok(Received::Nothing),
            Err(error) => return Err(error.into()),
        };
        let mut bytes = vec![0; length.min(MOST_BYTES)];
        self.take(&mut bytes, MsgFlags::empty())?;
        codec::decode(&bytes)
            .map(Received::Message)
            .map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
    }

    /// How long the next message is; 0 at the end. Asked first, since room for the longest one would
    /// have to be wiped each time.
    fn next_length(&self) -> nix::Result<usize> {
        match self.take(&mut [], MsgFlags::MSG_PEEK | MsgFlags::MSG_TRUNC) {
            // Said once by the kernel when the other end went without having heard us out, and ahead
            // of its last words.
            Err(Errno::ECONNRESET) => self.take(&mut [], MsgFlags::MSG_PEEK | MsgFlags::MSG_TRUNC),
            length => length,
        }
    }

    fn take(&self, bytes: &mut [u8], flags: MsgFlags) -> nix::Result<usize> {
        recv(self.0.as_raw_fd(), bytes, flags | MsgFlags::MSG_DONTWAIT)
    }
}

impl From<OwnedFd> for Link {
    fn from(socket: OwnedFd) -> Self {
        Self(socket)
    }
}

impl From<Link> for OwnedFd {
    fn from(link: Link) -> Self {
        link.0
    }
}

impl AsFd for Link {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint(revision: u64, length: usize) -> ToSupervisor {
        ToSupervisor::Checkpoint { revision, bytes: vec![7; length] }
    }

    #[test]
    fn messages_arrive_whole_in_order_and_one_at_a_time() {
        let (controller, supervisor) = Link::pair().unwrap();
        let sent = [ToSupervisor::Hello, checkpoint(1, 100_000), ToSupervisor::Heartbeat];
        for message in &sent {
            assert!(controller.send(message).unwrap());
        }
        for message in sent {
            assert_eq!(supervisor.receive().unwrap(), Received::Message(message));
        }
        assert_eq!(supervisor.receive::<ToSupervisor>().unwrap(), Received::Nothing);
    }

    #[test]
    fn a_link_without_room_says_so_and_loses_nothing_that_it_took() {
        let (controller, supervisor) = Link::pair().unwrap();
        let taken =
            (0..1000).take_while(|n| controller.send(&checkpoint(*n, 5000)).unwrap()).count();
        assert!((1..1000).contains(&taken));
        for revision in 0..taken as u64 {
            let expected = Received::Message(checkpoint(revision, 5000));
            assert_eq!(supervisor.receive().unwrap(), expected);
        }
        assert!(controller.send(&ToSupervisor::Heartbeat).unwrap(), "there is room again");
    }

    #[test]
    fn the_largest_checkpoint_fits_an_empty_link() {
        let (controller, supervisor) = Link::pair().unwrap();
        let largest = checkpoint(u64::MAX, MOST_BYTES - 32);
        assert!(controller.send(&largest).unwrap());
        assert_eq!(supervisor.receive().unwrap(), Received::Message(largest));
        assert!(controller.send(&checkpoint(0, MOST_BYTES)).is_err());
    }

    #[test]
    fn the_end_of_one_side_is_seen_by_the_other_after_its_last_words() {
        let (controller, supervisor) = Link::pair().unwrap();
        assert!(controller.send(&ToSupervisor::Heartbeat).unwrap());
        drop(controller);
        let last_words = supervisor.receive().unwrap();
        assert_eq!(last_words, Received::Message(ToSupervisor::Heartbeat));
        assert_eq!(supervisor.receive::<ToSupervisor>().unwrap(), Received::End);
        assert!(supervisor.send(&ToController::Stop).is_err());
    }

    #[test]
    fn last_words_are_heard_also_from_one_who_did_not_hear_us_out() {
        let (controller, supervisor) = Link::pair().unwrap();
        assert!(controller.send(&checkpoint(9, 100)).unwrap());
        assert!(supervisor.send(&ToController::Saved(8)).unwrap());
        drop(controller);
        assert_eq!(supervisor.receive().unwrap(), Received::Message(checkpoint(9, 100)));
        assert_eq!(supervisor.receive::<ToSupervisor>().unwrap(), Received::End);
        assert_eq!(supervisor.receive::<ToSupervisor>().unwrap(), Received::End);
    }

    #[test]
    fn nonsense_is_an_error_and_not_a_message() {
        let (controller, supervisor) = Link::pair().unwrap();
        assert!(controller.send(&"something else entirely").unwrap());
        let error = supervisor.receive::<ToSupervisor>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        assert_eq!(supervisor.receive::<ToSupervisor>().unwrap(), Received::Nothing);
    }
}
