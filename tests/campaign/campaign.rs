//! The operator of a campaign: strikes, presses buttons, puts things right again.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use lift_group::sim::promises::Deed;
use nix::sys::signal::Signal;

use crate::building::Building;
use crate::fault::Fault;
use crate::links::{Harm, Links};
use crate::node::Node;
use crate::strikes::line;
use crate::tally::Tally;
use crate::watch::{Watch, now};
use lift_group::sim::chance::Chance;

/// How often the operator looks up.
const TICK: Duration = Duration::from_millis(10);

/// How long a group may take to find itself once all is well: far longer than it ever does.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long after a healing all disks have had time to copy what they know.
pub const COPYING: Duration = Duration::from_millis(350);

/// How long a node may take to learn from the others what it has lost: far longer than it ever does.
const LEARNING: Duration = Duration::from_secs(1);

/// How long systemd waits before it starts again what has ended.
const RESTART: Duration = Duration::from_millis(100);

/// Every button of a panel with four floors.
const BUTTONS: [&str; 10] =
    ["cab 0", "cab 1", "cab 2", "cab 3", "up 0", "up 1", "up 2", "down 1", "down 2", "down 3"];

/// A building, its observer, and what is being done to it.
pub struct Campaign {
    pub building: Building,
    pub watch: Watch,
    pub tally: Tally,
    pub chance: Chance,
    seed: u64,
    pub links: Links,
    pub active: Vec<Active>,
    /// A node has lost its copy since all was well.
    pub copy_lost: bool,
    /// Until when it may not have learned again what was on it.
    pub learns_until: Option<Instant>,
    /// When anything was last done to a node or the network, or undone.
    pub disturbed: Option<Instant>,
    /// Buttons are pressed.
    presses: bool,
}

/// A fault that lasts.
#[derive(Debug)]
pub struct Active {
    pub fault: Fault,
    /// The index of the node.
    pub at: usize,
    pub until: Duration,
    pub harms: Vec<Harm>,
}

impl Campaign {
    /// A building that has found itself and is watched; the supervisors have these options besides.
    ///
    /// # Errors
    /// Why there can be none on this machine.
    pub fn new(lifts: u8, options: &[&str], seed: u64) -> Result<Self, String> {
        let mut building = Building::with_lifts(lifts, options)?;
        let mut watch = Watch::of(&building.lifts());
        for node in &mut building.nodes {
            watch.restore_power(node, 0);
            node.start();
        }
        let mut campaign = Self {
            building,
            watch,
            tally: Tally::default(),
            chance: Chance::new(seed, "campaign"),
            seed,
            links: Links::default(),
            active: Vec::new(),
            copy_lost: false,
            learns_until: None,
            disturbed: None,
            presses: false,
        };
        campaign.heal();
        Ok(campaign)
    }

    // ── what time brings ────────────────────────────────────────────────────────────────────

    /// Lets so much time pass, with or without presses.
    pub fn run(&mut self, span: Duration, presses: bool) {
        self.presses = presses;
        let end = Instant::now() + span;
        while Instant::now() < end {
            self.tick();
        }
    }

