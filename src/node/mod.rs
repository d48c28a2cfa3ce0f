//! One node: a lift and its calls, as a machine from [`Input`] to [`Output`].
//!
//! The node turns presses into registered calls, lets its lift serve them, and lights lamps. Each
//! lamp is a promise, so two things wait for the disk: a lamp is lit only when its call would come
//! back after a crash, and a call is answered only when the door is *known* to be open (the
//! hardware has answered behind the command) and a next life would know it too. A crash at any
//! moment in between opens the door again rather than forgetting who waits.
//!
//! Which hall calls are this lift's own, and which of their lamps may be lit, is said by the
//! group's worldview: the node's own when it is primary, else that of the primary it follows.

mod announced;
mod checkpoint;
mod durability;
mod io;
mod lamps;
mod status;
pub mod strangers;
mod told;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::rc::Rc;

use crate::building::LiftId;
use crate::calls::{Actor, CabCall, Call, Calls, HallCall, Incarnation};
use crate::config::{Config, STEADY_AFTER};
pub use crate::group::election::Role;
use crate::group::message::Message;
use crate::group::{Group, Heard, Own};
use crate::lift::panel::{Button, Buttons, Sense};
pub use crate::lift::report::Motion;
use crate::lift::{Lift, OutOfService};
use crate::sabotage::Sabotage;
use crate::time::{Instant, earliest};
use announced::Announced;
pub use checkpoint::{Bequest, Checkpoint};
use durability::Durability;
pub use io::{Input, Notice, Output, Revision};
pub use status::{RegisteredCall, Status};
use strangers::{Strangeness, Strangers};
use told::{Told, Wanted};

/// One node.
#[derive(Clone, Debug)]
pub struct Node {
    config: Config,
    /// In whose name calls are pressed here.
    actor: Actor,
    lift: Lift,
    calls: Calls,
    /// The lamps of this lift's panels. Once lit, a lamp stays until its call is answered.
    lamps: Buttons,
    durability: Durability,
    group: Group,
    /// When this node, which has restarted too often, will have lived long enough to be trusted.
    steady_at: Option<Instant>,
    hardware: Option<Hardware>,
    outputs: VecDeque<Output>,
    next_wakeup: Option<Instant>,
    /// What a person was last told.
    announced: Announced,
    /// Who is heard that does not belong here.
    strangers: Strangers,
}

/// What is known of the hardware while it answers.
#[derive(Clone, Debug, Default)]
struct Hardware {
    told: Told,
    sensed: Sense,
}

impl Node {
    /// A node that begins a life, with what was left to it.
    pub fn new(config: Config, bequest: Bequest, incarnation: Incarnation, now: Instant) -> Self {
        let Bequest { checkpoint, is_durable, revision } = bequest;
        let blank = Checkpoint::blank(config.lift);
        let restored = checkpoint.unwrap_or_else(|| blank.clone());
        let foreign = (restored.lift != config.lift).then_some(restored.lift);
        let memory = foreign.map_or(restored.memory, |_| blank.memory);
        let lift = Lift::new(config, memory);
        let actor = Actor { lift: config.lift, incarnation };
        let name = if Sabotage::ActorIsTheNode.is_done() { Incarnation(1) } else { incarnation };
        let group = Group::new(now, config, actor, restored.term, restored.members.clone());
        let mut node = Self {
            config,
            actor: Actor { incarnation: name, ..actor },
            announced: Announced::nothing(&lift, &group),
            lift,
            group,
            calls: restored.calls.clone(),
            lamps: restored.lamps,
            durability: Durability::new(if is_durable { restored } else { blank }, revision),
            steady_at: None,
            hardware: None,
            outputs: VecDeque::new(),
            next_wakeup: Some(now),
            strangers: Strangers::default(),
        };
        if let Some(lift) = foreign {
            node.notice(Notice::ForeignCheckpoint(lift));
        }
        if !node.calls.fit(config.building) {
            node.notice(Notice::CallsOfAnotherBuilding);
        }
        node
    }

    /// Takes in one thing; drain [`Node::poll_output`] afterwards.
    pub fn handle(&mut self, now: Instant, input: Input) {
        self.group.wake(now);
        match input {
            Input::Wakeup => {}
            Input::Connected => self.hardware = Some(Hardware::default()),
            Input::Disconnected => {
                self.hardware = None;
                self.lift.disconnect();
            }
            Input::Sensed(sense) => self.sense(now, sense),
            Input::Received(message) => {
                let nothing_is_due = self.next_wakeup.is_some_and(|due| now < due);
                if self.hear(now, &message) == Heard::Nothing && nothing_is_due {
                    return;
                }
            }
            Input::Obituary { lift, incarnation } => self.group.bury(now, lift, incarnation),
            Input::Saved(revision) => self.durability.saved(revision),
            Input::Disk { works } => self.durability.disk(works),
            Input::Forget(lift) => {
                let forgotten = self.group.forget(now, lift);
                self.notice(Notice::Forgotten(lift, forgotten));
            }
            Input::Unsteady => self.steady_at = Some(now + STEADY_AFTER),
            Input::Stop => self.lift.end(),
        }
        self.proceed(now);
    }

