//! What enters the programs, as one function for each door: bytes of anybody's making go in, and
//! nothing may come of it but an answer. A panic, a value that does not survive being written and
//! read again, or a node that would spin are failures.
//!
//! The tests beside this file and the fuzzers in `tests/fuzz` knock at the same doors.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use lift_group::building::{Building, LiftId};
use lift_group::calls::Incarnation;
use lift_group::config::Config;
use lift_group::lift::panel::Sense;

use lift_group::node::{Bequest, Checkpoint, Input, Node, Output, Revision, Status};
use lift_group::shell::checkpoint::OURS;
use lift_group::shell::codec;
use lift_group::shell::hardware::protocol::Request;
use lift_group::shell::link::{ToController, ToSupervisor};
use lift_group::shell::seal::datagram::{Datagram, Kind};
use lift_group::shell::seal::dialect;
use lift_group::shell::seal::freshness::{Challenge, Life};
use lift_group::shell::seal::key::Keys;
use lift_group::shell::seal::tag::Tags;
use lift_group::shell::seal::{Opened, Seal};
use lift_group::shell::settings::Settings;
use lift_group::supervisor::checkpoint_file::CheckpointFile;
use lift_group::supervisor::status::SupervisorStatus;
use lift_group::supervisor::storage::{Storage, StoredFile};
use lift_group::time::Instant;

/// The group that everybody here is of.
pub const GROUP: &str = "fuzz";

/// The lift that is knocked at.
pub const ME: LiftId = LiftId(1);

/// The challenge of its life, which a peer must echo.
pub const CHALLENGE: Challenge = Challenge(7);

/// How many floors the building has.
const FLOORS: u8 = 5;

/// What it has heard nothing with yet. Made once: to derive a key takes longer than to use it.
static SEAL: LazyLock<Seal> = LazyLock::new(|| Seal::new(&Keys::open(), GROUP, ME, CHALLENGE));
static TAGS: LazyLock<Tags> = LazyLock::new(|| Tags::new(&Keys::open(), GROUP));

