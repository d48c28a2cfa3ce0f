//! Which checkpoint the next life begins with, and which one is to blame.
//!
//! A controller that keeps ending before it has taken in its checkpoint is either broken itself or
//! poisoned by the checkpoint, and from outside the two look alike. So nobody is condemned on
//! suspicion: the candidates are tried in turn, and only when a later one *works* are those before
//! it found guilty. A broken program works with none of them, and so discards nothing.
//!
//! That holds as long as all lives of a round are lives of one program. Where a person has put
//! another in its place, what failed under the last one says nothing, and a fresh trial begins.

/// A checkpoint that a life may begin with, in the order in which they are tried.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Candidate {
    /// The newest checkpoint there is.
    #[default]
    Newest,
    /// The last checkpoint that a controller began a healthy life with.
    Proven,
    /// No checkpoint: the calls are lost, but the lift runs.
    Nothing,
}

/// How many lives in a row a candidate may cost before the next one is tried: one crash may be
/// chance, and the disk's checkpoint is worth a second look.
const TRIES: u8 = 3;

/// The candidate on trial.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Trial {
    candidate: Candidate,
    failures: u8,
}

impl Trial {
    /// What the next life begins with.
    pub(super) fn candidate(self) -> Candidate {
        self.candidate
    }

    /// A program that does run has ended without taking this candidate in.
    pub(super) fn failed(&mut self) {
        self.failures += 1;
        if self.failures == TRIES {
            *self = Self { candidate: self.candidate.next(), failures: 0 };
        }
    }

    /// The candidate was taken in. The next life begins with the newest again. Returns the
    /// candidates that are found guilty.
    pub(super) fn succeeded(&mut self) -> &'static [Candidate] {
        std::mem::take(self).candidate.tried_before()
    }
}

impl Candidate {
    /// The candidate that is tried after this one. After all have failed none is guilty: the
    /// program must be at fault, and the newest gets the next chance.
    fn next(self) -> Self {
        match self {
            Self::Newest => Self::Proven,
            Self::Proven => Self::Nothing,
            Self::Nothing => Self::Newest,
        }
    }

    /// The candidates that have failed in this round when this one's turn has come.
    fn tried_before(self) -> &'static [Self] {
        match self {
            Self::Newest => &[],
            Self::Proven => &[Self::Newest],
            Self::Nothing => &[Self::Newest, Self::Proven],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Candidate::*;
    use super::*;

    fn after_failures(count: usize) -> Trial {
        let mut trial = Trial::default();
        (0..count).for_each(|_| trial.failed());
        trial
    }

    #[test]
    fn every_candidate_gets_three_lives_in_turn_for_ever() {
        let tried: Vec<Candidate> = (0..12).map(|n| after_failures(n).candidate()).collect();
        let round = [Newest, Newest, Newest, Proven, Proven, Proven, Nothing, Nothing, Nothing];
        assert_eq!(tried[..9], round);
        assert_eq!(tried[9..], [Newest; 3]);
    }

    #[test]
    fn a_candidate_is_guilty_only_when_a_later_one_works() {
        assert_eq!(after_failures(2).succeeded(), []);
        assert_eq!(after_failures(3).succeeded(), [Newest]);
        assert_eq!(after_failures(8).succeeded(), [Newest, Proven]);
    }

    #[test]
    fn what_works_after_all_have_failed_acquits_all() {
        assert_eq!(after_failures(9).succeeded(), []);
    }

    #[test]
    fn only_failures_in_a_row_count() {
        let mut trial = after_failures(2);
        trial.succeeded();
        trial.failed();
        assert_eq!(trial.candidate(), Newest);
    }
}
