//! Which hall lamps may be lit: a lamp is a promise, so the call must outlive what may happen next.
//!
//! With two disks or more a call must be on two of them, the primary's own among them: then any one
//! node may burn down. With fewer the rule takes what there is, down to a lone node without a disk,
//! which lights its lamps all the same: a lift that summons nobody serves nobody.

use crate::calls::{Call, CallSet, Context, Dot};

/// What one node of the group does for the safety of calls, all of one part.
#[derive(Clone, Copy, Debug)]
pub struct Keeper<'a> {
    /// What it has seen.
    pub seen: &'a Context,
    /// What would come back from its disk.
    pub kept: &'a Context,
    /// It has a disk that works.
    pub disk_works: bool,
}

/// Whether a hall call that is live here may be lit. `me` is the primary; `others` are the members
/// that were there a moment ago: a brief suspicion must not lower the standard.
pub fn is_safe(calls: &CallSet, call: Call, me: Keeper, others: &[Keeper]) -> bool {
    let dots: Vec<Dot> = calls.dots_of(call).collect();
    let has_any = |context: &Context| dots.iter().any(|dot| context.covers(*dot));
    let all = || others.iter().chain([&me]);
    let keeps = |k: &Keeper| k.disk_works && has_any(k.kept);
    let holders = all().filter(|k| has_any(k.seen)).count();
    let keepers = all().filter(|k| keeps(k)).count();
    let disks = all().filter(|k| k.disk_works).count();
    match (others.len(), disks) {
        (0, 0) => true,
        (0, _) => keepers == 1,
        (_, 0) => holders >= 2,
        (_, 1) => keepers == 1 && holders >= 2,
        _ => keepers >= 2 && (keeps(&me) || !me.disk_works),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::building::{Building, Direction, Floor, LiftId};
    use crate::calls::{Actor, HallCall, Incarnation};

    /// Each letter is a node, the primary first: it holds the call on its disk (`D`), in memory
    /// (`m`), not yet (`-`); without a disk it holds it (`h`) or not (`x`).
    fn safe(nodes: &str) -> bool {
        let building = Building::try_from(2).unwrap();
        let call = HallCall::new(building, Floor::BOTTOM, Direction::Up).unwrap().into();
        let (mut calls, none) = (CallSet::default(), Context::default());
        calls.press(Actor { lift: LiftId(1), incarnation: Incarnation(1) }, call);
        let all = calls.context();
        let keeper = |letter| match letter {
            'D' => Keeper { seen: all, kept: all, disk_works: true },
            'm' => Keeper { seen: all, kept: &none, disk_works: true },
            '-' => Keeper { seen: &none, kept: &none, disk_works: true },
            'h' => Keeper { seen: all, kept: &none, disk_works: false },
            'x' => Keeper { seen: &none, kept: &none, disk_works: false },
            other => panic!("no such node: {other}"),
        };
        let keepers: Vec<Keeper> = nodes.chars().map(keeper).collect();
        is_safe(&calls, call, keepers[0], &keepers[1..])
    }

    #[test]
    fn a_call_is_safe_on_two_disks_the_primarys_among_them() {
        for nodes in ["DD", "DD-", "D-D", "DDx", "Dmxhm", "mDD"] {
            assert_eq!(safe(nodes), nodes.starts_with('D') && nodes.matches('D').count() >= 2);
        }
    }

    #[test]
    fn with_fewer_disks_the_rule_takes_what_there_is() {
        let alone = [("D", true), ("m", false), ("h", true)];
        let one_disk = [("Dh", true), ("Dx", false), ("mh", false), ("hD", true), ("hmx", false)];
        let no_disk = [("hh", true), ("hx", false), ("hxh", true)];
        for (nodes, expected) in alone.into_iter().chain(one_disk).chain(no_disk) {
            assert_eq!(safe(nodes), expected, "{nodes}");
        }
    }
}
