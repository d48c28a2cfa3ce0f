//! Runs one lift. Started by `lift-supervisor`, which gives it all that it needs.

use std::process::ExitCode;

use lift_group::shell::controller;

fn main() -> ExitCode {
    match controller::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            log::error!("{failure}");
            ExitCode::from(failure.exit_status())
        }
    }
}
