//! `liftctl demo`: promises kept before your eyes.
//!
//! A [`stage`] of real processes, and between them a [`switch`] whose plugs can be pulled; a
//! [`story`] of what passengers do and what fails; an [`observer`] that believes nothing but the
//! events of the simulated [`hardware`], what is said on the [`wire`], and the answers of the
//! status sockets. At the end the [`ledger`] is made up: the demo succeeds only if every call that
//! was ever lit was answered, and no lamp is lit.

mod failure;
mod hardware;
mod ledger;
mod narrator;
mod observer;
mod process;
mod stage;
mod story;
mod switch;
mod wire;

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
            let _ = writeln!(io::stderr(), "{}", stage.ends_of_logs()); // nobody left to tell
        }
    })?;
    drop(stage);
    farewell(&bin_dir)
}
