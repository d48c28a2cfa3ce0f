//! An intruder on the same switch: it hears all that is said and says what it likes, as fast as it
//! can. It has no key.

mod program;

use std::time::Duration;

use lift_group::building::LiftId;
use lift_group::calls::Incarnation;
use lift_group::group::message::Term;
use lift_group::sim::promises::Deed;

use crate::building::one_at_a_time;
use crate::campaign::Campaign;
use crate::common::seed::seed;
use crate::common::skip::or_skip;
use crate::common::wait::wait_for;
use crate::fault::Fault;
use crate::namespace::Namespace;
use crate::node::Node;
use program::Intruder;

/// On a computer of its own a loop holds out with the time-out of everybody. Where others want the
/// processor too, it may take half a second to get as much of it as to end when killed.
const PATIENT: [&str; 2] = ["--hang-timeout", "2s"];

/// A building, and an intruder that has listened for a while: to calls that were lit and answered, to
/// a primary that was killed, to its obituary.
fn intruded() -> Result<(Campaign, Intruder), String> {
    let mut campaign = Campaign::new(3, &PATIENT, seed("LIFT_CAMPAIGN_SEED"))?;
    let place = Namespace::new("true")?;
    campaign.building.lay_cable(&place, LiftId(66));
    let intruder = Intruder::on(place);
    campaign.run(Duration::from_secs(2), true);
    let primary = campaign.building.primary().map_or(0, |(at, _)| at);
    campaign.strike(Fault::ControllerKilled, primary, Duration::ZERO);
    campaign.run(Duration::from_secs(2), true);
    campaign.heal();
    campaign.wait_until_quiet();
    Ok((campaign, intruder))
}

/// Which life each node is in.
fn lives(campaign: &Campaign) -> Vec<Incarnation> {
    let nodes = campaign.building.nodes.iter();
    nodes.map(|node| wait_for("a status", || node.status()).incarnation).collect()
}

/// Tells the observer whether nodes may hear each other worse than usual.
fn set_apart(campaign: &mut Campaign, apart: bool) {
    for lift in campaign.building.lifts() {
        campaign.watch.note(lift, Deed::Apart(apart));
    }
}

/// How many datagrams each node has dropped.
fn dropped(campaign: &Campaign) -> Vec<u64> {
    campaign.building.nodes.iter().map(Node::dropped).collect()
}

#[test]
fn nothing_that_an_intruder_repeats_or_forges_counts() {
    let _alone = one_at_a_time();
    let Some((mut campaign, mut intruder)) = or_skip(intruded()) else { return };
    let before = lives(&campaign);
    let answered = campaign.watch.figures().answered;
    for what in ["repeat", "forge"] {
        let dropped = dropped(&campaign);
        let sent = intruder.order(what);
        assert!(sent > 1000, "only {sent} datagrams");
        for (node, before) in campaign.building.nodes.iter().zip(dropped) {
            wait_for("datagrams that were counted", || (node.dropped() > before).then_some(()));
        }
        campaign.run(Duration::from_secs(1), false);
    }
    if lives(&campaign) != before {
        campaign.fail("somebody believed to be dead, or to have a double");
    }
    let (_, term) = wait_for("one group", || campaign.building.primary());
    assert!(term < Term(1000), "{term:?}: a forged claim was believed");
    assert!(campaign.watch.is_quiet(), "no lamp came back, no door opened");
    assert_eq!(campaign.watch.figures().answered, answered);
    campaign.run(Duration::from_secs(2), true);
    campaign.wait_until_quiet();
    assert!(campaign.watch.figures().answered > answered, "calls are answered as before");
}

#[test]
fn a_flood_of_datagrams_holds_up_nobody() {
    no_flood_holds_up_anybody("flood");
}

#[test]
fn a_flood_of_the_longest_datagrams_holds_up_nobody() {
    no_flood_holds_up_anybody("flood of long ones");
}

fn no_flood_holds_up_anybody(flood: &str) {
    let _alone = one_at_a_time();
    let Some((mut campaign, mut intruder)) = or_skip(intruded()) else { return };
    let before = lives(&campaign);
    let lit = campaign.watch.figures().to_light.count();
    // Where buffers are full, what the others say is lost, too. Lamps have their deadlines all the same.
    set_apart(&mut campaign, true);
    campaign.watch.healed();
    intruder.begin(flood);
    campaign.run(Duration::from_secs(8), true);
    let sent = intruder.end();
    set_apart(&mut campaign, false);
    campaign.heal();
    campaign.wait_until_quiet();
    println!(
        "{flood}: {sent} datagrams in 8 s\n{}",
        campaign.tally.told_with(campaign.watch.figures())
    );
    if lives(&campaign) != before {
        campaign.fail("somebody was taken for hung");
    }
    let figures = campaign.watch.figures();
    assert!(figures.to_light.count() > lit, "lamps were lit meanwhile");
    assert!(figures.to_light.percentile(50) < Duration::from_secs(1), "within a second");
}
