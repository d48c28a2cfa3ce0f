//! What a node states of one part of the calls: what it knows, and what of that its disk holds.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::calls::{CallSet, Calls, Context, Part};

/// What a node states of one part of the calls.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Statement {
    part: Part,
    calls: Rc<CallSet>,
    kept: Kept,
}

/// What would come back from the disk.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
enum Kept {
    /// The very same calls: no crash can bring back anything older.
    All,
    /// Calls of which so much had been seen.
    Only(Context),
}

impl Statement {
    /// What a node that knows these calls, and whose disk holds those, has to state of a part.
    pub fn of(part: Part, known: &Calls, durable: &Calls) -> Self {
        let (calls, durable) = (known.part(part), durable.part(part));
        let kept = if calls == durable { Kept::All } else { Kept::Only(durable.context().clone()) };
        Self { part, calls: Rc::clone(calls), kept }
    }

    /// Whether such a node has nothing else to state than this.
    pub fn holds_for(&self, known: &Calls, durable: &Calls) -> bool {
        let (calls, durable) = (known.part(self.part), durable.part(self.part));
        let kept = match &self.kept {
            Kept::All => calls == durable,
            Kept::Only(context) => context == durable.context() && calls != durable,
        };
        kept && self.calls == *calls
    }

    /// Of which part.
    pub fn part(&self) -> Part {
        self.part
    }

    /// All calls of the part that the node knows.
    pub fn calls(&self) -> &Rc<CallSet> {
        &self.calls
    }

    /// What of them would come back from its disk.
    pub fn kept(&self) -> &Context {
        match &self.kept {
            Kept::All => self.calls.context(),
            Kept::Only(context) => context,
        }
    }

    /// Whether memory and disk agree: no crash can bring back anything older.
    pub fn is_settled(&self) -> bool {
        self.kept == Kept::All
    }

    /// How much it takes to state it: so many actors and presses are named.
    pub fn length(&self) -> usize {
        let kept = match &self.kept {
            Kept::All => 0,
            Kept::Only(context) => context.actors().count(),
        };
        self.calls.context().actors().count() + self.calls.dots().count() + kept
    }
}

/// A statement as it was read, by the same fields.
#[derive(Deserialize)]
struct Unchecked {
    part: Part,
    calls: Rc<CallSet>,
    kept: Kept,
}

impl TryFrom<Unchecked> for Statement {
    type Error = &'static str;

    /// # Errors
    /// When a call is on a floor of another part.
    fn try_from(Unchecked { part, calls, kept }: Unchecked) -> Result<Self, Self::Error> {
        if calls.is_within(part) {
            Ok(Self { part, calls, kept })
        } else {
            Err("a call is in the part of other floors")
        }
    }
}
