//! How fast a lift comes back, and what it costs to be ready for that.
//!
//! Every figure stands beside a bare one: the least that this machine needs for the same, without
//! any lift, measured in the same run and in turn with it. A busy machine slows both, so their
//! ratio says more than either of them. A goal that is missed is said, and is no failure of the
//! benchmark.
//!
//! The programs are the real ones, started as in service. Only the hardware is a thread of this
//! process, which answers at once and takes the times.

#[path = "../common/mod.rs"]
mod common;

mod bare;
mod checkpoints;
mod footprint;
mod hardware;
mod recovery;

use std::io;
use std::process::ExitCode;

use common::figures::Figure;
use common::{Role, machine, run};

fn main() -> ExitCode {
    let roles: [Role; 3] = [
        (bare::PARENT, bare::be_parent),
        (bare::CHILD, bare::be_child),
        (checkpoints::CONTROLLER, checkpoints::be_controller),
    ];
    run(&roles, measure)
}

fn measure() -> io::Result<()> {
    println!("{}\n", machine());
    let mut figures = recovery::measure()?;
    figures.push(checkpoints::measure_writer()?);
    figures.push(checkpoints::measure_link()?);
    figures.push(checkpoints::measure_wakeup()?);
    figures.extend(footprint::measure()?);
    println!("{}", Figure::HEADING);
    for figure in figures {
        println!("{figure}");
    }
    println!("\n{NOTES}");
    Ok(())
}

const NOTES: &str = "\
p10 … p90  one run in ten was below, one above; the ratio is that of the medians
bare       restart: a parent that only waits for its child and starts another empty one, which
           writes one line; hang: the time-out and a bare restart; durable: write and fdatasync of
           as many bytes on the same file system; memory: an empty program
restored   the hardware is told to light the lamp of the call that was lit before
stopped    up to a quarter of the time-out may have passed since the last heartbeat already
over …     the way there and back has four wake-ups, whatever the disk: on one that syncs in less
           than some eight times the time of a wake-up they alone are more than half as much again
private    memory that no other process shares, as /proc/PID/smaps_rollup tells: written pages, and
           pages of the program's file that nobody else has mapped. The latter cost nothing while
           a second lift runs on the machine, and the kernel can take them back at any time
shared     pages that other processes have mapped too, such as those of the C library
wake-ups   of all threads at rest: how often a processor was given to one, from /proc/PID/status.
           A sweep of the hardware every 20 ms wakes the controller twice: to ask and to hear";
