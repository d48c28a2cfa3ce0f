//! What the prose claims: that a test of this name holds a promise, that a file lies there.
//!
//! A name counts when it stands between backticks: as a test's when it is a claim of several words
//! (`like_this_one`), as a file's when it begins with a folder of the project.

use std::collections::BTreeSet;

use crate::source::Source;

/// Where the project's files lie.
const FOLDERS: &[&str] = &[".ci/", "benches/", "bin/", "src/", "systemd/", "tests/"];

/// The names of all tests in these files.
pub fn tests(sources: &[Source]) -> BTreeSet<String> {
    let windows = sources.iter().flat_map(|source| source.code.windows(6));
    windows
        .filter(|window| {
            ["#", "[", "test", "]", "fn"]
                .iter()
                .zip(*window)
                .all(|(word, token)| token.text == *word)
        })
        .map(|window| window[5].text.clone())
        .collect()
}

/// Where the text names a test or a file that is not there.
pub fn check(
    source: &Source,
    tests: &BTreeSet<String>,
    is_there: impl Fn(&str) -> bool,
) -> Vec<String> {
    let mut findings = Vec::new();
    for (at, line) in source.text.lines().enumerate() {
        for name in line.split('`').skip(1).step_by(2) {
            let missing = is_claim(name) && !tests.contains(name)
                || FOLDERS.iter().any(|folder| name.starts_with(folder)) && !is_there(name);
            if missing {
                findings.push(format!(
                    "{}:{}: {name} is not there; who relies on a promise must find what holds it",
                    source.path,
                    at + 1
                ));
            }
        }
    }
    findings
}

fn is_claim(name: &str) -> bool {
    let is_name = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    is_name && name.matches('_').count() >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(text: &str) -> usize {
        let code = "#[test]\nfn a_test_is_found() {}\nfn no_test_at_all() {}";
        let known = tests(&[Source::new("tests/a.rs", code)]);
        check(&Source::new("src/lib.rs", text), &known, |path| path == "src/a.rs").len()
    }

    #[test]
    fn a_test_that_is_not_there_is_missed() {
        assert_eq!(findings("//! - Never: `a_test_is_found`, `a_test_is_lost`."), 1);
        assert_eq!(findings("//! `no_test_at_all`"), 1);
        assert_eq!(findings("//! `a_word`, `A_B_C`, a_test_is_lost"), 0);
    }

    #[test]
    fn a_file_that_is_not_there_is_missed() {
        assert_eq!(findings("See `src/a.rs`, `src/b.rs` and `/etc/c`."), 1);
    }
}
