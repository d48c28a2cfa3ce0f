//! The election as tables, and as small groups that decide in rounds of one interval.

use super::*;

/// What a peer that is present says.
type Peer = (LiftId, Stand);

const INTERVAL: Duration = Duration::from_millis(10);

fn at(intervals: u32) -> Instant {
    Instant::START + INTERVAL * intervals
}

fn listener(lift: u8) -> Election {
    Election::new(at(0), LiftId(lift), INTERVAL, Term(0))
}

fn primary(lift: u8, term: u64) -> Election {
    let role = Role::Primary { term: Term(term) };
    Election { role, highest: Term(term), ..listener(lift) }
}

fn backup(lift: u8, of: u8) -> Election {
    Election { role: Role::Backup { primary: LiftId(of) }, ..listener(lift) }
}

fn claims(lift: u8, claim: Claim) -> Peer {
    (LiftId(lift), Stand { claim, sequence: 1, disk_works: true })
}

fn listens(lift: u8, term: u64) -> Peer {
    claims(lift, Claim::Listening { followed: Followed { term: Term(term), sequence: 9 } })
}

fn leads(lift: u8, term: u64, has_followers: bool) -> Peer {
    claims(lift, Claim::Primary { term: Term(term), has_followers })
}

fn follows(lift: u8, primary: u8) -> Peer {
    let primary = LiftId(primary);
    claims(lift, Claim::Backup { primary, followed: Followed::default() })
}

fn among(present: &[Peer]) -> Assembly {
    Assembly { present: present.iter().copied().collect(), ranks: Vec::new(), disk_works: true }
}

fn ranked(ranks: &[u8], present: &[Peer]) -> Assembly {
    Assembly { ranks: ranks.iter().copied().map(LiftId).collect(), ..among(present) }
}

/// In which interval it becomes primary while nothing changes, if it does within 100.
fn takes_over_at(mut election: Election, assembly: &Assembly) -> Option<u32> {
    (0..100).find(|interval| {
        election.decide(at(*interval), assembly);
        matches!(election.role(), Role::Primary { .. })
    })
}

#[test]
fn a_listener_takes_over_when_it_has_heard_enough_and_its_rank_is_due() {
    let table: [(&[Peer], u32, &str); 6] = [
        (&[], 20, "alone it must be sure"),
        (&[listens(3, 0)], 5, "together the lowest goes first"),
        (&[listens(1, 0)], 7, "the next one waits a slot"),
        (&[listens(0, 0), listens(1, 0)], 9, "and the next one two"),
        (
            &[listens(1, 0), listens(3, 1)],
            9,
            "who has the latest worldview comes before the lowest",
        ),
        (&[follows(1, 7)], 7, "a backup whose primary is not there is no primary"),
    ];
    for (present, interval, why) in table {
        assert_eq!(takes_over_at(listener(2), &among(present)), Some(interval), "{why}");
    }
}

#[test]
fn a_listener_follows_the_best_primary_at_once_and_never_takes_over() {
    let mut election = listener(1);
    election.decide(at(0), &among(&[leads(2, 9, false), leads(3, 4, true)]));
    assert_eq!(election.role(), Role::Backup { primary: LiftId(3) });
    assert_eq!(takes_over_at(election, &among(&[leads(3, 4, true)])), None);
}

#[test]
fn a_backup_takes_over_by_the_rank_that_it_was_given() {
    let table: [(&[u8], &[Peer], u32); 5] = [
        (&[2, 3], &[follows(3, 1)], 0),
        (&[3, 2], &[follows(3, 1)], 2),
        (&[4, 3, 2], &[follows(3, 1), follows(4, 1)], 4),
        (&[4, 3, 2], &[follows(3, 1)], 2),
        (&[4, 3], &[follows(3, 1), follows(4, 1)], 4),
    ];
    for (ranks, present, interval) in table {
        let found = takes_over_at(backup(2, 1), &ranked(ranks, present));
        assert_eq!(found, Some(interval), "ranks {ranks:?}");
    }
}

#[test]
fn a_backup_follows_whoever_was_faster() {
    let mut election = backup(2, 1);
    election.decide(at(0), &ranked(&[3, 2], &[follows(3, 1)]));
    election.decide(at(1), &ranked(&[3, 2], &[leads(3, 2, false)]));
    assert_eq!(election.role(), Role::Backup { primary: LiftId(3) });
    assert_eq!(election.highest_term(), Term(2));
}

