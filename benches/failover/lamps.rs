//! How long a press waits for its promise: the lamp on the last of three panels.

use std::io::{self, ErrorKind};
use std::thread;
use std::time::Duration;

use lift_group::calls::Call;
use tempfile::TempDir;

use crate::common::DISK;
use crate::common::disk::BareFile;
use crate::common::figures::{Figure, Goal};
use crate::floor::{Hop, save_on_two};
use crate::house::{FLOORS, House};
use crate::wire::{Moment, Wire, Word};

const LIFTS: u8 = 3;

const PRESSES: u64 = 60;

/// A sweep of the hardware, in milliseconds: for so long a press may stay unnoticed.
const SWEEP: f64 = 20.0;

/// How long the disk is left alone before it is measured.
const REST: Duration = Duration::from_millis(20);

/// From the press, and from the first word of it, to the lamp on all panels.
pub fn measure() -> io::Result<Vec<Figure>> {
    let mut house = House::with_lifts(LIFTS)?;
    let mut wire = house.wire()?;
    wire.one_primary(LIFTS.into())?;
    let disks = bare_disks()?;
    let files: Vec<BareFile> =
        disks.iter().map(|disk| BareFile::create(disk.path())).collect::<io::Result<_>>()?;
    let mut hop = Hop::start()?;
    let (mut from_press, mut to_promise, mut from_word) = (vec![], vec![], vec![]);
    let mut floor: Vec<Duration> = vec![];
    for run in 1..=PRESSES {
        let Times { pressed, heard, promised, lit } = press(&mut house, &mut wire, run)?;
        from_press.push(lit.saturating_sub(pressed));
        to_promise.push(promised.saturating_sub(heard));
        from_word.push(lit.saturating_sub(heard));
        thread::sleep(REST);
        floor.push(hop.take()? + save_on_two(&files, run)?);
    }
    let figure = |what: &str, samples: Vec<Duration>, bare, goals| Figure {
        what: what.into(),
        unit: "ms",
        samples: samples.into_iter().collect(),
        bare,
        goals,
    };
    let bare = || Some(floor.iter().copied().collect());
    let press_goals = vec![Goal::AtMost(0.99, 25.0 + SWEEP)];
    let word_goals = vec![Goal::TimesBare(3.0), Goal::AtMost(0.99, 25.0)];
    Ok(vec![
        figure("pressed → lit on all three panels", from_press, None, press_goals),
        figure("press heard → promised by the primary", to_promise, bare(), vec![]),
        figure("press heard → lit on all three panels", from_word, bare(), word_goals),
    ])
}

/// A directory for the file of each lift.
fn bare_disks() -> io::Result<Vec<TempDir>> {
    (0..LIFTS).map(|_| TempDir::with_prefix_in("bare-", DISK)).collect()
}

/// What became of a press.
struct Times {
    /// The button went down.
    pressed: Moment,
    /// Somebody said so on the network.
    heard: Moment,
    /// The primary said that the lamp may be lit.
    promised: Moment,
    /// The lamp on the last panel was on.
    lit: Moment,
}

/// Presses a button where no car stands, and waits until the call is answered.
fn press(house: &mut House, wire: &mut Wire, run: u64) -> io::Result<Times> {
    let panel = usize::try_from(run % u64::from(LIFTS)).unwrap_or(0);
    let floor = free_floor(wire)?;
    house.simulators[panel].say(&format!("press up {floor} 100ms"))?;
    let is_press = |event: &str| event == format!("pressed up floor={floor}");
    let (pressed, _) = house.simulators[panel].next("the press", is_press)?;
    let word =
        wire.until("a word of the press", |word| word.at >= pressed && knows_a_call(word))?;
    let heard = word.at;
    let promised = wire.until("the promise", is_promise)?.at;
    let lamp = format!("lamp up floor={floor} ");
    let mut lit = pressed;
    for simulator in &mut house.simulators {
        lit = lit.max(simulator.next("the lamp", |event| event == format!("{lamp}on"))?.0);
    }
    for simulator in &mut house.simulators {
        simulator.next("the answer", |event| event == format!("{lamp}off"))?;
    }
    wire.until("all to be answered", |word| word.is_of_primary() && !knows_a_call(word))?;
    Ok(Times { pressed, heard, promised, lit })
}

fn is_promise(word: &Word) -> bool {
    let view = word.message.as_ref().and_then(|message| message.worldview.as_ref());
    view.is_some_and(|view| view.lit.iter().next().is_some())
}

fn knows_a_call(word: &Word) -> bool {
    let is_hall = |call: &Call| matches!(call, Call::Hall(_));
    let calls = word.message.iter().flat_map(|message| &message.calls);
    calls.flat_map(|statement| statement.calls().live()).any(|call| is_hall(&call))
}

/// A floor, not the top one, where no car is, by the primary's word of now.
fn free_floor(wire: &mut Wire) -> io::Result<u8> {
    wire.listen_for(REST)?; // what was said before is heard by then
    let word = wire.until("a worldview", Word::is_of_primary)?;
    let view = word.message.and_then(|message| message.worldview);
    let reports = view.ok_or(ErrorKind::InvalidData)?.reports;
    let cars: Vec<Option<u8>> = reports.values().map(|report| report.floor.map(u8::from)).collect();
    let free = (1..FLOORS - 1).find(|floor| !cars.contains(&Some(*floor)));
    free.ok_or_else(|| io::Error::other("there are cars at all floors"))
}
