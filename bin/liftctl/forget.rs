//! `liftctl forget`: a lift was taken away for good.

use std::fmt;
use std::io::{self, Write};
use std::thread;
use std::time::{Duration, Instant};

use lift_group::building::LiftId;
use lift_group::node::Status;
use lift_group::shell::controller::status::Document;
use lift_group::shell::orders::{Order, give, order_socket};
use lift_group::shell::settings::controller_socket;
use lift_group::shell::status::{AskError, ask};

use crate::options::ForgetOptions;
use crate::status::where_it_is;

/// How long a controller may take to answer, or to do as it is told.
const PATIENCE: Duration = Duration::from_secs(2);

/// Tells a controller to forget a lift, and waits until it has.
///
/// # Errors
/// When there is no such lift to forget, it still lives, or nobody takes the order.
pub fn run(options: &ForgetOptions) -> Result<(), Trouble> {
    let directory = where_it_is(&options.which.directories);
    let lift = LiftId(options.lift);
    let socket = controller_socket(directory);
    check(&ask::<Document>(&socket, PATIENCE)?.node, lift)?;
    give(&order_socket(directory), Order::Forget(lift))?;
    let deadline = Instant::now() + PATIENCE;
    while knows(&ask::<Document>(&socket, PATIENCE)?.node, lift) {
        if Instant::now() >= deadline {
            return Err(Trouble::Refused(lift));
        }
        thread::sleep(Duration::from_millis(10));
    }
    let told = writeln!(io::stdout(), "lift {lift} is forgotten, and the others are told");
    told.map_err(Trouble::Output)
}

/// Whether there is anything to forget.
fn check(status: &Status, lift: LiftId) -> Result<(), Trouble> {
    if status.lift == lift {
        return Err(Trouble::Itself(lift));
    }
    match status.group.peers.iter().find(|peer| peer.lift == lift) {
        None => Err(Trouble::Unknown(lift)),
        Some(peer) if peer.present => Err(Trouble::Present(lift)),
        Some(_) => Ok(()),
    }
}

fn knows(status: &Status, lift: LiftId) -> bool {
    status.group.peers.iter().any(|peer| peer.lift == lift)
}

/// Why nothing was forgotten.
#[derive(Debug)]
pub enum Trouble {
    /// No lift forgets itself.
    Itself(LiftId),
    /// It belongs to this group no more, or never did.
    Unknown(LiftId),
    /// It is there.
    Present(LiftId),
    /// The controller did not do it.
    Refused(LiftId),
    /// The controller does not answer.
    NoAnswer(AskError),
    /// It could not be told.
    Output(io::Error),
}

impl From<AskError> for Trouble {
    fn from(error: AskError) -> Self {
        Self::NoAnswer(error)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Itself(lift) => {
                write!(f, "lift {lift} cannot forget itself: name another lift by --id")
            }
            Self::Unknown(lift) => write!(f, "lift {lift} is no member of this group: see status"),
            Self::Present(lift) => {
                write!(f, "lift {lift} is present: stop it first, or it is a member again at once")
            }
            Self::Refused(lift) => {
                write!(f, "lift {lift} is not forgotten: the log of the controller says why")
            }
            Self::NoAnswer(error) => write!(f, "the controller was not reached: {error}"),
            Self::Output(error) => write!(f, "it is forgotten, which cannot be told: {error}"),
        }
    }
}
