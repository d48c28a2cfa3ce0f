//! The story: passengers press and lamps are lit, then something fails, and every call is answered
//! all the same. One chapter for each fault.

mod cut;
mod hang;
mod kill;

use std::path::Path;
use std::time::Duration;

use lift_group::building::LiftId;
use lift_group::shell::controller::status::Document;
use lift_group::shell::settings::controller_socket;
use lift_group::shell::status::ask;
use lift_group::supervisor::status::{ControllerStatus, SupervisorStatus, supervisor_socket};
use nix::sys::signal::{self, Signal};
use nix::unistd::Pid;
use serde::de::DeserializeOwned;

use super::failure::Failure;
use super::hardware::{Call, Hardware};
use super::ledger::Promise;
use super::narrator::{Narrator, millis, remark};
use super::observer::{Moment, Observer, PATIENCE, now};
use super::stage::{FLOORS, LIFTS, Stage};
use super::wire::{Role, Word};

/// How often the status is asked for while something is to come of it.
const GLANCE: Duration = Duration::from_millis(5);

/// How long to wait for each answer.
const ANSWER: Duration = Duration::from_millis(200);

/// Lets the story happen and tells it.
///
/// # Errors
/// Where it takes another turn.
pub fn tell(
    stage: &mut Stage,
    observer: &mut Observer,
    narrator: &mut Narrator,
) -> Result<(), Failure> {
    let mut story = Story { stage, observer, narrator };
    story.begin()?;
    kill::tell(&mut story)?;
    hang::tell(&mut story)?;
    cut::tell(&mut story)?;
    story.end()
}

struct Story<'a> {
    stage: &'a mut Stage,
    observer: &'a mut Observer,
    narrator: &'a mut Narrator,
}

/// A button to be pressed: of which lift, and which one.
type Press = (usize, Call);

/// A button that was pressed.
struct Pressed {
    at: Moment,
    lift: usize,
    call: Call,
}

impl Pressed {
    fn promise(&self) -> Promise {
        Promise::of(self.lift, self.call)
    }
}

