//! `liftctl`: what a person does with lifts. It looks at a running one ([`status`]), draws the key
//! of a group ([`keygen`]), makes the group forget a lift ([`forget`]), and shows what this project
//! is for ([`demo`]).
//!
//! A lift needs nobody to run it, so there is nothing here to run one with.

mod demo;
mod forget;
mod keygen;
#[cfg(feature = "manual")]
#[path = "../manual.rs"]
mod manual;
mod options;
mod paint;
mod status;

use std::io::{self, Write};
use std::process::ExitCode;

use options::{Command, Options};

fn main() -> ExitCode {
    #[cfg(feature = "manual")]
    manual::write_if_asked(<Options as clap::CommandFactory>::command());
    let done = match Options::from_command_line().command {
        Command::Status(options) => status::run(&options).map_err(|trouble| trouble.to_string()),
        Command::Keygen(options) => keygen::run(&options).map_err(|trouble| trouble.to_string()),
        Command::Forget(options) => forget::run(&options).map_err(|trouble| trouble.to_string()),
        Command::Demo(options) => demo::run(&options).map_err(|failure| failure.to_string()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            let _ = writeln!(io::stderr(), "liftctl: {trouble}"); // nobody left to tell
            ExitCode::FAILURE
        }
    }
}
