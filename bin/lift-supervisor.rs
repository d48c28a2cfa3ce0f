//! Keeps the controller of one lift alive and its calls safe.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use lift_group::building::{Building, LiftId};
use lift_group::config::Config;
use lift_group::shell::settings::Settings;
use lift_group::shell::{clock, codec, logging};
use lift_group::supervisor::run::{Options, run};
use log::{LevelFilter, error};

#[cfg(feature = "manual")]
mod manual;
mod membership;
mod options;
use membership::{GroupOptions, Trouble};
use options::HostPort;

/// How many heartbeats a controller gives in the time after which its silence counts as a hang.
/// With four, one or two may come late without harm.
const HEARTBEATS_PER_HANG: u32 = 4;

/// `EX_NOINPUT` of `sysexits.h`.
const NO_KEY: u8 = 66;

/// `EX_NOHOST`.
const NO_SUCH_HOST: u8 = 68;

const BAD_USAGE: u8 = 2;

#[derive(Parser)]
#[command(
    name = "lift-supervisor",
    args_override_self = true,
    version,
    about = "Keeps the controller of one lift alive and its calls safe",
    long_about = "\
Keeps the controller of one lift alive and its calls safe.

Starts the controller, keeps every checkpoint that it sends on the disk, and starts it \
again with the newest one, at once, whenever it crashes or hangs; the other lifts of the group \
are told at once. Ends with SIGTERM: the lift \
comes to rest first. SIGHUP replaces the controller, for a new version, without losing a call.",
    after_long_help = "\
Example:
  lift-supervisor --id 1 --floors 4 --hardware 127.0.0.1:15657 --state-dir /var/lib/lift/1
  The same as one of a group:   … --group main-building --key /etc/lift/key

Exit status:
   0  ended as asked
   2  wrong options: trying again is in vain
  66  the key cannot be read at present
  68  the host of the hardware has no address at present
  71  the kernel refused something: too many processes or open files
  73  the state directory cannot be used
  75  the state directory is in use by another supervisor or its controller

Every option can be given as the environment variable beside it instead."
)]
struct Arguments {
    /// The number of the lift, unique in its group
    #[arg(long, env = "LIFT_ID", value_name = "N", value_parser = options::lift)]
    id: LiftId,

    /// How many floors the building has
    #[arg(long, env = "LIFT_FLOORS", value_name = "M", value_parser = options::building)]
    floors: Building,

    /// Where the lift's hardware, or a simulator, listens. A host's name is looked up once, at the
    /// start
    #[arg(long, env = "LIFT_HARDWARE", value_name = "HOST:PORT")]
    hardware: HostPort,

    /// Where the calls are kept; by default the directory of this service
    /// (`STATE_DIRECTORY`, which systemd sets)
    #[arg(long, env = "LIFT_STATE_DIR", value_name = "DIR")]
    state_dir: Option<PathBuf>,

    /// Where `liftctl status` asks; by default the directory of this service
    /// (`RUNTIME_DIRECTORY`, which systemd sets), or else the state directory
    #[arg(long, env = "LIFT_RUNTIME_DIR", value_name = "DIR")]
    runtime_dir: Option<PathBuf>,

    /// After how long a silence a controller hangs
    #[arg(long, env = "LIFT_HANG_TIMEOUT", value_name = "TIME", default_value = "200ms",
        value_parser = options::duration(Duration::from_millis(50), Duration::from_secs(10)))]
    hang_timeout: Duration,

    /// How long the door stays open at a stop
    #[arg(long, env = "LIFT_DOOR_DWELL", value_name = "TIME", default_value = "3s",
        value_parser = options::duration(Duration::from_millis(50), Duration::from_secs(60)))]
    door_dwell: Duration,

    /// How long the car takes from one floor to the next
    #[arg(long, env = "LIFT_TRAVEL_TIME", value_name = "TIME", default_value = "2.5s",
        value_parser = options::duration(Duration::from_millis(50), Duration::from_secs(60)))]
    travel_time: Duration,

    /// How much is logged
    #[arg(long, env = "LIFT_LOG_LEVEL", value_name = "LEVEL", default_value = "info",
        value_parser = options::log_level())]
    log_level: LevelFilter,

    /// The controller's program; by default lift-controller beside this one
    #[arg(long, env = "LIFT_CONTROLLER", value_name = "PATH")]
    controller: Option<PathBuf>,

    #[command(flatten)]
    group: GroupOptions,
}

fn main() -> ExitCode {
    clock::now(); // Time begins here.
    #[cfg(feature = "manual")]
    manual::write_if_asked(Arguments::command());
    let arguments = Arguments::parse();
    logging::start(arguments.log_level, "lift-supervisor");
    let status = options(arguments).and_then(|options| {
        run(options).map_err(|failure| {
            error!("{failure}");
            failure.exit_status()
        })
    });
    status.map_or_else(ExitCode::from, |()| ExitCode::SUCCESS)
}

/// What the arguments mean, or the exit status.
fn options(arguments: Arguments) -> Result<Options, u8> {
    let state_dir = arguments
        .state_dir
        .or_else(|| options::systemd_directory("STATE_DIRECTORY"))
        .ok_or_else(|| bad_usage("name a directory for the calls: --state-dir DIR"))?;
    let runtime_dir = arguments
        .runtime_dir
        .or_else(|| options::systemd_directory("RUNTIME_DIRECTORY"))
        .unwrap_or_else(|| state_dir.clone());
    let controller = match arguments.controller {
        Some(controller) => controller,
        None => env::current_exe()
            .map_err(|error| bad_usage(&format!("name the --controller, as {error}")))?
            .with_file_name("lift-controller"),
    };
    let hardware = arguments.hardware.resolve().map_err(|why| {
        error!("the hardware {} has no address: {why}; check --hardware", arguments.hardware);
        NO_SUCH_HOST
    })?;
    let membership = arguments.group.membership().map_err(|trouble| match trouble {
        Trouble::Wrong(why) => bad_usage(&why),
        Trouble::NoKey(why) => {
            error!("{why}");
            NO_KEY
        }
    })?;
    let mut config = Config::new(arguments.id, arguments.floors);
    config.door_dwell = arguments.door_dwell;
    config.travel_time = arguments.travel_time;
    config.heartbeat = arguments.group.heartbeat;
    let settings = Settings {
        config,
        hardware,
        membership: membership.clone(),
        log_level: arguments.log_level,
        runtime_dir: runtime_dir.clone(),
        heartbeat: arguments.hang_timeout / HEARTBEATS_PER_HANG,
    };
    let configuration = codec::encode(&settings).map_err(|error| bad_usage(&error.to_string()))?;
    Ok(Options {
        name: format!("lift {}", arguments.id),
        lift: arguments.id,
        membership,
        controller,
        configuration,
        state_dir,
        runtime_dir,
        hang_timeout: arguments.hang_timeout,
    })
}

fn bad_usage(why: &str) -> u8 {
    // That nothing can be said about it changes nothing.
    let _ = Arguments::command().error(ErrorKind::MissingRequiredArgument, why).print();
    BAD_USAGE
}
