//! Runs simulated buildings.
use lift_group::sim::plan::{Plan, Wishes};
use lift_group::sim::run::run;
use std::time::{Duration, Instant};
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let (a, b): (u64, u64) = (args[1].parse().unwrap(), args[2].parse().unwrap());
    let lifts = args.get(3).map(|n| n.parse().unwrap());
    let keep = if b - a == 1 { 20 } else { 0 };
    let begun = Instant::now();
    let mut total = Duration::ZERO;
    for seed in a..b {
        let at = Instant::now();
        let plan = Plan::new(seed, &Wishes { lifts, heartbeat: lifts.map(|_| Duration::from_millis(10)), ..Wishes::default() });
        let outcome = run(&plan, Duration::from_secs(keep));
        total += outcome.lasted;
        for line in &outcome.timeline { println!("{line}"); }
        println!("seed {seed} lifts {} floors {} hb {:?} sealed {} faults {} lasted {:?} messages {} passengers {} hash {:x} {:?} speed {:.0} {:?}", plan.lifts, plan.building.floors(), plan.heartbeat, plan.sealed, plan.faults.len(), outcome.lasted, outcome.messages, outcome.passengers, outcome.hash, (outcome.figures.lit, outcome.figures.answered, outcome.figures.came_back, outcome.figures.extra_stops), outcome.lasted.as_secs_f64() / at.elapsed().as_secs_f64(), outcome.broken);
    }
    println!("{:.0}x", total.as_secs_f64() / begun.elapsed().as_secs_f64());
}
