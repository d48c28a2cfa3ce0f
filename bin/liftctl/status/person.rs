//! The status as a person reads it: what passengers feel first, then the machinery.

use std::time::Duration;

use lift_group::building::Floor;
use lift_group::calls::Call;
use lift_group::node::{Motion, RegisteredCall, Status};
use lift_group::supervisor::status::SupervisorStatus;

use super::Report;
use crate::paint::Paint;

/// The report as lines of text; empty when nobody answered.
pub fn write(report: &Report, paint: Paint) -> String {
    let mut page = Page { text: String::new(), paint };
    match (&report.supervisor, &report.controller) {
        (_, Ok(document)) => {
            page.lift(&document.node);
            page.network(&document.network);
        }
        (Ok(supervisor), Err(_)) => page.line(&supervisor.name, paint.bad("does not answer")),
        (Err(_), Err(_)) => {}
    }
    if let Ok(supervisor) = &report.supervisor {
        page.supervisor(supervisor);
    }
    page.text
}

/// The lines so far.
pub struct Page {
    text: String,
    pub paint: Paint,
}

impl Page {
    /// One line.
    pub fn line(&mut self, label: &str, text: impl AsRef<str>) {
        let label = self.paint.faint(format_args!("{label:<12}"));
        self.text.extend([&label, " ", text.as_ref(), "\n"]);
    }

    /// Lines that belong together; none is fine.
    pub fn block(&mut self, label: &str, lines: Vec<String>) {
        for (at, text) in lines.into_iter().enumerate() {
            self.line(if at == 0 { label } else { "" }, text);
        }
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

    /// From the top of the building down.
    fn calls(&mut self, calls: &[RegisteredCall]) {
        let mut calls: Vec<&RegisteredCall> = calls.iter().collect();
        calls.sort_by_key(|registered| {
            (std::cmp::Reverse(registered.call.floor()), registered.call)
        });
        if calls.is_empty() {
            self.line("calls", "none");
        }
        let line = |registered: &RegisteredCall| {
            let lamp = if registered.lit {
                self.paint.good("lamp lit")
            } else {
                self.paint.faint("lamp not lit yet")
            };
            format!("{:<14} {lamp}", call(registered.call))
        };
        self.block("calls", calls.into_iter().map(line).collect());
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

fn call(call: Call) -> String {
    match call {
        Call::Cab(call) => format!("cab to {}", call.floor),
        Call::Hall(call) => call.to_string(),
    }
}

/// A span in whole seconds, as a person says it.
pub fn span(millis: u64) -> String {
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
peers        lift 2   primary in term 7, 0.3 % lost, in service, moving up, last at floor 0
             lift 3   absent
             lift 4   heard, but does not hear this lift, 50 % lost
assigned     hall down at 2 to lift 2, for 1s
strangers    lift 5   set up for 9 floors: see to its --floors, or to its --group, heard 2s ago
group        hall at eth0:22022
unsent       12 messages; cannot send to 10.0.0.255:22022: no route
dropped      4 not a lift's: does something else use this port?, last from 10.0.0.9:5353
             800 our own
controller   pid 4250, for 40s, incarnation 17
supervisor   pid 4241, for 1h 2m 3s
restarts     2, the last 40s ago: signal 9
disk         works, checkpoint 31 is being written
";
        assert_eq!(write(&examples::travelling(), Paint::Plain), expected);
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
