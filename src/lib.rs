//! A lift group controller that keeps its promises. (The architecture is told here.)

pub mod building;
pub mod calls;
pub mod config;
pub mod group;
pub mod lift;
pub mod node;
pub mod shell;
pub mod supervisor;
pub mod time;
