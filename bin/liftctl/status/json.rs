//! The status as JSON, for programs.
//!
//! The names here are promises of their own, kept apart from the types of the library, so that
//! those can change: a field may come, none goes or changes its meaning. `liftctl status --help`
//! lists them.

use lift_group::building::Direction;
use lift_group::calls::Call;
use lift_group::lift::OutOfService;
use lift_group::node::{Motion, RegisteredCall, Role};
use lift_group::shell::controller::status::Document as Told;
use lift_group::supervisor::status::SupervisorStatus;
use serde::Serialize;

use super::Report;
use super::json_group::Group;
use super::json_network::{Network, StrangeLift};

/// The report as a JSON document that ends with a line break.
///
/// # Errors
/// None that these types can have.
pub fn write(report: &Report) -> serde_json::Result<String> {
    let document = Document {
        supervisor: report.supervisor.as_ref().ok().map(Supervisor::of),
        controller: report.controller.as_ref().ok().map(Controller::of),
        errors: report.troubles(),
    };
    serde_json::to_string_pretty(&document).map(|text| text + "\n")
}

#[derive(Serialize)]
struct Document<'a> {
    supervisor: Option<Supervisor<'a>>,
    controller: Option<Controller>,
    errors: Vec<String>,
}

#[derive(Serialize)]
struct Supervisor<'a> {
    name: &'a str,
    pid: u32,
    uptime_ms: u64,
    restarts: u64,
    last_end: Option<LastEnd<'a>>,
    controller: Option<Process>,
    checkpoint: Checkpoint,
    disk_trouble: Option<&'a str>,
}

#[derive(Serialize)]
struct LastEnd<'a> {
    reason: &'a str,
    ago_ms: u64,
}

#[derive(Serialize)]
struct Process {
    pid: u32,
    incarnation: u64,
    uptime_ms: u64,
    works: bool,
}

#[derive(Serialize)]
struct Checkpoint {
    received: Option<u64>,
    durable: Option<u64>,
}

#[derive(Serialize)]
struct Controller {
    id: u8,
    floors: u8,
    role: &'static str,
    incarnation: u64,
    in_service: bool,
    out_of_service: Option<&'static str>,
    floor: Option<u8>,
    direction: Option<Direction>,
    motion: &'static str,
    door: &'static str,
    disk_works: bool,
    calls: Vec<CallAndLamp>,
    group: Group,
    strangers: Vec<StrangeLift>,
    network: Network,
}

#[derive(Serialize)]
struct CallAndLamp {
    kind: &'static str,
    floor: u8,
    direction: Option<Direction>,
    lit: bool,
}

impl<'a> Supervisor<'a> {
    fn of(status: &'a SupervisorStatus) -> Self {
        Self {
            name: &status.name,
            pid: status.pid,
            uptime_ms: status.uptime_ms,
            restarts: status.restarts,
            last_end: status
                .last_end
                .as_ref()
                .map(|end| LastEnd { reason: &end.reason, ago_ms: end.ago_ms }),
            controller: status.controller.as_ref().map(|controller| Process {
                pid: controller.pid,
                incarnation: controller.incarnation,
                uptime_ms: controller.uptime_ms,
                works: controller.works,
            }),
            checkpoint: Checkpoint { received: status.received, durable: status.durable },
            disk_trouble: status.disk_trouble.as_deref(),
        }
    }
}

impl Controller {
    fn of(Told { node: status, network }: &Told) -> Self {
        Self {
            id: status.lift.0,
            floors: status.building.floors(),
            role: match status.role {
                Role::Listening => "listening",
                Role::Backup { .. } => "backup",
                Role::Primary { .. } => "primary",
            },
            incarnation: status.incarnation.0,
            in_service: status.out_of_service.is_none(),
            out_of_service: status.out_of_service.map(reason),
            floor: status.floor.map(u8::from),
            direction: status.direction,
            motion: motion(status.motion),
            door: door(status.motion),
            disk_works: status.disk_works,
            calls: status.calls.iter().copied().map(CallAndLamp::of).collect(),
            group: Group::of(&status.group),
            strangers: status.strangers.iter().map(StrangeLift::of).collect(),
            network: Network::of(network),
        }
    }
}

impl CallAndLamp {
    fn of(registered: RegisteredCall) -> Self {
        let (kind, direction) = match registered.call {
            Call::Cab(_) => ("cab", None),
            Call::Hall(call) => ("hall", Some(call.direction())),
        };
        let floor = registered.call.floor().number();
        Self { kind, floor, direction, lit: registered.lit }
    }
}

