//! What many runs came to.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::fault::Kind;
use super::promises::{Figures, Spans};
use super::run::Outcome;

/// What many runs came to.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// How many there were.
    pub runs: u64,
    /// How long they were, all in all, in their own time.
    pub lasted: Duration,
    /// How many messages were said.
    pub messages: u64,
    /// How many passengers came.
    pub passengers: u64,
    /// What the observers saw, in numbers.
    pub figures: Figures,
    /// Promises that were open when a run was over before its time, at one that was broken.
    pub cut_short: u64,
    /// How long it took to replace a primary.
    pub to_take_over: Spans,
    /// How often each kind of fault occurred.
    pub faults: BTreeMap<Kind, u64>,
    /// How many faults of each kind were left out as beyond bearing.
    pub left_out: BTreeMap<Kind, u64>,
}

impl Summary {
    /// Takes in one more run.
    pub fn add(&mut self, outcome: &Outcome) {
        self.runs += 1;
        self.lasted += outcome.lasted;
        self.messages += outcome.messages;
        self.passengers += outcome.passengers;
        self.figures.add(&outcome.figures);
        if outcome.broken.is_some() {
            self.cut_short += outcome.figures.pending();
        }
        outcome.takeovers.iter().for_each(|span| self.to_take_over.note(*span));
        for (kind, count) in &outcome.counts {
            *self.faults.entry(*kind).or_default() += count;
        }
        for (kind, count) in &outcome.left_out {
            *self.left_out.entry(*kind).or_default() += count;
        }
    }

    /// Promises of which nothing became in a run that was not cut short.
    pub fn lost(&self) -> u64 {
        self.figures.pending() - self.cut_short
    }

    /// What was measured, by name.
    pub fn spans(&self) -> [(&'static str, &Spans); 4] {
        [
            ("time to light", &self.figures.to_light),
            ("time to take over", &self.to_take_over),
            ("time to answer", &self.figures.to_answer),
            ("time to arrive", &self.figures.to_arrive),
        ]
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Figures { pressed, lit, answered, forgiven, unclear, came_back, .. } = self.figures;
        let (extra_stops, lost) = (self.figures.extra_stops, self.lost());
        let days = self.lasted.as_secs_f64() / 86_400.0;
        writeln!(f, "{} runs, {days:.3} virtual days, {} messages", self.runs, self.messages)?;
        writeln!(
            f,
            "{} passengers, {pressed} presses, {lit} calls lit, {answered} answered",
            self.passengers
        )?;
        write!(f, "{forgiven} forgiven, {unclear} unclear, {lost} lost")?;
        match self.cut_short {
            0 => writeln!(f)?,
            open => writeln!(f, ", {open} open where a run was cut short")?,
        }
        writeln!(f, "{came_back} lamps came back, {extra_stops} extra stops")?;
        for (name, spans) in self.spans() {
            let [half, most] = [50, 99].map(|percent| spans.percentile(percent));
            let longest = spans.longest();
            writeln!(
                f,
                "{name:<18} p50 {half:<12.1?} p99 {most:<12.1?} max {longest:<12.1?} of {}",
                spans.count()
            )?;
        }
        let [total, left_out] = [&self.faults, &self.left_out].map(|all| all.values().sum::<u64>());
        writeln!(f, "{total} faults:")?;
        list(f, &self.faults)?;
        writeln!(f, "{left_out} left out as beyond what any design could bear:")?;
        list(f, &self.left_out)
    }
}

fn list(f: &mut fmt::Formatter<'_>, counts: &BTreeMap<Kind, u64>) -> fmt::Result {
    counts.iter().try_for_each(|(kind, count)| writeln!(f, "  {count:>8} {}", kind.name()))
}
