//! The state directory on real disks: what a start finds, what it refuses, and what it goes on
//! without.

use std::fs;
use std::io::Write;
use std::os::fd::AsFd;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lift_group::supervisor::checkpoint_file::Note;
use lift_group::supervisor::found::Found;
use lift_group::supervisor::lock::{Lock, OpenError};
use lift_group::supervisor::store::Store;
use lift_group::supervisor::writer::Report;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::geteuid;
use tempfile::TempDir;

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(10);

/// The clock of these tests, which stands.
const MICROS: u64 = 1_700_000_000_000_000;

fn start(directory: &Path) -> Store {
    let lock = Lock::take(directory, PATIENCE).expect("the lock is free");
    Store::open(lock, MICROS).expect("the directory can be used")
}

/// Ends a store as the end of its process would.
fn end(store: Store) {
    assert!(store.writer.finish(PATIENCE), "the writer ends");
}

/// Collects reports until this one comes; all of them.
fn wait_for(store: &Store, what: impl Fn(&Report) -> bool) -> Vec<Report> {
    let deadline = Instant::now() + PATIENCE;
    let mut reports = Vec::new();
    while !reports.iter().any(&what) {
        let left = deadline.saturating_duration_since(Instant::now());
        assert!(!left.is_zero(), "waited in vain, reports were {reports:?}");
        let mut fds = [PollFd::new(store.writer.as_fd(), PollFlags::POLLIN)];
        poll(&mut fds, PollTimeout::try_from(left).unwrap()).unwrap();
        reports.extend(store.writer.reports());
    }
    reports
}

fn save(store: &Store, revision: u64, payload: &[u8]) {
    store.writer.save(revision, payload.to_vec());
    wait_for(store, |report| *report == Report::Saved(revision));
}

/// A directory in which a checkpoint of revision 5 and a proven one of revision 3 are kept.
fn used() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let store = start(directory.path());
    store.writer.keep_proven(3, b"three".to_vec());
    save(&store, 5, b"five");
    end(store);
    directory
}

#[test]
fn a_first_start_finds_nothing_and_makes_the_directory_for_its_user_alone() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("lift/1");
    let mut store = start(&directory);
    assert!(store.found.iter().all(|(_, found)| *found == Found::Nothing));
    assert_eq!((&store.checkpoint, &store.proven, store.revision()), (&None, &None, 0));
    assert_eq!(store.disk, Ok(()));
    assert!(store.incarnations.is_reserved(), "durable before its first use");
    assert_eq!(store.incarnations.take(), MICROS);
    assert_eq!(fs::metadata(&directory).unwrap().permissions().mode() & 0o777, 0o700);
    end(store);
}

#[test]
fn a_start_finds_what_was_saved() {
    let directory = used();
    let store = start(directory.path());
    assert_eq!(store.checkpoint.as_ref().unwrap().payload, b"five");
    assert_eq!(store.proven.as_ref().unwrap().payload, b"three");
    assert_eq!(store.revision(), 5);
    assert!(store.found.iter().all(|(_, found)| *found == Found::Both), "{:?}", store.found);
    assert_eq!(store.notes, []);
    end(store);
}

#[test]
fn every_start_begins_above_all_incarnations_that_may_have_been_used() {
    let directory = tempfile::tempdir().unwrap();
    let mut highest = 0;
    for _ in 0..5 {
        let mut store = start(directory.path());
        for _ in 0..3 {
            let taken = store.incarnations.take();
            assert!(taken > highest);
            highest = taken;
        }
        end(store);
    }
}

#[test]
fn a_checkpoint_that_outgrows_its_slots_is_found_whole() {
    let directory = used();
    let store = start(directory.path());
    let large: Vec<u8> = (0..=u8::MAX).cycle().take(150_000).collect();
    save(&store, 6, &large);
    end(store);
    let store = start(directory.path());
    assert_eq!(store.checkpoint.as_ref().unwrap().payload, large);
    end(store);
}

#[test]
fn a_foreign_checkpoint_is_kept_aside_and_the_proven_one_is_used() {
    let directory = used();
    fs::write(directory.path().join("checkpoint"), "Somebody's shopping list.\n").unwrap();
    let store = start(directory.path());
    assert_eq!(store.checkpoint.as_ref().unwrap().payload, b"three");
    assert_eq!(store.found[0], ("checkpoint", Found::Foreign));
    let name = "checkpoint.aside-1".to_owned();
    assert_eq!(store.notes, [("checkpoint", Note::SetAside { name: name.clone() })]);
    save(&store, 6, b"six");
    end(store);
    let kept = fs::read_to_string(directory.path().join(name)).unwrap();
    assert_eq!(kept, "Somebody's shopping list.\n");
}

