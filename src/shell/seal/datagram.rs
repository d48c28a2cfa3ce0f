//! The envelope: the bytes of a datagram, from the first to the last.
//!
//! ```text
//!  0       4        5        6      7      8       16    24
//!  ├ magic ┼ format ┼ newest ┼ kind ┼ lift ┼ group ┼ key ┼ …
//!  24          32            40         48       50
//!  ┼ challenge ┼ incarnation ┼ sequence ┼ echoes ┼ echo … ┼ payload … ┼ tag ┤
//! ```
//!
//! Numbers are little-endian; `echoes` says how many echoes of 8 bytes follow, the tag are the last
//! 16 bytes and covers all before it. The envelope is the same in all formats of the payload, so
//! that programs of different versions can tell each other what they can read; whoever must change
//! it takes another magic.

use super::MOST_BYTES;
use super::dropped::Dropped;
use super::freshness::{Challenge, Life};
use super::tag::{Name, TAG, Tags};
use crate::building::LiftId;
use crate::calls::Incarnation;
use crate::group::message::Message;

const MAGIC: [u8; 4] = *b"LIF1";

/// What a datagram says, between magic and tag.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Datagram<'a> {
    /// The format of the payload.
    pub format: u8,
    /// The newest format that its writer can write and read.
    pub newest_format: u8,
    /// What it is.
    pub kind: Kind,
    /// Who wrote it, or whose obituary it is.
    pub lift: LiftId,
    /// In which life.
    pub life: Life,
    /// Grows with every datagram of a life.
    pub sequence: u64,
    /// The challenges that its writer has read.
    pub echoes: Vec<Challenge>,
    /// The message, encoded.
    pub payload: &'a [u8],
}

/// What a datagram is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A controller speaks.
    Message,
    /// A supervisor says that a life of its controller is over.
    Obituary,
}

impl Kind {
    fn number(self) -> u8 {
        match self {
            Self::Message => 0,
            Self::Obituary => 1,
        }
    }

    fn numbered(number: u8) -> Option<Self> {
        [Self::Message, Self::Obituary].into_iter().find(|kind| kind.number() == number)
    }
}

impl<'a> Datagram<'a> {
    /// The bytes, with their tag.
    ///
    /// # Panics
    /// When there are more than 65,535 echoes; there are two for a peer at most.
    pub fn sealed(&self, tags: &Tags) -> Vec<u8> {
        let Ok(echoes) = u16::try_from(self.echoes.len()) else {
            panic!("a node has fewer than 256 peers");
        };
        let mut bytes = Vec::new();
        bytes.extend(MAGIC);
        bytes.extend([self.format, self.newest_format, self.kind.number(), self.lift.0]);
        bytes.extend(tags.group);
        bytes.extend(tags.own.name);
        bytes.extend(self.life.challenge.0.to_le_bytes());
        bytes.extend(self.life.incarnation.0.to_le_bytes());
        bytes.extend(self.sequence.to_le_bytes());
        bytes.extend(echoes.to_le_bytes());
        bytes.extend(self.echoes.iter().flat_map(|echo| echo.0.to_le_bytes()));
        bytes.extend(self.payload);
        bytes.extend(tags.own.of(&bytes));
        bytes
    }

    /// What the bytes say, when a holder of one of the keys wrote them for our group.
    ///
    /// # Errors
    /// Why they are not believed.
    pub fn opened(bytes: &'a [u8], tags: &Tags) -> Result<Self, Dropped> {
        Self::check(bytes, tags)?;
        Self::parsed(bytes).ok_or(Dropped::Malformed)
    }

    /// Whether a holder of one of the keys wrote the bytes for our group; the cheap questions first.
    fn check(bytes: &[u8], tags: &Tags) -> Result<(), Dropped> {
        if bytes.len() > MOST_BYTES {
            return Err(Dropped::Oversized);
        }
        let (rest, tag) = bytes.split_last_chunk::<TAG>().ok_or(Dropped::Malformed)?;
        let (group, key) = names(rest).ok_or(Dropped::Malformed)?;
        if group != tags.group {
            return Err(Dropped::OtherGroup);
        }
        let expected = tags.named(key).ok_or(Dropped::OtherKey)?;
        if expected.is_of(rest, *tag) { Ok(()) } else { Err(Dropped::Forged) }
    }

    fn parsed(bytes: &'a [u8]) -> Option<Self> {
        let (rest, _tag) = bytes.split_last_chunk::<TAG>()?;
        let (_magic, rest) = rest.split_first_chunk::<4>()?;
        let ([format, newest_format, kind, lift], rest) = rest.split_first_chunk()?;
        let (_names, rest) = rest.split_first_chunk::<16>()?;
        let (challenge, rest) = number(rest)?;
        let (incarnation, rest) = number(rest)?;
        let (sequence, rest) = number(rest)?;
        let (count, mut rest) = rest.split_first_chunk()?;
        let mut echoes = Vec::new();
        for _ in 0..u16::from_le_bytes(*count) {
            let (echo, after) = number(rest)?;
            echoes.push(Challenge(echo));
            rest = after;
        }
        Some(Self {
            format: *format,
            newest_format: *newest_format,
            kind: Kind::numbered(*kind)?,
            lift: LiftId(*lift),
            life: Life { incarnation: Incarnation(incarnation), challenge: Challenge(challenge) },
            sequence,
            echoes,
            payload: rest,
        })
    }

    /// Whether the message inside says the same of its writer as the envelope.
    pub fn is_of(&self, message: &Message) -> bool {
        message.from == self.lift
            && message.incarnation == self.life.incarnation
            && message.sequence == self.sequence
    }
}

/// The names of group and key, when the bytes begin as a datagram does.
fn names(bytes: &[u8]) -> Option<(Name, Name)> {
    let (magic, rest) = bytes.split_first_chunk()?;
    let (_, rest) = rest.split_first_chunk::<4>()?;
    let (group, rest) = rest.split_first_chunk()?;
    let (key, _) = rest.split_first_chunk()?;
    (*magic == MAGIC).then_some((*group, *key))
}

/// The number that the bytes begin with, and the rest.
fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u64::from_le_bytes(*number), rest))
}
