//! The simulated building: a fixed set of its seeds, and the proof that it finds what it is for.

mod program;
mod sabotage;
mod seeds;
