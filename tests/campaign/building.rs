//! Several computers and the switch between them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use lift_group::building::LiftId;
use lift_group::group::message::Term;
use lift_group::node::Role;
use lift_group::shell::seal::key;
use tempfile::TempDir;

use crate::namespace::Namespace;
use crate::node::Node;

/// Two floods at once leave a small machine no time for what they are to hold up. Hold the value
/// for as long as the test lasts.
pub fn one_at_a_time() -> MutexGuard<'static, ()> {
    static BUILDING: Mutex<()> = Mutex::new(());
    BUILDING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Several lifts, their computers and the switch between them.
pub struct Building {
    pub nodes: Vec<Node>,
    /// A computer whose bridge is the switch.
    pub switch: Namespace,
    /// All their files, for as long as the building stands.
    _dir: TempDir,
}

/// The address of this node's computer.
pub fn address(node: LiftId) -> String {
    format!("10.1.1.{node}")
}

impl Building {
    /// A building with so many lifts, none of which has power yet; the supervisors have these options
    /// besides.
    ///
    /// # Errors
    /// Why there can be none on this machine.
    pub fn with_lifts(lifts: u8, options: &[&str]) -> Result<Self, String> {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let key = dir.path().join("key");
        write_key(&key)?;
        let switch = Namespace::new("ip link add name hub type bridge && ip link set hub up")?;
        let node = |id: u8| Node::new(id, dir.path().join(id.to_string()), &key, options);
        let nodes: Result<Vec<Node>, String> = (1..=lifts).map(node).collect();
        let building = Self { nodes: nodes?, switch, _dir: dir };
        for node in &building.nodes {
            building.lay_cable(&node.place, node.id);
            node.place.filter("add table ip lift\n"); // fails here, and not in mid-campaign
        }
        Ok(building)
    }

    /// Connects a computer to the switch.
    pub fn lay_cable(&self, place: &Namespace, number: LiftId) {
        let there = place.pid();
        let port = format!("port{number}");
        self.switch.ip(&format!("link add {port} type veth peer name wire netns {there}"));
        self.switch.ip(&format!("link set {port} master hub up"));
        let address = address(number);
        place.ip(&format!("address add {address}/24 broadcast 10.1.1.255 dev wire"));
        place.ip("link set wire up");
    }

    /// Plugs the cable of this node in or out, at the switch.
    pub fn plug(&self, node: LiftId, plugged: bool) {
        self.switch.ip(&format!("link set port{node} {}", if plugged { "up" } else { "down" }));
    }

    /// All lifts.
    pub fn lifts(&self) -> Vec<LiftId> {
        self.nodes.iter().map(|node| node.id).collect()
    }

    /// Which node is primary and in which term, if all nodes agree on it.
    pub fn primary(&self) -> Option<(usize, Term)> {
        let roles: Option<Vec<Role>> =
            self.nodes.iter().map(|node| node.status().map(|status| status.role)).collect();
        let roles = roles?;
        let (at, term) = roles.iter().enumerate().find_map(|(at, role)| match role {
            Role::Primary { term } => Some((at, *term)),
            _ => None,
        })?;
        let id = self.nodes[at].id;
        let follows = |role: &&Role| matches!(role, Role::Backup { primary } if *primary == id);
        (roles.iter().filter(follows).count() + 1 == roles.len()).then_some((at, term))
    }

    /// How long it takes from `since` until a node other than `but` leads in a term after this one.
    pub fn time_to_primary(&self, but: usize, term: Term, since: Instant) -> Option<Duration> {
        while since.elapsed() < Duration::from_secs(5) {
            let others = self.nodes.iter().enumerate().filter(|(at, _)| *at != but);
            for (_, node) in others {
                let role = node.status().map(|status| status.role);
                if matches!(role, Some(Role::Primary { term: now }) if now > term) {
                    return Some(since.elapsed());
                }
            }
            thread::sleep(Duration::from_millis(1));
        }
        None
    }
}

fn write_key(path: &Path) -> Result<(), String> {
    let key = key::generate().map_err(|error| error.to_string())?;
    fs::write(path, key).map_err(|error| error.to_string())?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(|error| error.to_string())
}
