//! The observer at the hardware: hears what all simulators tell, puts it into the order of time, and
//! asks the judge.
//!
//! Simulators tell their events with the time of the machine's monotonic clock, but their lines
//! arrive when they arrive. So all are asked for their state now and then: what they tell before
//! their answer is all that had happened until then, and only what has happened at all of them is
//! judged.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use lift_group::building::{Building, Direction, Floor, LiftId};
use lift_group::lift::panel::Button;
use lift_group::sim::promises::{Bounds, Broken, Deed, Figures, Promises, Seen};
use lift_group::time::Instant;
use nix::time::{ClockId, clock_gettime};

use crate::common::simulator::Event;
use crate::node::{DWELL, Node};

/// How much of the past is shown when a promise is broken, and how much is kept.
const STORY: usize = 400;
const WHOLE_STORY: usize = 20_000;

/// How often a simulator that has nothing to tell is asked for its state.
const PAUSE: Duration = Duration::from_millis(30);

/// How long things may take here. Far longer than they do: a campaign shares the machine with
/// others, and is after what gets lost.
const BOUNDS: Bounds = Bounds {
    // A loop reads its clock before it reads what has happened: that much of a dwell may be missing.
    dwell: DWELL.saturating_sub(Duration::from_millis(10)),
    grace: Duration::from_millis(300),
    light: Duration::from_secs(5),
    agree: Duration::from_secs(5),
    start: Duration::from_secs(5),
    answer: Duration::from_secs(60),
    ride: Duration::from_secs(120),
};

/// The observer of one building.
pub struct Watch {
    promises: Promises,
    queue: BTreeMap<(Duration, u64), (Option<LiftId>, Item)>,
    queued: u64,
    ears: BTreeMap<LiftId, Ear>,
    story: VecDeque<String>,
    broken: Option<Broken>,
}

/// What was heard of one simulator.
#[derive(Default)]
struct Ear {
    /// How many of its events.
    heard: usize,
    /// All that it told until then is known.
    until: Duration,
    /// It was asked for its state and has not answered yet.
    asked: bool,
}

#[derive(Clone, Debug)]
enum Item {
    Told(String),
    Did(Deed),
    Blank,
    Healed,
}

/// The machine's monotonic clock, as the simulators tell it.
pub fn now() -> Duration {
    clock_gettime(ClockId::CLOCK_MONOTONIC).expect("a monotonic clock").into()
}

impl Watch {
    /// An observer of these lifts.
    pub fn of(lifts: &[LiftId]) -> Self {
        let building = Building::try_from(4).expect("a building");
        Self {
            promises: Promises::new(building, lifts, BOUNDS),
            queue: BTreeMap::new(),
            queued: 0,
            ears: lifts.iter().map(|lift| (*lift, Ear::default())).collect(),
            story: VecDeque::new(),
            broken: None,
        }
    }

    /// The operator is about to do this to a lift or its node, or has just undone it.
    pub fn note(&mut self, lift: LiftId, deed: Deed) {
        self.put(now(), Some(lift), Item::Did(deed));
    }

    /// The operator has put everything right.
    pub fn healed(&mut self) {
        self.put(now(), None, Item::Healed);
    }

    /// The hardware of this node loses its power.
    pub fn cut_power(&mut self, node: &mut Node) {
        let Some(mut hardware) = node.hardware.take() else { return };
        hardware.kill();
        hardware.wait_for_end();
        self.hear(node.id, hardware.events_after(self.ears[&node.id].heard));
        self.ears.insert(node.id, Ear { until: Duration::MAX, ..Ear::default() });
        self.put(now(), Some(node.id), Item::Blank);
    }

    /// The hardware of this node gets power, with its car at this floor. It knows nothing of what
    /// hands did to it before.
    pub fn restore_power(&mut self, node: &mut Node, floor: u8) {
        for told in [&format!("floor {floor}"), "obstruction off", "stop-button off"] {
            self.put(now(), Some(node.id), Item::Told(told.to_owned()));
        }
        self.ears.insert(node.id, Ear { until: now(), ..Ear::default() });
        node.start_hardware(floor);
    }

