//! The last word on a life is its supervisor's.

use lift_group::building::LiftId;
use lift_group::calls::Incarnation;
use lift_group::shell::broadcast::{Place, Reach, Socket};
use lift_group::shell::clock;
use lift_group::shell::seal::freshness::Challenge;
use lift_group::shell::seal::key::Keys;
use lift_group::shell::seal::{Opened, Seal};
use nix::sys::signal::Signal;

use crate::house::{House, Node, wait_for};

/// Somebody who listens to a group without being in it.
struct Listener {
    socket: Socket,
    seal: Seal,
}

impl Listener {
    fn to(node: &Node) -> Self {
        let port = node.option("--port").parse().expect("a port");
        let place = Place { port, reach: Reach::Computer };
        let group = node.option("--group");
        Self {
            socket: Socket::open(place, clock::now()),
            seal: Seal::new(&Keys::open(), group, LiftId(99), Challenge(7)),
        }
    }

    /// All obituaries that were said since it listens.
    fn obituaries(&mut self) -> Vec<(LiftId, Incarnation)> {
        let mut obituaries = Vec::new();
        while let Some((datagram, _)) = self.socket.receive() {
            if let Ok(Opened::Obituary { lift, incarnation }) = self.seal.open(datagram) {
                obituaries.push((lift, incarnation));
            }
        }
        obituaries
    }

    /// Waits until this life was said to be over `times` times.
    fn wait_for(&mut self, lift: u8, incarnation: Incarnation, times: usize) {
        let mut said = 0;
        wait_for("obituaries", || {
            let found = self.obituaries();
            said += found.iter().filter(|of| **of == (LiftId(lift), incarnation)).count();
            (said >= times).then_some(())
        });
    }
}

fn incarnation(node: &Node) -> Incarnation {
    wait_for("a status", || node.status()).incarnation
}

#[test]
fn a_killed_controller_gets_three_obituaries() {
    let house = House::with_lifts(1);
    let node = &house.nodes[0];
    let life = incarnation(node);
    let mut listener = Listener::to(node);
    node.signal_controller(Signal::SIGKILL);
    listener.wait_for(node.id, life, 3);
}

#[test]
fn a_hung_controller_gets_an_obituary() {
    let house = House::with_lifts(1);
    let node = &house.nodes[0];
    let life = incarnation(node);
    let mut listener = Listener::to(node);
    node.signal_controller(Signal::SIGSTOP);
    listener.wait_for(node.id, life, 1);
}

#[test]
fn a_supervisor_that_begins_says_that_what_was_before_is_over() {
    let mut house = House::with_lifts(1);
    let node = &mut house.nodes[0];
    let life = incarnation(node);
    let mut listener = Listener::to(node);
    node.kill();
    node.start();
    let said = wait_for("an obituary", || listener.obituaries().pop());
    assert!(said.0 == LiftId(node.id) && said.1 >= life, "{said:?}");
    assert!(said.1 < incarnation(node), "and nothing more than that");
}
