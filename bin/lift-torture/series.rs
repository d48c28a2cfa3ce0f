//! Many seeds, one after the other or several at once, until one fails.

use std::cell::Cell;
use std::io::{IsTerminal, Write, stderr, stdout};
use std::panic;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use lift_group::shell::signals::{Signal, Signals};
use lift_group::sim::plan::{Plan, Wishes};
use lift_group::sim::run::{Outcome, run as play};
use lift_group::sim::summary::Summary;

use crate::json;
use crate::options::{Options, replay_command};

/// What is wrong where two runs of a seed differ.
pub const ANOTHER_RUN: &str = "the same seed gave another run";

/// Of so many seeds one is run twice.
const ONE_IN: u64 = 16;

/// What the threads share.
struct Work {
    wishes: Wishes,
    end: Option<u64>,
    twice: bool,
    next: AtomicU64,
    over: AtomicBool,
}

/// What became of one seed.
struct Done {
    seed: u64,
    outcome: Outcome,
    /// What was wrong, in words.
    failure: Option<String>,
}

/// How far it came, for whoever waits.
struct Progress {
    begun: Instant,
    shown: Instant,
    on_terminal: bool,
}

thread_local! {
    /// The seed that this thread runs.
    static SEED: Cell<u64> = const { Cell::new(0) };
}

/// Runs all seeds; whether every promise was kept.
pub fn run(options: &Options) -> bool {
    let wishes = options.wishes();
    name_the_seed_of_a_panic(&wishes);
    let work = Work {
        end: options.hours.is_none().then_some(options.seeds.end),
        next: AtomicU64::new(options.seeds.start),
        over: AtomicBool::new(false),
        twice: options.twice,
        wishes,
    };
    let begun = Instant::now();
    let (summary, failed) = thread::scope(|scope| {
        let (tell, hear) = mpsc::channel();
        for _ in 0..options.jobs {
            let (work, tell) = (&work, tell.clone());
            scope.spawn(move || {
                options.break_code();
                work.go_on(&tell);
            });
        }
        drop(tell);
        gather(&hear, &work, options, begun)
    });
    report(&summary, begun.elapsed(), options);
    failed == 0
}

impl Work {
    fn go_on(&self, tell: &Sender<Done>) {
        while !self.over.load(Ordering::Relaxed) {
            let seed = self.next.fetch_add(1, Ordering::Relaxed);
            if self.end.is_some_and(|end| end <= seed) || tell.send(self.attempt(seed)).is_err() {
                return;
            }
        }
    }

    fn attempt(&self, seed: u64) -> Done {
        SEED.set(seed);
        let plan = Plan::new(seed, &self.wishes);
        let outcome = play(&plan, Duration::ZERO);
        let mut failure = outcome.broken.as_ref().map(ToString::to_string);
        if self.twice || seed.is_multiple_of(ONE_IN) {
            let again = play(&plan, Duration::ZERO);
            if again.hash != outcome.hash {
                failure.get_or_insert(ANOTHER_RUN.to_owned());
            }
        }
        Done { seed, outcome, failure }
    }
}

/// Takes in what the threads report, until there is nothing more or something has failed.
fn gather(
    hear: &Receiver<Done>,
    work: &Work,
    options: &Options,
    begun: Instant,
) -> (Summary, usize) {
    let mut summary = Summary::default();
    let mut failed = 0;
    let mut progress = Progress { begun, shown: begun, on_terminal: stderr().is_terminal() };
    let mut signals = Signals::listen(&[Signal::Terminate]).ok();
    for done in hear {
        summary.add(&done.outcome);
        let enough =
            options.hours.is_some_and(|hours| summary.lasted.as_secs_f64() >= hours * 3600.0);
        let told_to_end = signals.as_mut().is_some_and(|all| all.pending().next().is_some());
        if enough || told_to_end || (done.failure.is_some() && !options.keep_going) {
            work.over.store(true, Ordering::Relaxed);
        }
        if let Some(what) = &done.failure {
            failed += 1;
            let command = replay_command(done.seed, &work.wishes);
            say(&format!("seed {} FAILED: {what}\nplay it again: {command}\n", done.seed));
        }
        progress.show(&summary);
    }
    progress.wipe();
    (summary, failed)
}

impl Progress {
    /// How often a line of a log says how far it came.
    const ONCE_IN_A_LOG: Duration = Duration::from_secs(60);
    /// How often a terminal does.
    const ON_A_TERMINAL: Duration = Duration::from_millis(200);

    fn show(&mut self, summary: &Summary) {
        let pause = if self.on_terminal { Self::ON_A_TERMINAL } else { Self::ONCE_IN_A_LOG };
        if self.shown.elapsed() < pause {
            return;
        }
        self.shown = Instant::now();
        let speed = summary.lasted.as_secs_f64() / self.begun.elapsed().as_secs_f64();
        let (runs, days) = (summary.runs, summary.lasted.as_secs_f64() / 86_400.0);
        let (before, after) = if self.on_terminal { ("\r\x1b[K", "") } else { ("", "\n") };
        let _ = write!(
            stderr(),
            "{before}{runs} runs, {days:.3} days, {speed:.0} times real time{after}"
        );
    }

    fn wipe(&self) {
        if self.on_terminal {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }
}

fn report(summary: &Summary, took: Duration, options: &Options) {
    if options.json {
        say(&format!("{}\n", json::summary(summary, took)));
    } else {
        let speed = summary.lasted.as_secs_f64() / took.as_secs_f64();
        say(&format!("{summary}{speed:.0} times real time, in {took:.1?}\n"));
    }
}

/// A panic is a broken promise; it must say where.
fn name_the_seed_of_a_panic(wishes: &Wishes) {
    static ONCE: Once = Once::new();
    let wishes = wishes.clone();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |about| {
            usual(about);
            let command = replay_command(SEED.get(), &wishes);
            let _ =
                writeln!(stderr(), "seed {} FAILED: a panic\nplay it again: {command}", SEED.get());
        }));
    });
}

/// Says something to whoever still listens.
pub fn say(text: &str) {
    let _ = stdout().write_all(text.as_bytes());
}
