//! The supervisor as a real process, with controllers that behave as a test wants.

#[path = "../common/mod.rs"]
mod common;

mod bench;
mod controller;

mod checkpoints;
mod crashes;
mod endings;
mod input;
mod systemd;
