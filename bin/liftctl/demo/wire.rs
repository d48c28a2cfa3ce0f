//! What is said on the network: who is what to the group, since when, by its own word.
//!
//! It is read off the datagrams themselves, as they pass, so a change of role has the time at which
//! the others could know of it.

use std::collections::BTreeMap;

use lift_group::building::LiftId;
use lift_group::group::message::Claim;
use lift_group::shell::seal::datagram::{Datagram, Kind};
use lift_group::shell::seal::dialect;
use lift_group::shell::seal::tag::Tags;

use super::observer::Moment;

/// What a lift says that it is, or its supervisor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// It looks for its group.
    Listening,
    /// It does what this lift says.
    Backup(LiftId),
    /// It decides.
    Primary,
    /// Its controller is dead.
    Dead,
}

/// What was said that had not been said before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Word {
    /// When.
    pub at: Moment,
    /// Of which lift.
    pub lift: LiftId,
    /// Of which life of its controller.
    pub incarnation: u64,
    /// What it is.
    pub role: Role,
}

/// All that was said.
#[derive(Debug)]
pub struct Wire {
    tags: Tags,
    words: Vec<Word>,
}

impl Wire {
    /// Nothing yet, by holders of this key.
    pub fn new(tags: Tags) -> Self {
        Self { tags, words: Vec::new() }
    }

    /// Listens to a datagram.
    pub fn hear(&mut self, at: Moment, bytes: &[u8]) {
        let Ok(datagram) = Datagram::opened(bytes, &self.tags) else { return };
        let Some(role) = role(&datagram) else { return };
        let incarnation = datagram.life.incarnation.0;
        let word = Word { at, lift: datagram.lift, incarnation, role };
        let last = self.last_of(word.lift);
        // What overtook an obituary on its way is of the dead.
        let is_news = last.is_none_or(|last| {
            (last.incarnation, last.role) != (incarnation, role)
                && incarnation >= last.incarnation
                && (last.role != Role::Dead || incarnation > last.incarnation)
        });
        if is_news {
            self.words.push(word);
        }
    }

    /// The first such word since then.
    pub fn first(&self, since: Moment, is_it: impl Fn(&Word) -> bool) -> Option<Word> {
        self.words.iter().find(|word| word.at >= since && is_it(word)).copied()
    }

    /// The primary, when so many lifts are one group by the last word of each, and when that
    /// became so.
    pub fn one_primary(&self, lifts: usize) -> Option<(LiftId, Moment)> {
        let last: BTreeMap<LiftId, &Word> =
            self.words.iter().map(|word| (word.lift, word)).collect();
        let primary = last.values().find(|word| word.role == Role::Primary)?.lift;
        let backups = last.values().filter(|word| word.role == Role::Backup(primary)).count();
        let since = last.values().map(|word| word.at).max()?;
        (last.len() == lifts && backups + 1 == lifts).then_some((primary, since))
    }

    fn last_of(&self, lift: LiftId) -> Option<&Word> {
        self.words.iter().rfind(|word| word.lift == lift)
    }
}

fn role(datagram: &Datagram) -> Option<Role> {
    if datagram.kind == Kind::Obituary {
        return Some(Role::Dead);
    }
    let message = (dialect::OURS.read)(datagram.payload, datagram.format).ok()?;
    Some(match message.claim {
        Claim::Listening { .. } => Role::Listening,
        Claim::Backup { primary, .. } => Role::Backup(primary),
        Claim::Primary { .. } => Role::Primary,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use lift_group::shell::seal::key::Keys;

    use super::*;

    fn wire(said: &[(u64, u8, u64, Role)]) -> Wire {
        let mut wire = Wire::new(Tags::new(&Keys::open(), "test"));
        let words = said.iter().map(|(at, lift, incarnation, role)| Word {
            at: Duration::from_millis(*at),
            lift: LiftId(*lift),
            incarnation: *incarnation,
            role: *role,
        });
        wire.words.extend(words);
        wire
    }

    #[test]
    fn a_group_is_one_when_all_others_follow_its_only_primary() {
        let (first, second) = (Role::Backup(LiftId(1)), Role::Backup(LiftId(2)));
        let mut said = vec![(10, 1, 1, Role::Primary), (20, 2, 1, first), (15, 3, 1, first)];
        assert_eq!(wire(&said).one_primary(3), Some((LiftId(1), Duration::from_millis(20))));
        assert_eq!(wire(&said).one_primary(4), None, "one is missing");
        said.push((30, 3, 1, Role::Primary));
        assert_eq!(wire(&said).one_primary(3), None, "two primaries");
        said.extend([(31, 1, 1, Role::Dead), (32, 2, 1, Role::Primary), (33, 3, 1, second)]);
        assert_eq!(wire(&said).one_primary(3), None, "one is dead");
        said.push((40, 1, 2, second));
        assert_eq!(wire(&said).one_primary(3), Some((LiftId(2), Duration::from_millis(40))));
    }

    #[test]
    fn an_obituary_is_heard_and_what_comes_late_of_the_dead_is_not() {
        let keys = Keys::open();
        let mut wire = wire(&[(10, 1, 7, Role::Primary)]);
        let obituary = lift_group::shell::seal::obituary(&keys, "test", LiftId(1), 7);
        for at in [20, 23, 26] {
            wire.hear(Duration::from_millis(at), &obituary);
        }
        assert_eq!(wire.words.len(), 2, "it is said three times and is one word");
        let dead = wire.first(Duration::ZERO, |word| word.role == Role::Dead);
        assert_eq!(dead.map(|word| word.at), Some(Duration::from_millis(20)));
    }
}
