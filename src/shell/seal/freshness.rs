//! Freshness: a recording speaks for nobody.
//!
//! Every life of a node draws a challenge, a number that nobody could foresee, and puts it into all
//! its datagrams, together with the echoes of the challenges that it has read from its peers. A
//! datagram that echoes *our* challenge was therefore written after this life of ours began: its
//! writer lives. From then on its sequence must grow. Two nodes that start together meet within two
//! datagrams; no clock is needed, and nobody has to remember anything over a restart.
//!
//! Of a peer the newest life that has met us counts, by incarnation; whatever comes of an earlier
//! one is stale.
//!
//! *Which challenges are echoed* needs care, because anybody may send us recordings, whose tags are
//! right. If the last challenge read were the one that is echoed, a recording of a peer's past life
//! after each of its datagrams would keep us from ever meeting it. So two lives are remembered of a
//! peer: the one of the greatest incarnation, which no recording of the past can displace, and the
//! last other one read. The second is for a node that is not its own newest life: one that lost its
//! disk while its clock was wrong, or one of two with the same number. Without our echo it would
//! never hear that it is.

use std::collections::BTreeMap;

use super::datagram::Datagram;
use super::dropped::Dropped;
use crate::building::LiftId;
use crate::calls::Incarnation;

/// What a life of a node is to be asked to echo, so that it proves to be of now. To be drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Challenge(pub u64);

/// A life of some node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Life {
    /// Its number.
    pub incarnation: Incarnation,
    /// What it wants echoed.
    pub challenge: Challenge,
}

/// What a life has read from its peers. It grows to some 100 bytes for each of 256 peers at most.
#[derive(Clone, Debug)]
pub struct Freshness {
    me: LiftId,
    challenge: Challenge,
    peers: BTreeMap<LiftId, Peer>,
}

/// What was read from one peer.
#[derive(Clone, Debug)]
struct Peer {
    /// Its life of the greatest incarnation.
    newest: Life,
    /// The last other life read.
    other: Option<Life>,
    /// The last datagram that counted.
    heard: Option<Heard>,
}

/// A datagram that counted.
#[derive(Clone, Copy, Debug)]
struct Heard {
    life: Life,
    sequence: u64,
    newest_format: u8,
}

impl Freshness {
    /// Nothing read yet, in a life of this node with this challenge.
    pub fn new(me: LiftId, challenge: Challenge) -> Self {
        Self { me, challenge, peers: BTreeMap::new() }
    }

    /// What this life wants echoed.
    pub fn challenge(&self) -> Challenge {
        self.challenge
    }

    /// The challenges that this life has read: two of each peer at most.
    pub fn echoes(&self) -> Vec<Challenge> {
        let lives = self.peers.values().flat_map(|peer| [Some(peer.newest), peer.other]);
        lives.flatten().map(|life| life.challenge).collect()
    }

    /// The newest format that this peer can read, once a datagram of it has counted.
    pub fn newest_format(&self, lift: LiftId) -> Option<u8> {
        Some(self.peers.get(&lift)?.heard?.newest_format)
    }

    /// Remembers the challenge of a datagram whose tag is right.
    ///
    /// # Errors
    /// When it is our own.
    pub fn read_challenge(&mut self, datagram: &Datagram) -> Result<(), Dropped> {
        let life = datagram.life;
        if datagram.lift == self.me && life.challenge == self.challenge {
            return Err(Dropped::Reflection);
        }
        let new = Peer { newest: life, other: None, heard: None };
        let peer = self.peers.entry(datagram.lift).or_insert(new);
        if life == peer.newest {
        } else if life.incarnation > peer.newest.incarnation {
            peer.other = Some(std::mem::replace(&mut peer.newest, life));
        } else {
            peer.other = Some(life);
        }
        Ok(())
    }

    /// Whether the datagram was written in this life of ours, and after all that counted of its
    /// writer so far.
    ///
    /// # Errors
    /// Why it does not count.
    pub fn check(&self, datagram: &Datagram) -> Result<(), Dropped> {
        let heard = self.peers.get(&datagram.lift).and_then(|peer| peer.heard);
        let is_echo = || datagram.echoes.contains(&self.challenge);
        match heard {
            Some(heard) if datagram.life == heard.life && datagram.sequence > heard.sequence => {
                Ok(())
            }
            Some(heard) if datagram.life.incarnation <= heard.life.incarnation => {
                Err(Dropped::Stale)
            }
            _ if is_echo() => Ok(()),
            _ => Err(Dropped::NotYetFresh),
        }
    }

    /// The datagram counts: only later ones of its writer will.
    pub fn heard(&mut self, datagram: &Datagram) {
        let heard = Heard {
            life: datagram.life,
            sequence: datagram.sequence,
            newest_format: datagram.newest_format,
        };
        if let Some(peer) = self.peers.get_mut(&datagram.lift) {
            peer.heard = Some(heard);
        }
    }
}
