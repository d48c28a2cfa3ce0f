//! Where a group meets: a port, and the address at which all nodes are reached at once.
//!
//! The address is looked up again and again, never remembered from the start: a network may come
//! after the lift, go, or change its addresses while calls are waiting.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddrV4};

use nix::ifaddrs::{InterfaceAddress, getifaddrs};
use nix::net::if_::InterfaceFlags;
use nix::sys::socket::{SockaddrIn, SockaddrLike, SockaddrStorage};
use serde::{Deserialize, Serialize};

/// Reaches every node on this computer, and nothing beyond.
const ON_THIS_COMPUTER: Ipv4Addr = Ipv4Addr::new(127, 255, 255, 255);

/// Where a group meets.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Place {
    /// The UDP port of all its nodes.
    pub port: u16,
    /// Who is reached there.
    pub reach: Reach,
}

/// Who is reached by a broadcast.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Reach {
    /// The nodes on this computer. Nothing is heard from any network.
    Computer,
    /// The subnet of the first network interface that has one; while there is none, the nodes on
    /// this computer.
    AnyNetwork,
    /// The subnet of this network interface.
    Interface(String),
    /// Whoever listens at this address.
    Address(Ipv4Addr),
}

impl Reach {
    /// Whether it can never leave this computer.
    pub fn is_local(&self) -> bool {
        match self {
            Self::Computer => true,
            Self::Address(address) => address.is_loopback(),
            Self::Interface(name) => name == "lo",
            Self::AnyNetwork => false,
        }
    }
}

impl Place {
    /// Where to listen: on a subnet at every address, since ours may change, but on this computer
    /// only for what is sent to the nodes on it.
    pub(super) fn listening_address(&self) -> SocketAddrV4 {
        let address = match &self.reach {
            Reach::Address(address) if address.is_loopback() => *address,
            reach if reach.is_local() => ON_THIS_COMPUTER,
            _ => Ipv4Addr::UNSPECIFIED,
        };
        SocketAddrV4::new(address, self.port)
    }

    /// Where to send at present; `None` while the interface has no address.
    ///
    /// # Errors
    /// When the kernel does not tell its interfaces.
    pub(super) fn destination(&self) -> nix::Result<Option<SocketAddrV4>> {
        let address = match &self.reach {
            Reach::Address(address) => Some(*address),
            reach if reach.is_local() => Some(ON_THIS_COMPUTER),
            Reach::Interface(name) => getifaddrs()?
                .filter(|found| found.interface_name == *name)
                .find_map(|found| subnet(&found)),
            Reach::AnyNetwork | Reach::Computer => {
                getifaddrs()?.find_map(|found| subnet(&found)).or(Some(ON_THIS_COMPUTER))
            }
        };
        Ok(address.map(|address| SocketAddrV4::new(address, self.port)))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reach {
            Reach::Computer => f.write_str("this computer")?,
            Reach::AnyNetwork => f.write_str("the first network")?,
            Reach::Interface(name) => f.write_str(name)?,
            Reach::Address(address) => address.fmt(f)?,
        }
        write!(f, ":{}", self.port)
    }
}

/// The broadcast address of an interface that is up and can broadcast.
fn subnet(found: &InterfaceAddress) -> Option<Ipv4Addr> {
    let usable = InterfaceFlags::IFF_UP | InterfaceFlags::IFF_BROADCAST;
    if !found.flags.contains(usable) || found.flags.contains(InterfaceFlags::IFF_LOOPBACK) {
        return None;
    }
    let [address, mask] = [found.address.as_ref(), found.netmask.as_ref()].map(version_4);
    version_4(found.broadcast.as_ref()).filter(|_| address.is_some()).or_else(|| {
        let (address, mask) = (address?.to_bits(), mask?.to_bits());
        Some(Ipv4Addr::from_bits(address | !mask))
    })
}

fn version_4(address: Option<&SockaddrStorage>) -> Option<Ipv4Addr> {
    let address = address.filter(|address| address.family().is_some())?;
    address.as_sockaddr_in().map(SockaddrIn::ip)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(reach: Reach) -> Place {
        Place { port: 22022, reach }
    }

    #[test]
    fn a_group_on_this_computer_neither_speaks_to_nor_hears_a_network() {
        for reach in [
            Reach::Computer,
            Reach::Interface("lo".into()),
            Reach::Address(Ipv4Addr::new(127, 9, 9, 9)),
        ] {
            assert!(reach.is_local());
            let place = place(reach);
            assert!(place.listening_address().ip().is_loopback());
            assert!(place.destination().unwrap().unwrap().ip().is_loopback());
        }
    }

    #[test]
    fn an_address_that_is_named_is_used_as_it_is() {
        let place = place(Reach::Address(Ipv4Addr::new(192, 0, 2, 255)));
        assert!(!place.reach.is_local());
        assert_eq!(place.destination().unwrap(), Some("192.0.2.255:22022".parse().unwrap()));
    }

    #[test]
    fn an_interface_that_is_not_there_has_no_destination_and_is_no_error() {
        let place = place(Reach::Interface("no-such-if".into()));
        assert_eq!(place.destination().unwrap(), None);
    }

    #[test]
    fn there_is_always_somewhere_to_send_when_nothing_is_named() {
        assert!(place(Reach::AnyNetwork).destination().unwrap().is_some());
    }
}
