//! What becomes of a set in a file or a datagram: it comes back equal, and nothing else comes in.

use std::collections::{BTreeMap, BTreeSet};

use lift_group::building::LiftId;
use lift_group::calls::{Actor, CabCall, Call, CallSet, Incarnation};
use lift_group::shell::codec::{CodecError, decode, encode};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::Index;
use serde::Serialize;

use crate::histories::{calls, histories};
use crate::laws::merged;

/// A set as anybody could write it down.
#[derive(Clone, Debug, Default, Serialize)]
struct Claim {
    seen: BTreeMap<Actor, u64>,
    live: BTreeMap<Actor, BTreeMap<Call, (u64, u64)>>,
}

impl Claim {
    fn read(&self) -> Result<CallSet, CodecError> {
        decode(&encode(self).unwrap())
    }

    /// Said once more, in the plainest way.
    fn is_well_formed(&self) -> bool {
        let is_fine = |seen: u64, own: &BTreeMap<Call, (u64, u64)>| {
            let presses = |(oldest, newest)| BTreeSet::from([oldest, newest]);
            let all: Vec<u64> = own.values().copied().flat_map(presses).collect();
            !own.is_empty()
                && own.values().all(|(oldest, newest)| oldest <= newest)
                && all.iter().all(|counter| (1..=seen).contains(counter))
                && all.len() == all.iter().collect::<BTreeSet<_>>().len()
        };
        self.seen.values().all(|counter| *counter > 0)
            && self.live.iter().all(|(actor, own)| {
                self.seen.get(actor).is_some_and(|newest| is_fine(*newest, own))
            })
    }
}

const ONE: Actor = Actor { lift: LiftId(1), incarnation: Incarnation(7) };

fn cab_call() -> Call {
    CabCall { lift: LiftId(1), floor: 3.try_into().unwrap() }.into()
}

fn other_cab_call() -> Call {
    CabCall { lift: LiftId(2), floor: 3.try_into().unwrap() }.into()
}

fn refusal(seen: u64, live: &[(Call, (u64, u64))]) -> String {
    let live = live.iter().copied().collect();
    Claim { seen: [(ONE, seen)].into(), live: [(ONE, live)].into() }.read().unwrap_err().to_string()
}

fn claims() -> impl Strategy<Value = Claim> {
    let actor = || (0..2u64).prop_map(|life| Actor { incarnation: Incarnation(life), ..ONE });
    let counter = || prop_oneof![20 => 1..6u64, 1 => Just(0)];
    let seen = btree_map(actor(), counter(), 0..4);
    let live = btree_map(actor(), btree_map(calls(), (counter(), counter()), 0..3), 0..3);
    (seen, live).prop_map(|(seen, live)| Claim { seen, live })
}

fn readable() -> impl Strategy<Value = CallSet> {
    claims().prop_filter_map("ill-formed", |claim| claim.read().ok())
}

fn assert_is_sound(mut set: CallSet) {
    assert_eq!(decode::<CallSet>(&encode(&set).unwrap()), Ok(set.clone()));
    set.press(ONE, cab_call());
    set.merge(&set.clone());
    assert!(set.is_live(cab_call()));
    assert_eq!(decode::<CallSet>(&encode(&set).unwrap()), Ok(set));
}

#[test]
fn a_live_press_that_was_never_seen_is_refused() {
    let sentence =
        "press 3 of lift 1 in incarnation 7 (cab of lift 1 to 3) is live but was never seen";
    let refusal = refusal(2, &[(cab_call(), (3, 3))]);
    assert!(refusal.contains(sentence), "{refusal}");
}

#[test]
fn one_press_for_two_calls_is_refused() {
    let sentence =
        "press 4 of lift 1 in incarnation 7 (cab of lift 2 to 3) has the name of another press";
    let refusal = refusal(4, &[(cab_call(), (1, 4)), (other_cab_call(), (3, 4))]);
    assert!(refusal.contains(sentence), "{refusal}");
}

#[test]
fn a_newest_press_that_is_older_than_the_oldest_is_refused() {
    let refusal = refusal(4, &[(cab_call(), (4, 1))]);
    assert!(refusal.contains("the newest press of a call is older"), "{refusal}");
}

#[test]
fn a_press_number_0_is_refused() {
    for refusal in [refusal(1, &[(cab_call(), (0, 0))]), refusal(0, &[(cab_call(), (1, 1))])] {
        assert!(refusal.contains("nonzero"), "{refusal}");
    }
}

#[test]
fn an_actor_that_is_live_without_a_press_is_refused() {
    let sentence = "lift 1 in incarnation 7 is live without a press";
    assert!(refusal(1, &[]).contains(sentence), "{}", refusal(1, &[]));
}

/// Whoever must change these bytes must give what contains them a new format version.
#[test]
fn the_bytes_of_a_set_stay_as_they_are() {
    let mut set = CallSet::default();
    set.press(ONE, cab_call());
    set.press(ONE, cab_call());
    let (seen, live) = ([1, 1, 7, 2], [1, 1, 7, 1, 1, 1, 3, 1, 2]);
    assert_eq!(encode(&set).unwrap(), [&seen[..], &live[..]].concat());
}

proptest! {
    #[test]
    fn a_set_comes_back_from_its_bytes(history in histories()) {
        for moment in history.0 {
            let bytes = encode(&moment.knowledge.set).unwrap();
            prop_assert_eq!(decode(&bytes), Ok(moment.knowledge.set));
        }
    }

    #[test]
    fn well_formed_sets_are_read_and_no_others(claim in claims()) {
        prop_assert_eq!(claim.read().is_ok(), claim.is_well_formed());
    }

    /// Even for sets that no history leads to: no peer can make two others disagree for ever.
    #[test]
    fn merge_keeps_its_laws_for_whatever_can_be_read(
        one in readable(), two in readable(), three in readable(),
    ) {
        let all = merged(&merged(&one, &two), &three);
        prop_assert_eq!(&merged(&one, &merged(&two, &three)), &all);
        prop_assert_eq!(&merged(&merged(&two, &one), &three), &all);
        prop_assert_eq!(&merged(&all, &one), &all);
        assert_is_sound(all);
    }

    #[test]
    fn no_part_of_the_bytes_is_a_set(history in histories(), pick: Index, cut: Index) {
        let bytes = encode(&history.any(pick).knowledge.set).unwrap();
        prop_assert!(decode::<CallSet>(&bytes[..cut.index(bytes.len())]).is_err());
    }

    /// Small numbers, because most of them mean something.
    #[test]
    fn no_garbage_becomes_an_unsound_set(bytes in vec(0..3u8, 0..16)) {
        if let Ok(set) = decode(&bytes) {
            assert_is_sound(set);
        }
    }

    #[test]
    fn no_damage_makes_a_set_unsound(
        history in histories(), pick: Index, at: Index, flip in 1..=u8::MAX,
    ) {
        let mut bytes = encode(&history.any(pick).knowledge.set).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        if let Ok(set) = decode(&bytes) {
            assert_is_sound(set);
        }
    }
}
