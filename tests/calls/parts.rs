//! All calls, divided into parts: how many there are makes no difference to any call.

use std::collections::BTreeSet;

use lift_group::building::{Building, Direction, Floor, LiftId};
use lift_group::calls::{Actor, CabCall, Call, Calls, HallCall, Incarnation, Part};
use lift_group::shell::codec::{decode, encode};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

const NODES: usize = 3;

fn building(floors: u8) -> Building {
    Building::try_from(floors).unwrap()
}

fn floor(number: u8) -> Floor {
    Floor::try_from(number).unwrap()
}

fn tallest() -> Building {
    building(Building::MOST_FLOORS)
}

fn actor(node: usize, incarnation: u64) -> Actor {
    let lift = LiftId(u8::try_from(node).unwrap());
    Actor { lift, incarnation: Incarnation(incarnation) }
}

/// Calls on both sides of borders between parts, and of the same floor.
fn calls() -> impl Strategy<Value = Call> {
    let floors = proptest::sample::select(vec![7_u8, 8, 15, 16, 126]);
    (floors, 0..3_u8).prop_map(|(number, kind)| match kind {
        0 => CabCall { lift: LiftId(1), floor: floor(number) }.into(),
        1 => HallCall::new(tallest(), floor(number), Direction::Up).unwrap().into(),
        _ => HallCall::new(tallest(), floor(number), Direction::Down).unwrap().into(),
    })
}

#[derive(Clone, Debug)]
enum Step {
    Press(Call),
    Answer(Call),
    /// One part of what any node knew at any time arrives.
    Hear(Index, u8),
    /// A crash: the node comes back with what it knew at any time.
    Restart(Index),
}

fn steps() -> impl Strategy<Value = Vec<(usize, Step)>> {
    let step = prop_oneof![
        4 => calls().prop_map(Step::Press),
        2 => calls().prop_map(Step::Answer),
        6 => (any::<Index>(), 0..Part::MOST).prop_map(|(at, part)| Step::Hear(at, part)),
        1 => any::<Index>().prop_map(Step::Restart),
    ];
    vec((0..NODES, step), 1..40)
}

/// What each node knew after each step: (node, calls).
fn lived(steps: &[(usize, Step)]) -> Vec<(usize, Calls)> {
    let mut moments: Vec<(usize, Calls)> =
        (0..NODES).map(|node| (node, Calls::default())).collect();
    let mut lives = [0_u64; NODES];
    for (number, (node, step)) in (1..).zip(steps) {
        let own: Vec<Calls> =
            moments.iter().filter(|(its, _)| its == node).map(|(_, calls)| calls.clone()).collect();
        let mut now = own[own.len() - 1].clone();
        match step {
            Step::Press(call) => {
                now.press(actor(*node, lives[*node]), *call);
            }
            Step::Answer(call) => now.answer(*call),
            Step::Hear(at, part) => {
                let part = Part::try_from(*part).unwrap();
                let heard = at.get(&moments).1.part(part).clone();
                now.merge(part, &heard);
            }
            Step::Restart(at) => {
                lives[*node] = number;
                now = at.get(&own).clone();
            }
        }
        moments.push((*node, now));
    }
    moments
}

fn merged(one: &Calls, other: &Calls) -> Calls {
    let mut both = one.clone();
    Part::every().for_each(|part| both.merge(part, other.part(part)));
    both
}

