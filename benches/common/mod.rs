//! What the benchmarks share: how figures are shown, nodes of the real programs, and the disk.

pub mod disk;
pub mod figures;
pub mod node;

use std::path::Path;
use std::{fs, thread};

/// A directory on the disk on which the project is built, for everything that must be synced.
pub const DISK: &str = env!("CARGO_TARGET_TMPDIR");

/// Where the figures were taken.
pub fn machine() -> String {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!(
        "{} processors, Linux {}, load {}, checkpoints on {}",
        thread::available_parallelism().map_or(0, usize::from),
        kernel.trim(),
        load.split(' ').next().unwrap_or_default(),
        file_system(Path::new(DISK)).unwrap_or_else(|| "a disk that nothing is known of".into())
    )
}

/// The file system that holds this path: the one with the longest mount point above it.
fn file_system(path: &Path) -> Option<String> {
    let path = path.canonicalize().ok()?;
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    let fields = mounts.lines().map(|mount| mount.split(' ').collect::<Vec<_>>());
    fields
        .filter(|mount| mount.len() > 2 && path.starts_with(mount[1]))
        .max_by_key(|mount| mount[1].len())
        .map(|mount| format!("{} ({})", mount[2], mount[0]))
}
