//! The writer's thread on a disk that can be held, that breaks and works again: the loop never
//! waits for it, and hears the truth.

mod disk;

use std::os::fd::AsFd;
use std::thread;
use std::time::{Duration, Instant};

use disk::{Disk, PATIENCE};
use lift_group::supervisor::checkpoint_file::{CheckpointFile, Note};
use lift_group::supervisor::files::{Files, Kept};
use lift_group::supervisor::writer::{Report, Writer};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// A writer, each of its files on a disk of its own.
struct Bench {
    checkpoint: Disk,
    proven: Disk,
    incarnation: Disk,
    writer: Writer,
}

impl Bench {
    /// A writer with a checkpoint of revision 1, at rest.
    fn new() -> Self {
        let [checkpoint, proven, incarnation] = [(); 3].map(|()| Disk::default());
        let open = |name, disk: &Disk| {
            let opening = CheckpointFile::open(disk.clone(), 64).unwrap();
            Kept::new(name, opening.file, opening.disk)
        };
        let files = Files {
            checkpoint: open("checkpoint", &checkpoint),
            proven: open("proven", &proven),
            incarnation: open("incarnation", &incarnation),
        };
        let writer = Writer::start(files).unwrap();
        let bench = Self { checkpoint, proven, incarnation, writer };
        bench.save(1);
        bench.expect(&[Report::Saved(1)]);
        bench
    }

    fn save(&self, revision: u64) {
        self.writer.save(revision, b"call".to_vec());
    }

    fn is_readable(&self, patience: Duration) -> bool {
        let mut fds = [PollFd::new(self.writer.as_fd(), PollFlags::POLLIN)];
        poll(&mut fds, PollTimeout::try_from(patience).unwrap()).unwrap() > 0
    }

    /// Collects reports until there are as many as these, and compares.
    fn expect(&self, expected: &[Report]) {
        let deadline = Instant::now() + PATIENCE;
        let mut reports = Vec::new();
        while reports.len() < expected.len() {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(self.is_readable(left), "{expected:?} expected, {reports:?} reported");
            reports.extend(self.writer.reports());
        }
        assert_eq!(reports, expected);
    }

    /// Waits until this revision is reported as saved, whatever else is reported before.
    fn expect_saved(&self, revision: u64) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(self.is_readable(left), "revision {revision} is not reported as saved");
            if self.writer.reports().contains(&Report::Saved(revision)) {
                return;
            }
        }
    }

    fn finish(self) -> [Disk; 3] {
        assert!(self.writer.finish(PATIENCE), "the thread ends");
        [self.checkpoint, self.proven, self.incarnation]
    }
}

fn no_disk() -> Report {
    Report::NoDisk("checkpoint: it is broken, and then a fresh file: it is broken".to_owned())
}

#[test]
fn a_save_never_waits_for_a_sync_that_hangs() {
    let bench = Bench::new();
    bench.checkpoint.hold_after(0);
    bench.save(2);
    bench.checkpoint.wait_until_held();
    for revision in 3..1000 {
        bench.save(revision);
    }
    assert_eq!(bench.writer.reports(), [], "nothing is acknowledged that is not durable");
    bench.checkpoint.release();
    bench.finish();
}

#[test]
fn a_burst_collapses_into_one_sync() {
    let bench = Bench::new();
    bench.checkpoint.hold_after(0);
    bench.save(2);
    bench.checkpoint.wait_until_held();
    let before = bench.checkpoint.syncs();
    (3..=100).for_each(|revision| bench.save(revision));
    // One sync for all that waited; its second copy hangs.
    bench.checkpoint.hold_after(1);
    bench.checkpoint.wait_until_held();
    assert_eq!(bench.checkpoint.read_back(), Some(100));
    assert_eq!(bench.checkpoint.syncs() - before, 2);
    bench.checkpoint.release();
    let [checkpoint, ..] = bench.finish();
    assert_eq!(checkpoint.syncs() - before, 2);
}

#[test]
fn a_checkpoint_is_acknowledged_before_its_second_copy_is_durable() {
    let bench = Bench::new();
    bench.checkpoint.hold_after(1);
    bench.save(2);
    bench.expect(&[Report::Saved(2)]);
    bench.checkpoint.wait_until_held();
    bench.checkpoint.release();
    bench.finish();
}

#[test]
fn a_second_copy_that_hangs_delays_no_newer_checkpoint_that_came_first() {
    let bench = Bench::new();
    bench.checkpoint.hold_after(0);
    bench.save(2);
    bench.checkpoint.wait_until_held();
    bench.save(3);
    // The syncs of 2 and 3 end; had a second copy of 2 come between, 3 would hang.
    bench.checkpoint.hold_after(1);
    bench.expect_saved(3);
    bench.checkpoint.release();
    bench.finish();
}

#[test]
fn the_descriptor_is_readable_exactly_while_there_are_reports() {
    let bench = Bench::new();
    assert!(!bench.is_readable(Duration::ZERO));
    bench.save(2);
    assert!(bench.is_readable(PATIENCE));
    assert!(bench.is_readable(Duration::ZERO), "as long as nobody reads");
    assert_eq!(bench.writer.reports(), [Report::Saved(2)]);
    assert!(!bench.is_readable(Duration::ZERO));
    bench.finish();
}

