//! The options of `lift-torture`, and the command line that stands for a run.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use clap::Parser;
#[cfg(debug_assertions)]
use lift_group::sabotage::Sabotage;
use lift_group::sim::fault::Kind;
use lift_group::sim::plan::Wishes;

/// Years of faults in minutes: simulated buildings in virtual time, judged by what passengers see.
///
/// Each seed is one building: how many lifts and floors, how fast its controllers speak, which kinds
/// of faults strike it and how often, all of that is drawn from the seed. Whatever is said here is
/// not drawn. Ends with status 1 as soon as a promise was broken. Told to end before it is through
/// (SIGTERM, or Ctrl-C), it finishes the seeds that it has begun and says how far it came.
#[derive(Parser, Clone, Debug)]
#[command(version)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct Options {
    /// The seeds to run.
    #[arg(long, value_name = "A..B", default_value = "0..100", value_parser = range)]
    pub seeds: Range<u64>,
    /// Go on from the first seed until so many virtual hours have passed, whatever the last one is.
    #[arg(long, value_name = "HOURS")]
    pub hours: Option<f64>,
    /// How many threads run.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..))]
    pub jobs: u8,
    /// The kinds of faults, by name, with commas; `none` for none.
    #[arg(long, value_name = "KINDS", value_parser = kinds)]
    pub faults: Option<Chosen<Kind>>,
    /// How many lifts, 1 to 16.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=16))]
    pub lifts: Option<u8>,
    /// How many floors, 2 to 128.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(2..=128))]
    pub floors: Option<u8>,
    /// How often a controller speaks.
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub heartbeat: Option<Duration>,
    /// How long a command or a reading is under way.
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub lag: Option<Duration>,
    /// How long passengers are apart, on average.
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub people_apart: Option<Duration>,
    /// For how long things go wrong.
    #[arg(long = "for", value_name = "TIME", value_parser = humantime::parse_duration)]
    pub lasts: Option<Duration>,
    /// Only these of the faults, by their numbers, with commas.
    #[arg(long, value_name = "NUMBERS", value_parser = numbers)]
    pub only: Option<Chosen<usize>>,
    /// Play one seed again: show the last of it, and if it fails, look for a smaller failure.
    #[arg(long, value_name = "SEED")]
    pub replay: Option<u64>,
    /// How much of the end a replay shows.
    #[arg(long, value_name = "TIME", default_value = "20s", value_parser = humantime::parse_duration)]
    pub last: Duration,
    /// A replay looks for no smaller failure.
    #[arg(long)]
    pub as_is: bool,
    /// Run every seed twice and compare; otherwise one of sixteen.
    #[arg(long)]
    pub twice: bool,
    /// Go on after a failure, to see what else fails.
    #[arg(long)]
    pub keep_going: bool,
    /// Break the code on purpose, to see whether that is found: the name of a sabotage. In debug
    /// builds alone.
    #[cfg(debug_assertions)]
    #[arg(long, value_name = "NAME", value_parser = sabotage)]
    pub sabotage: Option<Sabotage>,
    /// The summary as JSON.
    #[arg(long)]
    pub json: bool,
}

/// A set that is one option.
#[derive(Clone, PartialEq, Debug)]
pub struct Chosen<T>(pub BTreeSet<T>);

impl Options {
    /// What the command line says; ends the program where that is nothing.
    pub fn from_command_line() -> Self {
        Self::parse()
    }

    /// Breaks the code for this thread, as asked.
    pub fn break_code(&self) {
        #[cfg(debug_assertions)]
        Sabotage::set(self.sabotage);
    }

    /// What is not to be drawn.
    pub fn wishes(&self) -> Wishes {
        Wishes {
            lifts: self.lifts,
            floors: self.floors,
            heartbeat: self.heartbeat,
            lag: self.lag,
            people_apart: self.people_apart,
            lasts: self.lasts,
            kinds: self.faults.clone().map(|Chosen(kinds)| kinds),
            only: self.only.clone().map(|Chosen(only)| only),
        }
    }
}

/// The command that plays this seed again.
pub fn replay_command(seed: u64, wishes: &Wishes) -> String {
    let list = |all: Vec<String>| if all.is_empty() { "none".to_owned() } else { all.join(",") };
    let mut command = format!("cargo run --release --bin lift-torture -- --replay {seed}");
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            command.extend([" --", name, " ", &value]);
        }
    };
    let time = |time: Duration| humantime::format_duration(time).to_string().replace(' ', "");
    add("lifts", wishes.lifts.map(|n| n.to_string()));
    add("floors", wishes.floors.map(|n| n.to_string()));
    add("heartbeat", wishes.heartbeat.map(time));
    add("lag", wishes.lag.map(time));
    add("people-apart", wishes.people_apart.map(time));
    add("for", wishes.lasts.map(time));
    let kinds = wishes.kinds.as_ref();
    add("faults", kinds.map(|all| list(all.iter().map(|kind| kind.name()).collect())));
    let only = wishes.only.as_ref();
    add("only", only.map(|all| list(all.iter().map(usize::to_string).collect())));
    command
}

fn range(text: &str) -> Result<Range<u64>, &'static str> {
    let wrong = "give two seeds, the first and one behind the last: 0..100";
    let (first, end) = text.split_once("..").ok_or(wrong)?;
    let (first, end) = (first.parse().map_err(|_| wrong)?, end.parse().map_err(|_| wrong)?);
    if first < end { Ok(first..end) } else { Err(wrong) }
}

fn kinds(text: &str) -> Result<Chosen<Kind>, String> {
    let names = text.split(',').filter(|name| *name != "none");
    let kind = |name: &str| {
        Kind::named(name).ok_or_else(|| {
            let all = Kind::ALL.map(Kind::name).join(", ");
            format!("there is no fault {name:?}, there are: {all}")
        })
    };
    names.map(kind).collect::<Result<_, _>>().map(Chosen)
}

#[cfg(debug_assertions)]
fn sabotage(text: &str) -> Result<Sabotage, String> {
    let name = |sabotage: &Sabotage| format!("{sabotage:?}");
    Sabotage::ALL.into_iter().find(|sabotage| name(sabotage) == text).ok_or_else(|| {
        let all: Vec<String> = Sabotage::ALL.iter().map(name).collect();
        format!("there is none of this name, there are: {}", all.join(", "))
    })
}

fn numbers(text: &str) -> Result<Chosen<usize>, String> {
    let numbers = text.split(',').filter(|number| *number != "none");
    let parse = |number: &str| number.parse().map_err(|_| format!("{number:?} is no number"));
    numbers.map(parse).collect::<Result<_, _>>().map(Chosen)
}
