//! The run: as many sequences as wanted, and what became of them.

use std::collections::BTreeSet;
use std::env;
use std::time::{Duration, Instant};

use ebpf_core::System;
use ebpf_core::system::KernelFacts;
use ebpf_mock::MockSystem;
use ebpf_testbed::{require, skip};

use crate::episode;
use crate::generate::{KINDS, Kinds};
use crate::known::KEPT;
use crate::random::Random;
use crate::world::Ground;

/// Operations of a run that nobody asked for more of.
const COUNT: usize = 30_000;

/// How often a long run says where it is.
const NEWS: Duration = Duration::from_secs(10);

/// How many different divergences are looked for before the run gives up.
const ENOUGH: usize = 60;

/// What a run is to be.
pub(crate) struct Settings {
    pub(crate) seed: u64,
    count: usize,
    start: Instant,
    time: Option<Duration>,
    kinds: Kinds,
}

fn setting(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name}={text}: not a number")),
    )
}

impl Settings {
    pub(crate) fn of_the_environment() -> Settings {
        let time = setting("EBPF_FUZZ_SECONDS").map(Duration::from_secs);
        let count = setting("EBPF_FUZZ_COUNT").map(|count| count as usize);
        Settings {
            seed: setting("TEST_SEED").unwrap_or(1),
            count: count.unwrap_or(if time.is_some() { usize::MAX } else { COUNT }),
            start: Instant::now(),
            time,
            kinds: kinds(&env::var("EBPF_FUZZ_TYPES").unwrap_or_default()),
        }
    }
}

impl Settings {
    /// Whether more is to be done than so many operations.
    pub(crate) fn goes_on(&self, done: usize) -> bool {
        done < self.count && self.time.is_none_or(|time| self.start.elapsed() < time)
    }
}

/// The types of a list with commas; all of them, if it is empty.
fn kinds(list: &str) -> Kinds {
    let named = |name: &str| {
        let kind = KINDS.iter().find(|(kind, _)| kind.to_string() == name);
        *kind.unwrap_or_else(|| panic!("EBPF_FUZZ_TYPES: no type `{name}` is compared"))
    };
    match list {
        "" => KINDS.to_vec(),
        list => list.split(',').map(|name| named(name.trim())).collect(),
    }
}

/// The kernel to compare with, unless this is none that the simulation is like.
pub(crate) fn ground() -> Option<Ground> {
    if !require("kernel") {
        return None;
    }
    let ground = Ground::new();
    let release = |facts: &dyn KernelFacts| facts.release().expect("the release");
    let (running, simulated) = (
        release(ground.system().facts()),
        release(MockSystem::new().facts()),
    );
    if (running.major, running.minor) != (simulated.major, simulated.minor) {
        skip(&format!(
            "the simulated kernel is Linux {simulated}, the running one {running}"
        ));
        return None;
    }
    Some(ground)
}

#[test]
fn maps() {
    let Some(ground) = ground() else { return };
    let settings = Settings::of_the_environment();
    println!("TEST_SEED={}", settings.seed);
    let start = settings.start;
    let (mut done, mut episodes, mut kept) = (0, 0, 0);
    let mut news = NEWS;
    let mut seeds = Random::new(settings.seed);
    let mut kinds = BTreeSet::new();
    while settings.goes_on(done) {
        let seed = seeds.next();
        let (length, divergence) = episode::random(&ground, seed, &settings.kinds);
        done += length;
        episodes += 1;
        if let Some(divergence) = divergence.filter(|found| !kinds.contains(&found.kind())) {
            let shortest = episode::shrink(&ground, seed, divergence);
            if KEPT.iter().any(|row| (row.matches)(&shortest)) {
                kept += 1;
            } else {
                println!("\nafter {done} operations:\n{shortest}");
                kinds.insert(shortest.kind());
            }
        }
        if kinds.len() >= ENOUGH {
            break;
        }
        if start.elapsed() > news {
            news += NEWS;
            println!(
                "{done} operations in {episodes} sequences, {:.0} s, {} divergences",
                start.elapsed().as_secs_f64(),
                kinds.len()
            );
        }
    }
    println!(
        "{done} operations in {episodes} sequences, {:.1} s: {} divergences, {kept} kept ones, TEST_SEED={}",
        start.elapsed().as_secs_f64(),
        kinds.len(),
        settings.seed
    );
    assert!(kinds.is_empty(), "the systems differ, see above");
}

#[test]
fn kept_divergences_are_still_there() {
    let Some(ground) = ground() else { return };
    for row in KEPT {
        let found = episode::replay(&ground, 0, &(row.example)());
        let found =
            found.unwrap_or_else(|| panic!("`{}` no longer differs: {}", row.name, row.reason));
        assert!(
            (row.matches)(&found),
            "`{}` is another divergence:\n{found}",
            row.name
        );
    }
}
