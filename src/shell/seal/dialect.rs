//! Which formats of a message a program can speak.
//!
//! A program reads the format of its own version and that of the version before, and writes the
//! newest that everyone whom it hears can read: so lifts are upgraded one by one, and the group
//! changes over by itself when the last old program is gone. Every datagram says in which format
//! it is and which one its writer could have used; the envelope that says so stays the same in all
//! formats ([`super::datagram`]).
//!
//! Two programs that are further apart than one version cannot work in one group; each names the
//! other.

use crate::group::message::Message;
use crate::shell::codec::{self, CodecError};

/// The formats of a program, and how it writes and reads them.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// The oldest format that it can write and read.
    pub oldest: u8,
    /// The newest one.
    pub newest: u8,
    /// The bytes of a message in one of its formats.
    pub write: Write,
    /// The message of these bytes in one of its formats.
    pub read: fn(&[u8], u8) -> Result<Message, CodecError>,
}

/// How a message becomes bytes in a format.
pub type Write = fn(&Message, u8) -> Result<Vec<u8>, CodecError>;

/// What this program speaks. There has been one format so far; the one before the newest will be
/// written and read in `write` and `read`.
pub const OURS: Dialect = Dialect { oldest: 1, newest: 1, write, read };

fn write(message: &Message, _format: u8) -> Result<Vec<u8>, CodecError> {
    codec::encode(message)
}

fn read(bytes: &[u8], _format: u8) -> Result<Message, CodecError> {
    codec::decode(bytes)
}

impl Dialect {
    /// Whether the program can read this format.
    pub fn reads(&self, format: u8) -> bool {
        (self.oldest..=self.newest).contains(&format)
    }

    /// Whether a datagram in this format is of a program of the next version, which will change over
    /// to our format.
    pub fn is_next(&self, format: u8, newest: u8) -> bool {
        format == newest && self.newest.checked_add(1) == Some(newest)
    }

    /// The newest format that can be read by all who can read up to one of `heard`.
    pub fn format_for(&self, heard: impl Iterator<Item = u8>) -> u8 {
        heard.fold(self.newest, u8::min).max(self.oldest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_sets_the_format_as_far_as_we_can_follow() {
        let dialect = Dialect { oldest: 4, newest: 5, ..OURS };
        assert_eq!(dialect.format_for([].into_iter()), 5);
        assert_eq!(dialect.format_for([5, 6].into_iter()), 5);
        assert_eq!(dialect.format_for([5, 4, 6].into_iter()), 4);
        assert_eq!(dialect.format_for([1].into_iter()), 4);
    }
}
