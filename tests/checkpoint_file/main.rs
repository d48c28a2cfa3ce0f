//! The checkpoint file on a disk that does its worst: whatever happens at whichever operation, the
//! reader gets the last contents that were promised, or newer ones that were on their way.

mod closed;
mod damage;
mod disk;
mod laws;

use std::collections::BTreeSet;

use disk::{Disk, Mishap};
use lift_group::supervisor::checkpoint_file::{CheckpointFile, Opening};
use lift_group::supervisor::slot::Contents;

/// Small slots, so that every length and bit can be tried.
const SLOT: usize = 64;

/// What a user of the file does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    /// Saves the next revision.
    Save,
    /// Writes the second copy.
    Settle,
    /// Tries again what failed.
    Retry,
    /// Begins a new life, in order or after a kill.
    Reopen,
}

use Step::{Reopen, Retry, Save, Settle};

/// A life as it is mostly: one that grows out of its slots, ends, and begins again.
const LIFE: [Step; 14] = [
    Save, Settle, Save, Settle, Save, Save, Save, Settle, Reopen, Save, Settle, Save, Reopen, Save,
];

/// The contents of a revision. Revision 4 and every third after it need larger slots.
fn contents(revision: u64) -> Contents {
    let length = if revision % 3 == 1 && revision > 3 { 40 } else { 5 + revision % 7 };
    let payload =
        (0..length).map(|index| ((revision * 31 + index) % 251).to_le_bytes()[0]).collect();
    Contents { revision, payload }
}

fn open(disk: &Disk) -> Opening<Disk> {
    CheckpointFile::open(disk.clone(), SLOT).expect("this disk can always be read")
}

/// What a user was promised, and what it asked for.
#[derive(Clone, Copy, Debug, Default)]
struct Promise {
    durable: u64,
    asked: u64,
}

impl Promise {
    /// Checks that a reader's revision keeps the promise, and is no garbage.
    fn check(self, read: Option<&Contents>) {
        let revision = read.map_or(0, |read| read.revision);
        assert!(revision >= self.durable, "revision {revision} was read, {self:?} was promised");
        assert!(revision <= self.asked, "revision {revision} was read, {self:?} was asked for");
        assert!(read.is_none_or(|read| *read == contents(revision)), "garbage was read: {read:?}");
    }
}

/// Goes through these steps as long as there is power, and says what was promised meanwhile.
fn live(disk: &Disk, steps: &[Step], mut promise: Promise) -> Promise {
    let mut file = open(disk).file;
    for &step in steps {
        if disk.is_dark() {
            break;
        }
        if disk.process_is_dead() && step != Reopen {
            continue;
        }
        let done = match step {
            Save => {
                promise.asked += 1;
                file.save(contents(promise.asked))
            }
            Settle => file.settle(),
            Retry => file.retry(),
            Reopen => {
                disk.revive();
                let opening = open(disk);
                promise.check(opening.file.contents());
                file = opening.file;
                opening.disk
            }
        };
        if done.is_ok() && !file.is_due() {
            let read = file.contents().map_or(0, |contents| contents.revision);
            promise.durable = promise.durable.max(read);
        }
    }
    promise
}

/// Every length at which a write can be torn.
fn anywhere(length: usize) -> Vec<usize> {
    (0..=length).collect()
}

/// The lengths that make a difference: nothing, parts of the header, of the payload, everything.
fn at_landmarks(length: usize) -> Vec<usize> {
    let landmarks = [0, 1, 8, 23, 31, 40, 44, length / 2, length.saturating_sub(1), length];
    landmarks.into_iter().filter(|&cut| cut <= length).collect()
}

