//! Damage to a file at rest: the reader falls back as far as it must, and says so.

use lift_group::supervisor::checkpoint_file::Note;
use lift_group::supervisor::found::Found;
use lift_group::supervisor::slot::{self, Contents, Fault, HEADER};

use crate::disk::{Disk, Mishap};
use crate::{SLOT, contents, open};

/// A file with both copies of revision 2.
fn settled() -> Vec<u8> {
    let disk = Disk::holding(None);
    let mut file = open(&disk).file;
    for revision in 1..=2 {
        file.save(contents(revision)).expect("the disk works");
        file.settle().expect("the disk works");
    }
    disk.shown().expect("a file")
}

/// A file with revision 3 in the first slot to be written and revision 2 in the other.
fn unsettled() -> Vec<u8> {
    let disk = Disk::holding(Some(&settled()));
    open(&disk).file.save(contents(3)).expect("the disk works");
    disk.shown().expect("a file")
}

/// A file with both copies of a revision that needs larger slots.
fn large() -> Vec<u8> {
    let disk = Disk::holding(None);
    open(&disk).file.save(contents(4)).expect("the disk works");
    disk.shown().expect("a file")
}

/// The slot whose copy the byte belongs to; none in the room behind a copy.
fn place(revisions: [u64; 2], byte: usize) -> Option<usize> {
    let slot = byte / SLOT;
    let length = HEADER + contents(revisions[slot]).payload.len();
    (byte % SLOT < length).then_some(slot)
}

fn revisions(bytes: &[u8]) -> [u64; 2] {
    [0, bytes.len() / 2]
        .map(|slot| u64::from_le_bytes(bytes[slot + 16..slot + 24].try_into().expect("8")))
}

#[test]
fn two_equal_copies_stand_but_for_the_time_between_two_syncs() {
    let disk = Disk::holding(None);
    let found = || open(&Disk::holding(disk.shown().as_deref())).found;
    let mut file = open(&disk).file;
    file.save(contents(1)).expect("the disk works");
    assert_eq!(found(), Found::Both, "in a fresh file");
    file.save(contents(2)).expect("the disk works");
    assert_eq!(found(), Found::Older { older: 1 });
    file.settle().expect("the disk works");
    assert_eq!(found(), Found::Both);
}

#[test]
fn any_flipped_bit_costs_at_most_the_copy_it_hits_and_is_told() {
    for bytes in [settled(), unsettled()] {
        let revisions = revisions(&bytes);
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let disk = Disk::holding(Some(&flipped));
            let mut opening = open(&disk);
            let read = opening.file.contents().cloned();
            if let Some(hit) = place(revisions, bit / 8) {
                assert_eq!(read, Some(contents(revisions[1 - hit])), "bit {bit}");
                assert!(matches!(opening.found, Found::One { .. }), "bit {bit}");
                assert!(opening.found.is_fault());
            } else {
                assert_eq!(read, revisions.into_iter().max().map(contents), "bit {bit}");
                assert!(!opening.found.is_fault(), "bit {bit}");
            }
            opening.file.settle().expect("the disk works");
            assert_eq!(open(&disk).found, Found::Both, "it is mended");
        }
    }
}

#[test]
fn a_bit_flipped_in_each_copy_leaves_nothing_to_believe_and_the_file_is_kept() {
    let bytes = settled();
    let used = HEADER + contents(2).payload.len();
    for bit in 0..used * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        flipped[SLOT + (used - 1 - bit / 8)] ^= 0x10;
        let disk = Disk::holding(Some(&flipped));
        let opening = open(&disk);
        assert_eq!(opening.file.contents(), None, "bit {bit}");
        assert!(matches!(opening.found, Found::Damaged { .. } | Found::Foreign), "bit {bit}");
        assert_eq!(disk.aside(), [flipped]);
    }
}

#[test]
fn every_truncation_leaves_the_copy_that_is_whole() {
    for bytes in [settled(), unsettled(), large()] {
        let revisions = revisions(&bytes);
        let ends = [0, 1]
            .map(|slot| slot * bytes.len() / 2 + HEADER + contents(revisions[slot]).payload.len());
        for length in 0..bytes.len() {
            let disk = Disk::holding(Some(&bytes[..length]));
            let mut opening = open(&disk);
            let whole = (0..2).filter(|&slot| length >= ends[slot]).map(|slot| revisions[slot]);
            let expected = whole.max().map(contents);
            assert_eq!(opening.file.contents(), expected.as_ref(), "{length} bytes");
            if length < ends[1] {
                assert!(opening.found.is_fault(), "{length} bytes: {:?}", opening.found);
            }
            let kept_aside = usize::from(expected.is_none());
            assert_eq!(disk.aside().len(), kept_aside, "{length} bytes");
            opening.file.settle().expect("the disk works");
            let mended = open(&disk);
            assert_eq!(mended.file.contents(), expected.as_ref());
            let found = if expected.is_some() { Found::Both } else { Found::Nothing };
            assert_eq!(mended.found, found, "{length} bytes are mended");
        }
    }
}

