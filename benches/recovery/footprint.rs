//! What a node costs while nothing happens.

use std::time::{Duration, Instant};
use std::{fs, io, thread};

use nix::unistd::Pid;

use crate::bare::Bare;
use crate::common::figures::{Figure, Goal, MEDIAN, Samples};
use crate::common::node::Node;
use crate::hardware::Hardware;

/// How long a node is left alone before it counts as being at rest.
const REST: Duration = Duration::from_secs(2);

/// How long wake-ups are counted, and how often.
const SPAN: Duration = Duration::from_secs(1);
const SPANS: usize = 5;

/// Memory and wake-ups of both programs.
pub fn measure() -> io::Result<Vec<Figure>> {
    let hardware = Hardware::start(false)?;
    let node = Node::start(hardware.address, |_| {})?;
    let (supervisor, controller) = (node.supervisor(), node.controller()?);
    let empty = Bare::start()?;
    let bare = Memory::of(empty.child())?;
    thread::sleep(REST);
    let Memory { private, written, shared } = Memory::of(supervisor)?;
    let memory = |what: &str, value: f64, bare: f64, goals| Figure {
        what: what.into(),
        unit: "KiB",
        samples: Samples::from_iter([value]),
        bare: Some(Samples::from_iter([bare])),
        goals,
    };
    let mut figures = vec![
        memory(
            "supervisor: private memory",
            private,
            bare.private,
            vec![Goal::AtMost(MEDIAN, 1024.0)],
        ),
        memory("  of it written", written, bare.written, vec![]),
        memory("supervisor: shared memory", shared, bare.shared, vec![]),
    ];
    let Memory { private, written, shared } = Memory::of(controller)?;
    figures.extend([
        memory(
            "controller: private memory",
            private,
            bare.private,
            vec![Goal::AtMost(MEDIAN, 2048.0)],
        ),
        memory("  of it written", written, bare.written, vec![]),
        memory("controller: shared memory", shared, bare.shared, vec![]),
    ]);
    figures.extend(wakeups(supervisor, controller)?);
    Ok(figures)
}

/// The memory of a process that is in use, in KiB.
struct Memory {
    private: f64,
    /// What of the private memory stands in no file, because the process has written it.
    written: f64,
    shared: f64,
}

impl Memory {
    fn of(process: Pid) -> io::Result<Self> {
        let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
        let sum = |names: [&str; 2]| names.iter().map(|name| field(&text, name)).sum();
        Ok(Self {
            private: sum(["Private_Clean:", "Private_Dirty:"]),
            // Not Private_Dirty: pages of a program that was just built are on no disk either.
            written: field(&text, "Anonymous:"),
            shared: sum(["Shared_Clean:", "Shared_Dirty:"]),
        })
    }
}

/// How often each program was woken, in every second of several.
fn wakeups(supervisor: Pid, controller: Pid) -> io::Result<[Figure; 2]> {
    let mut samples = [Vec::new(), Vec::new()];
    for _ in 0..SPANS {
        let begun = Instant::now();
        let before = [switches(supervisor)?, switches(controller)?];
        thread::sleep(SPAN);
        let after = [switches(supervisor)?, switches(controller)?];
        let seconds = begun.elapsed().as_secs_f64();
        for (samples, (after, before)) in samples.iter_mut().zip(after.into_iter().zip(before)) {
            samples.push((after - before) / seconds);
        }
    }
    let [supervisor, controller] = samples.map(Samples::from_iter);
    let figure = |what: &str, samples| Figure {
        what: what.into(),
        unit: "/s",
        samples,
        bare: None,
        goals: vec![],
    };
    Ok([
        figure("supervisor: wake-ups at rest", supervisor),
        figure("controller: wake-ups at rest", controller),
    ])
}

/// How often any thread of the process gave up its processor, or lost it: as often it got it back.
fn switches(process: Pid) -> io::Result<f64> {
    let mut sum = 0.0;
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        let text = fs::read_to_string(thread?.path().join("status"))?;
        sum += field(&text, "voluntary_ctxt_switches:");
        sum += field(&text, "nonvoluntary_ctxt_switches:");
    }
    Ok(sum)
}

/// The number behind this name at the beginning of a line.
fn field(text: &str, name: &str) -> f64 {
    let values = text.lines().filter_map(|line| line.strip_prefix(name));
    values.filter_map(|value| value.split_whitespace().next()?.parse::<f64>().ok()).sum()
}
