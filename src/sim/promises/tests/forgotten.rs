//! Calls that come back, lamps of which nobody can tell, copies that are lost.

use super::*;

#[test]
fn while_a_node_is_apart_a_late_lamp_may_be_that_of_an_earlier_press() {
    let late = |apart: bool| {
        let mut story = Story::of_a_sick_building();
        story.suffer(2, Deed::Apart(apart)).healed().wait(1000);
        story.press(1, up(0)).lamp(1, up(0), true).door(1, true).lamp(1, up(0), false);
        story.wait(DWELL - 100).press(1, up(0)).lamp(1, up(0), true);
        story.wait(100).door(1, false).lamp(2, up(0), true).wait(150).lamp(2, up(0), false);
        story.broken
    };
    assert_eq!(late(true), None);
    assert_eq!(late(false), Some(Promise::StaysLit));
}

#[test]
fn a_call_that_comes_back_after_a_crash_may_go_dark_again_or_be_answered_again() {
    let back = || {
        let mut story = Story::new();
        story.call(1, up(0)).door(1, true).dark(up(0)).suffer(1, Deed::Killed).wait(DWELL);
        story.door(1, false).wait(1000).lamp(1, up(0), true);
        story
    };
    let mut forgotten = back();
    forgotten.wait(10).lamp(1, up(0), false);
    assert_eq!((forgotten.figures().came_back, forgotten.figures().extra_stops), (1, 0));
    let mut again = back();
    again.door(1, true).lamp(1, up(0), false).wait(DWELL).door(1, false);
    let figures = again.figures();
    assert_eq!((figures.came_back, figures.extra_stops, figures.answered), (1, 1, 1));
    back().lamp(2, up(0), true).healed().wait(60_001).breaks(Promise::Answered);
}

#[test]
fn a_lamp_of_a_press_elsewhere_may_be_that_of_an_earlier_one_until_all_is_well() {
    let lit_again = |own: bool, answered_before: bool| {
        let mut story = Story::new();
        if answered_before {
            story.call(1, up(0)).door(1, true).dark(up(0)).wait(DWELL).door(1, false).wait(1000);
        }
        story.suffer(2, Deed::Apart(true)).press(if own { 2 } else { 1 }, up(0)).wait(200);
        story.lamp(2, up(0), true).wait(200);
        story
    };
    lit_again(false, true).lamp(2, up(0), false).keeps_all();
    lit_again(true, true).lamp(2, up(0), false).breaks(Promise::StaysLit);
    lit_again(false, false).lamp(2, up(0), false).breaks(Promise::StaysLit);
    let mut well = lit_again(false, true);
    well.suffer(2, Deed::Apart(false)).healed().wait(100).lamp(2, up(0), false);
    well.breaks(Promise::StaysLit);
    let mut unclear = lit_again(false, true);
    assert_eq!(unclear.lamp(2, up(0), false).figures().unclear, 1);
}

#[test]
fn no_crash_lets_a_call_come_back_for_ever() {
    let mut story = Story::new();
    story.call(1, cab(0)).door(1, true).lamp(1, cab(0), false).wait(DWELL).door(1, false);
    story.suffer(1, Deed::Killed);
    for _ in 0..4 {
        story.wait(1000).lamp(1, cab(0), true).keeps_all();
        story.door(1, true).lamp(1, cab(0), false).wait(DWELL).door(1, false).keeps_all();
    }
    story.wait(1000).lamp(1, cab(0), true).door(1, true).lamp(1, cab(0), false);
    story.breaks(Promise::StaysAnswered);
}

#[test]
fn each_side_of_a_partition_may_answer_a_call_once() {
    let mut story = Story::new();
    story.call(1, up(0)).suffer(1, Deed::Apart(true)).suffer(2, Deed::Apart(true));
    story.door(1, true).lamp(1, up(0), false).wait(DWELL).door(1, false).wait(1000);
    story.door(2, true).lamp(2, up(0), false).wait(DWELL).door(2, false);
    let figures = story.figures();
    assert_eq!((figures.lit, figures.answered, figures.extra_stops), (1, 1, 1));
}

