//! Random operations on pins and ids, done on the kernel and on a simulated system at once.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ebpf_core::map::{Map, MapSpec, MapType};
use ebpf_core::program::Program;
use ebpf_core::system::Pinned;
use ebpf_core::{Errno, System};
use ebpf_mock::MockSystem;

use crate::random::Random;
use crate::run;
use crate::world::{Ground, load_programs};

/// Paths below the directory of a sequence; the first two are directories from the start.
const PATHS: &[&str] = &[
    "inner",
    "inner/deep",
    "a",
    "b",
    "inner/a",
    "inner/deep/c",
    "missing/a",
    "a/below",
    "with.dot",
    "inner/",
    "a/",
    "inner/../a",
    "./b",
    "a-name-that-is-longer-than-most-but-not-too-long",
];

/// How many things are held at once.
const SLOTS: usize = 3;

#[derive(Clone, Copy, Debug)]
enum Op {
    Create(usize, MapType),
    Drop(usize),
    Pin(usize, usize),
    PinProgram(usize),
    Open(usize, usize),
    Unpin(usize),
    List(usize),
    Reopen(usize, usize),
}

/// What a system says.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Answer {
    Nothing,
    Done,
    Map(String),
    Program,
    Paths(Vec<PathBuf>),
    Refused(Option<Errno>),
}

struct Side<'s> {
    system: &'s dyn System,
    program: Arc<dyn Program>,
    base: PathBuf,
    maps: [Option<Arc<dyn Map>>; SLOTS],
}

fn answered<T, E>(
    result: Result<T, E>,
    say: impl FnOnce(T) -> Answer,
    errno: impl FnOnce(&E) -> Option<Errno>,
) -> Answer {
    match result {
        Ok(done) => say(done),
        Err(error) => Answer::Refused(errno(&error)),
    }
}

impl Side<'_> {
    fn path(&self, path: usize) -> PathBuf {
        // Joined as text: what a path is made of is part of the question.
        PathBuf::from(format!("{}/{}", self.base.display(), PATHS[path]))
    }

    fn hold(&mut self, slot: usize, map: Arc<dyn Map>) -> Answer {
        let text = format!("{} {}", map.info().name, map.info().map_type);
        self.maps[slot] = Some(map);
        Answer::Map(text)
    }

    fn apply(&mut self, op: Op) -> Answer {
        match op {
            Op::Create(slot, map_type) => {
                let spec = MapSpec::new("pinned", map_type, 4, 8, 4);
                let made = self.system.create_map(&spec, None);
                answered(made, |map| self.hold(slot, map), |error| error.errno())
            }
            Op::Drop(slot) => {
                self.maps[slot] = None;
                Answer::Done
            }
            Op::Pin(slot, path) => match &self.maps[slot] {
                Some(map) => answered(
                    map.pin(&self.path(path)),
                    |()| Answer::Done,
                    |error| error.errno(),
                ),
                None => Answer::Nothing,
            },
            Op::PinProgram(path) => {
                let pinned = self.program.pin(&self.path(path));
                answered(pinned, |()| Answer::Done, |error| error.errno())
            }
            Op::Open(slot, path) => {
                let opened = self.system.open_pinned(&self.path(path));
                answered(
                    opened,
                    |opened| match opened {
                        Pinned::Map(map) => self.hold(slot, map),
                        _ => Answer::Program,
                    },
                    |error| error.errno(),
                )
            }
            Op::Unpin(path) => {
                let gone = self.system.unpin(&self.path(path));
                answered(gone, |()| Answer::Done, |error| error.errno())
            }
            Op::List(path) => {
                let listed = self.system.pinned(&self.path(path));
                answered(listed, Answer::Paths, |error| error.errno())
            }
            Op::Reopen(slot, into) => match self.maps[slot].as_ref().map(|map| map.info().id) {
                Some(id) => {
                    let opened = self.system.map_by_id(id);
                    answered(opened, |map| self.hold(into, map), |error| error.errno())
                }
                None => Answer::Nothing,
            },
        }
    }
}

fn random_op(random: &mut Random) -> Op {
    let (slot, path) = (random.below(SLOTS), random.below(PATHS.len()));
    match random.below(16) {
        0..=2 => Op::Create(slot, random.pick(&[MapType::HASH, MapType::ARRAY])),
        3 => Op::Drop(slot),
        4..=6 => Op::Pin(slot, path),
        7 => Op::PinProgram(path),
        8..=10 => Op::Open(slot, path),
        11 | 12 => Op::Unpin(path),
        13 | 14 => Op::List(path),
        _ => Op::Reopen(slot, random.below(SLOTS)),
    }
}

/// Where two systems differ.
struct Divergence {
    ops: Vec<Op>,
    answers: [Answer; 2],
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for op in &self.ops {
            writeln!(f, "    {op:?}")?;
        }
        let [kernel, mock] = &self.answers;
        write!(f, "  kernel:     {kernel:?}\n  simulation: {mock:?}")
    }
}

/// Does a sequence in a directory of its own.
fn replay(ground: &Ground, number: usize, ops: &[Op]) -> Option<Divergence> {
    let base = ground.bpffs().join(format!("n{number}"));
    std::fs::create_dir_all(base.join("inner/deep")).expect("directories");
    let mock = MockSystem::builder().bpffs(ground.bpffs()).build();
    mock.create_bpffs_dir(base.join("inner/deep"))
        .expect("directories");
    let side = |system, program| Side {
        system,
        program,
        base: base.clone(),
        maps: Default::default(),
    };
    let mut kernel = side(ground.system(), ground.programs()[0].clone());
    let mut mock = side(&mock, load_programs(&mock)[0].clone());
    let found = ops.iter().enumerate().find_map(|(at, op)| {
        let answers = [kernel.apply(*op), mock.apply(*op)];
        (answers[0] != answers[1]).then(|| Divergence {
            ops: ops[..=at].to_vec(),
            answers,
        })
    });
    remove(&base);
    found
}

fn remove(base: &Path) {
    std::fs::remove_dir_all(base).expect("remove the pins");
}

#[test]
fn system() {
    let Some(ground) = run::ground() else { return };
    let settings = run::Settings::of_the_environment();
    println!("TEST_SEED={}", settings.seed);
    let mut random = Random::new(settings.seed);
    let mut found = std::collections::BTreeMap::new();
    let (mut done, mut number) = (0, 0);
    while settings.goes_on(done) && found.len() < 20 {
        let ops: Vec<Op> = (0..60).map(|_| random_op(&mut random)).collect();
        number += 1;
        done += ops.len();
        let Some(mut shortest) = replay(&ground, number, &ops) else {
            continue;
        };
        let mut at = 0;
        while at < shortest.ops.len() {
            let mut ops = shortest.ops.clone();
            ops.remove(at);
            number += 1;
            match replay(&ground, number, &ops).filter(|other| other.answers == shortest.answers) {
                Some(shorter) => shortest = shorter,
                None => at += 1,
            }
        }
        let last = format!("{:?}", shortest.ops.last());
        found.entry(last).or_insert(shortest);
    }
    for divergence in found.values() {
        println!("\n{divergence}");
    }
    println!(
        "{done} operations: {} divergences, TEST_SEED={}",
        found.len(),
        settings.seed
    );
    assert!(found.is_empty(), "the systems differ, see above");
}
