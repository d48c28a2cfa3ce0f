//! Groups that do not meet: tests run side by side, on one computer.

use std::net::UdpSocket;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// The options of a supervisor whose group is this computer's and nobody else's. Another name than
/// that of any other test, should two find the same port.
pub fn options() -> Vec<String> {
    static GROUPS: AtomicU32 = AtomicU32::new(0);
    let number = GROUPS.fetch_add(1, Ordering::Relaxed);
    let name = format!("test-{}-{number}", process::id());
    let words = ["--group", &name, "--port", &free_port().to_string(), "--interface", "lo"];
    words.map(str::to_owned).into()
}

/// A UDP port that nobody uses at this moment.
pub fn free_port() -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    socket.local_addr().expect("its address").port()
}
