//! Where log lines go: to standard error, one line per event, each written whole.
//!
//! To a person it begins with the time and the level; to the systemd journal, which knows the time,
//! with the level as the journal reads it. The program's name follows, since a supervisor and its
//! controller write to the same place. No colour: the lines are for files as much as for eyes.
//!
//! Nobody has to read them: what finds no room is dropped, and how much that was is said as soon as
//! there is room again.

use std::io;
use std::sync::atomic::Ordering;
use std::{env, fmt};

use log::{Level, LevelFilter, Log, Metadata, Record};
use nix::sys::stat::fstat;
use simplelog::{ConfigBuilder, LevelPadding, WriteLogger};

use super::outlet::{Dropped, Outlet};

/// Logs events of this level and more important ones from now on, under this name; a later call
/// changes the level alone.
pub fn start(level: LevelFilter, name: &'static str) {
    let journal = is_journal();
    let dropped = Dropped::default();
    let output = Outlet::new(Dropped::clone(&dropped));
    let config = if journal { bare() } else { stamped() };
    let lines = *WriteLogger::new(LevelFilter::Trace, config, output);
    // Only the first logger is taken; it lets through what the level below allows.
    let _ = log::set_boxed_logger(Box::new(Named { name, journal, lines, dropped }));
    log::set_max_level(level);
}

/// Whether standard error is the journal, which says which file it is. To have been started by
/// systemd is not enough: standard error may lead elsewhere since.
fn is_journal() -> bool {
    let Ok(journal) = env::var("JOURNAL_STREAM") else { return false };
    fstat(io::stderr()).is_ok_and(|file| journal == format!("{}:{}", file.st_dev, file.st_ino))
}

fn bare() -> simplelog::Config {
    let mut config = ConfigBuilder::new();
    config.set_time_level(LevelFilter::Off).set_max_level(LevelFilter::Off);
    config.set_thread_level(LevelFilter::Off).set_target_level(LevelFilter::Off);
    config.set_location_level(LevelFilter::Off).build()
}

fn stamped() -> simplelog::Config {
    let mut config = ConfigBuilder::new();
    config.set_time_format_rfc3339().set_time_level(LevelFilter::Error);
    config.set_max_level(LevelFilter::Error);
    config.set_level_padding(LevelPadding::Right);
    config.set_thread_level(LevelFilter::Off).set_target_level(LevelFilter::Off);
    config.set_location_level(LevelFilter::Off).build()
}

/// A logger that puts the name in front of every event.
struct Named {
    name: &'static str,
    journal: bool,
    lines: WriteLogger<Outlet>,
    /// How many lines were dropped and not yet told.
    dropped: Dropped,
}

impl Log for Named {
    fn enabled(&self, metadata: &Metadata) -> bool {
        self.lines.enabled(metadata)
    }

    fn log(&self, record: &Record) {
        self.tell_dropped();
        self.put(record.level(), record.args());
    }

    fn flush(&self) {
        self.lines.flush();
    }
}

impl Named {
    fn put(&self, level: Level, event: &fmt::Arguments) {
        let (name, mut named) = (self.name, Record::builder());
        named.level(level);
        if self.journal {
            let priority = journal_priority(level);
            self.lines.log(&named.args(format_args!("<{priority}>{name}: {event}")).build());
        } else {
            self.lines.log(&named.args(format_args!("{name}: {event}")).build());
        }
    }

    /// Says how many lines were dropped, if now there is room for that.
    fn tell_dropped(&self) {
        let lost = self.dropped.swap(0, Ordering::Relaxed);
        if lost == 0 {
            return;
        }
        self.put(
            Level::Warn,
            &format_args!("nobody read the log, lines were dropped lines={lost}"),
        );
        let dropped_again = self.dropped.swap(0, Ordering::Relaxed) > 0;
        if dropped_again {
            self.dropped.fetch_add(lost, Ordering::Relaxed);
        }
    }
}

/// The numbers of syslog(3).
fn journal_priority(level: Level) -> u8 {
    match level {
        Level::Error => 3,
        Level::Warn => 4,
        Level::Info => 6,
        Level::Debug | Level::Trace => 7,
    }
}
