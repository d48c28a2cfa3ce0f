//! The intruder itself: this test program once more, on a computer of its own.

use std::collections::VecDeque;
use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::net::UdpSocket;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::thread;
use std::time::Duration;

use lift_group::building::{Building, LiftId};
use lift_group::calls::Incarnation;
use lift_group::group::members::Members;
use lift_group::group::message::{Claim, Message, Term};
use lift_group::lift::report::{Motion, Report};
use lift_group::shell::seal::freshness::Challenge;
use lift_group::shell::seal::key::{Keys, generate};
use lift_group::shell::seal::{MOST_BYTES, Seal, obituary};

use crate::namespace::Namespace;
use crate::node::PORT;
use lift_group::sim::chance::Chance;

/// Where everybody on the switch hears it.
const EVERYBODY: (&str, u16) = ("10.1.1.255", PORT);

/// How many datagrams it remembers.
const MEMORY: usize = 3000;

/// By which the program knows that it is to be the intruder.
const ROLE: &str = "LIFT_CAMPAIGN_INTRUDER";

/// A running intruder; it ends with this value.
pub struct Intruder {
    child: Child,
    output: BufReader<ChildStdout>,
    _place: Namespace,
}

impl Intruder {
    /// An intruder on this computer. It listens at once.
    pub fn on(place: Namespace) -> Self {
        let program = env::current_exe().expect("this program");
        let mut command: Command = place.command(&program.to_string_lossy());
        command.args(["intruder::program::the_intruder", "--exact", "--ignored", "--nocapture"]);
        command.env(ROLE, "yes").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the intruder can be started");
        let output = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        Self { child, output, _place: place }
    }

    /// Has it do this once; how many datagrams it has sent.
    pub fn order(&mut self, what: &str) -> u64 {
        self.begin(what);
        self.answer()
    }

    /// Has it begin with this.
    pub fn begin(&mut self, what: &str) {
        let input = self.child.stdin.as_mut().expect("its input is a pipe");
        writeln!(input, "{what}").expect("the intruder reads");
    }

    /// Has it end what it does; how many datagrams it has sent.
    pub fn end(&mut self) -> u64 {
        self.order("listen")
    }

    fn answer(&mut self) -> u64 {
        let mut line = String::new();
        while self.output.read_line(&mut line).is_ok_and(|length| length > 0) {
            if let Some((_, count)) = line.trim_end().split_once("sent ") {
                return count.parse().expect("a number");
            }
            line.clear();
        }
        panic!("the intruder has ended");
    }
}

impl Drop for Intruder {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended already
        let _ = self.child.wait();
    }
}

#[test]
#[ignore = "is no test, but the intruder that others start"]
fn the_intruder() {
    if env::var_os(ROLE).is_none() {
        return;
    }
    let (orders, heard) = mpsc::channel();
    thread::spawn(move || {
        io::stdin().lines().map_while(Result::ok).for_each(|line| _ = orders.send(line));
    });
    Program::new().obey(&heard);
}

struct Program {
    socket: UdpSocket,
    heard: VecDeque<Vec<u8>>,
    sent: u64,
    chance: Chance,
}

impl Program {
    fn new() -> Self {
        let socket = UdpSocket::bind(("0.0.0.0", PORT)).expect("a socket");
        socket.set_broadcast(true).expect("broadcasts");
        socket.set_read_timeout(Some(Duration::from_millis(20))).expect("a time-out");
        Self { socket, heard: VecDeque::new(), sent: 0, chance: Chance::new(1, "intruder") }
    }

    fn obey(&mut self, orders: &Receiver<String>) {
        let mut last = String::new();
        loop {
            match orders.try_recv() {
                Ok(order) => {
                    self.act(&order);
                    if !order.contains("flood") {
                        println!("sent {}", std::mem::take(&mut self.sent));
                    }
                    last = order;
                }
                Err(TryRecvError::Disconnected) => return,
                Err(TryRecvError::Empty) => match last.as_str() {
                    "flood" => self.flood(),
                    "flood of long ones" => self.flood_with_long_ones(),
                    _ => self.listen(),
                },
            }
        }
    }

