//! Somebody on the network who has no key: sends recordings, forgeries and rubbish.

use std::collections::VecDeque;

use super::chance::Chance;
use super::voice::Parcel;

/// How many datagrams are recorded.
const MOST: usize = 300;

/// One who listens and sends.
#[derive(Debug)]
pub struct Intruder {
    chance: Chance,
    recorded: VecDeque<Vec<u8>>,
    seen: u64,
}

impl Intruder {
    /// One who has heard nothing yet.
    pub fn new(chance: Chance) -> Self {
        Self { chance, recorded: VecDeque::new(), seen: 0 }
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

    /// Something to send: what was said once, the same with some bits flipped, a part of it, or
    /// what was never said.
    pub fn speak(&mut self) -> Option<Parcel> {
        let chance = &mut self.chance;
        let mut bytes = self.recorded.get(chance.index(self.recorded.len().max(1)))?.clone();
        match chance.below(6) {
            0..=2 => {}
            3 => {
                let at = chance.index(bytes.len());
                bytes[at] ^= 1 << chance.small(8);
            }
            4 => bytes.truncate(chance.index(bytes.len())),
            _ => bytes
                .iter_mut()
                .for_each(|byte| *byte = u8::try_from(chance.below(256)).unwrap_or(0)),
        }
        Some(Parcel::Sealed(bytes.into()))
    }
}