proptest! {
    #[test]
    fn all_parts_together_merge_as_each_does(
        steps in steps(), one: Index, two: Index, three: Index,
    ) {
        let moments = lived(&steps);
        let [one, two, three] = [one, two, three].map(|at| &at.get(&moments).1);
        prop_assert_eq!(merged(one, two), merged(two, one));
        prop_assert_eq!(merged(&merged(one, two), three), merged(one, &merged(two, three)));
        prop_assert_eq!(&merged(one, one), one);
    }

    /// With one context for all parts, the part that arrives would declare the calls of all others
    /// to be seen, and so answered.
    #[test]
    fn a_part_that_arrives_says_nothing_about_the_others(
        steps in steps(), here: Index, there: Index, arrives in 0..Part::MOST,
    ) {
        let moments = lived(&steps);
        let (here, there) = (&here.get(&moments).1, &there.get(&moments).1);
        let arrives = Part::try_from(arrives).unwrap();
        let mut after = here.clone();
        after.merge(arrives, there.part(arrives));
        for part in Part::every().filter(|part| *part != arrives) {
            prop_assert_eq!(after.part(part), here.part(part));
        }
        prop_assert_eq!(merged(&after, there), merged(here, there));
    }

    #[test]
    fn parts_may_come_from_different_times_in_any_order(
        steps in steps(), here: Index, times in vec((any::<Index>(), 0..Part::MOST), 0..30),
    ) {
        let moments = lived(&steps);
        let deliver = |times: &[(Index, u8)]| {
            let mut calls = here.get(&moments).1.clone();
            for (at, part) in times {
                let part = Part::try_from(*part).unwrap();
                calls.merge(part, at.get(&moments).1.part(part));
            }
            calls
        };
        let backwards: Vec<_> = times.iter().copied().rev().collect();
        prop_assert_eq!(deliver(&times), deliver(&backwards));
    }

    #[test]
    fn to_learn_is_to_change(steps in steps(), one: Index, two: Index) {
        let moments = lived(&steps);
        let (one, two) = (&one.get(&moments).1, &two.get(&moments).1);
        for part in Part::every() {
            let mut after = (**one.part(part)).clone();
            after.merge(two.part(part));
            let changes = after != **one.part(part);
            prop_assert_eq!(one.part(part).can_learn_from(two.part(part)), changes);
        }
    }

    #[test]
    fn calls_come_back_from_their_bytes(steps in steps()) {
        for (_, calls) in lived(&steps) {
            prop_assert_eq!(decode(&encode(&calls).unwrap()), Ok(calls));
        }
    }

    #[test]
    fn a_copy_that_is_changed_leaves_the_other_as_it_was(steps in steps(), at: Index, call in calls()) {
        let moments = lived(&steps);
        let calls = at.get(&moments).1.clone();
        let before = encode(&calls).unwrap();
        let mut copy = calls.clone();
        copy.press(actor(9, 9), call);
        copy.answer(call);
        prop_assert!(copy != calls);
        prop_assert_eq!(encode(&calls).unwrap(), before);
    }
}

#[test]
fn a_small_building_is_one_part() {
    assert_eq!(Part::every_of(building(Part::FLOORS)).count(), 1);
    assert_eq!(Part::every_of(building(Part::FLOORS + 1)).count(), 2);
    assert_eq!(Part::every_of(tallest()).count(), usize::from(Part::MOST));
}

#[test]
fn every_part_has_its_turn_and_every_floor_its_part() {
    for floors in [2, 8, 9, 127, 128] {
        let building = building(floors);
        let mut turns = BTreeSet::new();
        let mut part = Part::LOWEST;
        while turns.insert(part) {
            part = part.next_of(building);
        }
        assert_eq!(turns, Part::every_of(building).collect());
        assert_eq!(turns, building.every_floor().map(Part::of).collect());
    }
}

#[test]
fn a_call_in_the_part_of_other_floors_is_refused() {
    let mut calls = Calls::default();
    calls.press(actor(1, 1), CabCall { lift: LiftId(1), floor: floor(9) }.into());
    let mut parts: Vec<_> = Part::every().map(|part| calls.part(part).clone()).collect();
    let bytes =
        |parts: &[_]| parts.iter().flat_map(|part| encode(part).unwrap()).collect::<Vec<_>>();
    assert_eq!(decode(&bytes(&parts)), Ok(calls));
    parts.swap(0, 1);
    let refusal = decode::<Calls>(&bytes(&parts)).unwrap_err().to_string();
    assert!(refusal.contains("a call is in the part of other floors"), "{refusal}");
}
