//! A disk that keeps what was synced, and of everything else whatever it likes.
//!
//! It has two faces: what the kernel shows to those who read, and what would be left after a power
//! cut. A write reaches the second face for certain only by a sync that succeeded; until then any
//! part of it may have, in any order. A failed sync forgets what it was to write and goes on
//! showing it. The real checkpoint files are kept on it, through the very traits by which they are
//! kept on a real one.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;

use super::chance::Chance;
use crate::supervisor::storage::{Storage, StoredFile};

/// No write is torn within so many bytes.
const SECTOR: usize = 512;

/// The handle of a disk; clones are the same disk.
#[derive(Clone, Debug)]
pub struct Disk(Rc<RefCell<State>>);

#[derive(Debug)]
struct State {
    chance: Chance,
    health: Health,
    /// After so many more operations the process or the machine is dead, and nothing is done.
    dies_after: Option<u64>,
    /// The next sync fails.
    next_sync_fails: bool,
    places: BTreeMap<&'static str, Place>,
}

/// What is wrong with a disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "any of these can be wrong at once")]
pub struct Health {
    /// Everything fails that would change it. What it holds can be read; for a disk that cannot be
    /// read it is lost.
    pub fails: bool,
    /// Every sync fails.
    pub syncs_fail: bool,
    /// There is no room for another file.
    pub is_full: bool,
    /// It is slow beyond all patience.
    pub stalls: bool,
}

impl Health {
    /// Whether nothing is wrong.
    pub fn is_well(self) -> bool {
        self == Self::default()
    }
}

/// A name and the files that have borne it or are about to.
#[derive(Debug, Default)]
struct Place {
    next: u32,
    files: BTreeMap<u32, Content>,
    /// The file that the name stands for. A renaming that the power cuts short was done or was not:
    /// who uses the disk is dead after it, or before.
    name: Option<u32>,
    fresh: Option<u32>,
}

#[derive(Clone, Debug, Default)]
struct Content {
    shown: Vec<u8>,
    certain: Vec<u8>,
    pending: Vec<(usize, Vec<u8>)>,
}

impl Disk {
    /// An empty disk in good order.
    pub fn new(chance: Chance) -> Self {
        let (health, places) = (Health::default(), BTreeMap::new());
        Self(Rc::new(RefCell::new(State {
            chance,
            health,
            dies_after: None,
            next_sync_fails: false,
            places,
        })))
    }

    /// Where the file of this name is.
    pub fn place(&self, name: &'static str) -> PlaceOnDisk {
        PlaceOnDisk { disk: self.clone(), name }
    }

    /// What is wrong with it.
    pub fn health(&self) -> Health {
        self.0.borrow().health
    }

    /// From now on this is wrong with it.
    pub fn set_health(&self, health: Health) {
        self.0.borrow_mut().health = health;
    }

    /// The next sync fails, and forgets what it was to write.
    pub fn fail_next_sync(&self) {
        self.0.borrow_mut().next_sync_fails = true;
    }

    /// Who uses it will be dead after so many more operations.
    pub fn kill_user_after(&self, operations: u64) {
        self.0.borrow_mut().dies_after = Some(operations);
    }

    /// A new process uses it.
    pub fn revive_user(&self) {
        self.0.borrow_mut().dies_after = None;
    }

    /// The power is cut: what was not certain is there, or in part, or not.
    pub fn lose_power(&self) {
        let State { chance, places, .. } = &mut *self.0.borrow_mut();
        for place in places.values_mut() {
            place.lose_power(chance);
        }
    }

    /// Everything on it is gone.
    pub fn lose_everything(&self) {
        self.0.borrow_mut().places.clear();
    }

    /// A bit flips somewhere in one of the two copies of this file.
    pub fn rot(&self, name: &'static str) {
        let State { chance, places, .. } = &mut *self.0.borrow_mut();
        let Some(place) = places.get_mut(name) else { return };
        let Some(content) = place.name.and_then(|file| place.files.get_mut(&file)) else { return };
        if !content.shown.is_empty() {
            let (at, bit) = (chance.index(content.shown.len()), chance.small(8));
            content.shown[at] ^= 1 << bit;
            content.certain.clone_from(&content.shown);
        }
    }

    fn operate<T>(
        &self,
        name: &'static str,
        act: impl FnOnce(&mut Place) -> io::Result<T>,
    ) -> io::Result<T> {
        let state = &mut *self.0.borrow_mut();
        match &mut state.dies_after {
            Some(0) => return Err(io::Error::other("nobody is there")),
            Some(left) => *left -= 1,
            None => {}
        }
        if state.health.fails {
            return Err(io::Error::other("the disk takes nothing"));
        }
        act(state.places.entry(name).or_default())
    }
}

