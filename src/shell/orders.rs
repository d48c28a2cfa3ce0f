//! Orders of a person to a running controller, each a single datagram.
//!
//! Nobody waits for anybody: there is no answer, and whoever gave an order looks at the status for
//! what has come of it. Only the controller's own user and root can give one (X4): the kernel lets
//! nobody else send to the socket, and says of each datagram whose it is.

use std::io::{self, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::Duration;

use log::warn;
use nix::cmsg_space;
use nix::sys::socket::sockopt::PassCred;
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, SockType, UnixCredentials, recvmsg, setsockopt,
};
use nix::unistd::geteuid;
use serde::{Deserialize, Serialize};

use super::codec;
use super::status::{AskError, bind_for_its_owner};
use crate::building::LiftId;

/// The longest order, in bytes: far more than there is to say.
const MOST_BYTES: usize = 64;

/// What a person may want of a controller.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Order {
    /// This lift was taken away for good: do not wait for it any more.
    Forget(LiftId),
}

/// Where a controller takes orders.
pub fn order_socket(runtime_dir: &Path) -> PathBuf {
    runtime_dir.join("orders.sock")
}

/// The controller's end.
#[derive(Debug)]
pub struct Orders(OwnedFd);

impl Orders {
    /// Listens at this path, in place of a socket that was left there by an earlier life.
    ///
    /// # Errors
    /// When the path is too long, is something else than a socket, or cannot be written.
    pub fn bind(path: &Path) -> io::Result<Self> {
        let named = |socket: &OwnedFd| setsockopt(socket, PassCred, &true);
        let bound = bind_for_its_owner(path, SockType::Datagram, named);
        bound.map(Self).map_err(|error| {
            io::Error::new(error.kind(), format!("no orders at {}: {error}", path.display()))
        })
    }

    /// The next order that waits and is one; never waits itself.
    pub fn next(&self) -> Option<Order> {
        let mut bytes = [0; MOST_BYTES];
        loop {
            let (length, user) = self.receive(&mut bytes).ok()?;
            if user != Some(0) && user != Some(geteuid().as_raw()) {
                warn!("an order of somebody else is ignored user={user:?}");
                continue;
            }
            match codec::decode(&bytes[..length]) {
                Ok(order) => return Some(order),
                Err(error) => warn!("an order is not understood: {error}; use one version"),
            }
        }
    }

    /// A datagram's length, and the user who sent it.
    fn receive(&self, bytes: &mut [u8]) -> nix::Result<(usize, Option<u32>)> {
        let mut room = cmsg_space!(UnixCredentials);
        let mut whole = [IoSliceMut::new(bytes)];
        let flags = MsgFlags::MSG_DONTWAIT;
        let message = recvmsg::<()>(self.0.as_raw_fd(), &mut whole, Some(&mut room), flags)?;
        let user = message.cmsgs()?.find_map(|found| match found {
            ControlMessageOwned::ScmCredentials(sender) => Some(sender.uid()),
            _ => None,
        });
        Ok((message.bytes, user))
    }
}

impl AsFd for Orders {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Gives an order to the controller at this path.
///
/// # Errors
/// When nobody takes it there; the error says what to do.
pub fn give(path: &Path, order: Order) -> Result<(), AskError> {
    let give_it = || {
        let bytes = codec::encode(&order).map_err(io::Error::other)?;
        let socket = UnixDatagram::unbound()?;
        socket.set_nonblocking(true)?;
        socket.send_to(&bytes, path)
    };
    give_it().map(drop).map_err(|error| AskError::of(path, Duration::ZERO, error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn an_order_arrives_and_what_is_none_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = order_socket(dir.path());
        let orders = Orders::bind(&path).unwrap();
        assert_eq!(orders.next(), None);
        UnixDatagram::unbound().unwrap().send_to(&[250; 60], &path).unwrap();
        give(&path, Order::Forget(LiftId(3))).unwrap();
        assert_eq!(orders.next(), Some(Order::Forget(LiftId(3))));
        assert_eq!(orders.next(), None);
    }

    #[test]
    fn others_cannot_give_orders() {
        let dir = tempfile::tempdir().unwrap();
        let path = order_socket(dir.path());
        let _orders = Orders::bind(&path).unwrap();
        let mode = fs::symlink_metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn an_order_that_nobody_takes_is_an_error_and_nobody_waits() {
        let dir = tempfile::tempdir().unwrap();
        let path = order_socket(dir.path());
        let order = Order::Forget(LiftId(3));
        assert!(matches!(give(&path, order), Err(AskError::NotRunning(_))));
        let _hangs = Orders::bind(&path).unwrap();
        let refused = (0..10_000).find_map(|_| give(&path, order).err());
        assert!(matches!(refused, Some(AskError::Silent(..))), "{refused:?}");
    }
}
