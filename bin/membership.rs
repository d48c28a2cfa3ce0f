//! The options of a supervisor that say which group its lift belongs to.

use std::env;
use std::io::ErrorKind;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use lift_group::shell::broadcast::{Membership, Place, Reach};
use lift_group::shell::seal::key::{KeyError, Keys};
use log::warn;

use crate::options::duration;

/// The group of lifts that were given none: it never leaves its computer.
const LOCAL_GROUP: &str = "local";

/// The name under which systemd hands over the key.
const CREDENTIAL: &str = "lift.key";

/// Why there is no membership.
pub enum Trouble {
    /// Wrong options: trying again is in vain.
    Wrong(String),
    /// The key cannot be read at present.
    NoKey(String),
}

#[derive(Args)]
#[command(next_help_heading = "The group")]
pub struct GroupOptions {
    /// The name that all lifts of the group have in common. Without it no network is used: the lift
    /// finds others on this computer alone
    #[arg(long, env = "LIFT_GROUP", value_name = "NAME", value_parser = group_name)]
    group: Option<String>,

    /// The UDP port of the group
    #[arg(long, env = "LIFT_PORT", value_name = "PORT", default_value_t = 22022,
        value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,

    /// The network interface to the other lifts (lo: they are all on this computer); by default the
    /// first one that can broadcast
    #[arg(long, env = "LIFT_INTERFACE", value_name = "IF")]
    interface: Option<String>,

    /// The address at which the other lifts are reached, instead of the broadcast address of the
    /// interface
    #[arg(long, env = "LIFT_BROADCAST", value_name = "ADDR")]
    broadcast: Option<Ipv4Addr>,

    /// The file with the group's key, from `liftctl keygen`; by default the credential lift.key,
    /// where systemd hands one over. Without a key whoever reaches the port can speak for a lift
    #[arg(long, env = "LIFT_KEY", value_name = "FILE")]
    key: Option<PathBuf>,

    /// How often a lift speaks to the others: one that is gone is missed after ten times this
    #[arg(long, env = "LIFT_HEARTBEAT", value_name = "TIME", default_value = "10ms",
        value_parser = duration(Duration::from_millis(2), Duration::from_millis(100)))]
    pub heartbeat: Duration,
}

impl GroupOptions {
    /// The group that they describe.
    ///
    /// # Errors
    /// What is wrong with them, and what to do.
    pub fn membership(&self) -> Result<Membership, Trouble> {
        let reach = self.reach();
        if self.group.is_none() && !reach.is_local() {
            let why = "name the group, or two that share a network become one: --group NAME";
            return Err(Trouble::Wrong(why.into()));
        }
        let keys = self.keys()?;
        if keys.are_open() {
            warn!(
                "the group runs open, whoever reaches its port can speak for a lift: make a key \
                 with liftctl keygen, give it to all with --key"
            );
        }
        let group = self.group.clone().unwrap_or_else(|| LOCAL_GROUP.to_owned());
        Ok(Membership { group, place: Place { port: self.port, reach }, keys })
    }

    fn reach(&self) -> Reach {
        match (self.broadcast, &self.interface, &self.group) {
            (Some(address), ..) => Reach::Address(address),
            (None, Some(name), _) => Reach::Interface(name.clone()),
            (None, None, Some(_)) => Reach::AnyNetwork,
            (None, None, None) => Reach::Computer,
        }
    }

    fn keys(&self) -> Result<Keys, Trouble> {
        if let Some(file) = &self.key {
            let name = format!("the key file {}", file.display());
            return Keys::from_file(file).map_err(|error| Trouble::with(&name, &error));
        }
        let credentials = env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
        let Some(file) = credentials.map(|directory| directory.join(CREDENTIAL)) else {
            return Ok(Keys::open());
        };
        match file.try_exists() {
            Ok(true) => Keys::from_credential(&file),
            Ok(false) => Ok(Keys::open()),
            // So a service finds the directory when systemd has handed over nothing.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(Keys::open()),
            // Any other trouble with looking is no reason to run without a key.
            Err(error) => Err(KeyError::Unreadable(error)),
        }
        .map_err(|error| Trouble::with(&format!("the credential {}", file.display()), &error))
    }
}

impl Trouble {
    fn with(name: &str, error: &KeyError) -> Self {
        let why = format!("{name} {error}");
        if error.may_pass() { Self::NoKey(why) } else { Self::Wrong(why) }
    }
}

fn group_name(text: &str) -> Result<String, &'static str> {
    if (1..=64).contains(&text.len()) && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err("give a name of 1 to 64 bytes")
    }
}
