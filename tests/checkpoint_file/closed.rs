//! A file that cannot even be opened: whose fault that is, and what comes of it.

use std::io;

use lift_group::supervisor::checkpoint_file::{CheckpointFile, Note, Opening};
use lift_group::supervisor::found::Found;
use lift_group::supervisor::storage::Storage;
use nix::errno::Errno;

use crate::disk::{Disk, OpenFile};
use crate::{SLOT, contents, open};

/// A disk that gives this error to whoever would read.
#[derive(Debug)]
struct Closed(Disk, Errno);

impl Storage for Closed {
    type File = OpenFile;

    fn read(&self, _most: usize) -> io::Result<Option<Vec<u8>>> {
        Err(self.1.into())
    }

    fn open(&self) -> io::Result<OpenFile> {
        Err(self.1.into())
    }

    fn create(&self) -> io::Result<OpenFile> {
        self.0.create()
    }

    fn swap_in(&self) -> io::Result<()> {
        self.0.swap_in()
    }

    fn set_aside(&self) -> io::Result<String> {
        self.0.set_aside()
    }

    fn sync_name(&self) -> io::Result<()> {
        self.0.sync_name()
    }
}

fn closed(error: Errno) -> (Disk, io::Result<Opening<Closed>>) {
    let disk = Disk::holding(Some(b"whatever it is"));
    let opening = CheckpointFile::open(Closed(disk.clone(), error), SLOT);
    (disk, opening)
}

#[test]
fn a_checkpoint_that_the_disk_cannot_open_is_a_disk_that_does_not_work() {
    for error in [Errno::EIO, Errno::EUCLEAN, Errno::ENXIO] {
        let (disk, opening) = closed(error);
        let opening = opening.unwrap();
        let mut file = opening.file;
        assert_eq!(opening.disk.unwrap_err().raw_os_error(), Some(error as i32));
        assert_eq!((opening.found, file.contents()), (Found::Unreadable, None));
        assert!(file.is_due(), "it is tried again");
        file.retry().unwrap();
        assert!(matches!(file.take_notes()[..], [Note::SetAside { .. }]), "nothing is thrown away");
        assert_eq!(disk.aside().len(), 1);
        file.save(contents(1)).unwrap();
        assert_eq!(open(&disk).file.contents(), Some(&contents(1)));
    }
}

#[test]
fn a_checkpoint_that_is_closed_to_this_user_or_in_a_shortage_is_left_as_it_is() {
    for error in [Errno::EACCES, Errno::EPERM, Errno::EMFILE, Errno::ENFILE, Errno::ENOMEM] {
        let (disk, opening) = closed(error);
        assert_eq!(opening.unwrap_err().raw_os_error(), Some(error as i32));
        assert!(disk.aside().is_empty());
    }
}
