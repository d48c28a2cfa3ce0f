//! Figures, and the table that shows them.

use std::fmt;
use std::time::Duration;

/// What was measured, several times.
#[derive(Clone, Debug, Default)]
pub struct Samples(Vec<f64>);

impl Samples {
    /// The value that this share of the samples, from 0 to 1, does not exceed.
    fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = (0..sorted.len()).find(|rank| as_f64(rank + 1) >= share * as_f64(sorted.len()));
        rank.map_or(f64::NAN, |rank| sorted[rank])
    }

    fn median(&self) -> f64 {
        self.quantile(MEDIAN)
    }
}

impl FromIterator<f64> for Samples {
    fn from_iter<I: IntoIterator<Item = f64>>(samples: I) -> Self {
        Self(samples.into_iter().collect())
    }
}

impl FromIterator<Duration> for Samples {
    fn from_iter<I: IntoIterator<Item = Duration>>(samples: I) -> Self {
        samples.into_iter().map(millis).collect()
    }
}

/// A span in milliseconds.
pub fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1000.0
}

/// A count, for dividing by it.
pub fn as_f64(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

/// The share of the samples that the median does not exceed.
pub const MEDIAN: f64 = 0.5;

/// What a figure is to be at most.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    /// This share of the samples, from 0 to 1: so many units.
    AtMost(f64, f64),
    /// The median: so many times the bare one.
    TimesBare(f64),
}

/// One line of the table.
#[derive(Debug)]
pub struct Figure {
    /// What it is.
    pub what: String,
    /// What the samples count.
    pub unit: &'static str,
    /// How it was.
    pub samples: Samples,
    /// The least that the machine needs for the same.
    pub bare: Option<Samples>,
    /// What it is to be.
    pub goals: Vec<Goal>,
}

impl Figure {
    /// What stands above the lines.
    pub const HEADING: &str = concat!(
        "                                          runs     median          p10 … p90     ",
        "     p99     bare   ratio  goal"
    );

    fn meets(&self, goal: Goal) -> bool {
        match goal {
            Goal::AtMost(share, most) => self.samples.quantile(share) <= most,
            Goal::TimesBare(most) => self.ratio().is_some_and(|ratio| ratio <= most),
        }
    }

    fn ratio(&self) -> Option<f64> {
        self.bare.as_ref().map(|bare| self.samples.median() / bare.median())
    }

    fn verdict(&self) -> String {
        let verdicts = self.goals.iter().map(|goal| {
            let verdict = if self.meets(*goal) { "met" } else { "MISSED" };
            match goal {
                Goal::AtMost(MEDIAN, most) => format!("{verdict}: ≤ {most} {}", self.unit),
                Goal::AtMost(share, most) => {
                    format!("{verdict}: p{:.0} ≤ {most} {}", share * 100.0, self.unit)
                }
                Goal::TimesBare(most) => format!("{verdict}: ≤ {most} × bare"),
            }
        });
        verdicts.collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, unit, samples, .. } = self;
        let runs = samples.0.len();
        write!(f, "{what:<41} {runs:>4} {:>10}", number(samples.median()))?;
        let spread = [0.1, 0.9].map(|share| number(samples.quantile(share)));
        let spread = if runs > 1 { spread.join(" … ") } else { String::new() };
        let p99 = if runs > 1 { number(samples.quantile(0.99)) } else { String::new() };
        let bare = self.bare.as_ref().map(|bare| number(bare.median())).unwrap_or_default();
        let ratio = self.ratio().map(|ratio| format!("{ratio:.2}×")).unwrap_or_default();
        write!(f, " {spread:>18} {p99:>8} {unit:<5} {bare:>8} {ratio:>7}  {}", self.verdict())
    }
}

/// Three digits or more.
fn number(value: f64) -> String {
    let decimals = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.decimals$}")
}
