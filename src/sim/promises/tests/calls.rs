//! Calls, lamps, passengers.

use super::*;

#[test]
fn a_lit_call_is_answered_at_an_open_door() {
    let mut story = Story::new();
    story.call(1, up(2)).go(1, 2, Up).door(1, true).dark(up(2)).wait(DWELL).door(1, false);
    let figures = story.figures();
    assert_eq!((figures.lit, figures.answered, figures.extra_stops), (1, 1, 0));
    assert_eq!(figures.to_answer.count(), 1);
}

#[test]
fn a_lamp_that_goes_dark_behind_closed_doors_breaks_a_promise() {
    Story::new().call(1, up(2)).go(1, 2, Up).dark(up(2)).breaks(Promise::StaysLit);
    Story::new().call(1, up(2)).door(1, true).dark(up(2)).breaks(Promise::StaysLit);
    Story::new().call(1, cab(0)).door(2, true).dark(cab(0)).breaks(Promise::StaysLit);
}

#[test]
fn a_press_after_the_door_has_closed_is_owed_another_door() {
    let story = || {
        let mut story = Story::of_a_sick_building(); // in a whole one panels must agree sooner
        story.call(2, up(0)).door(1, true).lamp(1, up(0), false).wait(DWELL).door(1, false).wait(1);
        story
    };
    story().lamp(2, up(0), false).keeps_all();
    story().press(2, up(0)).wait(200).lamp(2, up(0), false).breaks(Promise::StaysLit);
    story().press(2, up(0)).wait(50).lamp(2, up(0), false).keeps_all();
}

#[test]
fn a_press_that_nobody_can_have_noticed_promises_nothing() {
    let answered_elsewhere = |presses: &dyn Fn(&mut Story)| {
        let mut story = Story::of_a_sick_building();
        story.call(2, up(0)).door(1, true).lamp(1, up(0), false).wait(DWELL).door(1, false);
        presses(story.wait(1));
        story.wait(500).lamp(2, up(0), false);
        story.broken
    };
    let dead = |story: &mut Story| _ = story.suffer(2, Deed::Killed).press(2, up(0));
    assert_eq!(answered_elsewhere(&dead), None);
    let just_before = |story: &mut Story| {
        story.press(2, up(0)).wait(50).suffer(2, Deed::Killed);
    };
    assert_eq!(answered_elsewhere(&just_before), None);
    let long_before = |story: &mut Story| {
        story.press(2, up(0)).wait(101).suffer(2, Deed::Killed);
    };
    assert_eq!(answered_elsewhere(&long_before), Some(Promise::StaysLit));
    let back = |story: &mut Story| {
        story.suffer(2, Deed::Killed).see(2, Seen::Door(true)).press(2, cab(1)).press(2, up(0));
    };
    // Its own door is open there.
    assert_eq!(answered_elsewhere(&back), None);
    let elsewhere = |story: &mut Story| {
        story.see(2, Seen::Floor(Some(floor(1)))).suffer(2, Deed::Killed);
        story.see(2, Seen::Door(true)).press(2, up(0));
    };
    assert_eq!(answered_elsewhere(&elsewhere), Some(Promise::StaysLit));
    let silent = |story: &mut Story| {
        story.see(2, Seen::Floor(Some(floor(1)))).suffer(2, Deed::HardwareLost(true));
        story.see(2, Seen::Door(true)).press(2, up(0));
    };
    assert_eq!(answered_elsewhere(&silent), None);
}

#[test]
fn a_stop_does_not_count_for_a_call_that_still_shines_at_that_lift() {
    let mut story = Story::new();
    story.call(1, up(0)).stop().wait(1).lamp(2, up(0), false).breaks(Promise::StaysLit);
}

#[test]
fn a_stop_counts_for_a_call_that_shone_no_more_before_it_was_lit_again() {
    let pressed_again_at_the_open_door = || {
        let mut story = Story::of_a_sick_building();
        story.call(2, up(0)).door(1, true).lamp(1, up(0), false).wait(200);
        story.press(1, up(0)).lamp(1, up(0), true).wait(DWELL).door(1, false).wait(1);
        story
    };
    pressed_again_at_the_open_door().lamp(2, up(0), false).keeps_all();
    pressed_again_at_the_open_door().lamp(1, up(0), false).breaks(Promise::StaysLit);
}

#[test]
fn what_is_lit_is_answered_in_time() {
    // Its car is under way all the time, to somewhere else.
    let lit = |button| {
        let mut story = Story::new();
        story.call(1, button).see(1, Seen::Motor(Some(Up)));
        story
    };
    lit(up(2)).wait(60_000).keeps_all();
    lit(up(2)).wait(60_001).breaks(Promise::Answered);
    lit(cab(2)).wait(60_001).breaks(Promise::Answered);
}

#[test]
fn somebody_sets_out_soon_for_a_lit_call() {
    Story::new().call(1, up(2)).wait(2000).keeps_all();
    Story::new().call(1, up(2)).wait(2001).breaks(Promise::Answered);
    Story::new().call(1, up(2)).see(2, Seen::Motor(Some(Up))).wait(2001).keeps_all();
    Story::new().call(1, cab(2)).see(2, Seen::Motor(Some(Up))).wait(2001).breaks(Promise::Answered);
    let mut stops = Story::new();
    stops.call(1, up(2)).see(1, Seen::Motor(Some(Up))).wait(1000).see(1, Seen::Motor(None));
    stops.wait(2000).keeps_all();
    stops.wait(1).breaks(Promise::Answered);
}

