//! Status: one document for whoever connects, then the connection ends.
//!
//! There is no request to read and no reply to wait for, so a client cannot hold up a program that
//! has more important things to do. Only the program's own user and root get an answer (X4).

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, mem};

use log::{debug, warn};
use nix::errno::Errno;
use nix::sys::socket::sockopt::{PeerCredentials, SendTimeout};
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, UnixAddr, bind, connect, getsockopt, listen,
    setsockopt, socket,
};
use nix::sys::stat::{Mode, fchmod};
use nix::sys::time::TimeVal;
use nix::unistd::geteuid;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::codec::{self, CodecError, MOST_BYTES};
use crate::time::Instant;

/// How many clients may wait for an answer; the kernel turns away more.
const MOST_WAITING: i32 = 16;

/// How long nobody is let in after a shortage of descriptors, in which whoever waits cannot even be
/// turned away.
const SHORTAGE: Duration = Duration::from_secs(1);

/// Where clients of the own user come for the status document.
#[derive(Debug)]
pub struct Listener {
    socket: UnixListener,
    /// Nobody is let in before.
    closed_until: Option<Instant>,
}

impl Listener {
    /// Listens at this path, in place of a socket that was left there by an earlier life.
    ///
    /// # Errors
    /// When the path is too long, is something else than a socket, or cannot be written.
    pub fn bind(path: &Path) -> io::Result<Self> {
        Self::try_bind(path).map_err(|error| {
            io::Error::new(error.kind(), format!("no status socket at {}: {error}", path.display()))
        })
    }

    fn try_bind(path: &Path) -> io::Result<Self> {
        let listener = bind_for_its_owner(path, SockType::Stream, |_| Ok(()))?;
        listen(&listener, Backlog::new(MOST_WAITING)?)?;
        Ok(Self { socket: UnixListener::from(listener), closed_until: None })
    }

    /// What is readable when a client waits; none while nobody is let in.
    pub fn door(&self, now: Instant) -> Option<BorrowedFd<'_>> {
        self.reopens(now).is_none().then(|| self.socket.as_fd())
    }

    /// When clients are let in again; none if they are.
    pub fn reopens(&self, now: Instant) -> Option<Instant> {
        self.closed_until.filter(|at| *at > now)
    }

    /// Gives everyone who waits the document and closes; never waits itself. A client that may not
    /// have it gets nothing.
    pub fn answer<T: Serialize>(&mut self, now: Instant, document: &T) {
        let mut bytes = Vec::new();
        for _ in 0..MOST_WAITING {
            let Some(client) = self.let_in(now) else { return };
            if bytes.is_empty() {
                bytes = match codec::encode(document) {
                    Ok(bytes) => bytes,
                    Err(error) => return warn!("the status was not told: {error}"),
                };
            }
            if let Err(error) = tell(client, &bytes) {
                debug!("a client did not get the status: {error}");
            }
        }
    }

    /// The next who waits. One who has given up meanwhile is nobody.
    fn let_in(&mut self, now: Instant) -> Option<UnixStream> {
        let nobody = [ErrorKind::WouldBlock, ErrorKind::ConnectionAborted, ErrorKind::Interrupted];
        match self.socket.accept() {
            Ok((client, _)) => Some(client),
            Err(error) => {
                if !nobody.contains(&error.kind()) {
                    debug!("nobody gets the status for a while: {error}");
                    self.closed_until = Some(now + SHORTAGE);
                }
                None
            }
        }
    }
}

/// A socket at this path that its owner and root alone can reach, in place of one that was left
/// there. It is prepared before anybody can reach it.
///
/// # Errors
/// When the path is too long, is something else than a socket, or cannot be written.
pub(super) fn bind_for_its_owner(
    path: &Path,
    kind: SockType,
    prepare: impl FnOnce(&OwnedFd) -> nix::Result<()>,
) -> io::Result<OwnedFd> {
    let address = address(path)?;
    remove_socket(path)?;
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let socket = socket(AddressFamily::Unix, kind, flags, None)?;
    prepare(&socket)?;
    // On the descriptor, before the path exists: nobody else can slip in between.
    fchmod(&socket, Mode::S_IRUSR | Mode::S_IWUSR)?;
    bind(socket.as_raw_fd(), &address)?;
    Ok(socket)
}

