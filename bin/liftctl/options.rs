//! The command line, and the help that teaches the rest.

use std::env;
use std::io;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};

const EXAMPLES: &str = "\
EXAMPLES:
  liftctl demo                           see lifts killed and cut off, and no call lost
  liftctl status --id 1                  lift 1 of this computer, run by systemd
  liftctl status --state-dir /tmp/lift   a lift that was started by hand
  liftctl status --id 1 --json | jq -r .controller.floor

EXIT STATUS: 0 as hoped; 1 not so, standard error says why; 2 wrong options.";

const STATUS_HELP: &str = "\
Of --runtime-dir, --state-dir and --id the first one that is given counts, and
the command line counts before the environment. Only the lift's own user and
root get an answer.

JSON: {supervisor, controller, errors}. What did not answer is null, and errors
says why. Floors are numbers from 0, times are whole milliseconds, words are
lower-case. Fields may be added; none goes.
  supervisor  name pid uptime_ms restarts last_end{reason ago_ms} disk_trouble
              controller{pid incarnation uptime_ms works}
              checkpoint{received durable}
  controller  id floors role incarnation in_service out_of_service floor
              direction motion door disk_works
              calls[{kind floor direction lit}]
              group{term primary yields timestamp_ms ranks
                peers[{id heard present role follows lost_per_mille floor
                       direction motion door out_of_service}]
                hall_calls[{floor direction lit age_ms assigned_to}]}
              strangers[{id reason floors ago_ms}]
              network{group place open trouble unsent
                dropped[{reason usual count last_from}]}

EXIT STATUS: 0 both answered; 1 one did not; 2 wrong options.";

const FORGET_HELP: &str = "\
The group remembers every lift that it has ever heard of, since one that is away
may come back, and forgets nothing behind its back meanwhile. Of a lift that was
taken out of the building for good nobody will hear again: say so to one of the
others, and they all forget it, with the calls of its car. Installed again, it
is a member again.

EXAMPLE: liftctl forget 3 --id 1       lift 3 is gone; said to lift 1

EXIT STATUS: 0 it is forgotten; 1 it is not, and standard error says why;
2 wrong options.";

const KEYGEN_HELP: &str = "\
All lifts of a group have one key; who does not have it can neither speak to them
nor be heard. A key file may have two: the first one seals, both are understood,
so that a key can be replaced lift by lift.

EXAMPLE: liftctl keygen /etc/credstore/lift.key

EXIT STATUS: 0 the key is made; 1 it is not, and standard error says why;
2 wrong options.";

const DEMO_HELP: &str = "\
Three simulated lifts, each with a supervised controller, all on this machine, in
a temporary directory that is gone afterwards. Passengers press buttons, and

  the controller of the primary is killed with SIGKILL, its car between two floors;
  the controller of a backup hangs, stopped with SIGSTOP;
  the primary is cut off from the others, and comes back.

Each lift has a UDP port of its own, and the demo carries the datagrams from one
to the others, as a switch would: so it can pull a plug without being root. Every
line that you see is what the simulated hardware, those datagrams and the status
sockets told, not what was hoped for. It takes about half a minute.

EXIT STATUS: 0 if every call that was lit was answered and no lamp is lit at the
end; 1 if anything else happened, standard error says what; 2 wrong options.";

/// Looks at lifts, and shows what they promise.
///
/// A lit call lamp is a promise: a lift will come, whatever fails in between. `liftctl demo` lets
/// you see that, `liftctl status` tells how a lift is that runs on this computer.
#[derive(Parser, Debug)]
#[command(
    name = "liftctl",
    version,
    after_help = EXAMPLES,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
pub struct Options {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Tells how a running lift is: where its car is, its calls and lamps, its processes
    #[command(after_help = STATUS_HELP)]
    Status(StatusOptions),
    /// Makes the group forget a lift that was taken away for good
    #[command(after_help = FORGET_HELP)]
    Forget(ForgetOptions),
    /// Draws a new key for a group of lifts
    #[command(after_help = KEYGEN_HELP)]
    Keygen(KeygenOptions),
    /// Kills, hangs and cuts off lifts of its own, and shows that no call is lost
    #[command(after_help = DEMO_HELP)]
    Demo(DemoOptions),
}

