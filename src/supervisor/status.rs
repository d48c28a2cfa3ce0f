//! What a supervisor tells of itself to whoever may ask.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// A supervisor and its controller, as they are at this moment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SupervisorStatus {
    /// What is supervised, as its messages name it.
    pub name: String,
    /// The supervisor's process id.
    pub pid: u32,
    /// How long the supervisor has been running, in milliseconds.
    pub uptime_ms: u64,
    /// The present life; none between two lives.
    pub controller: Option<ControllerStatus>,
    /// How many lives this supervisor has begun after the first one.
    pub restarts: u64,
    /// How the last life ended; none while the first one goes on.
    pub last_end: Option<LastEnd>,
    /// Why checkpoints cannot be made durable at present; none when they can.
    pub disk_trouble: Option<String>,
    /// The revision of the newest checkpoint, durable or not; none when there is no checkpoint.
    pub received: Option<u64>,
    /// The revision of the newest durable checkpoint; none when there is none.
    pub durable: Option<u64>,
}

/// A living controller.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ControllerStatus {
    /// Its process id.
    pub pid: u32,
    /// The number of its life.
    pub incarnation: u64,
    /// How long it has lived, in milliseconds.
    pub uptime_ms: u64,
    /// Whether it has taken its checkpoint in and gives heartbeats.
    pub works: bool,
}

/// The end of a life.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LastEnd {
    /// What it came from, for people.
    pub reason: String,
    /// How long ago it was, in milliseconds.
    pub ago_ms: u64,
}

/// Where a supervisor tells its [`SupervisorStatus`].
pub fn supervisor_socket(runtime_dir: &Path) -> PathBuf {
    runtime_dir.join("supervisor.sock")
}
