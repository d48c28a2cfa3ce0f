//! The tag: proof that a holder of the key wrote these very bytes, for this very group.
//!
//! Keyed BLAKE3, cut to 16 bytes. The key that it is computed with is derived from the group's key
//! *and* its name, so that two groups with one key by mistake still do not believe each other. From
//! the same two a short name of the key is derived, which travels openly: it gives nothing of the
//! key away, finds the right one of two without trying, and tells "another key" from "damaged".

use super::key::Keys;
use crate::sabotage::Sabotage;

/// The length of a tag, in bytes. To guess one takes 2^127 tries.
pub const TAG: usize = 16;

/// The length of the short names of group and key, in bytes.
pub const NAME: usize = 8;

/// A short name: nothing secret, and no two alike but by a chance of 2^-64.
pub type Name = [u8; NAME];

const GROUP_NAME: &str = "lift-group 2026 datagram: name of the group";
const KEY_NAME: &str = "lift-group 2026 datagram: name of the key";
const TAG_KEY: &str = "lift-group 2026 datagram: key of the tag";

/// All tags that a node writes and believes.
#[derive(Clone, Debug)]
pub struct Tags {
    /// The short name of its group.
    pub group: Name,
    /// With what it seals.
    pub own: Tag,
    older: Option<Tag>,
}

/// The tags of one key in one group.
#[derive(Clone)]
pub struct Tag {
    /// The short name of the key.
    pub name: Name,
    key: [u8; blake3::KEY_LEN],
}

impl std::fmt::Debug for Tag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tag").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Tags {
    /// The tags of these keys in the group of this name.
    pub fn new(keys: &Keys, group: &str) -> Self {
        Self {
            group: name(GROUP_NAME, group.as_bytes()),
            own: Tag::new(keys.seals(), group),
            older: keys.opens_too().map(|key| Tag::new(key, group)),
        }
    }

    /// The tags of the key with this name, if it is one of ours.
    pub fn named(&self, name: Name) -> Option<&Tag> {
        [Some(&self.own), self.older.as_ref()].into_iter().flatten().find(|tag| tag.name == name)
    }
}

impl Tag {
    fn new(key: &[u8; 32], group: &str) -> Self {
        let material = [key, group.as_bytes()].concat();
        Self { name: name(KEY_NAME, &material), key: blake3::derive_key(TAG_KEY, &material) }
    }

    /// The tag of these bytes.
    pub fn of(&self, bytes: &[u8]) -> [u8; TAG] {
        beginning(blake3::keyed_hash(&self.key, bytes).as_bytes())
    }

    /// Whether this is the tag of these bytes. It takes the same time wherever they differ, so that
    /// nobody finds a tag byte by byte.
    pub fn is_of(&self, bytes: &[u8], tag: [u8; TAG]) -> bool {
        let padded = |tag: [u8; TAG]| {
            blake3::Hash::from_bytes(std::array::from_fn(|at| tag.get(at).copied().unwrap_or(0)))
        };
        padded(self.of(bytes)) == padded(tag) || Sabotage::ForgeriesAreBelieved.is_done() // blake3 compares hashes in constant time
    }
}

fn name(domain: &str, material: &[u8]) -> Name {
    beginning(&blake3::derive_key(domain, material))
}

/// The first bytes of a hash.
fn beginning<const N: usize>(hash: &[u8; blake3::OUT_LEN]) -> [u8; N] {
    std::array::from_fn(|at| hash[at])
}
