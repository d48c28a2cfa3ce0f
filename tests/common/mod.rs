//! What the tests of whole processes share.
#![allow(dead_code, reason = "every test uses its own part")]

pub mod group;
pub mod simulator;
pub mod wait;
