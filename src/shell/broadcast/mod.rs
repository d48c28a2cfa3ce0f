//! Datagrams to all nodes of a group at once, and from them.
//!
//! A network is allowed to fail in every way: not to be there yet, to go away, to change its
//! addresses, to refuse. None of it ends a lift or holds one up. What cannot be sent is dropped and
//! counted, the next datagram says the same and more; where it goes is looked up again every
//! second, and sooner after an error. Several nodes on one computer share a port.

mod herald;
mod place;

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, SocketAddrV4, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::time::Duration;

use log::{info, warn};
use nix::sys::socket::sockopt::{Broadcast, RcvBuf, ReuseAddr};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrIn, bind, setsockopt, socket};
use serde::{Deserialize, Serialize};

use crate::shell::seal::key::Keys;
use crate::time::Instant;
pub use herald::Herald;
pub use place::{Place, Reach};

/// How often the address is looked up while all goes well.
const LOOK_UP: Duration = Duration::from_secs(1);

/// How soon it is looked up after an error; not at once, lest every datagram costs a look-up.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Bytes of datagrams that may wait while the loop is busy elsewhere: a hundred nodes' worth of
/// some turns. The kernel may grant less.
const WAITING_ROOM: usize = 1 << 20;

/// No datagram of IPv4 is longer.
const LONGEST: usize = u16::MAX as usize;

/// The group that a node belongs to, and what it takes to speak there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Membership {
    /// The name of the group.
    pub group: String,
    /// Where it meets.
    pub place: Place,
    /// The keys by which its nodes know each other.
    pub keys: Keys,
}

/// A node's ear and mouth in its group.
#[derive(Debug)]
pub struct Socket {
    place: Place,
    ears: Option<UdpSocket>,
    destination: Option<SocketAddrV4>,
    look_up_due: Instant,
    /// What was last said to be wrong.
    trouble: Option<String>,
    /// Something was wrong since the last look-up.
    has_failed: bool,
    /// How many datagrams were not sent.
    unsent: u64,
    buffer: Vec<u8>,
}

impl Socket {
    /// Opens the place as far as that is possible now.
    pub fn open(place: Place, now: Instant) -> Self {
        let mut socket = Self {
            place,
            ears: None,
            destination: None,
            look_up_due: now,
            trouble: None,
            has_failed: false,
            unsent: 0,
            buffer: vec![0; LONGEST],
        };
        socket.look_after(now);
        socket
    }

    /// What to wait for: that there is something to receive.
    pub fn socket(&self) -> Option<BorrowedFd<'_>> {
        self.ears.as_ref().map(AsFd::as_fd)
    }

    /// When [`Socket::look_after`] is due.
    pub fn deadline(&self) -> Instant {
        self.look_up_due
    }

    /// Where the group meets.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// How many datagrams could not be sent.
    pub fn unsent(&self) -> u64 {
        self.unsent
    }

    /// What is wrong at present, for people.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Opens what could not be opened before, and looks up where to send, when that is due.
    pub fn look_after(&mut self, now: Instant) {
        if now < self.look_up_due {
            return;
        }
        if !std::mem::take(&mut self.has_failed)
            && let Some(trouble) = self.trouble.take()
        {
            info!("the group can be reached again place={} before=\"{trouble}\"", self.place);
        }
        self.look_up_due = now + LOOK_UP;
        if self.ears.is_none() {
            match ears(&self.place) {
                Ok(socket) => self.ears = Some(socket),
                Err(error) => self.fail(now, format!("cannot listen: {error}")),
            }
        }
        self.look_up(now);
    }

    fn look_up(&mut self, now: Instant) {
        match self.place.destination() {
            Ok(destination) => {
                if let Some(address) = destination.filter(|_| destination != self.destination) {
                    info!("speaks to the group at address={address} place={}", self.place);
                }
                self.destination = destination;
            }
            Err(error) => self.fail(now, format!("cannot list the network interfaces: {error}")),
        }
    }

    /// Tells everybody, or nobody.
    pub fn send(&mut self, now: Instant, datagram: &[u8]) {
        if let Err(trouble) = self.try_send(datagram) {
            self.unsent += 1;
            self.fail(now, trouble);
        }
    }

    fn try_send(&self, datagram: &[u8]) -> Result<(), String> {
        let Some(socket) = &self.ears else {
            return Err(self.trouble.clone().unwrap_or_default());
        };
        let Some(address) = self.destination else {
            return Err("the network interface has no broadcast address".to_owned());
        };
        let sent = socket.send_to(datagram, address);
        sent.map(drop).map_err(|error| format!("cannot send to {address}: {error}"))
    }

    /// The next datagram that waits, and where it says that it comes from, which anybody can say.
    pub fn receive(&mut self) -> Option<(&[u8], SocketAddr)> {
        let socket = self.ears.as_ref()?;
        loop {
            match socket.recv_from(&mut self.buffer) {
                Ok((length, from)) => return Some((self.buffer.get(..length)?, from)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // An error of the network that was kept for us is gone with this.
                Err(_) => return None,
            }
        }
    }

    fn fail(&mut self, now: Instant, trouble: String) {
        self.has_failed = true;
        self.look_up_due = self.look_up_due.min(now + LOOK_AGAIN);
        if self.trouble.as_ref() != Some(&trouble) {
            warn!(
                "the group is not reached, the lift goes on alone: {trouble} place={}",
                self.place
            );
            self.trouble = Some(trouble);
        }
    }
}

/// A socket that hears what is sent to the group, and can send as well.
fn ears(place: &Place) -> io::Result<UdpSocket> {
    let socket = mouth()?;
    setsockopt(&socket, ReuseAddr, &true)?;
    setsockopt(&socket, RcvBuf, &WAITING_ROOM)?;
    bind(socket.as_raw_fd(), &SockaddrIn::from(place.listening_address()))?;
    Ok(socket)
}

/// A socket that can send to many at once.
fn mouth() -> io::Result<UdpSocket> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let socket = socket(AddressFamily::Inet, SockType::Datagram, flags, None)?;
    setsockopt(&socket, Broadcast, &true)?;
    Ok(UdpSocket::from(socket))
}
