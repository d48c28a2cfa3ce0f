//! The shell.

pub mod codec;
pub mod link;