impl Place {
    fn rename(&mut self, to: Option<u32>) {
        self.name = to;
        self.forget_the_nameless();
    }

    fn forget_the_nameless(&mut self) {
        let (name, fresh) = (self.name, self.fresh);
        self.files.retain(|file, _| Some(*file) == name || Some(*file) == fresh);
    }

    fn lose_power(&mut self, chance: &mut Chance) {
        self.fresh = None;
        self.forget_the_nameless();
        for content in self.files.values_mut() {
            content.lose_power(chance);
        }
    }
}

impl Content {
    fn write(&mut self, offset: usize, bytes: &[u8]) {
        put(&mut self.shown, offset, bytes);
        self.pending.push((offset, bytes.to_vec()));
    }

    fn sync(&mut self) {
        for (offset, bytes) in std::mem::take(&mut self.pending) {
            put(&mut self.certain, offset, &bytes);
        }
    }

    /// Of each pending write every sector has arrived, or has not.
    fn lose_power(&mut self, chance: &mut Chance) {
        for (offset, bytes) in std::mem::take(&mut self.pending) {
            let arrives = chance.share();
            for (at, sector) in bytes.chunks(SECTOR).enumerate() {
                if chance.happens(arrives) {
                    let torn = if chance.happens(0.5) { chance.index(sector.len()) } else { 0 };
                    put(&mut self.certain, offset + at * SECTOR, &sector[..sector.len() - torn]);
                }
            }
        }
        self.shown.clone_from(&self.certain);
    }
}

fn put(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if !bytes.is_empty() {
        file.resize(file.len().max(offset + bytes.len()), 0);
        file[offset..offset + bytes.len()].copy_from_slice(bytes);
    }
}

/// The place of one file on a [`Disk`].
#[derive(Clone, Debug)]
pub struct PlaceOnDisk {
    disk: Disk,
    name: &'static str,
}

/// An open file on a [`Disk`].
#[derive(Debug)]
pub struct OpenFile {
    place: PlaceOnDisk,
    file: u32,
}

impl Storage for PlaceOnDisk {
    type File = OpenFile;

    fn read(&self, most: usize) -> io::Result<Option<Vec<u8>>> {
        let state = self.disk.0.borrow();
        let shown = state.places.get(self.name).and_then(|place| {
            let file = place.name?;
            place.files.get(&file).map(|content| content.shown.clone())
        });
        Ok(shown.map(|mut bytes| {
            bytes.truncate(most);
            bytes
        }))
    }

    fn open(&self) -> io::Result<OpenFile> {
        let file = self
            .disk
            .operate(self.name, |place| place.name.ok_or_else(|| io::ErrorKind::NotFound.into()))?;
        Ok(OpenFile { place: self.clone(), file })
    }

    fn create(&self) -> io::Result<OpenFile> {
        let is_full = self.disk.health().is_full;
        let file = self.disk.operate(self.name, |place| {
            if is_full {
                return Err(io::ErrorKind::StorageFull.into());
            }
            place.next += 1;
            place.files.insert(place.next, Content::default());
            place.fresh = Some(place.next);
            Ok(place.next)
        })?;
        Ok(OpenFile { place: self.clone(), file })
    }

    fn swap_in(&self) -> io::Result<()> {
        self.disk.operate(self.name, |place| {
            let fresh = place.fresh.take().ok_or(io::ErrorKind::NotFound)?;
            place.rename(Some(fresh));
            Ok(())
        })
    }

    fn set_aside(&self) -> io::Result<String> {
        self.disk.operate(self.name, |place| {
            place.name.ok_or(io::ErrorKind::NotFound)?;
            place.rename(None);
            Ok("aside".to_owned())
        })
    }

    fn sync_name(&self) -> io::Result<()> {
        self.disk.operate(self.name, |_| Ok(()))
    }
}

impl OpenFile {
    fn operate(&self, act: impl FnOnce(&mut Content) -> io::Result<()>) -> io::Result<()> {
        self.place.disk.operate(self.place.name, |place| {
            let content = place.files.get_mut(&self.file);
            content.map_or_else(|| Err(io::ErrorKind::NotFound.into()), act)
        })
    }
}

impl StoredFile for OpenFile {
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        self.operate(|content| {
            content.write(offset, bytes);
            Ok(())
        })
    }

    fn sync(&self) -> io::Result<()> {
        let once = std::mem::take(&mut self.place.disk.0.borrow_mut().next_sync_fails);
        let fails = once || self.place.disk.health().syncs_fail;
        self.operate(|content| {
            if fails {
                content.pending.clear();
                return Err(io::Error::other("the sync fails"));
            }
            content.sync();
            Ok(())
        })
    }
}