    fn act(&mut self, order: &str) {
        match order {
            "repeat" => {
                for datagram in self.heard.clone() {
                    self.say_in_passing(&datagram);
                }
            }
            "forge" => {
                for _ in 0..200 {
                    for datagram in forged() {
                        self.say_in_passing(&datagram);
                    }
                }
            }
            _ => {}
        }
    }

    fn listen(&mut self) {
        let mut bytes = [0; 2048]; // more than a frame
        if let Ok(length) = self.socket.recv(&mut bytes) {
            self.heard.push_back(bytes[..length].to_vec());
            if self.heard.len() > MEMORY {
                // Some of what was said long ago stays: the oldest is the likeliest to do harm.
                let at = self.chance.index(MEMORY);
                self.heard.remove(at);
            }
        }
    }

    /// Some hundred datagrams: heard ones as they were, with a bit flipped, cut off; and noise.
    fn flood(&mut self) {
        for _ in 0..50 {
            let at = self.chance.index(self.heard.len().max(1));
            let mut datagram = self.heard.get(at).cloned().unwrap_or_else(|| vec![0; 200]);
            self.say(&datagram);
            let at = self.chance.index(datagram.len());
            datagram[at] ^= 1 << self.chance.index(8);
            self.say(&datagram);
            datagram.truncate(at);
            self.say(&datagram);
            let noise = vec![0x5A; self.chance.index(300)];
            self.say(&noise);
        }
    }

    /// Those that are the most work to see through: as long as any may be, in the name of group and
    /// key, so that only the tag at their end tells that nobody with the key wrote them.
    fn flood_with_long_ones(&mut self) {
        for _ in 0..50 {
            let at = self.chance.index(self.heard.len().max(1));
            let mut datagram = self.heard.get(at).cloned().unwrap_or_default();
            datagram.resize(MOST_BYTES, 0x5A);
            self.say(&datagram);
        }
    }

    /// At a pace that holds up nobody: what is asked is whether it is believed.
    fn say_in_passing(&mut self, datagram: &[u8]) {
        self.say(datagram);
        if self.sent.is_multiple_of(5) {
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn say(&mut self, datagram: &[u8]) {
        // What the kernel has no room for is not sent, as on any network.
        self.sent += u64::from(self.socket.send_to(datagram, EVERYBODY).is_ok());
    }
}

/// What somebody without the key would like to be believed, in the name of each lift: that it leads
/// and that nobody waits, that it is dead, that it is of this group or another, with a key of its own
/// or with none.
fn forged() -> Vec<Vec<u8>> {
    let own = Keys::parse(&generate().expect("chance")).expect("a key");
    let mut all = Vec::new();
    for keys in [&Keys::open(), &own] {
        for group in ["campaign", "another"] {
            for lift in (1..=3).map(LiftId) {
                let seal = Seal::new(keys, group, lift, Challenge(7));
                all.extend(seal.seal(&claim(lift)).ok());
                all.push(obituary(keys, group, lift, u64::MAX));
            }
        }
    }
    all
}

fn claim(lift: LiftId) -> Message {
    Message {
        from: lift,
        incarnation: Incarnation(u64::MAX),
        sequence: u64::MAX,
        interval: Duration::from_millis(10),
        building: Building::try_from(4).expect("a building"),
        claim: Claim::Primary { term: Term(1 << 40), has_followers: true },
        hears: (1..=3).map(LiftId).collect(),
        members: Members::default(),
        report: Report {
            floor: None,
            committed: None,
            motion: Motion::Unknown,
            out_of_service: None,
        },
        calls: Vec::new(),
        disk_works: true,
        worldview: Some(lift_group::group::worldview::Worldview::default()),
    }
}
