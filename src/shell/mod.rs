//! The shell: everything that can block, fail or be slow.
//!
//! It carries bytes between the core and the world and decides nothing: what to do is asked of
//! [`crate::node`], when to do it is what the core's deadlines say.

pub mod broadcast;
pub mod checkpoint;
pub mod clock;
pub mod codec;
pub mod controller;
pub mod hardware;
pub mod link;
pub mod logging;
pub mod notify;
pub mod orders;
mod outlet;
pub mod seal;
pub mod settings;
pub mod signals;
pub mod status;
