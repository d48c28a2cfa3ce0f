//! The controller: one loop round one node.
//!
//! Each turn waits for whatever can happen next, tells the node, and does what the node says. The
//! loop decides nothing but the order: what was heard comes first, then what is due, and the
//! hardware last, so that all commands of a turn go out together. Nothing in it waits: neither disk
//! nor hardware, supervisor or client can hold it up, and a heartbeat is sent only by a loop that
//! goes round.

mod birth;
mod notices;
mod peers;
pub mod status;

use std::os::fd::AsFd;
use std::rc::Rc;
use std::time::Duration;

use log::{debug, error, info, warn};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::time::TimeSpec;

use super::checkpoint;
use super::clock;
use super::hardware::{Event, Hardware};
use super::link::{Link, Received, ToController, ToSupervisor};
use super::orders::{Order, Orders, order_socket};
use super::settings::{Settings, controller_socket};
use super::signals::{Signal, Signals};
use super::status::Listener;
use crate::calls::Incarnation;
use crate::config::REST_PATIENCE;
use crate::node::{Checkpoint, Input, Node, Output, Revision};
use crate::time::{Instant, earliest};
pub use birth::Failure;
use birth::Life;
use peers::Peers;
use status::Document;

/// The most datagrams that are heard in one turn: more than a whole group says in that time, yet a
/// flood cannot hold up heartbeat and hardware.
const MOST_DATAGRAMS: usize = 64;

/// The longest that datagrams are heard in one turn, begun ones apart: some are much work, and where
/// others want the processor too a turn lasts several times as long as its work.
const LONGEST_HEARING: Duration = Duration::from_millis(5);

/// Lives one life as the supervisor's child, until it is told to stop.
///
/// # Errors
/// Why the life ended out of order.
pub fn run() -> Result<(), Failure> {
    match birth::begin()? {
        Some(life) => Controller::new(life)?.live(),
        None => Ok(()),
    }
}

struct Controller {
    settings: Settings,
    node: Node,
    hardware: Hardware,
    peers: Peers,
    link: Link,
    /// The newest checkpoint, while the link has no room for it.
    unsent: Option<ToSupervisor>,
    signals: Signals,
    status: Option<Listener>,
    orders: Option<Orders>,
    heartbeat_due: Instant,
    /// Told to stop, and to end by then at the latest.
    end_by: Option<Instant>,
}

/// Who has something to say.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "any of them can be ready at once")]
struct Ready {
    signals: bool,
    supervisor: bool,
    status: bool,
    orders: bool,
}

impl Controller {
    fn new(life: Life) -> Result<Self, Failure> {
        let Life { link, settings, node, disk_works, unsteady } = life;
        let peers = Peers::new(&settings.membership, settings.config.lift, clock::now());
        // A hang-up is for the supervisor: it will tell us to stop.
        let signals = Signals::listen(&[Signal::Terminate, Signal::Reload]);
        let status = Listener::bind(&controller_socket(&settings.runtime_dir));
        let orders = Orders::bind(&order_socket(&settings.runtime_dir));
        let mut controller = Self {
            hardware: Hardware::new(settings.hardware, settings.config.building),
            peers: peers.map_err(Failure::System)?,
            settings,
            node,
            link,
            unsent: None,
            signals: signals.map_err(Failure::System)?,
            status: status.inspect_err(|error| warn!("no status will be told: {error}")).ok(),
            orders: orders.inspect_err(|error| warn!("no orders will be taken: {error}")).ok(),
            heartbeat_due: Instant::START,
            end_by: None,
        };
        controller.tell_node(clock::now(), Input::Disk { works: disk_works })?;
        if unsteady {
            controller.tell_node(clock::now(), Input::Unsteady)?;
        }
        Ok(controller)
    }

    fn live(mut self) -> Result<(), Failure> {
        while !self.is_over(clock::now()) {
            let ready = self.wait()?;
            self.turn(clock::now(), &ready)?;
        }
        self.hardware.finish();
        info!("ends");
        Ok(())
    }