    /// The next thing to do, until there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// All calls that the node knows.
    pub fn calls(&self) -> &Calls {
        &self.calls
    }

    /// What the node is to its group.
    pub fn role(&self) -> Role {
        self.group.role()
    }

    /// When an [`Input::Wakeup`] is due.
    pub fn next_wakeup(&self) -> Option<Instant> {
        self.next_wakeup
    }

    /// After [`Input::Stop`]: the motor is known to stand, and nothing waits for the disk.
    pub fn is_at_rest(&self) -> bool {
        let stopped = self.lift.actuators().is_none_or(|wanted| wanted.motor.is_none());
        let confirmed =
            self.hardware.as_ref().is_none_or(|h| h.told.is_confirmed_by(h.sensed.behind));
        stopped && confirmed && self.durability.is_settled()
    }

    fn sense(&mut self, now: Instant, sense: Sense) {
        let Some(hardware) = &mut self.hardware else { return };
        let confirmed =
            hardware.told.is_confirmed_by(sense.behind) || Sabotage::DoorIsNotConfirmed.is_done();
        let pressed = sense.pressed.without(&hardware.sensed.pressed);
        hardware.sensed = sense;
        self.lift.sense(now, &sense, confirmed);
        pressed.iter().for_each(|button| self.press(now, button));
    }

    /// Every press becomes a call, also that of a lit button: somebody may be answering the old one
    /// elsewhere at this very moment. Only a press at this lift's own open door is answered by the
    /// door itself.
    fn press(&mut self, now: Instant, button: Button) {
        let door_is_kept = self.open_door_is_kept();
        if door_is_kept && self.lift.hold_door(now, button) {
            return;
        }
        let Some(call) = self.call_of(button) else { return };
        if Sabotage::LitPressIsSwallowed.is_done() && self.lamps.contains(button) {
            return;
        }
        if !self.calls.is_live(call) {
            self.notice(Notice::Registered(call));
        }
        self.calls.press(self.actor, call);
    }

    /// Whatever a peer that names this node knows of calls is taken in, whoever leads.
    fn hear(&mut self, now: Instant, message: &Rc<Message>) -> Heard {
        let heard = self.group.hear(now, Rc::clone(message));
        match heard {
            Heard::News => {
                self.strangers.welcome(message.from);
                if Sabotage::OnlyThePrimaryIsHeard.is_done() && message.worldview.is_none() {
                    return heard;
                }
                message.calls.iter().for_each(|s| self.calls.merge(s.part(), s.calls()));
            }
            Heard::Nothing | Heard::ButForCalls | Heard::Stale => {}
            Heard::OtherBuilding => {
                let floors = message.building.floors();
                self.hear_stranger(now, message.from, Strangeness::OtherBuilding { floors });
            }
            Heard::OurName => self.hear_stranger(now, message.from, Strangeness::SameNumber),
        }
        heard
    }

    fn hear_stranger(&mut self, now: Instant, lift: LiftId, why: Strangeness) {
        if self.strangers.hear(now, lift, why) {
            self.notice(Notice::Stranger(lift, why));
        }
    }

    /// What follows from all that is known by now.
    fn proceed(&mut self, now: Instant) {
        self.durability.keep_time(now);
        self.steady_at = self.steady_at.filter(|at| now < *at);
        self.lift.bar(self.bar(now));
        let own = own(&self.lift, &self.calls, &self.durability, self.lamps);
        self.group.decide(now, &own);
        self.forget_retired_lives();
        self.drop_calls_of_forgotten_cars(now);
        let sensor = self.hardware.as_ref().and_then(|hardware| hardware.sensed.floor);
        let calls = self.calls_to_serve();
        self.lift.proceed(now, sensor, &calls);
        self.answer(now, &calls);
        self.light_lamps(now);
        // In this order: of what a person sees the supervisor must know, and a crash may come between.
        self.save(now);
        self.tell_hardware(now);
        self.speak(now);
        self.outlive(now);
        self.announce(now);
        self.next_wakeup = earliest([
            self.lift.next_wakeup(),
            self.durability.next_wakeup(),
            self.group.next_wakeup(now),
            self.steady_at,
        ]);
    }

    /// Why the lift takes no hall calls although it could. One that restarts too often leaves them
    /// to others, if there are any: alone it is better than none. Whether these can take them is not
    /// asked here, or two such lifts would leave and take them in turn: the primary sees to that.
    fn bar(&self, now: Instant) -> Option<OutOfService> {
        let leaves_them = self.steady_at.is_some() && self.group.present(now).next().is_some();
        leaves_them.then_some(OutOfService::RestartedTooOften)
    }

