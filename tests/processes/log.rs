//! Nobody reads the log. Whoever writes it must not wait for that.

use std::io::{PipeReader, PipeWriter, Read, Write, pipe};
use std::os::fd::AsFd;

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::signal::Signal;

use crate::common::process::signal;
use crate::lift::wait_for;
use crate::plan::Plan;

/// A pipe with not a byte of room.
fn full_pipe() -> (PipeReader, PipeWriter) {
    let (reader, mut writer) = pipe().unwrap();
    set_flags(&reader, OFlag::O_NONBLOCK);
    set_flags(&writer, OFlag::O_NONBLOCK);
    for size in [4096, 1] {
        while writer.write(&vec![b'x'; size]).is_ok() {}
    }
    set_flags(&writer, OFlag::empty());
    (reader, writer)
}

fn set_flags(descriptor: impl AsFd, flags: OFlag) {
    fcntl(descriptor, FcntlArg::F_SETFL(flags)).unwrap();
}

#[test]
fn a_log_that_nobody_reads_holds_up_neither_lift_nor_supervisor() {
    let (mut reader, writer) = full_pipe();
    let mut lift = Plan::new().build();
    let supervisor = lift.spawn_supervisor_that_logs_to(writer);
    lift.adopt(supervisor);
    lift.wait_until_it_works();
    lift.call(&["cab 1"]);
    lift.wait_until_all_is_served();
    let hung = lift.controller();
    signal(hung, Signal::SIGSTOP);
    lift.wait_for_successor_of(hung);
    lift.wait_until_it_works();
    lift.call(&["cab 2"]);
    lift.wait_until_all_is_served();
    let mut read = Vec::new();
    lift.kill_controller(); // something to log, once somebody reads
    wait_for("how much was dropped", || {
        let _ = reader.read_to_end(&mut read); // to the last line there is
        let log = String::from_utf8_lossy(&read);
        log.contains("lift-supervisor: nobody read the log, lines were dropped lines=")
            .then_some(())
    });
}
