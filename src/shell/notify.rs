//! Telling systemd how things are (the protocol of `sd_notify`).
//!
//! One datagram per message to the socket that systemd names in the environment; without systemd
//! there is none, and nobody is told. A service manager that is too busy to listen must not hold
//! up a lift, so a message that finds no room is dropped: that is what the libraries for this
//! protocol do not do, and why it is written out here.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::process;
use std::time::Duration;

use log::debug;

use crate::time::Instant;

/// What systemd can be told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Message<'a> {
    /// The service does its work (again).
    Ready,
    /// The service replaces a part of itself and will be ready again.
    Reloading,
    /// The service is about to end.
    Stopping,
    /// How things are, in a line for people.
    Status(&'a str),
    /// The service is not stuck.
    Watchdog,
}

impl Message<'_> {
    fn text(self) -> String {
        match self {
            Self::Ready => "READY=1".to_owned(),
            Self::Reloading => "RELOADING=1".to_owned(),
            Self::Stopping => "STOPPING=1".to_owned(),
            Self::Status(line) => format!("STATUS={}", line.replace('\n', " ")),
            Self::Watchdog => "WATCHDOG=1".to_owned(),
        }
    }
}

/// The way to systemd, if there is one.
#[derive(Debug)]
pub struct Notifier(Option<(UnixDatagram, SocketAddr)>);

impl Notifier {
    /// The way that the environment names.
    ///
    /// # Errors
    /// When it names one that cannot be used.
    pub fn from_environment() -> io::Result<Self> {
        match env::var_os("NOTIFY_SOCKET").filter(|name| !name.is_empty()) {
            None => Ok(Self(None)),
            Some(name) => Self::to(&name),
        }
    }

    fn to(name: &OsStr) -> io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        socket.set_nonblocking(true)?;
        Ok(Self(Some((socket, address(name)?))))
    }

    /// Tells systemd; never waits.
    pub fn tell(&self, messages: &[Message]) {
        let Some((socket, address)) = &self.0 else { return };
        let lines: Vec<String> = messages.iter().map(|message| message.text()).collect();
        if let Err(error) = socket.send_to_addr(lines.join("\n").as_bytes(), address) {
            debug!("systemd was not told: {error}");
        }
    }
}

fn address(name: &OsStr) -> io::Result<SocketAddr> {
    match name.as_bytes().strip_prefix(b"@") {
        Some(abstract_name) => SocketAddr::from_abstract_name(abstract_name),
        None => SocketAddr::from_pathname(name),
    }
}

/// When systemd is to hear that the service is not stuck.
#[derive(Debug)]
pub struct Watchdog(Option<Beat>);

#[derive(Debug)]
struct Beat {
    every: Duration,
    next: Instant,
}

impl Watchdog {
    /// As the environment says: twice in each of systemd's intervals, the first time at once.
    pub fn from_environment(now: Instant) -> Self {
        Self(interval().map(|interval| Beat { every: interval / 2, next: now }))
    }

    /// When the next message is due; none if systemd does not care.
    pub fn next(&self) -> Option<Instant> {
        self.0.as_ref().map(|beat| beat.next)
    }

    /// Tells systemd if it is time to.
    pub fn tell(&mut self, notifier: &Notifier, now: Instant) {
        if let Some(beat) = &mut self.0
            && beat.next <= now
        {
            beat.next = now + beat.every;
            notifier.tell(&[Message::Watchdog]);
        }
    }
}

/// Within which time systemd wants to hear of this process again.
fn interval() -> Option<Duration> {
    let number = |name| env::var(name).ok()?.parse::<u64>().ok();
    let is_ours = env::var_os("WATCHDOG_PID").is_none()
        || number("WATCHDOG_PID") == Some(u64::from(process::id()));
    let micros = number("WATCHDOG_USEC").filter(|micros| is_ours && *micros > 0)?;
    Some(Duration::from_micros(micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_one_line_whatever_it_says() {
        assert_eq!(Message::Status("broken\nREADY=1").text(), "STATUS=broken READY=1");
    }

    #[test]
    fn both_kinds_of_socket_names_are_understood() {
        let path = address("/run/systemd/notify".as_ref()).unwrap();
        assert_eq!(path.as_pathname(), Some("/run/systemd/notify".as_ref()));
        let name = address("@/org/freedesktop/systemd1/notify".as_ref()).unwrap();
        assert_eq!(name.as_abstract_name(), Some(b"/org/freedesktop/systemd1/notify".as_slice()));
    }

    #[test]
    fn a_full_queue_holds_up_nobody() {
        let name = format!("@lift-notify-test-{}", process::id());
        let _deaf = UnixDatagram::bind_addr(&address(name.as_ref()).unwrap()).unwrap();
        let notifier = Notifier::to(name.as_ref()).unwrap();
        (0..10_000).for_each(|_| notifier.tell(&[Message::Watchdog]));
    }
}
