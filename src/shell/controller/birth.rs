//! How a controller's life begins: with a supervisor, or not at all.
//!
//! Settings and checkpoint come from the supervisor in one message. They are taken in completely
//! before hardware or network is touched, and the supervisor is told so: a controller that ends
//! before that is the fault of what it was given.

use std::fmt;
use std::io::{self, ErrorKind};
use std::os::fd::AsFd;

use log::{LevelFilter, info};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use nix::sys::socket::sockopt::{PeerCredentials, SockType as TypeOfSocket};
use nix::sys::socket::{SockType, getsockopt};
use nix::unistd::getppid;

use crate::calls::Incarnation;
use crate::node::{Bequest, Node, Revision};
use crate::shell::checkpoint::{self, Unreadable};
use crate::shell::codec::{self, CodecError};
use crate::shell::link::{Link, Received, ToController, ToSupervisor};
use crate::shell::logging;
use crate::shell::settings::{NOT_UNDERSTOOD, Settings};

/// The name under which a controller logs.
const NAME: &str = "lift-controller";

/// What a controller's life begins with.
pub struct Life {
    /// To the supervisor.
    pub link: Link,
    /// What to live by.
    pub settings: Settings,
    /// As it was left by the life before.
    pub node: Node,
    /// Whether checkpoints can be made durable at present.
    pub disk_works: bool,
    /// Whether the lives before ended too soon after one another.
    pub unsteady: bool,
}

/// Why a controller ends out of order.
#[derive(Debug)]
pub enum Failure {
    /// Standard input is not the link to a supervisor.
    NotSupervised,
    /// The supervisor is gone.
    Orphaned,
    /// The settings are not those of this version.
    Settings(CodecError),
    /// The checkpoint is not one of this version.
    Checkpoint {
        /// Its number.
        revision: u64,
        /// What is wrong with it.
        error: Unreadable,
    },
    /// The supervisor said something that it must not say.
    Link(io::Error),
    /// The machine refuses something that is always possible.
    System(io::Error),
}

impl Failure {
    /// The exit status: 2 for a wrong start, 65 (the `EX_DATAERR` of sysexits) for a checkpoint
    /// that cannot be read, 1 for all else.
    pub fn exit_status(&self) -> u8 {
        match self {
            Self::NotSupervised | Self::Settings(_) => NOT_UNDERSTOOD,
            Self::Checkpoint { .. } => 65,
            Self::Orphaned | Self::Link(_) | Self::System(_) => 1,
        }
    }

    /// Why nothing can be said to the supervisor.
    pub(super) fn of_sending(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::BrokenPipe | ErrorKind::ConnectionReset => Self::Orphaned,
            _ => Self::System(error),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSupervised => f.write_str(
                "standard input is no link to a supervisor: a controller is started by \
                 lift-supervisor, start that",
            ),
            Self::Orphaned => f.write_str("the supervisor is gone: leaving at once"),
            Self::Settings(error) => write!(
                f,
                "settings not understood ({error}): install supervisor and controller of one version"
            ),
            Self::Checkpoint { revision, error } => {
                write!(f, "checkpoint not understood ({error}) revision={revision}")
            }
            Self::Link(error) => write!(f, "the supervisor broke the rules of the link: {error}"),
            Self::System(error) => write!(f, "the system refuses what is needed to run: {error}"),
        }
    }
}

impl From<Errno> for Failure {
    fn from(error: Errno) -> Self {
        Self::System(error.into())
    }
}

/// Begins a life; `None` when the supervisor has changed its mind meanwhile.
///
/// # Errors
/// When there is no supervisor, or what it gives is not understood.
pub fn begin() -> Result<Option<Life>, Failure> {
    // First of all: from here on this process cannot outlive its supervisor.
    set_pdeathsig(Signal::SIGKILL)?;
    logging::start(LevelFilter::Info, NAME);
    let link = link_to_parent()?;
    say(&link, &ToSupervisor::Hello)?;
    let welcome = await_answer(&link)?;
    let ToController::Welcome {
        incarnation,
        configuration,
        checkpoint,
        is_durable,
        revision,
        disk_works,
        unsteady,
    } = welcome
    else {
        return Ok(None);
    };
    let settings: Settings = codec::decode(&configuration).map_err(Failure::Settings)?;
    logging::start(settings.log_level, NAME);
    let restored = checkpoint
        .map(|bytes| checkpoint::OURS.checkpoint_of(&bytes))
        .transpose()
        .map_err(|error| Failure::Checkpoint { revision, error })?;
    info!(
        "begins incarnation={incarnation} checkpoint={} hardware={}",
        if restored.is_some() { revision.to_string() } else { "none".into() },
        settings.hardware
    );
    let bequest = Bequest { checkpoint: restored, is_durable, revision: Revision(revision) };
    let node =
        Node::new(settings.config, bequest, Incarnation(incarnation), crate::shell::clock::now());
    say(&link, &ToSupervisor::Restored)?;
    Ok(Some(Life { link, settings, node, disk_works, unsteady }))
}

/// The link at standard input. A supervisor that was gone before its death could be felt has left
/// us to another parent.
fn link_to_parent() -> Result<Link, Failure> {
    let socket = io::stdin().as_fd().try_clone_to_owned().map_err(Failure::System)?;
    if getsockopt(&socket, TypeOfSocket) != Ok(SockType::SeqPacket) {
        return Err(Failure::NotSupervised);
    }
    let supervisor = getsockopt(&socket, PeerCredentials)?.pid();
    if supervisor == getppid().as_raw() { Ok(Link::from(socket)) } else { Err(Failure::Orphaned) }
}

fn say(link: &Link, message: &ToSupervisor) -> Result<(), Failure> {
    match link.send(message) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::Link(io::Error::other("it does not read"))),
        Err(error) => Err(Failure::of_sending(error)),
    }
}

/// The welcome, or to stop before anything has begun.
fn await_answer(link: &Link) -> Result<ToController, Failure> {
    loop {
        match link.receive().map_err(Failure::Link)? {
            // The welcome will say how it is then.
            Received::Message(ToController::Saved(_) | ToController::Disk { .. }) => {}
            Received::Message(answer) => return Ok(answer),
            Received::Nothing => wait_for(link)?,
            Received::End => return Err(Failure::Orphaned),
        }
    }
}

fn wait_for(link: &Link) -> Result<(), Failure> {
    match poll(&mut [PollFd::new(link.as_fd(), PollFlags::POLLIN)], PollTimeout::NONE) {
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
