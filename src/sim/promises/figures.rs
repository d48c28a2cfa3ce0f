//! What a run comes to, in numbers.

use std::collections::BTreeMap;
use std::time::Duration;

/// What a run comes to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Figures {
    /// Presses that were seen.
    pub pressed: u64,
    /// Calls whose lamp was lit: promises made.
    pub lit: u64,
    /// Promises kept.
    pub answered: u64,
    /// Promises that could not outlive what the operator did: every copy of the call that the
    /// design owes was destroyed. See [`Deed::DiskLost`](super::Deed::DiskLost).
    pub forgiven: u64,
    /// Lamps that went dark while nobody could tell whether they were a promise or had come back. See
    /// [`owed`](super::owed).
    pub unclear: u64,
    /// Lamps that came back after their call had been answered, as the design admits after a fault.
    pub came_back: u64,
    /// Stops for calls that had been answered elsewhere or before, as the design admits.
    pub extra_stops: u64,
    /// From press to lamp on the same panel, while nothing was wrong.
    pub to_light: Spans,
    /// From lamp to open door.
    pub to_answer: Spans,
    /// From a passenger's first press to the end of the ride.
    pub to_arrive: Spans,
}

impl Figures {
    /// Promises that were made and that nothing has become of: owed, or lost when nothing is owed.
    pub fn pending(&self) -> u64 {
        self.lit.saturating_sub(self.answered + self.forgiven + self.unclear)
    }

    /// Takes the figures of another run into these.
    pub fn add(&mut self, other: &Self) {
        self.pressed += other.pressed;
        self.lit += other.lit;
        self.answered += other.answered;
        self.forgiven += other.forgiven;
        self.unclear += other.unclear;
        self.came_back += other.came_back;
        self.extra_stops += other.extra_stops;
        self.to_light.add(&other.to_light);
        self.to_answer.add(&other.to_answer);
        self.to_arrive.add(&other.to_arrive);
    }
}

/// How long something took, many times: a histogram whose classes grow by a tenth, so that years
/// fit into a few numbers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Spans {
    /// How many lie in each class. A class is named by its upper end, in microseconds.
    classes: BTreeMap<u64, u64>,
    count: u64,
    longest: Duration,
}

impl Spans {
    /// Takes one in.
    pub fn note(&mut self, span: Duration) {
        *self.classes.entry(class(span)).or_default() += 1;
        self.count += 1;
        self.longest = self.longest.max(span);
    }

    /// Takes all of another's in.
    pub fn add(&mut self, other: &Self) {
        for (class, count) in &other.classes {
            *self.classes.entry(*class).or_default() += count;
        }
        self.count += other.count;
        self.longest = self.longest.max(other.longest);
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The longest of them.
    pub fn longest(&self) -> Duration {
        self.longest
    }

    /// What `percent` of them (0 to 100) do not exceed, to a tenth; zero when there are none.
    pub fn percentile(&self, percent: u64) -> Duration {
        let rank = (self.count * percent).div_ceil(100).max(1);
        let mut below = 0;
        for (class, count) in &self.classes {
            below += count;
            if rank <= below {
                return Duration::from_micros(*class).min(self.longest);
            }
        }
        self.longest
    }
}

fn class(span: Duration) -> u64 {
    let span = u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
    let mut end: u64 = 10;
    while end < span {
        end = end.saturating_add(end / 10);
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_right_to_a_tenth() {
        let mut spans = Spans::default();
        (1..=1000).for_each(|ms| spans.note(Duration::from_millis(ms)));
        for percent in [1, 50, 99] {
            let found = spans.percentile(percent).as_millis();
            let exact = u128::from(percent * 10);
            assert!((exact..=exact + exact / 10 + 1).contains(&found), "{percent}: {found}");
        }
        assert_eq!(spans.percentile(100), Duration::from_secs(1));
        assert_eq!(spans.longest(), Duration::from_secs(1));
        assert_eq!(spans.count(), 1000);
    }

    #[test]
    fn two_runs_together_are_as_one_run_of_both() {
        let of = |spans: &[u64]| {
            let mut all = Spans::default();
            for ms in spans {
                all.note(Duration::from_millis(*ms));
            }
            all
        };
        let mut both = of(&[3, 9]);
        both.add(&of(&[7]));
        assert_eq!(both, of(&[3, 7, 9]));
    }

    #[test]
    fn nothing_has_no_longest() {
        assert_eq!(Spans::default().percentile(99), Duration::ZERO);
    }
}