#[test]
fn a_backup_whose_primary_only_gave_the_role_away_waits_its_turn() {
    let assembly = ranked(&[3, 2], &[listens(1, 1), follows(3, 1)]);
    assert_eq!(takes_over_at(backup(2, 1), &assembly), Some(2));
}

#[test]
fn a_takeover_begins_a_term_above_all_that_were_heard_of() {
    let mut election = backup(2, 1);
    election.decide(at(0), &among(&[leads(3, 41, false)]));
    election.decide(at(1), &among(&[]));
    assert_eq!(election.role(), Role::Primary { term: Term(42) });
    assert_eq!(election.highest_term(), Term(42), "a next life must not fall behind it");
}

#[test]
fn of_two_primaries_that_hear_each_other_exactly_one_stays() {
    let all = [(1, 5), (2, 5), (1, 6), (2, 6)];
    for ((me, my_term), my_followers) in all.into_iter().flat_map(|p| [(p, true), (p, false)]) {
        for ((other, term), followers) in all.into_iter().flat_map(|p| [(p, true), (p, false)]) {
            if me == other {
                continue;
            }
            // Whoever has followers sees one of them; nobody else does.
            let with = |lift, yes: bool| yes.then(|| follows(40 + lift, lift));
            let mine: Vec<_> =
                [leads(other, term, followers)].into_iter().chain(with(me, my_followers)).collect();
            let theirs: Vec<_> = [leads(me, my_term, my_followers)]
                .into_iter()
                .chain(with(other, followers))
                .collect();
            let (mut one, mut two) = (primary(me, my_term), primary(other, term));
            one.decide(at(0), &among(&mine));
            two.decide(at(0), &among(&theirs));
            let stays = |election: &Election| matches!(election.role(), Role::Primary { .. });
            assert_ne!(stays(&one), stays(&two), "{me} in {my_term}, {other} in {term}");
            let best = (my_followers, my_term, Reverse(me)) > (followers, term, Reverse(other));
            assert_eq!(stays(&one), best, "followers, then the term, then the lowest number");
        }
    }
}

#[test]
fn a_primary_alone_gives_way_to_one_that_is_followed_whatever_its_term() {
    let mut lone = primary(1, 99);
    lone.decide(at(0), &among(&[leads(3, 2, true), follows(4, 3)]));
    assert_eq!(lone.role(), Role::Backup { primary: LiftId(3) });
    let mut followed = primary(3, 2);
    followed.decide(at(0), &among(&[leads(1, 99, false), follows(4, 3)]));
    assert_eq!(followed.role(), Role::Primary { term: Term(2) });
}

#[test]
fn a_primary_keeps_the_role_when_all_others_are_gone() {
    let mut election = primary(1, 3);
    election.decide(at(500), &among(&[]));
    assert_eq!(election.role(), Role::Primary { term: Term(3) });
}

fn without_disk(present: &[Peer]) -> Assembly {
    Assembly { disk_works: false, ..among(present) }
}

#[test]
fn a_primary_without_a_disk_gives_the_role_to_one_that_has_any() {
    let mut election = primary(1, 3);
    election.decide(at(50), &without_disk(&[follows(2, 1)]));
    assert_eq!(election.role(), Role::Listening);
    let others_first = (51..70).all(|interval| {
        election.decide(at(interval), &without_disk(&[follows(2, 1)]));
        election.role() == Role::Listening
    });
    assert!(others_first, "the others go first");
    election.decide(at(70), &without_disk(&[leads(2, 4, false)]));
    assert_eq!(election.role(), Role::Backup { primary: LiftId(2) });
}

#[test]
fn a_primary_without_a_disk_stays_where_nobody_has_one() {
    let (lift, stand) = follows(2, 1);
    let poor = Stand { disk_works: false, ..stand };
    for present in [&[][..], &[(lift, poor)]] {
        let mut election = primary(1, 3);
        election.decide(at(50), &without_disk(present));
        assert_eq!(election.role(), Role::Primary { term: Term(3) });
    }
}

#[test]
fn whoever_has_a_disk_comes_before_whoever_was_named() {
    let (lift, stand) = follows(3, 1);
    let poor = (lift, Stand { disk_works: false, ..stand });
    let assembly = ranked(&[3, 4, 2], &[poor, follows(4, 1)]);
    let order = succession(LiftId(2), Term(1), &assembly);
    assert_eq!(order, [LiftId(4), LiftId(2), LiftId(3)]);
}

