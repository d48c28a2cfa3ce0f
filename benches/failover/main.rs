//! How fast a group goes on without one of its nodes, how fast a press is promised everywhere, and
//! what it costs to say everything all the time.
//!
//! As in the benchmark of recovery, what has a floor stands beside it: the least that this machine
//! needs for the same, without any lift, measured in the same run and in turn with it.
//!
//! The programs are the real ones, with simulated hardware, on the loopback network. This program
//! listens to the group's port like any node, and takes the time when a datagram is in its hands.

#[path = "../common/mod.rs"]
mod common;

mod floor;
mod house;
mod lamps;
mod rest;
mod takeover;
mod wire;

use std::io;
use std::process::ExitCode;

use common::figures::Figure;
use common::{Role, machine, run};

fn main() -> ExitCode {
    let roles: [Role; 3] = [
        (floor::PARENT, floor::be_parent),
        (floor::CHILD, floor::be_child),
        (floor::ECHO, floor::be_echo),
    ];
    run(&roles, measure)
}

fn measure() -> io::Result<()> {
    println!("{}\n\n{}", machine(), Figure::HEADING);
    for part in [takeover::measure, lamps::measure, rest::measure] {
        for figure in part()? {
            println!("{figure}");
        }
    }
    println!("\n{NOTES}");
    Ok(())
}

const NOTES: &str = "\
p10 … p90  one run in ten was below, one above; the ratio is that of the medians
killed     SIGKILL to the primary's controller, until another node's first word as primary is in
           the hands of a listener. Bare: a parent that only waits for its child and then sends a
           datagram of the same length
stopped    SIGSTOP to the primary's controller: it is missed by the others, after ten words, before
           its supervisor kills it, after 200 ms
vanished   supervisor and controller killed together, so that nobody says so: ten words are missed
pressed    from the button to the lamp on the last of three panels: with a sweep of the hardware,
           20 ms at most, in which the press is noticed
heard      from the first word of the press on the network to the primary's word that its lamp may be
           lit, and on to the lamp on the last of three panels. Bare: a datagram from process to
           process, and write and fdatasync of a checkpoint by three at once until two are done
at rest    of nodes whose hardware does not answer: what being a group costs. All on one machine,
           each hears all the others; CPU is that of both programs of a node. On a machine that is
           saturated they get what there is, and say less often what they have to say";
