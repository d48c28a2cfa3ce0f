//! A disk that does the worst that a disk may do, at any operation it is told.
//!
//! It has two faces: what the kernel shows to those who read, and what would be left after a power
//! cut. A write reaches the second face only by a sync; until then any part of it may have. A
//! failed sync forgets what it was to write and goes on showing it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::rc::Rc;

use lift_group::supervisor::storage::{Storage, StoredFile};

/// What happens at an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mishap {
    /// It fails, with nothing done.
    FailsBefore,
    /// It fails, with all done but nothing certain.
    FailsAfter,
    /// The process is killed before it; the kernel lives on.
    KilledBefore,
    /// The process is killed after it.
    KilledAfter,
    /// The power fails during it.
    PowerCut,
}

/// The handle of a disk with one name; clones are the same disk.
#[derive(Clone, Debug, Default)]
pub struct Disk(Rc<RefCell<State>>);

#[derive(Debug, Default)]
struct State {
    files: Vec<Content>,
    /// The file that the name stands for, as the kernel shows it.
    name: Option<usize>,
    /// What the name may stand for after a power cut.
    names_after_cut: BTreeSet<Option<usize>>,
    fresh: Option<usize>,
    aside: Vec<usize>,
    operations: usize,
    mishaps: BTreeMap<usize, Mishap>,
    dead: bool,
    dark: bool,
}

#[derive(Clone, Debug, Default)]
struct Content {
    shown: Vec<u8>,
    certain: Vec<u8>,
    pending: Vec<(usize, Vec<u8>)>,
}

/// An open file of a [`Disk`].
#[derive(Debug)]
pub struct OpenFile {
    disk: Disk,
    file: usize,
    failed: RefCell<bool>,
}

impl Disk {
    /// A disk on which the name stands for this file, for certain.
    pub fn holding(bytes: Option<&[u8]>) -> Self {
        let disk = Self::default();
        {
            let mut state = disk.0.borrow_mut();
            if let Some(bytes) = bytes {
                let (shown, certain) = (bytes.to_vec(), bytes.to_vec());
                state.files.push(Content { shown, certain, pending: Vec::new() });
                state.name = Some(0);
            }
            state.names_after_cut = BTreeSet::from([state.name]);
        }
        disk
    }

    /// Lets this happen at the operation of this number, counted from 0.
    pub fn plan(self, operation: usize, mishap: Mishap) -> Self {
        self.0.borrow_mut().mishaps.insert(operation, mishap);
        self
    }

    /// How many operations there were.
    pub fn operations(&self) -> usize {
        self.0.borrow().operations
    }

    /// Whether the process that used the disk was killed.
    pub fn process_is_dead(&self) -> bool {
        self.0.borrow().dead
    }

    /// Whether the power is off.
    pub fn is_dark(&self) -> bool {
        self.0.borrow().dark
    }

    /// A new process uses the disk.
    pub fn revive(&self) {
        self.0.borrow_mut().dead = false;
    }

    /// The file that the name stands for, as it is shown.
    pub fn shown(&self) -> Option<Vec<u8>> {
        let state = self.0.borrow();
        state.name.map(|file| state.files[file].shown.clone())
    }

    /// The files kept aside.
    pub fn aside(&self) -> Vec<Vec<u8>> {
        let state = self.0.borrow();
        state.aside.iter().map(|&file| state.files[file].shown.clone()).collect()
    }

    /// All that the name may stand for when the power fails now. `torn` says at which lengths a
    /// write of a length may be torn.
    pub fn after_power_cut(&self, torn: fn(usize) -> Vec<usize>) -> BTreeSet<Option<Vec<u8>>> {
        let state = self.0.borrow();
        let mut all = BTreeSet::new();
        for &name in &state.names_after_cut {
            match name {
                None => drop(all.insert(None)),
                Some(file) => all.extend(state.files[file].after_power_cut(torn).map(Some)),
            }
        }
        all
    }

    /// Counts an operation and does it, unless something else is to happen.
    fn operate<T>(
        &self,
        act: impl FnOnce(&mut State) -> io::Result<T>,
        certain: impl FnOnce(&mut State),
        fail: impl FnOnce(&mut State, Mishap),
    ) -> io::Result<T> {
        let state = &mut *self.0.borrow_mut();
        if state.dark || state.dead {
            return Err(io::Error::other("nobody is there"));
        }
        let mishap = state.mishaps.get(&state.operations).copied();
        state.operations += 1;
        match mishap {
            None => {
                let done = act(state)?;
                certain(state);
                Ok(done)
            }
            Some(Mishap::FailsBefore) => {
                fail(state, Mishap::FailsBefore);
                Err(io::Error::other("the disk failed"))
            }
            Some(Mishap::FailsAfter) => {
                act(state)?;
                fail(state, Mishap::FailsAfter);
                Err(io::Error::other("the disk failed late"))
            }
            Some(Mishap::KilledBefore) => {
                state.dead = true;
                Err(io::Error::other("killed"))
            }
            Some(Mishap::KilledAfter) => {
                act(state)?;
                certain(state);
                state.dead = true;
                Err(io::Error::other("killed"))
            }
            Some(Mishap::PowerCut) => {
                act(state)?;
                state.dark = true;
                Err(io::Error::other("dark"))
            }
        }
    }
}