    fn is_over(&self, now: Instant) -> bool {
        let Some(end_by) = self.end_by else { return false };
        let at_rest = self.node.is_at_rest();
        if !at_rest && now >= end_by {
            warn!("ends although the lift has not come to rest waited={REST_PATIENCE:?}");
        }
        at_rest || now >= end_by
    }

    fn turn(&mut self, now: Instant, ready: &Ready) -> Result<(), Failure> {
        if ready.signals && self.signals.pending().any(|signal| signal == Signal::Terminate) {
            self.stop(now)?;
        }
        if ready.supervisor {
            self.hear_supervisor(now)?;
        }
        if ready.orders {
            self.hear_orders(now)?;
        }
        self.hear_peers(now)?;
        self.peers.look_after(now);
        if self.node.next_wakeup().is_some_and(|wakeup| wakeup <= now) {
            self.tell_node(now, Input::Wakeup)?;
        }
        self.work_hardware(now)?;
        self.send_checkpoint()?;
        self.beat(now)?;
        if let Some(listener) = self.status.as_mut().filter(|_| ready.status) {
            let document = Document { node: self.node.status(now), network: self.peers.status() };
            listener.answer(now, &document);
        }
        Ok(())
    }

    // ── what can happen ─────────────────────────────────────────────────────────────────────

    fn wait(&self) -> Result<Ready, Failure> {
        let now = clock::now();
        let mut link = PollFlags::POLLIN;
        link.set(PollFlags::POLLOUT, self.unsent.is_some());
        let mut sources = vec![
            PollFd::new(self.signals.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.link.as_fd(), link),
        ];
        sources.extend(self.hardware.interest());
        sources.extend(self.peers.socket().map(|ears| PollFd::new(ears, PollFlags::POLLIN)));
        let status = sources.len();
        let door = self.status.as_ref().and_then(|listener| listener.door(now));
        sources.extend(door.map(|door| PollFd::new(door, PollFlags::POLLIN)));
        let orders = sources.len();
        sources.extend(self.orders.iter().map(|o| PollFd::new(o.as_fd(), PollFlags::POLLIN)));
        match ppoll(&mut sources, self.patience(now), None) {
            Ok(_) => {}
            Err(Errno::EINTR) => return Ok(Ready::default()),
            Err(error) => return Err(error.into()),
        }
        let is_ready = |at: usize| sources.get(at).and_then(PollFd::any).unwrap_or(false);
        Ok(Ready {
            signals: is_ready(0),
            supervisor: is_ready(1),
            status: status < orders && is_ready(status),
            orders: is_ready(orders),
        })
    }

    fn patience(&self, now: Instant) -> Option<TimeSpec> {
        let deadlines = [
            self.node.next_wakeup(),
            Some(self.hardware.deadline()),
            Some(self.peers.deadline()),
            Some(self.heartbeat_due),
            self.end_by,
            self.status.as_ref().and_then(|listener| listener.reopens(now)),
        ];
        earliest(deadlines).map(|deadline| TimeSpec::from_duration(deadline.since(now)))
    }

    fn hear_supervisor(&mut self, now: Instant) -> Result<(), Failure> {
        loop {
            match self.link.receive().map_err(Failure::Link)? {
                Received::Message(ToController::Saved(revision)) => {
                    self.tell_node(now, Input::Saved(Revision(revision)))?;
                }
                Received::Message(ToController::Disk { works }) => {
                    self.tell_node(now, Input::Disk { works })?;
                }
                Received::Message(ToController::Stop) => self.stop(now)?,
                Received::Message(ToController::Welcome { .. }) => {
                    return Err(Failure::Link(std::io::Error::other("a second welcome")));
                }
                Received::Nothing => return Ok(()),
                Received::End => return Err(Failure::Orphaned),
            }
        }
    }

    fn hear_orders(&mut self, now: Instant) -> Result<(), Failure> {
        while let Some(Order::Forget(lift)) = self.orders.as_ref().and_then(Orders::next) {
            self.tell_node(now, Input::Forget(lift))?;
        }
        Ok(())
    }

