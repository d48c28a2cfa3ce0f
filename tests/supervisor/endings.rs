//! The end of the supervisor, asked for or not: there are never two controllers.

use std::os::unix::process::CommandExt;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::bench::Bench;
use crate::controller::Behaviour::{Outlive, Rise, Save, Stay, Work};

#[test]
fn a_controller_dies_with_its_supervisor_and_the_next_one_has_its_checkpoint() {
    let bench = Bench::new(&Save(7, "calls"));
    let mut killed = bench.start();
    let first = bench.life(1);
    bench.wait_for_line("saved 7");
    bench.behave(&Work);
    killed.signal(Signal::SIGKILL);
    let _next = bench.start();
    let second = bench.life(2);
    assert!(!first.is_alive(), "two controllers");
    assert_eq!((second.checkpoint.as_str(), second.revision), ("calls", 7));
    assert!(second.incarnation > first.incarnation);
    killed.exit();
}

#[test]
fn while_a_controller_outlives_its_supervisor_there_is_no_other() {
    let bench = Bench::new(&Outlive);
    let mut killed = bench.start_as(bench.command().args(["--hang-timeout", "10s"]));
    let first = bench.life(1);
    bench.status_at_work(&first);
    killed.signal(Signal::SIGKILL);
    killed.exit();
    bench.behave(&Work);
    let mut waiting = bench.start();
    assert_eq!(waiting.exit_code(), Some(75));
    assert!(first.is_alive());
    assert_eq!(bench.births().len(), 1);
    first.signal(Signal::SIGKILL);
    let _next = bench.start();
    bench.life(2);
}

#[test]
fn a_second_supervisor_leaves_and_the_first_goes_on() {
    let bench = Bench::new(&Work);
    let _first = bench.start();
    let life = bench.life(1);
    let begin = Instant::now();
    let mut second = bench.start();
    assert_eq!(second.exit_code(), Some(75));
    assert!(begin.elapsed() >= Duration::from_secs(5), "it did not wait");
    let message = format!("{} is in use", bench.state_dir().display());
    assert!(second.log().contains(&message));
    assert_eq!(bench.status_at_work(&life).restarts, 0);
}

#[test]
fn a_second_supervisor_takes_over_when_the_first_ends_in_time() {
    let bench = Bench::new(&Work);
    let first = bench.start();
    bench.life(1);
    let second = bench.start();
    second.wait_for_log("the state directory is in use, waiting");
    first.signal(Signal::SIGTERM);
    bench.life(2);
}

#[test]
fn a_request_to_end_stops_the_controller_first() {
    let bench = Bench::new(&Work);
    let mut supervisor = bench.start();
    let life = bench.life(1);
    bench.status_at_work(&life);
    supervisor.signal(Signal::SIGTERM);
    assert_eq!(supervisor.exit_code(), Some(0));
    assert!(!life.is_alive());
    bench.wait_for_line("stop");
    assert!(supervisor.log().contains("controller ended: stopped as asked"));
}

#[test]
fn an_interrupt_from_the_terminal_ends_the_controller_in_order_too() {
    let bench = Bench::new(&Work);
    let mut supervisor = bench.start_as(bench.command().process_group(0));
    bench.status_at_work(&bench.life(1));
    supervisor.signal_group(Signal::SIGINT);
    assert_eq!(supervisor.exit_code(), Some(0));
    assert!(supervisor.log().contains("controller ended: stopped as asked"));
}

#[test]
fn a_controller_that_does_not_end_when_asked_is_killed() {
    let bench = Bench::new(&Stay);
    let mut supervisor = bench.start();
    let life = bench.life(1);
    bench.status_at_work(&life);
    supervisor.signal(Signal::SIGTERM);
    assert_eq!(supervisor.exit_code(), Some(0));
    assert!(!life.is_alive());
    assert!(supervisor.log().contains("did not stop in time"));
}

#[test]
fn a_request_to_reload_replaces_the_controller_and_keeps_its_checkpoint() {
    let bench = Bench::new(&Save(7, "calls"));
    let supervisor = bench.start();
    let first = bench.life(1);
    bench.wait_for_line("saved 7");
    bench.behave(&Work);
    supervisor.signal(Signal::SIGHUP);
    let second = bench.life(2);
    bench.wait_for_line("stop");
    assert!(!first.is_alive());
    assert_eq!(second.checkpoint, "calls");
    assert_eq!(bench.status_at_work(&second).last_end.unwrap().reason, "stopped as asked");
}

#[test]
fn a_life_above_another_one_has_a_number_of_its_own_time() {
    let bench = Bench::new(&Rise(17));
    let _supervisor = bench.start();
    let first = bench.life(1);
    bench.behave(&Work);
    let second = bench.life(2);
    let born = bench.births()[0] * 1000;
    assert!(first.incarnation < born && born < second.incarnation, "{first:?} {born} {second:?}");
}
