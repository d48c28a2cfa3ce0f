//! Who does not belong to the group, and what is said of it.

use lift_group::building::LiftId;
use lift_group::calls::Incarnation;
use lift_group::shell::seal::dialect::{Dialect, OURS, Write};
use lift_group::shell::seal::dropped::Dropped;
use lift_group::shell::seal::key::Keys;
use lift_group::shell::seal::{MOST_BYTES, Opened, SealError, obituary};

use crate::nodes::{GROUP, Node, key, line, meet, met, node_of};

#[test]
fn a_message_arrives_as_it_was_said() {
    let (mut one, mut two) = met();
    assert_eq!(two.hear(&one.say()), Ok(one.message));
}

#[test]
fn another_group_is_named_so_with_the_same_key_or_another() {
    for number in [1, 2] {
        let mut other = Node::with(&key(number), "tower 2", 2, 100);
        assert_eq!(Node::new(1, 100).hear(&other.say()), Err(Dropped::OtherGroup));
    }
}

#[test]
fn another_key_is_named_so_and_so_is_none() {
    for keys in [key(2), Keys::open()] {
        let mut other = Node::with(&keys, GROUP, 2, 100);
        assert_eq!(Node::new(1, 100).hear(&other.say()), Err(Dropped::OtherKey));
        assert_eq!(other.hear(&Node::new(1, 100).say()), Err(Dropped::OtherKey));
    }
}

#[test]
fn nodes_without_a_key_meet() {
    let mut one = Node::with(&Keys::open(), GROUP, 1, 100);
    let mut two = Node::with(&Keys::open(), GROUP, 2, 100);
    meet(&mut one, &mut two);
}

/// Old, then old and new, then new and old, then new: neighbours in this row must meet.
#[test]
fn a_key_is_changed_without_a_pause() {
    let steps = [line(1), line(1) + &line(2), line(2) + &line(1), line(2)];
    let keys = steps.map(|text| Keys::parse(&text).unwrap());
    for (before, after) in keys.iter().zip(&keys[1..]) {
        let mut one = Node::with(before, GROUP, 1, 100);
        let mut two = Node::with(after, GROUP, 2, 100);
        meet(&mut one, &mut two);
    }
    let mut last = Node::with(&keys[3], GROUP, 2, 100);
    assert_eq!(Node::with(&keys[0], GROUP, 1, 100).hear(&last.say()), Err(Dropped::OtherKey));
}

#[test]
fn every_drop_is_counted_by_its_reason() {
    let mut one = Node::new(1, 100);
    let mut other = Node::with(&key(2), GROUP, 2, 100);
    for _ in 0..3 {
        let _ = one.seal.open(&other.say());
    }
    let _ = one.seal.open(b"LIFE is elsewhere");
    let counts: Vec<_> = one.seal.drops().iter().collect();
    assert_eq!(counts, [(Dropped::Malformed, 1), (Dropped::OtherKey, 3)]);
}

#[test]
fn nothing_longer_than_the_limit_is_sealed_or_opened() {
    const ENVELOPE: usize = 50 + 16;
    let mut one = Node::new(1, 100);
    let fits = [b"LIF1", vec![0; MOST_BYTES - 4].as_slice()].concat();
    assert_eq!(one.hear(&fits), Err(Dropped::OtherGroup));
    assert_eq!(one.hear(&[fits, vec![0]].concat()), Err(Dropped::Oversized));

    let write: [Write; 2] =
        [|_, _| Ok(vec![0; MOST_BYTES - ENVELOPE]), |_, _| Ok(vec![0; MOST_BYTES - ENVELOPE + 1])];
    let sealed = write.map(|write| {
        let one = node_of(Dialect { write, ..OURS }, 1);
        one.seal.seal(&one.message).map(|datagram| datagram.len())
    });
    assert_eq!(sealed, [Ok(MOST_BYTES), Err(SealError::TooLarge(MOST_BYTES + 1))]);
}

#[test]
fn an_obituary_is_believed_at_once() {
    let sealed = obituary(&key(1), GROUP, LiftId(2), 100);
    let opened = Opened::Obituary { lift: LiftId(2), incarnation: Incarnation(100) };
    assert_eq!(Node::new(1, 100).seal.open(&sealed), Ok(opened));
}

#[test]
fn an_obituary_from_outside_is_not() {
    for (number, group, why) in [(2, GROUP, Dropped::OtherKey), (1, "tower 2", Dropped::OtherGroup)]
    {
        let sealed = obituary(&key(number), group, LiftId(2), 100);
        assert_eq!(Node::new(1, 100).seal.open(&sealed), Err(why));
    }
}

/// An obituary says nothing of later lives, so that it may come late, twice, or from a recording.
#[test]
fn an_obituary_does_not_silence_the_next_life() {
    let (mut one, mut two) = met();
    let sealed = obituary(&key(1), GROUP, LiftId(2), 100);
    one.seal.open(&sealed).unwrap();
    two = Node { message: two.message, ..Node::new(2, 101) };
    two.message.incarnation = Incarnation(101);
    two.message.sequence = 0;
    meet(&mut one, &mut two);
    one.seal.open(&sealed).unwrap();
    one.hear(&two.say()).unwrap();
}
