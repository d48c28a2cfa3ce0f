mod blame;

use proptest::prelude::*;

use super::*;

const HANG: Duration = Duration::from_millis(200);

/// A policy and its present, driven like a trace: at a time, an event, an action.
struct Trace {
    policy: Policy,
}

fn at(millis: u64) -> Instant {
    Instant::START + Duration::from_millis(millis)
}

impl Trace {
    fn begin() -> Self {
        Self { policy: Policy::new(at(0), HANG) }
    }

    /// A controller that was spawned at 0 and gave its first heartbeat then.
    fn running() -> Self {
        let mut trace = Self::begin();
        trace.expect(0, Event::Wakeup, Some(Action::Spawn(Candidate::Newest)));
        trace.begins_well(0);
        trace
    }

    fn expect(&mut self, millis: u64, event: Event, action: Option<Action>) {
        assert_eq!(self.policy.handle(at(millis), event), action, "{event:?} at {millis} ms");
    }

    fn begins_well(&mut self, millis: u64) {
        self.expect(millis, Event::Greeted, None);
        self.expect(millis, Event::Restored, None);
        self.expect(millis, Event::Heartbeat, Some(Action::AnnounceReady));
    }

    /// Heartbeats every 100 ms from `from` until just before `until`.
    fn beats(&mut self, from: u64, until: u64) {
        for millis in (from..until).step_by(100) {
            self.expect(millis, Event::Heartbeat, None);
            self.expect(millis, Event::Wakeup, None);
        }
    }

    fn due(&self) -> Option<u128> {
        self.policy.next_deadline().map(|deadline| deadline.since(Instant::START).as_millis())
    }

    /// Lets the present life, just spawned at `millis`, greet and end; returns the next spawn.
    fn fails_to_restore(&mut self, millis: u64) -> Candidate {
        self.expect(millis, Event::Greeted, None);
        self.next_spawn_after_end(millis)
    }

    fn next_spawn_after_end(&mut self, millis: u64) -> Candidate {
        let now = at(millis);
        let action = self.policy.handle(now, Event::Ended).or_else(|| {
            let due = self.policy.next_deadline().expect("another life is due");
            assert!(due.since(now) <= back_off::LONGEST_DELAY);
            self.policy.handle(due, Event::Wakeup)
        });
        let Some(Action::Spawn(candidate)) = action else { panic!("no spawn but {action:?}") };
        candidate
    }
}

#[test]
fn the_first_life_begins_at_once() {
    let mut trace = Trace::begin();
    assert_eq!(trace.due(), Some(0));
    trace.expect(0, Event::Wakeup, Some(Action::Spawn(Candidate::Newest)));
    assert_eq!(trace.due(), Some(2000));
}

#[test]
fn a_crash_is_healed_at_once() {
    let mut trace = Trace::running();
    trace.expect(50, Event::Ended, Some(Action::Spawn(Candidate::Newest)));
}

#[test]
fn a_hang_is_killed_and_healed_only_when_the_controller_is_seen_to_be_dead() {
    let mut trace = Trace::running();
    trace.beats(100, 500);
    assert_eq!(trace.due(), Some(600));
    trace.expect(599, Event::Wakeup, None);
    trace.expect(600, Event::Wakeup, Some(Action::Kill(Fault::Hung)));
    assert_eq!(trace.due(), None);
    trace.expect(601, Event::Heartbeat, None);
    trace.expect(700, Event::Wakeup, None);
    trace.expect(710, Event::Ended, Some(Action::Spawn(Candidate::Newest)));
}

#[test]
fn a_supervisor_that_slept_kills_nobody() {
    let mut trace = Trace::running();
    trace.expect(60_000, Event::Wakeup, None);
    trace.expect(60_010, Event::Heartbeat, Some(Action::KeepProven));
    trace.expect(60_150, Event::Wakeup, None);
    assert_eq!(trace.due(), Some(60_210));
}

#[test]
fn a_supervisor_that_slept_grants_a_starting_controller_its_time_again() {
    let mut trace = Trace::begin();
    trace.expect(0, Event::Wakeup, Some(Action::Spawn(Candidate::Newest)));
    trace.expect(30_000, Event::Greeted, None);
    trace.expect(30_000, Event::Wakeup, None);
    trace.expect(30_010, Event::Restored, None);
}

