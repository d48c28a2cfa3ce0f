//! One source file, read just far enough to tell code from comments, texts and tests.

use std::path::Path;

/// One file of the project.
pub struct Source {
    /// Its path from the top of the project.
    pub path: String,
    /// All of it.
    pub text: String,
    /// The tokens of its code.
    pub code: Vec<Token>,
    /// The tokens of its code but for what is compiled for tests alone.
    pub production: Vec<Token>,
}

/// A word, `::`, or any other single character of code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    /// The line that it is on, from 1.
    pub line: usize,
    /// What it says.
    pub text: String,
}

/// A path as code names it, like `std::time::Duration`, or a macro, like `println!`.
#[derive(PartialEq, Eq, Debug)]
pub struct Named {
    /// The line that ends it.
    pub line: usize,
    /// From the crate on, where the code says it relative to its module.
    pub path: String,
}

/// What declares a module for tests, up to its name.
const TEST_MODULE: [&str; 8] = ["#", "[", "cfg", "(", "test", ")", "]", "mod"];

/// Files that hold the module of their folder, and not one below it.
const MODULE_ROOTS: [&str; 3] = ["mod", "lib", "main"];

impl Source {
    pub fn new(path: &str, text: &str) -> Self {
        let code = tokens(&without_opaque(text));
        let production = without_tests(code.clone());
        Self { path: path.to_owned(), text: text.to_owned(), code, production }
    }

    /// Whether the file is, or lies under, one of these.
    pub fn lies_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| {
            self.path
                .strip_prefix(place)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// The files or folders of the modules that this file declares to be compiled for tests alone.
    pub fn test_modules(&self) -> Vec<String> {
        let path = Path::new(&self.path);
        let folder = if path.file_stem().is_some_and(|name| MODULE_ROOTS.iter().any(|r| name == *r))
        {
            path.with_file_name("")
        } else {
            path.with_extension("")
        };
        let declared = self.code.windows(TEST_MODULE.len() + 2).filter(|window| {
            window[..TEST_MODULE.len()].iter().map(|token| token.text.as_str()).eq(TEST_MODULE)
                && window[TEST_MODULE.len() + 1].text == ";"
        });
        let names = declared.map(|window| folder.join(&window[TEST_MODULE.len()].text));
        names
            .flat_map(|name| [name.with_extension("rs"), name])
            .map(|path| path.display().to_string())
            .collect()
    }

    /// Every path of several words, and every macro, that the production code names. The groups
    /// of `use` are written out.
    pub fn names(&self) -> Vec<Named> {
        let mut names = Vec::new();
        let mut at = 0;
        while at < self.production.len() {
            at = self.read_path(at, "", &mut names);
        }
        names
    }

    /// Reads the path or the one token at `at`, and tells where the next begins.
    fn read_path(&self, mut at: usize, before: &str, names: &mut Vec<Named>) -> usize {
        let word = |at: usize| self.production.get(at).map_or("", |token| token.text.as_str());
        if !is_word(word(at)) {
            return at + 1;
        }
        let mut path = format!("{before}{}", word(at));
        while word(at + 1) == "::" && (is_word(word(at + 2)) || word(at + 2) == "*") {
            at += 2;
            path = format!("{path}::{}", word(at));
        }
        if word(at + 1) == "::" && word(at + 2) == "{" {
            at += 3;
            while !matches!(word(at), "}" | "") {
                at = self.read_path(at, &format!("{path}::"), names);
            }
        } else if word(at + 1) == "!" {
            names.push(Named { line: self.production[at].line, path: path + "!" });
        } else if path.contains("::") {
            names.push(Named { line: self.production[at].line, path: self.absolute(&path) });
        }
        at + 1
    }

    /// The path from the crate on, for one that begins at this file's module or at the one above.
    fn absolute(&self, path: &str) -> String {
        let Some(module) = self.path.strip_prefix("src/") else { return path.to_owned() };
        let module = module.trim_end_matches(".rs").trim_end_matches("/mod");
        let mut module: Vec<&str> = module.split('/').filter(|name| *name != "lib").collect();
        module.insert(0, "crate");
        let mut rest: Vec<&str> = path.split("::").collect();
        if !matches!(rest[0], "self" | "super") {
            return path.to_owned();
        }
        while matches!(rest.first(), Some(&"self" | &"super")) {
            if rest.remove(0) == "super" {
                module.pop();
            }
        }
        module.extend(rest);
        module.join("::")
    }
}

/// The text with a blank for everything that is no code: comments, strings, characters.
fn without_opaque(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let opaque = opaque_length(rest);
        if opaque == 0 {
            code.push(next);
            rest = &rest[next.len_utf8()..];
        } else {
            code.extend(rest[..opaque].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
            rest = &rest[opaque..];
        }
    }
    code
}

/// How many bytes the comment, string or character takes with which the text begins, if with any.
fn opaque_length(text: &str) -> usize {
    let raw = text.strip_prefix('r').map(|rest| rest.trim_start_matches('#'));
    if text.starts_with("//") {
        text.find('\n').unwrap_or(text.len())
    } else if text.starts_with("/*") {
        text.find("*/").map_or(text.len(), |end| end + 2)
    } else if let Some(inside) = raw.and_then(|rest| rest.strip_prefix('"')) {
        let opening = text.len() - inside.len();
        let closing = format!("\"{}", "#".repeat(opening - 2));
        inside.find(&closing).map_or(text.len(), |end| opening + end + closing.len())
    } else if text.starts_with('"') {
        quoted_length(text, '"')
    } else if text.starts_with("'\\") || text.starts_with('\'') && text.chars().nth(2) == Some('\'')
    {
        quoted_length(text, '\'')
    } else {
        0
    }
}

/// How many bytes a text takes up to the quote that ends it.
fn quoted_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, next) in text.char_indices().skip(1) {
        if next == quote && !escaped {
            return at + 1;
        }
        escaped = next == '\\' && !escaped;
    }
    text.len()
}