    /// Lets time pass until this is so.
    pub fn run_until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + 3 * PATIENCE;
        while !is_so(self) {
            if deadline < Instant::now() {
                self.fail(&format!("never came to be: {what}"));
            }
            self.tick();
        }
    }

    fn tick(&mut self) {
        thread::sleep(TICK);
        let (over, active) = std::mem::take(&mut self.active)
            .into_iter()
            .partition::<Vec<Active>, _>(|active| active.until <= now());
        self.active = active;
        for active in over {
            self.undo(&active);
        }
        self.restart_what_ended();
        if self.presses && self.chance.index(12) == 0 {
            let at = self.chance.index(self.building.nodes.len());
            let button = self.chance.pick(&BUTTONS);
            self.building.nodes[at].say(&format!("press {button}"));
        }
        if let Err(broken) = self.watch.look(&self.building.nodes) {
            self.fail(&broken);
        }
    }

    /// What systemd does.
    fn restart_what_ended(&mut self) {
        for at in 0..self.building.nodes.len() {
            let node = &mut self.building.nodes[at];
            if node.has_ended() {
                self.watch.note(node.id, Deed::Killed);
                node.kill(); // its controller, should it still live
                if self.active.iter().any(|a| a.at == at && a.fault == Fault::DiskFull) {
                    self.watch.note(node.id, Deed::DiskLost);
                }
                self.tally.restarts += 1;
                self.last(Fault::Stopped, at, RESTART, Vec::new());
            }
        }
    }

    // ── putting things right ────────────────────────────────────────────────────────────────

    fn undo(&mut self, active: &Active) {
        self.disturbed = Some(Instant::now());
        self.join(&active.harms);
        let floor = u8::try_from(self.chance.index(4)).unwrap_or(0);
        let node = &mut self.building.nodes[active.at];
        match active.fault {
            Fault::SupervisorHangs => node.signal_supervisor(Signal::SIGCONT),
            Fault::DiskFull => {
                _ = fs::remove_file(node.disk().join("full"));
                self.watch.note(node.id, Deed::DiskFails(false));
            }
            Fault::HardwareOff => {
                self.watch.restore_power(node, floor);
                let here = self.active.iter().filter(|other| other.at == active.at);
                for line in here.filter_map(|other| line(other.fault, true)) {
                    node.say(line);
                }
                self.watch.note(node.id, Deed::HardwareLost(false));
            }
            Fault::HardwareSilent => {
                node.say("silent off");
                self.watch.note(node.id, Deed::HardwareLost(false));
            }
            Fault::HardwareDropped => self.watch.note(node.id, Deed::HardwareLost(false)),
            Fault::DriveOff | Fault::Obstruction | Fault::StopButton => {
                if let Some(line) = line(active.fault, false) {
                    node.say(line);
                }
                self.watch.note(node.id, Deed::Unable(false));
            }
            _ if !node.is_on() => node.start(),
            _ => {}
        }
        if active.fault.destroys_a_copy() {
            self.learns_until = Some(Instant::now() + LEARNING);
        }
    }

    /// Puts everything right, and waits until the nodes are one group.
    pub fn heal(&mut self) {
        self.presses = false;
        for active in std::mem::take(&mut self.active) {
            self.undo(&active);
        }
        self.run_until("everything is on", |c| {
            c.active.is_empty() && c.building.nodes.iter().all(Node::is_on)
        });
        self.run_until("one group", |c| c.building.primary().is_some());
        self.watch.healed();
        (self.copy_lost, self.learns_until, self.disturbed) = (false, None, None);
        self.run(COPYING, false);
    }

    /// Waits until everything that was ever lit has been answered, and all is dark and at rest.
    pub fn wait_until_quiet(&mut self) {
        self.presses = false;
        self.run(Duration::from_millis(600), false); // until the last finger is off its button
        self.run_until("quiet", |c| c.watch.is_quiet());
    }

    /// Judges all that has happened before anything else does.
    pub fn watch_until_now(&mut self) {
        if let Err(broken) = self.watch.look(&self.building.nodes) {
            self.fail(&broken);
        }
    }

    /// Keeps what the nodes logged, and what was seen and done, where a person finds it later.
    fn keep_evidence(&self) -> PathBuf {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("campaign-{}", self.seed));
        let keep = |name: &str, text: &str| fs::write(dir.join(name), text).expect("a file");
        fs::create_dir_all(&dir).expect("a directory");
        for node in &self.building.nodes {
            keep(&format!("lift-{}.log", node.id), &node.log());
        }
        keep("story", &self.watch.whole_story());
        dir
    }

    /// Ends the campaign with all that is known.
    pub fn fail(&mut self, why: &str) -> ! {
        for node in &self.building.nodes {
            let log = node.log();
            let lines: Vec<&str> = log.lines().collect();
            let tail = lines[lines.len().saturating_sub(60)..].join("\n");
            eprintln!("── what lift {} logged last ──\n{tail}", node.id);
        }
        eprintln!("── what was seen and done last ──\n{}", self.watch.story());
        eprintln!("── all of it is in {} ──", self.keep_evidence().display());
        panic!("LIFT_CAMPAIGN_SEED={}: {why}", self.seed);
    }
}
