//! Loading objects: the kernel's own share, aya, libbpf-rs and ours.

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::os::fd::{AsFd, AsRawFd};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use ebpf_core::insn;
use ebpf_core::object::ObjectSpec;
use ebpf_core::program::Referent;
use ebpf_core::{KernelSystem, LoadOptions, SystemExt};
use libbpf_rs::ObjectBuilder;

use crate::harness::{Arm, compare};
use crate::raw;

const SMALL: &[u8] = include_bytes!("../bpf/small.bpf.o");
const MANY: &[u8] = include_bytes!("../bpf/many.bpf.o");

/// A program as the kernel wants it, but for the descriptors of its maps.
struct Prepared {
    program_type: u32,
    attach_type: u32,
    code: Vec<insn::Insn>,
    /// Which instruction refers to which map of the object.
    references: Vec<(usize, usize)>,
    functions: Vec<u32>,
    lines: Vec<u32>,
}

fn prepare(object: &ObjectSpec) -> Vec<Prepared> {
    let place = |name: &str| {
        let found = object.maps.iter().position(|map| map.name == name);
        found.expect("a map of the object")
    };
    let programs = object.programs.iter().map(|program| Prepared {
        program_type: program.program_type.0,
        attach_type: program.expected_attach_type.map_or(0, |kind| kind.0),
        code: program.instructions.clone(),
        references: (program.references.iter())
            .map(|reference| match reference.referent {
                Referent::Map { map } => {
                    (reference.instruction as usize, place(&program.maps[map]))
                }
                _ => panic!("these objects refer to maps only"),
            })
            .collect(),
        functions: (program.functions.iter())
            .flat_map(|function| [function.start, function.type_id.map_or(0, |id| id.0)])
            .collect(),
        lines: (program.lines.iter())
            .flat_map(|line| {
                let position = line.line << 10 | line.column;
                [line.instruction, line.file_name, line.text, position]
            })
            .collect(),
    });
    programs.collect()
}

/// The calls that cannot be avoided, prepared beforehand: load the BTF, create each map, load each program.
fn kernel_share(object: &ObjectSpec, programs: &[Prepared]) {
    let btf = raw::load_btf(object.btf.as_ref().expect("BTF").to_bytes());
    let maps: Vec<_> = (object.maps.iter())
        .map(|map| {
            let sizes = (map.key_size, map.value_size, map.max_entries);
            raw::create_map(map.map_type.0, sizes.0, sizes.1, sizes.2, map.flags.0)
        })
        .collect();
    for program in programs {
        let mut code = program.code.clone();
        for (at, map) in &program.references {
            code[*at] = insn::Insn {
                src: insn::Reg::new(1).expect("BPF_PSEUDO_MAP_FD"),
                imm: maps[*map].as_raw_fd(),
                ..code[*at]
            };
        }
        let instructions = insn::encode(&code, ebpf_core::codec::Endian::NATIVE);
        let program = raw::Program {
            program_type: program.program_type,
            attach_type: program.attach_type,
            instructions: &instructions,
            functions: &program.functions,
            lines: &program.lines,
        };
        black_box(raw::load_program(&program, btf.as_fd()));
    }
}

fn aya(loader: &mut aya::EbpfLoader<'_>, bytes: &[u8]) {
    let mut object = loader.load(bytes).unwrap();
    for (_, program) in object.programs_mut() {
        let program: &mut aya::programs::Xdp = program.try_into().unwrap();
        program.load().unwrap();
    }
    black_box(object);
}

fn libbpf(bytes: &[u8]) {
    black_box(
        ObjectBuilder::default()
            .open_memory(bytes)
            .unwrap()
            .load()
            .unwrap(),
    );
}

fn ours(system: &KernelSystem, bytes: &[u8]) {
    black_box(system.load_bytes(bytes).unwrap());
}

fn ours_on(system: &KernelSystem, bytes: &[u8], threads: usize) {
    let object = ObjectSpec::parse(bytes).unwrap();
    let options = LoadOptions::new().threads(NonZeroUsize::new(threads).expect("at least one"));
    black_box(system.load_with(&object, &options).unwrap());
}

