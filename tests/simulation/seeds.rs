//! A fixed set of seeds, in two threads.

use std::time::Duration;

use lift_group::sim::fault::Kind;
use lift_group::sim::plan::{Plan, Wishes};
use lift_group::sim::promises::Figures;
use lift_group::sim::run::run;

fn all_keep_every_promise(seeds: impl IntoIterator<Item = u64>, wishes: &Wishes) {
    for seed in seeds {
        let outcome = run(&Plan::new(seed, wishes), Duration::ZERO);
        if let Some(broken) = outcome.broken {
            panic!("seed {seed} with {wishes:?}: {broken}");
        }
        assert_eq!(outcome.figures.pending(), 0, "seed {seed} with {wishes:?}: a call is lost");
    }
}

/// Small groups that do not speak too often: what takes a minute of virtual time takes a moment.
fn brief() -> Wishes {
    Wishes {
        heartbeat: Some(Duration::from_millis(50)),
        lasts: Some(Duration::from_secs(60)),
        ..Wishes::default()
    }
}

#[test]
fn whatever_goes_wrong_no_promise_is_broken() {
    all_keep_every_promise(0..12, &brief());
}

#[test]
fn whatever_goes_wrong_in_small_groups_no_promise_is_broken() {
    for lifts in 1..=3 {
        all_keep_every_promise(100..112, &Wishes { lifts: Some(lifts), ..brief() });
    }
}

#[test]
fn where_lifts_alone_are_hindered_nothing_comes_back_and_nothing_is_unclear() {
    let hinders = [Kind::DriveDead, Kind::Obstruction, Kind::StopButton, Kind::ClockJump];
    let wishes = Wishes { kinds: Some(hinders.into()), ..brief() };
    for seed in 200..216 {
        let outcome = run(&Plan::new(seed, &wishes), Duration::ZERO);
        assert_eq!(outcome.broken, None, "seed {seed} with {wishes:?}");
        let Figures { forgiven, unclear, came_back, .. } = outcome.figures;
        assert_eq!((forgiven, unclear, came_back), (0, 0, 0), "seed {seed} with {wishes:?}");
    }
}

#[test]
fn a_seed_gives_the_same_run_each_time_and_another_seed_another() {
    let hash = |seed| run(&Plan::new(seed, &brief()), Duration::ZERO).hash;
    for seed in 7..10 {
        assert_eq!(hash(seed), hash(seed), "seed {seed}");
        assert_ne!(hash(seed), hash(seed + 1), "seed {seed}");
    }
}

#[test]
fn what_is_remembered_of_a_run_changes_nothing_in_it() {
    let plan = Plan::new(3, &brief());
    let (blind, told) = (run(&plan, Duration::ZERO), run(&plan, Duration::from_secs(30)));
    assert_eq!(blind.hash, told.hash);
    assert!(blind.timeline.is_empty() && !told.timeline.is_empty());
}

#[test]
fn every_kind_of_fault_strikes() {
    let struck = |kind: Kind| {
        let wishes = Wishes {
            lifts: Some(3),
            heartbeat: Some(Duration::from_millis(100)),
            kinds: Some([kind].into()),
            ..brief()
        };
        let counts = (0..10).map(|seed| run(&Plan::new(seed, &wishes), Duration::ZERO).counts);
        counts.flatten().any(|(struck, count)| struck == kind && count > 0)
    };
    let silent: Vec<String> =
        Kind::ALL.into_iter().filter(|kind| !struck(*kind)).map(Kind::name).collect();
    assert!(silent.is_empty(), "none of these ever struck: {silent:?}");
}