/// The tokens of text that is all code.
fn tokens(code: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = code;
    let mut line = 1;
    while !rest.is_empty() {
        let word = rest.find(|c: char| !is_word_part(c)).unwrap_or(rest.len());
        let single = rest.chars().next().map_or(1, char::len_utf8);
        let length = if rest.starts_with("::") { 2 } else { word.max(single) };
        if rest.starts_with('\n') {
            line += 1;
        } else if !rest.starts_with(char::is_whitespace) {
            tokens.push(Token { line, text: rest[..length].to_owned() });
        }
        rest = &rest[length..];
    }
    tokens
}

/// The tokens but for the items that are marked as compiled for tests alone.
fn without_tests(mut code: Vec<Token>) -> Vec<Token> {
    while let Some(start) = position(&code, "#[cfg(test)]") {
        code.drain(start..end_of_item(&code, start));
    }
    code
}

/// Where the item that begins at `start` ends: after its `;`, or after the brace that closes it.
pub fn end_of_item(code: &[Token], start: usize) -> usize {
    let mut depth = 0;
    for (at, token) in code.iter().enumerate().skip(start) {
        match token.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
        if depth == 0 && token.text == "}" {
            return at + 1;
        }
    }
    code.len()
}

/// Where the tokens of `pattern` first stand in a row.
fn position(code: &[Token], pattern: &str) -> Option<usize> {
    let pattern: Vec<String> = tokens(pattern).into_iter().map(|token| token.text).collect();
    code.windows(pattern.len()).position(|window| window.iter().map(|t| &t.text).eq(&pattern))
}

fn is_word(token: &str) -> bool {
    token.starts_with(is_word_part)
}

fn is_word_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(path: &str, text: &str) -> Vec<String> {
        Source::new(path, text).names().into_iter().map(|named| named.path).collect()
    }

    #[test]
    fn groups_are_written_out() {
        assert_eq!(
            names("src/a.rs", "use std::{fmt, io::{self, Read}, time::*};"),
            ["std::fmt", "std::io::self", "std::io::Read", "std::time::*"]
        );
    }

    #[test]
    fn a_relative_path_is_told_from_the_crate_on() {
        assert_eq!(names("src/lift/panel.rs", "use super::car::Car;"), ["crate::lift::car::Car"]);
        assert_eq!(names("src/calls/mod.rs", "use super::lift::Car;"), ["crate::lift::Car"]);
        assert_eq!(names("src/lib.rs", "use self::lift::Car;"), ["crate::lift::Car"]);
    }

    #[test]
    fn comments_texts_and_characters_are_no_code() {
        let text =
            "// std::fs\n/* std::fs */ \"std::fs \\\" std::fs\" r#\"std::\"fs\"# '\"' std::io";
        assert_eq!(names("src/a.rs", text), ["std::io"]);
        assert_eq!(names("src/a.rs", "fn a<'a>(b: &'a std::io::Read) {}"), ["std::io::Read"]);
    }

    #[test]
    fn what_is_compiled_for_tests_is_not_production() {
        let text = "use a::b;\n#[cfg(test)]\nmod tests { fn f() { c::d() } }\nuse e::f;";
        assert_eq!(names("src/a.rs", text), ["a::b", "e::f"]);
        assert_eq!(names("src/a.rs", "#[cfg(test)]\nmod laws;\nuse e::f;"), ["e::f"]);
    }

    #[test]
    fn a_module_for_tests_is_known_by_its_declaration() {
        let text = "mod a;\n#[cfg(test)]\nmod laws;\n#[cfg(test)]\nmod tests { mod b; }";
        let modules = |path: &str| Source::new(path, text).test_modules();
        assert_eq!(modules("src/calls/mod.rs"), ["src/calls/laws.rs", "src/calls/laws"]);
        assert_eq!(modules("src/calls.rs"), ["src/calls/laws.rs", "src/calls/laws"]);
        assert_eq!(modules("src/lib.rs"), ["src/laws.rs", "src/laws"]);
    }

    #[test]
    fn a_token_knows_its_line() {
        let source = Source::new("src/a.rs", "\n/* two\nlines */\nuse a::b;");
        assert_eq!(source.names(), [Named { line: 4, path: "a::b".to_owned() }]);
    }
}
