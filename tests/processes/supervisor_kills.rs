//! The supervisor is killed. Its controller goes with it, and the next one takes over: there are
//! never two.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::common::process::{controllers_of, signal};
use crate::lift::{Lift, wait_for};
use crate::plan::Plan;

/// Looks all the time how many controllers are alive.
struct Lookout {
    over: Arc<AtomicBool>,
    most: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Lookout {
    fn over(lift: &Lift) -> Self {
        let (over, most) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (is_over, state_dir) = (Arc::clone(&over), lift.state_dir());
        let highest = Arc::clone(&most);
        let thread = thread::spawn(move || {
            while !is_over.load(Ordering::Relaxed) {
                highest.fetch_max(controllers_of(&state_dir).len(), Ordering::Relaxed);
                thread::sleep(Duration::from_millis(1));
            }
        });
        Self { over, most, thread: Some(thread) }
    }

    /// The most controllers that were alive at the same time.
    fn most(mut self) -> usize {
        self.end();
        self.most.load(Ordering::Relaxed)
    }

    fn end(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        self.thread.take().map(JoinHandle::join);
    }
}

impl Drop for Lookout {
    fn drop(&mut self) {
        self.end();
    }
}

fn in_mid_travel() -> Lift {
    let lift = Plan::new().start();
    lift.call(&["cab 3", "up 1", "down 2"]);
    lift.wait_until("between floors, up", |seen| seen.is_between("up"));
    lift
}

#[test]
fn a_new_supervisor_at_once_never_makes_two_controllers() {
    let mut lift = in_mid_travel();
    let lookout = Lookout::over(&lift);
    for _ in 0..4 {
        let clients = lift.seen().clients;
        let orphan = lift.controller();
        lift.kill_supervisor();
        lift.start_supervisor();
        lift.wait_for_successor_of(orphan);
        lift.wait_for_client_after(clients);
    }
    lift.wait_until_all_is_served();
    assert_eq!(lookout.most(), 1);
}

#[test]
fn the_controller_never_outlives_its_supervisor() {
    let mut lift = in_mid_travel();
    lift.kill_supervisor();
    wait_for("the controller's end", || lift.controllers().is_empty().then_some(()));
    lift.wait_until("the motor stopped", |seen| !seen.client && seen.motor == "stop");
    lift.start_supervisor();
    lift.wait_until_all_is_served();
}

#[test]
fn calls_outlive_kill_9_of_both_at_once() {
    let mut lift = in_mid_travel();
    lift.kill_both();
    lift.start_supervisor();
    lift.wait_until_all_is_served();
}

#[test]
fn a_hung_controller_dies_with_its_supervisor_too() {
    let mut lift = in_mid_travel();
    let lookout = Lookout::over(&lift);
    let hung = lift.controller();
    signal(hung, Signal::SIGSTOP);
    lift.kill_supervisor();
    lift.start_supervisor();
    lift.wait_for_successor_of(hung);
    lift.wait_until_all_is_served();
    assert_eq!(lookout.most(), 1);
}

#[test]
fn a_second_supervisor_waits_and_leaves_and_harms_nothing() {
    let lift = in_mid_travel();
    let controller = lift.controller();
    let mut second = lift.spawn_supervisor();
    let status = wait_for("its end", || second.end());
    assert_eq!(status.code(), Some(75), "a status with which systemd tries again");
    lift.wait_for_log(&["in use", lift.state_dir().to_str().unwrap()]);
    lift.wait_until_all_is_served();
    assert_eq!(lift.controllers(), [controller]);
}

#[test]
fn a_waiting_supervisor_takes_over_when_the_first_is_killed() {
    let mut lift = in_mid_travel();
    let former = lift.controller();
    let second = lift.spawn_supervisor();
    lift.wait_for_log(&["in use, waiting"]);
    lift.kill_supervisor();
    lift.adopt(second);
    lift.wait_for_successor_of(former);
    lift.wait_until_all_is_served();
}

#[test]
fn every_life_has_a_higher_number_than_any_before() {
    let mut lift = Plan::new().start();
    let first = lift.status().unwrap().incarnation;
    let controller = lift.kill_controller();
    lift.wait_for_successor_of(controller);
    lift.wait_until_it_works();
    let second = lift.status().unwrap().incarnation;
    lift.kill_both();
    lift.start_supervisor();
    lift.wait_until_it_works();
    let third = lift.status().unwrap().incarnation;
    assert!(first < second && second < third, "{first:?}, {second:?}, {third:?}");
}
