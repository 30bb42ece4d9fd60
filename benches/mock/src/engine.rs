//! Programs: loops of arithmetic, of copies and of parsing, packets one by one, and the way from a program to its first
//! result.

use std::hint::black_box;
use std::sync::Arc;

use anyhow::{Result, anyhow, ensure};
use ebpf_core::codec::Endian;
use ebpf_core::insn::{assemble, encode};
use ebpf_core::program::{Program, ProgramSpec, ProgramType, RunInput, RunOutput};
use ebpf_core::system::Bindings;
use ebpf_core::{KernelSystem, System};
use ebpf_mock::MockSystem;
use rbpf::EbpfVmRaw;

use crate::harness::{Arm, compare_by};
use crate::own_time;

/// A loop: r2 is the packet's start, r3 its end.
struct Loop {
    title: &'static str,
    text: &'static str,
    /// Runs of a measurement.
    runs: u64,
}

const LOOPS: [Loop; 3] = [
    Loop {
        title: "arithmetic, one instruction",
        text: "r0 = 0
            r4 = 1000
        again:
            r0 += r4
            r0 *= 3
            r0 ^= r4
            w5 = w0
            r5 >>= 3
            r0 += r5
            r4 -= 1
            if r4 != 0 goto again
            w0 = w0
            exit",
        runs: 200,
    },
    Loop {
        title: "512 bytes copied one by one, one instruction",
        text: "r0 = 0
            r4 = r2
            r4 += 1024
            if r4 > r3 goto out
            r7 = r2
            r7 += 512
            r4 = 512
        again:
            r5 = *(u8 *)(r2 + 0)
            *(u8 *)(r7 + 0) = r5
            r2 += 1
            r7 += 1
            r4 -= 1
            if r4 != 0 goto again
            r0 = r5
        out:
            exit",
        runs: 500,
    },
    Loop {
        title: "Ethernet, IPv4 and UDP headers read 50 times, one instruction",
        text: "r1 = 50
        again:
            r0 = 0
            r4 = r2
            r4 += 42
            if r4 > r3 goto out
            r5 = *(u16 *)(r2 + 12)
            r5 = be16 r5
            if r5 != 0x800 goto out
            r5 = *(u8 *)(r2 + 14)
            r6 = r5
            r6 >>= 4
            if r6 != 4 goto out
            r5 &= 15
            if r5 != 5 goto out
            r5 = *(u8 *)(r2 + 23)
            if r5 != 17 goto out
            r6 = *(u32 *)(r2 + 26)
            r7 = *(u32 *)(r2 + 30)
            r6 ^= r7
            *(u64 *)(r10 - 8) = r6
            r8 = *(u16 *)(r2 + 34)
            r8 = be16 r8
            r9 = *(u16 *)(r2 + 36)
            r9 = be16 r9
            *(u16 *)(r10 - 16) = r8
            *(u16 *)(r10 - 14) = r9
            r5 = *(u16 *)(r2 + 38)
            r5 = be16 r5
            if r5 < 8 goto out
            r0 = *(u16 *)(r10 - 16)
            r4 = *(u16 *)(r10 - 14)
            r0 += r4
            r4 = *(u64 *)(r10 - 8)
            r0 ^= r4
            r1 -= 1
            if r1 != 0 goto again
            r0 &= 0xffff
        out:
            exit",
        runs: 500,
    },
];

/// 50 instructions, without a loop: what comes of a packet that is given whole.
const HEADERS: &str = "r0 = 2
        r4 = r2
        r4 += 42
        if r4 > r3 goto out
        r0 = 1
        r5 = *(u16 *)(r2 + 12)
        r5 = be16 r5
        if r5 != 0x800 goto out
        r5 = *(u8 *)(r2 + 14)
        r6 = r5
        r6 >>= 4
        if r6 != 4 goto out
        r5 &= 15
        if r5 != 5 goto out
        r5 = *(u8 *)(r2 + 22)
        if r5 < 2 goto out
        r5 = *(u8 *)(r2 + 23)
        if r5 != 17 goto out
        r6 = *(u32 *)(r2 + 26)
        r6 = be32 r6
        r7 = *(u32 *)(r2 + 30)
        r7 = be32 r7
        *(u32 *)(r10 - 8) = r6
        *(u32 *)(r10 - 4) = r7
        r8 = *(u16 *)(r2 + 34)
        r8 = be16 r8
        if r8 < 1024 goto out
        r9 = *(u16 *)(r2 + 36)
        r9 = be16 r9
        *(u16 *)(r10 - 16) = r8
        *(u16 *)(r10 - 14) = r9
        r5 = *(u16 *)(r2 + 38)
        r5 = be16 r5
        if r5 < 8 goto out
        r4 = *(u64 *)(r10 - 8)
        r5 = r4
        r5 >>= 29
        r4 ^= r5
        r4 *= 31
        r5 = *(u32 *)(r10 - 16)
        r4 += r5
        r5 = r4
        r5 >>= 32
        r4 ^= r5
        r4 &= 1
        r0 = 2
        r0 -= r4
    out:
        exit";

