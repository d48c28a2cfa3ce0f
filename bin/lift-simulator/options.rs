//! The command line, and the help that teaches the rest.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use crate::model::{Place, Settings, Shaft};
use crate::operator;

const AFTER_HELP: &str = "\
LINES, on standard input and on the control socket:
  press cab|up|down F [LENGTH]   press a call button, as long as --press says or for LENGTH
  hold … F, release … F          press it and stay on it; let it go
  obstruct on|off                stand in the doorway
  stop on|off                    push the stop button in, pull it out
  power on|off                   switch the motor's power: the car just stops, the command is lost
  place F, place-between F       move the car by hand to floor F, or just above it
  rescue                         bring a car that left the shaft back to the end floor
  silent on|off                  hang: read, answer, accept and notice nothing; what arrives is lost
  silent-on-door                 hang at the next command that opens the door; it is lost too
  drop                           close the client's connection
  refuse on|off                  close the port to new clients, open it again
  restart                        end and start the server: client gone, all dark, car at its start
  state                          tell everything in one line
  quit                           end with status 0, as SIGTERM and SIGINT do

EVENTS, on standard output and on the control socket: seconds on CLOCK_MONOTONIC, then words.
  listening port=P               client connected, client gone
  motor up|down|stop             door open|closed
  lamp cab|up|down floor=F on|off
  indicator F                    stop-lamp on|off
  floor F|none                   the sensor
  left-shaft top|bottom          rescued
  pressed … floor=F              released … floor=F
  obstruction, stop-button, power, silent, refuse on|off; silent on-door
  reload                         instruction 0 has thrown all state away
  ignored COMMAND                the car is out of the shaft, or the motor has no power
  nonsense bytes=A,B,C,D wrong=WHAT
                                 no sound client sends this; all but a wrong motor byte hangs the
                                 server, until `silent off` or `restart`
  violation door-open-while-moving, violation door-open-between-floors
  state …                        error …
Only changes are told. A listener that does not read is given up after a megabyte.

EXIT STATUS: 0 told to end; 1 the port or the control socket cannot be had; 2 wrong options.";

/// One lift behind the TTK4145 elevator protocol, without a screen, faithful where it hurts.
///
/// The car does not stop by itself: driven on at an end floor it leaves the shaft and obeys nothing
/// any more. The motor stops a little after its client went, when the next one is accepted already.
/// Four bytes that arrive in two pieces are two wrong instructions. Nonsense hangs the server.
#[derive(Parser, Debug)]
#[command(
    name = "lift-simulator",
    version,
    after_long_help = AFTER_HELP,
    args_override_self = true,
    disable_help_subcommand = true
)]
pub struct Options {
    /// Where to listen for the client.
    #[arg(long, value_name = "IP", env = "LIFT_SIMULATOR_ADDRESS", default_value = "127.0.0.1")]
    address: IpAddr,

    /// The TCP port; 0 takes a free one, which the first event names.
    #[arg(long, value_name = "P", env = "LIFT_SIMULATOR_PORT", default_value_t = 15657)]
    port: u16,

    /// How many floors there are.
    #[arg(long, value_name = "M", env = "LIFT_SIMULATOR_FLOORS", default_value_t = 4,
          value_parser = clap::value_parser!(u8).range(2..))]
    floors: u8,

    /// The floor at which the car stands at the start [default: 0].
    #[arg(long, value_name = "F", env = "LIFT_SIMULATOR_START_FLOOR")]
    start_floor: Option<u8>,

    /// The floor just above which the car stands at the start, seen by no sensor.
    #[arg(
        long,
        value_name = "F",
        env = "LIFT_SIMULATOR_START_BETWEEN",
        conflicts_with = "start_floor"
    )]
    start_between: Option<u8>,

    /// How long the car takes from one floor's sensor to the next one's.
    #[arg(long, value_name = "TIME", env = "LIFT_SIMULATOR_TRAVEL", default_value = "2s",
          value_parser = humantime::parse_duration)]
    travel: Duration,

    /// How long a floor's sensor sees a car that leaves or passes.
    #[arg(long, value_name = "TIME", env = "LIFT_SIMULATOR_PASSING", default_value = "500ms",
          value_parser = humantime::parse_duration)]
    passing: Duration,

    /// How long a press lasts.
    #[arg(long, value_name = "TIME", env = "LIFT_SIMULATOR_PRESS", default_value = "200ms",
          value_parser = humantime::parse_duration)]
    press: Duration,

    /// How long after its client went the motor stops, at the latest: the next client's first
    /// answer comes after that stop.
    #[arg(long, value_name = "TIME", env = "LIFT_SIMULATOR_STOP_DELAY", default_value = "10ms",
          value_parser = humantime::parse_duration)]
    stop_delay: Duration,

    /// Send every answer at once (`TCP_NODELAY`). The lab's servers do not: each answer waits for
    /// the client's acknowledgement of the one before, so a client that pipelines its reads must
    /// acknowledge quickly (`TCP_QUICKACK`) or wait 40 ms. A simulator that spared it that would
    /// hide the fault.
    #[arg(long, env = "LIFT_SIMULATOR_NO_DELAY", value_parser = BoolishValueParser::new())]
    pub no_delay: bool,

    /// Make a Unix socket here that takes the same lines and tells the same events, to any number
    /// of clients.
    #[arg(long, value_name = "PATH", env = "LIFT_SIMULATOR_CONTROL")]
    pub control: Option<PathBuf>,

    /// End when standard input ends; without this the simulator goes on.
    #[arg(long, env = "LIFT_SIMULATOR_END_WITH_STDIN", value_parser = BoolishValueParser::new())]
    pub end_with_stdin: bool,
}

impl Options {
    /// What the lift is made of. Ends the program with status 2 when the car would start outside
    /// of the shaft.
    pub fn settings(&self) -> Settings {
        let shaft = Shaft { floors: self.floors, travel: self.travel, passing: self.passing };
        let start = match self.start_between {
            Some(floor) => Place::Above(floor),
            None => Place::At(self.start_floor.unwrap_or(0)),
        };
        let start = operator::place(start, &shaft).unwrap_or_else(|error| {
            Self::command().error(ErrorKind::ValueValidation, error).exit()
        });
        Settings { shaft, start, press: self.press, stop_delay: self.stop_delay }
    }

    /// Where to listen.
    pub fn socket_address(&self) -> SocketAddr {
        (self.address, self.port).into()
    }
}