impl Story<'_> {
    /// Waits until the lifts are in service and one group.
    fn begin(&mut self) -> Result<(), Failure> {
        let mut controllers = Vec::new();
        for lift in 0..LIFTS {
            let is_in_service = |told: &Document| told.node.out_of_service.is_none().then_some(());
            self.controller_says(lift, "a lift to be in service", is_in_service)?;
            controllers.push(self.controller(lift)?.pid.to_string());
        }
        let (primary, since) = self.observer.until_one_primary("one group of all lifts")?;
        let top = FLOORS - 1;
        remark(format_args!(
            "Three lifts in a house with floors 0 to {top}, each with a supervisor and a simulated \
             hardware.\n\
             Their controllers are {}; everything is in {}.\n\
             The network between them is this demo, which can pull its plugs.\n",
            controllers.join(", "),
            self.stage.directory().display()
        ))?;
        self.narrator.event(since, format_args!("lift {primary} is primary, two are its backups"))
    }

    /// Presses every button and waits for the lamps: of a hall call on the panels of all these
    /// lifts, of a cab call in its own.
    fn press(&mut self, presses: &[Press], panels: &[usize]) -> Result<Vec<Pressed>, Failure> {
        let at = now()?;
        for (lift, call) in presses {
            self.stage.press(*lift, *call)?;
            let text = format!("somebody presses {call}, at lift {}", lift + 1);
            self.narrator.event(at, text)?;
        }
        let is_lit = |house: &[Hardware], (lift, call): &Press| match call {
            Call::Cab(_) => house[*lift].lamps.contains(call),
            _ => panels.iter().all(|panel| house[*panel].lamps.contains(call)),
        };
        let all = |house: &[Hardware]| presses.iter().all(|press| is_lit(house, press));
        let lit = self.observer.until("the lamps of all calls", all)?;
        let panels = match panels {
            [panel] => format!("on the panel of lift {}", panel + 1),
            [one, other] => format!("on the panels of lifts {} and {}", one + 1, other + 1),
            _ => "on all panels".into(),
        };
        let lamps = if presses.len() > 1 { "all lit" } else { "lit" };
        self.good(lit, format!("{lamps} {panels}, {} after the press: promised", after(lit, at)))?;
        Ok(presses.iter().map(|(lift, call)| Pressed { at, lift: *lift, call: *call }).collect())
    }

    /// Waits until these calls are answered, in whatever order: dark on all panels.
    fn answers(&mut self, mut left: Vec<Pressed>) -> Result<(), Failure> {
        let is_dark = |house: &[Hardware], pressed: &Pressed| match pressed.call {
            Call::Cab(_) => !house[pressed.lift].lamps.contains(&pressed.call),
            hall => house.iter().all(|lift| !lift.lamps.contains(&hall)),
        };
        while let Some(first) = left.first() {
            let what = format!("the answer to {}", first.promise());
            let one_is_dark = |house: &[Hardware]| left.iter().any(|call| is_dark(house, call));
            let out = self.observer.until(&what, one_is_dark)?;
            let house = self.observer.house();
            let (dark, still): (Vec<_>, Vec<_>) =
                left.into_iter().partition(|call| is_dark(house, call));
            for call in dark {
                let waited = out.saturating_sub(call.at).as_secs_f64();
                let promise = call.promise();
                self.good(out, format!("{promise} is answered, {waited:.1} s after the press"))?;
            }
            left = still;
        }
        Ok(())
    }

    /// Makes up the ledger.
    fn end(&mut self) -> Result<(), Failure> {
        for lift in 0..LIFTS {
            let no_calls = |told: &Document| told.node.calls.is_empty().then_some(());
            self.controller_says(lift, "an end of all calls", no_calls)?;
        }
        self.observer.catch_up()?;
        let calls = self.observer.ledger.balance(LIFTS).map_err(Failure::Broken)?;
        let text = format!(
            "\n{calls} calls were lit, {calls} were answered, and no lamp is lit at the end."
        );
        remark(self.narrator.paint.good(text))
    }

    // ── what the chapters are made of ───────────────────────────────────────────────────────

    /// The primary, of one group of all lifts.
    fn primary(&mut self) -> Result<usize, Failure> {
        let (primary, _) = self.observer.until_one_primary("one group of all lifts")?;
        Ok(index(primary))
    }

    /// Floors where no car stands: a call from there is not answered by just opening a door.
    fn free_floors(&mut self) -> Result<[u8; 3], Failure> {
        self.observer.catch_up()?;
        let is_free = |floor: &u8| self.observer.house().iter().all(|car| car.last_floor != *floor);
        let free: Vec<u8> = (1..FLOORS).rev().filter(is_free).take(3).collect();
        let too_few = |_| Failure::Broken("there are cars at too many floors".into());
        free.try_into().map_err(too_few)
    }

    /// Sends a signal to a controller; returns which process that is, and when.
    fn strike(&mut self, lift: usize, signal: Signal) -> Result<(u32, Moment), Failure> {
        let victim = self.controller(lift)?.pid;
        let at = now()?;
        signal::kill(Pid::from_raw(victim.cast_signed()), signal)
            .map_err(|error| Failure::System("send a signal to the controller", error.into()))?;
        Ok((victim, at))
    }

    /// What becomes of a controller that was struck: its obituary, its successor, and when that
    /// follows a primary.
    fn revival(&mut self, lift: usize, victim: u32, since: Moment) -> Result<Revival, Failure> {
        let of = |word: &Word| index(word.lift) == lift;
        let dead = self
            .observer
            .until_said("an obituary", since, |word| of(word) && word.role == Role::Dead)?;
        let (_, next) =
            self.supervisor_says(lift, "a new controller that works", |supervisor| {
                supervisor.controller.clone().filter(|new| new.works && new.pid != victim)
            })?;
        let born = now()?.saturating_sub(Duration::from_millis(next.uptime_ms));
        let back =
            self.observer.until_said("the lift to join the group again", dead.at, |word| {
                of(word) && matches!(word.role, Role::Backup(_))
            })?;
        Ok(Revival { dead: dead.at, born, pid: next.pid, back: back.at })
    }

    /// Tells what happened, in the order in which it did.
    fn tell(&mut self, mut events: Vec<(Moment, String)>) -> Result<(), Failure> {
        events.sort_by_key(|(at, _)| *at);
        events.into_iter().try_for_each(|(at, text)| self.narrator.event(at, text))
    }

    fn good(&mut self, at: Moment, text: impl std::fmt::Display) -> Result<(), Failure> {
        self.narrator.event(at, self.narrator.paint.good(text))
    }

    fn bad(&mut self, at: Moment, text: impl std::fmt::Display) -> Result<(), Failure> {
        remark("")?;
        self.narrator.event(at, self.narrator.paint.bad(text))
    }

    fn controller(&mut self, lift: usize) -> Result<ControllerStatus, Failure> {
        let find = |supervisor: &SupervisorStatus| {
            supervisor.controller.clone().filter(|controller| controller.works)
        };
        self.supervisor_says(lift, "a controller", find).map(|(_, controller)| controller)
    }

    /// Asks a supervisor until something can be found in its status; with the time of the answer.
    fn supervisor_says<T>(
        &mut self,
        lift: usize,
        what: &str,
        find: impl Fn(&SupervisorStatus) -> Option<T>,
    ) -> Result<(Moment, T), Failure> {
        self.asked_until(&supervisor_socket(&self.stage.sockets(lift)), what, find)
    }

    /// Asks a controller likewise.
    fn controller_says<T>(
        &mut self,
        lift: usize,
        what: &str,
        find: impl Fn(&Document) -> Option<T>,
    ) -> Result<(Moment, T), Failure> {
        self.asked_until(&controller_socket(&self.stage.sockets(lift)), what, find)
    }

    fn asked_until<D: DeserializeOwned, T>(
        &mut self,
        socket: &Path,
        what: &str,
        find: impl Fn(&D) -> Option<T>,
    ) -> Result<(Moment, T), Failure> {
        let deadline = now()? + PATIENCE;
        while now()? < deadline {
            let answer = ask(socket, ANSWER).ok();
            if let Some(found) = answer.as_ref().and_then(&find) {
                return Ok((now()?, found));
            }
            self.stage.check()?;
            self.observer.pause(GLANCE)?;
        }
        Err(Failure::InVain(what.into(), PATIENCE))
    }
}

/// What became of a controller that was struck.
struct Revival {
    /// Its obituary was heard.
    dead: Moment,
    /// The next one was started.
    born: Moment,
    /// That one's process.
    pid: u32,
    /// It follows a primary.
    back: Moment,
}

/// Where a lift stands among the others.
fn index(lift: LiftId) -> usize {
    usize::from(lift.0).saturating_sub(1)
}

/// The lifts other than this one.
fn others(lift: usize) -> [usize; LIFTS - 1] {
    [(lift + 1) % LIFTS, (lift + 2) % LIFTS]
}

/// How long after.
fn after(moment: Moment, fault: Moment) -> String {
    millis(moment.saturating_sub(fault))
}