fn remove_socket(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_socket() => fs::remove_file(path),
        Ok(_) => Err(io::Error::new(ErrorKind::AlreadyExists, "something else is in its place")),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn tell(mut client: UnixStream, document: &[u8]) -> io::Result<()> {
    let peer = getsockopt(&client, PeerCredentials)?.uid();
    if peer != 0 && peer != geteuid().as_raw() {
        return Err(io::Error::new(
            ErrorKind::PermissionDenied,
            format!("user {peer} is not ours"),
        ));
    }
    client.set_nonblocking(true)?;
    client.write_all(document)
}

/// Why there is no status.
#[derive(Debug)]
pub enum AskError {
    /// Nobody listens there.
    NotRunning(PathBuf),
    /// We may not ask.
    Forbidden(PathBuf),
    /// Somebody listens, but nothing came within this time.
    Silent(PathBuf, Duration),
    /// What came is no such document.
    Garbled(PathBuf, CodecError),
    /// Anything else.
    Failed(PathBuf, io::Error),
}

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRunning(path) => {
                write!(f, "nobody answers at {}: is it running?", path.display())
            }
            Self::Forbidden(path) => {
                write!(
                    f,
                    "no answer for this user at {}: ask as its own user or as root",
                    path.display()
                )
            }
            Self::Silent(path, patience) => {
                write!(
                    f,
                    "no answer within {patience:?} at {}: it hangs; ask again",
                    path.display()
                )
            }
            Self::Garbled(path, error) => {
                write!(
                    f,
                    "not a status at {} ({error}): use the programs of one version",
                    path.display()
                )
            }
            Self::Failed(path, error) => write!(f, "no status at {}: {error}", path.display()),
        }
    }
}

impl std::error::Error for AskError {}

impl AskError {
    /// What an error at this path means after so long a time.
    pub(super) fn of(path: &Path, waited: Duration, error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::ConnectionRefused => Self::NotRunning(path.into()),
            ErrorKind::PermissionDenied => Self::Forbidden(path.into()),
            ErrorKind::WouldBlock | ErrorKind::TimedOut => Self::Silent(path.into(), waited),
            _ => Self::Failed(path.into(), error),
        }
    }
}

/// The document that the program at this path tells.
///
/// # Errors
/// When there is none within about the time-out; the error says what to do.
pub fn ask<T: DeserializeOwned>(path: &Path, timeout: Duration) -> Result<T, AskError> {
    let bytes = fetch(path, timeout).map_err(|error| AskError::of(path, timeout, error))?;
    codec::decode(&bytes).map_err(|error| AskError::Garbled(path.into(), error))
}

fn fetch(path: &Path, timeout: Duration) -> io::Result<Vec<u8>> {
    let client = connect_within(path, timeout)?;
    client.set_read_timeout(Some(timeout))?;
    let mut bytes = Vec::new();
    client.take(MOST_BYTES as u64).read_to_end(&mut bytes)?;
    if bytes.is_empty() { Err(Errno::EPERM.into()) } else { Ok(bytes) }
}

