//! Making a TCP connection without waiting for it.

use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsRawFd;

use nix::errno::Errno;
use nix::sys::socket::sockopt::SocketError;
use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, SockaddrStorage, connect, getsockopt, socket,
};

/// Begins to connect; the stream becomes writable when it is decided how that went.
///
/// # Errors
/// When it is clear at once that this leads nowhere.
pub fn begin(address: SocketAddr) -> Result<TcpStream, Errno> {
    let (family, address) = match address {
        SocketAddr::V4(v4) => (AddressFamily::Inet, SockaddrStorage::from(v4)),
        SocketAddr::V6(v6) => (AddressFamily::Inet6, SockaddrStorage::from(v6)),
    };
    let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
    let stream = socket(family, SockType::Stream, flags, None)?;
    match connect(stream.as_raw_fd(), &address) {
        Ok(()) | Err(Errno::EINPROGRESS) => Ok(stream.into()),
        Err(error) => Err(error),
    }
}

/// Whether the connection stands by now.
///
/// # Errors
/// Why it never will.
pub fn is_connected(stream: &TcpStream) -> Result<bool, Errno> {
    let error = getsockopt(stream, SocketError)?;
    if error != 0 {
        return Err(Errno::from_raw(error));
    }
    match (stream.peer_addr(), stream.local_addr()) {
        // With nobody at an address that the kernel may also choose for our own end, we can meet
        // ourselves there, and keep the server from its own address.
        (Ok(peer), Ok(own)) if peer == own => Err(Errno::ECONNREFUSED),
        (Ok(_), _) => Ok(true),
        (Err(_), _) => Ok(false),
    }
}