/// Which lift, and how to tell of it.
#[derive(Args, Debug)]
pub struct StatusOptions {
    /// Which lift.
    #[command(flatten)]
    pub which: Which,

    /// Tell it as JSON, for programs
    #[arg(long)]
    pub json: bool,
}

/// Which lift to forget, and whom to tell.
#[derive(Args, Debug)]
pub struct ForgetOptions {
    /// The number of the lift that is gone
    #[arg(value_name = "N")]
    pub lift: u8,

    /// Whom to tell.
    #[command(flatten)]
    pub which: Which,
}

/// Which of the lifts on this computer.
#[derive(Args, Debug)]
pub struct Which {
    /// Lift N: its sockets are in /run/lift/N or /var/lib/lift/N
    #[arg(long, value_name = "N", env = "LIFT_ID")]
    id: Option<u8>,

    /// The lift that keeps its calls, and its sockets, in this directory
    #[arg(long, value_name = "DIR", env = "LIFT_STATE_DIR")]
    state_dir: Option<PathBuf>,

    /// The lift whose sockets are in this directory
    #[arg(long, value_name = "DIR", env = "LIFT_RUNTIME_DIR")]
    runtime_dir: Option<PathBuf>,

    /// Where the sockets may be; found from the options above.
    #[arg(skip)]
    pub directories: Vec<PathBuf>,
}

/// Where to put it.
#[derive(Args, Debug)]
pub struct KeygenOptions {
    /// A new file, which its owner alone will be able to read [default: standard output]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// With what to show it.
#[derive(Args, Debug)]
pub struct DemoOptions {
    /// Where lift-simulator, lift-supervisor and lift-controller are [default: beside liftctl]
    #[arg(long, value_name = "DIR")]
    bin_dir: Option<PathBuf>,
}

impl Options {
    /// What the command line asks for. Ends the process with status 2 where it makes no sense.
    pub fn from_command_line() -> Self {
        let matches = Self::command().get_matches();
        let mut options = Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        let which = match &mut options.command {
            Command::Status(StatusOptions { which, .. })
            | Command::Forget(ForgetOptions { which, .. }) => Some(which),
            Command::Keygen(_) | Command::Demo(_) => None,
        };
        if let (Some(which), Some((_, matches))) = (which, matches.subcommand()) {
            which.directories = which.find_directories(matches);
        }
        options
    }
}

impl Which {
    fn find_directories(&self, matches: &ArgMatches) -> Vec<PathBuf> {
        let one = |directory: &Option<PathBuf>| directory.clone().map(|directory| vec![directory]);
        let given = [
            ("runtime_dir", one(&self.runtime_dir)),
            ("state_dir", one(&self.state_dir)),
            ("id", self.id.map(usual_directories)),
        ];
        let is_said = |name| matches.value_source(name) == Some(ValueSource::CommandLine);
        let (said, meant): (Vec<_>, Vec<_>) =
            given.into_iter().partition(|(name, _)| is_said(name));
        let first = said.into_iter().chain(meant).find_map(|(_, directories)| directories);
        first.unwrap_or_else(|| {
            let question = "which lift? Say --id N, or --state-dir DIR for one started by hand";
            Options::command().error(ErrorKind::MissingRequiredArgument, question).exit()
        })
    }
}

/// Where systemd, and where a supervisor without systemd, puts the sockets of this lift.
fn usual_directories(id: u8) -> Vec<PathBuf> {
    ["/run/lift", "/var/lib/lift"].map(|all| Path::new(all).join(id.to_string())).into()
}

impl DemoOptions {
    /// Where the other programs are.
    ///
    /// # Errors
    /// When the system does not say where this one is.
    pub fn bin_dir(&self) -> io::Result<PathBuf> {
        if let Some(directory) = &self.bin_dir {
            return std::path::absolute(directory);
        }
        let mut program = env::current_exe()?;
        program.pop();
        Ok(program)
    }
}