#[test]
fn a_disk_that_breaks_is_told_once_and_when_it_works_again_the_newest_is_saved_unasked() {
    let bench = Bench::new();
    bench.checkpoint.set_broken(true);
    bench.save(2);
    bench.expect(&[no_disk()]);
    bench.save(3);
    bench.save(4);
    bench.checkpoint.wait_for_failures(2);
    assert_eq!(bench.writer.reports(), [], "it is told once");
    bench.checkpoint.set_broken(false);
    bench.expect(&[Report::DiskWorks, Report::Saved(4)]);
    let [checkpoint, ..] = bench.finish();
    assert_eq!(checkpoint.read_back(), Some(4));
}

#[test]
fn a_failed_reservation_is_no_disk_and_is_made_good() {
    let bench = Bench::new();
    bench.incarnation.set_broken(true);
    bench.writer.reserve(7);
    bench.expect(&[Report::NoDisk("incarnation: it is broken".to_owned())]);
    bench.incarnation.set_broken(false);
    bench.expect(&[Report::DiskWorks, Report::Reserved(7)]);
    let [.., incarnation] = bench.finish();
    assert_eq!(incarnation.read_back(), Some(7));
}

#[test]
fn what_waits_for_the_disk_is_tried_again_while_checkpoints_keep_coming() {
    let bench = Bench::new();
    bench.incarnation.set_broken(true);
    bench.writer.reserve(7);
    bench.expect(&[Report::NoDisk("incarnation: it is broken".to_owned())]);
    bench.incarnation.set_broken(false);
    let mut reports = Vec::new();
    let deadline = Instant::now() + PATIENCE;
    for revision in 2.. {
        assert!(Instant::now() < deadline, "only {reports:?} reported");
        bench.save(revision);
        bench.is_readable(Duration::from_millis(200));
        thread::sleep(Duration::from_millis(50)); // far below the second after which it is tried
        reports.extend(bench.writer.reports());
        if reports.contains(&Report::Reserved(7)) {
            break;
        }
    }
    assert!(reports.contains(&Report::DiskWorks));
    let [.., incarnation] = bench.finish();
    assert_eq!(incarnation.read_back(), Some(7));
}

#[test]
fn a_proven_checkpoint_that_cannot_be_kept_is_told_but_is_not_a_lost_disk() {
    let bench = Bench::new();
    bench.proven.set_broken(true);
    bench.writer.keep_proven(1, b"call".to_vec());
    bench.expect(&[Report::NotKept("proven: it is broken".to_owned())]);
    bench.save(2);
    bench.expect(&[Report::Saved(2)]);
    bench.proven.set_broken(false);
    bench.writer.keep_proven(2, b"call".to_vec());
    let [_, proven, _] = bench.finish();
    assert_eq!(proven.read_back(), Some(2));
}

#[test]
fn what_waits_when_a_checkpoint_is_set_aside_goes_with_it_and_what_comes_later_does_not() {
    let bench = Bench::new();
    bench.writer.keep_proven(1, b"call".to_vec());
    bench.checkpoint.hold_after(0);
    bench.save(2);
    bench.checkpoint.wait_until_held();
    bench.save(3);
    bench.writer.set_aside(false);
    bench.save(4);
    bench.checkpoint.release();
    bench.expect_saved(4);
    let [checkpoint, proven, _] = bench.finish();
    assert_eq!(checkpoint.aside(), [Some(3)]);
    assert_eq!(checkpoint.read_back(), Some(4));
    assert_eq!(proven.read_back(), Some(1));
}

#[test]
fn the_proven_checkpoint_is_set_aside_on_request() {
    let bench = Bench::new();
    bench.writer.keep_proven(1, b"call".to_vec());
    bench.proven.wait_until_used();
    bench.save(2);
    bench.expect_saved(2);
    bench.writer.set_aside(true);
    let aside = |name| Report::Noted(name, Note::SetAside { name: "aside".to_owned() });
    bench.expect(&[aside("checkpoint"), aside("proven")]);
    let [checkpoint, proven, _] = bench.finish();
    assert_eq!((checkpoint.read_back(), proven.read_back()), (None, None));
    assert_eq!((checkpoint.aside(), proven.aside()), (vec![Some(2)], vec![Some(1)]));
}

#[test]
fn finishing_does_what_was_left_to_do() {
    let bench = Bench::new();
    bench.writer.reserve(9);
    bench.writer.keep_proven(1, b"call".to_vec());
    bench.save(2);
    let disks = bench.finish();
    assert_eq!(disks.map(|disk| disk.read_back()), [Some(2), Some(1), Some(9)]);
}

#[test]
fn finishing_does_not_wait_for_a_disk_that_hangs_for_ever() {
    let bench = Bench::new();
    bench.checkpoint.hold_after(0);
    bench.save(2);
    bench.checkpoint.wait_until_held();
    assert!(!bench.writer.finish(Duration::from_millis(50)));
    bench.checkpoint.release();
}
