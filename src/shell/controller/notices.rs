//! What a node has to say, as log lines.

use log::{error, info, warn};

use crate::group::CannotForget;
use crate::lift::OutOfService;
use crate::node::strangers::Strangeness;
use crate::node::{Notice, Role};

/// Logs what a person may want to know.
pub fn log(notice: Notice) {
    match notice {
        Notice::Registered(call) => info!("call registered call=\"{call}\""),
        Notice::Answered(call) => info!("call answered call=\"{call}\""),
        Notice::Service(Ok(())) => info!("in service"),
        Notice::Service(Err(why @ OutOfService::Ending)) => {
            info!("out of service reason=\"{why}\"");
        }
        Notice::Service(Err(why)) => warn!("out of service reason=\"{why}\""),
        Notice::Disk { works: true } => info!("checkpoints become durable again"),
        Notice::Disk { works: false } => {
            error!("calls are lit that a power loss would forget: no checkpoint becomes durable");
        }
        Notice::Role(Role::Listening) => info!("listens for its group"),
        Notice::Role(Role::Backup { primary }) => info!("is a backup primary={primary}"),
        Notice::Role(Role::Primary { term }) => info!("is primary term={}", term.0),
        Notice::Peer { lift, present: true } => info!("a peer is present lift={lift}"),
        Notice::Peer { lift, present: false } => warn!("a peer is absent lift={lift}"),
        Notice::Stranger(lift, Strangeness::OtherBuilding { floors }) => {
            warn!(
                "a lift is set up for another building, ignored: see to its --floors, or give it \
                 a --group of its own lift={lift} floors={floors}"
            );
        }
        Notice::Stranger(lift, Strangeness::SameNumber) => {
            warn!(
                "another lift has the number of this one, ignored: give each an --id of its own \
                 lift={lift}"
            );
        }
        Notice::Forgotten(lift, Ok(())) => {
            warn!("a lift is forgotten with the calls of its car, as ordered lift={lift}");
        }
        Notice::Forgotten(lift, Err(CannotForget::Lives)) => {
            warn!("a lift is not forgotten although ordered, as it lives: stop it lift={lift}");
        }
        Notice::Forgotten(lift, Err(CannotForget::NoMember)) => {
            warn!("a lift is not forgotten although ordered: nobody has heard of it lift={lift}");
        }
        Notice::Yields(true) => error!(
            "this lift has the number of another one and goes on alone: give each its own --id"
        ),
        Notice::Yields(false) => info!("no other lift has the number of this one any more"),
        Notice::Outlived(above) => warn!(
            "the others know a later life of this lift: a new one begins above it \
             incarnation={above}"
        ),
        Notice::ForeignCheckpoint(lift) => {
            warn!(
                "the checkpoint is another lift's: its calls are kept, its car is not lift={lift}"
            );
        }
        Notice::CallsOfAnotherBuilding => {
            warn!("the checkpoint has calls for floors that are not here: kept, see to --floors");
        }
    }
}