#[test]
fn what_waited_for_the_healing_is_answered_in_time_from_then_on() {
    let story = || {
        let mut story = Story::new();
        story.call(1, up(2)).suffer(2, Deed::Killed).wait(3_600_000).healed();
        story.see(1, Seen::Motor(Some(Up)));
        story
    };
    story().wait(60_000).keeps_all();
    story().wait(60_001).breaks(Promise::Answered);
}

#[test]
fn nobody_waits_in_vain_for_a_lift_that_cannot_serve() {
    let of = |lifts: &[u8]| {
        let mut story = Story::new();
        for lift in lifts {
            story.suffer(*lift, Deed::Unable(true));
        }
        story.healed().call(1, cab(2)).call(1, up(2)).wait(60_001);
        story.broken
    };
    assert_eq!(of(&[1, 2]), None);
    assert_eq!(of(&[1]), Some(Promise::Answered), "lift 2 can answer the hall call");
}

#[test]
fn a_lamp_is_lit_soon_after_the_press() {
    Story::new().press(1, up(2)).wait(501).breaks(Promise::Lit);
    Story::new().press(1, up(2)).wait(500).lamp(1, up(2), true).keeps_all();
    Story::new().press(1, up(0)).wait(400).door(2, true).wait(500).keeps_all();
    Story::new().press(1, cab(0)).wait(400).door(2, true).wait(101).breaks(Promise::Lit);
    Story::new().press(1, up(2)).suffer(2, Deed::Killed).wait(501).keeps_all();
}

#[test]
fn an_answered_call_that_comes_back_without_a_fault_breaks_a_promise() {
    let answered = || {
        let mut story = Story::new();
        story.call(1, up(0)).door(1, true).dark(up(0)).wait(DWELL).door(1, false);
        story
    };
    answered().wait(50).lamp(2, up(0), true).keeps_all();
    answered().wait(101).lamp(2, up(0), true).breaks(Promise::StaysAnswered);
    answered().wait(101).press(2, up(0)).lamp(2, up(0), true).keeps_all();
}

#[test]
fn a_lamp_for_which_nobody_pressed_breaks_a_promise() {
    Story::new().lamp(1, up(0), true).breaks(Promise::Asked);
    Story::new().press(1, cab(2)).lamp(2, cab(2), true).breaks(Promise::Asked);
    Story::new().press(1, up(2)).lamp(2, up(2), true).keeps_all();
    let top = up(3);
    Story::new().press(1, top).lamp(1, top, true).breaks(Promise::Asked);
}

#[test]
fn panels_differ_for_a_moment_alone() {
    let lit_on_one = |ms| {
        let mut story = Story::new();
        story.press(1, up(2)).lamp(1, up(2), true).wait(ms);
        story
    };
    lit_on_one(500).lamp(2, up(2), true).wait(1000).keeps_all();
    lit_on_one(501).breaks(Promise::PanelsAgree);
    let mut dark_on_one = Story::new();
    dark_on_one.call(1, up(0)).door(1, true).lamp(1, up(0), false).wait(501);
    dark_on_one.breaks(Promise::PanelsAgree);
}

#[test]
fn a_panel_without_power_differs_from_none_that_is_dark() {
    let mut story = Story::of_a_sick_building();
    story.call(1, up(0)).door(1, true).lamp(1, up(0), false).see(2, Seen::Blank);
    story.wait(DWELL).door(1, false).healed().wait(501).keeps_all();
}

#[test]
fn panels_may_differ_while_something_is_wrong_and_for_a_moment_afterwards() {
    let mut story = Story::of_a_sick_building();
    story.press(1, up(2)).lamp(1, up(2), true).wait(10_000).healed().wait(500).keeps_all();
    story.wait(1).breaks(Promise::PanelsAgree);
}

#[test]
fn a_passenger_arrives_in_time() {
    let rides = |ms| {
        let mut story = Story::new();
        story.promises.waits(story.at(), 7);
        story.wait(ms);
        story
    };
    rides(120_001).breaks(Promise::Ride);
    let mut arrives = rides(120_000);
    arrives.promises.arrives(arrives.at(), 7);
    assert_eq!(arrives.wait(1000).figures().to_arrive.count(), 1);
}

#[test]
fn at_the_end_nothing_is_owed_lit_open_or_moving() {
    assert!(Story::new().promises.is_quiet());
    let open = |story: &mut Story| {
        let result = story.promises.settle(story.at());
        result.map_err(|broken| broken.promise)
    };
    assert_eq!(open(Story::new().call(1, up(2))), Err(Promise::Quiet));
    assert_eq!(open(Story::new().door(1, true)), Err(Promise::Quiet));
    assert_eq!(open(Story::new().see(1, Seen::Motor(Some(Up)))), Err(Promise::Quiet));
}

#[test]
fn what_is_broken_says_which_promise_when_and_where() {
    let mut promises = Story::new().promises;
    let at = Instant::after_start(Duration::from_millis(1500));
    let broken = promises.see(at, lift(1), Seen::Lamp(up(0), true)).unwrap_err();
    let text = broken.to_string();
    assert!(text.starts_with("1.500 s, lift 1: L2 G4: no lamp is lit for which nobody"), "{text}");
}
