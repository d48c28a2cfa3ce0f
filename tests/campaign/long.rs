//! The long campaign: faults and presses at random, several buildings at the same time.
//!
//! It goes in rounds: some seconds of faults, as many at a time as chance will have it; then all is
//! put right, and everything that was lit must be answered, everything else dark and at rest.
//!
//! A building that broke a promise is left, with its evidence kept, and another one goes on in its
//! place; the campaign has failed then, but its numbers are not lost. Neither are they when somebody
//! ends it (`SIGTERM`, or Ctrl-C): they are told at once, and then the last rounds are finished.

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant};

use lift_group::shell::signals::{Signal, Signals};

use crate::campaign::Campaign;
use crate::common::seed::seed;
use crate::common::skip::or_skip;
use crate::fault::Fault;
use crate::totals::Totals;

/// How long faults are made in each round.
const ROUND: Duration = Duration::from_secs(15);

#[test]
#[ignore = "takes half an hour; see the documentation of the module `main`"]
fn whatever_was_lit_is_answered_in_a_long_campaign() {
    let number = |name: &str, default: u64| {
        env::var(name).map_or(default, |text| text.parse().expect("a number"))
    };
    let seed = seed("LIFT_CAMPAIGN_SEED");
    let buildings = number("LIFT_CAMPAIGN_BUILDINGS", 3);
    let rounds = number("LIFT_CAMPAIGN_ROUNDS", 80);
    let lifts = u8::try_from(number("LIFT_CAMPAIGN_LIFTS", 3)).expect("2 to 9 lifts");
    let mut signals = Signals::listen(&[Signal::Terminate]).expect("descriptors");
    let totals = Totals::new();
    let result = thread::scope(|scope| {
        let totals = &totals;
        let place = |at| scope.spawn(move || build(lifts, seed + at, buildings, rounds, totals));
        let places: Vec<_> = (0..buildings).map(place).collect();
        while places.iter().any(|place| !place.is_finished()) {
            thread::sleep(Duration::from_millis(100));
            if signals.pending().next().is_some() {
                totals.end();
                println!("told to end; so far:\n{}", totals.told());
            }
        }
        places.into_iter().try_for_each(|place| place.join().expect("it catches what breaks"))
    });
    if or_skip(result).is_some() {
        println!("{}", totals.told());
        totals.check();
    }
}

/// So many rounds in one place: in one building if all goes well, else in the next one and the next,
/// with seeds that are `step` apart.
fn build(lifts: u8, seed: u64, step: u64, rounds: u64, totals: &Totals) -> Result<(), String> {
    let mut left = rounds;
    for building in 0.. {
        let seed = seed + building * step;
        println!("LIFT_CAMPAIGN_SEED={seed}");
        let mut campaign = Campaign::new(lifts, &[], seed)?;
        let rounds = || {
            while 0 < left && !totals.are_over() {
                left -= 1;
                round(&mut campaign);
                totals.note(seed, &campaign);
            }
        };
        match catch_unwind(AssertUnwindSafe(rounds)) {
            Ok(()) => break,
            Err(_told) => totals.note_broken(seed),
        }
    }
    Ok(())
}

fn round(campaign: &mut Campaign) {
    let began = Instant::now();
    while began.elapsed() < ROUND {
        let fault = choose(campaign);
        let at = victim(campaign, fault);
        let length = Duration::from_millis(100 + 20 * campaign.chance.index(150) as u64);
        campaign.strike(fault, at, length);
        let pause = Duration::from_millis(campaign.chance.index(700) as u64);
        campaign.run(pause, true);
    }
    campaign.heal();
    campaign.run(Duration::from_secs(2), true);
    campaign.wait_until_quiet();
}

/// Controllers die more often than anything else, and the whole building less often.
fn choose(campaign: &mut Campaign) -> Fault {
    match campaign.chance.index(10) {
        0 | 1 => Fault::ControllerKilled,
        2 => campaign.chance.pick(&[Fault::CableOut, Fault::Partition, Fault::OneWay, Fault::Loss]),
        3 => campaign.chance.pick(&[Fault::ControllerHangs, Fault::NodeOff]),
        _ => loop {
            let fault = campaign.chance.pick(&Fault::ALL);
            if fault != Fault::BuildingOff || campaign.chance.index(5) == 0 {
                return fault;
            }
        },
    }
}

/// The primary in every other case where that matters, if there is one; else any node.
fn victim(campaign: &mut Campaign, fault: Fault) -> usize {
    let any = campaign.chance.index(campaign.building.nodes.len());
    if fault.unseats() && campaign.chance.index(2) == 0 {
        campaign.building.primary().map_or(any, |(primary, _)| primary)
    } else {
        any
    }
}
