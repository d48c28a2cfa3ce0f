//! The worst day: every button of the building has been pressed twice on every panel, late in long
//! lives, and former lives of every lift are still remembered.

use std::collections::BTreeMap;
use std::time::Duration;

use lift_group::building::{Building, LiftId};
use lift_group::calls::{Actor, Call, Calls, Dot, HallCall, Incarnation, Part};
use lift_group::group::members::Members;
use lift_group::group::message::{Claim, Message, Term};
use lift_group::group::statement::Statement;
use lift_group::group::worldview::{Timestamp, Worldview};
use lift_group::lift::OutOfService;
use lift_group::lift::panel::{Button, Buttons};
use lift_group::lift::report::{Motion, Report};
use lift_group::node::Checkpoint;
use lift_group::shell::codec::{decode, encode};

pub const LIFTS: u8 = 64;

/// How many lives of every lift are remembered. Former ones are forgotten by and by.
const LIVES: u64 = 4;

/// A number that takes as many bytes as any that a life can count to, or a clock has shown.
const PRESSES: u64 = 0xf000_0000;
const FIRST_LIFE: u64 = 1 << 60;

pub fn building() -> Building {
    Building::try_from(Building::MOST_FLOORS).unwrap()
}

fn lifts() -> impl Iterator<Item = LiftId> {
    (1..=LIFTS).map(LiftId)
}

/// All of them, and all have been taken away once and installed again.
fn members() -> Members {
    let mut members = Members::default();
    for lift in lifts() {
        lives(lift).take(1).for_each(|actor| members.saw(actor));
        members.forget(lift);
        lives(lift).for_each(|actor| members.saw(actor));
    }
    members
}

fn lives(lift: LiftId) -> impl Iterator<Item = Actor> {
    (0..LIVES).map(move |life| Actor { lift, incarnation: Incarnation(FIRST_LIFE + life) })
}

pub fn hall_calls() -> Vec<HallCall> {
    let hall_call = |button| match button {
        Button::Hall(floor, direction) => HallCall::new(building(), floor, direction),
        Button::Cab(_) => None,
    };
    Button::every(building()).filter_map(hall_call).collect()
}

/// By its fields, since no test has the time to press so often.
type Set = (BTreeMap<Actor, u64>, BTreeMap<Actor, BTreeMap<Call, (u64, u64)>>);

fn set(part: Part, lit: bool) -> Set {
    let seen = lifts().flat_map(lives).map(|actor| (actor, u64::from(u32::MAX))).collect();
    let live = lifts().filter_map(|lift| Some((lives(lift).last()?, pressed(part, lift))));
    (seen, if lit { live.collect() } else { BTreeMap::new() })
}

/// All that can be pressed on this lift's panels, twice.
fn pressed(part: Part, lift: LiftId) -> BTreeMap<Call, (u64, u64)> {
    let call = |button| match button {
        Button::Cab(floor) => Some(Call::Cab(lift_group::calls::CabCall { lift, floor })),
        Button::Hall(floor, direction) => {
            HallCall::new(building(), floor, direction).map(Call::Hall)
        }
    };
    let all = Button::every(building()).filter_map(call);
    let of_part = all.filter(|call| Part::of(call.floor()) == part);
    (PRESSES..).step_by(2).zip(of_part).map(|(n, call)| (call, (n, n + 1))).collect()
}

/// All calls of that day, lit or just answered.
pub fn calls(lit: bool) -> Calls {
    let parts: Vec<Set> = Part::every().map(|part| set(part, lit)).collect();
    decode(&parts.iter().flat_map(|set| encode(set).unwrap()).collect::<Vec<_>>()).unwrap()
}

/// What a node of which the disk lags behind states of these parts.
pub fn statements(parts: impl Iterator<Item = Part>) -> Vec<Statement> {
    let (known, durable) = (calls(true), calls(false));
    parts.map(|part| Statement::of(part, &known, &durable)).collect()
}

/// What the primary says that day of these parts.
pub fn message(parts: impl Iterator<Item = Part>) -> Message {
    let report = Report {
        floor: Some(building().top()),
        committed: Some(lift_group::building::Direction::Down),
        motion: Motion::DoorOpen,
        out_of_service: Some(OutOfService::StopButton),
    };
    Message {
        from: LiftId(1),
        incarnation: Incarnation(FIRST_LIFE),
        sequence: u64::MAX - 1,
        interval: Duration::from_millis(100),
        building: building(),
        claim: Claim::Primary { term: Term(u64::MAX), has_followers: true },
        hears: lifts().collect(),
        members: members(),
        report,
        calls: statements(parts),
        disk_works: true,
        worldview: Some(worldview(report)),
    }
}

fn worldview(report: Report) -> Worldview {
    let age = Duration::new(1 << 31, 999_999_999);
    let retired = Part::every().flat_map(|part| lifts().flat_map(lives).map(move |a| (part, a)));
    let newest = |actor| Dot { actor, counter: u64::from(u32::MAX).try_into().unwrap() };
    Worldview {
        term: Term(u64::MAX),
        reports: lifts().map(|lift| (lift, report)).collect(),
        assignments: hall_calls().into_iter().map(|call| (call, LiftId(LIFTS))).collect(),
        lit: Button::every(building()).collect(),
        ages: hall_calls().into_iter().map(|call| (call, age)).collect(),
        ranks: lifts().collect(),
        retired: retired.map(|(part, actor)| (part, newest(actor))).take(64).collect(),
        timestamp: Some(Timestamp(u64::MAX)),
    }
}

pub fn checkpoint() -> Checkpoint {
    Checkpoint {
        calls: calls(true),
        lamps: Button::every(building()).collect::<Buttons>(),
        term: Term(u64::MAX),
        members: members(),
        ..Checkpoint::blank(LiftId(1))
    }
}
