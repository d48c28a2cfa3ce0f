//! What an observer at the hardware has seen: the present picture, and whether a promise is broken.

use std::collections::{BTreeMap, BTreeSet};

use crate::common::simulator::Event;

/// How long the observer grants a lift to notice what hands have just done, in seconds.
const GRACE: f64 = 1.0;

/// The event by which the harness tells that the simulator was killed, and another one follows.
pub const POWER_CUT: &str = "power-cut";

/// The picture after some events. Buttons are named as in the simulator's lines: `cab 3`.
#[derive(Clone, Default, Debug)]
pub struct Seen {
    /// `up`, `down` or `stop`.
    pub motor: String,
    /// Where the car is; `None` between floors.
    pub floor: Option<u8>,
    /// The door is open.
    pub door: bool,
    /// The lamp of the stop button is lit.
    pub stop_lamp: bool,
    /// A client is connected.
    pub client: bool,
    /// How many clients have been connected so far.
    pub clients: usize,
    /// The call lamps that shine.
    pub lit: BTreeSet<String>,
    /// The calls whose lamps have been lit and that have not been answered since: what the lift
    /// owes, whether the lamps still shine or went dark with the server.
    pub owed: BTreeSet<String>,
    /// How often each call was promised.
    pub promised: BTreeMap<String, usize>,
    /// The floors at which the door has opened.
    pub openings: Vec<u8>,
    /// Promises that were broken, in words.
    pub broken: Vec<String>,
    /// When each button was last pressed or released.
    touched: BTreeMap<String, f64>,
    /// When each call was last answered.
    answered: BTreeMap<String, f64>,
    /// The buttons that are held down.
    held: BTreeSet<String>,
    obstructed: Option<f64>,
    stop_button: Option<f64>,
    reloaded: Option<f64>,
}

impl Seen {
    /// The picture after these events.
    pub fn of(events: &[Event]) -> Self {
        let mut seen = Self { motor: "stop".into(), ..Self::default() };
        for event in events {
            seen.see(event);
        }
        seen
    }

    /// The motor runs this way and the car is between floors.
    pub fn is_between(&self, direction: &str) -> bool {
        self.motor == direction && self.floor.is_none()
    }

    /// The door is open at this floor.
    pub fn is_open_at(&self, floor: u8) -> bool {
        self.door && self.floor == Some(floor)
    }

    /// Nothing is owed, nothing shines, the car rests behind a closed door.
    pub fn is_quiet(&self) -> bool {
        let lamps = self.owed.is_empty() && self.lit.is_empty();
        lamps && !self.door && self.motor == "stop" && self.held.is_empty()
    }

    fn see(&mut self, event: &Event) {
        let words: Vec<&str> = event.words().collect();
        match words.as_slice() {
            ["client", what] => {
                self.client = *what == "connected";
                self.clients += usize::from(self.client);
            }
            ["motor", what] => self.see_motor(event, what),
            ["door", what] => self.see_door(event, *what == "open"),
            ["stop-lamp", what] => self.stop_lamp = *what == "on",
            ["floor", floor] => self.floor = floor.parse().ok(),
            ["lamp", kind, floor, "on"] => self.see_lit(event, button(kind, floor)),
            ["lamp", kind, floor, "off"] => self.see_dark(event, &button(kind, floor)),
            ["pressed", kind, floor] => {
                self.touched.insert(button(kind, floor), event.at);
                self.held.insert(button(kind, floor));
            }
            ["released", kind, floor] => {
                self.touched.insert(button(kind, floor), event.at);
                self.held.remove(&button(kind, floor));
            }
            ["obstruction", what] => self.obstructed = (*what == "on").then_some(event.at),
            ["stop-button", what] => self.stop_button = (*what == "on").then_some(event.at),
            ["reload"] => self.reloaded = Some(event.at),
            ["state", ..] => self.floor = event.value("floor").and_then(|f| f.parse().ok()),
            [POWER_CUT] => self.see_power_cut(),
            ["violation" | "left-shaft" | "nonsense" | "error", ..] => self.breaks(event, "did it"),
            _ => {}
        }
    }

    fn see_motor(&mut self, event: &Event, what: &str) {
        if what != "stop" && self.stop_button.is_some_and(|since| since + GRACE < event.at) {
            self.breaks(event, "the stop button is in");
        }
        what.clone_into(&mut self.motor);
    }

    fn see_door(&mut self, event: &Event, open: bool) {
        if !open && self.obstructed.is_some_and(|since| since + GRACE < event.at) {
            self.breaks(event, "somebody stands in the doorway");
        }
        self.door = open;
        self.openings.extend(self.floor.filter(|_| open));
    }

