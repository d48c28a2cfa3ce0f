//! The reader of a checkpoint file: what its bytes hold, and whether anything is wrong with them.
//!
//! Pure, and total: it finds something to say about any bytes at all.

use std::fmt;

use super::slot::{self, Contents, Fault};

/// What a reader found under the file's name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// No file.
    Nothing,
    /// Two equal copies.
    Both,
    /// Two whole copies, the other one older: the life before ended between its two syncs. The
    /// newest is used, nothing is lost.
    Older {
        /// The revision of the older copy.
        older: u64,
    },
    /// One whole copy. It is used; if the other was the newest, it is the revision before.
    One {
        /// What is wrong with the other copy.
        fault: Fault,
    },
    /// No whole copy in a file that was one of ours; it is moved aside.
    Damaged {
        /// What is wrong with the two copies.
        faults: [Fault; 2],
    },
    /// Something else; it is moved aside.
    Foreign,
    /// A file that the disk does not let us open; it is moved aside when the disk lets us do that.
    Unreadable,
}

impl Found {
    /// Whether something is not as it was left.
    pub fn is_fault(&self) -> bool {
        matches!(self, Self::One { .. } | Self::Damaged { .. } | Self::Foreign | Self::Unreadable)
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("no file yet"),
            Self::Both => f.write_str("two equal copies"),
            Self::Older { older } => write!(f, "newest copy used, the other is revision {older}"),
            Self::One { fault } => write!(
                f,
                "one of two copies is damaged ({fault}), the other is used and may be one revision older"
            ),
            Self::Damaged { faults: [one, other] } => {
                write!(f, "both copies are damaged ({one}; {other})")
            }
            Self::Foreign => f.write_str("not a file of ours"),
            Self::Unreadable => f.write_str("it cannot be opened"),
        }
    }
}

/// What these bytes hold, and the newest whole copy with the number of its slot.
pub fn survey(bytes: &[u8]) -> (Found, Option<(u16, Contents)>) {
    match (slot::decode(0, bytes), second_copy(bytes)) {
        (Ok(one), Ok(other)) if one.revision == other.revision => (Found::Both, Some((0, one))),
        (Ok(one), Ok(other)) if one.revision > other.revision => {
            (Found::Older { older: other.revision }, Some((0, one)))
        }
        (Ok(one), Ok(other)) => (Found::Older { older: one.revision }, Some((1, other))),
        (Ok(one), Err(fault)) => (Found::One { fault }, Some((0, one))),
        (Err(fault), Ok(other)) => (Found::One { fault }, Some((1, other))),
        (Err(Fault::Magic), Err(Fault::Magic | Fault::Short)) => (Found::Foreign, None),
        (Err(one), Err(other)) => (Found::Damaged { faults: [one, other] }, None),
    }
}

/// The second copy stands in the middle; where the file lost or gained bytes at its end, it is
/// looked for wherever a slot can begin.
fn second_copy(bytes: &[u8]) -> Result<Contents, Fault> {
    if slot::is_layout(bytes.len()) {
        return slot::decode(1, &bytes[bytes.len() / 2..]);
    }
    std::iter::successors(Some(slot::SMALLEST), |size| Some(size * 2))
        .map_while(|size| bytes.get(size..))
        .find_map(|rest| slot::decode(1, rest).ok())
        .ok_or(Fault::Short)
}
