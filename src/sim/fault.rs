//! What can go wrong: kinds of faults, and a fault as the operator plans it.

use std::fmt;
use std::time::Duration;

use super::chance::Chance;

/// A kind of fault.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    // ── processes ───────────────────────────────────────────────────────────────────────────
    /// `kill -9` of a controller.
    Kill,
    /// A controller stands still, and goes on if it is not killed for it.
    Hang,
    /// A controller gets its turn late, again and again.
    Slow,
    /// A controller crashes soon after each of its next births.
    CrashLoop,
    /// A controller leaves a checkpoint that no other can begin with.
    Poison,
    /// A controller is replaced in order.
    Reload,
    /// `kill -9` of a supervisor, and so of its controller; it comes back.
    SupervisorKill,
    /// A node is shut down in order and started again.
    Shutdown,
    /// A node loses power.
    PowerCut,
    /// All nodes lose power at once.
    Blackout,
    // ── network ─────────────────────────────────────────────────────────────────────────────
    /// Datagrams get lost: on all links, on those to or from a node, or on one.
    Loss,
    /// All datagrams of the building get lost, all at once, again and again.
    Bursts,
    /// Datagrams arrive twice, on such links.
    Duplication,
    /// Datagrams arrive late and out of order, on such links.
    Delay,
    /// The group falls into parts.
    Partition,
    /// Nobody hears one node, or it hears nobody.
    OneWay,
    /// The link between two nodes is cut, both ways or one.
    CutLink,
    /// The links of a node come and go.
    Flapping,
    // ── disks ───────────────────────────────────────────────────────────────────────────────
    /// A disk takes nothing any more; what it holds can be read, as where a kernel has gone over to
    /// reading only.
    DiskFails,
    /// Every sync of a disk fails, and forgets what it was to write.
    SyncFails,
    /// One sync of a disk fails, and no other.
    SyncFailsOnce,
    /// A disk takes its time.
    DiskStalls,
    /// A disk has room for no new file.
    DiskFull,
    /// A bit of a copy flips while the power is off.
    BitRot,
    /// A node comes back with an empty disk.
    DiskLost,
    // ── lifts ───────────────────────────────────────────────────────────────────────────────
    /// The drive has no power.
    DriveDead,
    /// Something stands in a doorway, again and again.
    Obstruction,
    /// Somebody holds the stop button.
    StopButton,
    /// The hardware's server dies and comes back dark.
    HardwareDies,
    /// The hardware does not answer.
    HardwareMute,
    // ── people ──────────────────────────────────────────────────────────────────────────────
    /// Somebody sends recordings, forgeries and rubbish.
    Intruder,
    /// The wall clock of a node jumps.
    ClockJump,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 32] = [
        Self::Kill,
        Self::Hang,
        Self::Slow,
        Self::CrashLoop,
        Self::Poison,
        Self::Reload,
        Self::SupervisorKill,
        Self::Shutdown,
        Self::PowerCut,
        Self::Blackout,
        Self::Loss,
        Self::Bursts,
        Self::Duplication,
        Self::Delay,
        Self::Partition,
        Self::OneWay,
        Self::CutLink,
        Self::Flapping,
        Self::DiskFails,
        Self::SyncFails,
        Self::SyncFailsOnce,
        Self::DiskStalls,
        Self::DiskFull,
        Self::BitRot,
        Self::DiskLost,
        Self::DriveDead,
        Self::Obstruction,
        Self::StopButton,
        Self::HardwareDies,
        Self::HardwareMute,
        Self::Intruder,
        Self::ClockJump,
    ];

    /// Its name on a command line: words in lower case, joined by hyphens.
    pub fn name(self) -> String {
        let mut name = String::new();
        for letter in format!("{self:?}").chars() {
            if letter.is_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.extend(letter.to_lowercase());
        }
        name
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// How long it usually lasts: the shortest and the longest time, in milliseconds.
    fn lasts(self) -> (u64, u64) {
        match self {
            Self::Kill | Self::SyncFailsOnce | Self::Poison | Self::Reload | Self::ClockJump => {
                (0, 0)
            }
            Self::Hang => (20, 900),
            Self::CrashLoop => (500, 8_000),
            Self::SupervisorKill => (100, 2_000),
            Self::Shutdown | Self::PowerCut | Self::BitRot | Self::DiskLost => (300, 20_000),
            Self::Blackout => (1_000, 10_000),
            Self::CutLink | Self::Flapping | Self::Bursts => (300, 12_000),
            Self::HardwareDies | Self::HardwareMute => (50, 8_000),
            Self::Obstruction | Self::StopButton => (200, 15_000),
            Self::Slow
            | Self::Loss
            | Self::Duplication
            | Self::Delay
            | Self::Partition
            | Self::OneWay
            | Self::DiskFails
            | Self::SyncFails
            | Self::DiskStalls
            | Self::DiskFull
            | Self::DriveDead
            | Self::Intruder => (1_000, 25_000),
        }
    }
}

/// One fault, as planned.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Fault {
    /// Its place in the plan, by which it can be left out.
    pub number: usize,
    /// What goes wrong.
    pub kind: Kind,
    /// When, since the beginning.
    pub at: Duration,
    /// For how long.
    pub lasts: Duration,
    /// At which lift, counted from 0.
    pub lift: u8,
    /// How bad it is, from 0 to 1; each kind makes its own of it.
    pub degree: f64,
    /// More chance, for what else there is to choose.
    pub salt: u64,
}

impl Fault {
    /// One of this kind.
    pub fn draw(chance: &mut Chance, number: usize, kind: Kind, at: Duration, lifts: u8) -> Self {
        let (shortest, longest) = kind.lasts();
        // Mostly short: a square bends the distribution towards the beginning.
        let longest = Duration::from_millis(longest).mul_f64(chance.share());
        let lasts = chance.span(Duration::from_millis(shortest), longest);
        let (lift, degree, salt) = (chance.small(lifts), chance.share(), chance.number());
        Self { number, kind, at, lasts, lift, degree, salt }
    }

    /// When it is over, since the beginning.
    pub fn ends(&self) -> Duration {
        self.at + self.lasts
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, kind, lasts, lift, degree, .. } = self;
        let name = kind.name();
        write!(f, "{name} at lift {} for {lasts:.1?}, degree {degree:.2} (#{number})", lift + 1)
    }
}