#[test]
fn a_controller_that_does_not_start_is_killed() {
    let mut trace = Trace::begin();
    trace.expect(0, Event::Wakeup, Some(Action::Spawn(Candidate::Newest)));
    trace.expect(2000, Event::Wakeup, Some(Action::Kill(Fault::DidNotStart)));
}

#[test]
fn nonsense_on_the_link_is_a_reason_to_kill() {
    let mut trace = Trace::running();
    trace.expect(10, Event::Nonsense, Some(Action::Kill(Fault::SpokeNonsense)));
    trace.expect(10, Event::Nonsense, None);
    trace.expect(12, Event::Ended, Some(Action::Spawn(Candidate::Newest)));
}

#[test]
fn readiness_is_announced_once_a_life() {
    let mut trace = Trace::running();
    trace.expect(10, Event::Heartbeat, None);
    trace.expect(20, Event::Ended, Some(Action::Spawn(Candidate::Newest)));
    trace.begins_well(30);
}

#[test]
fn a_healthy_life_proves_what_it_began_with_and_ends_the_crash_loop() {
    let mut trace = Trace::running();
    for crash in 0..20 {
        assert_eq!(trace.next_spawn_after_end(crash * 2000), Candidate::Newest);
    }
    trace.begins_well(50_000);
    trace.beats(50_100, 60_000);
    trace.expect(60_000, Event::Heartbeat, Some(Action::KeepProven));
    trace.expect(60_100, Event::Heartbeat, None);
    trace.expect(60_100, Event::Wakeup, None);
    trace.expect(60_150, Event::Ended, Some(Action::Spawn(Candidate::Newest)));
}

#[test]
fn a_crash_loop_waits_longer_each_time() {
    let mut trace = Trace::running();
    for _ in 0..3 {
        trace.expect(100, Event::Ended, Some(Action::Spawn(Candidate::Newest)));
    }
    trace.expect(100, Event::Ended, None);
    assert_eq!(trace.due(), Some(120));
    trace.expect(119, Event::Wakeup, None);
    trace.expect(120, Event::Wakeup, Some(Action::Spawn(Candidate::Newest)));
    trace.expect(130, Event::Ended, None);
    assert_eq!(trace.due(), Some(170));
}

#[test]
fn a_request_to_end_is_passed_on_and_obeyed_when_the_controller_is_gone() {
    let mut trace = Trace::running();
    trace.expect(50, Event::Terminate, Some(Action::AskToStop));
    trace.beats(100, 500);
    trace.expect(450, Event::Ended, Some(Action::Leave));
    assert_eq!(trace.due(), None);
}

#[test]
fn a_controller_that_does_not_stop_is_killed() {
    let mut trace = Trace::running();
    trace.expect(50, Event::Terminate, Some(Action::AskToStop));
    trace.beats(100, 2050);
    trace.expect(2050, Event::Wakeup, Some(Action::Kill(Fault::DidNotStop)));
    trace.expect(2060, Event::Ended, Some(Action::Leave));
}

#[test]
fn a_controller_that_hangs_while_it_should_stop_is_killed_as_soon_as_any() {
    for (wish, follows) in
        [(Event::Terminate, Action::Leave), (Event::Reload, Action::Spawn(Candidate::Newest))]
    {
        let mut trace = Trace::running();
        trace.expect(150, wish, Some(Action::AskToStop));
        assert_eq!(trace.due(), Some(200));
        trace.expect(200, Event::Wakeup, Some(Action::Kill(Fault::Hung)));
        trace.expect(210, Event::Ended, Some(follows));
    }
}

#[test]
fn a_request_to_end_between_two_lives_is_obeyed_at_once() {
    let mut trace = Trace::begin();
    trace.expect(0, Event::Terminate, Some(Action::Leave));
    trace.expect(1, Event::Wakeup, None);
}

#[test]
fn a_reload_replaces_the_controller_without_delay_even_in_a_crash_loop() {
    let mut trace = Trace::running();
    for crash in 0..20 {
        trace.next_spawn_after_end(crash * 2000);
    }
    trace.begins_well(50_000);
    trace.expect(50_010, Event::Reload, Some(Action::AskToStop));
    trace.expect(50_020, Event::Ended, Some(Action::Spawn(Candidate::Newest)));
    trace.expect(50_030, Event::Ended, Some(Action::Spawn(Candidate::Newest)));
}