    /// Hears some of what the others say; what is left is heard in the next turn.
    fn hear_peers(&mut self, now: Instant) -> Result<(), Failure> {
        for _ in 0..MOST_DATAGRAMS {
            match self.peers.hear(now) {
                Some(Ok(input)) => self.tell_node(now, input)?,
                Some(Err(_dropped)) => {}
                None => break,
            }
            if now + LONGEST_HEARING <= clock::now() {
                break;
            }
        }
        Ok(())
    }

    fn work_hardware(&mut self, now: Instant) -> Result<(), Failure> {
        while let Some(event) = self.hardware.advance(now) {
            let address = self.settings.hardware;
            match event {
                Event::Connected(sense) => {
                    info!("the hardware answers address={address}");
                    self.tell_node(now, Input::Connected)?;
                    self.tell_node(now, Input::Sensed(sense))?;
                }
                Event::Sensed(sense) => self.tell_node(now, Input::Sensed(sense))?,
                Event::Disconnected(fault) => {
                    warn!("hardware lost, connecting again: {fault} address={address}");
                    self.tell_node(now, Input::Disconnected)?;
                }
                Event::Failing(fault) => {
                    warn!("no hardware, connecting until it answers: {fault} address={address}");
                }
            }
        }
        Ok(())
    }

    fn stop(&mut self, now: Instant) -> Result<(), Failure> {
        if self.end_by.is_none() {
            info!("told to stop");
            self.end_by = Some(now + REST_PATIENCE);
        }
        self.tell_node(now, Input::Stop)
    }

    // ── what follows ────────────────────────────────────────────────────────────────────────

    fn tell_node(&mut self, now: Instant, input: Input) -> Result<(), Failure> {
        if !matches!(input, Input::Sensed(_) | Input::Received(_)) {
            debug!("input={input:?}");
        }
        self.node.handle(now, input);
        while let Some(output) = self.node.poll_output() {
            match output {
                Output::Command(command) => {
                    debug!("command={command:?}");
                    self.hardware.command(command);
                }
                Output::Save(revision, checkpoint) => self.save(revision, &checkpoint)?,
                Output::Broadcast(message) => self.peers.tell(now, Rc::unwrap_or_clone(message)),
                Output::Notice(notice) => notices::log(notice),
                // One that finds no room is asked for again.
                Output::LiveAbove(Incarnation(above)) => {
                    self.send(&ToSupervisor::LiveAbove(above))?;
                }
            }
        }
        Ok(())
    }

    /// A newer checkpoint takes the place of one that is not on its way yet.
    fn save(
        &mut self,
        Revision(revision): Revision,
        checkpoint: &Checkpoint,
    ) -> Result<(), Failure> {
        match checkpoint::OURS.bytes_of(checkpoint) {
            Ok(bytes) => {
                debug!("checkpoint revision={revision} bytes={}", bytes.len());
                self.unsent = Some(ToSupervisor::Checkpoint { revision, bytes });
                self.send_checkpoint()
            }
            Err(error) => {
                error!("a checkpoint is lost: {error} revision={revision}");
                Ok(())
            }
        }
    }

    fn send_checkpoint(&mut self) -> Result<(), Failure> {
        if let Some(checkpoint) = self.unsent.take()
            && !self.send(&checkpoint)?
        {
            self.unsent = Some(checkpoint);
        }
        Ok(())
    }

    /// One that finds no room is not missed: the supervisor has enough to read.
    fn beat(&mut self, now: Instant) -> Result<(), Failure> {
        if now >= self.heartbeat_due {
            self.heartbeat_due = now + self.settings.heartbeat;
            self.send(&ToSupervisor::Heartbeat)?;
        }
        Ok(())
    }

    fn send(&self, message: &ToSupervisor) -> Result<bool, Failure> {
        self.link.send(message).map_err(Failure::of_sending)
    }
}
