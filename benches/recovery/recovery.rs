//! How long a lift is without a controller that knows its calls.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};

use crate::bare::Bare;
use crate::common::figures::{Figure, Goal, MEDIAN, Samples, millis};
use crate::common::node::Node;
use crate::hardware::Hardware;

const KILLS: usize = 40;

const HANGS: usize = 15;

/// The time after which a silent controller counts as hanging, as it is by default.
const HANG_TIMEOUT: Duration = Duration::from_millis(200);

/// What a recovery from a hang may take beyond the time-out.
const HANG_GOAL: Duration = Duration::from_millis(20);

/// How long a new life is left alone before it is ended: its checkpoint is on the disk by then,
/// in both copies.
const REST: Duration = Duration::from_millis(100);

/// Recovery from a crash and from a hang.
pub fn measure() -> io::Result<Vec<Figure>> {
    let hardware = Hardware::start(true)?;
    let node = Node::start(hardware.address, |_| {})?;
    let mut bare = Bare::start()?;
    let mut bare_restarts = Vec::new();
    let mut kills = Vec::new();
    let mut hangs = Vec::new();
    hardware.next_lit()?;
    for _ in 0..KILLS {
        bare_restarts.push(bare.restart()?);
        kills.push(recovery(&node, &hardware, Signal::SIGKILL)?);
    }
    for _ in 0..HANGS {
        hangs.push(recovery(&node, &hardware, Signal::SIGSTOP)?);
    }
    let bare: Samples = bare_restarts.iter().copied().collect();
    let bare_hang = bare_restarts.iter().map(|restart| *restart + HANG_TIMEOUT).collect();
    Ok(vec![
        Figure {
            what: "controller killed → calls restored".into(),
            unit: "ms",
            samples: kills.into_iter().collect(),
            bare: Some(bare),
            goals: vec![Goal::TimesBare(3.0), Goal::AtMost(MEDIAN, 10.0)],
        },
        Figure {
            what: "controller stopped → calls restored".into(),
            unit: "ms",
            samples: hangs.into_iter().collect(),
            bare: Some(bare_hang),
            goals: vec![Goal::AtMost(MEDIAN, millis(HANG_TIMEOUT + HANG_GOAL))],
        },
    ])
}

/// Sends this signal to a controller at rest; the time until the next one has lit the lamp of the
/// call that was lit before.
fn recovery(node: &Node, hardware: &Hardware, signal: Signal) -> io::Result<Duration> {
    node.replace_controller()?;
    hardware.next_lit()?;
    let controller = node.controller()?;
    thread::sleep(REST);
    let begun = Instant::now();
    kill(controller, signal)?;
    Ok(hardware.next_lit()?.duration_since(begun))
}
