//! How long it takes until a checkpoint is known to be durable.
//!
//! Measured twice: at the writer, which is the disk and little else, and where it counts, in a
//! controller, with the link and the supervisor's loop in between. The controller is this program
//! in another role, under the real supervisor.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use std::{env, thread};

use lift_group::shell::clock;
use lift_group::shell::link::{Link, Received, ToController, ToSupervisor};
use lift_group::supervisor::lock::Lock;
use lift_group::supervisor::store::Store;
use lift_group::supervisor::writer::{Report, Writer};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use tempfile::TempDir;

use crate::common::disk::{BareFile, payload, timed};
use crate::common::figures::{Figure, Goal, millis};
use crate::common::node::Node;
use crate::common::{DISK, ROLE};

/// The role of the controller.
pub const CONTROLLER: &str = "controller";

const RUNS: usize = 100;

/// How long the disk is left alone in between: the second copy is written by then. Shorter than
/// the time between two heartbeats.
const REST: Duration = Duration::from_millis(30);

/// Until the writer has reported.
pub fn measure_writer() -> io::Result<Figure> {
    let directory = TempDir::with_prefix_in("writer-", DISK)?;
    let bare = BareFile::create(directory.path())?;
    let lock = Lock::take(&directory.path().join("state"), Duration::ZERO);
    let store = lock.and_then(|lock| Store::open(lock, clock::unix_micros()));
    let writer = store.map_err(|error| io::Error::other(error.to_string()))?.writer;
    let mut samples = Vec::new();
    for revision in 1..=RUNS as u64 {
        thread::sleep(REST);
        let bare = bare.save(revision)?;
        thread::sleep(REST);
        samples.push((timed(|| save(&writer, revision))?, bare));
    }
    Ok(figure("checkpoint → durable", &samples))
}

fn save(writer: &Writer, revision: u64) -> io::Result<()> {
    writer.save(revision, payload(revision));
    while !writer.reports().contains(&Report::Saved(revision)) {
        wait_for(writer)?;
    }
    Ok(())
}

/// Until the controller knows.
pub fn measure_link() -> io::Result<Figure> {
    let nobody = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
    let mut node = Node::start(nobody, |command| {
        let program = env::current_exe().unwrap_or_else(|_| PathBuf::from("no program"));
        command.arg("--controller").arg(program).env(ROLE, CONTROLLER);
        command.stdout(Stdio::piped());
    })?;
    let lines =
        BufReader::new(node.child.stdout.take().ok_or(ErrorKind::BrokenPipe)?).lines().take(RUNS);
    let samples = lines.map(|line| read_sample(&line?)).collect::<io::Result<Vec<_>>>()?;
    Ok(figure("checkpoint → acknowledged over the link", &samples))
}

/// What a wake-up costs. On the way over the link there are four of them, to the supervisor, to
/// its writer and back, and a disk that is quick makes them a large part of the whole.
pub fn measure_wakeup() -> io::Result<Figure> {
    let (mut near, mut far) = UnixStream::pair()?;
    thread::spawn(move || {
        let mut byte = [0];
        while far.read_exact(&mut byte).and_then(|()| far.write_all(&byte)).is_ok() {}
    });
    let mut there_and_back = || {
        thread::sleep(REST / 3);
        timed(|| {
            near.write_all(&[1])?;
            near.read_exact(&mut [0])
        })
    };
    let mut samples = Vec::new();
    for _ in 0..RUNS {
        samples.push(millis(there_and_back()?) * 1000.0 / 2.0);
    }
    let samples = samples.into_iter().collect();
    Ok(Figure {
        what: "a wake-up from rest".into(),
        unit: "µs",
        samples,
        bare: None,
        goals: vec![],
    })
}

fn figure(what: &'static str, samples: &[(Duration, Duration)]) -> Figure {
    Figure {
        what: what.into(),
        unit: "ms",
        samples: samples.iter().map(|(sample, _)| *sample).collect(),
        bare: Some(samples.iter().map(|(_, bare)| *bare).collect()),
        goals: vec![Goal::TimesBare(1.5)],
    }
}

fn read_sample(line: &str) -> io::Result<(Duration, Duration)> {
    let nanos = |text: &str| text.parse().map(Duration::from_nanos).ok();
    let sample = line.split_once(' ').and_then(|(one, other)| nanos(one).zip(nanos(other)));
    sample.ok_or_else(|| io::Error::other(format!("the controller said: {line}")))
}

/// Saves checkpoints and tells the times, until it is to stop.
pub fn be_controller() -> io::Result<()> {
    let directory = TempDir::with_prefix_in("bare-", DISK)?;
    let bare = BareFile::create(directory.path())?;
    let mut link = Link::from(io::stdin().as_fd().try_clone_to_owned()?);
    link.send(&ToSupervisor::Hello)?;
    hear(&mut link, |message| matches!(message, ToController::Welcome { .. }))?;
    link.send(&ToSupervisor::Restored)?;
    for revision in 1..=RUNS as u64 {
        beat(&link)?;
        let bare = bare.save(revision)?;
        beat(&link)?;
        let saved = timed(|| {
            let bytes = payload(revision);
            link.send(&ToSupervisor::Checkpoint { revision, bytes })?;
            hear(&mut link, |message| *message == ToController::Saved(revision))
        })?;
        println!("{} {}", saved.as_nanos(), bare.as_nanos());
    }
    hear(&mut link, |message| *message == ToController::Stop)
}

fn beat(link: &Link) -> io::Result<()> {
    link.send(&ToSupervisor::Heartbeat)?;
    thread::sleep(REST);
    Ok(())
}

/// Hears everything up to this message.
fn hear(link: &mut Link, is_awaited: impl Fn(&ToController) -> bool) -> io::Result<()> {
    loop {
        match link.receive()? {
            Received::Message(message) if is_awaited(&message) => return Ok(()),
            Received::Message(_) => {}
            Received::Nothing => wait_for(&*link)?,
            Received::End => return Err(ErrorKind::UnexpectedEof.into()),
        }
    }
}

fn wait_for(source: &impl AsFd) -> io::Result<()> {
    poll(&mut [PollFd::new(source.as_fd(), PollFlags::POLLIN)], PollTimeout::NONE)?;
    Ok(())
}
