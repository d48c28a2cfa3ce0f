//! The checkpoints at hand, so that a new life never waits for the disk.
//!
//! What the last controller sent is what the next one gets, durable or not: the disk is for the
//! day on which the supervisor itself is gone.

use super::policy::Candidate;
use super::slot::Contents;
use crate::sabotage::Sabotage;

/// The checkpoints of one lift, in memory.
#[derive(Debug)]
pub struct Checkpoints {
    newest: Option<Contents>,
    proven: Option<Contents>,
    begun_with: Option<Contents>,
    highest: u64,
    durable: Option<u64>,
}

impl Checkpoints {
    /// What was found on the disk at the start, and whether the newest is durable there.
    pub fn found(newest: Option<Contents>, proven: Option<Contents>, is_durable: bool) -> Self {
        let revision = |contents: &Option<Contents>| contents.as_ref().map(|found| found.revision);
        let durable = revision(&newest).filter(|_| is_durable);
        let highest = revision(&newest).max(revision(&proven)).unwrap_or(0);
        Self { newest, proven, begun_with: None, highest, durable }
    }

    /// The checkpoint for a new life.
    pub fn hand_out(&mut self, candidate: Candidate) -> Option<&Contents> {
        self.begun_with = match candidate {
            Candidate::Newest if Sabotage::CheckpointIsForgotten.is_done() => None,
            Candidate::Newest => self.newest.clone(),
            Candidate::Proven => self.proven.clone(),
            Candidate::Nothing => None,
        };
        self.begun_with.as_ref()
    }

    /// The checkpoint that was handed out last, unless it is proven by now.
    pub fn begun_with(&self) -> Option<&Contents> {
        self.begun_with.as_ref()
    }

    /// Whether a power loss now would leave the checkpoint that was handed out last, and no other.
    pub fn would_come_back(&self) -> bool {
        let handed_out = self.begun_with.as_ref().map(|contents| contents.revision);
        handed_out.is_some() && handed_out == self.durable && handed_out == self.received()
    }

    /// Takes a new checkpoint in.
    ///
    /// # Errors
    /// When it is not numbered above all others: then nobody could say which is the newest.
    pub fn receive(&mut self, revision: u64, payload: Vec<u8>) -> Result<(), String> {
        if revision <= self.highest {
            return Err(format!("checkpoint {revision} after checkpoint {}", self.highest));
        }
        self.highest = revision;
        self.newest = Some(Contents { revision, payload });
        Ok(())
    }

    /// The present life has been healthy: what it began with is proven. Returns it if it was not
    /// known as such before.
    pub fn prove(&mut self) -> Option<&Contents> {
        let proven = self.begun_with.take()?;
        let known = self.proven.as_ref().is_some_and(|known| known.revision == proven.revision);
        self.proven = Some(proven);
        if known { None } else { self.proven.as_ref() }
    }

    /// These candidates are not to be used again; the newest is now what the present life began
    /// with.
    pub fn set_aside(&mut self, guilty: &[Candidate]) {
        self.newest = self.begun_with.clone();
        if guilty.contains(&Candidate::Proven) {
            self.proven = None;
        }
    }

    /// All checkpoints up to this one are durable.
    pub fn saved(&mut self, revision: u64) {
        self.durable = self.durable.max(Some(revision));
    }

    /// The highest revision that was ever used.
    pub fn highest(&self) -> u64 {
        self.highest
    }

    /// The newest checkpoint, durable or not.
    pub fn newest(&self) -> Option<&Contents> {
        self.newest.as_ref()
    }

    /// The revision of the newest checkpoint.
    pub fn received(&self) -> Option<u64> {
        self.newest.as_ref().map(|newest| newest.revision)
    }