/// A program that hangs accepts nobody, and once its queue is full a plain connect waits for ever.
fn connect_within(path: &Path, timeout: Duration) -> io::Result<UnixStream> {
    let address = address(path)?;
    let client: OwnedFd =
        socket(AddressFamily::Unix, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?;
    let patience = TimeVal::new(timeout.as_secs().cast_signed(), timeout.subsec_micros().into());
    setsockopt(&client, SendTimeout, &patience)?;
    connect(client.as_raw_fd(), &address)?;
    Ok(UnixStream::from(client))
}

fn address(path: &Path) -> io::Result<UnixAddr> {
    let longest = mem::size_of::<nix::libc::sockaddr_un>() - mem::size_of::<u16>() - 1;
    let length = path.as_os_str().as_bytes().len();
    if length > longest {
        let why = format!("the path has {length} bytes, a socket's path at most {longest}");
        return Err(io::Error::new(ErrorKind::InvalidFilename, why));
    }
    Ok(UnixAddr::new(path)?)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::thread;

    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    fn path_in(dir: &tempfile::TempDir) -> PathBuf {
        dir.path().join("status.sock")
    }

    fn when_readable(listener: &Listener) {
        let door = listener.door(Instant::START).unwrap();
        let mut ready = [PollFd::new(door, PollFlags::POLLIN)];
        assert_eq!(poll(&mut ready, PollTimeout::from(10_000u16)).unwrap(), 1);
    }

    #[test]
    fn whoever_may_ask_gets_the_document() {
        let dir = tempfile::tempdir().unwrap();
        let mut listener = Listener::bind(&path_in(&dir)).unwrap();
        let path = path_in(&dir);
        let client = thread::spawn(move || ask::<String>(&path, PATIENCE));
        when_readable(&listener);
        listener.answer(Instant::START, &"well".to_string());
        assert_eq!(client.join().unwrap().unwrap(), "well");
    }

    #[test]
    fn a_client_that_reads_nothing_holds_up_nobody() {
        let dir = tempfile::tempdir().unwrap();
        let mut listener = Listener::bind(&path_in(&dir)).unwrap();
        let _idle: Vec<UnixStream> =
            (0..8).map(|_| UnixStream::connect(path_in(&dir)).unwrap()).collect();
        let long = "x".repeat(MOST_BYTES - 16);
        for _ in 0..4 {
            listener.answer(Instant::START, &long);
        }
    }

    #[test]
    fn others_cannot_open_the_socket() {
        let dir = tempfile::tempdir().unwrap();
        let _listener = Listener::bind(&path_in(&dir)).unwrap();
        let mode = fs::symlink_metadata(path_in(&dir)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_socket_left_behind_is_replaced_but_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        drop(Listener::bind(&path_in(&dir)).unwrap());
        Listener::bind(&path_in(&dir)).unwrap();
        fs::remove_file(path_in(&dir)).unwrap();
        fs::write(path_in(&dir), "precious").unwrap();
        assert_eq!(Listener::bind(&path_in(&dir)).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(path_in(&dir)).unwrap(), "precious");
    }

    #[test]
    fn a_path_that_no_socket_can_have_is_named() {
        let path = Path::new("/tmp").join("x".repeat(200));
        let error = Listener::bind(&path).unwrap_err().to_string();
        assert!(error.contains("xxx") && error.contains("205 bytes"), "{error}");
        assert!(matches!(ask::<()>(&path, PATIENCE), Err(AskError::Failed(..))));
    }

    #[test]
    fn the_asker_learns_why_there_is_no_answer() {
        let dir = tempfile::tempdir().unwrap();
        let path = path_in(&dir);
        assert!(matches!(ask::<()>(&path, PATIENCE), Err(AskError::NotRunning(_))));
        let listener = Listener::bind(&path).unwrap();
        let soon = Duration::from_millis(20);
        assert!(matches!(ask::<()>(&path, soon), Err(AskError::Silent(..))));
        drop(listener);
        assert!(matches!(ask::<()>(&path, PATIENCE), Err(AskError::NotRunning(_))));
    }

    #[test]
    fn the_document_of_another_version_is_no_answer() {
        let dir = tempfile::tempdir().unwrap();
        let mut listener = Listener::bind(&path_in(&dir)).unwrap();
        let path = path_in(&dir);
        let client = thread::spawn(move || ask::<[u64; 3]>(&path, PATIENCE));
        when_readable(&listener);
        listener.answer(Instant::START, &"not three numbers");
        assert!(matches!(client.join().unwrap(), Err(AskError::Garbled(..))));
    }

    #[test]
    fn a_shortage_of_descriptors_closes_the_door_for_a_second_and_wakes_nobody() {
        let dir = tempfile::tempdir().unwrap();
        let listener = Listener::bind(&path_in(&dir)).unwrap();
        // Whatever is no listening socket refuses to let anybody in, as in a shortage.
        let deaf = UnixListener::from(OwnedFd::from(UnixStream::pair().unwrap().0));
        let mut short = Listener { socket: deaf, ..listener };
        let [now, later] = [0, 1].map(|seconds| Instant::START + Duration::from_secs(seconds));
        assert!(short.door(now).is_some());
        short.answer(now, &"well");
        assert!(short.door(now).is_none(), "it is not polled");
        assert_eq!(short.reopens(now), Some(later), "and not forgotten");
        assert!(short.door(later).is_some());
        assert_eq!(short.reopens(later), None);
    }
}
