//! The simulated building: whole groups of lifts in one process, in virtual time, from one seed.
//!
//! Here the real nodes run, with the real policy of their supervisors, their real checkpoint files,
//! seal and codec. What is simulated is the world round them: lifts that take their time, people who
//! want to ride, a network that loses what it carries, disks that forget, processes that die, and an
//! operator who sees to it that all of this goes wrong ([`fault`]). Nothing of it touches clocks,
//! files, threads or chance but by the seed, so a run can be played again to the byte.
//!
//! A run has two phases. First things go wrong, and whatever must never be seen must not be seen.
//! Then all is well again, and within bounds whatever was promised must come true and everything
//! come to rest.

pub mod bearing;
pub mod chance;
pub mod cliques;
pub mod clock;
pub mod controller;
pub mod disk;
pub mod effect;
pub mod fault;
pub mod hands;
pub mod inside;
pub mod intruder;
pub mod judge;
pub mod line;
pub mod memory;
pub mod network;
pub mod operator;
pub mod people;
pub mod plan;
pub mod promises;
pub mod run;
pub mod setup;
pub mod shaft;
pub mod shrink;
pub mod station;
pub mod summary;
pub mod supervisor;
pub mod trace;
pub mod voice;
pub mod world;
pub mod writer;
