//! One simulated lift behind the TCP elevator protocol of the TTK4145 lab.
//!
//! A pure [model] of the physics, a [server] that speaks the [protocol] with all the habits that
//! hurt, [consoles](console) for the [operator], and one [loop](simulation) around them. It knows
//! nothing of the controller: not a line is shared, so a misunderstanding of the protocol cannot
//! be on both sides.

mod clock;
mod console;
mod control;
mod event;
#[cfg(feature = "manual")]
#[path = "../manual.rs"]
mod manual;
mod model;
mod operator;
mod options;
mod protocol;
mod server;
mod simulation;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use options::Options;
use simulation::Simulation;

fn main() -> ExitCode {
    #[cfg(feature = "manual")]
    manual::write_if_asked(<Options as clap::CommandFactory>::command());
    match Simulation::open(&Options::parse()).and_then(Simulation::run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(io::stderr(), "lift-simulator: {failure}"); // nobody left to tell
            ExitCode::FAILURE
        }
    }
}
