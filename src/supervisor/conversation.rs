//! The rules of the link: who says what, in which order.
//!
//! A controller says `Hello`, gets its `Welcome`, says `Restored`, and only then gives heartbeats
//! and checkpoints, or asks for a life with a greater number. Whoever breaks the rules is not a
//! controller that can be trusted with a lift.
//!
//! What the supervisor has to say waits here until the link has room. Only the newest of each kind
//! is worth saying, so a controller that does not listen costs no memory.

use std::io;

use crate::shell::link::{Link, Received, ToController, ToSupervisor};

/// The talk with one controller.
#[derive(Debug)]
pub struct Conversation {
    link: Link,
    stage: Stage,
    unsaid: Unsaid,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// Nothing was said yet.
    Silent,
    /// The controller has said hello.
    Greeted,
    /// The controller has its checkpoint.
    Restored,
    /// The controller's end is closed, or it broke the rules: nothing more is heard.
    Over,
}

#[derive(Debug, Default)]
struct Unsaid {
    welcome: Option<ToController>,
    disk: Option<bool>,
    saved: Option<u64>,
    stop: bool,
}

/// What was heard.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// A message, in its turn.
    Message(ToSupervisor),
    /// Something that breaks the rules; why.
    Nonsense(String),
    /// The controller's end is closed: it is dead, or as good as dead.
    End,
}

impl Conversation {
    /// A talk over the supervisor's end of a fresh link.
    pub fn over(link: Link) -> Self {
        Self { link, stage: Stage::Silent, unsaid: Unsaid::default() }
    }

    /// The next thing that was said; never waits.
    pub fn hear(&mut self) -> Option<Heard> {
        if self.stage == Stage::Over {
            return None;
        }
        let heard = match self.link.receive() {
            Ok(Received::Nothing) => return None,
            Ok(Received::End) => Heard::End,
            Ok(Received::Message(message)) => self.judge(message),
            Err(error) => Heard::Nonsense(error.to_string()),
        };
        if !matches!(heard, Heard::Message(_)) {
            self.stage = Stage::Over;
        }
        Some(heard)
    }

    fn judge(&mut self, message: ToSupervisor) -> Heard {
        let next = match (self.stage, &message) {
            (Stage::Silent, ToSupervisor::Hello) => Stage::Greeted,
            (Stage::Greeted, ToSupervisor::Restored)
            | (
                Stage::Restored,
                ToSupervisor::Heartbeat
                | ToSupervisor::Checkpoint { .. }
                | ToSupervisor::LiveAbove(_),
            ) => Stage::Restored,
            (stage, _) => {
                let name = name(&message);
                return Heard::Nonsense(format!("{name} out of turn, {}", stage.describe()));
            }
        };
        self.stage = next;
        Heard::Message(message)
    }

    /// Nothing more is to be heard.
    pub fn end(&mut self) {
        self.stage = Stage::Over;
    }

    /// Whether anything can still be heard.
    pub fn is_over(&self) -> bool {
        self.stage == Stage::Over
    }

    /// Answers a hello.
    pub fn welcome(&mut self, welcome: ToController) {
        self.unsaid.welcome = Some(welcome);
    }

    /// Says that checkpoints up to this one are durable.
    pub fn saved(&mut self, revision: u64) {
        self.unsaid.saved = Some(revision);
    }

    /// Says whether checkpoints can be made durable.
    pub fn disk(&mut self, works: bool) {
        self.unsaid.disk = Some(works);
    }

    /// Asks the controller to come to rest and end.
    pub fn stop(&mut self) {
        self.unsaid.stop = true;
    }

    /// Says what there is room for; never waits.
    ///
    /// # Errors
    /// When something can never be said, or nobody is there to hear it.
    pub fn speak(&mut self) -> io::Result<()> {
        if matches!(self.stage, Stage::Silent | Stage::Over) {
            return Ok(());
        }
        while let Some(message) = self.unsaid.take() {
            if !self.link.send(&message)? {
                self.unsaid.put_back(message);
                break;
            }
        }
        Ok(())
    }

    /// Whether something waits for room.
    pub fn is_held_up(&self) -> bool {
        let Unsaid { welcome, disk, saved, stop } = &self.unsaid;
        let waiting = welcome.is_some() || disk.is_some() || saved.is_some() || *stop;
        waiting && matches!(self.stage, Stage::Greeted | Stage::Restored)
    }

    /// The supervisor's end of the link, to wait for.
    pub fn link(&self) -> &Link {
        &self.link
    }
}

