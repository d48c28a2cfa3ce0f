//! The switch: the network between the lifts, whose plugs can be pulled.
//!
//! Each lift is given a UDP port of its own, on this computer, at which it would hear nobody but
//! itself. The switch listens at all of them, and what it hears at one it says again at all the
//! others, byte for byte, as a switch between network sockets does. A plug that is pulled lets
//! nothing through in either direction.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use lift_group::shell::broadcast::{Place, Reach, Socket};
use lift_group::shell::clock;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::observer::{Moment, now};
use super::wire::Wire;

/// How long the switch may take to notice that it is to end, in milliseconds.
const GLANCE: u16 = 50;

/// The network; it ends with this value.
#[derive(Debug)]
pub struct Switch {
    ports: Vec<u16>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    wire: Arc<Mutex<Wire>>,
    is_pulled: Vec<AtomicBool>,
    ends: AtomicBool,
}

impl Switch {
    /// A switch with so many plugs, all in; what passes is told to the wire.
    ///
    /// # Errors
    /// When the kernel has no sockets or ports for it.
    pub fn start(plugs: usize, wire: Arc<Mutex<Wire>>) -> io::Result<Self> {
        let ports = free_ports(plugs)?;
        let mouth = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        mouth.set_broadcast(true)?;
        let own = mouth.local_addr()?;
        let ears = ports.iter().map(|port| listen(*port)).collect::<io::Result<Vec<_>>>()?;
        let is_pulled = (0..plugs).map(|_| AtomicBool::new(false)).collect();
        let shared = Arc::new(Shared { wire, is_pulled, ends: AtomicBool::new(false) });
        let mut inside =
            Inside { ports: ports.clone(), ears, mouth, own, shared: Arc::clone(&shared) };
        let thread = thread::Builder::new().spawn(move || inside.run())?;
        Ok(Self { ports, shared, thread: Some(thread) })
    }

    /// The ports of the plugs.
    pub fn ports(&self) -> &[u16] {
        &self.ports
    }

    /// Pulls a plug, or puts it in again; returns when that was.
    ///
    /// # Errors
    /// When the machine has no clock.
    pub fn set_plug(&self, plug: usize, is_in: bool) -> Result<Moment, super::failure::Failure> {
        let at = now()?;
        if let Some(pulled) = self.shared.is_pulled.get(plug) {
            pulled.store(!is_in, Ordering::Relaxed);
        }
        Ok(at)
    }
}

impl Drop for Switch {
    fn drop(&mut self) {
        self.shared.ends.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join(); // it has nothing more to say
        }
    }
}

/// What runs in the switch's own thread.
struct Inside {
    ports: Vec<u16>,
    ears: Vec<Socket>,
    mouth: UdpSocket,
    own: SocketAddr,
    shared: Arc<Shared>,
}

impl Inside {
    fn run(&mut self) {
        while !self.shared.ends.load(Ordering::Relaxed) {
            for plug in self.wait() {
                self.carry(plug);
            }
        }
    }

    /// The plugs at which something was said.
    fn wait(&self) -> Vec<usize> {
        let ears: Vec<BorrowedFd> = self.ears.iter().filter_map(Socket::socket).collect();
        let mut ready: Vec<PollFd> =
            ears.iter().map(|ear| PollFd::new(*ear, PollFlags::POLLIN)).collect();
        let _ = poll(&mut ready, PollTimeout::from(GLANCE)); // an interruption is nobody speaking
        let spoke = |(plug, ready): (usize, &PollFd)| ready.any()?.then_some(plug);
        ready.iter().enumerate().filter_map(spoke).collect()
    }

    /// Carries what was said at a plug to all the others.
    fn carry(&mut self, from: usize) {
        let is_pulled = |plug: usize| self.shared.is_pulled[plug].load(Ordering::Relaxed);
        let Ok(at) = now() else { return };
        while let Some((datagram, sender)) = self.ears[from].receive() {
            if sender == self.own {
                continue;
            }
            lock(&self.shared.wire).hear(at, datagram);
            for (plug, port) in self.ports.iter().enumerate() {
                if plug != from && !is_pulled(plug) && !is_pulled(from) {
                    // Whatever does not get through is lost, as on any network.
                    let _ =
                        self.mouth.send_to(datagram, (Ipv4Addr::new(127, 255, 255, 255), *port));
                }
            }
        }
    }
}

/// The wire, also after somebody has failed while reading it.
pub fn lock(wire: &Mutex<Wire>) -> MutexGuard<'_, Wire> {
    wire.lock().unwrap_or_else(PoisonError::into_inner)
}

fn listen(port: u16) -> io::Result<Socket> {
    let ear = Socket::open(Place { port, reach: Reach::Computer }, clock::now());
    match ear.trouble() {
        None => Ok(ear),
        Some(trouble) => Err(io::Error::other(trouble.to_owned())),
    }
}

/// UDP ports that nobody uses at this moment.
fn free_ports(count: usize) -> io::Result<Vec<u16>> {
    let held: io::Result<Vec<UdpSocket>> =
        (0..count).map(|_| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))).collect();
    held?.iter().map(|socket| Ok(socket.local_addr()?.port())).collect()
}
