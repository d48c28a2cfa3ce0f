//! One node: a lift and its calls, as a machine from [`Input`] to [`Output`].
//!
//! The node turns presses into registered calls, lets its lift serve them, and lights lamps. Each
//! lamp is a promise, so two things wait for the disk: a lamp is lit only when its call would come
//! back after a crash, and a call is answered only when the door is *known* to be open (the
//! hardware has answered behind the command) and a next life would know it too. A crash at any
//! moment in between opens the door again rather than forgetting who waits.
//!
//! It is not yet a member of a group: whatever is called, this lift serves it.

mod checkpoint;
mod durability;
mod status;
mod told;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use crate::building::LiftId;
use crate::calls::{Actor, CabCall, Call, CallSet, HallCall, Incarnation};
use crate::config::Config;
use crate::lift::panel::{Button, Buttons, Command, Sense};
use crate::lift::{Lift, OutOfService};
use crate::time::{Instant, earliest};
pub use checkpoint::Checkpoint;
use durability::Durability;
pub use status::{Motion, RegisteredCall, Role, Status};
use told::{Told, Wanted};

/// What a node is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Input {
    /// A deadline of [`Node::next_wakeup`] has come. An extra one does no harm.
    Wakeup,
    /// A fresh connection to the hardware has answered its first reading; a `Sensed` follows. The
    /// count of [`Sense::behind`] begins at 0.
    Connected,
    /// The hardware does not answer any more.
    Disconnected,
    /// A reading of the hardware.
    Sensed(Sense),
    /// This checkpoint, and so every earlier one, is durable.
    Saved(Revision),
    /// Checkpoints can, or cannot, be made durable from now on.
    Disk {
        /// Whether they can.
        works: bool,
    },
    /// Come to rest: the process is to end in order.
    Stop,
}

/// What a node wants done, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Output {
    /// Tell the hardware. Never emitted while it does not answer.
    Command(Command),
    /// Make this durable. Later ones supersede it.
    Save(Revision, Checkpoint),
    /// Tell a person.
    Notice(Notice),
}

/// The number of a checkpoint.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Revision(pub u64);

/// Something that a person may want to know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Notice {
    /// A call was registered.
    Registered(Call),
    /// A call was answered.
    Answered(Call),
    /// The lift takes hall calls again, or takes none any more.
    Service(Result<(), OutOfService>),
    /// There is, or is not, a disk to wait for.
    Disk {
        /// Whether there is.
        works: bool,
    },
    /// The restored checkpoint was written by another lift: its calls are kept, its car is not ours.
    ForeignCheckpoint(LiftId),
    /// The restored checkpoint has calls for floors that this building does not have: they are
    /// kept for the day when it has.
    CallsOfAnotherBuilding,
}

/// One node.
#[derive(Clone, Debug)]
pub struct Node {
    config: Config,
    /// In whose name calls are pressed here.
    actor: Actor,
    lift: Lift,
    calls: CallSet,
    /// The lamps of this lift's panels. Once lit, a lamp stays until its call is answered.
    lamps: Buttons,
    durability: Durability,
    hardware: Option<Hardware>,
    outputs: VecDeque<Output>,
    /// What a person was last told.
    announced: Announced,
}

/// What is known of the hardware while it answers.
#[derive(Clone, Debug, Default)]
struct Hardware {
    told: Told,
    sensed: Sense,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Announced {
    service: Result<(), OutOfService>,
    disk_works: bool,
}

impl Node {
    /// A node that begins a life, with what the last one left. `revision` is the highest one used
    /// for a checkpoint so far.
    pub fn new(
        config: Config,
        restored: Option<Checkpoint>,
        revision: Revision,
        incarnation: Incarnation,
    ) -> Self {
        let restored = restored.unwrap_or_else(|| Checkpoint::blank(config.lift));
        let foreign = (restored.lift != config.lift).then_some(restored.lift);
        let memory = foreign.map_or(restored.memory, |_| Checkpoint::blank(config.lift).memory);
        let lift = Lift::new(config, memory);
        let mut node = Self {
            config,
            actor: Actor { lift: config.lift, incarnation },
            announced: Announced { service: lift.service(), disk_works: true },
            lift,
            calls: restored.calls.clone(),
            lamps: Buttons::NONE,
            durability: Durability::new(restored, revision),
            hardware: None,
            outputs: VecDeque::new(),
        };
        if let Some(lift) = foreign {
            node.notice(Notice::ForeignCheckpoint(lift));
        }
        if !node.calls.fits(config.building) {
            node.notice(Notice::CallsOfAnotherBuilding);
        }
        node
    }

