//! The group as a person reads it, see [`super::person`].

use std::time::{Duration, UNIX_EPOCH};

use lift_group::group::message::Claim;
use lift_group::group::status::{HallCallStatus, PeerStatus};
use lift_group::group::worldview::Timestamp;
use lift_group::lift::report::Report;
use lift_group::node::strangers::{Strangeness, Stranger};
use lift_group::node::{Motion, Role, Status};
use lift_group::shell::controller::status::{DroppedStatus, NetworkStatus};

use super::person::{Page, span};

impl Page {
    /// Who decides, who is there, and which lift answers which call.
    pub fn group(&mut self, status: &Status) {
        let group = &status.group;
        self.line("role", role(status));
        if group.yields {
            let why = "another lift has this number and was here first: this one goes on alone";
            self.line("", self.paint.bad(why));
        }
        if let Some(Timestamp(millis)) = group.timestamp {
            let at = humantime::format_rfc3339_millis(UNIX_EPOCH + Duration::from_millis(millis));
            self.line("worldview", format!("of {at}, by the primary's clock"));
        }
        if !group.ranks.is_empty() {
            let ranks: Vec<String> =
                group.ranks.iter().map(|lift| format!("lift {lift}")).collect();
            self.line("succession", ranks.join(", then "));
        }
        let peers = group.peers.iter().map(|peer| self.peer(peer)).collect();
        self.block("peers", peers);
        self.block("assigned", group.hall_calls.iter().map(assigned).collect());
        let strangers = status.strangers.iter().map(|stranger| self.stranger(stranger)).collect();
        self.block("strangers", strangers);
    }

    /// What reaches the others, and what of theirs is not believed.
    pub fn network(&mut self, network: &NetworkStatus) {
        let open =
            if network.open { self.paint.bad(", open: it has no key") } else { String::new() };
        self.line("group", format!("{} at {}{open}", network.group, network.place));
        if network.unsent > 0 || network.trouble.is_some() {
            let why = network.trouble.as_ref().map(|trouble| self.paint.bad(trouble));
            let why = why.unwrap_or_else(|| "the others are reached again".into());
            self.line("unsent", format!("{} messages; {why}", network.unsent));
        }
        let (usual, wrong): (Vec<&DroppedStatus>, Vec<_>) =
            network.dropped.iter().partition(|dropped| dropped.reason.is_usual());
        let usual: Vec<String> =
            usual.iter().map(|dropped| format!("{} {}", dropped.count, dropped.reason)).collect();
        let usual = (!usual.is_empty()).then(|| self.paint.faint(usual.join(", ")));
        let wrong = wrong.into_iter().map(|dropped| self.dropped(dropped));
        self.block("dropped", wrong.chain(usual).collect());
    }

    fn peer(&self, peer: &PeerStatus) -> String {
        let lift = format!("lift {:<3}", peer.lift.0);
        let role = match (peer.heard, peer.present) {
            (false, _) => return format!("{lift} {}", self.paint.bad("absent")),
            (true, false) => self.paint.bad("heard, but does not hear this lift"),
            (true, true) => peer.claim.map_or("present".into(), claim),
        };
        let lost = f64::from(peer.lost_per_mille.unwrap_or(0)) / 10.0;
        let (service, place) = peer
            .report
            .map_or_else(Default::default, |report| (self.service(report), place(report)));
        format!("{lift} {role}, {lost} % lost{service}{place}")
    }

    fn service(&self, report: Report) -> String {
        let service = match report.out_of_service {
            Some(reason) => self.paint.bad(format_args!("out of service: {reason}")),
            None => self.paint.good("in service"),
        };
        format!(", {service}")
    }

    fn stranger(&self, stranger: &Stranger) -> String {
        let lift = format!("lift {:<3}", stranger.lift.0);
        let (why, ago) = (stranger.why, span(stranger.ago_ms));
        let why = match why {
            Strangeness::OtherBuilding { floors } => {
                format!("set up for {floors} floors: see to its --floors, or to its --group")
            }
            Strangeness::SameNumber => {
                "another one, with the number of this lift: give each an --id of its own".into()
            }
        };
        format!("{lift} {}, heard {ago} ago", self.paint.bad(why))
    }

    fn dropped(&self, dropped: &DroppedStatus) -> String {
        let from = dropped.last_from.map_or(String::new(), |from| format!(", last from {from}"));
        format!("{} {}{from}", dropped.count, self.paint.bad(dropped.reason))
    }
}

fn role(status: &Status) -> String {
    let term = status.group.term.0;
    match status.role {
        Role::Listening => "listening: it looks for its group".into(),
        Role::Backup { primary } => format!("backup of lift {primary}, in term {term}"),
        Role::Primary { .. } => format!("primary, in term {term}"),
    }
}

fn claim(claim: Claim) -> String {
    match claim {
        Claim::Listening { .. } => "listening".into(),
        Claim::Backup { primary, .. } => format!("backup of lift {primary}"),
        Claim::Primary { term, .. } => format!("primary in term {}", term.0),
    }
}

fn place(report: Report) -> String {
    let Some(floor) = report.floor else { return String::new() };
    let on = report.committed.map_or(String::new(), |direction| format!(" {direction}"));
    match report.motion {
        Motion::Moving => format!(", moving{on}, last at floor {floor}"),
        Motion::DoorOpen => format!(", at floor {floor}, door open"),
        Motion::DoorClosed => format!(", at floor {floor}"),
        Motion::Unknown | Motion::Halted => format!(", last at floor {floor}"),
    }
}

fn assigned(waiting: &HallCallStatus) -> String {
    let who = waiting.assigned_to.map_or("nobody yet".into(), |lift| format!("lift {lift}"));
    format!("{:<14} to {who}, for {}", waiting.call.to_string(), span(waiting.age_ms))
}
