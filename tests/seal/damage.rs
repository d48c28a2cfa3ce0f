//! Datagrams that are not as they were written.

use lift_group::building::LiftId;
use lift_group::shell::seal::dropped::Dropped;
use lift_group::shell::seal::obituary;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::nodes::{GROUP, Node, key, met};

/// Where the names of group and key, and what only the tag guards, lie.
const GROUP_AT: std::ops::Range<usize> = 8..16;
const KEY_AT: std::ops::Range<usize> = 16..24;

fn reason(at: usize) -> Dropped {
    match at {
        0..4 => Dropped::Malformed,
        at if GROUP_AT.contains(&at) => Dropped::OtherGroup,
        at if KEY_AT.contains(&at) => Dropped::OtherKey,
        _ => Dropped::Forged,
    }
}

#[test]
fn every_flip_of_a_bit_is_noticed() {
    let (mut one, mut two) = met();
    for datagram in [two.say(), obituary(&key(1), GROUP, LiftId(2), 100)] {
        for bit in 0..8 * datagram.len() {
            let mut damaged = datagram.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(one.seal.open(&damaged), Err(reason(bit / 8)), "bit {bit}");
        }
        assert!(one.seal.open(&datagram).is_ok());
    }
}

#[test]
fn every_truncation_and_every_addition_is_noticed() {
    let (mut one, mut two) = met();
    for datagram in [two.say(), obituary(&key(1), GROUP, LiftId(2), 100)] {
        for length in 0..datagram.len() {
            let dropped = one.seal.open(&datagram[..length]).unwrap_err();
            assert!(matches!(dropped, Dropped::Malformed | Dropped::Forged), "length {length}");
        }
        let longer = [&datagram[..], &[0]].concat();
        assert_eq!(one.seal.open(&longer), Err(Dropped::Forged));
    }
}

#[test]
fn damage_leaves_no_trace_but_its_count() {
    let (mut one, mut two) = met();
    let said = two.say();
    let before = one.say().len();
    for lift in 0..=u8::MAX {
        let mut forged = said.clone();
        forged[7] = lift;
        forged[24] ^= 1; // another challenge, and another sequence
        forged[40] = 0xff;
        assert_eq!(one.hear(&forged), Err(Dropped::Forged));
    }
    assert_eq!(one.say().len(), before);
    one.hear(&said).unwrap();
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, begin: bool) {
        let bytes = if begin { [b"LIF1", &bytes[..]].concat() } else { bytes };
        prop_assert!(Node::new(1, 100).seal.open(&bytes).is_err());
    }

    #[test]
    fn no_two_datagrams_can_be_spliced(cut: Index) {
        let (mut one, mut two) = met();
        let (first, second) = (two.say(), two.say());
        let cut = cut.index(first.len());
        let spliced = [&first[..cut], &second[cut..]].concat();
        prop_assert!(spliced == first || spliced == second || one.hear(&spliced) == Err(Dropped::Forged));
    }
}