#[test]
fn a_panel_that_lost_its_power_still_owes() {
    let blank = || {
        let mut story = Story::new();
        story.call(1, cab(2)).see(1, Seen::Blank).healed();
        story
    };
    blank().wait(60_001).breaks(Promise::Answered);
    let mut lit_again = blank();
    lit_again.wait(1000).lamp(1, cab(2), true).go(1, 2, Up).door(1, true);
    lit_again.lamp(1, cab(2), false).wait(DWELL).door(1, false);
    let figures = lit_again.figures();
    assert_eq!((figures.lit, figures.answered, figures.came_back), (1, 1, 0));
    let mut while_dark = blank();
    while_dark.go(1, 2, Up).stop();
    assert_eq!(while_dark.figures().answered, 1);
}

#[test]
fn a_panel_that_lost_its_power_owes_nothing_when_nobody_can_tell_what_it_showed() {
    let mut story = Story::of_a_sick_building();
    story.call(2, up(0)).door(1, true).lamp(1, up(0), false).wait(DWELL).door(1, false);
    story.wait(1).suffer(1, Deed::Killed).lamp(1, up(0), true).see(1, Seen::Blank);
    story.lamp(2, up(0), false).healed().wait(60_001);
    assert_eq!(story.figures().answered, 1);
}

#[test]
fn a_lift_that_was_left_in_peace_knows_what_it_lights() {
    let struck_at_its_lamp = |before: Option<Deed>| {
        let mut story = Story::of_a_sick_building();
        story.call(1, cab(0)).door(1, true).lamp(1, cab(0), false).wait(DWELL).door(1, false);
        if let Some(deed) = before {
            story.wait(1000).suffer(1, deed);
        }
        story.wait(1000).press(1, cab(0)).wait(20).lamp(1, cab(0), true).suffer(1, Deed::Killed);
        story
    };
    struck_at_its_lamp(None).lamp(1, cab(0), false).breaks(Promise::StaysLit);
    struck_at_its_lamp(None).see(1, Seen::Blank).healed().wait(60_001).breaks(Promise::Answered);
    // One that was not may have lit the lamp of the press before.
    let mut unclear = struck_at_its_lamp(Some(Deed::Killed));
    assert_eq!(unclear.see(1, Seen::Blank).healed().wait(60_001).figures().unclear, 1);
}

#[test]
fn a_lamp_at_whose_open_door_something_happened_may_go_dark_later() {
    let dark_later = |deed: Option<Deed>| {
        let mut story = Story::of_a_sick_building();
        story.call(1, up(0)).wait(1000).door(1, true);
        if let Some(deed) = deed {
            story.suffer(1, deed);
        }
        story.wait(DWELL).door(1, false).wait(1).lamp(1, up(0), false);
        story.broken
    };
    assert_eq!(dark_later(Some(Deed::DiskLost)), None);
    assert_eq!(dark_later(Some(Deed::Killed)), None);
    assert_eq!(dark_later(Some(Deed::Unable(true))), Some(Promise::StaysLit));
    assert_eq!(dark_later(None), Some(Promise::StaysLit));
}

#[test]
fn nor_do_the_lamps_of_others_tell_what_a_door_was_open_for() {
    let mut story = Story::of_a_sick_building();
    story.call(1, up(0)).wait(1000).door(1, true).suffer(1, Deed::Killed).wait(DWELL);
    story.door(1, false).wait(1000).lamp(2, up(0), false).lamp(1, up(0), false);
    assert_eq!(story.figures().unclear, 1);
}

#[test]
fn what_a_door_may_have_been_open_for_before_it_announces_nothing_when_it_opens_again() {
    let opens_again = |deed: Deed| {
        let mut story = Story::of_a_sick_building();
        story.call(1, up(2)).call(1, down(2)).go(1, 2, Up).door(1, true).wait(100);
        story.suffer(1, deed).wait(DWELL).door(1, false).wait(1000).door(1, true);
        story.lamp(1, up(2), false).wait(30).lamp(1, down(2), false);
        story
    };
    opens_again(Deed::Killed).keeps_all();
    opens_again(Deed::Unable(true)).breaks(Promise::OneDirection);
}