pub fn run(rounds: usize) -> Result<()> {
    let system = KernelSystem::new();
    compare(
        "parse: a small object",
        rounds,
        2000,
        1,
        vec![
            Arm::new("aya-obj", |n| {
                (0..n).for_each(|_| {
                    black_box(aya_obj::Object::parse(SMALL).unwrap());
                })
            }),
            Arm::new("ebpf-core", |n| {
                (0..n).for_each(|_| {
                    black_box(ObjectSpec::parse(SMALL).unwrap());
                })
            }),
        ],
    );
    compare(
        "parse: 50 programs, 20 maps",
        rounds,
        200,
        1,
        vec![
            Arm::new("aya-obj", |n| {
                (0..n).for_each(|_| {
                    black_box(aya_obj::Object::parse(MANY).unwrap());
                })
            }),
            Arm::new("ebpf-core", |n| {
                (0..n).for_each(|_| {
                    black_box(ObjectSpec::parse(MANY).unwrap());
                })
            }),
        ],
    );
    // Making a loader reads the kernel's own BTF, tens of milliseconds: once is enough for what is measured here.
    let mut loader = aya::EbpfLoader::new();
    let small = ObjectSpec::parse(SMALL)?;
    let prepared = prepare(&small);
    compare(
        "load: a small XDP object, warm",
        rounds,
        200,
        1,
        vec![
            Arm::new("the kernel's own share", |n| {
                (0..n).for_each(|_| kernel_share(&small, &prepared))
            }),
            Arm::new("aya", |n| (0..n).for_each(|_| aya(&mut loader, SMALL))),
            Arm::new("libbpf-rs", |n| (0..n).for_each(|_| libbpf(SMALL))),
            Arm::new("ebpf-core", |n| (0..n).for_each(|_| ours(&system, SMALL))),
        ],
    );
    let many = ObjectSpec::parse(MANY)?;
    let prepared = prepare(&many);
    compare(
        "load: 50 programs, 20 maps",
        rounds.min(7),
        1,
        1,
        vec![
            Arm::new("the kernel's own share", |n| {
                (0..n).for_each(|_| kernel_share(&many, &prepared))
            }),
            Arm::new("aya", |n| (0..n).for_each(|_| aya(&mut loader, MANY))),
            Arm::new("libbpf-rs", |n| (0..n).for_each(|_| libbpf(MANY))),
            Arm::new("ebpf-core, one thread", |n| {
                (0..n).for_each(|_| ours_on(&system, MANY, 1))
            }),
            Arm::new("ebpf-core", |n| (0..n).for_each(|_| ours(&system, MANY))),
        ],
    );
    cold(rounds)
}

/// The first load in a process: a process for each measurement, which prints its own time.
fn cold(rounds: usize) -> Result<()> {
    println!("\nload: a small XDP object, first in a process");
    println!("  {:<34} {:>12} {:>8}", "", "median", "ratio");
    let arms = ["libbpf-rs", "aya", "ebpf-core"];
    let mut times = vec![Vec::new(); arms.len()];
    for round in 0..rounds {
        for turn in 0..arms.len() {
            let index = (round + turn) % arms.len();
            let output = Command::new(std::env::current_exe()?)
                .args(["first-load", arms[index]])
                .output()?;
            let text = String::from_utf8_lossy(&output.stdout);
            times[index].push(
                text.trim()
                    .parse::<u64>()
                    .with_context(|| format!("{}: {text}", arms[index]))?,
            );
        }
    }
    let mut base = None;
    for (arm, mut times) in arms.into_iter().zip(times) {
        times.sort_unstable();
        let median = times[times.len() / 2] as f64 / 1e3;
        println!(
            "  {arm:<34} {median:>9.1} µs {:>7.2}x",
            median / *base.get_or_insert(median)
        );
    }
    Ok(())
}

/// Loads the small object once and prints the nanoseconds that it took.
pub fn first_load(arm: &str) -> Result<()> {
    let start = Instant::now();
    match arm {
        "aya" => aya(&mut aya::EbpfLoader::new(), SMALL),
        "libbpf-rs" => libbpf(SMALL),
        "ebpf-core" => ours(&KernelSystem::new(), SMALL),
        other => bail!("no library `{other}` here"),
    }
    println!("{}", start.elapsed().as_nanos());
    Ok(())
}
