//! What systemd is told.

use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::bench::{Bench, PATIENCE, wait_for};
use crate::controller::Behaviour::{Die, Work};

/// The socket on which systemd would listen.
struct Systemd(UnixDatagram);

impl Systemd {
    fn at(path: &Path) -> Self {
        let socket = UnixDatagram::bind(path).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(socket)
    }

    /// Waits for a message with this line; returns the messages before it and it.
    fn wait_for(&self, line: &str) -> Vec<String> {
        let mut messages = Vec::new();
        loop {
            let mut bytes = [0; 4096];
            let length = self.0.recv(&mut bytes).unwrap_or_else(|error| {
                panic!("waited in vain for {line} after {messages:?}: {error}")
            });
            messages.push(String::from_utf8(bytes[..length].to_vec()).unwrap());
            if messages.last().unwrap().lines().any(|found| found.starts_with(line)) {
                return messages;
            }
        }
    }
}

#[test]
fn systemd_is_told_of_readiness_when_the_controller_works_and_of_the_end() {
    let bench = Bench::new(&Die);
    let systemd = Systemd::at(&bench.path("notify"));
    let mut supervisor = bench.start_as(bench.command().env("NOTIFY_SOCKET", bench.path("notify")));
    wait_for("some lives in vain", || (bench.births().len() > 2).then_some(()));
    bench.behave(&Work);
    let messages = systemd.wait_for("READY=1");
    assert!(messages[0].starts_with("STATUS=no controller: exit status 3"), "{messages:?}");
    let ready = messages.last().unwrap();
    assert!(ready.contains("STATUS=controller "), "{ready}");
    supervisor.signal(Signal::SIGHUP);
    systemd.wait_for("RELOADING=1");
    systemd.wait_for("READY=1");
    supervisor.signal(Signal::SIGTERM);
    systemd.wait_for("STOPPING=1");
    assert_eq!(supervisor.exit_code(), Some(0));
}

#[test]
fn the_watchdog_is_fed_while_the_loop_goes_round_and_only_then() {
    let bench = Bench::new(&Work);
    let systemd = Systemd::at(&bench.path("notify"));
    let mut command = bench.command();
    command.env("NOTIFY_SOCKET", bench.path("notify")).env("WATCHDOG_USEC", "200000");
    let supervisor = bench.start_as(&mut command);
    (0..5).for_each(|_| drop(systemd.wait_for("WATCHDOG=1")));
    supervisor.signal(Signal::SIGSTOP);
    systemd.0.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    wait_for("silence", || systemd.0.recv(&mut [0; 4096]).is_err().then_some(()));
}
