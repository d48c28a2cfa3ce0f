//! The largest group, 64 lifts in a building of 128 floors, on its worst day: what it says still
//! fits into datagrams, and what it remembers into a checkpoint.

mod costs;
mod sizes;
mod worst;
