//! Mistakes of those who install and operate. What cannot work is refused (tests of the supervisor
//! alone); here is what works all the same, and loses nothing.

use std::fs;

use crate::lift::wait_for;
use crate::plan::Plan;

#[test]
fn a_runtime_directory_that_is_none_costs_the_status_and_nothing_else() {
    let mut lift = Plan::new().build();
    fs::write(lift.runtime_dir(), "a file").unwrap();
    lift.start_supervisor();
    lift.call(&["cab 3", "up 1"]);
    lift.wait_until_all_is_served();
    lift.wait_for_log(&["WARN", "nobody can ask", lift.runtime_dir().to_str().unwrap()]);
    lift.wait_for_log(&["WARN", "no status will be told", "controller.sock"]);
}

#[test]
fn calls_for_floors_that_are_not_there_are_named_and_wait_until_they_are() {
    let mut lift = Plan::new().start();
    lift.hardware.send("power off");
    lift.call(&["cab 3", "cab 1"]);
    lift.kill_both();
    lift.hardware.send("power on");
    lift.add_options(&["--floors", "3"]);
    lift.start_supervisor();
    lift.wait_for_log(&["WARN", "floors"]);
    wait_for("cab 1 answered", || (!lift.seen().owed.contains("cab 1")).then_some(()));
    lift.kill_both();
    lift.add_options(&["--floors", "4"]);
    lift.start_supervisor();
    lift.wait_until_all_is_served();
}

#[test]
fn hardware_with_fewer_floors_than_said_is_not_driven_and_the_log_says_why() {
    let lift = Plan::new().simulator(&["--floors", "3"]).start();
    lift.wait_for_log(&["WARN", "no hardware", "fewer floors"]);
    let moved = lift.events().into_iter().find(|event| event.text.starts_with("motor"));
    assert_eq!(moved, None);
}
