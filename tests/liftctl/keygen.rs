//! Drawing a key.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::{program, run, text};

#[test]
fn a_key_is_drawn_into_a_new_file_that_its_owner_alone_can_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lift.key");
    let keygen = || {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_liftctl"));
        command.arg("keygen").arg(&path).output().unwrap()
    };
    assert!(keygen().status.success());
    let drawn = fs::read_to_string(&path).unwrap();
    assert_eq!(drawn.trim_end().len(), 64);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let again = keygen();
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("there already"));
    assert_eq!(fs::read_to_string(&path).unwrap(), drawn, "it is not overwritten");
}

#[test]
fn a_key_that_could_not_be_written_leaves_no_file_in_the_way_of_the_next_try() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lift.key");
    // No file may have a byte, as on a disk without room; the signal that tells so is ignored.
    let script = "trap '' XFSZ; ulimit -f 0; exec \"$0\" keygen \"$1\"";
    let mut command = program("sh");
    let output = run(command.args(["-c", script, env!("CARGO_BIN_EXE_liftctl")]).arg(&path));
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("no key in "), "{}", text(&output.stderr));
    assert!(!path.exists());
}