    /// Takes in all that is known by now.
    ///
    /// # Errors
    /// When a promise is broken, then and ever after.
    pub fn look(&mut self, nodes: &[Node]) -> Result<(), String> {
        for node in nodes {
            let Some(hardware) = &node.hardware else { continue };
            self.hear(node.id, hardware.events_after(self.ears[&node.id].heard));
            let ear = self.ears.entry(node.id).or_default();
            if !ear.asked && ear.until + PAUSE < now() {
                ear.asked = true;
                hardware.send("state");
            }
        }
        let until = self.ears.values().map(|ear| ear.until).min().unwrap_or_default().min(now());
        while let Some(first) = self.queue.first_entry().filter(|first| first.key().0 <= until) {
            let ((at, _), (lift, item)) = first.remove_entry();
            self.judge(at, lift, &item);
        }
        if self.broken.is_none() {
            self.broken = self.promises.elapse(Instant::after_start(until)).err();
        }
        self.broken.as_ref().map_or(Ok(()), |broken| Err(broken.to_string()))
    }

    /// Whether nothing is owed, lit, open or moving, as far as is known by now.
    pub fn is_quiet(&self) -> bool {
        self.promises.is_quiet()
    }

    /// What it came to so far.
    pub fn figures(&self) -> &Figures {
        self.promises.figures()
    }

    /// What happened last.
    pub fn story(&self) -> String {
        let skipped = self.story.len().saturating_sub(STORY);
        self.story.iter().skip(skipped).map(String::as_str).collect()
    }

    /// What happened last, and long before.
    pub fn whole_story(&self) -> String {
        self.story.iter().map(String::as_str).collect()
    }

    /// Whether the motor of this lift stands, as far as is known by now.
    pub fn stands(&self, lift: LiftId) -> bool {
        self.promises.picture(lift).is_some_and(|picture| picture.motor.is_none())
    }

    fn hear(&mut self, lift: LiftId, events: Vec<Event>) {
        for Event { at, text } in events {
            let at = Duration::from_secs_f64(at);
            let ear = self.ears.entry(lift).or_default();
            ear.heard += 1;
            ear.until = ear.until.max(at);
            ear.asked &= !text.starts_with("state ");
            self.put(at, Some(lift), Item::Told(text));
        }
    }

    fn put(&mut self, at: Duration, lift: Option<LiftId>, item: Item) {
        self.queued += 1;
        self.queue.insert((at, self.queued), (lift, item));
    }

    fn judge(&mut self, at: Duration, lift: Option<LiftId>, item: &Item) {
        if self.broken.is_some() {
            return;
        }
        if !matches!(item, Item::Told(text) if text.starts_with("state ")) {
            let name = lift.map_or(String::new(), |lift| format!("lift {lift}"));
            self.story.push_back(format!("{:.3} {name} {item:?}\n", at.as_secs_f64()));
        }
        if self.story.len() > WHOLE_STORY {
            self.story.pop_front();
        }
        let at = Instant::after_start(at);
        let result = match (lift, item) {
            (Some(lift), Item::Told(text)) => {
                seen(text).map_or(Ok(()), |seen| self.promises.see(at, lift, seen))
            }
            (Some(lift), Item::Did(deed)) => self.promises.suffer(at, lift, *deed),
            (Some(lift), Item::Blank) => self.promises.see(at, lift, Seen::Blank),
            _ => self.promises.healed(at),
        };
        self.broken = result.err();
    }
}

/// What an event of the simulator shows to a person. (A server that says what no lift may do, says
/// what can be seen.)
fn seen(text: &str) -> Option<Seen> {
    let words: Vec<&str> = text.split(' ').collect();
    match words.as_slice() {
        ["pressed", kind, floor] => button(kind, floor).map(Seen::Pressed),
        ["lamp", kind, floor, state] => {
            button(kind, floor).map(|button| Seen::Lamp(button, *state == "on"))
        }
        ["door", state] => Some(Seen::Door(*state == "open")),
        ["motor", direction] => Some(Seen::Motor(self::direction(direction))),
        ["floor", number] => Some(Seen::Floor(floor(number))),
        ["left-shaft", "top"] => Some(Seen::LeftShaft(Direction::Up)),
        ["left-shaft", _] => Some(Seen::LeftShaft(Direction::Down)),
        ["obstruction", state] => Some(Seen::Obstruction(*state == "on")),
        ["stop-button", state] => Some(Seen::StopButton(*state == "on")),
        ["reload"] => Some(Seen::Blank),
        _ => None,
    }
}

fn button(kind: &str, number: &str) -> Option<Button> {
    let floor = floor(number.strip_prefix("floor=")?)?;
    Some(direction(kind).map_or(Button::Cab(floor), |direction| Button::Hall(floor, direction)))
}

fn direction(word: &str) -> Option<Direction> {
    match word {
        "up" => Some(Direction::Up),
        "down" => Some(Direction::Down),
        _ => None,
    }
}

fn floor(number: &str) -> Option<Floor> {
    Floor::try_from(number.parse::<u8>().ok()?).ok()
}
