//! Nothing that enters does harm, whoever made it.
//!
//! Here every door is given the true words, each cut short everywhere and with every bit flipped,
//! and all that the fuzzers of `tests/fuzz` ever found. The fuzzers look for more.

mod seeds;
mod targets;

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use seeds::seeds;
use targets::{TARGETS, Target};

#[test]
fn every_door_has_true_words_to_begin_with() {
    for (name, _) in TARGETS {
        assert!(!seeds(name).is_empty(), "{name}");
    }
}

#[test]
fn the_true_words_are_understood() {
    use lift_group::shell::checkpoint;
    use lift_group::shell::seal::dialect::OURS;
    assert!(seeds("message").iter().all(|bytes| (OURS.read)(bytes, OURS.newest).is_ok()));
    assert!(seeds("checkpoint").iter().any(|bytes| checkpoint::OURS.checkpoint_of(bytes).is_ok()));
}

#[test]
fn true_words_and_parts_of_them_do_no_harm() {
    for (name, enter) in TARGETS {
        for seed in shortest(name) {
            enter(&seed);
            for length in 0..seed.len() {
                enter(&seed[..length]);
            }
        }
    }
}

#[test]
fn no_flipped_bit_does_harm() {
    for (name, enter) in TARGETS {
        for mut seed in shortest(name) {
            for bit in 0..8 * seed.len() {
                seed[bit / 8] ^= 1 << (bit % 8);
                enter(&seed);
                seed[bit / 8] ^= 1 << (bit % 8);
            }
        }
    }
}

#[test]
fn what_the_fuzzers_found_does_no_harm_any_more() {
    let found = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz/found"));
    for (name, enter) in TARGETS {
        let Ok(files) = fs::read_dir(found.join(name)) else { continue };
        for file in files {
            enter(&fs::read(file.unwrap().path()).unwrap());
        }
    }
}

#[test]
#[ignore = "no test: it writes what the fuzzers begin with"]
fn the_true_words_lie_ready_for_the_fuzzers() {
    let corpus = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz/corpus"));
    for (name, _) in TARGETS {
        fs::create_dir_all(corpus.join(name)).unwrap();
        for (number, seed) in seeds(name).iter().enumerate() {
            fs::write(corpus.join(name).join(format!("seed-{number}")), seed).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_change_of_true_words_does_harm(
        target in 0..TARGETS.len(),
        seed: prop::sample::Index,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        static SEEDS: LazyLock<Vec<Vec<Vec<u8>>>> =
            LazyLock::new(|| TARGETS.iter().map(|(name, _)| seeds(name)).collect());
        let (_, enter): Target = TARGETS[target];
        let mut bytes = seed.get(&SEEDS[target]).clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        enter(&bytes);
    }
}

/// The shortest words of this door: of long ones there are too many parts and bits to try each.
fn shortest(target: &str) -> Vec<Vec<u8>> {
    let mut all = seeds(target);
    all.sort_by_key(Vec::len);
    all.truncate(3);
    all
}
