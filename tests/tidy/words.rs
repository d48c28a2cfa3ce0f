//! One word, one meaning: the words that are not used here, and what is written instead.
//!
//! Only words that no sentence of ours needs in another sense; of two words for one thing that
//! both have honest uses (level, order, request) a reader must judge.

use crate::source::Source;

/// A word that is not used.
struct Word {
    not: &'static str,
    write: &'static str,
    /// Lines and paths with one of these, in lower case, may use it: there it is another's name.
    but: &'static [&'static str],
}

const WORDS: &[Word] = &[
    Word { not: "cabin", write: "car, or cab call", but: &[] },
    Word { not: "cluster", write: "group", but: &[] },
    Word { not: "dirn", write: "committed direction", but: &[] },
    Word { not: "door timer", write: "door dwell", but: &[] },
    Word { not: "elevator", write: "lift", but: &["elevator protocol", "elevator server"] },
    Word { not: "epoch", write: "term, or incarnation", but: &["unix_epoch"] },
    Word { not: "homing", write: "position lost", but: &[] },
    Word { not: "leader", write: "primary", but: &[] },
    Word { not: "master", write: "primary", but: &["link set"] },
    Word { not: "offline", write: "absent", but: &["--offline"] },
    Word { not: "online", write: "present", but: &[] },
    Word { not: "slave", write: "backup", but: &[] },
    Word { not: "snapshot", write: "checkpoint", but: &[] },
    Word {
        not: "watchdog",
        write: "heartbeat, or hang",
        but: &["systemd", "notify", "supervision.rs", "tests/supervisor"],
    },
];

/// Where the file uses one of the words that are not used, in code, comment or text.
pub fn check(source: &Source) -> Vec<String> {
    let mut findings = Vec::new();
    for (at, line) in source.text.lines().enumerate() {
        let words = spaced(line);
        for word in WORDS.iter().filter(|word| word.is_in(&words)) {
            let context = format!("{} {line}", source.path).to_lowercase();
            if !word.but.iter().any(|fine| context.contains(fine)) {
                findings.push(format!(
                    "{}:{}: {}; here it is called {}, and one thing has one word",
                    source.path,
                    at + 1,
                    word.not,
                    word.write
                ));
            }
        }
    }
    findings
}

impl Word {
    /// Whether the words, each between blanks, have this one, or more than one of it.
    fn is_in(&self, words: &str) -> bool {
        [format!(" {} ", self.not), format!(" {}s ", self.not)]
            .iter()
            .any(|not| words.contains(not))
    }
}

/// The words of a line in lower case, each between blanks; a name of several words is taken apart.
fn spaced(line: &str) -> String {
    let mut words = String::from(" ");
    let mut before = ' ';
    for next in line.chars() {
        let new_word = before.is_lowercase() && next.is_uppercase();
        if (new_word || !next.is_alphanumeric()) && !words.ends_with(' ') {
            words.push(' ');
        }
        if next.is_alphanumeric() {
            words.extend(next.to_lowercase());
        }
        before = next;
    }
    words + " "
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> usize {
        check(&Source::new(path, text)).len()
    }

    #[test]
    fn each_word_that_is_not_used_is_found() {
        for Word { not, .. } in WORDS {
            assert_eq!(findings("src/lift/car.rs", &format!("//! The {not}.")), 1, "{not}");
        }
    }

    #[test]
    fn a_word_is_found_in_names_and_texts_too() {
        assert_eq!(findings("src/a.rs", "struct MasterNode;"), 1);
        assert_eq!(findings("src/a.rs", "let dirn = 1; // dirn"), 1);
        assert_eq!(findings("src/a.rs", "fn door_timer() {}"), 1);
        assert_eq!(findings("src/a.rs", "\"no master found\""), 1);
        assert_eq!(findings("src/a.rs", "remastered, misleading, onlineness"), 0);
    }

    #[test]
    fn the_name_of_another_is_his() {
        assert_eq!(findings("src/a.rs", "//! speaks the TTK4145 elevator protocol"), 0);
        assert_eq!(findings("src/a.rs", "SystemTime::UNIX_EPOCH"), 0);
        assert_eq!(findings("src/shell/notify.rs", "fn watchdog() {}"), 0);
        assert_eq!(findings("src/shell/link.rs", "fn watchdog() {}"), 1);
        assert_eq!(findings("src/shell/link.rs", "the watchdog of systemd"), 0);
    }

    #[test]
    fn a_finding_says_what_to_write() {
        assert_eq!(
            check(&Source::new("src/a.rs", "\nhoming")),
            ["src/a.rs:2: homing; here it is called position lost, and one thing has one word"]
        );
    }
}
