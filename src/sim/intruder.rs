//! Somebody on the network who has no key: sends recordings, forgeries and rubbish.
//!
//! What is said is sealed, not hidden: he understands all of it, and can write the like of it. What
//! he cannot make is a tag.

use std::collections::VecDeque;

use super::chance::Chance;
use super::voice::{GROUP, Parcel};
use crate::shell::seal;
use crate::shell::seal::datagram::Datagram;
use crate::shell::seal::dialect::OURS;
use crate::shell::seal::key::Keys;
use crate::shell::seal::tag::Tags;

/// How many datagrams are recorded.
const MOST: usize = 300;

/// Where a datagram names the key of its tag.
const NAME_OF_KEY: std::ops::Range<usize> = 16..24;

/// One who listens and sends.
#[derive(Debug)]
pub struct Intruder {
    chance: Chance,
    /// A key that nobody else has.
    key: Keys,
    recorded: VecDeque<Vec<u8>>,
    seen: u64,
}

impl Intruder {
    /// One who has heard nothing yet.
    pub fn new(mut chance: Chance) -> Self {
        let digits = [(); 4].map(|()| format!("{:016x}", chance.number()));
        let key = Keys::parse(&digits.concat());
        let key = key.unwrap_or_else(|why| unreachable!("64 digits: {why}"));
        Self { chance, key, recorded: VecDeque::new(), seen: 0 }
    }

    /// Records some of what is said, so that there are recordings of long ago as well.
    pub fn listen(&mut self, parcel: &Parcel) {
        let Parcel::Sealed(bytes) = parcel else { return };
        self.seen += 1;
        if self.recorded.len() < MOST {
            self.recorded.push_back(bytes.to_vec());
        } else if self.chance.happens(0.02) {
            let index = self.chance.index(MOST);
            self.recorded[index] = bytes.to_vec();
        }
    }

    /// Something to send: what was said once, the same with some bits flipped, a part of it, what
    /// was never said, or what could have been said.
    pub fn speak(&mut self) -> Option<Parcel> {
        let chance = &mut self.chance;
        let mut bytes = self.recorded.get(chance.index(self.recorded.len().max(1)))?.clone();
        match chance.below(8) {
            0..=2 => {}
            3 => {
                let at = chance.index(bytes.len());
                bytes[at] ^= 1 << chance.small(8);
            }
            4 => bytes.truncate(chance.index(bytes.len())),
            5 => bytes
                .iter_mut()
                .for_each(|byte| *byte = u8::try_from(chance.below(256)).unwrap_or(0)),
            _ => bytes = self.forged(&bytes)?,
        }
        Some(Parcel::Sealed(bytes.into()))
    }

    /// The same lift, in the same life, says something newer, or has died; half of the time the key
    /// is named that the others have.
    fn forged(&mut self, recorded: &[u8]) -> Option<Vec<u8>> {
        let understood = Tags::new(&Keys::open(), GROUP);
        let datagram = Datagram::opened(recorded, &understood).ok()?;
        let (lift, incarnation) = (datagram.lift, datagram.life.incarnation.0);
        let mut bytes = if self.chance.happens(0.3) {
            seal::obituary(&self.key, GROUP, lift, incarnation)
        } else {
            let mut message = (OURS.read)(datagram.payload, datagram.format).ok()?;
            message.sequence += 1 + self.chance.below(1000);
            let payload = (OURS.write)(&message, datagram.format).ok()?;
            let newer = Datagram { sequence: message.sequence, payload: &payload, ..datagram };
            newer.sealed(&Tags::new(&self.key, GROUP))
        };
        if self.chance.happens(0.5) {
            bytes[NAME_OF_KEY].copy_from_slice(&recorded[NAME_OF_KEY]);
        }
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::building::LiftId;
    use crate::group::message::Message;
    use crate::shell::seal::Seal;
    use crate::shell::seal::datagram::Kind;
    use crate::shell::seal::freshness::Challenge;

    const SEQUENCE: u64 = 7;

    fn said() -> Vec<u8> {
        let message = Message { sequence: SEQUENCE, ..Message::blank(LiftId(1)) };
        Seal::new(&Keys::open(), GROUP, LiftId(1), Challenge(1)).seal(&message).unwrap()
    }

    #[test]
    fn a_forgery_lacks_the_key_and_nothing_else() {
        let mut intruder = Intruder::new(Chance::new(1, "intruder"));
        intruder.listen(&Parcel::Sealed(said().into()));
        let [theirs, own] = [Keys::open(), intruder.key.clone()].map(|key| Tags::new(&key, GROUP));
        let (mut obituaries, mut newer) = (0, 0);
        for _ in 0..200 {
            let forged = intruder.forged(&said()).unwrap();
            assert!(Datagram::opened(&forged, &theirs).is_err(), "it has the key of the group");
            let Ok(datagram) = Datagram::opened(&forged, &own) else { continue };
            assert_eq!(datagram.lift, LiftId(1));
            match datagram.kind {
                Kind::Obituary => obituaries += 1,
                Kind::Message => {
                    let message = (OURS.read)(datagram.payload, datagram.format).unwrap();
                    assert!(datagram.is_of(&message) && datagram.sequence > SEQUENCE);
                    newer += 1;
                }
            }
        }
        assert!(obituaries > 10 && newer > 10, "{obituaries} obituaries, {newer} messages");
    }
}
