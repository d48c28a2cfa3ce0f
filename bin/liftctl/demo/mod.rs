//! `liftctl demo`: a promise kept before your eyes.
//!
//! A [`stage`] of real processes; a [`story`] of what passengers and a killer do; an [`observer`]
//! that sees what came of it and believes nothing but the events of the simulated [`hardware`] and
//! the answers of the status sockets. The demo succeeds only if the story came true.

mod failure;
mod hardware;
mod narrator;
mod observer;
mod stage;
mod story;

use std::io::{self, Write};

use crate::options::DemoOptions;
use failure::Failure;
use narrator::{Narrator, farewell};
use stage::Stage;

/// Shows that no call is lost.
///
/// # Errors
/// Where the story takes another turn. All processes have ended and the directory is gone by then,
/// as after success.
pub fn run(options: &DemoOptions) -> Result<(), Failure> {
    let bin_dir = options.bin_dir().map_err(|error| Failure::System("find the programs", error))?;
    let (mut stage, mut observer) = Stage::build(&bin_dir)?;
    let mut narrator = Narrator::default();
    story::tell(&mut stage, &mut observer, &mut narrator).inspect_err(|failure| {
        if !matches!(failure, Failure::Interrupted) {
            let log = stage.end_of_log();
            let _ = write!(io::stderr(), "\nThe log of supervisor and controller ends:\n{log}\n");
        }
    })?;
    drop(stage);
    farewell(&bin_dir)
}