#[test]
fn bytes_behind_the_end_cost_nothing_unless_the_file_seems_to_be_a_larger_one() {
    for more in 1..300 {
        let mut bytes = unsettled();
        bytes.extend((0..=u8::MAX).cycle().take(more));
        let mut opening = open(&Disk::holding(Some(&bytes)));
        if bytes.len().is_power_of_two() {
            assert_eq!(opening.file.contents(), Some(&contents(2)), "{more} more bytes");
            assert!(opening.found.is_fault());
        } else {
            assert_eq!(opening.file.contents(), Some(&contents(3)), "{more} more bytes");
            assert!(matches!(opening.file.take_notes()[..], [Note::Replaced { .. }]));
        }
    }
}

#[test]
fn a_foreign_file_is_kept_aside_and_never_overwritten() {
    let foreign: [&[u8]; 4] = [b"", b"x", b"lift", b"#!/bin/sh\necho I am no checkpoint at all\n"];
    for bytes in foreign {
        let disk = Disk::holding(Some(bytes));
        let mut opening = open(&disk);
        let expected = if bytes == b"lift" {
            Found::Damaged { faults: [Fault::Short, Fault::Short] }
        } else {
            Found::Foreign
        };
        assert_eq!(opening.found, expected);
        opening.file.save(contents(1)).expect("the disk works");
        assert_eq!(disk.aside(), [bytes]);
        assert_eq!(open(&disk).file.contents(), Some(&contents(1)));
    }
}

#[test]
fn a_foreign_file_that_cannot_be_moved_is_not_overwritten_either() {
    let foreign: &[u8] = b"I am no checkpoint at all, and here I stay for a while.";
    for failures in 1..6 {
        let disk = (0..failures).fold(Disk::holding(Some(foreign)), |disk, operation| {
            disk.plan(operation, Mishap::FailsBefore)
        });
        let opening = open(&disk);
        assert!(opening.disk.is_err());
        let mut file = opening.file;
        let mut saved = file.save(contents(1)).is_ok();
        while !saved {
            assert_eq!(disk.shown().as_deref(), Some(foreign));
            saved = file.retry().is_ok();
        }
        assert_eq!(disk.aside(), [foreign]);
        assert_eq!(open(&disk).file.contents(), Some(&contents(1)));
    }
}

#[test]
fn a_file_of_another_version_is_named_and_kept() {
    let mut bytes = settled();
    for slot in [0, SLOT] {
        bytes[slot + 8] = 7;
    }
    let disk = Disk::holding(Some(&bytes));
    let opening = open(&disk);
    assert_eq!(opening.found, Found::Damaged { faults: [Fault::Format(7); 2] });
    assert!(opening.found.to_string().contains("format 7"));
    assert_eq!(disk.aside(), [bytes]);
}

#[test]
fn a_copy_in_the_wrong_slot_is_not_believed() {
    let bytes = settled();
    let swapped = [&bytes[SLOT..], &bytes[..SLOT]].concat();
    assert_eq!(open(&Disk::holding(Some(&swapped))).file.contents(), None);
}

#[test]
fn what_is_set_aside_is_not_found_again() {
    let disk = Disk::holding(Some(&settled()));
    let mut file = open(&disk).file;
    file.set_aside().expect("the disk works");
    assert!(matches!(file.take_notes()[..], [Note::SetAside { .. }]));
    assert_eq!(open(&disk).found, Found::Nothing);
    assert_eq!(disk.aside().len(), 1);
}

#[test]
fn a_payload_beyond_all_measure_is_refused_and_changes_nothing() {
    let disk = Disk::holding(Some(&settled()));
    let mut file = open(&disk).file;
    let mut vast = contents(3);
    vast.payload = vec![0; 1 << 20];
    assert!(file.save(vast).is_err());
    assert_eq!(open(&disk).file.contents(), Some(&contents(2)));
}

/// A change here demands a new format number, and a reader for the one before.
#[test]
fn the_format_is_what_it_was() {
    let contents = Contents { revision: 0x0102_0304_0506_0708, payload: b"call".to_vec() };
    let golden = b"liftslot\x01\x00\x01\x00\x04\x00\x00\x00\x08\x07\x06\x05\x04\x03\x02\x01\
        \xe7\xbf\xd1\x3e\x91\xb0\x15\x8d\xc6\x9f\x76\x75\x58\xe4\xad\x18call";
    assert_eq!(slot::encode(1, &contents), golden);
    assert_eq!(slot::decode(1, golden), Ok(contents));
}
