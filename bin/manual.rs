//! The manual pages and the shell completions of a program, made from the options that it has, so
//! that they cannot tell of others.
//!
//! Only a program that was built with the feature `manual` makes them, when it is asked to; so what
//! is installed carries nothing of this. `systemd/debian/build` asks.

use std::path::Path;
use std::{env, fs, io};

use clap::Command;
use clap_complete::{Shell, generate_to};

/// Where they are to be put.
const ASKED: &str = "LIFT_MANUAL";

/// Writes them and ends the process, where that is what it was started for.
pub fn write_if_asked(program: Command) {
    let Some(folder) = env::var_os(ASKED) else { return };
    if let Err(error) = write(program, Path::new(&folder)) {
        eprintln!("no manual in {}: {error}", Path::new(&folder).display());
        std::process::exit(1);
    }
    std::process::exit(0);
}

fn write(mut program: Command, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let name = program.get_name().to_owned();
    if program.get_arguments().next().is_some() || program.has_subcommands() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            generate_to(shell, &mut program, &name, folder)?;
        }
    }
    clap_mangen::generate_to(program, folder)
}