#[test]
fn a_wake_up_is_asked_for_when_time_alone_decides() {
    let alone = among(&[]);
    assert_eq!(listener(2).next_wakeup(at(0), &alone), Some(at(20)));
    let mut waits = backup(2, 1);
    let assembly = ranked(&[3, 2], &[follows(3, 1)]);
    waits.decide(at(7), &assembly);
    assert_eq!(waits.next_wakeup(at(7), &assembly), Some(at(9)));
    assert_eq!(primary(2, 1).next_wakeup(at(0), &alone), None);
}

// ── groups in rounds ────────────────────────────────────────────────────────────────────────

/// Nodes that decide together, once an interval, by what those present claimed in the last one.
struct Rounds {
    nodes: Vec<Election>,
    interval: u32,
    /// Which pairs are present to each other, by index.
    links: Vec<(usize, usize)>,
}

impl Rounds {
    fn of(lifts: u8, links: &[(usize, usize)]) -> Self {
        let nodes = (1..=lifts).map(listener).collect();
        Self { nodes, interval: 0, links: links.to_vec() }
    }

    fn assembly_of(&self, me: usize, stands: &[Stand]) -> Assembly {
        let linked =
            |other: usize| self.links.contains(&(me, other)) || self.links.contains(&(other, me));
        let others = (0..self.nodes.len()).filter(|other| linked(*other));
        among(&others.map(|other| (self.nodes[other].me, stands[other])).collect::<Vec<_>>())
    }

    fn round(&mut self) {
        self.interval += 1;
        let claim = |node: &Election, assembly: &Assembly| node.claim(assembly);
        let plain: Vec<Stand> = self.stands(|node| claim(node, &among(&[])));
        let assemblies: Vec<Assembly> =
            (0..self.nodes.len()).map(|me| self.assembly_of(me, &plain)).collect();
        let mut mine = assemblies.iter();
        let stands = self.stands(|node| claim(node, mine.next().unwrap()));
        for me in 0..self.nodes.len() {
            let assembly = self.assembly_of(me, &stands);
            self.nodes[me].decide(at(self.interval), &assembly);
        }
    }

    fn stands(&self, mut claim: impl FnMut(&Election) -> Claim) -> Vec<Stand> {
        let stand = |node| Stand { claim: claim(node), sequence: 1, disk_works: true };
        self.nodes.iter().map(stand).collect()
    }

    fn roles(&self) -> Vec<Role> {
        self.nodes.iter().map(Election::role).collect()
    }
}

const BACKUP_OF_1: Role = Role::Backup { primary: LiftId(1) };

#[test]
fn a_chain_without_transitivity_comes_to_rest_with_two_primaries_at_most() {
    let mut chain = Rounds::of(3, &[(0, 1), (0, 2), (1, 2)]);
    (0..50).for_each(|_| chain.round());
    assert_eq!(chain.roles()[1..], [BACKUP_OF_1, BACKUP_OF_1]);
    // From now on the first and the third do not hear each other.
    chain.links = vec![(0, 1), (1, 2)];
    (0..50).for_each(|_| chain.round());
    let roles = chain.roles();
    assert!(matches!(roles[..], [Role::Primary { .. }, BACKUP_OF_1, Role::Primary { .. }]));
    for _ in 0..1000 {
        chain.round();
        assert_eq!(chain.roles(), roles, "nobody changes sides");
    }
    chain.links.push((0, 2));
    (0..50).for_each(|_| chain.round());
    assert_eq!(chain.roles()[1..], [BACKUP_OF_1, BACKUP_OF_1], "followers outweigh the later term");
}

#[test]
fn groups_of_any_links_come_to_rest_and_no_pair_of_primaries_hears_each_other() {
    let pairs = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)];
    for subset in 0..1 << pairs.len() {
        let links: Vec<_> =
            (0..pairs.len()).filter(|bit| subset >> bit & 1 == 1).map(|bit| pairs[bit]).collect();
        let mut group = Rounds::of(4, &links);
        (0..100).for_each(|_| group.round());
        let roles = group.roles();
        (0..20).for_each(|_| group.round());
        assert_eq!(group.roles(), roles, "links {links:?}");
        let leads = |at: usize| matches!(roles[at], Role::Primary { .. });
        assert!(links.iter().all(|(a, b)| !(leads(*a) && leads(*b))), "links {links:?}");
    }
}
