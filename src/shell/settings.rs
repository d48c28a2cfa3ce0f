//! What a supervisor hands its controller to live by.
//!
//! Only the two programs know it: on its way through the supervisor and the link it is opaque
//! bytes, so the supervisor proper stays ignorant of lifts.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use log::LevelFilter;
use serde::{Deserialize, Serialize};

use super::broadcast::Membership;
use crate::config::Config;

/// Everything that a controller is told at the start, apart from its past.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Settings {
    /// The lift and its building.
    pub config: Config,
    /// Where the hardware of the lift listens.
    pub hardware: SocketAddr,
    /// The group of the lift.
    pub membership: Membership,
    /// The least important events that are still logged.
    pub log_level: LevelFilter,
    /// Where the status sockets lie.
    pub runtime_dir: PathBuf,
    /// The longest time between two heartbeats. Well below the time after which the supervisor
    /// takes silence for a hang.
    pub heartbeat: Duration,
}

/// The exit status of a controller that does not understand its settings.
pub const NOT_UNDERSTOOD: u8 = 2;

/// Where a controller tells its status: a [`Document`](super::controller::status::Document).
pub fn controller_socket(runtime_dir: &Path) -> PathBuf {
    runtime_dir.join("controller.sock")
}
