//! `lift-torture`: years of faults in minutes. Runs simulated buildings ([`lift_group::sim`]), a
//! seed each, until one of them breaks a promise; then plays that one again for a person to read.

mod json;
mod options;
mod replay;
mod series;

use std::process::ExitCode;

use options::Options;

fn main() -> ExitCode {
    let options = Options::from_command_line();
    options.break_code();
    let kept = match options.replay {
        Some(seed) => replay::replay(seed, &options),
        None => series::run(&options),
    };
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
