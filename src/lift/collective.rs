//! Collective control: where a lift stops, what it answers there, and which way it goes on.
//!
//! A lift keeps its direction as long as calls lie ahead, then reverses, then rests. These are
//! questions about a set of calls and a place in the shaft, nothing else: no time, no door, no
//! hardware. So whoever wants to foresee a lift can ask the same functions that drive it.

use super::panel::{Button, Buttons};
use crate::building::{Direction, Floor};
use crate::sabotage::Sabotage;

/// Whether any call lies beyond `floor` in `direction`.
pub fn calls_ahead(calls: &Buttons, floor: Floor, direction: Direction) -> bool {
    !calls.floors().beyond(floor, direction).is_empty()
}

/// Whether a car that arrives at `floor` must stop: for a passenger of its own, for one who waits
/// to go the same way, or because nothing is left ahead (so never past the last floor).
pub fn stops_at(calls: &Buttons, floor: Floor, direction: Direction) -> bool {
    calls.contains(Button::Cab(floor))
        || calls.contains(Button::Hall(floor, direction))
        || (!calls_ahead(calls, floor, direction) && !Sabotage::EndOfTheShaftIsIgnored.is_done())
}

/// The direction to which a car at `floor` commits itself; `None` where it has nowhere to go.
///
/// A committed direction is kept while there is any reason for it. Without one, a hall call right
/// here decides (the one with calls ahead of it first), else the nearest call.
pub fn commit(calls: &Buttons, floor: Floor, committed: Option<Direction>) -> Option<Direction> {
    let called = |direction| calls.contains(Button::Hall(floor, direction));
    let ahead = |direction| calls_ahead(calls, floor, direction);
    let preferred = committed.unwrap_or_else(|| nearest(calls, floor).unwrap_or(Direction::Up));
    let both = [preferred, preferred.opposite()];
    if committed.is_some() {
        return both.into_iter().find(|d| called(*d) || ahead(*d));
    }
    both.into_iter().find(|d| called(*d)).or_else(|| both.into_iter().find(|d| ahead(*d)))
}

/// The calls that a car answers which stands at `floor` with its door open: its own passengers'
/// and those who go its way; never both directions.
pub fn answered_by(calls: &Buttons, floor: Floor, committed: Option<Direction>) -> Buttons {
    let mut answered = Buttons::NONE;
    let other = committed.filter(|_| Sabotage::BothWaysAreAnswered.is_done());
    let here = [
        Some(Button::Cab(floor)),
        committed.map(|direction| Button::Hall(floor, direction)),
        other.map(|direction| Button::Hall(floor, direction.opposite())),
    ];
    here.into_iter().flatten().filter(|b| calls.contains(*b)).for_each(|b| answered.insert(b));
    answered
}

/// The direction of the call that is nearest to `floor`, not counting calls at the floor itself.
fn nearest(calls: &Buttons, floor: Floor) -> Option<Direction> {
    let distance = |direction| {
        let ahead = calls.floors().beyond(floor, direction);
        ahead.iter().map(|f| f.number().abs_diff(floor.number())).min()
    };
    match (distance(Direction::Up), distance(Direction::Down)) {
        (Some(up), Some(down)) if down < up => Some(Direction::Down),
        (Some(_), _) => Some(Direction::Up),
        (None, Some(_)) => Some(Direction::Down),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Direction::{Down, Up};
    use proptest::prelude::*;

    fn floor(number: u8) -> Floor {
        Floor::try_from(number).unwrap()
    }

    fn calls(cab: &[u8], up: &[u8], down: &[u8]) -> Buttons {
        let set = |floors: &[u8]| floors.iter().map(|f| floor(*f)).collect();
        Buttons { cab: set(cab), up: set(up), down: set(down) }
    }

    #[test]
    fn a_passing_car_takes_those_who_go_its_way() {
        let waiting = calls(&[], &[1], &[2, 3]);
        assert!(stops_at(&waiting, floor(1), Up));
        assert!(!stops_at(&waiting, floor(2), Up), "who waits to go down waits for the way down");
        assert!(stops_at(&waiting, floor(3), Up), "nothing lies ahead");
    }

    #[test]
    fn a_car_keeps_its_direction_while_calls_lie_ahead() {
        let both_ways = calls(&[0, 3], &[], &[]);
        assert_eq!(commit(&both_ways, floor(1), Some(Up)), Some(Up));
        assert_eq!(commit(&both_ways, floor(2), Some(Down)), Some(Down));
        assert_eq!(commit(&both_ways, floor(3), Some(Up)), Some(Down), "then it reverses");
        assert_eq!(commit(&Buttons::NONE, floor(1), Some(Up)), None, "then it rests");
    }

    #[test]
    fn who_waits_here_to_go_on_comes_before_the_way_back() {
        let here_and_behind = calls(&[0], &[2], &[2]);
        assert_eq!(commit(&here_and_behind, floor(2), Some(Up)), Some(Up));
        assert_eq!(answered_by(&here_and_behind, floor(2), Some(Up)), calls(&[], &[2], &[]));
    }

    #[test]
    fn a_resting_car_goes_to_the_nearest_call() {
        assert_eq!(commit(&calls(&[], &[0], &[3]), floor(2), None), Some(Up));
        assert_eq!(commit(&calls(&[], &[0], &[3]), floor(1), None), Some(Down));
        assert_eq!(commit(&calls(&[2], &[], &[]), floor(2), None), None, "it is there already");
    }

    #[test]
    fn a_resting_car_takes_who_waits_here_before_it_goes_anywhere() {
        assert_eq!(commit(&calls(&[3], &[], &[1]), floor(1), None), Some(Down));
        assert_eq!(commit(&calls(&[0], &[1], &[1]), floor(1), None), Some(Down));
    }

    fn any_calls() -> impl Strategy<Value = Buttons> {
        let set = || proptest::collection::vec(0..6u8, 0..4);
        (set(), set(), set()).prop_map(|(cab, up, down)| calls(&cab, &up, &down))
    }

    fn any_direction() -> impl Strategy<Value = Direction> {
        prop_oneof![Just(Up), Just(Down)]
    }

    proptest! {
        #[test]
        fn a_car_never_commits_without_a_reason(
            calls in any_calls(), at in 0..6u8, before in proptest::option::of(any_direction()),
        ) {
            let at = floor(at);
            match commit(&calls, at, before) {
                Some(d) => prop_assert!(
                    calls.contains(Button::Hall(at, d)) || calls_ahead(&calls, at, d)
                ),
                None => prop_assert!(!calls.floors().iter().any(|f| f != at)),
            }
        }

        #[test]
        fn up_and_down_are_never_answered_together(
            calls in any_calls(), at in 0..6u8, committed in proptest::option::of(any_direction()),
        ) {
            let answered = answered_by(&calls, floor(at), committed);
            prop_assert!(answered.up.is_empty() || answered.down.is_empty());
        }

        #[test]
        fn a_car_that_obeys_reaches_every_call(calls in any_calls(), at in 0..6u8) {
            let (mut left, mut at, mut committed) = (calls, floor(at), None);
            for _ in 0..40 {
                committed = commit(&left, at, committed);
                left = left.without(&answered_by(&left, at, committed));
                committed = commit(&left, at, committed);
                let Some(direction) = committed else { continue };
                if !calls_ahead(&left, at, direction) { continue }
                loop {
                    let next = i16::from(at.number()) + if direction == Up { 1 } else { -1 };
                    at = floor(u8::try_from(next).unwrap());
                    if stops_at(&left, at, direction) { break }
                }
            }
            prop_assert_eq!(left, Buttons::NONE);
        }
    }
}
