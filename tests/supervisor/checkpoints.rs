//! Checkpoints that no controller can begin with, and disks that do not keep them.

use std::fs;

use nix::sys::signal::Signal;

use crate::bench::{Bench, Life, wait_for};
use crate::controller::Behaviour::{Choke, ChokeOnAll, Save, Work};
use crate::controller::DIRECTORY;

#[test]
fn a_poisoned_checkpoint_is_set_aside_when_the_controller_works_without_it() {
    let bench = Bench::new(&Save(3, "poison"));
    let supervisor = bench.start();
    bench.wait_for_line("saved 3");
    bench.behave(&Choke("poison"));
    bench.life(1).signal(Signal::SIGKILL);
    let working = wait_for("a life without the poison", || {
        bench.lives().into_iter().skip(1).find(|life| life.checkpoint == "none")
    });
    assert_eq!(working.revision, 3, "numbers go on");
    bench.status_at_work(&working);
    let poisoned = bench.lives().iter().filter(|life| life.checkpoint == "poison").count();
    assert_eq!(poisoned, 3);
    wait_for("the file aside", || (bench.set_aside() == ["checkpoint.aside-1"]).then_some(()));
    assert!(supervisor.log().contains("[ERROR]"));
    let kept = fs::read(bench.state_dir().join("checkpoint.aside-1")).unwrap();
    assert!(kept.windows(6).any(|bytes| bytes == b"poison"));
    working.signal(Signal::SIGKILL);
    assert_eq!(bench.life(6).checkpoint, "none", "the poison is never tried again");
}

#[test]
fn a_controller_that_no_checkpoint_helps_discards_none() {
    let bench = Bench::new(&Save(3, "calls"));
    let _supervisor = bench.start();
    bench.wait_for_line("saved 3");
    bench.behave(&ChokeOnAll);
    bench.life(1).signal(Signal::SIGKILL);
    // Three lives with the newest, three with the proven, three with nothing, and round again.
    wait_for("a whole round", || (bench.lives().len() >= 11).then_some(()));
    let with_calls = |life: &Life| life.checkpoint == "calls";
    assert!(bench.lives()[1..4].iter().all(with_calls));
    assert!(!bench.lives()[4..10].iter().any(with_calls));
    assert!(with_calls(&bench.life(11)));
    bench.behave(&Work);
    let last = bench.last_life();
    assert_eq!(last.checkpoint, "calls");
    assert!(bench.set_aside().is_empty());
}

#[test]
fn a_mended_program_gets_the_newest_checkpoint_whatever_failed_before() {
    let bench = Bench::new(&Save(3, "calls"));
    let [program, mended] = ["program", "mended"].map(|name| bench.path(name));
    let controller = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/supervisor/controller.sh");
    fs::copy(controller, &program).unwrap();
    let mends = format!("#!/bin/sh\necho work >\"${DIRECTORY}/behaviour\"\nexec {controller}\n");
    fs::write(&mended, mends).unwrap();
    fs::set_permissions(&mended, fs::metadata(&program).unwrap().permissions()).unwrap();
    let _supervisor = bench.start_as(bench.command().arg("--controller").arg(&program));
    bench.wait_for_line("saved 3");
    bench.behave(&ChokeOnAll);
    bench.life(1).signal(Signal::SIGKILL);
    bench.life(5); // the newest one has failed three times, and others are tried
    fs::rename(mended, program).unwrap();
    assert_eq!(bench.last_life().checkpoint, "calls");
    assert!(bench.set_aside().is_empty());
}

#[test]
fn without_a_disk_nothing_is_acknowledged_and_nothing_is_forgotten() {
    let bench = Bench::new(&Save(7, "calls"));
    fs::create_dir_all(bench.state_dir().join("checkpoint.fresh")).unwrap(); // in the way of a file
    let supervisor = bench.start();
    supervisor.wait_for_log("[ERROR] lift-supervisor: no disk");
    let first = bench.life(1);
    bench.behave(&Work);
    first.signal(Signal::SIGKILL);
    let second = bench.life(2);
    assert_eq!((second.checkpoint.as_str(), second.revision), ("calls", 7));
    let status = bench.status_at_work(&second);
    assert!(status.disk_trouble.unwrap().contains("checkpoint"));
    assert_eq!((status.received, status.durable), (Some(7), None));
    assert!(!bench.diary().iter().any(|line| line.starts_with("saved")));
    fs::remove_dir(bench.state_dir().join("checkpoint.fresh")).unwrap();
    bench.wait_for_line("saved 7");
    supervisor.wait_for_log("the disk works again");
}

#[test]
fn a_damaged_checkpoint_is_named_and_the_other_copy_is_used() {
    let bench = Bench::new(&Save(7, "calls"));
    let mut supervisor = bench.start();
    bench.wait_for_line("saved 7");
    supervisor.signal(Signal::SIGTERM);
    supervisor.exit();
    let file = bench.state_dir().join("checkpoint");
    let mut bytes = fs::read(&file).unwrap();
    let place = bytes.windows(5).position(|bytes| bytes == b"calls").unwrap();
    bytes[place] ^= 1;
    fs::write(&file, bytes).unwrap();
    bench.behave(&Work);
    let supervisor = bench.start();
    assert_eq!(bench.life(2).checkpoint, "calls");
    supervisor.wait_for_log("[WARN ] lift-supervisor: the file checkpoint is damaged: one of two");
}
