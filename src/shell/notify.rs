//! Telling systemd how things are (the protocol of `sd_notify`).
//!
//! One datagram per message to the socket that systemd names in the environment; without systemd
//! there is none, and nobody is told. A service manager that is too busy to listen must not hold
//! up a lift, so nothing is waited for: what finds no room is said again until it is taken, or until
//! something newer takes its place. That is what the libraries for this protocol do not do, and why
//! it is written out here.

use std::env;
use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::process;
use std::time::Duration;

use log::debug;

use crate::time::{Instant, earliest};

/// How soon something is said again that found no room.
const RETRY: Duration = Duration::from_millis(20);

/// How soon something is said again where nobody listens: systemd itself may be on its way back.
const LATE_RETRY: Duration = Duration::from_secs(1);

/// What systemd can be told of the state of a service; the newest holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// The service does its work (again).
    Ready,
    /// The service replaces a part of itself and will be ready again.
    Reloading,
    /// The service is about to end.
    Stopping,
}

impl State {
    fn line(self) -> &'static str {
        match self {
            Self::Ready => "READY=1",
            Self::Reloading => "RELOADING=1",
            Self::Stopping => "STOPPING=1",
        }
    }
}

/// What is said to systemd, and how much of it has not been taken yet.
#[derive(Debug)]
pub struct Notifier {
    way: Option<Way>,
    state: Option<State>,
    status: Option<String>,
    again: Option<Instant>,
    watchdog: Option<Beat>,
}

/// That the service is not stuck, as systemd wants to hear it.
#[derive(Debug)]
struct Beat {
    every: Duration,
    next: Instant,
}

impl Notifier {
    /// Speaks to whom the environment names. Where it wants to hear that the service is not stuck,
    /// it hears so twice in each of its intervals, the first time at once.
    ///
    /// # Errors
    /// When it names a socket that cannot be used.
    pub fn from_environment(now: Instant) -> io::Result<Self> {
        let name = env::var_os("NOTIFY_SOCKET").filter(|name| !name.is_empty());
        let way = name.map(|name| Way::to(&name)).transpose()?;
        Ok(Self::over(way, interval(), now))
    }

    fn over(way: Option<Way>, interval: Option<Duration>, now: Instant) -> Self {
        let interval = interval.filter(|_| way.is_some());
        let watchdog = interval.map(|interval| Beat { every: interval / 2, next: now });
        Self { way, state: None, status: None, again: None, watchdog }
    }

    /// The service is in this state now.
    pub fn tell_state(&mut self, state: State) {
        self.state = Some(state);
        self.again = None;
    }

    /// How things are, in a line for people.
    pub fn tell_status(&mut self, line: &str) {
        self.status = Some(line.replace('\n', " "));
        self.again = None;
    }

    /// When something is to be said; none if nothing is. What was told since the last
    /// [`Notifier::proceed`] is to be said at once.
    pub fn next(&self) -> Option<Instant> {
        let unsaid = self.way.is_some() && (self.state.is_some() || self.status.is_some());
        let told = unsaid.then(|| self.again.unwrap_or(Instant::START));
        earliest([told, self.watchdog.as_ref().map(|beat| beat.next)])
    }

    /// Says what is due; never waits.
    pub fn proceed(&mut self, now: Instant) {
        if self.next().is_none_or(|next| next > now) {
            return;
        }
        let Some(way) = &self.way else { return };
        let state = self.state.map(|state| state.line().to_owned());
        let status = self.status.as_ref().map(|status| format!("STATUS={status}"));
        let told: Vec<String> = state.into_iter().chain(status).collect();
        if !told.is_empty() && self.again.is_none_or(|again| again <= now) {
            match way.send(&told.join("\n")) {
                Ok(()) => (self.state, self.status, self.again) = (None, None, None),
                Err(pause) => self.again = Some(now + pause),
            }
        }
        if let Some(beat) = self.watchdog.as_mut().filter(|beat| beat.next <= now) {
            let pause = way.send("WATCHDOG=1").err().unwrap_or(beat.every);
            beat.next = now + pause.min(beat.every);
        }
    }
}

/// The way to systemd.
#[derive(Debug)]
struct Way(UnixDatagram, SocketAddr);

impl Way {
    fn to(name: &OsStr) -> io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        socket.set_nonblocking(true)?;
        Ok(Self(socket, address(name)?))
    }

    /// Sends this, or says how soon it is to be tried again.
    fn send(&self, text: &str) -> Result<(), Duration> {
        let Self(socket, address) = self;
        match socket.send_to_addr(text.as_bytes(), address) {
            Ok(_) => Ok(()),
            Err(error) => {
                debug!("systemd was not told: {error}");
                let is_full = error.kind() == ErrorKind::WouldBlock;
                Err(if is_full { RETRY } else { LATE_RETRY })
            }
        }
    }
}

