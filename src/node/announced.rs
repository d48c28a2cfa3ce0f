//! What a person was last told of a node, so that only what is new is said.

use std::collections::BTreeSet;

use super::{Node, Notice};
use crate::building::LiftId;
use crate::group::Group;
use crate::group::election::Role;
use crate::lift::{Lift, OutOfService};
use crate::time::Instant;

/// What a person was last told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Announced {
    service: Result<(), OutOfService>,
    disk_works: bool,
    role: Role,
    present: BTreeSet<LiftId>,
    yields: bool,
}

impl Announced {
    /// At the beginning of a life: that things are as they are then goes without saying.
    pub fn nothing(lift: &Lift, group: &Group) -> Self {
        Self {
            service: lift.service(),
            disk_works: true,
            role: group.role(),
            present: BTreeSet::new(),
            yields: false,
        }
    }
}

impl Node {
    /// Says what has changed.
    pub(super) fn announce(&mut self, now: Instant) {
        let current = Announced {
            service: self.lift.service(),
            disk_works: self.durability.disk_works(),
            role: self.group.role(),
            present: self.group.present(now).collect(),
            yields: self.group.yields(),
        };
        if self.announced == current {
            return;
        }
        let before = std::mem::replace(&mut self.announced, current.clone());
        if before.role != current.role {
            self.notice(Notice::Role(current.role));
        }
        for lift in before.present.symmetric_difference(&current.present) {
            let present = current.present.contains(lift);
            self.notice(Notice::Peer { lift: *lift, present });
        }
        if before.service != current.service {
            self.notice(Notice::Service(current.service));
        }
        if before.disk_works != current.disk_works {
            self.notice(Notice::Disk { works: current.disk_works });
        }
        if before.yields != current.yields {
            self.notice(Notice::Yields(current.yields));
        }
    }
}
