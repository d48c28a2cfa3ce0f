//! How long a group is without a primary.

use std::io;
use std::time::Duration;

use lift_group::building::LiftId;
use nix::sys::signal::{Signal, kill};

use crate::common::figures::{Figure, Goal, MEDIAN, Samples};
use crate::floor::Bare;
use crate::house::House;
use crate::wire::{Moment, Wire, now};

const LIFTS: u8 = 3;

const KILLS: usize = 120;

const HANGS: usize = 20;

const VANISHINGS: usize = 20;

/// How long a group is left alone before the next fault.
const REST: Duration = Duration::from_millis(100);

/// Until another node's first word as primary, after each kind of fault.
pub fn measure() -> io::Result<Vec<Figure>> {
    let mut house = House::with_lifts(LIFTS)?;
    let mut group = Group { wire: house.wire()?, house: &mut house };
    let mut bare = Bare::start()?;
    let (mut floor, mut kills, mut hangs, mut vanishings) = (vec![], vec![], vec![], vec![]);
    for _ in 0..KILLS {
        floor.push(bare.kill()?);
        kills.push(group.lose_controller(Signal::SIGKILL)?);
    }
    for _ in 0..HANGS {
        hangs.push(group.lose_controller(Signal::SIGSTOP)?);
    }
    for _ in 0..VANISHINGS {
        vanishings.push(group.lose_node()?);
    }
    let bare: Samples = floor.into_iter().collect();
    let figure = |what: &str, samples: Vec<Duration>, bare, goals| Figure {
        what: what.into(),
        unit: "ms",
        samples: samples.into_iter().collect(),
        bare,
        goals,
    };
    let goals = vec![Goal::AtMost(MEDIAN, 2.0), Goal::AtMost(0.99, 15.0)];
    let silent = || vec![Goal::AtMost(MEDIAN, 100.0)];
    Ok(vec![
        figure("primary killed → another is primary", kills, Some(bare), goals),
        figure("primary stopped → another is primary", hangs, None, silent()),
        figure("primary vanished → another is primary", vanishings, None, silent()),
    ])
}

/// A group, and what is heard of it.
struct Group<'a> {
    house: &'a mut House,
    wire: Wire,
}

impl Group<'_> {
    /// Sends this signal to the primary's controller.
    fn lose_controller(&mut self, signal: Signal) -> io::Result<Duration> {
        let primary = self.at_rest()?;
        let life = self.wire.life_of(primary);
        let controller = self.house.node(primary).controller()?;
        self.wire.listen_for(REST)?;
        let begun = now()?;
        kill(controller, signal)?;
        let lost = self.until_another(primary, begun)?;
        // So that the next loss is met without delay: replaced in order, it has never crashed.
        self.until_life_after(primary, life)?;
        let life = self.wire.life_of(primary);
        self.house.node(primary).controller()?;
        self.house.node(primary).replace_controller()?;
        self.until_life_after(primary, life)?;
        Ok(lost)
    }

    /// Kills both processes of the primary's node, and starts them again.
    fn lose_node(&mut self) -> io::Result<Duration> {
        let primary = self.at_rest()?;
        let life = self.wire.life_of(primary);
        self.wire.listen_for(REST)?;
        let begun = now()?;
        self.house.node(primary).child.kill()?; // and with it its controller
        let lost = self.until_another(primary, begun)?;
        self.house.replace(primary)?;
        self.until_life_after(primary, life)?;
        Ok(lost)
    }

    /// Waits until there is one primary; returns it.
    fn at_rest(&mut self) -> io::Result<LiftId> {
        self.wire.one_primary(LIFTS.into())?;
        self.wire.listen_for(REST)?;
        self.wire.one_primary(LIFTS.into())
    }

    fn until_another(&mut self, primary: LiftId, begun: Moment) -> io::Result<Duration> {
        let word = self.wire.until("another primary", |word| {
            word.lift != primary && word.at >= begun && word.is_of_primary()
        })?;
        Ok(word.at.saturating_sub(begun))
    }

    fn until_life_after(&mut self, lift: LiftId, last: u64) -> io::Result<()> {
        while self.wire.life_of(lift) <= last {
            self.wire.until("the next life", |word| word.lift == lift)?;
        }
        Ok(())
    }
}
