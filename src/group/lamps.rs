//! Which hall lamps may be lit: a lamp is a promise, so the call must outlive what may happen next.
//!
//! With two disks or more a call must be on two of them, the primary's own among them: then any one
//! node may burn down. With fewer the rule takes what there is, down to a lone node without a disk,
//! which lights its lamps all the same: a lift that summons nobody serves nobody.

use crate::calls::{Call, CallSet, Context};

/// What one node of the group does for the safety of calls.
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
    let all = || others.iter().chain([&me]);
    let keeps = |k: &Keeper| k.disk_works && calls.is_safe_with(call, k.kept);
    let holders = all().filter(|k| calls.is_safe_with(call, k.seen)).count();
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
