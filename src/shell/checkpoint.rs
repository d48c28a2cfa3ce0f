//! The bytes of a checkpoint: the number of their format, and then the [`Checkpoint`] in it.
//!
//! A program writes the format of its own version and reads that of the version before as well, so
//! an upgrade loses nothing. One that is set back meets a format that it cannot know: it says which,
//! and does not begin. Its supervisor moves such a checkpoint aside, where it is kept, and begins
//! with the one that has proved itself, or with none; the other lifts still know the calls.

use std::fmt;

use super::codec::{self, CodecError};
use crate::node::Checkpoint;

/// The formats of a program, and how it writes and reads them.
#[derive(Clone, Copy, Debug)]
pub struct Script {
    /// The oldest format that it can read.
    pub oldest: u8,
    /// The newest one, which it writes.
    pub newest: u8,
    /// The bytes of a checkpoint in the newest format.
    pub write: fn(&Checkpoint) -> Result<Vec<u8>, CodecError>,
    /// The checkpoint of these bytes in one of its formats.
    pub read: fn(&[u8], u8) -> Result<Checkpoint, CodecError>,
}

/// What this program writes and reads. There has been one format so far.
pub const OURS: Script =
    Script { oldest: 1, newest: 1, write: codec::encode, read: |bytes, _| codec::decode(bytes) };

/// Why bytes are no checkpoint.
#[derive(Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// There are none.
    Empty,
    /// They are in a format that this program does not know.
    OtherFormat {
        /// Which one.
        found: u8,
        /// The newest one that it knows.
        newest: u8,
    },
    /// They say nothing in their format.
    Garbled(CodecError),
}

impl Script {
    /// The bytes of a checkpoint.
    ///
    /// # Errors
    /// When it takes more bytes than any value may.
    pub fn bytes_of(&self, checkpoint: &Checkpoint) -> Result<Vec<u8>, CodecError> {
        let mut bytes = (self.write)(checkpoint)?;
        bytes.insert(0, self.newest);
        Ok(bytes)
    }

    /// The checkpoint of these bytes.
    ///
    /// # Errors
    /// Why they are none to this program.
    pub fn checkpoint_of(&self, bytes: &[u8]) -> Result<Checkpoint, Unreadable> {
        let (format, rest) = bytes.split_first().ok_or(Unreadable::Empty)?;
        if !(self.oldest..=self.newest).contains(format) {
            return Err(Unreadable::OtherFormat { found: *format, newest: self.newest });
        }
        (self.read)(rest, *format).map_err(Unreadable::Garbled)
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it has no bytes"),
            Self::OtherFormat { found, newest } => write!(
                f,
                "format {found} of another version, this one knows up to {newest}: install that version again to use it"
            ),
            Self::Garbled(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Unreadable {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::building::LiftId;

    /// The next version: its checkpoints end with a byte that ours do not have.
    const NEXT: Script = Script {
        oldest: 1,
        newest: 2,
        write: |checkpoint| codec::encode(&(checkpoint, 77_u8)),
        read: |bytes, format| match format {
            1 => codec::decode(bytes),
            _ => codec::decode::<(Checkpoint, u8)>(bytes).map(|(checkpoint, _)| checkpoint),
        },
    };

    fn checkpoint() -> Checkpoint {
        Checkpoint::blank(LiftId(3))
    }

    #[test]
    fn an_upgraded_program_reads_the_checkpoint_of_the_version_before() {
        let bytes = OURS.bytes_of(&checkpoint()).unwrap();
        assert_eq!(NEXT.checkpoint_of(&bytes), Ok(checkpoint()));
        let bytes = NEXT.bytes_of(&checkpoint()).unwrap();
        assert_eq!(NEXT.checkpoint_of(&bytes), Ok(checkpoint()));
    }

    #[test]
    fn a_program_that_was_set_back_names_the_format_that_it_cannot_read() {
        let bytes = NEXT.bytes_of(&checkpoint()).unwrap();
        let refusal = OURS.checkpoint_of(&bytes).unwrap_err();
        assert_eq!(refusal, Unreadable::OtherFormat { found: 2, newest: 1 });
        assert!(refusal.to_string().starts_with("format 2 of another version"));
    }

    #[test]
    fn what_is_no_checkpoint_is_refused() {
        assert_eq!(OURS.checkpoint_of(&[]), Err(Unreadable::Empty));
        assert!(matches!(OURS.checkpoint_of(&[1, 3]), Err(Unreadable::Garbled(_))));
        assert!(matches!(OURS.checkpoint_of(&[0]), Err(Unreadable::OtherFormat { .. })));
    }

    /// Whoever must change these bytes gives them a new format, and reads this one as well.
    #[test]
    fn the_bytes_of_a_checkpoint_stay_as_they_are() {
        let bytes = OURS.bytes_of(&checkpoint()).unwrap();
        let (format, lift, parts) = ([1], [3], [0; 2 * 16]);
        assert_eq!(bytes[..34], [&format[..], &lift, &parts].concat());
        assert_eq!(bytes.len(), 42, "{bytes:?}");
    }
}