impl State {
    fn rename(&mut self, to: Option<usize>) {
        self.name = to;
        self.names_after_cut.insert(to);
    }

    fn name_is_certain(&mut self) {
        self.names_after_cut = BTreeSet::from([self.name]);
    }
}

impl Content {
    fn write(&mut self, offset: usize, bytes: &[u8]) {
        put(&mut self.shown, offset, bytes);
        self.pending.push((offset, bytes.to_vec()));
    }

    fn after_power_cut(&self, torn: fn(usize) -> Vec<usize>) -> impl Iterator<Item = Vec<u8>> {
        let mut all = BTreeSet::from([self.certain.clone()]);
        for (offset, bytes) in &self.pending {
            // Each write on top of every result of those before it, or not at all: with that any
            // subset is there, and no order matters that the disk could choose.
            for before in all.clone() {
                for cut in torn(bytes.len()) {
                    let mut beginning = before.clone();
                    put(&mut beginning, *offset, &bytes[..cut]);
                    all.insert(beginning);
                    let mut end = before.clone();
                    put(&mut end, offset + cut, &bytes[cut..]);
                    all.insert(end);
                }
            }
        }
        all.into_iter()
    }
}

fn put(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    file.resize(file.len().max(offset + bytes.len()), 0);
    file[offset..offset + bytes.len()].copy_from_slice(bytes);
}

fn nothing(_: &mut State) {}

fn nothing_more(_: &mut State, _: Mishap) {}

impl Storage for Disk {
    type File = OpenFile;

    fn read(&self, most: usize) -> io::Result<Option<Vec<u8>>> {
        assert!(!self.process_is_dead() && !self.is_dark(), "only the living read");
        let shown = self.shown();
        Ok(shown.map(|bytes| bytes[..bytes.len().min(most)].to_vec()))
    }

    fn open(&self) -> io::Result<OpenFile> {
        let file = self.0.borrow().name.ok_or(io::ErrorKind::NotFound)?;
        Ok(OpenFile { disk: self.clone(), file, failed: RefCell::default() })
    }

    fn create(&self) -> io::Result<OpenFile> {
        let create = |state: &mut State| {
            state.files.push(Content::default());
            state.fresh = Some(state.files.len() - 1);
            Ok(state.files.len() - 1)
        };
        let file = self.operate(create, nothing, nothing_more)?;
        Ok(OpenFile { disk: self.clone(), file, failed: RefCell::default() })
    }

    fn swap_in(&self) -> io::Result<()> {
        let rename = |state: &mut State| {
            let fresh = state.fresh.take().ok_or(io::ErrorKind::NotFound)?;
            state.rename(Some(fresh));
            Ok(())
        };
        self.operate(rename, State::name_is_certain, nothing_more)
    }

    fn set_aside(&self) -> io::Result<String> {
        let rename = |state: &mut State| {
            let file = state.name.ok_or(io::ErrorKind::NotFound)?;
            state.aside.push(file);
            state.rename(None);
            Ok(format!("aside-{}", state.aside.len()))
        };
        self.operate(rename, State::name_is_certain, nothing_more)
    }

    fn sync_name(&self) -> io::Result<()> {
        self.operate(|_| Ok(()), State::name_is_certain, nothing_more)
    }
}

impl OpenFile {
    /// Whoever uses a file again after it failed has believed a disk that lies.
    fn note(&self, done: io::Result<()>) -> io::Result<()> {
        assert!(!self.failed.replace(done.is_err()), "a file is used again after it failed");
        done
    }
}

impl StoredFile for OpenFile {
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let write = |state: &mut State| {
            let offset = usize::try_from(offset).expect("small files");
            state.files[self.file].write(offset, bytes);
            Ok(())
        };
        self.note(self.disk.operate(write, nothing, nothing_more))
    }

    fn sync(&self) -> io::Result<()> {
        let certain = |state: &mut State| {
            let file = &mut state.files[self.file];
            for (offset, bytes) in std::mem::take(&mut file.pending) {
                put(&mut file.certain, offset, &bytes);
            }
        };
        // Whatever a failed sync has written, the rest is forgotten and still shown.
        let forget = |state: &mut State, mishap| {
            let file = &mut state.files[self.file];
            for (offset, bytes) in std::mem::take(&mut file.pending) {
                let written = if mishap == Mishap::FailsAfter { bytes.len() / 2 } else { 0 };
                put(&mut file.certain, offset, &bytes[..written]);
            }
        };
        self.note(self.disk.operate(|_| Ok(()), certain, forget))
    }
}
