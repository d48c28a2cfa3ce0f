//! True words for every door: what the programs really say. Whoever looks for words that harm
//! begins with these.

use std::time::Duration;

use lift_group::building::{Direction, LiftId};
use lift_group::calls::Incarnation;
use lift_group::config::Config;
use lift_group::lift::panel::{Button, Sense};
use lift_group::node::{Bequest, Input, Node, Output};
use lift_group::shell::hardware::protocol::Request;
use lift_group::shell::link::{ToController, ToSupervisor};
use lift_group::shell::seal::dialect::OURS;
use lift_group::shell::seal::key::Keys;
use lift_group::shell::seal::{Seal, obituary};
use lift_group::shell::{checkpoint, codec};
use lift_group::supervisor::slot::{self, Contents};
use lift_group::time::Instant;

use super::targets::{Bystander, CHALLENGE, GROUP, ME, building, settings};

/// What is really said at the door of this name.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    match target {
        "datagram" => datagrams(),
        "message" | "hearing" => messages(),
        "checkpoint" => files(),
        "link" => link(),
        "hardware" => replies(),
        "readings" => readings(),
        "status" => statuses(),
        _ => Vec::new(),
    }
}

fn datagrams() -> Vec<Vec<u8>> {
    let keys = Keys::open();
    let seal = Seal::new(&keys, GROUP, LiftId(2), CHALLENGE);
    let said = peer().into_iter().filter_map(|output| match output {
        Output::Broadcast(message) => seal.seal(&message).ok(),
        _ => None,
    });
    let with_a_true_tag = messages()
        .into_iter()
        .map(|payload| [&[OURS.newest, OURS.newest, 0, 2, 5, 1, 1, 9], &payload[..]].concat());
    said.chain(with_a_true_tag).chain([obituary(&keys, GROUP, ME, 3)]).collect()
}

fn messages() -> Vec<Vec<u8>> {
    let said = peer().into_iter().filter_map(|output| match output {
        Output::Broadcast(message) => (OURS.write)(&message, OURS.newest).ok(),
        _ => None,
    });
    said.collect()
}

fn checkpoints() -> Vec<Vec<u8>> {
    let saved = peer().into_iter().filter_map(|output| match output {
        Output::Save(_, checkpoint) => checkpoint::OURS.bytes_of(&checkpoint).ok(),
        _ => None,
    });
    saved.collect()
}

fn files() -> Vec<Vec<u8>> {
    let file = |payload: &Vec<u8>| {
        let mut bytes = slot::encode(0, &Contents { revision: 3, payload: payload.clone() });
        bytes.resize(bytes.len().next_power_of_two(), 0);
        let second = bytes.len();
        bytes.extend(slot::encode(1, &Contents { revision: 4, payload: payload.clone() }));
        bytes.resize(2 * second, 0);
        bytes
    };
    let checkpoints = checkpoints();
    checkpoints.iter().map(file).chain(checkpoints.clone()).collect()
}

fn link() -> Vec<Vec<u8>> {
    let configuration = codec::encode(&settings()).expect("settings can be encoded");
    let checkpoint = checkpoints().pop();
    let welcome = ToController::Welcome {
        incarnation: 5,
        configuration: configuration.clone(),
        checkpoint: checkpoint.clone(),
        is_durable: true,
        revision: 4,
        disk_works: true,
        unsteady: false,
    };
    let bytes = checkpoint.unwrap_or_default();
    let spoken = [ToSupervisor::Hello, ToSupervisor::Checkpoint { revision: 9, bytes }];
    let spoken = spoken.iter().map(codec::encode);
    let heard = [welcome, ToController::Saved(3), ToController::Stop];
    let heard: Vec<_> = heard.iter().map(codec::encode).collect();
    spoken.chain(heard).flatten().chain([configuration]).collect()
}

/// Two whole readings: nothing is held and the car is at a floor, and everything is held.
fn replies() -> Vec<Vec<u8>> {
    let reading = |on, floor| {
        Request::sweep(building()).into_iter().flat_map(move |request| {
            let [instruction, ..] = request.message();
            let is_sensor = request == Request::FloorSensor;
            [instruction, u8::from(on || is_sensor), if is_sensor { floor } else { 0 }, 0]
        })
    };
    vec![reading(false, 0).chain(reading(true, 4)).collect()]
}

/// A car at the bottom; somebody presses everything, then it is seen between floors and above.
fn readings() -> Vec<Vec<u8>> {
    let replies = 3 * usize::from(building().floors()) - 2 + 3;
    let quiet = |floor: u8| {
        let mut reading = vec![0; replies];
        reading[replies - 1] = floor;
        reading
    };
    let mut pressed = quiet(1);
    pressed[..replies - 3].fill(1);
    vec![[quiet(1), pressed, quiet(1), quiet(1), quiet(0), quiet(3), quiet(3), quiet(5)].concat()]
}

fn statuses() -> Vec<Vec<u8>> {
    let mut node = Bystander::new(
        checkpoints().pop().and_then(|bytes| checkpoint::OURS.checkpoint_of(&bytes).ok()),
    );
    node.live();
    codec::encode(&node.status()).into_iter().collect()
}

/// What another lift says and saves while somebody presses its buttons.
fn peer() -> Vec<Output> {
    let now = |ms| Instant::START + Duration::from_millis(ms);
    let config = Config::new(LiftId(2), building());
    let mut node = Node::new(config, Bequest::default(), Incarnation(5), Instant::START);
    let mut said = Vec::new();
    let first = building().floor(0);
    for (ms, input) in [
        (0, Input::Disk { works: true }),
        (1, Input::Connected),
        (2, Input::Sensed(Sense { floor: first, ..Sense::default() })),
        (900, Input::Wakeup),
        (910, Input::Sensed(pressed())),
        (2000, Input::Wakeup),
    ] {
        node.handle(now(ms), input);
        while let Some(output) = node.poll_output() {
            if let Output::Save(revision, _) = &output {
                node.handle(now(ms), Input::Saved(*revision));
            }
            said.push(output);
        }
    }
    said
}

fn pressed() -> Sense {
    let mut sense = Sense { behind: 1000, floor: building().floor(0), ..Sense::default() };
    for floor in building().every_floor().skip(1) {
        sense.pressed.insert(Button::Cab(floor));
        sense.pressed.insert(Button::Hall(floor, Direction::Down));
    }
    sense
}
