//! The simulator as a process: its TCP habits, its consoles, its beginning and its end.

#[path = "../common/mod.rs"]
mod common;

mod consoles;
mod life;
mod tcp;

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use common::simulator::{PATIENCE, Simulator};

/// Long enough for an answer that should not come to come.
const A_WHILE: Duration = Duration::from_millis(200);

const MOTOR_UP: [u8; 4] = [1, 1, 0, 0];
const MOTOR_DOWN: [u8; 4] = [1, 255, 0, 0];
const LAMP_CAB_1: [u8; 4] = [2, 2, 1, 1];
const OPEN_DOOR: [u8; 4] = [4, 1, 0, 0];
const CAB_2: [u8; 4] = [6, 2, 2, 0];
const FLOOR: [u8; 4] = [7, 0, 0, 0];
const OBSTRUCTION: [u8; 4] = [9, 0, 0, 0];

/// A client without manners.
struct Client(TcpStream);

impl Client {
    fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(stream)
    }

    fn send(&self, bytes: &[u8]) {
        (&self.0).write_all(bytes).unwrap();
    }

    fn answers<const BYTES: usize>(&self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        (&self.0).read_exact(&mut bytes).unwrap();
        bytes
    }

    fn ask(&self, question: [u8; 4]) -> [u8; 4] {
        self.send(&question);
        self.answers()
    }

    /// Whether the connection stands, but nothing comes for a while.
    fn hears_nothing(&self) -> bool {
        self.0.set_read_timeout(Some(A_WHILE)).unwrap();
        let error = (&self.0).read_exact(&mut [0]).err(); // an interrupted read goes on
        self.0.set_read_timeout(Some(PATIENCE)).unwrap();
        error.is_some_and(|error| error.kind() == ErrorKind::WouldBlock)
    }
}

/// A simulator without standard input, whose output this test reads itself, or not at all.
struct Bare(Child);

impl Bare {
    /// Starts it and gives it with its address and the rest of its output.
    fn start(options: &[&str]) -> (Self, SocketAddr, impl BufRead + use<>) {
        let mut child = Simulator::command(&["--port", "0"])
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let (_, port) = line.trim().split_once("port=").unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap()));
        (Self(child), address, output)
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A console on the control socket.
struct Console(BufReader<UnixStream>);

impl Console {
    fn connect(path: &Path) -> Self {
        let stream = UnixStream::connect(path).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(BufReader::new(stream))
    }

    fn send(&self, line: &str) {
        writeln!(self.0.get_ref(), "{line}").unwrap();
    }

    /// Reads up to the event with this text.
    fn wait_for(&mut self, text: &str) {
        let mut line = String::new();
        while !line.trim_end().ends_with(text) {
            line.clear();
            assert_ne!(self.0.read_line(&mut line).unwrap(), 0, "the end, but no {text:?}");
        }
    }
}