/// Finds the packet in a `struct __sk_buff`.
const IN_BUFFER: &str = "r2 = *(u32 *)(r1 + 76)\nr3 = *(u32 *)(r1 + 80)\n";

/// Finds the packet in a `struct xdp_md`.
const IN_XDP: &str = "r2 = *(u32 *)(r1 + 0)\nr3 = *(u32 *)(r1 + 4)\n";

/// Bytes of a packet.
const LENGTH: usize = 1100;

/// Packets of a measurement.
const PACKETS: u64 = 100;

pub fn run(rounds: usize, only: &str) -> Result<()> {
    if cfg!(debug_assertions) {
        println!("without optimisation");
    }
    for case in LOOPS.iter().filter(|case| case.title.contains(only)) {
        repeat(case, rounds)?;
    }
    for (title, case) in [
        (
            "100 packets, one by one: each",
            packets as fn(&str, usize) -> Result<()>,
        ),
        ("the first result of a program of 50 instructions", first),
    ] {
        if title.contains(only) {
            case(title, rounds)?;
        }
    }
    Ok(())
}

fn packet(length: usize) -> Vec<u8> {
    let mut packet = vec![0; length];
    packet[12..15].copy_from_slice(&[0x08, 0x00, 0x45]);
    packet[22..24].copy_from_slice(&[64, 17]);
    packet[26..34].copy_from_slice(&[10, 0, 0, 1, 10, 0, 0, 2]);
    packet[34..40].copy_from_slice(&[0x12, 0x34, 0x00, 0x35, 0x00, 0x20]);
    packet
}

/// A system on which programs are checked and covered.
fn covering() -> MockSystem {
    MockSystem::builder().coverage().build()
}

fn spec(program_type: ProgramType, start: &str, text: &str) -> Result<ProgramSpec> {
    let instructions = assemble(&format!("{start}{text}"))?;
    Ok(ProgramSpec::new("case", program_type, instructions))
}

fn load(system: &dyn System, spec: &ProgramSpec) -> Result<Arc<dyn Program>> {
    Ok(system.load_program(spec, &Bindings::default())?)
}

/// The program for an interpreter that gives it the packet in r1, of a length that it has to know.
fn bytes(text: &str, length: usize) -> Result<Vec<u8>> {
    let start = format!("r2 = r1\nr3 = r1\nr3 += {length}\n");
    Ok(encode(
        &assemble(&format!("{start}{text}"))?,
        Endian::Little,
    ))
}

fn interpreter(code: &[u8]) -> Result<EbpfVmRaw<'_>> {
    EbpfVmRaw::new(Some(code)).map_err(|error| anyhow!("rbpf: {error}"))
}

fn interpret(interpreter: &EbpfVmRaw<'_>, memory: &mut [u8]) -> Result<u64> {
    let result = interpreter.execute_program(memory);
    result.map_err(|error| anyhow!("rbpf: {error}"))
}

