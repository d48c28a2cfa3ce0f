//! A node's disk in virtual time: slow, stalled, broken, or all that is left.

use std::collections::VecDeque;
use std::time::Duration;

use lift_group::node::{Checkpoint, Revision};
use lift_group::time::Instant;

#[derive(Clone)]
pub struct Disk {
    pub latency: Duration,
    pub stalled: bool,
    pub works: bool,
    pub writing: VecDeque<(Instant, Revision, Checkpoint)>,
    pub durable: Option<Checkpoint>,
    pub highest: Revision,
}

impl Disk {
    /// One that works, and that nobody has written to.
    pub fn empty() -> Self {
        Self {
            latency: Duration::from_millis(10),
            stalled: false,
            works: true,
            writing: VecDeque::new(),
            durable: None,
            highest: Revision(0),
        }
    }

    pub fn write(&mut self, now: Instant, revision: Revision, checkpoint: Checkpoint) {
        self.highest = self.highest.max(revision);
        self.writing.push_back((now + self.latency, revision, checkpoint));
    }

    pub fn advance(&mut self, now: Instant) -> Option<Revision> {
        let done = |(at, ..): &(Instant, Revision, Checkpoint)| *at <= now;
        if self.stalled || !self.works || !self.writing.iter().any(done) {
            return None;
        }
        let reached = self.writing.iter().filter(|write| done(write)).count();
        let (_, revision, checkpoint) = self.writing.drain(..reached).next_back()?;
        self.durable = Some(checkpoint);
        Some(revision)
    }

    /// What the supervisor would give to a next life, durable or not.
    pub fn newest(&self) -> Option<&Checkpoint> {
        self.writing.back().map(|(.., checkpoint)| checkpoint).or(self.durable.as_ref())
    }
}
