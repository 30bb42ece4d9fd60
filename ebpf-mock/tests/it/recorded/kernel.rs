//! The kernel is asked, whether it still says what it said, or anew.

use ebpf_core::insn::{AtomicOp, Insn, Size};
use ebpf_core::program::{ProgramType, Referent};
use ebpf_core::system::KernelVersion;
use ebpf_core::{KernelSystem, System};
use ebpf_testbed::require;

use super::file::{Recorded, decode, encode};
use super::run::{Said, run};
use super::{RECORDED, difference};
use crate::random::Random;
use crate::{random_helpers, random_programs};

/// Random programs, inputs of each, and random calls of helpers.
const PROGRAMS: u64 = 500;
const INPUTS: usize = 2;
const CALLS: u64 = 400;

/// Since when kernels say what was recorded.
const SINCE: KernelVersion = KernelVersion::new(6, 18, 0);

/// Bytes of the value that programs with helpers have, and where memory for helpers begins in it.
const VALUE: usize = 1024;
const MEMORY: usize = 512;

/// Programs and what they are to be run on; what the kernel says is still missing.
fn questions() -> Vec<Recorded> {
    let unknown = Said {
        result: Ok((0, 0)),
        packet: Vec::new(),
        context: Vec::new(),
        value: Vec::new(),
        queue: Vec::new(),
    };
    let mut all = Vec::new();
    for seed in 0..PROGRAMS {
        let (insns, inputs) = random_programs::sample(0x5eed_0000 + seed, INPUTS);
        // Kernels of x86-64 may leave the upper half of r0 alone there: see what is known of random programs.
        let is_unsure = |insn: &Insn| {
            *insn == Insn::atomic(AtomicOp::CMPXCHG, Size::W, insn.dst, insn.off, insn.src)
        };
        if insns.iter().any(is_unsure) {
            continue;
        }
        all.extend(inputs.into_iter().map(|input| Recorded {
            program_type: ProgramType::SYSCALL,
            insns: insns.clone(),
            references: Vec::new(),
            input,
            value: Vec::new(),
            said: unknown.clone(),
        }));
    }
    for seed in 0..CALLS {
        let spec = random_helpers::sample(0xca11_0000 + seed);
        let references = spec.references.iter().filter_map(|reference| {
            let Referent::Map { map } = reference.referent else {
                return None;
            };
            Some((reference.instruction, map as u32))
        });
        let mut random = Random::new(seed);
        all.push(Recorded {
            program_type: spec.program_type,
            references: references.collect(),
            input: match spec.program_type {
                ProgramType::SYSCALL => vec![0; 8],
                _ => frame(&mut random),
            },
            value: value(&mut random),
            insns: spec.instructions,
            said: unknown.clone(),
        });
    }
    all
}

/// Memory for helpers: numbers as text, then bytes that repeat, which take no room in the file.
fn value(random: &mut Random) -> Vec<u8> {
    let texts = [
        "-42",
        "0x1f",
        " 77 ",
        "017",
        "18446744073709551616",
        "abc",
        "+1",
    ];
    let mut value = vec![0; VALUE];
    let step = random.number() as u8 | 1;
    for (at, byte) in value[MEMORY..].iter_mut().enumerate() {
        *byte = (at as u8).wrapping_mul(step);
    }
    let text = random.one_of(&texts).as_bytes();
    value[MEMORY..MEMORY + text.len()].copy_from_slice(text);
    value[MEMORY + text.len()] = 0;
    value
}

/// A frame of IP, with a tag, or of neither.
fn frame(random: &mut Random) -> Vec<u8> {
    let length = random.one_of(&[14, 34, 42, 54, 60, 100, 300]);
    let mut frame: Vec<u8> = (0..length).map(|at: usize| at as u8).collect();
    frame[..12].copy_from_slice(&[0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1]);
    let protocol = random.one_of(&[[8, 0], [8, 0], [0x86, 0xdd], [0x81, 0], [0x12, 0x34]]);
    frame[12..14].copy_from_slice(&protocol);
    if protocol == [8, 0] && length >= 34 {
        frame[14] = 0x45;
        frame[23] = random.one_of(&[6, 17, 1]);
    }
    if protocol == [0x81, 0] && length >= 34 {
        frame[16..19].copy_from_slice(&[8, 0, 0x45]);
    }
    frame
}

#[test]
fn a_kernel_still_says_so() {
    if !require("kernel") {
        return;
    }
    let kernel = KernelSystem::new();
    if std::env::var_os("EBPF_BLESS").is_some() {
        return record(&kernel);
    }
    let all = decode(RECORDED);
    let (mut refused, mut wrong) = (0, Vec::new());
    for recorded in &all {
        match run(&kernel, recorded) {
            Ok(said) if said == recorded.said => {}
            Ok(said) => wrong.push(difference(recorded, &Ok(said))),
            // One that is older, or has another verifier.
            Err(_) => refused += 1,
        }
    }
    println!(
        "{} runs, {refused} refused, {} differ",
        all.len(),
        wrong.len()
    );
    let release = kernel.facts().release();
    if release.is_ok_and(|release| release < SINCE) {
        return;
    }
    wrong.truncate(5);
    assert!(wrong.is_empty(), "{}", wrong.join("\n----\n"));
    assert!(
        refused * 10 < all.len(),
        "{refused} of {} are refused",
        all.len()
    );
}

/// Asks the kernel, and writes down what it says.
fn record(kernel: &KernelSystem) {
    let mut all = questions();
    all.retain_mut(|recorded| match run(kernel, recorded) {
        Ok(said) => {
            recorded.said = said;
            true
        }
        Err(_) => false,
    });
    let file = encode(&all);
    println!("{} runs in {} bytes", all.len(), file.len());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/kernel/recorded.bin");
    std::fs::write(path, file).expect("written");
}
