//! What the observer is told: what can be seen at the hardware, and what the operator did to it.

use crate::building::{Direction, Floor};
use crate::lift::panel::Button;

/// What a person sees at one lift. Told again though nothing changed, it means nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seen {
    /// A finger went down on a button, and stays for as long as the hardware needs to notice it.
    Pressed(Button),
    /// The lamp of a call button went on or off.
    Lamp(Button, bool),
    /// The door opened or closed.
    Door(bool),
    /// The motor runs this way, or stands.
    Motor(Option<Direction>),
    /// The car reached this floor, or (`None`) left it.
    Floor(Option<Floor>),
    /// The car was driven out of the shaft past this end.
    LeftShaft(Direction),
    /// Somebody stands in the doorway, or no longer.
    Obstruction(bool),
    /// The stop button is in, or out.
    StopButton(bool),
    /// The panel lost its power or its server its memory: all is dark, the door's lamp too, the
    /// motor stands, and no lift has done that. What was promised is still owed.
    Blank,
}

/// What the operator did to one lift and its node: only by knowing of these can an observer tell
/// what the design admits from what it forbids.
///
/// Each of them ends the time in which promises have deadlines, until
/// [`Promises::healed`](super::Promises::healed).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deed {
    /// A life of the node's controller ended, or hangs: killed, frozen, stopped in order, with or
    /// without its supervisor, or with the node's power. What was to be kept is kept: else it is
    /// [`Deed::DiskLost`] as well.
    Killed,
    /// The node cannot hear all others as usual, or not be heard: cut, one-way, slow, lossy; or it
    /// can again.
    Apart(bool),
    /// All that the node's disk held is gone, or whoever remembered what a disk that does not work
    /// does not keep. Told while no controller of the node lives.
    DiskLost,
    /// Some of what the node's disk held is damaged: it may begin with an older copy, which does not
    /// know that the door is open. Told while no controller of the node lives.
    DiskRots,
    /// The node's disk keeps nothing new (full, failing, standing still), or does so again.
    DiskFails(bool),
    /// The hardware does not do what it is told (connection lost, server silent), or does so again.
    HardwareLost(bool),
    /// The lift cannot serve: no power at the drive, the doorway blocked, the stop button in, out of
    /// the shaft; or it can again. It may last beyond the healing: then nobody waits for this lift.
    Unable(bool),
}
