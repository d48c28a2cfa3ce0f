//! One lift.
pub mod panel;
