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
use crate::sabotage::Sabotage;

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
        if life.incarnation > peer.newest.incarnation {
            peer.other = Some(std::mem::replace(&mut peer.newest, life));
        } else if life != peer.newest {
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
            _ if Sabotage::RecordingsAreBelieved.is_done() => Ok(()),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::seal::datagram::Kind;

    const ME: LiftId = LiftId(1);
    const PEER: LiftId = LiftId(2);
    const OURS: Challenge = Challenge(11);

    fn read(freshness: &mut Freshness, incarnation: u64, challenge: u64) {
        let life = Life { incarnation: Incarnation(incarnation), challenge: Challenge(challenge) };
        freshness.read_challenge(&datagram(life, 1, &[])).unwrap();
    }

    fn datagram(life: Life, sequence: u64, echoes: &[Challenge]) -> Datagram<'static> {
        Datagram {
            format: 1,
            newest_format: 1,
            kind: Kind::Message,
            lift: PEER,
            life,
            sequence,
            echoes: echoes.to_vec(),
            payload: &[],
        }
    }

    #[test]
    fn no_recording_displaces_the_echo_of_the_newest_life() {
        let mut freshness = Freshness::new(ME, OURS);
        read(&mut freshness, 300, 33);
        for past in [100, 200, 100, 299] {
            read(&mut freshness, past, past);
            assert_eq!(freshness.echoes()[0], Challenge(33));
        }
    }

    #[test]
    fn a_life_below_the_newest_gets_its_echo_as_well() {
        let mut freshness = Freshness::new(ME, OURS);
        read(&mut freshness, 300, 33);
        read(&mut freshness, 200, 22);
        assert_eq!(freshness.echoes(), [Challenge(33), Challenge(22)]);
        read(&mut freshness, 300, 44);
        assert_eq!(freshness.echoes(), [Challenge(33), Challenge(44)]);
    }

    #[test]
    fn a_new_life_gets_its_echo_at_once() {
        let mut freshness = Freshness::new(ME, OURS);
        read(&mut freshness, 200, 22);
        read(&mut freshness, 300, 33);
        assert_eq!(freshness.echoes(), [Challenge(33), Challenge(22)]);
    }

    #[test]
    fn memory_is_bounded_whatever_is_read() {
        let mut freshness = Freshness::new(ME, OURS);
        for lift in 0..=u8::MAX {
            for life in 0..9 {
                let life = Life { incarnation: Incarnation(life), challenge: Challenge(life) };
                let datagram = Datagram { lift: LiftId(lift), ..datagram(life, 1, &[]) };
                freshness.read_challenge(&datagram).unwrap();
            }
        }
        assert_eq!(freshness.echoes().len(), 512);
    }

    #[test]
    fn an_echo_is_asked_of_every_life_and_but_once() {
        let mut freshness = Freshness::new(ME, OURS);
        let life = |incarnation| Life {
            incarnation: Incarnation(incarnation),
            challenge: Challenge(incarnation),
        };
        let stranger = datagram(life(200), 1, &[Challenge(99)]);
        assert_eq!(freshness.check(&stranger), Err(Dropped::NotYetFresh));
        let fresh = datagram(life(200), 2, &[Challenge(99), OURS]);
        freshness.read_challenge(&fresh).unwrap();
        assert_eq!(freshness.check(&fresh), Ok(()));
        freshness.heard(&fresh);
        assert_eq!(freshness.check(&datagram(life(200), 3, &[])), Ok(()));
        assert_eq!(freshness.check(&fresh), Err(Dropped::Stale));
        assert_eq!(freshness.check(&datagram(life(199), 9, &[OURS])), Err(Dropped::Stale));
        assert_eq!(freshness.check(&datagram(life(201), 9, &[])), Err(Dropped::NotYetFresh));
        assert_eq!(freshness.check(&datagram(life(201), 1, &[OURS])), Ok(()));
        let doubled = Life { challenge: Challenge(7), ..life(200) };
        assert_eq!(freshness.check(&datagram(doubled, 9, &[OURS])), Err(Dropped::Stale));
    }
}
