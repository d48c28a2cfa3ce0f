//! What a person reads of the story: one line an event, with its time.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use super::failure::Failure;
use super::observer::Moment;
use crate::paint::Paint;

/// Tells the story on standard output.
#[derive(Debug)]
pub struct Narrator {
    /// What is red and what is green.
    pub paint: Paint,
    began: Option<Moment>,
}

impl Default for Narrator {
    fn default() -> Self {
        Self { paint: Paint::for_output(), began: None }
    }
}

impl Narrator {
    /// Says what happened then. The first event is the story's beginning.
    ///
    /// # Errors
    /// When nobody listens.
    pub fn event(&mut self, at: Moment, text: impl Display) -> Result<(), Failure> {
        let since = at.saturating_sub(*self.began.get_or_insert(at));
        let time = self.paint.faint(format_args!("{:>7.3} s", since.as_secs_f64()));
        remark(format_args!("{time}  {text}"))
    }
}

/// Says something out of time.
///
/// # Errors
/// When nobody listens.
pub fn remark(text: impl Display) -> Result<(), Failure> {
    let mut output = io::stdout().lock();
    writeln!(output, "{text}")
        .and_then(|()| output.flush())
        .map_err(|error| Failure::System("tell the story", error))
}

/// Says what to try next.
///
/// # Errors
/// When nobody listens.
pub fn farewell(bin_dir: &Path) -> Result<(), Failure> {
    let bin = bin_dir.display();
    remark(format_args!(
        "
Next, lifts of your own to look at and to kill, each line in a terminal of its own:
  {bin}/lift-simulator --port 15657
  {bin}/lift-supervisor --id 1 --floors 4 --hardware 127.0.0.1:15657 --state-dir /tmp/lift-1
  {bin}/lift-simulator --port 15658
  {bin}/lift-supervisor --id 2 --floors 4 --hardware 127.0.0.1:15658 --state-dir /tmp/lift-2
  {bin}/liftctl status --state-dir /tmp/lift-1"
    ))
}

/// A short span, as a person says it.
pub fn millis(span: Duration) -> String {
    let millis = span.as_secs_f64() * 1e3;
    if millis < 10.0 { format!("{millis:.1} ms") } else { format!("{millis:.0} ms") }
}
