//! A controller that crashes again and again. Nobody gives up, and nothing is thrown away.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use crate::lift::Lift;
use crate::plan::Plan;

/// A controller that does this `times` times before it is a real one. It counts in a file.
fn controller_that_first(lift: &Lift, dies: &str, times: u32) -> PathBuf {
    let (path, count) = (lift.dir().join("controller"), lift.dir().join("count"));
    let script = format!(
        "#!/bin/sh\n\
         echo x >> {count}\n\
         [ $(wc -l < {count}) -gt {times} ] && exec {real}\n\
         {dies}\n",
        count = count.display(),
        real = env!("CARGO_BIN_EXE_lift-controller"),
    );
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    path
}

fn owing() -> Lift {
    let mut lift = Plan::new().start();
    lift.call(&["cab 3", "up 1", "down 2"]);
    lift.kill_both();
    lift
}

#[test]
fn a_crash_loop_discards_nothing() {
    let mut lift = owing();
    let controller = controller_that_first(&lift, "kill -9 $$", 6);
    lift.add_options(&["--controller", controller.to_str().unwrap()]);
    lift.start_supervisor();
    lift.wait_until_all_is_served();
    assert!(!lift.state_dir().join("checkpoint.aside-1").exists());
    assert!(lift.supervisor_status().unwrap().restarts >= 6);
}

#[test]
fn a_controller_that_cannot_be_started_is_tried_until_it_can() {
    let mut lift = owing();
    let controller = lift.dir().join("not-installed-yet");
    lift.add_options(&["--controller", controller.to_str().unwrap()]);
    lift.start_supervisor();
    lift.wait_for_log(&["no controller", "not-installed-yet"]);
    fs::copy(env!("CARGO_BIN_EXE_lift-controller"), &controller).unwrap();
    lift.wait_until_all_is_served();
}
