//! The status as a person reads it: what passengers feel first, then the machinery.

use std::time::{Duration, UNIX_EPOCH};

use lift_group::building::{Floor, LiftId};
use lift_group::calls::Call;
use lift_group::group::name::Namesake;
use lift_group::group::status::{HallCallStatus, PeerStatus};
use lift_group::group::worldview::Timestamp;
use lift_group::node::{Motion, RegisteredCall, Role, Status};
use lift_group::supervisor::status::SupervisorStatus;

use super::Report;
use crate::paint::Paint;

/// The report as lines of text; empty when nobody answered.
pub fn write(report: &Report, paint: Paint) -> String {
    let mut page = Page { text: String::new(), paint };
    match (&report.supervisor, &report.controller) {
        (_, Ok(status)) => page.lift(status),
        (Ok(supervisor), Err(_)) => page.line(&supervisor.name, paint.bad("does not answer")),
        (Err(_), Err(_)) => {}
    }
    if let Ok(supervisor) = &report.supervisor {
        page.supervisor(supervisor);
    }
    page.text
}

struct Page {
    text: String,
    paint: Paint,
}

impl Page {
    fn line(&mut self, label: &str, text: impl AsRef<str>) {
        let label = self.paint.faint(format_args!("{label:<12}"));
        self.text.extend([&label, " ", text.as_ref(), "\n"]);
    }

    fn lift(&mut self, status: &Status) {
        let service = match status.out_of_service {
            None => self.paint.good("in service"),
            Some(reason) => self.paint.bad(format_args!("out of service: {reason}")),
        };
        self.line(&format!("lift {}", status.lift), service);
        self.line("car", car(status));
        self.line("door", door(status.motion));
        self.calls(&status.calls);
        self.group(status);
    }

    fn group(&mut self, status: &Status) {
        let group = &status.group;
        let role = match status.role {
            Role::Listening => "listening: it looks for its group".into(),
            Role::Backup { primary } => {
                format!("backup of lift {primary}, in term {}", group.term.0)
            }
            Role::Primary { .. } => format!("primary, in term {}", group.term.0),
        };
        self.line("role", role);
        if let Some(namesake) = group.namesake {
            let trouble = namesake_trouble(namesake);
            self.line("", self.paint.bad(trouble));
        }
        if let Some(Timestamp(millis)) = group.timestamp {
            let at = UNIX_EPOCH + Duration::from_millis(millis);
            let at = humantime::format_rfc3339_millis(at);
            self.line("worldview", format!("of {at}, by the primary's clock"));
        }
        if !group.ranks.is_empty() {
            let ranks: Vec<String> =
                group.ranks.iter().map(|lift| format!("lift {lift}")).collect();
            self.line("succession", ranks.join(", then "));
        }
        for (at, peer) in group.peers.iter().enumerate() {
            let text = self.peer(peer, group.primary);
            self.line(if at == 0 { "peers" } else { "" }, text);
        }
        for (at, waiting) in group.hall_calls.iter().enumerate() {
            self.line(if at == 0 { "assigned" } else { "" }, assigned(waiting));
        }
    }

    fn peer(&self, peer: &PeerStatus, primary: Option<LiftId>) -> String {
        let lift = format!("lift {:<3}", peer.lift.0);
        if !peer.present {
            return format!("{lift} {}", self.paint.bad("absent"));
        }
        let lost = f64::from(peer.lost_per_mille.unwrap_or(0)) / 10.0;
        let service = match peer.report.map(|report| report.out_of_service) {
            Some(Some(reason)) => self.paint.bad(format_args!("out of service: {reason}")),
            Some(None) => self.paint.good("in service"),
            None => String::new(),
        };
        let floor = peer.report.and_then(|report| report.floor);
        let place = floor.map_or(String::new(), |floor| format!(", last at floor {floor}"));
        let elsewhere = peer.follows.filter(|follows| Some(*follows) != primary);
        let elsewhere = elsewhere.map_or(String::new(), |follows| {
            self.paint.bad(format_args!(", another group: follows lift {follows}"))
        });
        format!("{lift} present, {lost} % lost, {service}{place}{elsewhere}")
    }

    /// From the top of the building down.
    fn calls(&mut self, calls: &[RegisteredCall]) {
        let mut calls: Vec<&RegisteredCall> = calls.iter().collect();
        calls.sort_by_key(|registered| {
            (std::cmp::Reverse(registered.call.floor()), registered.call)
        });
        if calls.is_empty() {
            self.line("calls", "none");
        }
        for (at, registered) in calls.into_iter().enumerate() {
            let lamp = if registered.lit {
                self.paint.good("lamp lit")
            } else {
                self.paint.faint("lamp not lit yet")
            };
            let call = format!("{:<14} {lamp}", call(registered.call));
            self.line(if at == 0 { "calls" } else { "" }, call);
        }
    }

    fn supervisor(&mut self, status: &SupervisorStatus) {
        self.line("controller", self.controller(status));
        let supervisor = format!("pid {}, for {}", status.pid, span(status.uptime_ms));
        self.line("supervisor", supervisor);
        let restarts = match &status.last_end {
            None => status.restarts.to_string(),
            Some(end) => {
                format!("{}, the last {} ago: {}", status.restarts, span(end.ago_ms), end.reason)
            }
        };
        self.line("restarts", restarts);
        self.line("disk", self.disk(status));
    }

