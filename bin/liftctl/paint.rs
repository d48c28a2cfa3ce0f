//! Colour, where a person looks at a terminal that has it.

use std::env;
use std::fmt::Display;
use std::io::{self, IsTerminal};

/// Whether to use colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Paint {
    /// For eyes.
    Coloured,
    /// For files, pipes, and those who set `NO_COLOR`.
    Plain,
}

impl Paint {
    /// What fits standard output.
    pub fn for_output() -> Self {
        let unwanted = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        if io::stdout().is_terminal() && !unwanted { Self::Coloured } else { Self::Plain }
    }

    /// What is as it should be.
    pub fn good(self, text: impl Display) -> String {
        self.wrap("32", text)
    }

    /// What a person should look at.
    pub fn bad(self, text: impl Display) -> String {
        self.wrap("31", text)
    }

    /// What stands beside the matter.
    pub fn faint(self, text: impl Display) -> String {
        self.wrap("2", text)
    }

    fn wrap(self, code: &str, text: impl Display) -> String {
        match self {
            Self::Coloured => format!("\x1b[{code}m{text}\x1b[0m"),
            Self::Plain => text.to_string(),
        }
    }
}