#[test]
fn who_hears_late_of_a_press_may_light_a_lamp_that_others_know_to_be_answered() {
    let hears_late = |deed: Deed| {
        let mut story = Story::of_lifts(3);
        story.press(3, up(0)).lamp(3, up(0), true).lamp(2, up(0), true).door(2, true).wait(100);
        story.suffer(2, deed).wait(DWELL).door(2, false).wait(1000).suffer(1, Deed::Apart(true));
        story.suffer(1, Deed::Apart(false)).lamp(1, up(0), true).wait(20);
        story.lamp(3, up(0), false).lamp(2, up(0), false).lamp(1, up(0), false);
        story
    };
    hears_late(Deed::Killed).keeps_all();
    hears_late(Deed::Unable(true)).breaks(Promise::StaysLit);
}

#[test]
fn a_cab_call_is_not_forgiven_while_its_own_lift_has_it() {
    let lost = |lifts: &[u8]| {
        let mut story = Story::of_lifts(3);
        story.healed().wait(1000).press(3, cab(2)).lamp(3, cab(2), true).wait(200);
        for number in lifts {
            story.suffer(*number, Deed::DiskLost);
        }
        story.lamp(3, cab(2), false);
        story
    };
    lost(&[1, 2]).breaks(Promise::StaysLit);
    assert_eq!(lost(&[1, 3]).figures().forgiven, 1);
}

#[test]
fn nobody_tells_a_lone_lift_that_a_call_was_answered() {
    let came_back = || {
        let mut story = Story::of_lifts(1);
        story.press(1, cab(0)).lamp(1, cab(0), true).door(1, true).lamp(1, cab(0), false);
        story.suffer(1, Deed::Killed).wait(DWELL).door(1, false).wait(100);
        story.lamp(1, cab(0), true).wait(100);
        story
    };
    came_back().lamp(1, cab(0), false).breaks(Promise::StaysLit);
    came_back().door(1, true).lamp(1, cab(0), false).keeps_all();
}

#[test]
fn a_call_is_forgiven_when_every_copy_that_the_design_owes_was_destroyed() {
    let lit = |alone: bool, losses: &[u8]| {
        let mut story = Story::new();
        if alone {
            story.suffer(1, Deed::Apart(true));
        }
        story.press(1, up(2)).lamp(1, up(2), true);
        for lift in losses {
            story.suffer(*lift, Deed::DiskLost);
        }
        story.lamp(1, up(2), false);
        story
    };
    lit(true, &[1]).keeps_all();
    lit(false, &[1, 2]).keeps_all();
    lit(false, &[1]).breaks(Promise::StaysLit);
    lit(true, &[2]).breaks(Promise::StaysLit);
    assert_eq!(lit(true, &[1]).figures().forgiven, 1);
}

#[test]
fn copies_that_had_time_to_be_made_again_are_owed_again() {
    let lost_twice = |whole_for| {
        let mut story = Story::new();
        story.call(1, up(2)).suffer(1, Deed::DiskLost).healed().wait(whole_for);
        story.suffer(2, Deed::DiskLost).dark(up(2));
        story
    };
    lost_twice(99).keeps_all();
    lost_twice(100).breaks(Promise::StaysLit);
}

#[test]
fn a_dark_panel_is_owed_nothing_after_a_stop_whose_lift_forgets_it_before_the_door_closes() {
    let mut story = Story::new();
    story.call(1, up(0)).see(2, Seen::Blank).door(1, true).lamp(1, up(0), false);
    story.suffer(1, Deed::Killed).wait(DWELL).lamp(1, up(0), true).door(1, false);
    story.wait(10).lamp(1, up(0), false).healed().wait(60_001).keeps_all();
}