impl Unsaid {
    fn take(&mut self) -> Option<ToController> {
        self.welcome
            .take()
            .or_else(|| self.disk.take().map(|works| ToController::Disk { works }))
            .or_else(|| self.saved.take().map(ToController::Saved))
            .or_else(|| std::mem::take(&mut self.stop).then_some(ToController::Stop))
    }

    fn put_back(&mut self, message: ToController) {
        match message {
            ToController::Welcome { .. } => self.welcome = Some(message),
            ToController::Disk { works } => self.disk = Some(works),
            ToController::Saved(revision) => self.saved = Some(revision),
            ToController::Stop => self.stop = true,
        }
    }
}

impl Stage {
    fn describe(self) -> &'static str {
        match self {
            Self::Silent => "before its hello",
            Self::Greeted => "before it was restored",
            Self::Restored => "when it was restored already",
            Self::Over => "after the end",
        }
    }
}

fn name(message: &ToSupervisor) -> &'static str {
    match message {
        ToSupervisor::Hello => "hello",
        ToSupervisor::Restored => "restored",
        ToSupervisor::Heartbeat => "heartbeat",
        ToSupervisor::Checkpoint { .. } => "checkpoint",
        ToSupervisor::LiveAbove(_) => "wish for a new life",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn talk() -> (Conversation, Link) {
        let (ours, theirs) = Link::pair().unwrap();
        (Conversation::over(ours), theirs)
    }

    fn restored() -> (Conversation, Link) {
        let (mut talk, controller) = talk();
        for message in [ToSupervisor::Hello, ToSupervisor::Restored] {
            assert!(controller.send(&message).unwrap());
            assert_eq!(talk.hear(), Some(Heard::Message(message)));
        }
        (talk, controller)
    }

    fn checkpoint() -> ToSupervisor {
        ToSupervisor::Checkpoint { revision: 1, bytes: vec![1] }
    }

    fn is_nonsense(heard: Option<&Heard>) -> bool {
        matches!(heard, Some(Heard::Nonsense(_)))
    }

    #[test]
    fn what_is_said_out_of_turn_is_nonsense_and_ends_the_talk() {
        let later = [ToSupervisor::Heartbeat, checkpoint(), ToSupervisor::LiveAbove(7)];
        for message in [ToSupervisor::Restored].into_iter().chain(later) {
            let (mut talk, controller) = talk();
            controller.send(&message).unwrap();
            controller.send(&ToSupervisor::Hello).unwrap();
            assert!(is_nonsense(talk.hear().as_ref()));
            assert_eq!(talk.hear(), None);
        }
        for message in [ToSupervisor::Hello, ToSupervisor::Restored] {
            let (mut talk, controller) = restored();
            controller.send(&message).unwrap();
            assert!(is_nonsense(talk.hear().as_ref()));
        }
    }

    #[test]
    fn what_is_no_message_is_nonsense() {
        let (mut talk, controller) = talk();
        controller.send(&[250u8; 30]).unwrap();
        assert!(is_nonsense(talk.hear().as_ref()));
    }

    #[test]
    fn what_a_controller_said_before_it_ended_is_still_heard() {
        let (mut talk, controller) = restored();
        controller.send(&checkpoint()).unwrap();
        drop(controller);
        assert_eq!(talk.hear(), Some(Heard::Message(checkpoint())));
        assert_eq!(talk.hear(), Some(Heard::End));
        assert_eq!(talk.hear(), None);
    }

    #[test]
    fn nothing_is_said_before_the_hello() {
        let (mut talk, controller) = talk();
        talk.saved(3);
        talk.speak().unwrap();
        assert_eq!(controller.receive::<ToController>().unwrap(), Received::Nothing);
        assert!(!talk.is_held_up());
    }

    #[test]
    fn a_controller_that_does_not_listen_hears_the_newest_of_each_kind_later() {
        let (mut talk, controller) = restored();
        let mut revision = 0;
        while !talk.is_held_up() {
            revision += 1;
            talk.saved(revision);
            talk.speak().unwrap();
        }
        talk.saved(revision + 1);
        talk.stop();
        talk.speak().unwrap();
        let mut heard: Vec<ToController> = Vec::new();
        loop {
            while let Received::Message(message) = controller.receive().unwrap() {
                heard.push(message);
            }
            if !talk.is_held_up() {
                break;
            }
            talk.speak().unwrap();
        }
        assert_eq!(heard.len() as u64, revision + 1, "the one that found no room was replaced");
        let end = [ToController::Saved(revision + 1), ToController::Stop];
        assert_eq!(heard[heard.len() - 2..], end);
    }
}