    /// Takes in one thing; drain [`Node::poll_output`] afterwards.
    pub fn handle(&mut self, now: Instant, input: Input) {
        match input {
            Input::Wakeup => {}
            Input::Connected => self.hardware = Some(Hardware::default()),
            Input::Disconnected => {
                self.hardware = None;
                self.lift.disconnect();
            }
            Input::Sensed(sense) => self.sense(now, sense),
            Input::Saved(revision) => self.durability.saved(revision),
            Input::Disk { works } => self.durability.disk(works),
            Input::Stop => self.lift.end(),
        }
        self.proceed(now);
    }

    /// The next thing to do, until there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When an [`Input::Wakeup`] is due.
    pub fn next_wakeup(&self) -> Option<Instant> {
        earliest([self.lift.next_wakeup(), self.durability.next_wakeup()])
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
        let confirmed = hardware.told.is_confirmed_by(sense.behind);
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
        if !self.calls.is_live(call) {
            self.notice(Notice::Registered(call));
        }
        self.calls.press(self.actor, call);
    }

    /// What follows from all that is known by now.
    fn proceed(&mut self, now: Instant) {
        self.durability.keep_time(now);
        let sensor = self.hardware.as_ref().and_then(|hardware| hardware.sensed.floor);
        let calls = self.calls_to_serve();
        self.lift.proceed(now, sensor, &calls);
        self.answer(now, &calls);
        self.retire_former_lives();
        self.light_lamps();
        self.tell_hardware();
        self.save(now);
        self.announce();
    }

    /// The calls that this lift is to serve. Without a group that is every call, and a lift that
    /// can take no hall calls leaves them until it can.
    fn calls_to_serve(&self) -> Buttons {
        let in_service = self.lift.service().is_ok();
        let live = self.calls.live().into_iter();
        live.filter_map(|call| self.button_of(call))
            .filter(|button| in_service || matches!(button, Button::Cab(_)))
            .collect()
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

    /// Without a group nobody else has heard of the calls that were pressed in earlier lives, so
    /// once answered they need not be remembered.
    fn retire_former_lives(&mut self) {
        let idle: Vec<Actor> = self.calls.idle_actors().filter(|a| *a != self.actor).collect();
        for actor in idle {
            self.calls.retire(actor);
        }
    }

    fn light_lamps(&mut self) {
        let lit = self.calls.live().into_iter().filter_map(|call| {
            let button = self.button_of(call)?;
            let stays = self.lamps.contains(button);
            (stays || self.durability.keeps(&self.calls, call)).then_some(button)
        });
        self.lamps = lit.collect();
    }

    fn tell_hardware(&mut self) {
        let Some((hardware, actuators)) = self.hardware.as_mut().zip(self.lift.actuators()) else {
            return;
        };
        let wanted = Wanted {
            actuators,
            indicator: self.lift.last_floor(),
            stop_lamp: self.lift.stop_button(),
            lamps: self.lamps,
        };
        let commands = hardware.told.tell(wanted, self.config.building);
        self.outputs.extend(commands.into_iter().map(Output::Command));
    }

    fn save(&mut self, now: Instant) {
        let checkpoint = Checkpoint {
            lift: self.config.lift,
            calls: self.calls.clone(),
            memory: self.lift.memory(),
        };
        if let Some(revision) = self.durability.changed(now, &checkpoint) {
            self.outputs.push_back(Output::Save(revision, checkpoint));
        }
    }

    fn announce(&mut self) {
        let current =
            Announced { service: self.lift.service(), disk_works: self.durability.disk_works() };
        let before = std::mem::replace(&mut self.announced, current);
        if before.service != current.service {
            self.notice(Notice::Service(current.service));
        }
        if before.disk_works != current.disk_works {
            self.notice(Notice::Disk { works: current.disk_works });
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
            Call::Hall(hall) => {
                call.fits(building).then_some(Button::Hall(hall.floor(), hall.direction()))
            }
        }
    }
}
