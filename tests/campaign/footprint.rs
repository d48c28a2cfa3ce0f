//! What programs take of their computers, and whether they take more and more.
//!
//! In a campaign no program lives for long; what would grow from life to life is what it keeps: its
//! checkpoint, and what the others tell it again. So all that live at the end of a round are
//! measured, when every call is answered, and those of the beginning are compared with those of the
//! end. What a single life takes is not told by the largest of them but by the median.

use std::fmt;
use std::fs;
use std::time::Duration;

use crate::common::process::descriptors_of;

/// When the beginning is: the first minute is left for everything to have happened once.
const BEGINNING: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(240)];

/// How long the end is.
const END: Duration = Duration::from_secs(180);

/// By how many KiB a median may differ, and by which share of it: which pages of a program are in
/// memory is the kernel's affair, and a life that has just begun has touched fewer of its own.
const SLACK: (u64, u64) = (128, 10);

/// What a process takes, in KiB and descriptors.
#[derive(Clone, Copy, Debug)]
pub struct Footprint {
    rss: u64,
    pss: u64,
    /// What of it stands in no file, because the process has written it.
    written: u64,
    descriptors: usize,
}

impl Footprint {
    /// What this process takes, if it lives.
    pub fn of(process: u32) -> Option<Self> {
        let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
        let field = |name: &str| {
            let value = text.lines().find_map(|line| line.strip_prefix(name))?;
            value.split_whitespace().next()?.parse().ok()
        };
        Some(Self {
            rss: field("Rss:")?,
            pss: field("Pss:")?,
            written: field("Anonymous:")?,
            descriptors: descriptors_of(process),
        })
    }
}

/// What the supervisors and the controllers took, and how long after the beginning.
#[derive(Default)]
pub struct Footprints([Vec<(Duration, Footprint)>; 2]);

impl Footprints {
    /// Takes in what the supervisor and the controller of a node take at present.
    pub fn note(&mut self, at: Duration, node: [Footprint; 2]) {
        for (all, one) in self.0.iter_mut().zip(node) {
            all.push((at, one));
        }
    }

    /// The beginning and the end, program by program. `None` when it was too short to tell.
    pub fn compared(&self) -> Option<[Compared; 2]> {
        let [supervisors, controllers] = &self.0;
        Some([
            Compared::new("supervisors", supervisors)?,
            Compared::new("controllers", controllers)?,
        ])
    }
}

/// One program at the beginning and at the end.
#[derive(Debug)]
pub struct Compared {
    program: &'static str,
    before: Several,
    after: Several,
}

impl Compared {
    fn new(program: &'static str, all: &[(Duration, Footprint)]) -> Option<Self> {
        let last = all.iter().map(|(at, _)| *at).max()?;
        let [from, to] = BEGINNING;
        let end = last.checked_sub(END).filter(|end| to <= *end)?;
        let between = |from: Duration, to: Duration| {
            Several::of(all.iter().filter(|(at, _)| (from..=to).contains(at)).map(|(_, one)| one))
        };
        Some(Self { program, before: between(from, to)?, after: between(end, last)? })
    }

    /// Whether the program takes what it took.
    pub fn is_flat(&self) -> bool {
        let (least, share) = SLACK;
        let most = self.before.memory().map(|before| before + least.max(before * share / 100));
        let memory_is_flat =
            self.after.memory().into_iter().zip(most).all(|(now, most)| now <= most);
        memory_is_flat && self.after.descriptors == self.before.descriptors
    }
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { program, before, after } = self;
        write!(f, "{program} at the beginning: {before}\n{program} at the end:       {after}")
    }
}

/// Several processes: the medians of their memory, and all numbers of descriptors.
#[derive(Debug)]
struct Several {
    count: usize,
    rss: u64,
    pss: u64,
    written: u64,
    /// The least and the greatest number.
    descriptors: [usize; 2],
}

impl Several {
    fn of<'a>(all: impl Iterator<Item = &'a Footprint>) -> Option<Self> {
        let all: Vec<&Footprint> = all.collect();
        let median = |field: fn(&Footprint) -> u64| {
            let mut values: Vec<u64> = all.iter().map(|one| field(one)).collect();
            values.sort_unstable();
            values.get(values.len() / 2).copied()
        };
        let descriptors = || all.iter().map(|one| one.descriptors);
        Some(Self {
            count: all.len(),
            rss: median(|one| one.rss)?,
            pss: median(|one| one.pss)?,
            written: median(|one| one.written)?,
            descriptors: [descriptors().min()?, descriptors().max()?],
        })
    }

    fn memory(&self) -> [u64; 3] {
        [self.rss, self.pss, self.written]
    }
}

impl fmt::Display for Several {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { count, rss, pss, written, descriptors: [least, greatest] } = self;
        write!(f, "Rss {rss} KiB, Pss {pss} KiB, written {written} KiB, ")?;
        write!(f, "{least} to {greatest} descriptors (medians of {count})")
    }
}

#[test]
fn a_program_that_takes_more_and_more_is_found() {
    let flat = |growth: u64, more: usize| {
        let mut footprints = Footprints::default();
        for second in 0..1800 {
            let written = 300 + second % 7 * 10 + growth * second / 1800;
            let descriptors = 13 + if second > 900 { more } else { 0 };
            let one = Footprint { rss: 3000 + written, pss: 200 + written, written, descriptors };
            footprints.note(Duration::from_secs(second), [one, one]);
        }
        footprints.compared().expect("half an hour is enough").iter().all(Compared::is_flat)
    };
    assert!(flat(0, 0));
    assert!(!flat(0, 1), "a descriptor");
    assert!(!flat(300, 0), "some hundred KiB");
    assert!(Footprints::default().compared().is_none(), "nothing was measured");
}
