//! Which checkpoint is found guilty of a failed start, and which is not.

use super::*;

#[test]
fn a_poisoned_checkpoint_is_set_aside_when_an_older_one_works() {
    let mut trace = Trace::begin();
    trace.expect(0, Event::Wakeup, Some(Action::Spawn(Candidate::Newest)));
    let tried: Vec<Candidate> = (1..=3).map(|n| trace.fails_to_restore(n * 1000)).collect();
    assert_eq!(tried, [Candidate::Newest, Candidate::Newest, Candidate::Proven]);
    trace.expect(3100, Event::Greeted, None);
    trace.expect(3110, Event::Restored, Some(Action::SetAside(&[Candidate::Newest])));
    assert_eq!(trace.next_spawn_after_end(3200), Candidate::Newest);
}

#[test]
fn a_controller_that_hangs_over_its_checkpoint_speaks_against_it() {
    let mut trace = Trace::begin();
    trace.expect(0, Event::Wakeup, Some(Action::Spawn(Candidate::Newest)));
    for life in 0..3 {
        let begin = life * 3000;
        trace.expect(begin, Event::Greeted, None);
        trace.expect(begin + 2000, Event::Wakeup, Some(Action::Kill(Fault::DidNotStart)));
        let next = if life < 2 { Candidate::Newest } else { Candidate::Proven };
        trace.expect(begin + 3000, Event::Ended, Some(Action::Spawn(next)));
    }
}

#[test]
fn a_program_that_cannot_run_says_nothing_about_its_checkpoint() {
    let mut trace = Trace::begin();
    trace.expect(0, Event::Wakeup, Some(Action::Spawn(Candidate::Newest)));
    for life in 1..100 {
        assert_eq!(trace.next_spawn_after_end(life * 1000), Candidate::Newest);
    }
}

#[test]
fn a_crash_after_the_restoration_says_nothing_about_the_checkpoint() {
    let mut trace = Trace::begin();
    trace.expect(0, Event::Wakeup, Some(Action::Spawn(Candidate::Newest)));
    for life in 1..100 {
        trace.expect(life * 1000, Event::Greeted, None);
        trace.expect(life * 1000, Event::Restored, None);
        assert_eq!(trace.next_spawn_after_end(life * 1000), Candidate::Newest);
    }
}

#[test]
fn a_start_that_was_cut_short_on_request_says_nothing_about_the_checkpoint() {
    let mut trace = Trace::begin();
    trace.expect(0, Event::Wakeup, Some(Action::Spawn(Candidate::Newest)));
    for life in 1..10 {
        trace.expect(life * 1000, Event::Greeted, None);
        trace.expect(life * 1000, Event::Reload, Some(Action::Kill(Fault::Unwanted)));
        assert_eq!(trace.next_spawn_after_end(life * 1000), Candidate::Newest);
    }
}

/// A trace whose controllers have failed over their checkpoint this often, another one is spawned.
fn failed(lives: u64) -> Trace {
    let mut trace = Trace::begin();
    trace.expect(0, Event::Wakeup, Some(Action::Spawn(Candidate::Newest)));
    for life in 1..=lives {
        trace.fails_to_restore(life * 3000);
    }
    trace
}

#[test]
fn a_reload_acquits_every_checkpoint() {
    for lives in 1..9 {
        let mut trace = failed(lives);
        trace.expect(50_000, Event::Greeted, None);
        trace.expect(50_000, Event::Reload, Some(Action::Kill(Fault::Unwanted)));
        trace.expect(50_010, Event::Ended, Some(Action::Spawn(Candidate::Newest)));
        trace.begins_well(50_020);
    }
}

#[test]
fn a_reload_between_two_lives_acquits_every_checkpoint() {
    let mut trace = failed(4);
    trace.expect(50_000, Event::Ended, None);
    trace.expect(50_001, Event::Reload, Some(Action::Spawn(Candidate::Newest)));
    trace.begins_well(50_010);
}

#[test]
fn a_reload_while_a_controller_dies_acquits_every_checkpoint() {
    let mut trace = failed(2);
    trace.expect(50_000, Event::Greeted, None);
    trace.expect(50_000, Event::Nonsense, Some(Action::Kill(Fault::SpokeNonsense)));
    trace.expect(50_001, Event::Reload, None);
    trace.expect(50_010, Event::Ended, Some(Action::Spawn(Candidate::Newest)));
    trace.begins_well(50_020);
}

#[test]
fn another_program_acquits_every_checkpoint() {
    let mut trace = failed(4);
    trace.expect(50_000, Event::Greeted, None);
    trace.expect(50_010, Event::ProgramChanged, None);
    assert_eq!(trace.next_spawn_after_end(50_010), Candidate::Newest);
}

#[test]
fn a_controller_that_does_not_understand_its_settings_says_nothing_about_its_checkpoint() {
    let mut trace = failed(0);
    for life in 1..100 {
        trace.expect(life * 3000, Event::Greeted, None);
        trace.expect(life * 3000, Event::SettingsRefused, None);
        assert_eq!(trace.next_spawn_after_end(life * 3000), Candidate::Newest);
    }
}