/// An interpreter of loops, and the systems.
fn repeat(case: &Loop, rounds: usize) -> Result<()> {
    let code = bytes(case.text, LENGTH)?;
    let interpreter = interpreter(&code)?;
    let spec = spec(ProgramType::SCHED_CLS, IN_BUFFER, case.text)?;
    let mock = load(&MockSystem::new(), &spec)?;
    let covered = load(&covering(), &spec)?;
    let kernel = load(&KernelSystem::new(), &spec)?;
    let packet = packet(LENGTH);
    let mut memory = packet.clone();
    let expected = interpret(&interpreter, &mut memory)?;
    for program in [&mock, &covered, &kernel] {
        let result = program.run(&RunInput::data(&packet), &mut RunOutput::none())?;
        let got = result.return_value;
        ensure!(
            u64::from(got) == expected,
            "{}: {got} is not {expected}",
            case.title
        );
    }
    // A nanosecond is an instruction there.
    let instructions = mock
        .run(&RunInput::data(&packet), &mut RunOutput::none())?
        .duration
        .as_nanos() as u64;
    let repeated = |program: Arc<dyn Program>| {
        let packet = &packet;
        move |times: u64| {
            let input = RunInput::data(packet).repeat(times as u32);
            let _ = black_box(program.run(&input, &mut RunOutput::none()));
        }
    };
    let arms = vec![
        Arm::new("rbpf, interpreter", |times| {
            for _ in 0..times {
                let _ = black_box(interpreter.execute_program(&mut memory));
            }
        }),
        Arm::new("ebpf-mock", repeated(mock)),
        Arm::new("ebpf-mock, with coverage", repeated(covered)),
        Arm::new("the kernel, compiled", repeated(kernel)),
    ];
    let medians = compare_by(own_time, case.title, rounds, case.runs, instructions, arms);
    let rates: Vec<String> = medians
        .iter()
        .map(|time| format!("{:.0}", 1e3 / time))
        .collect();
    println!(
        "  {:<34} {}",
        "million instructions a second",
        rates.join(", ")
    );
    Ok(())
}

/// Packets of all sizes, each run on its own.
fn packets(title: &str, rounds: usize) -> Result<()> {
    let packets: Vec<Vec<u8>> = (0..PACKETS as usize)
        .map(|index| packet(60 + index * 14))
        .collect();
    let code = bytes(HEADERS, 60)?;
    let interpreter = interpreter(&code)?;
    let spec = spec(ProgramType::XDP, IN_XDP, HEADERS)?;
    let run = |program: Arc<dyn Program>| {
        let packets = &packets;
        move |times: u64| {
            for _ in 0..times {
                for packet in packets {
                    let _ = black_box(program.run(&RunInput::data(packet), &mut RunOutput::none()));
                }
            }
        }
    };
    let mut memory = packets.clone();
    let arms = vec![
        Arm::new("rbpf, interpreter", |times| {
            for _ in 0..times {
                for packet in &mut memory {
                    let _ = black_box(interpreter.execute_program(packet));
                }
            }
        }),
        Arm::new("ebpf-mock", run(load(&MockSystem::new(), &spec)?)),
        Arm::new("ebpf-mock, with coverage", run(load(&covering(), &spec)?)),
        Arm::new(
            "the kernel, compiled",
            run(load(&KernelSystem::new(), &spec)?),
        ),
    ];
    let medians = compare_by(own_time, title, rounds, 50, PACKETS, arms);
    let rates: Vec<String> = medians
        .iter()
        .map(|time| format!("{:.2}", 1e3 / time))
        .collect();
    println!("  {:<34} {}", "million packets a second", rates.join(", "));
    Ok(())
}

/// From instructions to what comes of them, loading and all.
fn first(title: &str, rounds: usize) -> Result<()> {
    let (code, packet) = (bytes(HEADERS, 60)?, packet(60));
    let spec = spec(ProgramType::XDP, IN_XDP, HEADERS)?;
    ensure!(
        spec.instructions.len() == 50,
        "{} instructions",
        spec.instructions.len()
    );
    let mut memory = packet.clone();
    let loaded = |system: Box<dyn System>| {
        let (spec, packet) = (&spec, &packet);
        move |times: u64| {
            for _ in 0..times {
                if let Ok(program) = system.load_program(spec, &Bindings::default()) {
                    let _ = black_box(program.run(&RunInput::data(packet), &mut RunOutput::none()));
                }
            }
        }
    };
    let unchecked = MockSystem::builder().static_checks(false).build();
    let arms = vec![
        Arm::new("rbpf, interpreter", |times| {
            for _ in 0..times {
                if let Ok(interpreter) = EbpfVmRaw::new(Some(&code)) {
                    let _ = black_box(interpreter.execute_program(&mut memory));
                }
            }
        }),
        Arm::new("ebpf-mock", loaded(Box::new(MockSystem::new()))),
        Arm::new(
            "ebpf-mock, without static checks",
            loaded(Box::new(unchecked)),
        ),
        Arm::new(
            "the kernel, compiled",
            loaded(Box::new(KernelSystem::new())),
        ),
    ];
    compare_by(own_time, title, rounds, 200, 1, arms);
    Ok(())
}
