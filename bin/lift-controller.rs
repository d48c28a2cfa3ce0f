//! Runs one lift. Started by `lift-supervisor`, which gives it all that it needs.

use std::process::ExitCode;

use lift_group::shell::controller;

#[cfg(feature = "manual")]
mod manual;

fn main() -> ExitCode {
    #[cfg(feature = "manual")]
    manual::write_if_asked(
        clap::Command::new("lift-controller")
            .version(env!("CARGO_PKG_VERSION"))
            .about("Controls one lift; started by lift-supervisor alone, which tells it everything")
            .after_help("See lift-supervisor(1) for its options, and liftctl(1) to look at it."),
    );
    match controller::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            log::error!("{failure}");
            ExitCode::from(failure.exit_status())
        }
    }
}
