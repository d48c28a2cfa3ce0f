//! The short campaign: each fault twice, the primary its victim where that matters.

use std::time::Duration;

use crate::building::one_at_a_time;
use crate::campaign::Campaign;
use crate::common::seed::seed;
use crate::common::skip::or_skip;
use crate::fault::Fault;

#[test]
fn every_kind_of_fault_loses_no_call() {
    let _alone = one_at_a_time();
    let seed = seed("LIFT_CAMPAIGN_SEED");
    println!("LIFT_CAMPAIGN_SEED={seed}");
    let Some(mut campaign) = or_skip(Campaign::new(3, &[], seed)) else { return };
    for fault in Fault::ALL {
        for _ in 0..2 {
            let primary = campaign.building.primary().map_or(0, |(at, _)| at);
            let at = if fault.unseats() { primary } else { campaign.chance.index(3) };
            campaign.run(Duration::from_millis(150), true);
            campaign.strike(fault, at, Duration::from_millis(400));
            campaign.run(Duration::from_millis(450), true);
            campaign.heal();
        }
    }
    campaign.wait_until_quiet();
    println!("{}", campaign.tally.told_with(campaign.watch.figures()));
    assert!(campaign.watch.figures().lit > 5, "hardly a lamp was lit in all that time");
    let struck: u64 = campaign.tally.faults.values().sum();
    assert_eq!(struck, 2 * Fault::ALL.len() as u64, "each fault twice");
}
