//! What the benchmarks share: how figures are shown, nodes of the real programs, and the disk.

pub mod disk;
pub mod figures;
pub mod node;

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io, thread};

/// In the environment of a process that a benchmark starts of itself: what it is to be.
pub const ROLE: &str = "LIFT_BENCH_ROLE";

/// What a process can be, and how it goes about it.
pub type Role = (&'static str, fn() -> io::Result<()>);

/// What the benchmark does, or one of the roles in it.
pub fn run(roles: &[Role], measure: fn() -> io::Result<()>) -> ExitCode {
    let outcome = match env::var(ROLE) {
        Ok(role) => match roles.iter().find(|(name, _)| *name == role) {
            Some((_, be)) => be(),
            None => Err(io::Error::other(format!("no such role: {role}"))),
        },
        // `cargo test` runs benchmarks too, and expects of them no more than that they start.
        Err(_) if !env::args().any(|argument| argument == "--bench") => Ok(()),
        Err(_) => measure(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("no figures: {error}");
            ExitCode::FAILURE
        }
    }
}

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
