//! The line between a controller and its hardware: commands and readings under way, and the
//! connection that comes and goes.
//!
//! It behaves as [`crate::shell::hardware`] does on a real network: a reading every so often, one
//! that stays away is a lost connection, and it is connected to again for ever.

use std::collections::VecDeque;
use std::time::Duration;

use super::shaft::Shaft;
use crate::lift::panel::{Command, Sense};
use crate::shell::hardware::{ANSWER_PATIENCE, LONGEST_BACKOFF, SHORTEST_BACKOFF, SWEEP_INTERVAL};
use crate::time::{Instant, earliest};

/// The line of one life of a controller.
#[derive(Debug)]
pub struct Line {
    state: State,
    backoff: Duration,
    /// How long a command or a reading is under way.
    lag: Duration,
    /// A reading that says the same as the one before is delivered as well.
    every_reading: bool,
    commands: VecDeque<(Instant, Command)>,
    readings: VecDeque<(Instant, Sense)>,
    /// The last reading that was taken.
    last: Option<Sense>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Apart { until: Instant },
    Joined { since: Instant, sweep_at: Instant, answered_at: Instant },
}

/// What becomes of the hardware, as the controller sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// A fresh connection has answered.
    Connected(Sense),
    /// A further reading.
    Sensed(Sense),
    /// The connection is lost.
    Disconnected,
}

impl Line {
    /// A line that is to be connected at once.
    pub fn new(now: Instant, lag: Duration, every_reading: bool) -> Self {
        Self {
            state: State::Apart { until: now },
            backoff: SHORTEST_BACKOFF,
            lag,
            every_reading,
            commands: VecDeque::new(),
            readings: VecDeque::new(),
            last: None,
        }
    }

    /// The controller tells the hardware something.
    pub fn command(&mut self, now: Instant, command: Command) {
        if matches!(self.state, State::Joined { .. }) {
            self.commands.push_back((now + self.lag, command));
        }
    }

    /// When there is something to do.
    pub fn next(&self) -> Option<Instant> {
        let due = match self.state {
            State::Apart { until } => until,
            State::Joined { sweep_at, .. } => sweep_at,
        };
        let reading = self.readings.front().map(|(at, _)| *at);
        earliest([Some(due), self.next_command(), reading])
    }

    /// Does one thing that is due by now. To be called again until there is no event.
    pub fn advance(&mut self, now: Instant, shaft: &mut Shaft) -> Option<Event> {
        self.deliver_commands(now, shaft);
        if let Some(sense) = arrived(&mut self.readings, now) {
            return Some(Event::Sensed(sense));
        }
        match self.state {
            State::Apart { until } if until <= now => self.connect(now, shaft),
            State::Joined { sweep_at, .. } if sweep_at <= now => self.sweep(now, shaft),
            _ => None,
        }
    }

    /// When the hardware is told something next.
    pub fn next_command(&self) -> Option<Instant> {
        self.commands.front().map(|(at, _)| *at)
    }

    /// What has arrived by now is executed, whatever the controller does meanwhile; by a server that
    /// does not answer, when it answers again.
    pub fn deliver_commands(&mut self, now: Instant, shaft: &mut Shaft) {
        while shaft.answers {
            let Some(command) = arrived(&mut self.commands, now) else { return };
            shaft.execute(now, command);
        }
        if let Some((at, _)) = self.commands.front_mut() {
            *at = (*at).max(now + SWEEP_INTERVAL / 4); // looked at again then
        }
    }

    /// The client is gone; what it has sent still gets there.
    pub fn close(&mut self, now: Instant, shaft: &mut Shaft) {
        for (_, command) in std::mem::take(&mut self.commands) {
            if shaft.answers {
                shaft.execute(now, command);
            }
        }
        if matches!(self.state, State::Joined { .. }) {
            shaft.lose_client();
        }
    }

    /// The server is gone, with all that was under way.
    pub fn lose_server(&mut self, now: Instant) -> Option<Event> {
        let State::Joined { since, .. } = self.state else { return None };
        if now.since(since) >= LONGEST_BACKOFF {
            self.backoff = SHORTEST_BACKOFF;
        }
        (self.commands, self.readings, self.last) = (VecDeque::new(), VecDeque::new(), None);
        self.back_off(now);
        Some(Event::Disconnected)
    }

    fn connect(&mut self, now: Instant, shaft: &mut Shaft) -> Option<Event> {
        if !shaft.answers {
            self.back_off(now);
            return None;
        }
        shaft.lose_client();
        self.state = State::Joined { since: now, sweep_at: now + SWEEP_INTERVAL, answered_at: now };
        let sense = shaft.sense();
        self.last = Some(sense);
        Some(Event::Connected(sense))
    }

    fn back_off(&mut self, now: Instant) {
        self.state = State::Apart { until: now + self.backoff };
        self.backoff = LONGEST_BACKOFF.min(self.backoff * 2);
    }

    fn sweep(&mut self, now: Instant, shaft: &mut Shaft) -> Option<Event> {
        let State::Joined { since, answered_at, .. } = self.state else { return None };
        if !shaft.answers && now.since(answered_at) >= ANSWER_PATIENCE {
            shaft.lose_client();
            return self.lose_server(now);
        }
        let answered_at = if shaft.answers { now } else { answered_at };
        self.state = State::Joined { since, sweep_at: now + SWEEP_INTERVAL, answered_at };
        let tells = |sense: &Sense| self.every_reading || self.last != Some(*sense);
        let sense = Some(shaft.sense()).filter(|sense| shaft.answers && tells(sense));
        if let Some(sense) = sense {
            self.last = Some(sense);
            self.readings.push_back((now + self.lag, sense));
        }
        None
    }
}

fn arrived<T>(underway: &mut VecDeque<(Instant, T)>, now: Instant) -> Option<T> {
    let is_there = underway.front().is_some_and(|(at, _)| *at <= now);
    if is_there { underway.pop_front().map(|(_, what)| what) } else { None }
}
