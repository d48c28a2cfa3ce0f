//! The assignment against cars that really drive: is what it foresees what happens, does it serve
//! passengers better than a simple rule, and is nobody forgotten under load?

#[path = "../scenarios/shaft.rs"]
#[allow(dead_code, reason = "the scenarios use all of it")]
mod shaft;

mod car;
mod foresight;
mod traffic;