#[test]
fn a_damaged_copy_is_told_and_the_other_is_used() {
    let directory = used();
    let path = directory.path().join("checkpoint");
    fs::OpenOptions::new().write(true).open(&path).unwrap().write_all_at(b"?", 41).unwrap();
    let store = start(directory.path());
    assert_eq!(store.checkpoint.as_ref().unwrap().payload, b"five");
    assert!(store.found[0].1.is_fault());
    end(store);
}

#[test]
fn only_the_newest_eight_files_are_kept_aside_and_none_is_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    for number in 1..=11 {
        fs::write(directory.path().join("checkpoint"), format!("foreign {number}")).unwrap();
        end(start(directory.path()));
    }
    for number in 1..=11 {
        let kept = fs::read_to_string(directory.path().join(format!("checkpoint.aside-{number}")));
        assert_eq!(kept.ok(), (number > 3).then(|| format!("foreign {number}")));
    }
}

#[test]
fn a_pipe_under_the_name_of_the_checkpoint_holds_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("checkpoint");
    nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let store = start(directory.path());
    assert_eq!(store.found[0], ("checkpoint", Found::Foreign));
    save(&store, 1, b"one");
    end(store);
}

#[test]
fn what_is_left_of_a_file_about_to_be_swapped_in_is_no_obstacle() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("checkpoint.fresh"), "half a fi").unwrap();
    let store = start(directory.path());
    save(&store, 1, b"one");
    end(store);
}

#[test]
fn a_file_is_not_taken_for_a_directory() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = Lock::take(file.path(), Duration::ZERO).unwrap_err();
    assert!(matches!(error, OpenError::NotADirectory { .. }), "{error}");
    assert!(error.to_string().contains(file.path().to_str().unwrap()));
}

#[test]
fn the_lock_is_free_only_when_the_last_child_that_shares_it_is_gone() {
    let directory = tempfile::tempdir().unwrap();
    let lock = Lock::take(directory.path(), Duration::ZERO).unwrap();
    let held = || Lock::take(directory.path(), Duration::ZERO).unwrap_err();
    assert!(matches!(held(), OpenError::Held { .. }));
    lock.share_with_children().unwrap();
    let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    drop(lock);
    assert!(matches!(held(), OpenError::Held { .. }), "the child lives");
    child.kill().unwrap();
    child.wait().unwrap();
    Lock::take(directory.path(), PATIENCE).expect("nobody holds the lock any more");
}

#[test]
fn the_lock_is_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let lock = Lock::take(directory.path(), Duration::ZERO).unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| Lock::take(directory.path(), PATIENCE));
        drop(lock);
        waiting.join().unwrap().expect("it became free");
    });
}

/// A small file system that can be filled and made read-only; gone when dropped.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// None, with the reason told, where this user may not mount.
    fn new() -> Option<Self> {
        let disk = Self(tempfile::tempdir().unwrap());
        let mounted = disk.mount("size=256k,mode=0755");
        if !mounted {
            eprintln!("skipped: a small file system can only be mounted by root");
        }
        mounted.then_some(disk)
    }

    fn mount(&self, options: &str) -> bool {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(self.0.path());
        mount.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Takes all room that is left, and says where.
    fn fill(&self) -> PathBuf {
        let path = self.path().join("ballast");
        let mut ballast = fs::File::create(&path).unwrap();
        while ballast.write_all(&[1; 4096]).is_ok() {}
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).stderr(Stdio::null()).status();
    }
}

#[test]
fn a_start_on_a_full_disk_goes_on_without_it_and_with_it_once_there_is_room() {
    let Some(disk) = SmallDisk::new() else { return };
    let ballast = disk.fill();
    let mut store = start(disk.path());
    let why = store.disk.clone().expect_err("the disk is full");
    assert!(why.contains("No space left"), "{why}");
    assert!(!store.incarnations.is_reserved());
    assert_eq!(store.incarnations.take(), MICROS, "by the clock alone");
    store.writer.save(1, b"one".to_vec());
    fs::remove_file(ballast).unwrap();
    let reports = wait_for(&store, |report| *report == Report::Saved(1));
    assert!(!reports.iter().any(|report| matches!(report, Report::NoDisk(_))), "known before");
    wait_for_all(&store, reports, &[Report::DiskWorks, Report::Reserved(MICROS + 1000)]);
    end(store);
    let store = start(disk.path());
    assert_eq!(store.checkpoint.as_ref().unwrap().payload, b"one");
    end(store);
}

fn wait_for_all(store: &Store, mut reports: Vec<Report>, expected: &[Report]) {
    for report in expected {
        if !reports.contains(report) {
            reports.extend(wait_for(store, |other| other == report));
        }
    }
}

