//! Programs of different versions in one group.

use lift_group::building::LiftId;
use lift_group::calls::Incarnation;
use lift_group::group::message::Message;
use lift_group::shell::codec::{CodecError, decode, encode};
use lift_group::shell::seal::dialect::{Dialect, OURS, Write};
use lift_group::shell::seal::dropped::Dropped;

use crate::nodes::{Node, meet, met, node_of};

/// A program of some version. Format n ends with n bytes of n, so that none passes for another.
fn version(newest: u8) -> Dialect {
    Dialect { oldest: newest - 1, newest, write, read }
}

fn write(message: &Message, format: u8) -> Result<Vec<u8>, CodecError> {
    Ok([encode(message)?, vec![format; format.into()]].concat())
}

fn read(bytes: &[u8], format: u8) -> Result<Message, CodecError> {
    match bytes.split_at_checked(bytes.len() - usize::from(format)) {
        Some((message, end)) if end.iter().all(|byte| *byte == format) => decode(message),
        _ => Err(decode::<bool>(&[]).unwrap_err()),
    }
}

fn node(newest: u8, lift: u8) -> Node {
    node_of(version(newest), lift)
}

fn format(datagram: &[u8]) -> u8 {
    datagram[4]
}

#[test]
fn a_new_program_joins_old_ones_and_speaks_as_they_do() {
    let (mut old, mut new) = (node(2, 1), node(3, 2));
    assert_eq!(old.hear(&new.say()), Err(Dropped::NextFormat));
    new.hear(&old.say()).unwrap();
    let said = new.say();
    assert_eq!(format(&said), 2);
    old.hear(&said).unwrap();
}

#[test]
fn an_old_program_joins_new_ones_and_they_speak_as_it_does() {
    let (mut one, mut two, mut old) = (node(3, 1), node(3, 2), node(2, 3));
    meet(&mut one, &mut two);
    assert_eq!(format(&one.say()), 3);
    let _ = one.hear(&old.say());
    assert_eq!(old.hear(&one.say()), Err(Dropped::NextFormat));
    one.hear(&old.say()).unwrap();
    let said = one.say();
    assert_eq!(format(&said), 2);
    old.hear(&said).unwrap();
    two.hear(&said).unwrap();
}

#[test]
fn the_group_speaks_the_new_format_when_the_last_old_program_is_gone() {
    let (mut one, mut two, mut old) = (node(3, 1), node(3, 2), node(2, 3));
    meet(&mut one, &mut two);
    meet(&mut one, &mut old);
    assert_eq!(format(&one.say()), 2);
    one.message.hears.remove(&old.message.from);
    let said = one.say();
    assert_eq!(format(&said), 3);
    two.hear(&said).unwrap();
}

#[test]
fn programs_too_far_apart_name_each_other() {
    let (mut old, mut new) = (node(2, 1), node(4, 2));
    for _ in 0..3 {
        assert_eq!(old.hear(&new.say()), Err(Dropped::OtherVersion));
        assert_eq!(new.hear(&old.say()), Err(Dropped::OtherVersion));
    }
}

#[test]
fn a_payload_that_is_no_message_is_dropped_and_not_remembered() {
    let (mut one, _) = met();
    let mut strange = node_of(Dialect { write: |_, _| encode(&"nonsense"), ..OURS }, 3);
    let _ = one.hear(&strange.say());
    strange.hear(&one.say()).unwrap();
    assert_eq!(one.hear(&strange.say()), Err(Dropped::Malformed));
    assert_eq!(one.hear(&strange.say()), Err(Dropped::Malformed));
}

/// Only a holder of the key could write this, and only by mistake.
#[test]
fn a_message_that_contradicts_its_envelope_is_dropped() {
    let contradictions: [Write; 3] = [
        |message, _| encode(&Message { from: LiftId(7), ..message.clone() }),
        |message, _| encode(&Message { incarnation: Incarnation(7), ..message.clone() }),
        |message, _| encode(&Message { sequence: 7, ..message.clone() }),
    ];
    for write in contradictions {
        let (mut one, _) = met();
        let mut strange = node_of(Dialect { write, ..OURS }, 3);
        let _ = one.hear(&strange.say());
        strange.hear(&one.say()).unwrap();
        assert_eq!(one.hear(&strange.say()), Err(Dropped::Malformed));
    }
}
