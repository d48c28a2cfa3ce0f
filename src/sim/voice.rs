//! How one life speaks and listens: what lies between a node and the network.
//!
//! Either the real seal is at work, and what travels are bytes, or the message itself is handed
//! over. Then codec and tag are left out, for speed, and freshness, which decides what counts, is
//! as real as ever.

use std::rc::Rc;

use crate::building::LiftId;
use crate::calls::Incarnation;
use crate::group::message::Message;
use crate::node::Input;
use crate::shell::seal::datagram::{Datagram, Kind};
use crate::shell::seal::freshness::{Challenge, Freshness, Life};
use crate::shell::seal::key::Keys;
use crate::shell::seal::{self, Opened, Seal, SealError};

/// The name of the group in every simulated building.
pub(super) const GROUP: &str = "simulated";

/// What travels on the network.
#[derive(Clone, Debug)]
pub enum Parcel {
    /// A datagram as it is.
    Sealed(Rc<[u8]>),
    /// A message, and what freshness must know of it.
    Message {
        /// What is said.
        message: Rc<Message>,
        /// By which life.
        life: Life,
        /// Whose challenges it has read.
        echoes: Rc<[Challenge]>,
    },
    /// A life is over.
    Obituary {
        /// Whose.
        lift: LiftId,
        /// Which one.
        incarnation: Incarnation,
    },
}

/// How one life speaks and listens.
#[derive(Debug)]
pub enum Voice {
    /// By the real datagrams.
    Sealed(Seal),
    /// By hand-over.
    Open(LiftId, Freshness),
}

impl Voice {
    /// The voice of a new life that has drawn this challenge.
    pub fn new(sealed: bool, lift: LiftId, challenge: u64) -> Self {
        let challenge = Challenge(challenge);
        if sealed {
            Self::Sealed(Seal::new(&Keys::open(), GROUP, lift, challenge))
        } else {
            Self::Open(lift, Freshness::new(lift, challenge))
        }
    }

    /// What travels when this is said.
    ///
    /// # Errors
    /// When it is too large to be said.
    pub fn say(&self, message: Rc<Message>) -> Result<Parcel, SealError> {
        match self {
            Self::Sealed(seal) => Ok(Parcel::Sealed(seal.seal(&message)?.into())),
            Self::Open(_, freshness) => {
                let Message { incarnation, .. } = *message;
                let life = Life { incarnation, challenge: freshness.challenge() };
                let echoes = freshness.echoes().into();
                Ok(Parcel::Message { message, life, echoes })
            }
        }
    }

    /// What the node is to be told of what has come, if it counts.
    pub fn hear(&mut self, parcel: Parcel) -> Option<Input> {
        match (self, parcel) {
            (Self::Sealed(seal), Parcel::Sealed(bytes)) => match seal.open(&bytes).ok()? {
                Opened::Message(message) => Some(Input::Received(Rc::new(message))),
                Opened::Obituary { lift, incarnation } => {
                    Some(Input::Obituary { lift, incarnation })
                }
            },
            (_, Parcel::Obituary { lift, incarnation }) => {
                Some(Input::Obituary { lift, incarnation })
            }
            (Self::Open(_, freshness), Parcel::Message { message, life, echoes }) => {
                is_fresh(freshness, &message, life, &echoes).then_some(Input::Received(message))
            }
            (Self::Open(..), Parcel::Sealed(_)) | (Self::Sealed(_), Parcel::Message { .. }) => None,
        }
    }
}

/// What a supervisor's herald sends.
pub fn obituary(sealed: bool, lift: LiftId, incarnation: u64) -> Parcel {
    if sealed {
        Parcel::Sealed(seal::obituary(&Keys::open(), GROUP, lift, incarnation).into())
    } else {
        Parcel::Obituary { lift, incarnation: Incarnation(incarnation) }
    }
}

/// The third question of the seal, asked of a message that was never sealed.
fn is_fresh(
    freshness: &mut Freshness,
    message: &Message,
    life: Life,
    echoes: &[Challenge],
) -> bool {
    let datagram = Datagram {
        format: 1,
        newest_format: 1,
        kind: Kind::Message,
        lift: message.from,
        life,
        sequence: message.sequence,
        echoes: echoes.to_vec(),
        payload: &[],
    };
    let counts = freshness.read_challenge(&datagram).and_then(|()| freshness.check(&datagram));
    if counts.is_ok() {
        freshness.heard(&datagram);
    }
    counts.is_ok()
}