/// A door, and what it is called.
pub type Target = (&'static str, fn(&[u8]));

/// All doors.
pub const TARGETS: &[Target] = &[
    ("datagram", datagram),
    ("message", message),
    ("hearing", hearing),
    ("checkpoint", checkpoint),
    ("link", link),
    ("hardware", hardware),
    ("readings", readings),
    ("status", status),
];

/// From the network: as it comes, and with a true tag, as of somebody who has the key.
pub fn datagram(bytes: &[u8]) {
    let mut seal = SEAL.clone();
    let _ = seal.open(bytes);
    let Some((head, payload)) = bytes.split_first_chunk::<8>() else { return };
    let [format, newest_format, kind, lift, incarnation, sequence, echoes, challenge] = *head;
    let sealed = Datagram {
        format,
        newest_format,
        kind: if kind % 2 == 0 { Kind::Message } else { Kind::Obituary },
        lift: LiftId(lift),
        life: Life {
            incarnation: Incarnation(incarnation.into()),
            challenge: Challenge(challenge.into()),
        },
        sequence: sequence.into(),
        echoes: vec![CHALLENGE; usize::from(echoes % 4)],
        payload,
    };
    let sealed = sealed.sealed(&TAGS);
    if let Ok(Opened::Message(message)) = seal.open(&sealed) {
        assert!(seal.open(&sealed).is_err(), "a datagram is opened once: {message:?}");
    }
}

/// What a holder of the key says.
pub fn message(bytes: &[u8]) {
    let Ok(message) = (dialect::OURS.read)(bytes, dialect::OURS.newest) else { return };
    let written = (dialect::OURS.write)(&message, dialect::OURS.newest)
        .expect("what was read can be written");
    assert_eq!((dialect::OURS.read)(&written, dialect::OURS.newest).as_ref(), Ok(&message));
}

/// What a node makes of such words.
pub fn hearing(bytes: &[u8]) {
    let Ok(message) = (dialect::OURS.read)(bytes, dialect::OURS.newest) else { return };
    let mut bystander = Bystander::new(None);
    for sequence in 0..3 {
        let mut again = message.clone();
        again.sequence = again.sequence.saturating_add(sequence);
        bystander.tell(Input::Received(again.into()));
        bystander.live();
    }
}

/// What the disk holds: a whole file, and its contents as they are handed to the next life.
pub fn checkpoint(bytes: &[u8]) {
    let opening = CheckpointFile::open(Bytes(bytes.to_vec()), 4096);
    let kept = opening.expect("the file is there").file.contents().cloned();
    for contents in [kept.as_ref().map(|contents| &contents.payload[..]), Some(bytes)] {
        let Some(Ok(checkpoint)) = contents.map(|bytes| OURS.checkpoint_of(bytes)) else {
            continue;
        };
        let written = OURS.bytes_of(&checkpoint).expect("what was read can be written");
        assert_eq!(OURS.checkpoint_of(&written).as_ref(), Ok(&checkpoint));
        Bystander::new(Some(checkpoint)).live();
    }
}

/// What supervisor and controller say to each other.
pub fn link(bytes: &[u8]) {
    let _ = codec::decode::<ToSupervisor>(bytes);
    let _ = codec::decode::<Settings>(bytes);
    if let Ok(ToController::Welcome { configuration, checkpoint, .. }) = codec::decode(bytes) {
        let _ = codec::decode::<Settings>(&configuration);
        let _ = checkpoint.map(|bytes| OURS.checkpoint_of(&bytes));
    }
}

/// What the hardware replies, to one request after the other.
pub fn hardware(bytes: &[u8]) {
    let building = building();
    let sweep = Request::sweep(building);
    let mut sense = Sense::default();
    for (request, reply) in sweep.iter().cycle().zip(bytes.as_chunks().0) {
        let known = sense;
        if request.enter(*reply, building, &mut sense).is_err() {
            assert_eq!(sense, known, "{request:?}: {reply:?} is no answer, and changes something");
            return;
        }
    }
    assert!(sense.floor.is_none_or(|floor| building.floor(floor.number()) == Some(floor)));
    assert!(sense.pressed.iter().all(|button| sweep.contains(&Request::CallButton(button))));
}

/// What a node makes of such replies, reading after reading.
pub fn readings(bytes: &[u8]) {
    let building = building();
    let sweep = Request::sweep(building);
    let mut node = Bystander::new(None);
    node.tell(Input::Connected);
    // A byte for each reply: whether it is yes, and at which floor.
    for readings in bytes.chunks_exact(sweep.len()).take(6) {
        let mut sense = Sense { behind: node.commands, ..Sense::default() };
        for (request, byte) in sweep.iter().zip(readings) {
            let [instruction, ..] = request.message();
            let reply = [instruction, byte & 1, (byte >> 1) % FLOORS, 0];
            request.enter(reply, building, &mut sense).expect("it is an answer");
        }
        node.tell(Input::Sensed(sense));
        node.live();
    }
}

/// What the programs tell of themselves.
pub fn status(bytes: &[u8]) {
    if let Ok(status) = codec::decode::<Status>(bytes) {
        assert_eq!(codec::decode(&codec::encode(&status).expect("it was read")), Ok(status));
    }
    let _ = codec::decode::<SupervisorStatus>(bytes);
}

/// The building of all that happens here.
pub fn building() -> Building {
    Building::try_from(FLOORS).expect("a small building")
}

/// A node that lives through what it is told, with a disk that works.
pub struct Bystander {
    node: Node,
    now: Instant,
    /// How many commands the hardware was given.
    pub commands: u64,
    /// What it said and saved.
    pub said: Vec<Output>,
}

impl Bystander {
    /// One that begins its second life with this checkpoint.
    pub fn new(checkpoint: Option<Checkpoint>) -> Self {
        let now = Instant::START;
        let config = Config::new(ME, building());
        let bequest = Bequest { checkpoint, is_durable: true, revision: Revision(1) };
        let node = Node::new(config, bequest, Incarnation(2), now);
        Self { node, now, commands: 0, said: Vec::new() }
    }

    /// Tells it this, and does what it wants.
    pub fn tell(&mut self, input: Input) {
        self.node.handle(self.now, input);
        while let Some(output) = self.node.poll_output() {
            match &output {
                Output::Command(_) => self.commands += 1,
                Output::Save(revision, checkpoint) => {
                    OURS.bytes_of(checkpoint).expect("a checkpoint can be kept");
                    self.node.handle(self.now, Input::Saved(*revision));
                }
                Output::Broadcast(message) => {
                    SEAL.seal(message).expect("a message fits into a datagram");
                }
                Output::LiveAbove(_) | Output::Notice(_) => {}
            }
            self.said.push(output);
        }
        assert!(self.said.len() < 100_000, "it talks without end");
    }

    /// Lets it live for a few of its deadlines.
    pub fn live(&mut self) {
        for _ in 0..4 {
            let Some(due) = self.node.next_wakeup() else { return };
            self.now = self.now.max(due).max(self.now + Duration::from_millis(1));
            self.tell(Input::Wakeup);
            let next = self.node.next_wakeup();
            assert!(next.is_none_or(|next| next > self.now), "it spins at {:?}", self.now);
        }
    }

    /// What a person sees of it.
    pub fn status(&self) -> Status {
        self.node.status(self.now)
    }
}

/// Settings as a supervisor hands them over.
pub fn settings() -> Settings {
    use lift_group::shell::broadcast::{Membership, Place, Reach};
    let place = Place { port: 1, reach: Reach::Computer };
    let membership = Membership { group: GROUP.to_owned(), place, keys: Keys::open() };
    Settings {
        config: Config::new(ME, building()),
        hardware: SocketAddr::from(([127, 0, 0, 1], 1)),
        membership,
        log_level: log::LevelFilter::Info,
        runtime_dir: PathBuf::from("/run/lift"),
        heartbeat: Duration::from_millis(50),
    }
}

/// A file that holds these bytes, on a disk that takes everything.
struct Bytes(Vec<u8>);

impl Storage for Bytes {
    type File = Taken;

    fn read(&self, most: usize) -> io::Result<Option<Vec<u8>>> {
        Ok(Some(self.0[..self.0.len().min(most)].to_vec()))
    }

    fn open(&self) -> io::Result<Taken> {
        Ok(Taken)
    }

    fn create(&self) -> io::Result<Taken> {
        Ok(Taken)
    }

    fn swap_in(&self) -> io::Result<()> {
        Ok(())
    }

    fn set_aside(&self) -> io::Result<String> {
        Ok("aside".to_owned())
    }

    fn sync_name(&self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Debug)]
struct Taken;

impl StoredFile for Taken {
    fn write_at(&self, _: u64, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}
