//! How large a thing may grow, and how it may not end.

use crate::source::{Source, Token, end_of_item};

/// A file of more lines is more than one concept.
const LONGEST_FILE: usize = 400;

/// A function of more lines no longer fits a screen.
const LONGEST_FUNCTION: usize = 70;

/// Where production code ends the process instead of saying what is wrong and what to do.
pub fn check_unwraps(source: &Source) -> Vec<String> {
    let giving_up = ["unwrap", "expect", "unwrap_err", "expect_err"];
    let calls = source.production.windows(3).filter(|window| {
        window[0].text == "."
            && giving_up.contains(&window[1].text.as_str())
            && window[2].text == "("
    });
    calls
        .map(|window| {
            format!(
                "{}:{}: .{}(; a node ends by decision, with a message, never by surprise",
                source.path, window[1].line, window[1].text
            )
        })
        .collect()
}

/// Where a lint is silenced without a reason, or by an `allow` in what is no test. (What several
/// tests share is dead code to those that do not use all of it, and to those alone: that cannot be
/// expected.)
pub fn check_silenced(source: &Source) -> Vec<String> {
    let allowed = if source.lies_in(&["tests"]) { &["allow", "expect"][..] } else { &["expect"] };
    let mut findings = Vec::new();
    for (at, window) in source.code.windows(4).enumerate() {
        let word = window[2].text.as_str();
        let opens = ["#", "!"].contains(&window[0].text.as_str()) && window[1].text == "[";
        let silences = opens && ["allow", "expect"].contains(&word) && window[3].text == "(";
        let mut attribute = source.code[at..].iter().take_while(|token| token.text != "]");
        if silences && !(allowed.contains(&word) && attribute.any(|token| token.text == "reason")) {
            findings.push(format!(
                "{}:{}: {word}(…); an exception is written #[expect(…, reason = \"…\")], so that it \
                 is understood, and goes when it is no longer needed",
                source.path, window[2].line
            ));
        }
    }
    findings
}

/// Where the file or one of its functions is too long.
pub fn check_sizes(source: &Source) -> Vec<String> {
    let mut findings = Vec::new();
    let lines = source.text.lines().count();
    if lines > LONGEST_FILE {
        findings.push(format!(
            "{}:{LONGEST_FILE}: the file has {lines} lines; more than {LONGEST_FILE} are more than \
             one concept",
            source.path
        ));
    }
    let functions = (1..source.code.len()).filter(|at| is_function(&source.code[at - 1..=*at]));
    for at in functions {
        let [name, last] = [at, end_of_item(&source.code, at) - 1].map(|at| &source.code[at]);
        let lines = last.line - name.line + 1;
        if lines > LONGEST_FUNCTION {
            findings.push(format!(
                "{}:{}: {} has {lines} lines; more than {LONGEST_FUNCTION} cannot be seen at once",
                source.path, name.line, name.text
            ));
        }
    }
    findings
}

/// Whether these two tokens begin a function and not the type of one.
fn is_function(tokens: &[Token]) -> bool {
    tokens[0].text == "fn" && tokens[1].text != "("
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::new("src/a.rs", text)
    }

    #[test]
    fn giving_up_is_found_outside_tests() {
        assert_eq!(
            check_unwraps(&source("fn f() {\n g().unwrap(); }")),
            ["src/a.rs:2: .unwrap(; a node ends by decision, with a message, never by surprise"]
        );
        assert_eq!(check_unwraps(&source("fn f() { g()\n    .expect(\"x\"); }")).len(), 1);
        assert_eq!(check_unwraps(&source("fn f() { g().unwrap_or(1); }")).len(), 0);
        assert_eq!(check_unwraps(&source("// .unwrap()\n#[expect(a)] fn f() {}")).len(), 0);
        assert_eq!(
            check_unwraps(&source("#[cfg(test)] mod t { fn f() { g().unwrap() } }")).len(),
            0
        );
    }

    #[test]
    fn a_silenced_lint_without_a_reason_is_found() {
        let found = |path, text: &str| check_silenced(&Source::new(path, text)).len();
        for silenced in ["allow(a)", "expect(a)", "allow(a, reason = \"b\")"] {
            assert_eq!(found("src/a.rs", &format!("#[{silenced}]\nfn f() {{}}")), 1, "{silenced}");
            assert_eq!(found("src/a.rs", &format!("#![{silenced}]")), 1, "{silenced}");
        }
        assert_eq!(found("src/a.rs", "#[expect(a, reason = \"b\")]\nfn f() {}"), 0);
        assert_eq!(found("tests/a.rs", "#[allow(a, reason = \"b\")]\nfn f() {}"), 0);
        assert_eq!(found("tests/a.rs", "#[allow(a)]\nfn f() {}"), 1);
        assert_eq!(found("src/a.rs", "fn f() { [expect(1)] }"), 0);
    }

    #[test]
    fn a_long_file_is_found() {
        assert_eq!(check_sizes(&source(&"\n".repeat(400))).len(), 0);
        assert_eq!(check_sizes(&source(&"\n".repeat(401))).len(), 1);
    }

    #[test]
    fn a_long_function_is_found() {
        let function = |lines: usize| {
            format!("fn f(a: [u8; 2]) {{{}}}\nfn g() {{}}\n", "\n".repeat(lines - 1))
        };
        assert_eq!(check_sizes(&source(&function(70))), [""; 0]);
        assert_eq!(
            check_sizes(&source(&format!("\n{}", function(71)))),
            ["src/a.rs:2: f has 71 lines; more than 70 cannot be seen at once"]
        );
    }
}
