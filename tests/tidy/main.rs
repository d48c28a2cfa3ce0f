//! The tidiness of the source as tests: who may know whom, which words mean what, how large a
//! thing may grow.
//!
//! Each rule is data with its reason, and a checker that takes text; the checkers' own tests feed
//! them text that offends, so that no rule is one that cannot fail. Here they meet the project.
//! What they find reads `file:line: what offends; why that is a rule`.
//!
//! This is no compiler: it reads tokens, not types, and a determined author gets round it. It is
//! for the honest one who does not know the house yet.

mod claims;
mod layers;
mod limits;
mod logs;
mod source;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

use source::Source;

/// Everything that may lie at the top of the project: a reader sees the whole house at once.
const TOP: &[&str] = &[
    ".ci",
    ".clippy.toml",
    ".deny.toml",
    ".git",
    ".gitignore",
    ".rustfmt.toml",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "benches",
    "bin",
    "src",
    "systemd",
    "target",
    "tests",
];

/// Folders of what fuzzers and their builds leave behind: nobody wrote it, nobody reads it.
const NOT_WRITTEN: &[&str] = &["artifacts", "corpus", "found", "target"];

#[test]
fn no_layer_knows_what_it_must_not_know() {
    report(programs().iter().flat_map(layers::check));
}

#[test]
fn every_dependency_stays_at_home() {
    report(programs().iter().flat_map(layers::check_homes));
}

#[test]
fn every_dependency_has_a_home() {
    report(layers::check_manifest(&read(&root().join("Cargo.toml"))));
}

#[test]
fn nothing_outside_tests_gives_up_by_unwrap_or_expect() {
    report(programs().iter().flat_map(limits::check_unwraps));
}

#[test]
fn a_lint_is_silenced_only_with_a_reason() {
    report(rust_files(&["src", "bin", "tests", "benches"]).iter().flat_map(limits::check_silenced));
}

#[test]
fn no_file_and_no_function_outgrows_its_reader() {
    report(rust_files(&["src", "bin", "tests", "benches"]).iter().flat_map(limits::check_sizes));
}

#[test]
fn every_warning_and_error_is_explained() {
    let readme = read(&root().join("README.md"));
    report(programs().iter().flat_map(|source| logs::check(source, &readme)));
}

#[test]
fn one_word_has_one_meaning() {
    let mut prose = rust_files(&["src", "bin", "tests", "benches"]);
    prose.extend(files(&["systemd", "README.md", "Cargo.toml"]));
    // The table of the words that are not used has to name them.
    prose.retain(|source| source.path != "tests/tidy/words.rs");
    report(prose.iter().flat_map(words::check));
}

#[test]
fn every_test_and_every_file_that_the_prose_names_is_there() {
    let tests = claims::tests(&rust_files(&["src", "bin", "tests"]));
    let is_there = |path: &str| root().join(path).exists();
    let prose = files(&["README.md", "src/lib.rs"]);
    report(prose.iter().flat_map(|source| claims::check(source, &tests, is_there)));
}

#[test]
fn the_top_of_the_project_holds_only_what_belongs_there() {
    let entries = fs::read_dir(root()).expect("the project's folder is readable");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    report(names.filter_map(|name| {
        let name = name.to_string_lossy().into_owned();
        (!TOP.contains(&name.as_str())).then(|| {
            format!("{name}:1: does not belong at the top; a reader sees the whole house at once")
        })
    }));
}

/// Fails with every finding, one a line, when there is any.
fn report(findings: impl IntoIterator<Item = String>) {
    let findings: Vec<String> = findings.into_iter().collect();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

/// What ends up in the programs: the library and the binaries without their tests.
fn programs() -> Vec<Source> {
    let mut programs = rust_files(&["src", "bin"]);
    let tests: Vec<String> = programs.iter().flat_map(Source::test_modules).collect();
    let tests: Vec<&str> = tests.iter().map(String::as_str).collect();
    programs.retain(|source| !source.lies_in(&tests));
    assert!(programs.len() > 10, "only {} files found: looked in a wrong place", programs.len());
    programs
}

fn rust_files(folders: &[&str]) -> Vec<Source> {
    let is_rust =
        |source: &Source| Path::new(&source.path).extension().is_some_and(|end| end == "rs");
    files(folders).into_iter().filter(is_rust).collect()
}

/// Every file under these files and folders of the project.
fn files(places: &[&str]) -> Vec<Source> {
    let mut paths = Vec::new();
    for place in places {
        walk(&root().join(place), &mut paths);
    }
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let name = path.strip_prefix(root()).expect("a path of the project").to_string_lossy();
            Source::new(&name, &read(path))
        })
        .collect()
}

fn walk(place: &Path, paths: &mut Vec<PathBuf>) {
    if place.is_file() {
        paths.push(place.to_path_buf());
    } else if place.is_dir() && !NOT_WRITTEN.iter().any(|name| place.ends_with(name)) {
        for entry in fs::read_dir(place).expect("a folder of the project is readable") {
            walk(&entry.expect("an entry").path(), paths);
        }
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