pub fn reason(reason: OutOfService) -> &'static str {
    match reason {
        OutOfService::HardwareLost => "hardware lost",
        OutOfService::StopButton => "stop button",
        OutOfService::PositionLost => "position lost",
        OutOfService::StartFailure => "start failure",
        OutOfService::DoorClosingFault => "door closing fault",
        OutOfService::Ending => "ending",
        OutOfService::RestartedTooOften => "restarted too often",
    }
}

pub fn motion(motion: Motion) -> &'static str {
    match motion {
        Motion::Unknown => "unknown",
        Motion::Moving => "moving",
        Motion::Halted => "halted",
        Motion::DoorClosed | Motion::DoorOpen => "standing",
    }
}

pub fn door(motion: Motion) -> &'static str {
    match motion {
        Motion::Unknown => "unknown",
        Motion::Moving | Motion::Halted | Motion::DoorClosed => "closed",
        Motion::DoorOpen => "open",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::report::examples;

    const PROMISED: &str = r#"{
  "supervisor": {
    "name": "lift 1",
    "pid": 4241,
    "uptime_ms": 3723004,
    "restarts": 2,
    "last_end": {
      "reason": "signal 9",
      "ago_ms": 40500
    },
    "controller": {
      "pid": 4250,
      "incarnation": 17,
      "uptime_ms": 40490,
      "works": true
    },
    "checkpoint": {
      "received": 31,
      "durable": 30
    },
    "disk_trouble": null
  },
  "controller": {
    "id": 1,
    "floors": 4,
    "role": "backup",
    "incarnation": 17,
    "in_service": true,
    "out_of_service": null,
    "floor": 1,
    "direction": "up",
    "motion": "moving",
    "door": "closed",
    "disk_works": true,
    "calls": [
      {
        "kind": "cab",
        "floor": 3,
        "direction": null,
        "lit": true
      },
      {
        "kind": "hall",
        "floor": 2,
        "direction": "down",
        "lit": false
      }
    ],
    "group": {
      "term": 7,
      "primary": 2,
      "yields": false,
      "timestamp_ms": 1793577600123,
      "ranks": [
        1
      ],
      "peers": [
        {
          "id": 2,
          "heard": true,
          "present": true,
          "role": "primary",
          "follows": null,
          "lost_per_mille": 3,
          "floor": 0,
          "direction": "up",
          "motion": "moving",
          "door": "closed",
          "out_of_service": null
        },
        {
          "id": 3,
          "heard": false,
          "present": false,
          "role": null,
          "follows": null,
          "lost_per_mille": null,
          "floor": null,
          "direction": null,
          "motion": null,
          "door": null,
          "out_of_service": null
        },
        {
          "id": 4,
          "heard": true,
          "present": false,
          "role": null,
          "follows": null,
          "lost_per_mille": 500,
          "floor": null,
          "direction": null,
          "motion": null,
          "door": null,
          "out_of_service": null
        }
      ],
      "hall_calls": [
        {
          "floor": 2,
          "direction": "down",
          "lit": true,
          "age_ms": 1500,
          "assigned_to": 2
        }
      ]
    },
    "strangers": [
      {
        "id": 5,
        "reason": "other building",
        "floors": 9,
        "ago_ms": 2500
      }
    ],
    "network": {
      "group": "hall",
      "place": "eth0:22022",
      "open": false,
      "trouble": "cannot send to 10.0.0.255:22022: no route",
      "unsent": 12,
      "dropped": [
        {
          "reason": "malformed",
          "usual": false,
          "count": 4,
          "last_from": "10.0.0.9:5353"
        },
        {
          "reason": "reflection",
          "usual": true,
          "count": 800,
          "last_from": null
        }
      ]
    }
  },
  "errors": []
}
"#;

    #[test]
    fn the_names_are_a_promise() {
        assert_eq!(write(&examples::travelling()).unwrap(), PROMISED);
    }

    #[test]
    fn what_did_not_answer_is_null_and_the_errors_say_why() {
        let text = write(&examples::silent_controller()).unwrap();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["controller"], serde_json::Value::Null);
        assert_eq!(document["supervisor"]["pid"], 4241);
        assert!(document["errors"][0].as_str().unwrap().contains("controller.sock"), "{text}");
    }
}
