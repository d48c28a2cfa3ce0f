//! What a person is told when something is wrong, and where it is explained: no warning and no
//! error of a program is left to be guessed at.

use crate::source::Source;

/// How much of an event's text has to be found: enough to be no other's.
const ENOUGH: usize = 24;

/// Where a program warns of something that the page does not explain.
pub fn check(source: &Source, page: &str) -> Vec<String> {
    let page = words(page);
    let events = source.text.split_inclusive('\n').scan(0, |at, line| {
        *at += line.len();
        Some((*at - line.len(), line))
    });
    let events = events.enumerate().filter_map(|(number, (at, line))| {
        let macro_at = ["warn!(", "error!("].iter().find_map(|name| line.find(name))?;
        is_code(line).then_some((number + 1, event(&source.text[at + macro_at..])?))
    });
    events
        .filter(|(_, event)| !page.contains(event.as_str()))
        .map(|(line, event)| {
            format!(
                "{}:{line}: \"{event}\" is not explained in README.md; who reads it in a log must \
                 find there what to do",
                source.path
            )
        })
        .collect()
}

fn is_code(line: &str) -> bool {
    !line.trim_start().starts_with("//")
}

/// The beginning of the text that the macro at the beginning of `code` logs, as far as it is fixed.
fn event(code: &str) -> Option<String> {
    let text = code.split_once('"')?.1;
    let end = text.find(['"', '{']).unwrap_or(text.len());
    let text = words(&text[..end].replace("\\\n", ""));
    let sentence = text.find('=').map_or(text.as_str(), |at| {
        text[..at].rsplit_once(' ').map_or("", |(sentence, _key)| sentence)
    });
    let fixed = sentence.trim_end_matches(|c: char| !c.is_alphabetic());
    let whole = fixed.char_indices().map(|(at, _)| at).find(|at| *at >= ENOUGH);
    let cut = whole.map_or(fixed, |at| &fixed[..at]);
    (!cut.is_empty()).then(|| cut.to_owned())
}

/// The text with single blanks.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(code: &str) -> usize {
        check(&Source::new("src/a.rs", code), "| `the door is\nheld open …` | clear it |").len()
    }

    #[test]
    fn an_event_that_is_not_explained_is_found() {
        assert_eq!(findings("warn!(\"the door is held open by={who}\");"), 0);
        assert_eq!(findings("warn!(\n    \"the door is \\\n     held {how}\"\n);"), 0);
        assert_eq!(findings("error!(\"the door is gone\");"), 1);
        assert_eq!(findings("info!(\"the door is gone\");"), 0);
        assert_eq!(findings("// error!(\"the door is gone\");"), 0);
    }
}
