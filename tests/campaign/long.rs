//! The long campaign: faults and presses at random, several buildings at the same time.
//!
//! It goes in rounds: some seconds of faults, as many at a time as chance will have it; then all is
//! put right, and everything that was lit must be answered, everything else dark and at rest.

use std::env;
use std::thread;
use std::time::{Duration, Instant};

use lift_group::sim::promises::Figures;

use crate::campaign::Campaign;
use crate::common::seed::seed;
use crate::common::skip::or_skip;
use crate::fault::Fault;
use crate::tally::Tally;

/// How long faults are made in each round.
const ROUND: Duration = Duration::from_secs(15);

#[test]
#[ignore = "takes half an hour; see the documentation of the module `main`"]
fn whatever_was_lit_is_answered_in_a_long_campaign() {
    let seed = seed("LIFT_CAMPAIGN_SEED");
    let number = |name: &str, default: u64| {
        env::var(name).map_or(default, |text| text.parse().expect("a number"))
    };
    let duration = env::var("LIFT_CAMPAIGN_DURATION").unwrap_or_else(|_| "30m".into());
    let duration = humantime::parse_duration(&duration).expect("a duration, such as 30m");
    let lifts = u8::try_from(number("LIFT_CAMPAIGN_LIFTS", 3)).expect("2 to 9 lifts");
    let end = Instant::now() + duration;
    let seeds = seed..seed + number("LIFT_CAMPAIGN_BUILDINGS", 2);
    let runs: Vec<_> = seeds.map(|seed| thread::spawn(move || run(lifts, seed, end))).collect();
    let (mut tally, mut figures) = (Tally::default(), Figures::default());
    let mut broken = 0;
    for run in runs {
        let Ok(result) = run.join() else {
            broken += 1;
            continue;
        };
        let Some((its_tally, its_figures)) = or_skip(result) else { return };
        tally.add(&its_tally);
        figures.add(&its_figures);
    }
    println!("{}", tally.told_with(&figures));
    assert_eq!(broken, 0, "buildings broke a promise; they are not in these figures");
}

fn run(lifts: u8, seed: u64, end: Instant) -> Result<(Tally, Figures), String> {
    println!("LIFT_CAMPAIGN_SEED={seed}");
    let mut campaign = Campaign::new(lifts, &[], seed)?;
    let mut rounds = 0;
    while Instant::now() < end {
        let round = Instant::now();
        while round.elapsed() < ROUND {
            let at = campaign.chance.index(lifts.into());
            let fault = choose(&mut campaign);
            let length = Duration::from_millis(100 + 20 * campaign.chance.index(150) as u64);
            campaign.strike(fault, at, length);
            let pause = Duration::from_millis(campaign.chance.index(700) as u64);
            campaign.run(pause, true);
        }
        campaign.heal();
        campaign.run(Duration::from_secs(2), true);
        campaign.wait_until_quiet();
        rounds += 1;
        let figures = campaign.watch.figures();
        let faults: u64 = campaign.tally.faults.values().sum();
        println!("{seed}: round {rounds}, {faults} faults, {} calls lit", figures.lit);
    }
    Ok((std::mem::take(&mut campaign.tally), campaign.watch.figures().clone()))
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
