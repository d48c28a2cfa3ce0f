//! What the tests of whole processes share.
#![allow(dead_code, reason = "every test uses its own part")]

pub mod group;
pub mod process;
pub mod seed;
pub mod simulator;
pub mod skip;
pub mod wait;
