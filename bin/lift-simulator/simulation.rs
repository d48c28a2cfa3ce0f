//! The loop: waits for whatever comes next, carries it to the model or the server, and tells
//! every console what happened.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::SignalFd;

use crate::clock;
use crate::console::Console;
use crate::control::Control;
use crate::event::{self, Event};
use crate::model::{Model, Moment, Shaft};
use crate::operator::{self, Act};
use crate::options::Options;
use crate::server::Server;

/// How many consoles there may be at once.
const MOST_CONSOLES: usize = 64;

/// How many instructions are executed before anything else gets its turn: more than one sweep of
/// a tall building's buttons.
const MOST_AT_ONCE: usize = 256;

/// How long the loop sleeps at most. Nothing needs it to wake; it keeps the time-out in the range
/// of the system call whatever the options say.
const LONGEST_SLEEP: Duration = Duration::from_secs(3600);

/// Why the simulator could not run.
#[derive(Debug)]
pub enum Failure {
    /// The address cannot be listened on.
    Listen(SocketAddr, io::Error),
    /// The control socket cannot be made.
    Control(PathBuf, io::Error),
    /// The system refuses something that never fails on a sound machine.
    System(io::Error),
}

/// A simulator that runs.
#[derive(Debug)]
pub struct Simulation {
    shaft: Shaft,
    model: Model,
    server: Server,
    control: Option<Control>,
    consoles: Vec<Console>,
    signals: SignalFd,
    over: bool,
}

/// What the loop waits for.
#[derive(Clone, Copy, Debug)]
enum Source {
    Signal,
    NewClient,
    Client,
    NewConsole,
    Input(usize),
    Output(usize),
}

impl Simulation {
    /// Opens everything that these options name.
    ///
    /// # Errors
    /// When the port or the control socket cannot be had.
    pub fn open(options: &Options) -> Result<Self, Failure> {
        let settings = options.settings();
        let signals = catch_signals()?;
        let address = options.socket_address();
        let server = Server::open(address, settings.shaft.floors, options.no_delay)
            .map_err(|error| Failure::Listen(address, error))?;
        let open_control = |path: &PathBuf| {
            Control::open(path).map_err(|error| Failure::Control(path.clone(), error))
        };
        let control = options.control.as_ref().map(open_control).transpose()?;
        let standard = Console::standard(options.end_with_stdin.then_some("quit"))?;
        let mut model = Model::new(settings);
        model.tell(clock::now()?, Event::Listening { port: server.port() });
        let shaft = settings.shaft;
        let consoles = vec![standard];
        Ok(Self { shaft, model, server, control, consoles, signals, over: false })
    }

    /// Runs until somebody ends it.
    ///
    /// # Errors
    /// When the system refuses to wait or to tell the time.
    pub fn run(mut self) -> Result<(), Failure> {
        while !self.over {
            self.publish();
            let ready = self.wait()?;
            self.model.advance(clock::now()?);
            for (source, flags) in ready {
                self.attend(source, flags)?;
            }
            self.consoles.retain(|console| !console.is_gone());
        }
        self.publish();
        self.consoles.iter_mut().for_each(Console::finish);
        Ok(())
    }