#[test]
fn a_disk_that_fills_up_later_harms_nothing_since_the_room_was_taken_at_first() {
    let Some(disk) = SmallDisk::new() else { return };
    let store = start(disk.path());
    save(&store, 1, b"one");
    disk.fill();
    save(&store, 2, b"two");
    end(store);
    let store = start(disk.path());
    assert_eq!(store.disk, Ok(()));
    assert_eq!(store.checkpoint.as_ref().unwrap().payload, b"two");
    save(&store, 3, b"three");
    end(store);
}

#[test]
fn a_checkpoint_for_which_there_is_no_room_to_grow_is_saved_once_there_is() {
    let Some(disk) = SmallDisk::new() else { return };
    let store = start(disk.path());
    save(&store, 1, b"one");
    let ballast = disk.fill();
    let large = vec![7; 40_000];
    store.writer.save(2, large.clone());
    let reports = wait_for(&store, |report| matches!(report, Report::NoDisk(_)));
    assert!(!reports.contains(&Report::Saved(2)));
    fs::remove_file(ballast).unwrap();
    wait_for(&store, |report| *report == Report::Saved(2));
    end(store);
    let store = start(disk.path());
    assert_eq!(store.checkpoint.as_ref().unwrap().payload, large);
    end(store);
}

#[test]
fn a_disk_that_has_become_read_only_still_gives_the_checkpoint() {
    let Some(disk) = SmallDisk::new() else { return };
    let store = start(disk.path());
    save(&store, 1, b"one");
    end(store);
    assert!(disk.mount("remount,ro"));
    let store = start(disk.path());
    assert_eq!(store.checkpoint.as_ref().unwrap().payload, b"one");
    let why = store.disk.clone().expect_err("nothing can be written");
    assert!(why.contains("Read-only"), "{why}");
    assert!(disk.mount("remount,rw"));
    wait_for(&store, |report| *report == Report::DiskWorks);
    end(store);
}

/// Runs another test of this program as a user who is not root; it is told the directory by the
/// environment variable `PLACE`. False where that cannot be done.
fn passes_as_nobody(test: &str, directory: &Path) -> bool {
    const NOBODY: u32 = 65534;
    let program = directory.join("tests");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let mut command = Command::new(program);
    command.args(["--exact", test, "--ignored"]).env("PLACE", directory).current_dir("/");
    if geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.stdout(Stdio::null()).stderr(Stdio::inherit()).status().unwrap().success()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn open_error(directory: &Path) -> OpenError {
    Lock::take(directory, Duration::ZERO).and_then(|lock| Store::open(lock, MICROS)).unwrap_err()
}

#[test]
fn a_directory_or_file_that_this_user_may_not_use_is_named() {
    let parent = tempfile::tempdir().unwrap();
    set_mode(parent.path(), 0o755);
    for (name, mode) in [("unwritable", 0o555), ("unreadable", 0o300), ("file", 0o777)] {
        let directory = parent.path().join(name);
        fs::create_dir(&directory).unwrap();
        fs::write(directory.join("checkpoint"), "mine").unwrap();
        set_mode(&directory.join("checkpoint"), 0o000);
        set_mode(&directory, mode);
    }
    assert!(passes_as_nobody("as_nobody", parent.path()));
}

#[test]
#[ignore = "the part of another test that runs as a user who is not root"]
fn as_nobody() {
    let Some(parent) = std::env::var_os("PLACE").map(PathBuf::from) else { return };
    let error = open_error(&parent.join("unwritable"));
    assert!(matches!(error, OpenError::NotWritable { .. }), "{error}");
    assert!(error.to_string().contains("unwritable"));
    let error = open_error(&parent.join("unreadable"));
    assert!(matches!(error, OpenError::Unreadable { .. }), "{error}");
    let error = open_error(&parent.join("file"));
    assert!(matches!(error, OpenError::Unreadable { .. }), "{error}");
    assert!(error.to_string().contains("file/checkpoint"), "a lost call has a name: {error}");
    let error = Lock::take(&parent.join("new"), Duration::ZERO).unwrap_err();
    assert!(matches!(error, OpenError::NotMade { .. }), "{error}");
}

#[test]
fn a_checkpoint_that_cannot_be_opened_is_kept_and_another_one_takes_its_place() {
    let directory = used();
    let place = directory.path().join("checkpoint");
    fs::remove_file(&place).unwrap();
    let _socket = UnixListener::bind(&place).unwrap();
    let store = start(directory.path());
    assert_eq!(store.checkpoint, store.proven, "the proven one is at hand");
    assert!(store.disk.as_ref().is_err_and(|why| why.contains("checkpoint: ")));
    wait_for(&store, |report| *report == Report::DiskWorks);
    save(&store, 6, b"six");
    assert!(directory.path().join("checkpoint.aside-1").exists());
    end(store);
    assert_eq!(start(directory.path()).checkpoint.unwrap().revision, 6);
}
