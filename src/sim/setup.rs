//! What does not change about a node, whatever becomes of it.

use std::time::Duration;

use crate::config::Config;

/// What does not change about a node.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// The lift and its timings.
    pub config: Config,
    /// The real seal is at work.
    pub sealed: bool,
    /// How long commands and readings are under way.
    pub lag: Duration,
    /// Readings that say nothing new are delivered as well.
    pub every_reading: bool,
    /// How long the disk takes for one task, at most.
    pub disk_time: Duration,
}
