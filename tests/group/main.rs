//! A group as it will be installed: real programs, real sockets, real files, real kills.

#[path = "../common/mod.rs"]
mod common;

mod house;

mod calls;
mod forget;
mod keys;
mod lives;
mod network;
mod obituary;
mod primary;
mod status;
