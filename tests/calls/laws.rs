//! What holds of every set that presses, answers, merges and restarts can lead to.

use std::collections::BTreeMap;

use lift_group::calls::{Call, CallSet};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::histories::{calls, histories};

pub fn merged(one: &CallSet, other: &CallSet) -> CallSet {
    let mut both = one.clone();
    both.merge(other);
    both
}

/// Three sets of one history.
fn three() -> impl Strategy<Value = [CallSet; 3]> {
    (histories(), any::<[Index; 3]>())
        .prop_map(|(history, picks)| picks.map(|pick| history.any(pick).knowledge.set.clone()))
}

fn two() -> impl Strategy<Value = [CallSet; 2]> {
    three().prop_map(|[one, two, _]| [one, two])
}

proptest! {
    /// The law that the others follow from: whatever a set forgets makes no difference.
    #[test]
    fn a_call_is_live_exactly_when_no_known_answer_knew_of_some_press(history in histories()) {
        for moment in history.0 {
            prop_assert_eq!(moment.knowledge.set.live(), moment.knowledge.truly_live());
        }
    }

    #[test]
    fn merge_is_commutative([one, two] in two()) {
        prop_assert_eq!(merged(&one, &two), merged(&two, &one));
    }

    #[test]
    fn merge_is_associative([one, two, three] in three()) {
        prop_assert_eq!(
            merged(&merged(&one, &two), &three),
            merged(&one, &merged(&two, &three))
        );
    }

    #[test]
    fn merge_is_idempotent([one, two] in two()) {
        prop_assert_eq!(merged(&one, &one), one.clone());
        let both = merged(&one, &two);
        prop_assert_eq!(merged(&both, &two), both);
    }

    #[test]
    fn an_older_copy_of_oneself_changes_nothing(history in histories()) {
        for (earlier, later) in history.earlier_and_later() {
            prop_assert_eq!(&merged(later, earlier), later);
            prop_assert_eq!(&merged(earlier, later), later);
        }
    }

    #[test]
    fn a_life_never_forgets_what_it_has_seen(history in histories()) {
        for (earlier, later) in history.earlier_and_later() {
            prop_assert!(later.context().includes(earlier.context()));
        }
    }

    #[test]
    fn a_merge_has_seen_what_either_side_has_seen([one, two] in two()) {
        let both = merged(&one, &two);
        prop_assert!(both.context().includes(one.context()));
        prop_assert!(both.context().includes(two.context()));
    }

    #[test]
    fn nothing_that_was_seen_before_comes_back_to_life([one, two] in two()) {
        if one.context().includes(two.context()) {
            prop_assert!(merged(&one, &two).live().is_subset(&one.live()));
        }
    }

    #[test]
    fn an_answered_call_stays_answered_whatever_copy_of_before_arrives(
        history in histories(), now: Index, call in calls(),
    ) {
        let mut answered = history.any(now).knowledge.set.clone();
        answered.answer(call);
        for before in history.0 {
            let before = before.knowledge.set;
            if answered.context().includes(before.context()) {
                prop_assert!(!merged(&answered, &before).is_live(call));
                prop_assert!(!merged(&before, &answered).is_live(call));
            }
        }
    }

    /// In particular not one in which the call has just been answered.
    #[test]
    fn no_copy_of_before_takes_a_press_back(
        history in histories(), now: Index, elsewhere: Index, call in calls(),
    ) {
        let mut presser = history.any(now).clone();
        presser.actor.incarnation.0 += 1000; // other than any life in what came after
        let mut answerer = history.any(elsewhere).knowledge.set.clone();
        answerer.merge(&presser.knowledge.set);
        answerer.answer(call);
        presser.knowledge.press(presser.actor, call);
        prop_assert!(merged(&presser.knowledge.set, &answerer).is_live(call));
        prop_assert!(merged(&answerer, &presser.knowledge.set).is_live(call));
    }

    #[test]
    fn an_actor_has_at_most_two_dots_on_a_call([one, two] in two()) {
        let both = merged(&one, &two);
        for call in both.live() {
            prop_assert!(most_dots_of_an_actor(&both, call) <= 2);
        }
    }

    #[test]
    fn a_press_leaves_a_safe_call_safe(
        history in histories(), now: Index, disk: Index, call in calls(),
    ) {
        let mut here = history.any(now).clone();
        let on_disk = history.any(disk).knowledge.set.context().clone();
        let was_safe = here.knowledge.set.is_safe_with(call, &on_disk);
        for _ in 0..3 {
            here.knowledge.press(here.actor, call);
            prop_assert!(here.knowledge.set.is_safe_with(call, &on_disk) >= was_safe);
        }
    }

    /// So were all the rest lost, a safe call would still be live, or it was answered.
    #[test]
    fn a_copy_that_has_seen_a_press_has_the_call_or_its_answer(
        history in histories(), now: Index, disk: Index, call in calls(),
    ) {
        let here = &history.any(now).knowledge;
        let on_disk = &history.any(disk).knowledge;
        let mut seen = here.set.dots_of(call).filter(|dot| on_disk.set.context().covers(*dot));
        prop_assert!(seen.all(|dot| on_disk.set.is_live(call) || on_disk.has_answered(dot)));
    }

    #[test]
    fn idle_actors_and_no_others_can_be_retired([set, _] in two()) {
        let idle: Vec<_> = set.idle_actors().collect();
        for actor in set.context().actors() {
            let mut smaller = set.clone();
            prop_assert_eq!(smaller.retire(actor), idle.contains(&actor));
            prop_assert_eq!(smaller.live(), set.live());
            prop_assert_eq!(smaller.context().newest_of(actor).is_none(), idle.contains(&actor));
        }
    }

    #[test]
    fn retiring_everywhere_leaves_every_call_as_it_was([one, two] in two()) {
        let both = merged(&one, &two);
        let (mut here, mut there) = (both.clone(), both.clone());
        for actor in both.idle_actors() {
            prop_assert!(here.retire(actor) && there.retire(actor));
        }
        here.merge(&there);
        prop_assert_eq!(&here, &there);
        prop_assert_eq!(here.live(), both.live());
    }
}

fn most_dots_of_an_actor(set: &CallSet, call: Call) -> usize {
    let mut counts = BTreeMap::new();
    for dot in set.dots_of(call) {
        *counts.entry(dot.actor).or_default() += 1;
    }
    counts.into_values().max().unwrap_or_default()
}
