//! Controllers that end, and controllers that stand still: the next one is there at once.

use std::thread::sleep;
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::bench::{Bench, wait_for};
use crate::controller::Behaviour::{Babble, Die, Hang, Save, SaveAndDie, Work};

#[test]
fn a_crashed_controller_is_replaced_and_gets_its_checkpoint_back() {
    let bench = Bench::new(&Save(7, "calls"));
    let _supervisor = bench.start();
    let first = bench.life(1);
    assert_eq!((first.checkpoint.as_str(), first.revision), ("none", 0));
    bench.wait_for_line("saved 7");
    bench.behave(&Work);
    first.signal(Signal::SIGKILL);
    let second = bench.life(2);
    assert_eq!((second.checkpoint.as_str(), second.revision), ("calls", 7));
    assert!(second.incarnation > first.incarnation);
    let status = bench.status_at_work(&second);
    assert_eq!(status.restarts, 1);
    assert_eq!(status.last_end.unwrap().reason, "signal 9");
}

#[test]
fn the_last_words_of_a_dying_controller_are_heard_and_become_durable() {
    let bench = Bench::new(&SaveAndDie(1, "calls"));
    let _supervisor = bench.start();
    bench.life(1);
    bench.behave(&Die);
    wait_for("the checkpoint on the disk", || (bench.status().durable == Some(1)).then_some(()));
    bench.behave(&Work);
    let last = bench.last_life();
    assert_eq!(last.checkpoint, "calls");
    bench.wait_for_line("saved 1"); // which was reported long before this life
}

#[test]
fn a_crash_loop_slows_down_and_discards_nothing() {
    let bench = Bench::new(&Save(1, "calls"));
    let _supervisor = bench.start();
    bench.wait_for_line("saved 1");
    bench.behave(&Die);
    bench.life(1).signal(Signal::SIGKILL);
    let births = wait_for("ten lives", || Some(bench.births()).filter(|births| births.len() > 9));
    assert!(births[9] - births[8] >= 300, "the tenth life comes 320 ms after the ninth ended");
    bench.behave(&Work);
    assert_eq!(bench.life(2).checkpoint, "calls");
    assert!(bench.set_aside().is_empty());
}

#[test]
fn a_program_that_cannot_be_executed_is_named_and_discards_nothing() {
    let bench = Bench::new(&Save(1, "calls"));
    let mut supervisor = bench.start();
    bench.wait_for_line("saved 1");
    supervisor.signal(Signal::SIGTERM);
    supervisor.exit();
    let broken = bench.start_as(bench.command().args(["--controller", "/no/such/program"]));
    wait_for("five attempts", || (bench.status().restarts >= 5).then_some(()));
    assert!(broken.log().contains("cannot start /no/such/program"));
    drop(broken);
    bench.behave(&Work);
    let _supervisor = bench.start();
    assert_eq!(bench.life(2).checkpoint, "calls");
    assert!(bench.set_aside().is_empty());
}

#[test]
fn a_controller_that_stands_still_is_killed_and_replaced() {
    let bench = Bench::new(&Work);
    let _supervisor = bench.start();
    let first = bench.life(1);
    bench.status_at_work(&first);
    first.signal(Signal::SIGSTOP);
    let second = bench.life(2);
    assert!(!first.is_alive());
    let reason = bench.status_at_work(&second).last_end.unwrap().reason;
    assert!(reason.contains("hung"), "{reason}");
}

#[test]
fn a_controller_that_never_gives_a_heartbeat_is_killed() {
    let bench = Bench::new(&Hang);
    let supervisor = bench.start();
    let first = bench.life(1);
    bench.life(2);
    assert!(!first.is_alive());
    assert!(!supervisor.log().contains("works"), "it was never ready");
}

#[test]
fn a_supervisor_that_was_stopped_itself_kills_nobody() {
    let bench = Bench::new(&Work);
    let supervisor = bench.start();
    let life = bench.life(1);
    let before = bench.status_at_work(&life);
    supervisor.signal(Signal::SIGSTOP);
    sleep(Duration::from_secs(3)); // three times the time after which silence is a hang
    supervisor.signal(Signal::SIGCONT);
    wait_for("another second at work", || {
        (bench.status().uptime_ms > before.uptime_ms + 4000).then_some(())
    });
    assert_eq!(bench.status().restarts, 0);
    assert!(life.is_alive());
}

#[test]
fn a_controller_that_babbles_is_killed_and_the_log_says_why() {
    let bench = Bench::new(&Babble);
    let supervisor = bench.start();
    supervisor.wait_for_log("broke the rules of the link: cannot decode 20 bytes");
    wait_for("another life", || (bench.births().len() > 1).then_some(()));
}

#[test]
fn a_checkpoint_that_is_not_newer_is_refused() {
    let bench = Bench::new(&Save(5, "new"));
    let supervisor = bench.start();
    bench.wait_for_line("saved 5");
    bench.behave(&Save(5, "other"));
    bench.life(1).signal(Signal::SIGKILL);
    supervisor.wait_for_log("broke the rules of the link: checkpoint 5 after checkpoint 5");
    bench.behave(&Work);
    assert_eq!(bench.life(3).checkpoint, "new");
}
