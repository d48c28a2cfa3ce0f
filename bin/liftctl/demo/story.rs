//! The story: passengers press, their lamps are lit, the controller is killed between two floors,
//! and every call is answered all the same.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use lift_group::node::Status;
use lift_group::shell::controller::status::Document;
use lift_group::shell::settings::controller_socket;
use lift_group::shell::status::ask;
use lift_group::supervisor::status::{ControllerStatus, SupervisorStatus, supervisor_socket};
use nix::sys::signal::{self, SIGKILL};
use nix::unistd::Pid;
use serde::de::DeserializeOwned;

use super::failure::Failure;
use super::hardware::{Call, Hardware};
use super::narrator::{Narrator, millis, remark};
use super::observer::{Moment, Observer, PATIENCE, now};
use super::stage::{FLOORS, Stage};

/// What the passengers want. The car starts at floor 0 and stops on its way up, at 2 and at 3.
const CALLS: [Call; 3] = [Call::Up(2), Call::Cab(3), Call::Down(3)];

/// The last floor that the car passes before its controller is killed.
const PASSED: u8 = 1;

/// How far the car is past it, as time: well between the floors, which are 2 s apart.
const MID_TRAVEL: Duration = Duration::from_millis(500);

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
    let first = story.begin()?;
    let pressed = story.press()?;
    story.travel()?;
    let second = story.kill(first.pid)?;
    story.answer(pressed)?;
    story.end(first.pid, second)
}

struct Story<'a> {
    stage: &'a mut Stage,
    observer: &'a mut Observer,
    narrator: &'a mut Narrator,
}