    /// The calls that this lift is to serve: its own passengers', and the hall calls that are
    /// assigned to it while it can take any. One that restarts too often is assigned some only where
    /// no other can.
    fn calls_to_serve(&self) -> Buttons {
        let live = self.live_buttons();
        let can = matches!(self.lift.service(), Ok(()) | Err(OutOfService::RestartedTooOften));
        let assigned = self.group.assigned().map(Button::from).filter(|_| can);
        let hall: Buttons = assigned.filter(|button| live.contains(*button)).collect();
        Buttons { cab: live.cab, ..hall }
    }

    fn answer(&mut self, now: Instant, calls: &Buttons) {
        if !self.open_door_is_kept() {
            return;
        }
        for button in self.lift.answers(now, calls).iter() {
            let Some(call) = self.call_of(button) else { continue };
            self.calls.answer(call);
            self.notice(Notice::Answered(call));
        }
    }

    fn forget_retired_lives(&mut self) {
        let retired = self.group.worldview().into_iter().flat_map(|view| &view.retired);
        for (part, newest) in retired {
            self.calls.retire_up_to(*part, *newest);
        }
    }

    /// Of a lift that was taken away for good nobody is left in the car.
    fn drop_calls_of_forgotten_cars(&mut self, now: Instant) {
        let is_dropped = |call: &Call| match call {
            Call::Cab(cab) => self.group.has_forgotten(now, cab.lift),
            Call::Hall(_) => false,
        };
        let dropped: Vec<Call> = self.calls.every_live().filter(is_dropped).collect();
        for call in dropped {
            self.calls.answer(call);
        }
    }

    fn tell_hardware(&mut self, now: Instant) {
        if self.hardware.is_none() {
            return;
        }
        let untouched = self.possible_promises(now);
        let Some((hardware, actuators)) = self.hardware.as_mut().zip(self.lift.actuators()) else {
            return;
        };
        let wanted = Wanted {
            actuators,
            indicator: self.lift.last_floor(),
            stop_lamp: self.lift.stop_button(),
            lamps: self.lamps,
            untouched,
        };
        let commands = hardware.told.tell(wanted, self.config.building);
        self.outputs.extend(commands.into_iter().map(Output::Command));
    }

    fn save(&mut self, now: Instant) {
        if self.is_kept(self.durability.newest()) {
            return;
        }
        let checkpoint = Checkpoint {
            lift: self.config.lift,
            calls: self.calls.clone(),
            memory: self.lift.memory(),
            lamps: self.lamps,
            term: self.group.term(),
            members: self.group.other_members(),
        };
        if let Some(revision) = self.durability.changed(now, &checkpoint) {
            self.outputs.push_back(Output::Save(revision, checkpoint));
        }
    }

    /// Whether this checkpoint has all that is to be kept.
    fn is_kept(&self, checkpoint: &Checkpoint) -> bool {
        let Checkpoint { lift, calls, memory, lamps, term, members } = checkpoint;
        (*lift, *memory, *lamps) == (self.config.lift, self.lift.memory(), self.lamps)
            && (calls, *term) == (&self.calls, self.group.term())
            && self.group.has_other_members(members)
    }

    /// More than once when the news does not fit into one message.
    fn speak(&mut self, now: Instant) {
        let own = own(&self.lift, &self.calls, &self.durability, self.lamps);
        while let Some(message) = self.group.speak(now, &own) {
            self.outputs.push_back(Output::Broadcast(message));
        }
    }

    /// Asks for a new life when this one cannot be heard for a later one.
    fn outlive(&mut self, now: Instant) {
        if let Some(above) = self.group.wants_life_above(now) {
            self.notice(Notice::Outlived(above));
            self.outputs.push_back(Output::LiveAbove(above));
        }
    }

    fn notice(&mut self, notice: Notice) {
        self.outputs.push_back(Output::Notice(notice));
    }

    /// Whether a next life would open the door again that is open now.
    fn open_door_is_kept(&self) -> bool {
        let open_at = self.lift.car().open_door().map(|(floor, _)| floor);
        open_at.is_some_and(|floor| self.durability.keeps_door_open_at(floor))
    }

    /// The call that this button of this lift's panels stands for.
    fn call_of(&self, button: Button) -> Option<Call> {
        let Config { lift, building, .. } = self.config;
        match button {
            Button::Cab(floor) => Some(Call::Cab(CabCall { lift, floor })),
            Button::Hall(floor, direction) => {
                HallCall::new(building, floor, direction).map(Call::Hall)
            }
        }
    }

    /// The button of this lift's panels that stands for this call, if there is one.
    fn button_of(&self, call: Call) -> Option<Button> {
        let Config { lift, building, .. } = self.config;
        match call {
            Call::Cab(cab) => {
                (cab.lift == lift && call.fits(building)).then_some(Button::Cab(cab.floor))
            }
            Call::Hall(hall) => call.fits(building).then_some(Button::from(hall)),
        }
    }
}

/// What this node contributes to the group.
fn own<'a>(lift: &Lift, calls: &'a Calls, durability: &'a Durability, lamps: Buttons) -> Own<'a> {
    let (durable, durable_members) = (durability.calls(), durability.members());
    let disk_works = durability.disk_works();
    Own { report: lift.report(), calls, durable, durable_members, disk_works, lamps }
}
