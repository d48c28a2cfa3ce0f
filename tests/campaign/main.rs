//! A building of network namespaces: real programs, real faults, and an observer at the hardware.
//!
//! Each lift has a computer of its own: a network namespace with an address on a bridge, a disk in
//! memory, a simulator, a supervisor and its controllers. Faults rain on them while buttons are
//! pressed at random. The judge is [`lift_group::sim::promises`], the same that judges the simulated
//! building; it hears what the simulators tell (lamps, doors, cars) and what the operator did.
//!
//! The short campaign ([`short`]) is part of `cargo test`. The long one ([`long`]) is
//!
//! ```text
//! cargo test --release --test campaign -- --ignored --nocapture
//! ```
//!
//! | variable | default | |
//! |---|---|---|
//! | `LIFT_CAMPAIGN_SEED` | by the clock | the same faults and presses in the same order |
//! | `LIFT_CAMPAIGN_ROUNDS` | 80 | how many rounds in each building; one takes some 20 s |
//! | `LIFT_CAMPAIGN_BUILDINGS` | 3 | how many buildings at the same time, each with the next seed |
//! | `LIFT_CAMPAIGN_LIFTS` | 3 | how many lifts a building has, 2 to 9 |
//!
//! In the totals a call that was lit is *answered*; or *forgiven*, when the operator had destroyed every
//! copy that the design owes; or *unclear*, when its panel lost its power before anybody could tell
//! whether the lamp was that of an earlier press. Any other is *lost*, and the campaign has failed.
//!
//! All of it takes rights that only root has; for others these tests are skipped, and say so. The
//! clocks of the computers cannot be changed here: a namespace shares them with everybody. They jump in
//! the simulated building.

#[path = "../common/mod.rs"]
mod common;

mod building;
mod campaign;
mod fault;
mod footprint;
mod intruder;
mod links;
mod long;
mod namespace;
mod node;
mod short;
mod strikes;
mod tally;
mod totals;
mod watch;
