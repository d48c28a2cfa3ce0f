//! How a supervisor begins and ends.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, process};

use log::{info, warn};

use crate::building::LiftId;
use crate::shell::broadcast::Membership;
use crate::shell::clock;
use crate::shell::status::Listener;

use super::failure::Failure;
use super::keeper::{Keeper, number_or_none};
use super::lock::{Lock, OpenError};
use super::status::supervisor_socket;
use super::store::Store;
use super::supervision::Supervision;

/// How long to wait for a state directory that somebody else holds: long enough for a supervisor
/// that is ending and its controller, and not so long that a mistake goes unnoticed.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);

/// What a supervisor must know.
#[derive(Clone, Debug)]
pub struct Options {
    /// What is supervised, as messages name it.
    pub name: String,
    /// The lift, as the other nodes know it.
    pub lift: LiftId,
    /// The group that is told of a controller's end.
    pub membership: Membership,
    /// The controller's program.
    pub controller: PathBuf,
    /// What each controller is told to be; opaque.
    pub configuration: Vec<u8>,
    /// Where the checkpoints are kept.
    pub state_dir: PathBuf,
    /// Where the status socket lies.
    pub runtime_dir: PathBuf,
    /// After how long without a heartbeat a controller hangs.
    pub hang_timeout: Duration,
}

/// Keeps a controller alive until a signal asks to end.
///
/// Must be called by the main thread, see [`super::controller::Controller::start`].
///
/// # Errors
/// When there is no supervision without what is missing.
pub fn run(options: Options) -> Result<(), Failure> {
    let lock = lock(&options.state_dir)?;
    let store = Store::open(lock, clock::unix_micros()).map_err(Failure::StateDirectory)?;
    let keeper = Keeper::new(store);
    let (pid, name, dir) = (process::id(), &options.name, options.state_dir.display());
    let checkpoint = number_or_none(keeper.checkpoints().received());
    info!("supervisor of {name} started pid={pid} state_dir={dir} checkpoint={checkpoint}");
    let listener = listen(&options.runtime_dir);
    let keeper = Supervision::begin(options, keeper, listener)?.run()?;
    keeper.finish();
    info!("supervisor ended pid={pid}");
    Ok(())
}

/// Locks the state directory, for this process and every controller that it will start.
fn lock(dir: &Path) -> Result<Lock, Failure> {
    let lock = match Lock::take(dir, Duration::ZERO) {
        Err(OpenError::Held { .. }) => {
            let (dir_shown, seconds) = (dir.display(), LOCK_PATIENCE.as_secs());
            warn!("the state directory is in use, waiting state_dir={dir_shown} seconds={seconds}");
            Lock::take(dir, LOCK_PATIENCE)
        }
        taken => taken,
    }
    .map_err(Failure::StateDirectory)?;
    lock.share_with_children()
        .map_err(|error| Failure::System("share the state directory's lock", error))?;
    Ok(lock)
}

/// A lift without a status is better than none: what is wrong with it is said, and no more.
fn listen(runtime_dir: &Path) -> Option<Listener> {
    let listener = fs::create_dir_all(runtime_dir)
        .map_err(|error| {
            let dir = runtime_dir.display();
            io::Error::new(
                error.kind(),
                format!("cannot make the runtime directory {dir}: {error}"),
            )
        })
        .and_then(|()| Listener::bind(&supervisor_socket(runtime_dir)));
    match listener {
        Ok(listener) => Some(listener),
        Err(error) => {
            warn!("nobody can ask for the status: {error}");
            None
        }
    }
}
