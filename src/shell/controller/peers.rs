//! The other nodes, as the loop deals with them: sealed going out, opened coming in.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::os::fd::BorrowedFd;
use std::rc::Rc;

use log::{debug, error, warn};

use super::status::{DroppedStatus, NetworkStatus};
use crate::building::LiftId;
use crate::group::message::Message;
use crate::group::worldview::Timestamp;
use crate::node::Input;
use crate::shell::broadcast::{Membership, Socket};
use crate::shell::clock;
use crate::shell::seal::dropped::{Dropped, Warnings};
use crate::shell::seal::freshness::Challenge;
use crate::shell::seal::{Opened, Seal, chance};
use crate::time::Instant;

/// The other nodes.
pub struct Peers {
    socket: Socket,
    seal: Seal,
    /// What people call the group.
    group: String,
    /// It has no key.
    is_open: bool,
    warnings: Warnings,
    /// Where the last datagram came from that was dropped for this reason.
    dropped_from: BTreeMap<Dropped, SocketAddr>,
    /// How many messages did not become a datagram.
    unsealed: u64,
    /// When it may be said again that a message cannot be sent.
    silent_until: Instant,
}

impl Peers {
    /// Begins a life among them.
    ///
    /// # Errors
    /// When the kernel gives no number that nobody can foresee.
    pub fn new(membership: &Membership, lift: LiftId, now: Instant) -> io::Result<Self> {
        let Membership { group, place, keys } = membership;
        let challenge = Challenge(u64::from_le_bytes(chance::drawn()?));
        Ok(Self {
            socket: Socket::open(place.clone(), now),
            seal: Seal::new(keys, group, lift, challenge),
            group: group.clone(),
            is_open: keys.are_open(),
            warnings: Warnings::default(),
            dropped_from: BTreeMap::new(),
            unsealed: 0,
            silent_until: now,
        })
    }

    /// What to wait for: that somebody speaks.
    pub fn socket(&self) -> Option<BorrowedFd<'_>> {
        self.socket.socket()
    }

    /// When [`Peers::look_after`] is due.
    pub fn deadline(&self) -> Instant {
        self.socket.deadline()
    }

    /// Sees to the network, when that is due.
    pub fn look_after(&mut self, now: Instant) {
        self.socket.look_after(now);
    }

    /// What a person sees of the network.
    pub fn status(&self) -> NetworkStatus {
        let dropped = |(reason, count)| DroppedStatus {
            reason,
            count,
            last_from: self.dropped_from.get(&reason).copied(),
        };
        NetworkStatus {
            group: self.group.clone(),
            place: self.socket.place().to_string(),
            open: self.is_open,
            trouble: self.socket.trouble().map(str::to_owned),
            unsent: self.socket.unsent() + self.unsealed,
            dropped: self.seal.drops().iter().map(dropped).collect(),
        }
    }

    /// Tells all of them. What the wall clock says goes with it, for people alone.
    pub fn tell(&mut self, now: Instant, mut message: Message) {
        if let Some(worldview) = &mut message.worldview {
            worldview.timestamp = Some(Timestamp(clock::unix_micros() / 1000));
        }
        match self.seal.seal(&message) {
            Ok(datagram) => self.socket.send(now, &datagram),
            Err(why) => {
                self.unsealed += 1;
                if self.silent_until <= now {
                    error!("the others are told nothing, calls may be lit here alone: {why}");
                    self.silent_until = now + Warnings::INTERVAL;
                }
            }
        }
    }

    /// Hears one datagram, and whether it is believed; `None` while none waits.
    pub fn hear(&mut self, now: Instant) -> Option<Result<Input, Dropped>> {
        let (datagram, from) = self.socket.receive()?;
        let opened = self.seal.open(datagram).inspect_err(|why| {
            self.dropped_from.insert(*why, from);
            if self.warnings.is_due(*why, now) {
                let dropped = self.seal.drops().of(*why);
                warn!("datagrams are dropped, {why} from={from} dropped={dropped}");
            }
        });
        Some(opened.map(|opened| match opened {
            Opened::Message(message) => Input::Received(Rc::new(message)),
            Opened::Obituary { lift, incarnation } => {
                debug!("an obituary lift={lift} incarnation={}", incarnation.0);
                Input::Obituary { lift, incarnation }
            }
        }))
    }
}
