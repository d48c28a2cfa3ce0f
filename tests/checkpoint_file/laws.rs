//! The promise of the file under random lives and mishaps, beyond those that were listed.

use proptest::prelude::*;

use crate::disk::{Disk, Mishap};
use crate::{Promise, Step, at_landmarks, live, open, survives};

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Save),
        3 => Just(Step::Settle),
        1 => Just(Step::Retry),
        1 => Just(Step::Reopen),
    ]
}

fn mishap() -> impl Strategy<Value = Mishap> {
    prop_oneof![
        3 => Just(Mishap::FailsBefore),
        3 => Just(Mishap::FailsAfter),
        1 => Just(Mishap::KilledBefore),
        1 => Just(Mishap::KilledAfter),
        1 => Just(Mishap::PowerCut),
    ]
}

proptest! {
    #[test]
    fn no_life_and_no_mishaps_break_the_promise(
        steps in prop::collection::vec(step(), 1..30),
        mishaps in prop::collection::vec((0..60_usize, mishap()), 0..8),
    ) {
        let disk = mishaps.into_iter().fold(Disk::holding(None), |disk, (operation, mishap)| {
            disk.plan(operation, mishap)
        });
        let promise = live(&disk, &steps, Promise::default());
        survives(&disk, at_landmarks, promise);
    }

    #[test]
    fn any_bytes_at_all_are_read_without_a_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..600),
        magic in any::<bool>(),
    ) {
        let mut bytes = bytes;
        if magic {
            bytes.splice(0..0, *b"liftslot\x01\0\0\0");
        }
        let disk = Disk::holding(Some(&bytes));
        let file = open(&disk).file;
        prop_assert_eq!(file.contents(), None);
        prop_assert_eq!(disk.aside(), [bytes]);
    }
}