    /// A lift that was killed before its answer was durable may open the door there once more: that
    /// is better than to forget somebody.
    fn see_lit(&mut self, event: &Event, button: String) {
        let pressed = self.held.contains(&button) || self.touched.contains_key(&button);
        let just_answered = self.answered.get(&button).is_some_and(|at| event.at < at + GRACE);
        if !pressed && !just_answered && !self.owed.contains(&button) {
            self.breaks(event, "nobody has pressed since it was answered");
        }
        *self.promised.entry(button.clone()).or_default() += 1;
        self.lit.insert(button.clone());
        self.owed.insert(button);
    }

    fn see_dark(&mut self, event: &Event, button: &str) {
        self.lit.remove(button);
        if self.reloaded == Some(event.at) {
            return; // the server forgot it, not the lift
        }
        let floor = button.rsplit(' ').next().and_then(|floor| floor.parse().ok());
        if !self.door || self.floor != floor {
            self.breaks(event, "the door is not open there");
        }
        self.owed.remove(button);
        self.answered.insert(button.to_owned(), event.at);
        self.touched.retain(|other, at| other != button || *at + GRACE > event.at);
    }

    /// The lamps are dark, but what they promised is not forgotten. What hands do lasts only as
    /// long as the simulator that they did it to.
    fn see_power_cut(&mut self) {
        self.lit.clear();
        self.held.clear();
        self.motor = "stop".into();
        (self.door, self.stop_lamp, self.client) = (false, false, false);
        (self.floor, self.obstructed, self.stop_button) = (None, None, None);
    }

    fn breaks(&mut self, event: &Event, why: &str) {
        self.broken.push(format!("{:.3} {}, but {why}", event.at, event.text));
    }
}

/// The name of a button, from the words of an event.
fn button(kind: &str, floor: &str) -> String {
    format!("{kind} {}", floor.trim_start_matches("floor="))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(story: &[&str]) -> Vec<String> {
        let seconds = (0..60).map(f64::from);
        let event = |(at, text): (f64, &&str)| Event { at, text: (*text).to_owned() };
        let events: Vec<Event> = seconds.zip(story).map(event).collect();
        Seen::of(&events).broken
    }

    const PROMISE: [&str; 3] =
        ["pressed cab floor=2", "released cab floor=2", "lamp cab floor=2 on"];

    #[test]
    fn a_call_answered_at_the_open_door_is_a_promise_kept() {
        let story = [&PROMISE[..], &["floor 2", "door open", "lamp cab floor=2 off"]].concat();
        assert_eq!(broken(&story), Vec::<String>::new());
    }

    #[test]
    fn a_lamp_that_goes_dark_where_nobody_came_is_a_promise_broken() {
        for story in [&["floor 2"][..], &["floor 1", "door open"], &["floor 2", "floor none"]] {
            let story = [&PROMISE[..], story, &["lamp cab floor=2 off"]].concat();
            assert_eq!(broken(&story).len(), 1, "{story:?}");
        }
    }

    #[test]
    fn a_server_that_forgets_owes_nothing_but_the_lift_still_does() {
        let events: Vec<Event> = PROMISE
            .into_iter()
            .chain(["reload", "lamp cab floor=2 off", POWER_CUT])
            .map(|text| Event { at: 1.0, text: text.into() })
            .collect();
        let seen = Seen::of(&events);
        assert_eq!((seen.broken.len(), seen.owed.len(), seen.lit.len()), (0, 1, 0));
    }

    #[test]
    fn an_answered_call_that_comes_back_unasked_is_a_promise_broken() {
        let answered = ["floor 2", "door open", "lamp cab floor=2 off", "door closed"];
        let back = ["lamp cab floor=2 on"];
        assert_eq!(broken(&[&PROMISE[..], &answered, &back].concat()).len(), 1);
    }

    #[test]
    fn what_no_lift_may_do_is_a_promise_broken() {
        for deed in ["violation door-open-while-moving", "left-shaft top", "nonsense bytes=4,1,0,0"]
        {
            assert_eq!(broken(&[deed]).len(), 1);
        }
    }

    #[test]
    fn what_hands_hold_back_must_not_move() {
        assert_eq!(broken(&["stop-button on", "state", "state", "motor up"]).len(), 1);
        assert_eq!(broken(&["obstruction on", "state", "state", "door closed"]).len(), 1);
        assert_eq!(broken(&["obstruction on", "obstruction off", "", "door closed"]).len(), 0);
    }
}