    fn controller(&self, status: &SupervisorStatus) -> String {
        let Some(controller) = &status.controller else {
            return self.paint.bad("none, about to be started");
        };
        let state = if controller.works {
            format!("for {}", span(controller.uptime_ms))
        } else {
            self.paint.bad("starting")
        };
        format!("pid {}, {state}, incarnation {}", controller.pid, controller.incarnation)
    }

    fn disk(&self, status: &SupervisorStatus) -> String {
        match (&status.disk_trouble, status.received, status.durable) {
            (Some(trouble), ..) => self.paint.bad(format_args!("does not work: {trouble}")),
            (None, None, _) => "works, no checkpoint yet".into(),
            (None, Some(newest), durable) if durable == Some(newest) => {
                format!("works, checkpoint {newest} is durable")
            }
            (None, Some(newest), _) => format!("works, checkpoint {newest} is being written"),
        }
    }
}

fn namesake_trouble(namesake: Namesake) -> &'static str {
    match namesake {
        Namesake::CameFirst => "another lift has this number: this one goes on alone",
        Namesake::CameLater => "another lift has been given this number, and goes on alone",
    }
}

fn car(status: &Status) -> String {
    let last = status.floor.map_or("nowhere yet".into(), |floor| format!("at floor {floor}"));
    let on = status.direction.map_or(String::new(), |direction| format!(" {direction}"));
    let top = status.building.top();
    match status.motion {
        Motion::Unknown => format!("not known; last seen {last}"),
        Motion::Moving => format!("moving{on}; last {last} of {} to {top}", Floor::BOTTOM),
        Motion::Halted => format!("held between floors; last {last}, goes on{on}"),
        Motion::DoorClosed | Motion::DoorOpen => {
            let goes_on = if on.is_empty() { on } else { format!(", goes on{on}") };
            format!("{last} of {} to {top}{goes_on}", Floor::BOTTOM)
        }
    }
}

fn door(motion: Motion) -> &'static str {
    match motion {
        Motion::Unknown => "not known",
        Motion::Moving | Motion::Halted | Motion::DoorClosed => "closed",
        Motion::DoorOpen => "open",
    }
}

fn assigned(waiting: &HallCallStatus) -> String {
    let who = waiting.assigned_to.map_or("nobody yet".into(), |lift| format!("lift {lift}"));
    format!("{:<14} to {who}, for {}", waiting.call.to_string(), span(waiting.age_ms))
}

fn call(call: Call) -> String {
    match call {
        Call::Cab(call) => format!("cab to {}", call.floor),
        Call::Hall(call) => call.to_string(),
    }
}

/// A span in whole seconds, as a person says it.
fn span(millis: u64) -> String {
    humantime::format_duration(Duration::from_secs(millis / 1000)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::report::examples;

    #[test]
    fn a_person_sees_passengers_matters_first() {
        let expected = "\
lift 1       in service
car          moving up; last at floor 1 of 0 to 3
door         closed
calls        cab to 3       lamp lit
             hall down at 2 lamp not lit yet
role         backup of lift 2, in term 7
worldview    of 2026-11-02T00:00:00.123Z, by the primary's clock
succession   lift 1
peers        lift 2   present, 0.3 % lost, in service, last at floor 0
             lift 3   absent
assigned     hall down at 2 to lift 2, for 1s
controller   pid 4250, for 40s, incarnation 17
supervisor   pid 4241, for 1h 2m 3s
restarts     2, the last 40s ago: signal 9
disk         works, checkpoint 31 is being written
";
        assert_eq!(write(&examples::travelling(), Paint::Plain), expected);
    }

    #[test]
    fn a_peer_that_follows_somebody_else_is_told() {
        let mut report = examples::travelling();
        let Ok(status) = &mut report.controller else { panic!("it answers") };
        status.group.primary = Some(LiftId(1));
        let text = write(&report, Paint::Plain);
        assert!(text.contains("last at floor 0, another group: follows lift 2"), "{text}");
    }

    #[test]
    fn what_the_supervisor_knows_is_told_without_its_controller() {
        let text = write(&examples::silent_controller(), Paint::Plain);
        assert!(text.starts_with("lift 1       does not answer\ncontroller   pid 4250"), "{text}");
    }

    #[test]
    fn of_a_lift_that_does_not_run_there_is_nothing_to_tell() {
        assert_eq!(write(&examples::nobody(), Paint::Plain), "");
        let troubles = examples::nobody().troubles();
        assert!(troubles[0].contains("/run/lift/1/supervisor.sock"), "{troubles:?}");
        assert!(troubles[1].contains("systemctl start"), "{troubles:?}");
    }

    #[test]
    fn colour_is_for_terminals() {
        let escape = '\u{1b}';
        assert!(!write(&examples::travelling(), Paint::Plain).contains(escape));
        assert!(write(&examples::travelling(), Paint::Coloured).contains(escape));
    }
}