/// Cuts the power now, and checks that each disk this may leave keeps the promise and goes on
/// keeping it in the next life.
fn survives(disk: &Disk, torn: fn(usize) -> Vec<usize>, promise: Promise) {
    for left in disk.after_power_cut(torn) {
        let disk = Disk::holding(left.as_deref());
        let opening = open(&disk);
        assert!(opening.disk.is_ok(), "a disk that works is said to work");
        let mut file = opening.file;
        promise.check(file.contents());
        let next = contents(promise.asked + 1);
        file.save(next.clone()).expect("the disk works");
        assert_eq!(open(&disk).file.contents(), Some(&next));
        for left in disk.after_power_cut(at_landmarks) {
            let read = open(&Disk::holding(left.as_deref())).file;
            assert_eq!(read.contents(), Some(&next), "what was acknowledged is there");
        }
    }
}

fn operations_of(steps: &[Step]) -> usize {
    let disk = Disk::holding(None);
    live(&disk, steps, Promise::default());
    disk.operations()
}

#[test]
fn a_power_cut_at_any_operation_and_byte_loses_nothing_acknowledged() {
    for operation in 0..operations_of(&LIFE) {
        let disk = Disk::holding(None).plan(operation, Mishap::PowerCut);
        let promise = live(&disk, &LIFE, Promise::default());
        survives(&disk, anywhere, promise);
    }
}

#[test]
fn a_second_power_cut_during_the_next_start_loses_nothing_either() {
    for operation in 0..operations_of(&LIFE) {
        let disk = Disk::holding(None).plan(operation, Mishap::PowerCut);
        let promise = live(&disk, &LIFE, Promise::default());
        for left in disk.after_power_cut(at_landmarks) {
            let mut second = 0;
            loop {
                let disk = Disk::holding(left.as_deref()).plan(second, Mishap::PowerCut);
                let promise = live(&disk, &[Save], promise);
                survives(&disk, at_landmarks, promise);
                if !disk.is_dark() {
                    break;
                }
                second += 1;
            }
        }
    }
}

#[test]
fn a_kill_at_any_operation_and_a_power_cut_at_any_later_one_lose_nothing_acknowledged() {
    for killed in [Mishap::KilledBefore, Mishap::KilledAfter] {
        before_any_power_cut(&LIFE, killed, 1);
    }
}

#[test]
fn a_failed_operation_is_never_taken_for_success_later() {
    let mut steps = LIFE.to_vec();
    steps.insert(4, Retry);
    for fails in [Mishap::FailsBefore, Mishap::FailsAfter] {
        before_any_power_cut(&steps, fails, 1);
        before_any_power_cut(&steps, fails, 2);
        before_any_power_cut(&steps, fails, 4);
    }
}

/// Lets this happen `times` in a row from any operation on, and the power fail at any later one.
fn before_any_power_cut(steps: &[Step], mishap: Mishap, times: usize) {
    let mut tried = BTreeSet::new();
    for first in 0..operations_of(steps) {
        for cut in first + times.. {
            let planned = (first..first + times).map(|operation| (operation, mishap));
            let disk = Disk::holding(None).plan(cut, Mishap::PowerCut);
            let disk = planned.fold(disk, |disk, (operation, mishap)| disk.plan(operation, mishap));
            let promise = live(&disk, steps, Promise::default());
            let left = disk.after_power_cut(at_landmarks);
            if tried.insert((promise.durable, promise.asked, left)) {
                survives(&disk, at_landmarks, promise);
            }
            if !disk.is_dark() {
                break;
            }
        }
    }
}

#[test]
fn a_disk_that_fails_for_long_is_used_again_when_it_works() {
    for failures in 1..20 {
        let disk = (2..2 + failures)
            .fold(Disk::holding(None), |disk, operation| disk.plan(operation, Mishap::FailsBefore));
        let mut file = open(&disk).file;
        let mut saved = file.save(contents(1)).is_ok();
        let mut tries = 0;
        while !saved {
            assert!(file.is_due(), "what is not saved is still due");
            assert_eq!(file.contents(), Some(&contents(1)));
            saved = file.retry().is_ok();
            tries += 1;
        }
        assert_eq!(tries, failures, "each try meets one failure");
        assert!(!file.is_due());
        survives(&disk, anywhere, Promise { durable: 1, asked: 1 });
    }
}
