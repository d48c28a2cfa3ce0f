//! Several nodes in one house, in a group of their own on this computer.

use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::process::{self, Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use lift_group::building::LiftId;
use nix::sys::signal::{Signal, kill};

use crate::common::node::Node;
use crate::wire::{Moment, PATIENCE, Wire};

/// How many floors the house has.
pub const FLOORS: u8 = 9;

/// Cars that are much faster than real ones, and what their nodes must know of that. Slow enough
/// that no car is at the next floor before a lamp can be lit.
const CAR: [&str; 4] = ["--travel", "150ms", "--passing", "50ms"];
const TIMES: [&str; 4] = ["--travel-time", "500ms", "--door-dwell", "100ms"];

/// For nodes of which there are more than this machine can carry: being slow is no hang.
const PATIENT: [&str; 2] = ["--hang-timeout", "10s"];

/// Nobody listens here.
const NO_HARDWARE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 1);

/// Nodes and their hardware; they end with this value.
pub struct House {
    /// The nodes, of which lift n stands at n - 1.
    pub nodes: Vec<Node>,
    /// Their hardware; none at all if they have none.
    pub simulators: Vec<Simulator>,
    group: String,
    port: u16,
}

impl House {
    /// Nodes with simulated hardware.
    pub fn with_lifts(lifts: u8) -> io::Result<Self> {
        let mut house = Self::empty()?;
        for lift in 0..lifts {
            house.simulators.push(Simulator::start()?);
            house.nodes.push(house.start_node(lift)?);
        }
        Ok(house)
    }

    /// Nodes whose hardware does not answer.
    pub fn without_hardware(lifts: u8) -> io::Result<Self> {
        let mut house = Self::empty()?;
        for lift in 0..lifts {
            house.nodes.push(house.start_node(lift)?);
        }
        Ok(house)
    }

    fn empty() -> io::Result<Self> {
        let port = free_port()?;
        let group = format!("bench-{}-{port}", process::id());
        Ok(Self { nodes: Vec::new(), simulators: Vec::new(), group, port })
    }

    /// Somebody who listens to the group.
    pub fn wire(&self) -> io::Result<Wire> {
        Wire::listen(self.port, &self.group)
    }

    /// The node of this lift.
    pub fn node(&mut self, lift: LiftId) -> &mut Node {
        &mut self.nodes[usize::from(lift.0) - 1]
    }

    /// A node that has vanished comes back, without a memory.
    pub fn replace(&mut self, lift: LiftId) -> io::Result<()> {
        *self.node(lift) = self.start_node(lift.0 - 1)?;
        Ok(())
    }

    fn start_node(&self, lift: u8) -> io::Result<Node> {
        let hardware = self.simulators.get(usize::from(lift)).map(|lift| lift.address);
        Node::start(hardware.unwrap_or(NO_HARDWARE), |command| {
            command.args(["--id", &(lift + 1).to_string(), "--floors", &FLOORS.to_string()]);
            command.args(["--group", &self.group, "--port", &self.port.to_string()]).args(TIMES);
            if hardware.is_none() {
                command.args(PATIENT);
            }
        })
    }
}

impl Drop for House {
    /// All at once, and then one after the other is waited for.
    fn drop(&mut self) {
        for node in &self.nodes {
            let _ = kill(node.supervisor(), Signal::SIGTERM); // whether it ends well no longer matters
        }
    }
}

/// A simulated lift.
pub struct Simulator {
    child: Child,
    address: SocketAddr,
    events: Receiver<(Moment, String)>,
}

impl Simulator {
    fn start() -> io::Result<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_lift-simulator"))
            .args(["--port", "0", "--end-with-stdin", "--floors", &FLOORS.to_string()])
            .args(CAR)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = BufReader::new(child.stdout.take().ok_or(ErrorKind::BrokenPipe)?);
        let (sender, events) = channel();
        thread::spawn(move || {
            let lines = output.lines().map_while(Result::ok);
            let mut events = lines.filter_map(|line| parse(&line));
            while events.next().is_some_and(|event| sender.send(event).is_ok()) {}
        });
        let mut simulator = Self { child, address: NO_HARDWARE, events };
        let (_, listening) = simulator.next("a port", |event| event.starts_with("listening"))?;
        let port = listening.rsplit('=').next().and_then(|port| port.parse().ok());
        simulator.address.set_port(port.ok_or(ErrorKind::InvalidData)?);
        Ok(simulator)
    }

    /// Does what a line says.
    pub fn say(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.child.stdin.as_mut().ok_or(ErrorKind::BrokenPipe)?, "{line}")
    }

    /// The next such event; all before it are passed over.
    pub fn next(
        &mut self,
        what: &str,
        is_it: impl Fn(&str) -> bool,
    ) -> io::Result<(Moment, String)> {
        loop {
            let late =
                |_| io::Error::new(ErrorKind::TimedOut, format!("waited in vain for {what}"));
            let event = self.events.recv_timeout(PATIENCE).map_err(late)?;
            if is_it(&event.1) {
                return Ok(event);
            }
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.child.kill(); // whether it ends well no longer matters
        let _ = self.child.wait();
    }
}

fn parse(line: &str) -> Option<(Moment, String)> {
    let (at, event) = line.split_once(' ')?;
    Some((Duration::try_from_secs_f64(at.parse().ok()?).ok()?, event.to_owned()))
}

/// A UDP port that nobody uses at this moment.
pub fn free_port() -> io::Result<u16> {
    Ok(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
