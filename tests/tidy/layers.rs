//! Who may know whom: the layers of the house, and the one home of every dependency.

use crate::source::{Named, Source};

/// What the code of some files must not name.
struct Layer {
    places: &'static [&'static str],
    never: &'static [&'static str],
    but: &'static [&'static str],
    because: &'static str,
}

const LAYERS: &[Layer] = &[
    Layer {
        places: PURE,
        never: WORLD,
        but: &["std::time::Duration"],
        because: "the core is told about the world and never touches it, so that every run of it \
                  can be played again",
    },
    Layer {
        places: PURE,
        never: &["HashMap", "HashSet", "std::collections::HashMap", "std::collections::HashSet"],
        but: &[],
        because: "the order of a hash map changes from run to run, and would reach an output",
    },
    Layer {
        places: &["src/sim"],
        never: WORLD,
        but: &[
            "std::io", // the errors of a disk
            "std::time::Duration",
            "crate::shell::checkpoint",
            "crate::shell::hardware",
            "crate::shell::seal",
        ],
        because: "a simulated building is the same whenever and wherever it is built: all its time \
                  and chance come from the seed",
    },
    Layer {
        places: WORDS,
        never: &["crate::lift", "crate::group", "crate::node", "crate::supervisor"],
        but: &[],
        because: "the words are common to all, and belong to none who uses them",
    },
    Layer {
        places: &["src/lift"],
        never: &["crate::group", "crate::node", "crate::supervisor"],
        but: &[],
        because: "a lift works the same alone and in a group",
    },
    Layer {
        places: &["src/group"],
        never: &["crate::node", "crate::supervisor"],
        but: &[],
        because: "the node composes lift and group, and neither leans on the whole",
    },
    Layer {
        places: &["src/node"],
        never: &["crate::supervisor"],
        but: &[],
        because: "a node must not know that it is supervised: a crash asks no permission",
    },
    Layer {
        places: &["src/sim/promises"],
        never: &["crate::group", "crate::node", "crate::supervisor"],
        but: &[],
        because: "the judge of the promises sees lamps, doors and cars, and believes no node",
    },
    Layer {
        places: &["src/supervisor/policy"],
        never: &["crate"],
        but: &["crate::time", "crate::supervisor::policy"],
        because: "the policy decides on times and events alone",
    },
    Layer {
        places: &["src/supervisor"],
        never: &["crate::lift", "crate::group", "crate::node", "crate::calls"],
        but: &[],
        because: "the supervisor keeps any controller running, and so outlives changes of it",
    },
    Layer {
        places: &["src/shell"],
        never: &["crate::supervisor"],
        but: &[],
        because: "the supervisor stands on the shell, not the shell on the supervisor",
    },
    Layer {
        places: &["bin/lift-simulator"],
        never: &["lift_group"],
        but: &[],
        because: "a simulator that shares the controller's code shares its errors",
    },
];

/// What a pure part must not touch.
const WORLD: &[&str] = &[
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::os",
    "std::process",
    "std::sync",
    "std::thread",
    "std::time",
    "bincode",
    "blake3",
    "log",
    "nix",
    "signal_hook",
    "simplelog",
    "crate::shell",
    "dbg!",
    "eprint!",
    "eprintln!",
    "print!",
    "println!",
];

/// The words: what every other part speaks of.
const WORDS: &[&str] =
    &["src/time.rs", "src/building.rs", "src/config.rs", "src/calls", "src/calls.rs"];

/// The core: no clocks, chance, sockets, files, threads, logs.
const PURE: &[&str] = &[
    "src/time.rs",
    "src/building.rs",
    "src/config.rs",
    "src/calls",
    "src/calls.rs",
    "src/lift",
    "src/group",
    "src/node",
    "src/sim/promises",
    "src/supervisor/policy",
];

/// Every dependency, as code names it, and where code may name it.
const HOMES: &[(&str, &[&str])] = &[
    ("bincode", &["src/shell/codec.rs"]),
    ("blake3", &["src/supervisor/slot.rs", "src/shell/seal/tag.rs"]),
    ("clap", &["bin"]),
    ("clap_complete", &["bin/manual.rs"]),
    ("clap_mangen", &["bin/manual.rs"]),
    ("humantime", &["bin"]),
    ("log", &["src/shell", "src/supervisor", "bin"]),
    ("nix", &["src/shell", "src/supervisor", "bin/lift-simulator", "bin/liftctl"]),
    ("serde", &["src", "bin"]),
    ("serde_json", &["bin"]),
    ("signal_hook", &["src/shell/signals.rs"]),
    ("simplelog", &["src/shell/logging.rs"]),
];

/// Where the file names something that its layer must not know.
pub fn check(source: &Source) -> Vec<String> {
    let names = source.names();
    let layers = LAYERS.iter().filter(|layer| source.lies_in(layer.places));
    layers
        .flat_map(|layer| {
            names.iter().filter(|name| layer.forbids(name)).map(|Named { line, path }| {
                format!("{}:{line}: names {path}; {}", source.path, layer.because)
            })
        })
        .collect()
}

/// Where the file names a dependency that lives elsewhere.
pub fn check_homes(source: &Source) -> Vec<String> {
    let mut findings = Vec::new();
    for Named { line, path } in source.names() {
        let home = HOMES.iter().find(|(dependency, _)| is_under(&path, dependency));
        if let Some((dependency, places)) = home.filter(|(_, places)| !source.lies_in(places)) {
            findings.push(format!(
                "{}:{line}: names {path}; {dependency} lives in {} alone, so that it can be \
                 exchanged there",
                source.path,
                places.join(", "),
            ));
        }
    }
    findings
}

