//! The supervisor as a real process, with controllers that behave as a test wants.

mod bench;
mod controller;

mod checkpoints;
mod crashes;
mod endings;
mod input;
mod systemd;
