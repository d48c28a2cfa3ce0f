//! Sabotage: the code broken on purpose, one way at a time, to see whether anybody would notice.
//!
//! A rig of tests that has never found anything proves nothing. So there is a list of mistakes that
//! somebody could make here, each at the place where it would be made, and a test that demands of
//! the simulated building to find every one. Release programs contain none of it: there
//! [`Sabotage::is_done`] is the constant `false`.

/// A mistake.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sabotage {
    /// A merge keeps what the other copy has answered.
    AnswersAreNotMerged,
    /// A merge drops what the other copy has not seen.
    PressesAreDropped,
    /// A press of a lit button is swallowed.
    LitPressIsSwallowed,
    /// All lives of a node press under one name.
    ActorIsTheNode,
    /// Calls are taken in from the primary alone.
    OnlyThePrimaryIsHeard,
    /// Ended lives are forgotten before everybody knows what became of their calls.
    LivesAreForgottenTooSoon,
    /// Ended lives are remembered for ever.
    LivesAreNeverForgotten,
    /// A hall lamp is lit before its call is safe.
    HallLampIsLitTooSoon,
    /// A cab lamp is lit before its call is safe.
    CabLampIsLitTooSoon,
    /// A lamp goes dark when the primary does not know of its call.
    LampIsNotLatched,
    /// A call counts as answered before the hardware has confirmed that the door is open.
    DoorIsNotConfirmed,
    /// A call counts as answered before a next life would open the door again.
    DoorIsNotKept,
    /// A door closes on whoever stands in it.
    ObstructionIsIgnored,
    /// A door that stands for another direction than it opened for closes as if it did not.
    TurnGetsNoTime,
    /// A stop answers both directions.
    BothWaysAreAnswered,
    /// A car stops for calls alone, not where nothing is left ahead.
    EndOfTheShaftIsIgnored,
    /// The motor runs before the door has closed.
    MotorRunsFirst,
    /// The motor runs while somebody holds the stop button.
    StopButtonIsIgnored,
    /// A lift that is out of service gets calls.
    StuckLiftIsChosen,
    /// All backups take over at once.
    RanksAreIgnored,
    /// A backup waits for a primary that is gone.
    LostPrimaryIsFollowed,
    /// A primary that meets a better one stays.
    NobodyYields,
    /// Any report of the disk counts for all that was given to it.
    ReportCountsForAll,
    /// A failed sync counts as a sync.
    FailedSyncIsBelieved,
    /// Two lives get one number.
    IncarnationIsRepeated,
    /// A new life begins with nothing.
    CheckpointIsForgotten,
    /// Anybody's tag will do.
    ForgeriesAreBelieved,
    /// What was said long ago counts as if it were said now.
    RecordingsAreBelieved,
}

impl Sabotage {
    /// All of them.
    pub const ALL: [Self; 28] = [
        Self::AnswersAreNotMerged,
        Self::PressesAreDropped,
        Self::LitPressIsSwallowed,
        Self::ActorIsTheNode,
        Self::OnlyThePrimaryIsHeard,
        Self::LivesAreForgottenTooSoon,
        Self::LivesAreNeverForgotten,
        Self::HallLampIsLitTooSoon,
        Self::CabLampIsLitTooSoon,
        Self::LampIsNotLatched,
        Self::DoorIsNotConfirmed,
        Self::DoorIsNotKept,
        Self::ObstructionIsIgnored,
        Self::TurnGetsNoTime,
        Self::BothWaysAreAnswered,
        Self::EndOfTheShaftIsIgnored,
        Self::MotorRunsFirst,
        Self::StopButtonIsIgnored,
        Self::StuckLiftIsChosen,
        Self::RanksAreIgnored,
        Self::LostPrimaryIsFollowed,
        Self::NobodyYields,
        Self::ReportCountsForAll,
        Self::FailedSyncIsBelieved,
        Self::IncarnationIsRepeated,
        Self::CheckpointIsForgotten,
        Self::ForgeriesAreBelieved,
        Self::RecordingsAreBelieved,
    ];

    /// Whether the code is broken in this way.
    #[cfg(not(debug_assertions))]
    pub const fn is_done(self) -> bool {
        false
    }

    /// Whether the code is broken in this way, for this thread.
    #[cfg(debug_assertions)]
    pub fn is_done(self) -> bool {
        DONE.get() == Some(self)
    }

    /// From now on the code is broken in this way, or in none, for this thread.
    #[cfg(debug_assertions)]
    pub fn set(done: Option<Self>) {
        DONE.set(done);
    }
}

#[cfg(debug_assertions)]
thread_local! {
    static DONE: std::cell::Cell<Option<Sabotage>> = const { std::cell::Cell::new(None) };
}
