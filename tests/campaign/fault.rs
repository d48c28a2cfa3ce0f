//! The faults that befall a building, and their names.

/// A kind of fault.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fault {
    /// `kill -9` of a controller.
    ControllerKilled,
    /// A controller stands still; its supervisor finds out.
    ControllerHangs,
    /// `kill -9` of a supervisor; another one is started.
    SupervisorKilled,
    /// A supervisor stands still, and goes on later.
    SupervisorHangs,
    /// A node loses power.
    NodeOff,
    /// All nodes lose power at once.
    BuildingOff,
    /// A node is stopped in order, and started again.
    Stopped,
    /// A controller is replaced in order.
    Replaced,
    /// The cable of a node is out.
    CableOut,
    /// Some nodes do not hear the others, nor these them.
    Partition,
    /// One node is not heard by another.
    OneWay,
    /// A node does not hear a part of what is said.
    Loss,
    /// A node loses power and all that it kept.
    DiskWiped,
    /// A node loses power, and some bytes that it kept are others afterwards.
    DiskFlipped,
    /// The disk of a node is full.
    DiskFull,
    /// The hardware loses power.
    HardwareOff,
    /// The hardware neither answers nor obeys.
    HardwareSilent,
    /// The hardware's connection is closed.
    HardwareDropped,
    /// The motor has no power.
    DriveOff,
    /// Somebody stands in the doorway.
    Obstruction,
    /// Somebody holds the stop button.
    StopButton,
}

impl Fault {
    /// Every kind.
    pub const ALL: [Self; 21] = [
        Self::ControllerKilled,
        Self::ControllerHangs,
        Self::SupervisorKilled,
        Self::SupervisorHangs,
        Self::NodeOff,
        Self::BuildingOff,
        Self::Stopped,
        Self::Replaced,
        Self::CableOut,
        Self::Partition,
        Self::OneWay,
        Self::Loss,
        Self::DiskWiped,
        Self::DiskFlipped,
        Self::DiskFull,
        Self::HardwareOff,
        Self::HardwareSilent,
        Self::HardwareDropped,
        Self::DriveOff,
        Self::Obstruction,
        Self::StopButton,
    ];

    /// Whether `SIGKILL` or `SIGSTOP` ends a life in it.
    pub fn kills(self) -> bool {
        matches!(
            self,
            Self::ControllerKilled
                | Self::ControllerHangs
                | Self::SupervisorKilled
                | Self::NodeOff
                | Self::BuildingOff
                | Self::DiskWiped
                | Self::DiskFlipped
        )
    }

    /// Whether the supervisor ends in it, and with it all that is not on the disk.
    pub fn ends_the_supervisor(self) -> bool {
        let spares_it = matches!(self, Self::ControllerKilled | Self::ControllerHangs);
        self.kills() && !spares_it || self == Self::Stopped
    }

    /// Whether a node loses what it kept in it.
    pub fn destroys_a_copy(self) -> bool {
        matches!(self, Self::DiskWiped | Self::DiskFlipped)
    }

    /// Whether nodes do not hear each other any more in it.
    pub fn parts(self) -> bool {
        matches!(self, Self::CableOut | Self::Partition | Self::OneWay)
    }

    /// Whether it befalls the lift and not its node.
    pub fn befalls_hardware(self) -> bool {
        matches!(
            self,
            Self::HardwareOff
                | Self::HardwareSilent
                | Self::HardwareDropped
                | Self::DriveOff
                | Self::Obstruction
                | Self::StopButton
        )
    }

    /// Whether a primary that it befalls is replaced.
    pub fn unseats(self) -> bool {
        self.kills() && self != Self::BuildingOff
            || matches!(self, Self::CableOut | Self::Stopped | Self::Replaced)
    }
}
