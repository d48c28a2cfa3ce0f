//! The herald: tells the other nodes that a life of a controller is over, before they miss it.
//!
//! It is the supervisor's, for the dead cannot speak. All it knows is where the group meets, its
//! keys, and the number of the lift. Each obituary is said several times: any may be lost, and each
//! is harmless.

use std::net::UdpSocket;
use std::time::Duration;

use log::debug;

use super::{Membership, mouth};
use crate::building::LiftId;
use crate::shell::seal;
use crate::time::Instant;

/// How often an obituary is said.
const TIMES: u32 = 3;

/// How long apart: long enough that one burst on the network does not swallow all.
const APART: Duration = Duration::from_millis(3);

/// Says obituaries.
#[derive(Debug)]
pub struct Herald {
    membership: Membership,
    lift: LiftId,
    socket: Option<UdpSocket>,
    /// What is to be said, how often, and when next.
    saying: Option<(Vec<u8>, u32, Instant)>,
}

impl Herald {
    /// A herald with nothing to say yet.
    pub fn new(membership: Membership, lift: LiftId) -> Self {
        Self { membership, lift, socket: None, saying: None }
    }

    /// Says that this life, and every one before it, is over: once now, and again when
    /// [`Herald::proceed`] is called in time.
    pub fn announce(&mut self, now: Instant, incarnation: u64) {
        let Membership { keys, group, .. } = &self.membership;
        let obituary = seal::obituary(keys, group, self.lift, incarnation);
        debug!("says an obituary incarnation={incarnation}");
        self.saying = Some((obituary, TIMES, now));
        self.proceed(now);
    }

    /// When there is more to say.
    pub fn next(&self) -> Option<Instant> {
        self.saying.as_ref().map(|(.., due)| *due)
    }

    /// Says what is due by now.
    pub fn proceed(&mut self, now: Instant) {
        let Some((obituary, left, _)) = self.saying.take_if(|(.., due)| *due <= now) else {
            return;
        };
        self.say(&obituary);
        self.saying = (left > 1).then(|| (obituary, left - 1, now + APART));
    }

    /// Says all that is left to say.
    pub fn finish(mut self) {
        if let Some((obituary, left, _)) = self.saying.take() {
            (0..left).for_each(|_| self.say(&obituary));
        }
    }

    /// Where it fails nothing is left to do: the others will miss the controller a little later.
    fn say(&mut self, obituary: &[u8]) {
        if self.socket.is_none() {
            self.socket = mouth().inspect_err(|error| debug!("no obituary: {error}")).ok();
        }
        let Some(socket) = &self.socket else { return };
        match self.membership.place.destination() {
            Ok(Some(address)) => {
                if let Err(error) = socket.send_to(obituary, address) {
                    debug!("no obituary: {error} address={address}");
                }
            }
            Ok(None) => debug!("no obituary: no address place={}", self.membership.place),
            Err(error) => debug!("no obituary: {error}"),
        }
    }
}