    /// Sleeps until something is ready or due.
    fn wait(&self) -> Result<Vec<(Source, PollFlags)>, Failure> {
        let (sources, mut fds): (Vec<Source>, Vec<PollFd>) = self.sources().into_iter().unzip();
        let now = clock::now()?;
        let due = self.model.next_deadline().map(|due| due.saturating_sub(now).min(LONGEST_SLEEP));
        match ppoll(&mut fds, due.map(Into::into), None) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(Failure::System(error.into())),
        }
        let flags = fds.iter().map(|fd| fd.revents().unwrap_or(PollFlags::POLLERR));
        Ok(sources.into_iter().zip(flags).filter(|(_, flags)| !flags.is_empty()).collect())
    }

    fn sources(&self) -> Vec<(Source, PollFd<'_>)> {
        let read = PollFlags::POLLIN;
        let mut all = vec![(Source::Signal, PollFd::new(self.signals.as_fd(), read))];
        all.extend(self.server.listener().map(|fd| (Source::NewClient, PollFd::new(fd, read))));
        all.extend(self.server.client().map(|(fd, what)| (Source::Client, PollFd::new(fd, what))));
        if let Some(control) = self.control.as_ref().filter(|_| self.consoles.len() < MOST_CONSOLES)
        {
            all.push((Source::NewConsole, PollFd::new(control.as_fd(), read)));
        }
        for (at, console) in self.consoles.iter().enumerate() {
            all.extend(console.input().map(|fd| (Source::Input(at), PollFd::new(fd, read))));
            all.extend(
                console.output().map(|(fd, what)| (Source::Output(at), PollFd::new(fd, what))),
            );
        }
        all
    }

    fn attend(&mut self, source: Source, flags: PollFlags) -> io::Result<()> {
        match source {
            Source::Signal => self.over = true,
            Source::NewClient => self.server.accept(clock::now()?, &mut self.model),
            Source::Client => self.serve()?,
            Source::NewConsole => {
                if let Some(stream) = self.control.as_ref().and_then(Control::accept) {
                    self.consoles.push(Console::socket(stream)?);
                }
            }
            Source::Input(at) => {
                let lines = self.consoles[at].read();
                let now = clock::now()?;
                for line in lines {
                    self.obey(now, &line);
                }
            }
            Source::Output(at) => self.consoles[at].flush(flags),
        }
        Ok(())
    }

    /// Every instruction has a moment of its own, which is later than its arrival: who compares what
    /// several simulators tell must not find an effect before its cause.
    fn serve(&mut self) -> io::Result<()> {
        for _ in 0..MOST_AT_ONCE {
            let Some(heard) = self.server.hear() else { break };
            self.server.serve(clock::now()?, heard, &mut self.model);
        }
        Ok(())
    }

    fn obey(&mut self, now: Moment, line: &str) {
        let (server, model) = (&mut self.server, &mut self.model);
        match operator::parse(line, &self.shaft) {
            Ok(Act::Touch(touch)) => model.touch(now, touch),
            Ok(Act::Silent(on)) => server.silence(now, on, model),
            Ok(Act::SilentOnDoor) => server.silence_on_door(now, model),
            Ok(Act::Drop) => server.end_client(now, model),
            Ok(Act::Refuse(on)) => server.refuse(now, on, model),
            Ok(Act::Restart) => server.restart(now, model),
            Ok(Act::State) => {
                let state = format!("{} {}", model.describe(), server.describe());
                model.tell(now, Event::State(state));
            }
            Ok(Act::Quit) => self.over = true,
            Err(error) => model.tell(now, Event::Error(error)),
        }
    }

    fn publish(&mut self) {
        for (at, event) in self.model.take_events() {
            let line = event::line(at, &event);
            self.consoles.iter_mut().for_each(|console| console.tell(&line));
        }
    }
}

/// Lets SIGTERM and SIGINT end the loop instead of the process, so that the last events are told
/// and the control socket's file goes.
fn catch_signals() -> Result<SignalFd, Failure> {
    let mut signals = SigSet::empty();
    signals.add(Signal::SIGTERM);
    signals.add(Signal::SIGINT);
    signals
        .thread_block()
        .and_then(|()| SignalFd::new(&signals))
        .map_err(|e| Failure::System(e.into()))
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen(address, error) => write!(
                f,
                "cannot listen on {address}: {error}; end what listens there, or choose another \
                 --port (0 takes a free one)"
            ),
            Self::Control(path, error) => write!(
                f,
                "cannot make the control socket {}: {error}; choose another --control",
                path.display()
            ),
            Self::System(error) => write!(f, "the system refuses to go on: {error}"),
        }
    }
}