impl Story<'_> {
    /// Waits until the lift is in service.
    fn begin(&mut self) -> Result<ControllerStatus, Failure> {
        let in_service = |lift: &Status| lift.out_of_service.is_none().then_some(());
        self.controller_says("the lift to be in service", in_service)?;
        let (_, first) =
            self.supervisor_says("a controller", |supervisor| supervisor.controller.clone())?;
        let top = FLOORS - 1;
        let sockets = self.stage.sockets();
        remark(format_args!(
            "One lift with floors 0 to {top}, its supervisor, and its controller {}, in {}.\n",
            first.pid,
            sockets.display()
        ))?;
        Ok(first)
    }

    /// Presses every button and waits for the lamps.
    fn press(&mut self) -> Result<Moment, Failure> {
        let pressed = now()?;
        for call in CALLS {
            self.stage.press(call)?;
        }
        let calls = CALLS.map(|call| call.to_string()).join(", ");
        self.narrator.event(pressed, format_args!("passengers press: {calls}"))?;
        let is_lit = |hardware: &Hardware| hardware.lamps == BTreeSet::from(CALLS);
        let lit = self.observer.until("the lamps of all calls", is_lit)?;
        let after = millis(lit.saturating_sub(pressed));
        let text = format!("all three lamps are lit, {after} after the press: three promises");
        self.narrator.event(lit, self.narrator.paint.good(text))?;
        Ok(pressed)
    }

    /// Waits until the car is between two floors.
    fn travel(&mut self) -> Result<(), Failure> {
        let off = self.observer.until("the car to set off", |hardware| hardware.runs)?;
        self.narrator.event(off, "the car sets off, up")?;
        let between = |hardware: &Hardware| hardware.is_just_past(PASSED);
        let past = self.observer.until("the car to pass a floor", between)?;
        let next = PASSED + 1;
        self.narrator.event(past, format_args!("the car is between floors {PASSED} and {next}"))?;
        self.observer.pause(MID_TRAVEL)
    }

    /// Kills the controller and waits for what comes of it, up to the motor running again. Returns
    /// the new controller.
    fn kill(&mut self, victim: u32) -> Result<u32, Failure> {
        let killed = now()?;
        signal::kill(Pid::from_raw(victim.cast_signed()), SIGKILL)
            .map_err(|error| Failure::System("kill the controller", error.into()))?;
        let text = format!("controller {victim} is killed: SIGKILL, in mid-travel");
        self.narrator.event(killed, self.narrator.paint.bad(text))?;

        let stopped = self.observer.until("the motor to stop", |hardware| !hardware.runs)?;
        if !self.observer.hardware().is_just_past(PASSED) {
            let why = "the kill came too late, the car was not between the floors any more: the \
                       machine is too busy for this story; try again";
            return Err(Failure::Broken(why.into()));
        }
        let (born, second) = self.supervisor_says("a new controller that works", |supervisor| {
            supervisor.controller.clone().filter(|new| new.works && new.pid != victim)
        })?;
        let born = born.saturating_sub(Duration::from_millis(second.uptime_ms));
        let runs = self.observer.until("the motor to run again", |hardware| hardware.runs)?;
        let after = |moment: Moment| millis(moment.saturating_sub(killed));
        let mut events = [
            (stopped, format!("the motor has stopped, {} after the kill", after(stopped))),
            (born, format!("controller {} starts, {} after the kill", second.pid, after(born))),
            (runs, format!("the motor runs again, {} after the kill", after(runs))),
        ];
        events.sort_by_key(|(at, _)| *at);
        for (at, text) in events {
            self.narrator.event(at, text)?;
        }
        if self.observer.hardware().lamps != BTreeSet::from(CALLS) {
            return Err(Failure::Broken("not all lamps are lit any more".into()));
        }
        self.narrator.event(runs, self.narrator.paint.good("all three lamps are still lit"))?;
        Ok(second.pid)
    }

    /// Waits until every call is answered, in the order in which the car comes by.
    fn answer(&mut self, pressed: Moment) -> Result<(), Failure> {
        for floor in BTreeSet::from(CALLS.map(Call::floor)) {
            let what = format!("the door to open at floor {floor}");
            let open = self.observer.until(&what, |hardware| hardware.is_open_at(floor))?;
            self.narrator.event(open, format_args!("the door is open at floor {floor}"))?;
            for call in CALLS.into_iter().filter(|call| call.floor() == floor) {
                let what = format!("the lamp of {call} to go out");
                let out = self.observer.until(&what, |lift| !lift.lamps.contains(&call))?;
                let waited = out.saturating_sub(pressed).as_secs_f64();
                let text = format!("{call} is answered after {waited:.1} s, its lamp is out");
                self.narrator.event(out, self.narrator.paint.good(text))?;
            }
        }
        Ok(())
    }

    /// Sees to it that nothing else happened than what was told.
    fn end(&mut self, first: u32, second: u32) -> Result<(), Failure> {
        let no_calls = |lift: &Status| lift.calls.is_empty().then_some(());
        self.controller_says("an end of all calls", no_calls)?;
        let (_, (restarts, last)) = self.supervisor_says("the supervisor", |supervisor| {
            Some((supervisor.restarts, supervisor.controller.as_ref()?.pid))
        })?;
        if (restarts, last) != (1, second) {
            let why = format!(
                "there were {restarts} restarts and the controller is {last}, where \
                               one restart and controller {second} were expected"
            );
            return Err(Failure::Broken(why));
        }
        remark(format_args!(
            "\nThree calls were lit, three were answered. Controller {first} died in mid-travel, and \
             controller {second} kept its promises."
        ))
    }

    /// Asks the supervisor until something can be found in its status; with the time of the answer.
    fn supervisor_says<T>(
        &mut self,
        what: &str,
        find: impl Fn(&SupervisorStatus) -> Option<T>,
    ) -> Result<(Moment, T), Failure> {
        self.asked_until(&supervisor_socket(&self.stage.sockets()), what, find)
    }

    /// Asks the controller likewise.
    fn controller_says<T>(
        &mut self,
        what: &str,
        find: impl Fn(&Status) -> Option<T>,
    ) -> Result<(Moment, T), Failure> {
        let find = |document: &Document| find(&document.node);
        self.asked_until(&controller_socket(&self.stage.sockets()), what, find)
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
