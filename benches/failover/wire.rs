//! What a node would hear: the group's datagrams, with the time at which they came.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::time::Duration;

use crate::common::figures::as_f64;
use lift_group::building::LiftId;
use lift_group::group::message::{Claim, Message};
use lift_group::shell::broadcast::{Place, Reach, Socket};
use lift_group::shell::clock;
use lift_group::shell::seal::datagram::{Datagram, Kind};
use lift_group::shell::seal::dialect;
use lift_group::shell::seal::key::Keys;
use lift_group::shell::seal::tag::Tags;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::time::{ClockId, clock_gettime};

/// The longest that anything here can take.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A time on the machine's monotonic clock, which the simulators' events tell as well.
pub type Moment = Duration;

/// The present moment.
pub fn now() -> io::Result<Moment> {
    Ok(clock_gettime(ClockId::CLOCK_MONOTONIC)?.into())
}

/// A listener to a group.
pub struct Wire {
    socket: Socket,
    tags: Tags,
    /// In which life each lift was last heard, and whom it held for the primary; none while it is
    /// dead or does not know.
    last: BTreeMap<LiftId, (u64, Option<LiftId>)>,
    /// How many datagrams it has heard, and bytes in them.
    heard: (f64, f64),
}

/// What was said.
pub struct Word {
    /// When it was heard.
    pub at: Moment,
    /// Of which lift.
    pub lift: LiftId,
    /// What its controller says; none where its supervisor says that it is dead.
    pub message: Option<Message>,
}

impl Word {
    /// Whether the lift says that it is primary.
    pub fn is_of_primary(&self) -> bool {
        let claim = self.message.as_ref().map(|message| message.claim);
        matches!(claim, Some(Claim::Primary { .. }))
    }
}

impl Wire {
    /// Listens at this port to the open group of this name.
    pub fn listen(port: u16, group: &str) -> io::Result<Self> {
        let socket = Socket::open(Place { port, reach: Reach::Computer }, clock::now());
        match socket.trouble() {
            Some(trouble) => Err(io::Error::other(trouble.to_owned())),
            None => Ok(Self {
                socket,
                tags: Tags::new(&Keys::open(), group),
                last: BTreeMap::new(),
                heard: (0.0, 0.0),
            }),
        }
    }

    /// The next word, if there is one until then.
    pub fn next(&mut self, until: Moment) -> io::Result<Option<Word>> {
        loop {
            if let Some((bytes, _)) = self.socket.receive() {
                let at = now()?;
                if let Some((life, word)) = parse(at, bytes, &self.tags) {
                    self.note(life, &word);
                    return Ok(Some(word));
                }
                continue;
            }
            if !self.wait(until)? {
                return Ok(None);
            }
        }
    }

    /// Counts what is said for so long, and looks no further.
    pub fn count_for(&mut self, span: Duration) -> io::Result<()> {
        let end = now()? + span;
        while self.wait(end)? {
            while let Some((bytes, _)) = self.socket.receive() {
                self.heard = (self.heard.0 + 1.0, self.heard.1 + as_f64(bytes.len()));
            }
        }
        Ok(())
    }

    /// How many datagrams were counted, and how many bytes in them.
    pub fn counted(&self) -> (f64, f64) {
        self.heard
    }

    /// Waits for a word; `false` when there is none until then.
    fn wait(&self, until: Moment) -> io::Result<bool> {
        let Some(left) = until.checked_sub(now()?).filter(|left| !left.is_zero()) else {
            return Ok(false);
        };
        let timeout = PollTimeout::try_from(left + Duration::from_millis(1));
        let ears = self.socket.socket().ok_or(ErrorKind::NotConnected)?;
        let mut ready = [PollFd::new(ears, PollFlags::POLLIN)];
        poll(&mut ready, timeout.unwrap_or(PollTimeout::MAX))?;
        Ok(true)
    }

    /// The first such word from now on.
    pub fn until(&mut self, what: &str, is_it: impl Fn(&Word) -> bool) -> io::Result<Word> {
        let deadline = now()? + PATIENCE;
        while let Some(word) = self.next(deadline)? {
            if is_it(&word) {
                return Ok(word);
            }
        }
        Err(io::Error::new(ErrorKind::TimedOut, format!("waited in vain for {what}")))
    }

    /// Listens for so long.
    pub fn listen_for(&mut self, span: Duration) -> io::Result<()> {
        let end = now()? + span;
        while self.next(end)?.is_some() {}
        Ok(())
    }

    /// The primary, once so many lifts have the same one.
    pub fn one_primary(&mut self, lifts: usize) -> io::Result<LiftId> {
        let never = || io::Error::other(format!("no group of {lifts} lifts has come to be"));
        self.one_primary_within(lifts, PATIENCE)?.ok_or_else(never)
    }

    /// The same, if it comes to be within this time.
    pub fn one_primary_within(
        &mut self,
        lifts: usize,
        span: Duration,
    ) -> io::Result<Option<LiftId>> {
        let deadline = now()? + span;
        loop {
            let mut primaries = self.last.values().map(|(_, primary)| *primary);
            let first = primaries.next().flatten();
            if let Some(primary) = first.filter(|_| self.last.len() == lifts)
                && primaries.all(|other| other == first)
            {
                return Ok(Some(primary));
            }
            if self.next(deadline)?.is_none() {
                return Ok(None);
            }
        }
    }

    /// In which life this lift was last heard.
    pub fn life_of(&self, lift: LiftId) -> u64 {
        self.last.get(&lift).map_or(0, |(life, _)| *life)
    }

    /// What comes late of an earlier life says nothing.
    fn note(&mut self, life: u64, word: &Word) {
        let primary = word.message.as_ref().and_then(|message| match message.claim {
            Claim::Primary { .. } => Some(word.lift),
            Claim::Backup { primary, .. } => Some(primary),
            Claim::Listening { .. } => None,
        });
        let last = self.last.entry(word.lift).or_insert((life, None));
        if life >= last.0 {
            *last = (life, primary);
        }
    }
}

fn parse(at: Moment, bytes: &[u8], tags: &Tags) -> Option<(u64, Word)> {
    let datagram = Datagram::opened(bytes, tags).ok()?;
    let message = match datagram.kind {
        Kind::Obituary => None,
        Kind::Message => Some((dialect::OURS.read)(datagram.payload, datagram.format).ok()?),
    };
    Some((datagram.life.incarnation.0, Word { at, lift: datagram.lift, message }))
}