#[test]
fn a_reload_cuts_a_delay_short() {
    let mut trace = Trace::running();
    for _ in 0..3 {
        trace.expect(100, Event::Ended, Some(Action::Spawn(Candidate::Newest)));
    }
    trace.expect(100, Event::Ended, None);
    trace.expect(101, Event::Reload, Some(Action::Spawn(Candidate::Newest)));
}

#[test]
fn a_request_to_end_outweighs_a_reload_whichever_comes_first() {
    for [first, second] in [[Event::Terminate, Event::Reload], [Event::Reload, Event::Terminate]] {
        let mut trace = Trace::running();
        trace.expect(50, first, Some(Action::AskToStop));
        trace.expect(60, second, None);
        trace.expect(70, Event::Ended, Some(Action::Leave));
    }
}

#[test]
fn a_request_to_end_while_a_hung_controller_dies_is_obeyed() {
    let mut trace = Trace::running();
    trace.expect(200, Event::Wakeup, Some(Action::Kill(Fault::Hung)));
    trace.expect(210, Event::Terminate, None);
    trace.expect(220, Event::Ended, Some(Action::Leave));
}

/// The world that the policy must be a match for: a controller that is there or not, and a clock
/// that sometimes leaps.
#[derive(Default)]
struct World {
    millis: u64,
    is_alive: bool,
    has_left: bool,
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => Just(Event::Wakeup),
        6 => Just(Event::Greeted),
        6 => Just(Event::Restored),
        9 => Just(Event::Heartbeat),
        1 => Just(Event::Nonsense),
        1 => Just(Event::SettingsRefused),
        1 => Just(Event::ProgramChanged),
        6 => Just(Event::Ended),
        1 => Just(Event::Terminate),
        1 => Just(Event::Reload),
    ]
}

fn any_span() -> impl Strategy<Value = u64> {
    prop_oneof![9 => 0..150u64, 3 => 150..300u64, 1 => 300..20_000u64]
}

impl World {
    /// Whether the event can happen in this world at all.
    fn allows(&self, event: Event) -> bool {
        match event {
            Event::Wakeup | Event::ProgramChanged | Event::Terminate | Event::Reload => true,
            Event::Greeted
            | Event::SettingsRefused
            | Event::Restored
            | Event::Heartbeat
            | Event::Nonsense
            | Event::Ended => self.is_alive,
        }
    }

    fn obey(&mut self, action: Option<Action>) {
        match action {
            Some(Action::Spawn(_)) => {
                assert!(!self.is_alive, "a second controller");
                assert!(!self.has_left, "a controller without a supervisor");
                self.is_alive = true;
            }
            Some(Action::Leave) => {
                assert!(!self.is_alive, "left a controller behind");
                assert!(!self.has_left, "left twice");
                self.has_left = true;
            }
            Some(_) => assert!(self.is_alive, "{action:?} without a controller"),
            None => (),
        }
    }
}

proptest! {
    #[test]
    fn whatever_happens_there_is_one_controller_at_most_and_always_a_way_on(
        steps in proptest::collection::vec((any_span(), any_event()), 1..200)
    ) {
        let mut world = World::default();
        let mut policy = Policy::new(at(0), HANG);
        for (span, event) in steps {
            world.millis += span;
            let now = at(world.millis);
            for event in [event, Event::Wakeup] {
                if world.allows(event) {
                    if event == Event::Ended {
                        world.is_alive = false;
                    }
                    let action = policy.handle(now, event);
                    world.obey(action);
                }
            }
            let due = policy.next_deadline();
            prop_assert!(due.is_none_or(|due| due > now), "a deadline in the past");
            prop_assert!(due.is_some() || world.is_alive || world.has_left, "stuck");
            if let (Some(due), false) = (due, world.is_alive) {
                prop_assert!(due.since(now) <= back_off::LONGEST_DELAY, "too long without a life");
            }
        }
    }

    #[test]
    fn a_silent_controller_is_dead_within_a_bounded_number_of_wakeups(
        lateness in proptest::collection::vec(0..10_000u64, 4)
    ) {
        let mut policy = Trace::running().policy;
        let killed = lateness.iter().any(|late| {
            let due = policy.next_deadline().expect("a watch");
            let action = policy.handle(due + Duration::from_millis(*late), Event::Wakeup);
            matches!(action, Some(Action::Kill(_)))
        });
        prop_assert!(killed);
    }
}
