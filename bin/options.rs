//! Options that several programs have, and what their values may be.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;
use std::{env, fmt};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use lift_group::building::{Building, LiftId};
use log::LevelFilter;

/// A duration between these two, ends included.
pub fn duration(
    least: Duration,
    most: Duration,
) -> impl Fn(&str) -> Result<Duration, String> + Clone + Send + Sync + 'static {
    move |text| {
        let span = humantime::parse_duration(text).ok();
        span.filter(|span| (least..=most).contains(span)).ok_or_else(|| {
            let [least, most] = [least, most].map(humantime::format_duration);
            format!("give a duration from {least} to {most}, with its unit")
        })
    }
}

/// The number of a lift.
pub fn lift(text: &str) -> Result<LiftId, String> {
    text.parse().map(LiftId).map_err(|_| "give a number from 0 to 255".to_owned())
}

/// A building with this many floors.
pub fn building(text: &str) -> Result<Building, String> {
    let most = Building::MOST_FLOORS;
    let floors = text.parse::<u8>().ok();
    floors
        .and_then(|floors| Building::try_from(floors).ok())
        .ok_or_else(|| format!("give a number of floors from 2 to {most}"))
}

/// How much is logged.
pub fn log_level() -> impl TypedValueParser<Value = LevelFilter> {
    let names = ["off", "error", "warn", "info", "debug"];
    PossibleValuesParser::new(names).try_map(|name| LevelFilter::from_str(&name))
}

/// An address that may have a name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HostPort {
    host: String,
    port: u16,
}

impl FromStr for HostPort {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let hint = "give HOST:PORT, such as 127.0.0.1:15657";
        let (host, port) = text.rsplit_once(':').ok_or(hint)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = port.parse().ok().filter(|port| *port > 0).ok_or(hint)?;
        if host.is_empty() { Err(hint) } else { Ok(Self { host: host.to_owned(), port }) }
    }
}

impl HostPort {
    /// The address that the name stands for at present.
    pub fn resolve(&self) -> io::Result<SocketAddr> {
        let found: Vec<SocketAddr> = (self.host.as_str(), self.port).to_socket_addrs()?.collect();
        let version_4 = found.iter().find(|address| address.is_ipv4());
        version_4.or(found.first()).copied().ok_or(ErrorKind::NotFound.into())
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// The directory that systemd made for this service and named in this variable.
pub fn systemd_directory(variable: &str) -> Option<PathBuf> {
    let directories = env::var(variable).ok()?;
    let first = directories.split(':').next()?;
    if first.is_empty() { None } else { Some(PathBuf::from(first)) }
}
