//! One lift as it will be installed: the real programs, real sockets, real files, real kills.
//!
//! An observer at the hardware judges. It knows the events of the simulator and nothing else, and
//! it holds the lift to its promise: whatever was done to it, every lamp that was ever lit goes
//! dark at its floor with the door open, and never otherwise.

#[path = "../common/mod.rs"]
mod common;

mod disk;
mod lift;
mod plan;
mod seen;

mod campaign;
mod checkpoints;
mod crash_loop;
mod disks;
mod hangs;
mod hardware;
mod kills;
mod log;
mod mistakes;
mod orders;
mod supervisor_kills;
