//! How many bytes it all takes.

use lift_group::building::LiftId;
use lift_group::calls::{Incarnation, Part};
use lift_group::group::message::Message;
use lift_group::node::Checkpoint;
use lift_group::shell::codec::{decode, encode};
use lift_group::shell::link::{Link, Received, ToController, ToSupervisor};
use lift_group::shell::seal::freshness::Challenge;
use lift_group::shell::seal::key::Keys;
use lift_group::shell::seal::{MOST_BYTES, Seal, SealError};
use lift_group::supervisor::checkpoint_file::CheckpointFile;
use lift_group::supervisor::slot::Contents;
use lift_group::supervisor::storage::Directory;

use crate::worst::{LIFTS, checkpoint, message};

fn seal(lift: u8, challenge: u64) -> Seal {
    let keys = Keys::parse(&format!("{:064x}\n", 1)).unwrap();
    Seal::new(&keys, "tower", LiftId(lift), Challenge(challenge))
}

/// The seal of a node that has heard two lives of everybody.
fn well_met() -> Seal {
    let mut me = seal(1, 1);
    let empty = message(std::iter::empty());
    for lift in 2..=LIFTS {
        for life in [7, 8] {
            let from = LiftId(lift);
            let said = Message { from, incarnation: Incarnation(life), ..empty.clone() };
            let peer = seal(lift, u64::from(lift) << 8 | life);
            let _ = me.open(&peer.seal(&said).unwrap());
        }
    }
    me
}

#[test]
fn a_part_of_the_worst_day_fits_into_a_datagram_and_leaves_room() {
    let me = well_met();
    for part in Part::every() {
        let said = message([part].into_iter());
        let bytes = me.seal(&said).unwrap();
        println!("part {part:?}: {} bytes", bytes.len());
        assert!(bytes.len() <= MOST_BYTES * 7 / 8, "{} bytes", bytes.len());
    }
}

#[test]
fn two_such_parts_would_not_fit() {
    let sealed = well_met().seal(&message(Part::every().take(2)));
    assert!(matches!(sealed, Err(SealError::TooLarge(_))), "{sealed:?}");
}

#[test]
fn the_largest_message_comes_back_from_its_bytes() {
    let said = message([Part::LOWEST].into_iter());
    assert_eq!(decode::<Message>(&encode(&said).unwrap()), Ok(said));
}

#[test]
fn the_largest_checkpoint_goes_over_the_link_and_comes_back() {
    let bytes = encode(&checkpoint()).unwrap();
    println!("checkpoint: {} bytes", bytes.len());
    let (controller, supervisor) = Link::pair().unwrap();
    let save = ToSupervisor::Checkpoint { revision: u64::MAX, bytes: bytes.clone() };
    assert!(controller.send(&save).unwrap());
    assert_eq!(supervisor.receive().unwrap(), Received::Message(save));
    let welcome = ToController::Welcome {
        incarnation: u64::MAX,
        configuration: vec![7; 2000],
        checkpoint: Some(bytes),
        is_durable: true,
        revision: u64::MAX,
        disk_works: true,
        unsteady: true,
    };
    assert!(supervisor.send(&welcome).unwrap());
    let Received::Message(ToController::Welcome { checkpoint: Some(bytes), .. }) =
        controller.receive().unwrap()
    else {
        panic!("no welcome");
    };
    assert_eq!(decode::<Checkpoint>(&bytes), Ok(checkpoint()));
}

#[test]
fn the_largest_checkpoint_is_kept_in_its_file() {
    let directory = tempfile::tempdir().unwrap();
    let place = || Directory::new(directory.path(), "checkpoint");
    let contents = Contents { revision: 1, payload: encode(&checkpoint()).unwrap() };
    let mut file = CheckpointFile::open(place(), 16 * 1024).unwrap().file;
    file.save(contents.clone()).unwrap();
    file.settle().unwrap();
    drop(file);
    let found = CheckpointFile::open(place(), 16 * 1024).unwrap();
    found.disk.unwrap();
    assert_eq!(found.file.contents(), Some(&contents));
}
