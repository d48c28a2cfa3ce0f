//! What it costs a primary to hear 63 peers and to decide for 64 lifts.
//!
//! Times are printed, and held only against what would make a controller useless: a machine that
//! runs tests may be slow and busy.

use std::rc::Rc;
use std::time::{Duration, Instant as Clock};

use lift_group::building::{Direction, Floor, LiftId};
use lift_group::calls::{Actor, Call, Calls, Incarnation, Part};
use lift_group::config::Config;
use lift_group::group::members::Members;
use lift_group::group::message::{Claim, Followed, Message};
use lift_group::group::statement::Statement;
use lift_group::lift::panel::Sense;
use lift_group::lift::report::{Motion, Report};
use lift_group::node::{Bequest, Input, Node, Output, Role};
use lift_group::time::Instant;

use crate::worst::{LIFTS, building, hall_calls};

/// What a supervisor lets pass before it takes a controller for hung.
const HANG: Duration = Duration::from_millis(200);

struct Group {
    now: Instant,
    node: Node,
    calls: Calls,
    sequence: u64,
}

impl Group {
    /// A primary and 63 peers that follow it; so many hall calls wait.
    fn with(waiting: usize) -> Self {
        let config = Config::new(LiftId(1), building());
        let node = Node::new(config, Bequest::default(), Incarnation(1), Instant::START);
        let mut group = Self { now: Instant::START, node, calls: Calls::default(), sequence: 0 };
        group.tell(Input::Connected);
        group.tell(Input::Sensed(Sense { floor: Some(Floor::BOTTOM), ..Sense::default() }));
        let step = hall_calls().len() / waiting.max(1);
        for (number, call) in (1..=LIFTS).cycle().zip(hall_calls().into_iter().step_by(step)) {
            let actor = Actor { lift: LiftId(number), incarnation: Incarnation(1) };
            group.calls.press(actor, Call::Hall(call));
        }
        for _ in 0..50 {
            group.hear_all();
        }
        assert!(matches!(group.role(), Role::Primary { .. }));
        group
    }

    fn role(&self) -> Role {
        self.node.status(self.now).role
    }

    fn tell(&mut self, input: Input) {
        self.node.handle(self.now, input);
        while let Some(output) = self.node.poll_output() {
            if let Output::Save(revision, _) = output {
                self.node.handle(self.now, Input::Saved(revision));
            }
        }
    }

    /// Everybody speaks once; how long that took for each at most, and on the average.
    fn hear_all(&mut self) -> [Duration; 2] {
        self.sequence += 1;
        let mut spent = Vec::new();
        for lift in 2..=LIFTS {
            self.now = self.now + Duration::from_millis(1);
            let message = Rc::new(self.said_by(lift));
            let began = Clock::now();
            self.tell(Input::Received(message));
            spent.push(began.elapsed());
        }
        [spent.iter().max().copied().unwrap_or_default(), spent.iter().sum::<Duration>() / 63]
    }

    fn claim(&self) -> Claim {
        match self.role() {
            Role::Primary { term } => {
                let followed = Followed { term, sequence: self.sequence };
                Claim::Backup { primary: LiftId(1), followed }
            }
            _ => Claim::Listening { followed: Followed::default() },
        }
    }

    fn said_by(&self, lift: u8) -> Message {
        let others = (1..=LIFTS).map(LiftId).filter(|its| its.0 != lift);
        let mut members = Members::default();
        others.clone().for_each(|lift| members.saw(Actor { lift, incarnation: Incarnation(1) }));
        let position = (u64::from(lift) * 37 + self.sequence / 4) % 128;
        let floor = building().floor(u8::try_from(position).unwrap());
        let part = Part::try_from(u8::try_from(self.sequence % 16).unwrap()).unwrap();
        Message {
            from: LiftId(lift),
            incarnation: Incarnation(1),
            sequence: self.sequence,
            interval: Duration::from_millis(70),
            building: building(),
            claim: self.claim(),
            hears: others.collect(),
            members,
            report: Report {
                floor,
                committed: Some(Direction::Up),
                motion: Motion::Moving,
                out_of_service: None,
            },
            calls: vec![Statement::of(part, &self.calls, &self.calls)],
            disk_works: true,
            worldview: None,
        }
    }
}

#[test]
fn a_decision_for_64_lifts_is_bounded() {
    for waiting in [1, 10, 100, 254] {
        let mut group = Group::with(waiting);
        let mut most = Duration::ZERO;
        let mut sum = Duration::ZERO;
        for _ in 0..32 {
            let [longest, average] = group.hear_all();
            most = most.max(longest);
            sum += average;
        }
        let assigned = group.node.status(group.now).group.hall_calls;
        assert!(assigned.iter().all(|call| call.assigned_to.is_some()));
        println!("{} hall calls: {:?} a message, {most:?} at most", assigned.len(), sum / 32);
        assert!(most < 5 * HANG, "{most:?}");
    }
}
