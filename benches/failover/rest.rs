//! What it costs to be a group while nothing happens.

use std::time::{Duration, Instant};
use std::{fs, io, thread};

use nix::unistd::Pid;

use crate::common::figures::{Figure, Samples, as_f64};
use crate::house::House;
use crate::wire::Wire;

/// Sizes of groups.
const SIZES: [u8; 4] = [3, 8, 16, 64];

/// How long a group may take to become one; a machine that is too small for it never gets there.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long it is left alone then, and how long it is counted.
const REST: Duration = Duration::from_secs(1);
const SPAN: Duration = Duration::from_secs(4);

/// Datagrams, bytes and processor time of groups of several sizes.
pub fn measure() -> io::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for lifts in SIZES {
        figures.extend(measure_group(lifts)?);
    }
    Ok(figures)
}

fn measure_group(lifts: u8) -> io::Result<Vec<Figure>> {
    let house = House::without_hardware(lifts)?;
    let mut wire = house.wire()?;
    let became_one = wire.one_primary_within(lifts.into(), PATIENCE)?;
    wire.count_for(REST)?;
    let processes = processes(&house)?;
    let (before, began) = (Usage::so_far(&wire, &processes)?, Instant::now());
    wire.count_for(SPAN)?;
    let seconds = began.elapsed().as_secs_f64();
    let after = Usage::so_far(&wire, &processes)?;
    let per_second = |after: f64, before: f64| (after - before) / seconds;
    let name = |what: &str| format!("{lifts} lifts at rest: {what}");
    let figure = |what: String, unit, value: f64| Figure {
        what,
        unit,
        samples: Samples::from_iter([value]),
        bare: None,
        goals: vec![],
    };
    let processors = as_f64(thread::available_parallelism().map_or(1, usize::from));
    let idle = 1.0 - per_second(after.busy, before.busy) / processors;
    let replaced = processes.iter().any(|process| on_cpu(*process).is_err());
    let troubles = [
        (became_one.is_none(), "no one group"),
        (idle < 0.05, "saturated"),
        (replaced, "controllers hung"),
    ];
    let troubles = troubles.into_iter().filter(|(is_so, _)| *is_so).map(|(_, trouble)| trouble);
    let troubles: String = troubles.flat_map(|trouble| [", ", trouble]).collect();
    let cpu = per_second(after.cpu, before.cpu) / f64::from(lifts) * 1e3;
    Ok(vec![
        figure(name("datagrams"), "/s", per_second(after.datagrams, before.datagrams)),
        figure(name("bytes"), "KiB/s", per_second(after.bytes, before.bytes) / 1024.0),
        figure(name(&format!("CPU{troubles}")), "ms/s", cpu),
    ])
}

/// What was used so far.
struct Usage {
    datagrams: f64,
    bytes: f64,
    /// Processor time of all nodes, and of everything on the machine, in seconds.
    cpu: f64,
    busy: f64,
}

impl Usage {
    fn so_far(wire: &Wire, processes: &[Pid]) -> io::Result<Self> {
        // One that has ended meanwhile is told of.
        let cpu = processes.iter().filter_map(|process| on_cpu(*process).ok()).sum();
        let (datagrams, bytes) = wire.counted();
        Ok(Self { datagrams, bytes, cpu, busy: machine_busy()? })
    }
}

/// Supervisors and controllers.
fn processes(house: &House) -> io::Result<Vec<Pid>> {
    let mut processes = Vec::new();
    for node in &house.nodes {
        processes.extend([node.supervisor(), node.controller()?]);
    }
    Ok(processes)
}

/// For how many seconds the threads of a process have had a processor.
fn on_cpu(process: Pid) -> io::Result<f64> {
    let mut nanos = 0.0;
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        let text = fs::read_to_string(thread?.path().join("schedstat"))?;
        nanos += text.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or(0.0);
    }
    Ok(nanos / 1e9)
}

/// For how many seconds the processors of this machine have been busy.
fn machine_busy() -> io::Result<f64> {
    let text = fs::read_to_string("/proc/stat")?;
    let all = text.lines().next().unwrap_or_default();
    let ticks: Vec<f64> = all.split(' ').filter_map(|ticks| ticks.parse().ok()).collect();
    // user nice system idle iowait irq softirq steal, in hundredths of a second
    let busy = |(at, _): &(usize, &f64)| !matches!(at, 3 | 4) && *at < 8;
    Ok(ticks.iter().enumerate().filter(busy).map(|(_, ticks)| ticks).sum::<f64>() / 100.0)
}
