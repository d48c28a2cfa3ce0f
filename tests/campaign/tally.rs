//! What a campaign did, in numbers.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use lift_group::sim::promises::{Figures, Spans};

use crate::fault::Fault;

/// What was done, and how long the group took to have a primary again.
#[derive(Clone, Default)]
pub struct Tally {
    /// How often each fault struck.
    pub faults: BTreeMap<Fault, u64>,
    /// How many processes got `SIGKILL`: controllers and supervisors.
    pub kills: u64,
    /// What systemd would have had to start again.
    pub restarts: u64,
    to_primary: BTreeMap<Fault, Spans>,
}

impl Tally {
    /// After this fault had struck the primary, so much time passed until the next one.
    pub fn took(&mut self, fault: Fault, span: Duration) {
        self.to_primary.entry(fault).or_default().note(span);
    }

    /// Takes the numbers of another campaign into these.
    pub fn add(&mut self, other: &Self) {
        for (fault, count) in &other.faults {
            *self.faults.entry(*fault).or_default() += count;
        }
        self.kills += other.kills;
        self.restarts += other.restarts;
        for (fault, spans) in &other.to_primary {
            self.to_primary.entry(*fault).or_default().add(spans);
        }
    }

    /// What matters most of it, in one line.
    pub fn short_with(&self, figures: &Figures) -> String {
        let faults: u64 = self.faults.values().sum();
        format!(
            "{faults} faults, {} processes killed, {} partitions; {} calls lit, {} answered, \
             {} forgiven, {} unclear, {} lost",
            self.kills,
            self.partitions(),
            figures.lit,
            figures.answered,
            figures.forgiven,
            figures.unclear,
            figures.pending()
        )
    }

    fn partitions(&self) -> u64 {
        self.faults.iter().filter(|(fault, _)| fault.parts()).map(|(_, count)| count).sum()
    }

    /// All of it in words.
    pub fn told_with(&self, figures: &Figures) -> String {
        let mut lines = vec![format!("faults: {}", self.faults.values().sum::<u64>())];
        for (fault, count) in &self.faults {
            let primary = self.to_primary.get(fault).map_or(String::new(), |spans| {
                format!("   new primary after {}", Percentiles(spans))
            });
            lines.push(format!("  {:17} {count:5}{primary}", format!("{fault:?}")));
        }
        let mut all = Spans::default();
        self.to_primary.values().for_each(|spans| all.add(spans));
        lines.push(format!(
            "processes killed: {}   partitions: {}   started again: {}\n\
             calls: pressed {}, lit {}, answered {}, forgiven {}, unclear {}, lost {}\n\
             came back: {}   extra stops: {}\n\
             time to new primary: {}\ntime to light: {}\ntime to answer: {}",
            self.kills,
            self.partitions(),
            self.restarts,
            figures.pressed,
            figures.lit,
            figures.answered,
            figures.forgiven,
            figures.unclear,
            figures.pending(),
            figures.came_back,
            figures.extra_stops,
            Percentiles(&all),
            Percentiles(&figures.to_light),
            Percentiles(&figures.to_answer),
        ));
        lines.join("\n")
    }
}

struct Percentiles<'a>(&'a Spans);

impl fmt::Display for Percentiles<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |span: Duration| span.as_secs_f64() * 1000.0;
        let (p50, p99) = (self.0.percentile(50), self.0.percentile(99));
        let (p50, p99, longest) = (ms(p50), ms(p99), ms(self.0.longest()));
        let count = self.0.count();
        write!(f, "p50 {p50:.1} ms, p99 {p99:.1} ms, max {longest:.1} ms ({count} times)")
    }
}
