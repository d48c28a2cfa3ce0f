//! Cars, doors, drives.

use super::*;

#[test]
fn a_lift_with_an_open_door_neither_moves_nor_is_between_floors() {
    Story::new().door(1, true).see(1, Seen::Motor(Some(Up))).breaks(Promise::DoorAtRest);
    Story::new().door(1, true).see(1, Seen::Floor(None)).breaks(Promise::DoorAtRest);
    let mut between = Story::new();
    between.see(1, Seen::Floor(None)).door(1, true).breaks(Promise::DoorAtRest);
}

#[test]
fn a_door_stands_for_its_dwell() {
    Story::new().door(1, true).wait(DWELL - 1).door(1, false).breaks(Promise::Dwell);
    Story::new().door(1, true).wait(DWELL).door(1, false).keeps_all();
}

#[test]
fn a_door_does_not_close_on_anybody_and_then_stands_a_full_dwell() {
    let obstructed = |ms| {
        let mut story = Story::new();
        story.door(1, true).wait(DWELL).see(1, Seen::Obstruction(true)).wait(ms);
        story
    };
    obstructed(99).door(1, false).keeps_all();
    obstructed(100).door(1, false).breaks(Promise::Dwell);
    let clear = |ms| {
        let mut story = obstructed(ms);
        story.see(1, Seen::Obstruction(false));
        story
    };
    clear(100).wait(DWELL - 1).door(1, false).breaks(Promise::Dwell);
    clear(100).wait(DWELL).door(1, false).keeps_all();
    clear(99).door(1, false).keeps_all();
}

#[test]
fn a_door_at_which_calls_were_answered_opens_again_after_a_crash() {
    let crash = |answers: bool, deeds: &[Deed]| {
        let mut story = Story::new();
        story.call(1, up(0)).door(1, true);
        if answers {
            story.dark(up(0));
        }
        story.wait(1000);
        for deed in deeds {
            story.suffer(1, *deed);
        }
        story
    };
    let killed = &[Deed::Killed];
    crash(true, killed).wait(500).door(1, false).breaks(Promise::Reopening);
    crash(true, killed).wait(DWELL).door(1, false).keeps_all();
    crash(false, killed).wait(500).door(1, false).keeps_all();
    crash(true, &[Deed::Killed, Deed::DiskLost]).wait(500).door(1, false).keeps_all();
    crash(true, &[Deed::DiskFails(true), Deed::Killed]).wait(500).door(1, false).keeps_all();
}

#[test]
fn up_and_down_are_answered_a_dwell_apart_by_one_lift() {
    let both = || {
        let mut story = Story::of_a_sick_building();
        story.call(1, up(2)).call(1, down(2)).go(1, 2, Up).door(1, true).lamp(1, up(2), false);
        story
    };
    both().lamp(1, down(2), false).breaks(Promise::OneDirection);
    both().wait(DWELL).lamp(1, down(2), false).keeps_all();
    both().suffer(1, Deed::Unable(true)).lamp(1, down(2), false).breaks(Promise::OneDirection);
    both().see(2, Seen::Floor(Some(floor(2)))).door(2, true).lamp(1, down(2), false).keeps_all();
}

#[test]
fn a_door_stands_a_dwell_for_each_direction() {
    let closes_after = |ms| {
        let mut story = Story::of_a_sick_building();
        story.call(1, up(2)).call(1, down(2)).go(1, 2, Up).door(1, true).lamp(1, up(2), false);
        story.wait(DWELL).lamp(1, down(2), false).wait(ms).door(1, false);
        story
    };
    closes_after(DWELL - 1).breaks(Promise::Dwell);
    closes_after(DWELL).keeps_all();
}

#[test]
fn a_lift_goes_on_as_it_announced_while_a_passenger_wants_to() {
    let leaves_down = |cab_to: u8, before: bool| {
        let mut story = Story::new();
        story.call(1, up(2)).go(1, 2, Up).door(1, true).dark(up(2));
        if before {
            story.call(1, cab(cab_to));
        }
        story.wait(DWELL).door(1, false);
        if !before {
            story.call(1, cab(cab_to));
        }
        story.see(1, Seen::Motor(Some(Down)));
        story
    };
    leaves_down(3, true).breaks(Promise::Direction);
    leaves_down(0, true).keeps_all();
    leaves_down(3, false).keeps_all();
}

#[test]
fn a_door_opens_again_only_where_the_disk_has_kept_that_it_was_open() {
    let closes_soon = |deed: Option<Deed>| {
        let mut story = Story::of_a_sick_building();
        story.call(1, up(0)).door(1, true).dark(up(0)).wait(1000).suffer(1, Deed::Killed);
        if let Some(deed) = deed {
            story.suffer(1, deed);
        }
        story.wait(600).door(1, false);
        story
    };
    closes_soon(Some(Deed::DiskRots)).keeps_all();
    closes_soon(None).breaks(Promise::Reopening);
}

#[test]
fn what_nobody_can_tell_to_be_announced_binds_nobody() {
    let mut story = Story::of_a_sick_building();
    story.call(1, down(2)).go(1, 2, Up).door(1, true).dark(down(2)).wait(DWELL).door(1, false);
    story.door(1, true).call(1, up(2)).wait(200).dark(up(2)).wait(1000);
    // A lamp for a press elsewhere: it may be that of an earlier press.
    story.call(2, down(2)).wait(DWELL).dark(down(2)).call(1, cab(3)).wait(DWELL);
    story.door(1, false).see(1, Seen::Motor(Some(Down))).keeps_all();
}

#[test]
fn the_car_stays_in_its_shaft() {
    Story::new().see(1, Seen::LeftShaft(Up)).breaks(Promise::Shaft);
    Story::new().see(1, Seen::Motor(Some(Down))).breaks(Promise::Shaft);
    Story::new().see(1, Seen::Motor(Some(Up))).keeps_all();
}

#[test]
fn what_the_drive_was_told_before_it_stood_may_reach_it_afterwards() {
    // A hardware that was silent as the car arrived does in one instant all that it was told.
    let silent = |ms| {
        let mut story = Story::of_a_sick_building();
        story.suffer(1, Deed::HardwareLost(true)).wait(100).suffer(1, Deed::HardwareLost(false));
        story.wait(ms).see(1, Seen::Motor(Some(Down)));
        story
    };
    silent(50).see(1, Seen::Motor(None)).keeps_all();
    silent(50).see(1, Seen::LeftShaft(Down)).breaks(Promise::Shaft);
    silent(200).breaks(Promise::Shaft);
}

#[test]
fn the_motor_stands_while_the_stop_button_is_in() {
    let pressed = |ms| {
        let mut story = Story::new();
        story.see(1, Seen::StopButton(true)).wait(ms).see(1, Seen::Motor(Some(Up)));
        story
    };
    pressed(100).keeps_all();
    pressed(101).breaks(Promise::StopButton);
    let runs_on = |ms| {
        let mut story = Story::new();
        story.see(1, Seen::Motor(Some(Up))).see(1, Seen::StopButton(true)).wait(ms);
        story
    };
    runs_on(100).see(1, Seen::Motor(None)).wait(1000).keeps_all();
    runs_on(101).breaks(Promise::StopButton);
}
