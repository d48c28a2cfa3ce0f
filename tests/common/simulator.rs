//! A running `lift-simulator`: a test's hands and eyes at the hardware.
//!
//! The events of the simulator are kept in order, and a search goes on where the last one ended,
//! so a test reads like the story that it tells: wait for this, then for that.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take before a test gives up: far longer than it ever does.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// One event: a line of the simulator's output.
#[derive(Clone, PartialEq, Debug)]
pub struct Event {
    /// When it happened, in seconds on `CLOCK_MONOTONIC`.
    pub at: f64,
    /// What happened, for example `lamp cab floor=3 on`.
    pub text: String,
}

impl Event {
    /// The words of the event.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.text.split(' ')
    }

    /// The value of the word `key=value`.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.words().find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    }

    fn parse(line: &str) -> Self {
        let (at, text) = line.split_once(' ').expect("a time and an event");
        Self { at: at.parse().expect("seconds"), text: text.to_owned() }
    }
}

/// A simulator that ends with this value.
#[derive(Debug)]
pub struct Simulator {
    child: Child,
    input: ChildStdin,
    story: Arc<Story>,
    address: SocketAddr,
}

/// What the simulator has told.
#[derive(Debug, Default)]
struct Story {
    told: Mutex<Told>,
    more: Condvar,
}

#[derive(Debug, Default)]
struct Told {
    events: Vec<Event>,
    /// How many of them a search has passed.
    searched: usize,
    /// No more will come.
    ended: bool,
}

impl Simulator {
    /// Starts a simulator of so many floors at a free port and waits until clients may connect.
    /// What `options` say is said last, and so holds. Should the test be killed, its simulator
    /// ends all the same.
    pub fn start(floors: u8, options: &[&str]) -> Self {
        let mut command = Self::command(&["--port", "0", "--end-with-stdin"]);
        command.args(["--floors", &floors.to_string()]).args(options);
        Self::launch(command)
    }

    /// Starts a simulator by this command and waits until clients may connect.
    pub fn launch(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the simulator can be started");
        let output = child.stdout.take().expect("its output is a pipe");
        let input = child.stdin.take().expect("its input is a pipe");
        let story = Story::of(output);
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut simulator = Self { child, input, story, address: nowhere };
        let listening = simulator.wait_for(|event| event.text.starts_with("listening"), PATIENCE);
        let port = listening.value("port").expect("the port").parse().expect("a number");
        simulator.address.set_port(port);
        simulator
    }

    /// The command that would start a simulator with these options alone, whatever the
    /// environment says.
    pub fn command(options: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lift-simulator"));
        command.args(options);
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("LIFT_SIMULATOR_") {
                command.env_remove(name);
            }
        }
        command
    }

    /// Where a controller finds the hardware.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The simulator's process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Does what a line says, for example `press cab 3`; `lift-simulator --help` lists the lines.
    /// Lines are obeyed in order, but TCP is faster at times: wait for the line's event before
    /// anything that must come after it.
    pub fn send(&self, line: &str) {
        writeln!(&self.input, "{line}").expect("the simulator reads");
    }

    /// The next event, after the last one found, that is so; panics when `timeout` passes
    /// without it.
    pub fn wait_for(&self, is_it: impl Fn(&Event) -> bool, timeout: Duration) -> Event {
        let deadline = Instant::now() + timeout;
        let mut told = self.story.lock();
        let from = told.searched;
        loop {
            let start = told.searched;
            if let Some(found) = told.events[start..].iter().position(&is_it) {
                told.searched = start + found + 1;
                return told.events[start + found].clone();
            }
            told.searched = told.events.len();
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "nothing in {timeout:?}, only {:#?}", &told.events[from..]);
            assert!(!told.ended, "it ended, having told {:#?}", &told.events[from..]);
            let woken = self.story.more.wait_timeout(told, left);
            (told, _) = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The next event with exactly this text, for example `door open`.
    pub fn wait_for_text(&self, text: &str) -> Event {
        eprintln!("waiting for {text:?}"); // shown when the test fails
        self.wait_for(|event| event.text == text, PATIENCE)
    }

    /// Everything at once, as the event `state key=value…`. All that happened before is told by
    /// then, and a later search begins here.
    pub fn state(&self) -> Event {
        self.send("state");
        self.wait_for(|event| event.text.starts_with("state "), PATIENCE)
    }

    /// All events so far.
    pub fn events(&self) -> Vec<Event> {
        self.story.lock().events.clone()
    }

    /// All events after the first `count`.
    pub fn events_after(&self, count: usize) -> Vec<Event> {
        self.story.lock().events[count..].to_vec()
    }

    /// How often the lift did what no lift may do, so far.
    pub fn violations(&self) -> Vec<Event> {
        self.events().into_iter().filter(|event| event.text.starts_with("violation")).collect()
    }

    /// Waits for the simulator to end by itself; all that it told is known then.
    pub fn wait_for_end(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("it is our child") {
                self.story.wait_for_end();
                return status;
            }
            assert!(Instant::now() < deadline, "the simulator does not end");
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Ends the simulator as a power cut does.
    pub fn kill(&mut self) {
        let _ = self.child.kill(); // it may have ended already
        let _ = self.child.wait();
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Story {
    /// The story that this output tells, as it goes on.
    fn of(output: ChildStdout) -> Arc<Self> {
        let story = Arc::new(Self::default());
        let teller = Arc::clone(&story);
        thread::spawn(move || {
            let mut output = BufReader::new(output);
            let mut line = String::new();
            while output.read_line(&mut line).is_ok() && line.ends_with('\n') {
                teller.lock().events.push(Event::parse(line.trim_end()));
                teller.more.notify_all();
                line.clear();
            }
            teller.lock().ended = true; // a line that was cut short by the end is no event
            teller.more.notify_all();
        });
        story
    }

    fn wait_for_end(&self) {
        let told = self.lock();
        let _ended = self.more.wait_timeout_while(told, PATIENCE, |told| !told.ended);
    }

    fn lock(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
