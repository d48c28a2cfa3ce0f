//! What the search finds, and what it finds in designs that are wrong on purpose.

use super::*;

const MERGING: Bounds = Bounds {
    presses: 2,
    pressing: &[0, 1],
    crashes: 1,
    crashing: &[0],
    late_message: false,
    retires: false,
    stranger: None,
};
const LATE: Bounds = Bounds { crashes: 0, late_message: true, ..MERGING };
const RETIRING: Bounds = Bounds {
    presses: 1,
    pressing: &[1],
    crashes: 2,
    crashing: &[1, 2],
    late_message: false,
    retires: true,
    stranger: None,
};
/// The primary crashes as well, and knows nothing of what it had heard.
const RETIRING_ANEW: Bounds = Bounds { crashing: &[0, 1], ..RETIRING };

/// What was said before a life is forgotten arrives afterwards.
const RETIRING_LATE: Bounds = Bounds { crashes: 1, late_message: true, ..RETIRING };

/// Somebody hears the others before they have ever heard of it.
const RETIRING_BESIDE_A_STRANGER: Bounds =
    Bounds { stranger: Some(2), crashes: 1, crashing: &[1], ..RETIRING };

#[test]
fn no_history_loses_a_press_or_answers_one_twice() {
    for bounds in [MERGING, LATE] {
        let states = search::<CallSet>(Design::Real, bounds).unwrap();
        assert!(states > 1_000, "only {states} states were searched");
        println!("{states} states");
    }
}

#[test]
fn no_history_of_lives_that_are_forgotten_brings_a_call_back() {
    for bounds in [RETIRING, RETIRING_ANEW, RETIRING_LATE, RETIRING_BESIDE_A_STRANGER] {
        let states = search::<CallSet>(Design::Real, bounds).unwrap();
        assert!(states > 1_000, "only {states} states were searched");
        println!("{states} states");
    }
}

#[test]
fn lives_are_forgotten_in_some_history() {
    // Otherwise the search for faults of forgetting would prove nothing.
    let mut group = Group::<CallSet>::of_all_but(None);
    let save = |g: &mut Group<CallSet>, n: usize| g.nodes[n].disk = g.nodes[n].memory.clone();
    group.press(1, Design::Real);
    group.answer(1);
    save(&mut group, 1);
    group.crash(1, true, false);
    group.hear(PRIMARY, 1, Design::Real);
    save(&mut group, PRIMARY);
    group.hear(2, PRIMARY, Design::Real);
    save(&mut group, 2);
    group.hear(PRIMARY, 2, Design::Real);
    group.retire(Design::Real);
    assert!(group.retired.iter().map(|dot| dot.actor).eq([actor(1, 0)]));
    assert!(group.nodes[PRIMARY].memory.set.context().actors().next().is_none());
}

#[test]
fn naming_dots_after_the_node_alone_loses_a_press() {
    assert_eq!(search::<CallSet>(Design::ActorIsTheNode, MERGING), Err("a press is lost"));
}

#[test]
fn an_incarnation_in_the_high_bits_of_a_counter_loses_a_press() {
    assert_eq!(search::<Packed>(Design::Real, MERGING), Err("a press is lost"));
}

#[test]
fn a_lit_button_that_makes_no_dot_loses_a_press() {
    let design = Design::LitButtonsAreNotPressed;
    assert_eq!(search::<CallSet>(design, MERGING), Err("a press is lost"));
}

#[test]
fn forgetting_on_ones_own_brings_calls_back() {
    let design = Design::EveryoneForgetsAlone;
    assert_eq!(search::<CallSet>(design, RETIRING), Err("a lift stops for nobody"));
}

#[test]
fn forgetting_what_a_disk_still_holds_brings_calls_back() {
    let design = Design::DisksAreNotAsked;
    assert_eq!(search::<CallSet>(design, RETIRING), Err("a lift stops for nobody"));
}

#[test]
fn forgetting_behind_the_back_of_the_absent_brings_calls_back() {
    let design = Design::TheAbsentAreNotAsked;
    assert_eq!(search::<CallSet>(design, RETIRING), Err("a lift stops for nobody"));
}

#[test]
fn taking_the_ignorant_for_forgetful_brings_calls_back() {
    let design = Design::UnseenCountsAsForgotten;
    assert_eq!(search::<CallSet>(design, RETIRING), Err("a lift stops for nobody"));
}

#[test]
fn hearing_the_past_after_forgetting_brings_calls_back() {
    let design = Design::ThePastStillCounts;
    assert_eq!(search::<CallSet>(design, RETIRING_LATE), Err("a lift stops for nobody"));
}

#[test]
fn telling_strangers_brings_calls_back() {
    let design = Design::StrangersAreTold;
    let fault = search::<CallSet>(design, RETIRING_BESIDE_A_STRANGER);
    assert_eq!(fault, Err("a lift stops for nobody"));
}

#[test]
fn naming_whom_the_disk_does_not_know_brings_calls_back() {
    let design = Design::NamesAreNotKept;
    let fault = search::<CallSet>(design, RETIRING_BESIDE_A_STRANGER);
    assert_eq!(fault, Err("a lift stops for nobody"));
}
