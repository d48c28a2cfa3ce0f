//! Who has recorded datagrams, and plays them again.

use lift_group::building::LiftId;
use lift_group::shell::seal::dropped::Dropped;
use proptest::prelude::*;

use crate::nodes::{Node, meet, met};

#[test]
fn two_nodes_that_start_together_meet_within_two_datagrams() {
    let (mut one, mut two) = (Node::new(1, 100), Node::new(2, 100));
    let (first, other_first) = (one.say(), two.say());
    assert_eq!(one.hear(&other_first), Err(Dropped::NotYetFresh));
    assert_eq!(two.hear(&first), Err(Dropped::NotYetFresh));
    let (second, other_second) = (one.say(), two.say());
    one.hear(&other_second).unwrap();
    two.hear(&second).unwrap();
}

#[test]
fn a_datagram_counts_once() {
    let (mut one, mut two) = met();
    let said = two.say();
    one.hear(&said).unwrap();
    assert_eq!(one.hear(&said), Err(Dropped::Stale));
}

#[test]
fn a_datagram_that_was_overtaken_does_not_count() {
    let (mut one, mut two) = met();
    let (early, late) = (two.say(), two.say());
    one.hear(&late).unwrap();
    assert_eq!(one.hear(&early), Err(Dropped::Stale));
}

#[test]
fn nothing_of_an_earlier_life_counts_once_a_later_one_has_been_met() {
    let (mut one, mut two) = met();
    let late = two.say();
    meet(&mut one, &mut Node::new(2, 101));
    assert_eq!(one.hear(&late), Err(Dropped::Stale));
}

#[test]
fn a_node_that_has_restarted_believes_no_recording() {
    let (mut one, mut two) = met();
    let recordings: Vec<Vec<u8>> = (0..20).map(|_| two.say()).collect();
    for recording in &recordings {
        one.hear(recording).unwrap();
    }
    let mut one = Node::new(1, 101);
    for recording in &recordings {
        assert_eq!(one.hear(recording), Err(Dropped::NotYetFresh));
    }
    meet(&mut one, &mut two);
    for recording in &recordings {
        assert_eq!(one.hear(recording), Err(Dropped::Stale));
    }
}

/// The recordings' tags are right, so their challenges are read: they must not displace the one
/// that matters.
#[test]
fn recordings_between_all_datagrams_keep_nobody_apart() {
    let mut recordings = Vec::new();
    for incarnation in 100..105 {
        let mut past = Node::new(2, incarnation);
        recordings.extend([past.say(), past.say()]);
    }
    let (mut one, mut two) = (Node::new(1, 200), Node::new(2, 200));
    let play = |one: &mut Node| {
        for recording in &recordings {
            assert_eq!(one.hear(recording), Err(Dropped::NotYetFresh));
        }
    };
    play(&mut one);
    assert_eq!(one.hear(&two.say()), Err(Dropped::NotYetFresh));
    play(&mut one);
    two.hear(&one.say()).unwrap();
    play(&mut one);
    one.hear(&two.say()).unwrap();
}

#[test]
fn the_own_voice_is_dropped_and_alarms_nobody() {
    let (mut one, _) = met();
    let said = one.say();
    assert_eq!(one.hear(&said), Err(Dropped::Reflection));
    assert!(Dropped::Reflection.is_usual());
}

#[test]
fn the_own_voice_of_a_past_life_is_no_second_lift() {
    let mut past = Node::new(1, 100);
    let mut one = Node::new(1, 101);
    for _ in 0..3 {
        assert_eq!(one.hear(&past.say()), Err(Dropped::NotYetFresh));
    }
}

#[test]
fn a_second_living_node_of_the_same_number_is_heard_by_the_first() {
    let (mut one, mut twin) = (Node::new(1, 100), Node::new(1, 200));
    meet(&mut one, &mut twin);
    assert_eq!(one.hear(&twin.say()).unwrap().from, LiftId(1));
    assert_eq!(twin.hear(&one.say()).unwrap().from, LiftId(1));
}

/// A node that lost its disk, and whose clock went back: it must at least hear the others.
#[test]
fn a_life_below_an_earlier_one_still_hears() {
    let (mut one, _) = met();
    let mut below = Node::new(2, 50);
    assert_eq!(one.hear(&below.say()), Err(Dropped::Stale));
    below.hear(&one.say()).unwrap();
    assert_eq!(one.hear(&below.say()), Err(Dropped::Stale));
}

proptest! {
    /// Whatever comes in whatever order, of whichever life: in each life of the listener every
    /// datagram counts at most once, and what counts only grows.
    #[test]
    fn what_counts_only_grows(steps in prop::collection::vec((0..4u8, any::<prop::sample::Index>()), 1..80)) {
        let (mut one, mut two) = met();
        let mut air = vec![two.say()];
        let mut newest = (two.message.incarnation, 0);
        for (step, pick) in steps {
            match step {
                0 => air.push(two.say()),
                1 => {
                    let next = two.message.incarnation.0 + 1;
                    two = Node::new(2, next);
                }
                2 => {
                    let _ = two.hear(&one.say());
                }
                _ => {
                    if let Ok(message) = one.hear(&air[pick.index(air.len())]) {
                        let heard = (message.incarnation, message.sequence);
                        prop_assert!(heard > newest);
                        newest = heard;
                    }
                }
            }
        }
    }
}
