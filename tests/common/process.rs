//! Processes from outside: who lives, and what to do to them. Only /proc and signals.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};

use nix::sys::signal::{self, Signal};
use nix::unistd::Pid;

/// A process of ours; killed with `SIGKILL` when it is dropped.
pub struct Process(Child);

impl Process {
    /// Starts a program.
    pub fn start(command: &mut Command) -> Self {
        Self(command.spawn().expect("the program can be started"))
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// How it ended, if it has.
    pub fn end(&mut self) -> Option<ExitStatus> {
        self.0.try_wait().expect("it is our child")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill(); // it may have ended already
        let _ = self.0.wait();
    }
}

/// Sends a signal to a process that this test has started, or that one of those has.
pub fn signal(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(pid.try_into().expect("a process id"));
    // It may have ended by itself in this very moment, which is as good.
    let _ = signal::kill(pid, signal);
}

/// The controllers that live on this state directory: each holds the directory open.
pub fn controllers_of(state_dir: &Path) -> Vec<u32> {
    let processes = fs::read_dir("/proc").expect("/proc").flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|pid| is_controller(*pid) && holds_open(*pid, state_dir)).collect()
}

/// How many descriptors this process has open.
pub fn descriptors_of(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count)
}

/// The children of this process, dead ones that nobody has buried included.
pub fn children_of(pid: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).expect("its threads").flatten();
    let children =
        threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    let children: String = children.collect();
    children.split_whitespace().filter_map(|child| child.parse().ok()).collect()
}

fn is_controller(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name == "lift-controller\n")
}

fn holds_open(pid: u32, path: &Path) -> bool {
    let Ok(descriptors) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    descriptors.flatten().any(|fd| fs::read_link(fd.path()).is_ok_and(|open| open == path))
}
