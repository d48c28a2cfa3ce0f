//! A wire of real, sealed datagrams between lifts whose programs may be of different versions.

use std::collections::{BTreeMap, BTreeSet};

use lift_group::building::LiftId;
use lift_group::group::message::Message;
use lift_group::shell::codec::{CodecError, decode, encode};
use lift_group::shell::seal::dialect::{Dialect, OURS};
use lift_group::shell::seal::dropped::Dropped;
use lift_group::shell::seal::freshness::Challenge;
use lift_group::shell::seal::key::Keys;
use lift_group::shell::seal::{Opened, Seal};

/// Where the format of a datagram stands.
const FORMAT: usize = 4;

/// Who speaks what, and how it gets there.
pub struct Wire {
    versions: BTreeMap<u8, u8>,
    seals: BTreeMap<u8, Seal>,
    lives: u64,
    /// The formats of the datagrams that were sent since somebody last looked.
    pub formats: BTreeSet<u8>,
}

/// The first version is ours. Every later one is invented: in its format all bytes stand in reverse
/// order behind the number of the version.
fn version(newest: u8) -> Dialect {
    let oldest = newest.saturating_sub(1).max(OURS.newest);
    Dialect { oldest, newest, write, read }
}

fn write(message: &Message, format: u8) -> Result<Vec<u8>, CodecError> {
    if format == OURS.newest {
        return (OURS.write)(message, format);
    }
    Ok(std::iter::once(format).chain(encode(message)?.into_iter().rev()).collect())
}

fn read(bytes: &[u8], format: u8) -> Result<Message, CodecError> {
    if format == OURS.newest {
        return (OURS.read)(bytes, format);
    }
    assert_eq!(bytes[0], format);
    decode(&bytes[1..].iter().rev().copied().collect::<Vec<u8>>())
}

impl Wire {
    /// Programs of these versions, by lift.
    pub fn between(versions: &[(u8, u8)]) -> Self {
        let versions = versions.iter().copied().collect();
        Self { versions, seals: BTreeMap::new(), lives: 0, formats: BTreeSet::new() }
    }

    /// From its next life on the lift has a program of this version.
    pub fn install(&mut self, lift: u8, version: u8) {
        self.versions.insert(lift, version);
    }

    /// A life begins.
    pub fn begin(&mut self, lift: u8) {
        self.lives += 1;
        let keys = Keys::parse(&format!("{:064x}\n", 1)).unwrap();
        let dialect = version(self.versions[&lift]);
        let seal = Seal::speaking(dialect, &keys, "tower", LiftId(lift), Challenge(self.lives));
        self.seals.insert(lift, seal);
    }

    pub fn seal(&mut self, from: u8, message: &Message) -> Vec<u8> {
        let bytes = self.seals[&from].seal(message).unwrap();
        self.formats.insert(bytes[FORMAT]);
        bytes
    }

    pub fn open(&mut self, to: u8, bytes: &[u8]) -> Option<Message> {
        match self.seals.get_mut(&to)?.open(bytes) {
            Ok(Opened::Message(message)) => Some(message),
            _ => None,
        }
    }

    pub fn drops(&self, lift: u8, why: Dropped) -> u64 {
        self.seals[&lift].drops().of(why)
    }
}
