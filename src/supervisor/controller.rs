//! One life of a controller: its process, and the talk with it.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use crate::shell::link::Link;
use crate::shell::settings::NOT_UNDERSTOOD;
use crate::time::Instant;

use super::conversation::Conversation;
use super::policy::Fault;

/// A controller that has been born and not yet been buried.
#[derive(Debug)]
pub struct Controller {
    process: Child,
    /// The talk with it.
    pub conversation: Conversation,
    /// The number of its life.
    pub incarnation: u64,
    /// When it was born.
    pub born: Instant,
    /// Whether it has taken its checkpoint in and gives heartbeats.
    pub works: bool,
    was_asked_to_stop: bool,
    killed_for: Option<Fault>,
}

/// How a life ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct End {
    /// What it came from, for people.
    pub reason: String,
    /// Whether the controller did as it was asked.
    pub in_order: bool,
    /// Whether it says that it did not understand its settings.
    pub refused_settings: bool,
}

impl Controller {
    /// Starts the program with its end of the link as standard input. It shares the standard
    /// output and error, the environment, and the state directory's lock. It gets a process group
    /// of its own, so that Ctrl-C in a terminal reaches the supervisor alone, which then stops it
    /// in order.
    ///
    /// Must be called by the main thread: a controller asks the kernel to end it with its parent,
    /// and by that the kernel means the parent's thread.
    ///
    /// # Errors
    /// When the program cannot be executed.
    pub fn start(program: &Path, incarnation: u64, born: Instant) -> io::Result<Self> {
        let (ours, theirs) = Link::pair()?;
        let process = Command::new(program)
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .process_group(0)
            .spawn()?;
        let conversation = Conversation::over(ours);
        Ok(Self {
            process,
            conversation,
            incarnation,
            born,
            works: false,
            was_asked_to_stop: false,
            killed_for: None,
        })
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Asks it to come to rest and end.
    pub fn ask_to_stop(&mut self) {
        self.was_asked_to_stop = true;
        self.conversation.stop();
    }

    /// Kills it. It is not dead before [`Controller::bury`] says so.
    ///
    /// # Errors
    /// When the kernel refuses, which it has no reason to.
    pub fn kill(&mut self, fault: Fault) -> io::Result<()> {
        self.killed_for = Some(fault);
        self.process.kill()
    }

    /// How it ended, if it has; it then leaves nothing behind but what it said.
    pub fn bury(&mut self) -> Option<End> {
        match self.process.try_wait() {
            Ok(None) => None,
            Ok(Some(status)) => Some(self.judge(status)),
            Err(error) => {
                let reason = format!("lost: {error}");
                Some(End { reason, in_order: false, refused_settings: false })
            }
        }
    }

    /// It may have ended by itself just before it was killed.
    fn judge(&self, status: ExitStatus) -> End {
        const SIGKILL: i32 = 9;
        let in_order = self.was_asked_to_stop && status.success();
        let reason = match (status.code(), status.signal(), self.killed_for) {
            (_, Some(SIGKILL), Some(fault)) => format!("killed, as it {fault}"),
            (_, Some(signal), _) => format!("signal {signal}"),
            (Some(code), _, _) if !in_order => format!("exit status {code}"),
            _ => "stopped as asked".to_owned(),
        };
        let refused_settings = status.code() == Some(NOT_UNDERSTOOD.into());
        End { reason, in_order, refused_settings }
    }
}
