//! A disk in memory that can be held in a sync, fail for a while, and tell what it was asked.

use std::io;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use lift_group::supervisor::checkpoint_file::CheckpointFile;
use lift_group::supervisor::storage::{Storage, StoredFile};

/// How long anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// A disk with one name; clones are the same disk.
#[derive(Clone, Debug, Default)]
pub struct Disk(Arc<(Mutex<State>, Condvar)>);

#[derive(Debug, Default)]
struct State {
    files: Vec<Vec<u8>>,
    name: Option<usize>,
    aside: Vec<Vec<u8>>,
    /// How many syncs have begun, and how many may end.
    syncs: usize,
    allowed: Option<usize>,
    broken: bool,
    /// How many fresh files were asked for while the disk was broken.
    failures: usize,
}

/// An open file.
#[derive(Debug)]
pub struct OpenFile {
    disk: Disk,
    file: usize,
}

impl Disk {
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let done = change(&mut self.0.0.lock().unwrap());
        self.0.1.notify_all();
        done
    }

    /// Lets this many syncs end from now on, and holds the next.
    pub fn hold_after(&self, syncs: usize) {
        self.change(|state| state.allowed = Some(state.syncs + syncs));
    }

    /// Holds no sync any more.
    pub fn release(&self) {
        self.change(|state| state.allowed = None);
    }

    /// Lets every operation fail, or none.
    pub fn set_broken(&self, broken: bool) {
        self.change(|state| state.broken = broken);
    }

    /// How many syncs have begun.
    pub fn syncs(&self) -> usize {
        self.change(|state| state.syncs)
    }

    /// Waits until a sync has begun.
    pub fn wait_until_used(&self) {
        self.wait_until("it is used", |state| state.syncs > 0);
    }

    /// Waits until a sync hangs.
    pub fn wait_until_held(&self) {
        self.wait_until("a sync hangs", |state| {
            state.allowed.is_some_and(|allowed| state.syncs > allowed)
        });
    }

    /// Waits until the broken disk has refused this many more fresh files.
    pub fn wait_for_failures(&self, more: usize) {
        let until = self.change(|state| state.failures) + more;
        self.wait_until("the disk is tried again", |state| state.failures >= until);
    }

    /// The revision that a reader of the file would get now.
    pub fn read_back(&self) -> Option<u64> {
        revision_in(self.change(|state| state.name.map(|file| state.files[file].clone())))
    }

    /// The revisions in the files kept aside.
    pub fn aside(&self) -> Vec<Option<u64>> {
        self.change(|state| state.aside.clone()).into_iter().map(Some).map(revision_in).collect()
    }

    fn wait_until(&self, what: &str, holds: impl Fn(&State) -> bool) {
        let (state, changed) = &*self.0;
        let state = state.lock().unwrap();
        let waited = changed.wait_timeout_while(state, PATIENCE, |state| !holds(state)).unwrap();
        assert!(!waited.1.timed_out(), "waited in vain until {what}");
    }

    fn operate<T>(&self, act: impl FnOnce(&mut State) -> T) -> io::Result<T> {
        self.change(|state| {
            if state.broken { Err(io::Error::other("it is broken")) } else { Ok(act(state)) }
        })
    }
}

fn revision_in(bytes: Option<Vec<u8>>) -> Option<u64> {
    let name = bytes.is_some().then_some(0);
    let files = bytes.into_iter().collect();
    let state = State { files, name, ..State::default() };
    let copy = Disk(Arc::new((Mutex::new(state), Condvar::new())));
    let file = CheckpointFile::open(copy, 64).unwrap().file;
    file.contents().map(|contents| contents.revision)
}

impl Storage for Disk {
    type File = OpenFile;

    fn read(&self, _most: usize) -> io::Result<Option<Vec<u8>>> {
        Ok(self.change(|state| state.name.map(|file| state.files[file].clone())))
    }

    fn open(&self) -> io::Result<OpenFile> {
        let file = self.change(|state| state.name).ok_or(io::ErrorKind::NotFound)?;
        Ok(OpenFile { disk: self.clone(), file })
    }

    fn create(&self) -> io::Result<OpenFile> {
        self.change(|state| state.failures += usize::from(state.broken));
        let file = self.operate(|state| {
            state.files.push(Vec::new());
            state.files.len() - 1
        })?;
        Ok(OpenFile { disk: self.clone(), file })
    }

    fn swap_in(&self) -> io::Result<()> {
        self.operate(|state| state.name = state.files.len().checked_sub(1))
    }

    fn set_aside(&self) -> io::Result<String> {
        let moved = self.operate(|state| {
            let bytes = state.name.take().map(|file| state.files[file].clone());
            let moved = bytes.is_some();
            state.aside.extend(bytes);
            moved
        })?;
        moved.then(|| "aside".to_owned()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn sync_name(&self) -> io::Result<()> {
        self.operate(|_| ())
    }
}

impl StoredFile for OpenFile {
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let offset = usize::try_from(offset).unwrap();
        self.disk.operate(|state| {
            let file = &mut state.files[self.file];
            file.resize(file.len().max(offset + bytes.len()), 0);
            file[offset..offset + bytes.len()].copy_from_slice(bytes);
        })
    }

    fn sync(&self) -> io::Result<()> {
        self.disk.change(|state| state.syncs += 1);
        let (state, changed) = &*self.disk.0;
        let held = |state: &mut State| state.allowed.is_some_and(|allowed| state.syncs > allowed);
        drop(changed.wait_while(state.lock().unwrap(), held).unwrap());
        self.disk.operate(|_| ())
    }
}
