//! Loading objects: the kernel's own share, aya, libbpf-rs and ours.

use std::hint::black_box;
use std::num::NonZeroUsize;
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

/// The calls that cannot be avoided, prepared beforehand: create each map, load each program.
fn kernel_share(object: &ObjectSpec) {
    use std::os::fd::AsRawFd;
    let maps: Vec<_> = object
        .maps
        .iter()
        .map(|map| {
            raw::create_map(
                map.map_type.0,
                map.key_size,
                map.value_size,
                map.max_entries,
                map.flags.0,
            )
        })
        .collect();
    let by_name = |name: &str| {
        object
            .maps
            .iter()
            .position(|map| map.name == name)
            .expect("a map of the object")
    };
    for program in &object.programs {
        let mut code = program.instructions.clone();
        for reference in &program.references {
            let Referent::Map { map } = reference.referent else {
                panic!("these objects refer to maps only")
            };
            let at = &mut code[reference.instruction as usize];
            at.imm = maps[by_name(&program.maps[map])].as_raw_fd();
            at.src = insn::Reg::new(1).expect("BPF_PSEUDO_MAP_FD");
        }
        let bytes = insn::encode(&code, ebpf_core::codec::Endian::NATIVE);
        let attach_type = program
            .expected_attach_type
            .map_or(0, |attach_type| attach_type.0);
        black_box(raw::load_program(
            program.program_type.0,
            attach_type,
            &bytes,
            b"Dual MIT/GPL\0",
        ));
    }
}

fn aya(bytes: &[u8]) {
    let mut object = aya::EbpfLoader::new().load(bytes).unwrap();
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
    let small = ObjectSpec::parse(SMALL)?;
    compare(
        "load: a small XDP object, warm",
        rounds,
        200,
        1,
        vec![
            Arm::new("the kernel's own share", |n| {
                (0..n).for_each(|_| kernel_share(&small))
            }),
            Arm::new("aya", |n| (0..n).for_each(|_| aya(SMALL))),
            Arm::new("libbpf-rs", |n| (0..n).for_each(|_| libbpf(SMALL))),
            Arm::new("ebpf-core", |n| (0..n).for_each(|_| ours(&system, SMALL))),
        ],
    );
    let many = ObjectSpec::parse(MANY)?;
    compare(
        "load: 50 programs, 20 maps",
        rounds.min(7),
        1,
        1,
        vec![
            Arm::new("the kernel's own share", |n| {
                (0..n).for_each(|_| kernel_share(&many))
            }),
            Arm::new("aya", |n| (0..n).for_each(|_| aya(MANY))),
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
        "aya" => aya(SMALL),
        "libbpf-rs" => libbpf(SMALL),
        "ebpf-core" => ours(&KernelSystem::new(), SMALL),
        other => bail!("no library `{other}` here"),
    }
    println!("{}", start.elapsed().as_nanos());
    Ok(())
}
