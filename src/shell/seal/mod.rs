//! The seal: what stands between a message of the core and a datagram on a network that anybody
//! may write to.
//!
//! Who holds the group's key speaks for the group, and nobody else does. Three questions are asked
//! of every datagram, the cheap ones first:
//!
//! 1. Is it meant for us? Length, magic, group and the name of the key ([`datagram`]).
//! 2. Did a holder of the key write it, as it is? A tag over all of it ([`tag`]).
//! 3. Was it written now, or is it a recording? Challenge, echo and a growing number ([`freshness`]).
//!
//! Only then its payload is decoded, in the format that its writer chose ([`dialect`]). Nothing is
//! remembered of a datagram whose tag is wrong, except that it was [`dropped`].
//!
//! What it is not: it hides nothing. Whoever can listen learns where the lifts are; whoever can
//! withhold datagrams makes a node late or absent, as a bad cable does. And a holder of the key is
//! believed: the group has no traitors, only faults.

pub mod chance;
pub mod datagram;
pub mod dialect;
pub mod dropped;
pub mod freshness;
pub mod key;
pub mod tag;

use std::fmt;

use self::datagram::{Datagram, Kind};
use self::dialect::Dialect;
use self::dropped::{Dropped, Drops};
use self::freshness::{Challenge, Freshness, Life};
use self::key::Keys;
use self::tag::Tags;
use super::codec::CodecError;
use crate::building::LiftId;
use crate::calls::Incarnation;
use crate::group::message::Message;

/// The longest datagram, in bytes. UDP over IPv4 carries 65,507.
pub const MOST_BYTES: usize = 60 * 1024;

/// One life of a node, as it seals what it says and opens what it hears.
#[derive(Clone, Debug)]
pub struct Seal {
    tags: Tags,
    freshness: Freshness,
    dialect: Dialect,
    drops: Drops,
}

/// What a datagram said.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(clippy::large_enum_variant, reason = "taken apart at once, never kept")]
pub enum Opened {
    /// A controller speaks: fresh, and newer than all that was opened of it before. When it speaks
    /// in this node's own name, another living node has the same number.
    Message(Message),
    /// A supervisor says that this life of its controller, and every one before it, is over.
    ///
    /// An obituary is no answer to a challenge, because it must be believed by whoever hears it.
    /// So a recording of one is opened as well, and does no harm: it buries the lives that it
    /// buried then, and they have not come back since, because incarnations only grow. A node
    /// that lost its disk and whose clock went back lives below its own obituaries, and one whose
    /// number was given to another lives below the other's: it hears so from whoever believes
    /// them, and begins again above.
    Obituary {
        /// Whose controller.
        lift: LiftId,
        /// Which life.
        incarnation: Incarnation,
    },
}

/// Why a message did not become a datagram.
#[derive(Debug, PartialEq, Eq)]
pub enum SealError {
    /// It would be a datagram of this many bytes.
    TooLarge(usize),
    /// It has no bytes at all.
    Unspeakable(CodecError),
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(bytes) => {
                write!(f, "a datagram of {bytes} bytes is longer than {MOST_BYTES}")
            }
            Self::Unspeakable(error) => write!(f, "no datagram: {error}"),
        }
    }
}

impl std::error::Error for SealError {}

impl Seal {
    /// The seal of a node's new life. The challenge must be drawn anew for every life
    /// ([`chance::drawn`]): it is what makes recordings worthless.
    pub fn new(keys: &Keys, group: &str, me: LiftId, challenge: Challenge) -> Self {
        Self::speaking(dialect::OURS, keys, group, me, challenge)
    }

    /// The same for a program of another version.
    pub fn speaking(
        dialect: Dialect,
        keys: &Keys,
        group: &str,
        me: LiftId,
        challenge: Challenge,
    ) -> Self {
        Self {
            tags: Tags::new(keys, group),
            freshness: Freshness::new(me, challenge),
            dialect,
            drops: Drops::default(),
        }
    }

    /// The datagram that says this message to all others, in the newest format that everyone whom
    /// the node hears can read.
    ///
    /// # Errors
    /// When the message does not fit into a datagram.
    pub fn seal(&self, message: &Message) -> Result<Vec<u8>, SealError> {
        let heard = message.hears.iter().filter_map(|lift| self.freshness.newest_format(*lift));
        let format = self.dialect.format_for(heard);
        let payload = (self.dialect.write)(message, format).map_err(SealError::Unspeakable)?;
        let datagram = Datagram {
            format,
            newest_format: self.dialect.newest,
            kind: Kind::Message,
            lift: message.from,
            life: Life { incarnation: message.incarnation, challenge: self.freshness.challenge() },
            sequence: message.sequence,
            echoes: self.freshness.echoes(),
            payload: &payload,
        };
        let bytes = datagram.sealed(&self.tags);
        if bytes.len() > MOST_BYTES { Err(SealError::TooLarge(bytes.len())) } else { Ok(bytes) }
    }

    /// What the datagram says, once it has been found true and fresh.
    ///
    /// # Errors
    /// Why it was dropped; [`Seal::drops`] has counted it.
    pub fn open(&mut self, bytes: &[u8]) -> Result<Opened, Dropped> {
        self.try_open(bytes).inspect_err(|why| self.drops.count(*why))
    }

    /// How many datagrams were dropped in this life, and why.
    pub fn drops(&self) -> &Drops {
        &self.drops
    }

    fn try_open(&mut self, bytes: &[u8]) -> Result<Opened, Dropped> {
        let datagram = Datagram::opened(bytes, &self.tags)?;
        match datagram.kind {
            Kind::Message => self.hear(&datagram).map(Opened::Message),
            Kind::Obituary => {
                Ok(Opened::Obituary { lift: datagram.lift, incarnation: datagram.life.incarnation })
            }
        }
    }

    /// The message of a true datagram. The challenge is read even where the message cannot be: so
    /// its writer gets its echo, hears us, and learns which formats we can read.
    fn hear(&mut self, datagram: &Datagram) -> Result<Message, Dropped> {
        self.freshness.read_challenge(datagram)?;
        if !self.dialect.reads(datagram.format) {
            let is_next = self.dialect.is_next(datagram.format, datagram.newest_format);
            return Err(if is_next { Dropped::NextFormat } else { Dropped::OtherVersion });
        }
        self.freshness.check(datagram)?;
        let message = (self.dialect.read)(datagram.payload, datagram.format);
        let message = message.ok().filter(|message| datagram.is_of(message));
        let message = message.ok_or(Dropped::Malformed)?;
        self.freshness.heard(datagram);
        Ok(message)
    }
}

/// The datagram by which a supervisor says that this life of its controller, and every one before
/// it, is over. To be sent more than once: each is harmless, and any may be lost.
pub fn obituary(keys: &Keys, group: &str, lift: LiftId, incarnation: u64) -> Vec<u8> {
    let datagram = Datagram {
        format: dialect::OURS.oldest,
        newest_format: dialect::OURS.newest,
        kind: Kind::Obituary,
        lift,
        life: Life { incarnation: Incarnation(incarnation), challenge: Challenge::default() },
        sequence: 0,
        echoes: Vec::new(),
        payload: &[],
    };
    datagram.sealed(&Tags::new(keys, group))
}
