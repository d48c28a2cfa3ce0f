//! What all buildings of a long campaign have come to so far.
//!
//! A building's numbers are taken at the end of a round, when everything must have been answered.
//! So they add up at any time, also when a building fails or somebody ends the campaign early.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use lift_group::sim::promises::Figures;

use crate::campaign::Campaign;
use crate::footprint::{Compared, Footprints};
use crate::node::Node;
use crate::tally::Tally;

/// What all buildings have come to so far.
pub struct Totals {
    begun: Instant,
    so_far: Mutex<SoFar>,
}

#[derive(Default)]
struct SoFar {
    /// By their seeds.
    buildings: BTreeMap<u64, (Tally, Figures)>,
    footprints: Footprints,
    /// The seeds of the buildings that broke a promise.
    broken: Vec<u64>,
    over: bool,
}

impl Totals {
    /// Nothing yet.
    pub fn new() -> Self {
        Self { begun: Instant::now(), so_far: Mutex::default() }
    }

    /// Takes in what a building has come to at the end of a round, and says it in a line.
    pub fn note(&self, seed: u64, campaign: &Campaign) {
        let at = self.begun.elapsed();
        let nodes = campaign.building.nodes.iter();
        let footprints: Vec<_> = nodes.filter_map(Node::footprints).collect();
        let mut so_far = self.lock();
        for node in footprints {
            so_far.footprints.note(at, node);
        }
        let building = (campaign.tally.clone(), campaign.watch.figures().clone());
        so_far.buildings.insert(seed, building);
        let (tally, figures) = so_far.sum();
        println!("{:4} s: {}", at.as_secs(), tally.short_with(&figures));
    }

    /// The building with this seed broke a promise.
    pub fn note_broken(&self, seed: u64) {
        self.lock().broken.push(seed);
    }

    /// Has the campaign end after the present round.
    pub fn end(&self) {
        self.lock().over = true;
    }

    /// Whether it was told to end.
    pub fn are_over(&self) -> bool {
        self.lock().over
    }

    /// All of it in words.
    pub fn told(&self) -> String {
        let so_far = self.lock();
        let (tally, figures) = so_far.sum();
        let mut told = vec![tally.told_with(&figures)];
        match so_far.footprints.compared() {
            Some(programs) => told.extend(programs.map(|program| program.to_string())),
            None => told.push("too short to tell whether programs grow".into()),
        }
        if !so_far.broken.is_empty() {
            told.push(format!("BROKEN PROMISES in buildings {:?}", so_far.broken));
            told.push("(the rounds in which they were broken are not in these numbers)".into());
        }
        told.join("\n")
    }

    /// Asserts that no promise was broken, none has come to no end, and no program has grown.
    pub fn check(&self) {
        let so_far = self.lock();
        assert_eq!(so_far.broken, [] as [u64; 0], "buildings that broke a promise");
        let (_, figures) = so_far.sum();
        assert_eq!(figures.pending(), 0, "calls that were lit and that nothing became of");
        let compared = so_far.footprints.compared();
        assert!(compared.iter().flatten().all(Compared::is_flat), "programs have grown");
    }

    fn lock(&self) -> MutexGuard<'_, SoFar> {
        self.so_far.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SoFar {
    fn sum(&self) -> (Tally, Figures) {
        let (mut tally, mut figures) = (Tally::default(), Figures::default());
        for (its_tally, its_figures) in self.buildings.values() {
            tally.add(its_tally);
            figures.add(its_figures);
        }
        (tally, figures)
    }
}