fn address(name: &OsStr) -> io::Result<SocketAddr> {
    match name.as_bytes().strip_prefix(b"@") {
        Some(abstract_name) => SocketAddr::from_abstract_name(abstract_name),
        None => SocketAddr::from_pathname(name),
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
    use std::iter;

    use super::*;

    #[test]
    fn both_kinds_of_socket_names_are_understood() {
        let path = address("/run/systemd/notify".as_ref()).unwrap();
        assert_eq!(path.as_pathname(), Some("/run/systemd/notify".as_ref()));
        let name = address("@/org/freedesktop/systemd1/notify".as_ref()).unwrap();
        assert_eq!(name.as_abstract_name(), Some(b"/org/freedesktop/systemd1/notify".as_slice()));
    }

    /// A notifier to a socket whose name is this, and its other end.
    fn pair(name: &str, interval: Option<Duration>) -> (Notifier, UnixDatagram) {
        let name = format!("@lift-notify-{name}-{}", process::id());
        let ear = UnixDatagram::bind_addr(&address(name.as_ref()).unwrap()).unwrap();
        ear.set_nonblocking(true).unwrap();
        let way = Way::to(name.as_ref()).unwrap();
        (Notifier::over(Some(way), interval, at(0)), ear)
    }

    fn at(millis: u64) -> Instant {
        Instant::START + Duration::from_millis(millis)
    }

    /// All that has arrived.
    fn heard(ear: &UnixDatagram) -> Vec<String> {
        let mut bytes = [0; 256];
        let messages =
            iter::from_fn(|| ear.recv(&mut bytes).ok().map(|length| bytes[..length].to_vec()));
        messages.map(|bytes| String::from_utf8(bytes).unwrap()).collect()
    }

    fn fill(notifier: &Notifier) {
        while notifier.way.as_ref().unwrap().send("full").is_ok() {}
    }

    #[test]
    fn a_status_is_one_line_whatever_it_says() {
        let (mut notifier, ear) = pair("line", None);
        notifier.tell_status("broken\nREADY=1");
        notifier.proceed(at(0));
        assert_eq!(heard(&ear), ["STATUS=broken READY=1"]);
    }

    #[test]
    fn readiness_that_found_no_room_is_said_again() {
        let (mut notifier, ear) = pair("room", None);
        fill(&notifier);
        notifier.tell_state(State::Reloading);
        notifier.tell_state(State::Ready);
        notifier.tell_status("well");
        assert!(notifier.next().is_some_and(|next| next <= at(5)), "it is due at once");
        notifier.proceed(at(5));
        assert_eq!(notifier.next(), Some(at(25)), "soon, but without spinning");
        assert!(heard(&ear).iter().all(|text| text == "full"));
        notifier.proceed(at(24));
        assert!(heard(&ear).is_empty());
        notifier.proceed(at(25));
        assert_eq!(heard(&ear), ["READY=1\nSTATUS=well"]);
        assert_eq!(notifier.next(), None, "it is said once");
    }

    #[test]
    fn a_beat_of_the_watchdog_that_found_no_room_is_said_again() {
        let (mut notifier, ear) = pair("beat", Some(Duration::from_secs(2)));
        notifier.proceed(at(0));
        assert_eq!((heard(&ear).len(), notifier.next()), (1, Some(at(1000))));
        fill(&notifier);
        notifier.proceed(at(1000));
        assert_eq!(notifier.next(), Some(at(1020)));
        heard(&ear);
        notifier.proceed(at(1020));
        assert_eq!(heard(&ear), ["WATCHDOG=1"]);
        assert_eq!(notifier.next(), Some(at(2020)));
    }

    #[test]
    fn where_nobody_listens_nothing_is_said_in_a_hurry() {
        let (mut notifier, ear) = pair("gone", None);
        drop(ear);
        notifier.tell_state(State::Ready);
        notifier.proceed(at(0));
        assert_eq!(notifier.next(), Some(at(1000)));
    }

    #[test]
    fn without_systemd_nothing_is_ever_due() {
        let mut notifier = Notifier::over(None, Some(Duration::from_secs(2)), at(0));
        notifier.tell_state(State::Ready);
        assert_eq!(notifier.next(), None);
    }
}
