//! A controller that behaves as a file tells it to, and writes down what it lives through.
//!
//! It knows the link and nothing of lifts. It is part of the test program, which is executed again
//! by `controller.sh` for every life.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};
use std::{env, process, thread};

use lift_group::shell::link::{Link, Received, ToController, ToSupervisor};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;

/// What tells the controller where its files are.
pub const DIRECTORY: &str = "CONTROLLER_DIRECTORY";

/// How a controller behaves; the words of the file that tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Behaviour {
    /// As it should.
    Work,
    /// As it should, and makes this text durable under this revision.
    Save(u64, &'static str),
    /// As it should, and asks for a life above this one.
    Rise(u64),
    /// Sends a checkpoint with its last breath and ends at once.
    SaveAndDie(u64, &'static str),
    /// Ends as soon as it is born.
    Die,
    /// Ends when it is given this checkpoint, and works with any other.
    Choke(&'static str),
    /// Ends whatever checkpoint it is given.
    ChokeOnAll,
    /// Never gives a heartbeat.
    Hang,
    /// Says something that nobody understands.
    Babble,
    /// Works, but never ends when asked to.
    Stay,
    /// Works, but does not even end with its supervisor.
    Outlive,
}

impl Behaviour {
    /// The words of the file.
    pub fn words(&self) -> String {
        match self {
            Self::Work => "work".to_owned(),
            Self::Save(revision, text) => format!("save {revision} {text}"),
            Self::Rise(above) => format!("rise {above}"),
            Self::SaveAndDie(revision, text) => format!("save-and-die {revision} {text}"),
            Self::Die => "die".to_owned(),
            Self::Choke(text) => format!("choke {text}"),
            Self::ChokeOnAll => "choke-on-all".to_owned(),
            Self::Hang => "hang".to_owned(),
            Self::Babble => "babble".to_owned(),
            Self::Stay => "stay".to_owned(),
            Self::Outlive => "outlive".to_owned(),
        }
    }
}

#[test]
#[ignore = "no test: the supervisors under test execute it as their controller"]
fn a_controller_for_the_other_tests() {
    let Some(directory) = env::var_os(DIRECTORY).map(PathBuf::from) else { return };
    let words = fs::read_to_string(directory.join("behaviour")).unwrap();
    let words: Vec<&str> = words.split_whitespace().collect();
    if words != ["outlive"] {
        set_pdeathsig(Signal::SIGKILL).unwrap();
    }
    let link = Link::from(io::stdin().as_fd().try_clone_to_owned().unwrap() as OwnedFd);
    let diary = Diary(directory.join("diary"));
    process::exit(Life { link, diary }.live(&words));
}

/// For longer than any test lasts, but not for ever: some controllers outlive everything else.
fn stand_still() -> i32 {
    thread::sleep(Duration::from_secs(60));
    7
}

/// What the controllers of one test have lived through, a line each.
struct Diary(PathBuf);

impl Diary {
    fn write(&self, line: &str) {
        let mut file = OpenOptions::new().create(true).append(true).open(&self.0).unwrap();
        file.write_all(format!("{line}\n").as_bytes()).unwrap();
    }
}

struct Life {
    link: Link,
    diary: Diary,
}

impl Life {
    fn live(&self, words: &[&str]) -> i32 {
        let millis = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
        self.diary.write(&format!("born {millis}"));
        match words {
            ["die"] => return 3,
            ["babble"] => return self.babble(),
            _ => {}
        }
        let checkpoint = self.greet();
        match words {
            ["choke", text] if checkpoint == *text => return 4,
            ["choke-on-all"] => return 4,
            _ => self.say(&ToSupervisor::Restored),
        }
        match words {
            ["hang"] => stand_still(),
            ["outlive"] => {
                self.say(&ToSupervisor::Heartbeat);
                stand_still()
            }
            ["save-and-die", revision, text] => {
                self.save(revision, text);
                5
            }
            ["save", revision, text] => {
                self.save(revision, text);
                self.work(true)
            }
            ["rise", above] => {
                self.say(&ToSupervisor::LiveAbove(above.parse().unwrap()));
                self.work(true)
            }
            _ => self.work(words != ["stay"]),
        }
    }

    fn say(&self, message: &ToSupervisor) {
        assert!(self.link.send(message).unwrap(), "the link is full");
    }

    fn save(&self, revision: &str, text: &str) {
        let bytes = text.as_bytes().to_vec();
        self.say(&ToSupervisor::Checkpoint { revision: revision.parse().unwrap(), bytes });
    }

    fn babble(&self) -> i32 {
        self.link.send(&[0xffu8; 20]).unwrap();
        self.work(true)
    }

    /// Says hello and returns the checkpoint, "none" if there is none.
    fn greet(&self) -> String {
        self.say(&ToSupervisor::Hello);
        loop {
            self.wait(Duration::from_secs(10));
            if let Received::Message(ToController::Welcome {
                incarnation,
                configuration,
                checkpoint,
                revision,
                ..
            }) = self.link.receive().unwrap()
            {
                let pid = process::id();
                let checkpoint = checkpoint.map(|bytes| String::from_utf8(bytes).unwrap());
                let checkpoint = checkpoint.unwrap_or("none".to_owned());
                assert!(!configuration.is_empty());
                self.diary.write(&format!("life {incarnation} {pid} {revision} {checkpoint}"));
                return checkpoint;
            }
        }
    }

    /// Gives heartbeats until it is asked to end.
    fn work(&self, obeys: bool) -> i32 {
        let mut next = Instant::now();
        loop {
            if next <= Instant::now() {
                next = Instant::now() + Duration::from_millis(25);
                let _ = self.link.send(&ToSupervisor::Heartbeat).unwrap();
            }
            self.wait(next.saturating_duration_since(Instant::now()));
            match self.link.receive::<ToController>().unwrap() {
                Received::Message(ToController::Saved(revision)) => {
                    self.diary.write(&format!("saved {revision}"));
                }
                Received::Message(ToController::Stop) => {
                    self.diary.write("stop");
                    if obeys {
                        return 0;
                    }
                }
                Received::End => return 6,
                _ => {}
            }
        }
    }

    fn wait(&self, span: Duration) {
        let mut waited = [PollFd::new(self.link.as_fd(), PollFlags::POLLIN)];
        let span = PollTimeout::try_from(span.as_micros().div_ceil(1000)).unwrap();
        poll(&mut waited, span).unwrap();
    }
}