    /// Up to which revision checkpoints are durable.
    pub fn durable(&self) -> Option<u64> {
        self.durable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint(revision: u64) -> Contents {
        Contents { revision, payload: revision.to_string().into_bytes() }
    }

    fn receive(checkpoints: &mut Checkpoints, revision: u64) {
        checkpoints.receive(revision, checkpoint(revision).payload).unwrap();
    }

    #[test]
    fn the_next_life_gets_what_the_last_one_sent_durable_or_not() {
        let mut checkpoints = Checkpoints::found(Some(checkpoint(3)), None, true);
        receive(&mut checkpoints, 4);
        assert_eq!(checkpoints.durable(), Some(3));
        assert_eq!(checkpoints.hand_out(Candidate::Newest), Some(&checkpoint(4)));
    }

    #[test]
    fn a_revision_is_never_used_twice_not_even_that_of_a_checkpoint_set_aside() {
        let mut checkpoints = Checkpoints::found(Some(checkpoint(7)), Some(checkpoint(3)), true);
        assert!(checkpoints.receive(7, Vec::new()).is_err());
        checkpoints.hand_out(Candidate::Proven);
        checkpoints.set_aside(&[Candidate::Newest]);
        assert!(checkpoints.receive(7, Vec::new()).is_err());
        receive(&mut checkpoints, 8);
    }

    #[test]
    fn after_a_poisoned_checkpoint_lives_go_on_from_the_one_that_worked() {
        let mut checkpoints = Checkpoints::found(Some(checkpoint(7)), Some(checkpoint(3)), true);
        assert_eq!(checkpoints.hand_out(Candidate::Proven), Some(&checkpoint(3)));
        checkpoints.set_aside(&[Candidate::Newest]);
        assert_eq!(checkpoints.hand_out(Candidate::Newest), Some(&checkpoint(3)));
    }

    #[test]
    fn when_both_are_poisoned_lives_begin_with_nothing() {
        let mut checkpoints = Checkpoints::found(Some(checkpoint(7)), Some(checkpoint(3)), true);
        assert_eq!(checkpoints.hand_out(Candidate::Nothing), None);
        checkpoints.set_aside(&[Candidate::Newest, Candidate::Proven]);
        assert_eq!(checkpoints.hand_out(Candidate::Newest), None);
        assert_eq!(checkpoints.hand_out(Candidate::Proven), None);
    }

    #[test]
    fn what_a_healthy_life_began_with_is_proven_not_what_it_wrote() {
        let mut checkpoints = Checkpoints::found(Some(checkpoint(3)), None, true);
        checkpoints.hand_out(Candidate::Newest);
        receive(&mut checkpoints, 4);
        assert_eq!(checkpoints.prove(), Some(&checkpoint(3)));
        assert_eq!(checkpoints.hand_out(Candidate::Proven), Some(&checkpoint(3)));
    }

    #[test]
    fn a_proven_checkpoint_is_not_proven_again() {
        let mut checkpoints = Checkpoints::found(Some(checkpoint(3)), Some(checkpoint(3)), true);
        checkpoints.hand_out(Candidate::Newest);
        assert_eq!(checkpoints.prove(), None);
    }

    #[test]
    fn a_first_life_proves_nothing() {
        let mut checkpoints = Checkpoints::found(None, None, true);
        checkpoints.hand_out(Candidate::Newest);
        receive(&mut checkpoints, 1);
        assert_eq!(checkpoints.prove(), None);
    }

    #[test]
    fn only_what_is_durable_and_the_newest_would_come_back() {
        let mut checkpoints = Checkpoints::found(Some(checkpoint(7)), Some(checkpoint(3)), true);
        assert!(!checkpoints.would_come_back(), "nothing is handed out yet");
        checkpoints.hand_out(Candidate::Newest);
        assert!(checkpoints.would_come_back());
        receive(&mut checkpoints, 8);
        assert!(!checkpoints.would_come_back(), "a newer one is on its way");
        checkpoints.hand_out(Candidate::Newest);
        assert!(!checkpoints.would_come_back(), "it has not arrived");
        checkpoints.saved(8);
        assert!(checkpoints.would_come_back());
        checkpoints.hand_out(Candidate::Proven);
        assert!(!checkpoints.would_come_back(), "the newest one would");
        checkpoints.set_aside(&[Candidate::Newest]);
        assert!(!checkpoints.would_come_back(), "it may still be there");
    }

    #[test]
    fn a_late_report_does_not_make_anything_less_durable() {
        let mut checkpoints = Checkpoints::found(Some(checkpoint(7)), None, true);
        checkpoints.saved(5);
        assert_eq!(checkpoints.durable(), Some(7));
    }
}