/// Where the manifest has a dependency without a home, or lacks one that has a home.
pub fn check_manifest(manifest: &str) -> Vec<String> {
    let lines = manifest.lines().enumerate().skip_while(|(_, line)| *line != "[dependencies]");
    let lines = lines.skip(1).take_while(|(_, line)| !line.starts_with('['));
    let found: Vec<(usize, String)> = lines
        .filter_map(|(at, line)| Some((at + 1, line.split_once([' ', '.', '='])?.0)))
        .filter(|(_, name)| name.starts_with(char::is_alphabetic))
        .map(|(line, name)| (line, name.replace('-', "_")))
        .collect();
    let homeless = found.iter().filter(|(_, name)| HOMES.iter().all(|(home, _)| home != name));
    let gone = HOMES.iter().filter(|(home, _)| found.iter().all(|(_, name)| home != name));
    homeless
        .map(|(line, name)| {
            format!("Cargo.toml:{line}: {name} has no home; the reader must know where to find it")
        })
        .chain(gone.map(|(home, _)| {
            format!("Cargo.toml:1: {home} has a home, but is no dependency; let the table be true")
        }))
        .collect()
}

impl Layer {
    fn forbids(&self, name: &Named) -> bool {
        let among = |paths: &[&str]| paths.iter().any(|path| is_under(&name.path, path));
        among(self.never) && !among(self.but)
    }
}

/// Whether the path is this one or lies under it.
fn is_under(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the layers say of a file with this text.
    fn findings(path: &str, text: &str) -> Vec<String> {
        check(&Source::new(path, text))
    }

    /// A file that lies in this place of a table.
    fn file_in(place: &str) -> String {
        if place.contains('.') { place.to_owned() } else { format!("{place}/a.rs") }
    }

    fn offends(path: &str, text: &str) -> bool {
        !findings(path, text).is_empty()
    }

    #[test]
    fn a_finding_names_file_line_and_reason() {
        let findings = findings("src/lift/car.rs", "//! A car.\nuse std::fs;");
        assert_eq!(findings.len(), 1);
        assert!(findings[0].starts_with("src/lift/car.rs:2: names std::fs; the core is told"));
    }

    #[test]
    fn each_pure_place_is_held_to_each_name_of_the_world() {
        let pure = LAYERS[0].places.iter().chain(LAYERS[1].places);
        for place in pure {
            let path = file_in(place);
            for name in LAYERS[0].never.iter().chain(LAYERS[1].never) {
                let text = if name.ends_with('!') {
                    format!("fn f() {{ {name}(1) }}")
                } else {
                    format!("use {name}::x;")
                };
                assert!(offends(&path, &text), "{text} in {path}");
            }
            assert!(offends(&path, "use std::time::{Duration, Instant};"));
            assert!(offends(&path, "fn f() { std::time::SystemTime::now() }"));
            assert!(!offends(&path, "use std::time::Duration;\nfn f() { \"std::fs\" }"));
        }
    }

    #[test]
    fn no_layer_looks_up() {
        assert!(offends("src/calls/set.rs", "use crate::lift::panel::Buttons;"));
        assert!(offends("src/calls/mod.rs", "use super::lift::panel::Buttons;"));
        assert!(offends("src/lift/mod.rs", "use crate::{building::Floor, group::Worldview};"));
        assert!(offends("src/lift/car.rs", "use crate::node::Node;"));
        assert!(offends("src/group/worldview.rs", "use crate::node::Node;"));
        assert!(offends("src/supervisor/policy", "use crate::config::Config;"));
        assert!(offends("src/supervisor/run.rs", "use crate::node::Checkpoint;"));
        assert!(offends("src/shell/link.rs", "use crate::supervisor::Child;"));
        assert!(!offends("src/supervisor/policy", "use crate::time::Instant;"));
        assert!(!offends("src/node/mod.rs", "use crate::lift::Lift;\nuse crate::group::Group;"));
    }

    #[test]
    fn the_simulator_is_a_program_of_its_own() {
        assert!(offends("bin/lift-simulator/shaft.rs", "use lift_group::building::Floor;"));
        assert!(!offends("bin/lift-simulator/shaft.rs", "use crate::shaft::Car;"));
    }

    #[test]
    fn a_dependency_away_from_home_is_found() {
        let away = |path: &str, text: &str| !check_homes(&Source::new(path, text)).is_empty();
        for (dependency, places) in HOMES.iter().filter(|(dependency, _)| *dependency != "serde") {
            let text = format!("use {dependency}::x;");
            assert!(away("src/lift/car.rs", &text), "{dependency}");
            for place in *places {
                let path = file_in(place);
                assert!(!away(&path, &text), "{dependency} in {path}");
            }
        }
    }

    #[test]
    fn the_manifest_and_the_table_of_homes_agree() {
        let all: Vec<&str> = HOMES.iter().map(|(name, _)| *name).collect();
        let all = all.join(" = \"1\"\n") + " = \"1\"\n";
        let manifest = |more: &str| format!("[package]\nname = \"a\"\n[dependencies]\n{all}{more}");
        assert_eq!(check_manifest(&manifest("\n[lints.rust]\nx = \"1\"\n")), [""; 0]);
        assert_eq!(check_manifest(&manifest("rand = \"1\"")).len(), 1);
        assert_eq!(check_manifest("[dependencies]\n").len(), HOMES.len());
    }
}
