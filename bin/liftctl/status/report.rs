//! What supervisor and controller of one lift answered.

use std::path::Path;
use std::time::Duration;

use lift_group::shell::controller::status::Document;
use lift_group::shell::settings::controller_socket;
use lift_group::shell::status::{AskError, ask};
use lift_group::supervisor::status::{SupervisorStatus, supervisor_socket};

/// How long to wait for an answer: far longer than a sound program takes, and no longer than a
/// person likes to wait.
const PATIENCE: Duration = Duration::from_secs(2);

/// What was answered, or why it was not.
#[derive(Debug)]
pub struct Report {
    /// By the supervisor.
    pub supervisor: Result<SupervisorStatus, AskError>,
    /// By the controller.
    pub controller: Result<Document, AskError>,
}

impl Report {
    /// Asks both, whose sockets are in this directory.
    pub fn ask(directory: &Path) -> Self {
        Self {
            supervisor: ask(&supervisor_socket(directory), PATIENCE),
            controller: ask(&controller_socket(directory), PATIENCE),
        }
    }

    /// Who did not answer and why, each in a sentence; empty when both did.
    pub fn troubles(&self) -> Vec<String> {
        let mut troubles = Vec::new();
        if let Err(error) = &self.supervisor {
            troubles.push(format!("the supervisor does not tell its status: {error}"));
            if matches!(error, AskError::NotRunning(_)) {
                let hint = "start it (systemctl start lift@N), or say with --runtime-dir where its \
                            sockets are";
                troubles.push(hint.into());
            }
        }
        // Without its supervisor there is no controller, which goes without saying.
        match (&self.supervisor, &self.controller) {
            (Err(AskError::NotRunning(_)), Err(AskError::NotRunning(_))) | (_, Ok(_)) => {}
            (_, Err(error)) => {
                troubles.push(format!("the controller does not tell its status: {error}"));
            }
        }
        troubles
    }
}

#[cfg(test)]
pub mod examples {
    //! Reports for the tests of what is written of them.

    use std::path::PathBuf;

    use lift_group::building::{Building, Direction, Floor, LiftId};
    use lift_group::calls::{CabCall, HallCall, Incarnation};
    use lift_group::group::message::{Claim, Term};
    use lift_group::group::status::{GroupStatus, HallCallStatus, PeerStatus};
    use lift_group::group::worldview::Timestamp;
    use lift_group::lift::report::Report as LiftReport;
    use lift_group::node::strangers::{Strangeness, Stranger};
    use lift_group::node::{Motion, RegisteredCall, Role, Status};
    use lift_group::shell::controller::status::{DroppedStatus, NetworkStatus};
    use lift_group::shell::seal::dropped::Dropped;
    use lift_group::supervisor::status::{ControllerStatus, LastEnd};

    use super::*;

    /// A lift on its way up, restarted twice.
    pub fn travelling() -> Report {
        let controller = Document { node: node(), network: network() };
        Report { supervisor: Ok(supervisor()), controller: Ok(controller) }
    }

    /// A lift whose controller hangs.
    pub fn silent_controller() -> Report {
        let silent = AskError::Silent(PathBuf::from("/run/lift/1/controller.sock"), PATIENCE);
        Report { supervisor: Ok(supervisor()), controller: Err(silent) }
    }

    /// A lift that nobody has started.
    pub fn nobody() -> Report {
        let nobody = |name| AskError::NotRunning(PathBuf::from("/run/lift/1").join(name));
        Report {
            supervisor: Err(nobody("supervisor.sock")),
            controller: Err(nobody("controller.sock")),
        }
    }

    fn supervisor() -> SupervisorStatus {
        SupervisorStatus {
            name: "lift 1".into(),
            pid: 4241,
            uptime_ms: 3_723_004,
            controller: Some(ControllerStatus {
                pid: 4250,
                incarnation: 17,
                uptime_ms: 40_490,
                works: true,
            }),
            restarts: 2,
            last_end: Some(LastEnd { reason: "signal 9".into(), ago_ms: 40_500 }),
            disk_trouble: None,
            received: Some(31),
            durable: Some(30),
        }
    }

    fn node() -> Status {
        let lift = LiftId(1);
        let building = Building::try_from(4).unwrap();
        let floor = |number| building.floor(number).unwrap();
        let cab = CabCall { lift, floor: floor(3) };
        let hall = HallCall::new(building, floor(2), Direction::Down).unwrap();
        Status {
            lift,
            building,
            role: Role::Backup { primary: LiftId(2) },
            incarnation: Incarnation(17),
            floor: Some(floor(1)),
            direction: Some(Direction::Up),
            motion: Motion::Moving,
            out_of_service: None,
            calls: vec![
                RegisteredCall { call: cab.into(), lit: true },
                RegisteredCall { call: hall.into(), lit: false },
            ],
            disk_works: true,
            group: group(hall),
            strangers: vec![Stranger {
                lift: LiftId(5),
                why: Strangeness::OtherBuilding { floors: 9 },
                ago_ms: 2500,
            }],
        }
    }

    /// It could not be reached, and something else speaks there.
    fn network() -> NetworkStatus {
        let dropped = |reason, count, last_from| DroppedStatus { reason, count, last_from };
        let from = "10.0.0.9:5353".parse().unwrap();
        NetworkStatus {
            group: "hall".into(),
            place: "eth0:22022".into(),
            open: false,
            trouble: Some("cannot send to 10.0.0.255:22022: no route".into()),
            unsent: 12,
            dropped: vec![
                dropped(Dropped::Malformed, 4, Some(from)),
                dropped(Dropped::Reflection, 800, None),
            ],
        }
    }

    /// Lift 1 follows lift 2; lift 3 was once heard, lift 4 does not hear.
    fn group(waiting: HallCall) -> GroupStatus {
        let moving = LiftReport {
            floor: Some(Floor::BOTTOM),
            committed: Some(Direction::Up),
            motion: Motion::Moving,
            out_of_service: None,
        };
        let absent = |lift| PeerStatus {
            lift: LiftId(lift),
            heard: false,
            present: false,
            lost_per_mille: None,
            claim: None,
            report: None,
        };
        let primary = PeerStatus {
            heard: true,
            present: true,
            lost_per_mille: Some(3),
            claim: Some(Claim::Primary { term: Term(7), has_followers: true }),
            report: Some(moving),
            ..absent(2)
        };
        let deaf = PeerStatus { heard: true, lost_per_mille: Some(500), ..absent(4) };
        GroupStatus {
            term: Term(7),
            primary: Some(LiftId(2)),
            yields: false,
            timestamp: Some(Timestamp(1_793_577_600_123)),
            ranks: vec![LiftId(1)],
            peers: vec![primary, absent(3), deaf],
            hall_calls: vec![HallCallStatus {
                call: waiting,
                lit: true,
                age_ms: 1500,
                assigned_to: Some(LiftId(2)),
            }],
        }
    }
}
