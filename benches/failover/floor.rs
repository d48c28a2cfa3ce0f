//! The least that it can take: a parent that only waits for its child and then says so, and a
//! datagram from one process to another.

use std::env;
use std::io::{self, BufRead, BufReader, ErrorKind, Lines, Read};
use std::net::{Ipv4Addr, UdpSocket};
use std::process::{self, Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use lift_group::building::LiftId;
use lift_group::shell::broadcast::{Place, Reach, Socket};
use lift_group::shell::clock;
use lift_group::shell::seal::key::Keys;
use lift_group::shell::seal::obituary;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::common::ROLE;
use crate::common::disk::BareFile;
use crate::house::free_port;

/// The role of the parent.
pub const PARENT: &str = "parent";

/// The role of the child.
pub const CHILD: &str = "child";

/// The role of one who says again what it hears.
pub const ECHO: &str = "echo";

/// In the environment: where to say it, and where to listen.
const PORT: &str = "LIFT_BENCH_PORT";
const EAR: &str = "LIFT_BENCH_EAR";

/// Bytes of a message of a small group.
const MESSAGE: usize = 500;

/// Starts a child whenever the last one was killed, and says that it was.
pub fn be_parent() -> io::Result<()> {
    let program = env::current_exe()?;
    let (mouth, port) = (mouth()?, port(PORT)?);
    let said = obituary(&Keys::open(), "bare", LiftId(1), 1);
    while !Command::new(&program).env(ROLE, CHILD).spawn()?.wait()?.success() {
        mouth.send_to(&said, (ALL, port))?;
    }
    Ok(())
}

/// Says who it is, and stays until standard input ends.
pub fn be_child() -> io::Result<()> {
    println!("{}", process::id());
    io::stdin().read_to_end(&mut Vec::new()).map(drop)
}

/// Says again what it hears, until it is killed.
pub fn be_echo() -> io::Result<()> {
    let (mouth, port, mut ear) = (mouth()?, port(PORT)?, listen(self::port(EAR)?)?);
    println!("ready");
    loop {
        let heard = hear(&mut ear)?;
        mouth.send_to(&heard, (ALL, port))?;
    }
}

/// A bare parent with its present child.
pub struct Bare {
    parent: Child,
    /// Its end is the end of the child, and then of the parent.
    stdin: Option<ChildStdin>,
    children: Lines<BufReader<ChildStdout>>,
    ear: Socket,
}

impl Bare {
    /// A parent, and somebody who listens to it.
    pub fn start() -> io::Result<Self> {
        let port = free_port()?;
        let ear = listen(port)?;
        let (mut parent, stdout) = start(PARENT, &[(PORT, port)])?;
        let stdin = parent.stdin.take();
        Ok(Self { parent, stdin, children: stdout.lines(), ear })
    }

    /// Kills the child; the time until somebody has heard of it.
    pub fn kill(&mut self) -> io::Result<Duration> {
        let line = self.children.next().ok_or(ErrorKind::UnexpectedEof)??;
        let child = line.parse().map(Pid::from_raw).map_err(io::Error::other)?;
        let begun = Instant::now();
        kill(child, Signal::SIGKILL)?;
        hear(&mut self.ear)?;
        Ok(begun.elapsed())
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        self.stdin = None;
        let _ = self.parent.wait(); // whether it ends well no longer matters
    }
}

/// Two processes that speak to each other by datagrams.
pub struct Hop {
    echo: Child,
    mouth: UdpSocket,
    ear: Socket,
    port: u16,
}

impl Hop {
    /// Another process that says again what this one says.
    pub fn start() -> io::Result<Self> {
        let (there, back) = (free_port()?, free_port()?);
        let ear = listen(back)?;
        let (echo, mut stdout) = start(ECHO, &[(PORT, back), (EAR, there)])?;
        let hop = Self { echo, mouth: mouth()?, ear, port: there };
        stdout.read_line(&mut String::new())?;
        Ok(hop)
    }

    /// How long a datagram takes from process to process: half of there and back.
    pub fn take(&mut self) -> io::Result<Duration> {
        let begun = Instant::now();
        self.mouth.send_to(&[7; MESSAGE], (ALL, self.port))?;
        hear(&mut self.ear)?;
        Ok(begun.elapsed() / 2)
    }
}

impl Drop for Hop {
    fn drop(&mut self) {
        let _ = self.echo.kill(); // whether it ends well no longer matters
        let _ = self.echo.wait();
    }
}

/// How long it takes until a checkpoint is durable on two disks, where as many nodes as there are
/// disks write theirs at once. Here it is one disk for all of them, which a node shares in no house.
pub fn save_on_two(disks: &[BareFile], revision: u64) -> io::Result<Duration> {
    let begun = Instant::now();
    let mut times = thread::scope(|scope| {
        let saves: Vec<_> = disks
            .iter()
            .map(|disk| scope.spawn(move || disk.save(revision).map(|_| begun.elapsed())))
            .collect();
        saves.into_iter().filter_map(|save| save.join().ok()).collect::<io::Result<Vec<_>>>()
    })?;
    times.sort();
    times.get(1).copied().ok_or(ErrorKind::NotFound.into())
}

/// All nodes on this computer.
const ALL: Ipv4Addr = Ipv4Addr::new(127, 255, 255, 255);

fn start(role: &str, ports: &[(&str, u16)]) -> io::Result<(Child, BufReader<ChildStdout>)> {
    let mut command = Command::new(env::current_exe()?);
    command.env(ROLE, role).stdin(Stdio::piped()).stdout(Stdio::piped());
    command.envs(ports.iter().map(|(name, port)| (name, port.to_string())));
    let mut child = command.spawn()?;
    let stdout = child.stdout.take().ok_or(ErrorKind::BrokenPipe)?;
    Ok((child, BufReader::new(stdout)))
}

fn port(name: &str) -> io::Result<u16> {
    let port = env::var(name).ok().and_then(|port| port.parse().ok());
    port.ok_or_else(|| io::Error::other(format!("no port in {name}")))
}

fn mouth() -> io::Result<UdpSocket> {
    let mouth = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    mouth.set_broadcast(true)?;
    Ok(mouth)
}

fn listen(port: u16) -> io::Result<Socket> {
    let ear = Socket::open(Place { port, reach: Reach::Computer }, clock::now());
    match ear.trouble() {
        Some(trouble) => Err(io::Error::other(trouble.to_owned())),
        None => Ok(ear),
    }
}

/// The next datagram.
fn hear(ear: &mut Socket) -> io::Result<Vec<u8>> {
    loop {
        if let Some((heard, _)) = ear.receive() {
            return Ok(heard.to_vec());
        }
        let socket = ear.socket().ok_or(ErrorKind::NotConnected)?;
        poll(&mut [PollFd::new(socket, PollFlags::POLLIN)], PollTimeout::NONE)?;
    }
}
