//! A computer of its own, as far as its programs can see: its own network, its own disk.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use crate::common::process::Process;
use crate::common::skip::or_skip;
use crate::common::wait::wait_for;

/// A network namespace and a mount namespace; they go when this value goes, or the test does.
pub struct Namespace {
    /// Keeps them there, until its input ends.
    holder: Child,
}

impl Namespace {
    /// A computer on which this shell script was run first.
    ///
    /// # Errors
    /// Why there can be none on this machine.
    pub fn new(script: &str) -> Result<Self, String> {
        let script = format!("trap '' INT; ip link set lo up && {script} && echo made && cat");
        let mut holder = Command::new("unshare")
            .args(["--net", "--mount", "sh", "-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("no unshare: {error}"))?;
        let mut line = String::new();
        let output = holder.stdout.take().ok_or("its output is no pipe")?;
        let namespace = Self { holder };
        match BufReader::new(output).read_line(&mut line) {
            Ok(_) if line == "made\n" => Ok(namespace),
            _ => Err(format!("only root can make network namespaces, with `{script}`")),
        }
    }

    /// The process by which others find it.
    pub fn pid(&self) -> u32 {
        self.holder.id()
    }

    /// The command that starts a program on this computer. When the thread ends that started it,
    /// and be it that the test is killed, so does the program.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "nsenter", "--net", "--mount"]);
        command.args(["--target", &self.pid().to_string(), program]);
        command
    }

    /// Runs `ip` on this computer.
    pub fn ip(&self, words: &str) {
        let status = self.command("ip").args(words.split(' ')).status();
        assert!(status.is_ok_and(|status| status.success()), "ip {words}");
    }

    /// Gives the packet filter of this computer these rules, all at once.
    pub fn filter(&self, rules: &str) {
        let mut command = self.command("nft");
        let mut child = command.args(["-f", "-"]).stdin(Stdio::piped()).spawn().expect("nft");
        let mut input = child.stdin.take().expect("its input is a pipe");
        input.write_all(rules.as_bytes()).expect("nft reads");
        drop(input);
        assert!(child.wait().is_ok_and(|status| status.success()), "nft takes {rules}");
    }

    /// What this path on this computer is to everybody else.
    pub fn outside(&self, path: &Path) -> PathBuf {
        let path = path.strip_prefix("/").expect("an absolute path");
        Path::new(&format!("/proc/{}/root", self.pid())).join(path)
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        let _ = self.holder.wait(); // nothing is left to do about it
    }
}

#[test]
fn nothing_outlives_the_test_that_started_it() {
    let Some(place) = or_skip(Namespace::new("true")) else { return };
    let test = || {
        let program = Process::start(place.command("sleep").arg("1000"));
        let name = || fs::read_to_string(format!("/proc/{}/comm", program.id())).ok();
        wait_for("the program", || name().filter(|name| name == "sleep\n"));
        program
    };
    let mut program = thread::scope(|tests| tests.spawn(test).join().expect("a test that ends"));
    let end = wait_for("its end", || program.end());
    assert_eq!(end.signal(), Some(9), "{end}");
}
