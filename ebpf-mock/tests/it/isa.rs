//! The instruction set: the vectors of `tests/isa`, on the simulated system and on the kernel.
//!
//! Each program is a function that `r1` tells of 64 bytes of memory, called from a program that hands its result out through
//! the context: so all 64 bits of it are seen.

use ebpf_core::insn::{Insn, assemble};
use ebpf_core::program::{ProgramFlags, ProgramSpec, ProgramType, RunInput, RunOutput};
use ebpf_core::system::Bindings;
use ebpf_core::{Program, System};
use ebpf_mock::MockSystem;

/// A vector.
#[derive(Debug)]
struct Vector {
    name: String,
    text: String,
    memory: Vec<u8>,
    expected: Expected,
}

#[derive(Debug)]
enum Expected {
    /// What is in r0.
    Result(u64),
    /// Kernels refuse it; what the engine says has this in it.
    Stopped(String),
    /// As [`Expected::Stopped`], but kernels allow it to privileged programs.
    StoppedHere(String),
}

const TABLES: [(&str, &str); 3] = [
    ("alu64", include_str!("../isa/alu64.txt")),
    ("alu32", include_str!("../isa/alu32.txt")),
    ("jumps", include_str!("../isa/jumps.txt")),
];

const PROGRAMS: [(&str, &str); 4] = [
    ("memory", include_str!("../isa/memory.txt")),
    ("atomics", include_str!("../isa/atomics.txt")),
    ("control", include_str!("../isa/control.txt")),
    ("wrong", include_str!("../isa/wrong.txt")),
];

fn vectors() -> Vec<Vector> {
    let mut vectors = Vec::new();
    for (file, text) in TABLES {
        for line in text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
        {
            vectors.push(row(file, line));
        }
    }
    for (file, text) in PROGRAMS {
        vectors.extend(blocks(file, text));
    }
    vectors
}

/// A row of a table: an operation, two operands, the result.
fn row(file: &str, line: &str) -> Vector {
    let parts: Vec<&str> = line.split('|').map(str::trim).collect();
    // An operation may have a `|` of its own.
    let [operation @ .., operands, result] = parts.as_slice() else {
        panic!("{file}: {line}");
    };
    let operation = operation.join("|");
    let (one, other) = operands
        .split_once(' ')
        .unwrap_or_else(|| panic!("{file}: {line}"));
    let (one, other) = (number(one), number(other));
    let operation = match operation.starts_with("if ") {
        false => operation,
        true => format!("{operation} goto taken\nr0 = 0\nexit\ntaken:\nr0 = 1"),
    };
    Vector {
        name: format!("{file}: {line}"),
        text: format!("r0 = {one:#x} ll\nr1 = {other:#x} ll\n{operation}\nexit"),
        memory: Vec::new(),
        expected: Expected::Result(number(result)),
    }
}

/// Programs, each with a name in brackets before and what is expected behind.
fn blocks<'t>(file: &'t str, text: &'t str) -> impl Iterator<Item = Vector> + 't {
    text.split("\n[").skip(1).map(move |block| {
        let (name, block) = block
            .split_once("]\n")
            .unwrap_or_else(|| panic!("{file}: {block}"));
        let mut vector = Vector {
            name: format!("{file}: {name}"),
            text: String::new(),
            memory: Vec::new(),
            expected: Expected::Result(0),
        };
        for line in block.lines() {
            if let Some(bytes) = line.strip_prefix("memory ") {
                let bytes = bytes.split(' ').map(|byte| u8::from_str_radix(byte, 16));
                vector.memory = bytes.collect::<Result<_, _>>().expect("bytes");
            } else if let Some(result) = line.strip_prefix("= ") {
                vector.expected = Expected::Result(number(result));
            } else if let Some(said) = line.strip_prefix("! ") {
                vector.expected = Expected::Stopped(said.to_owned());
            } else if line == "allowed where the program is privileged" {
                let Expected::Stopped(said) = vector.expected else {
                    panic!("{name}");
                };
                vector.expected = Expected::StoppedHere(said);
            } else {
                vector.text += line;
                vector.text.push('\n');
            }
        }
        vector
    })
}

fn number(text: &str) -> u64 {
    let text = text.trim();
    let (minus, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let value = match digits.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => digits.parse(),
    };
    let value = value.unwrap_or_else(|error| panic!("`{text}`: {error}"));
    if minus { value.wrapping_neg() } else { value }
}

/// Bytes of memory; the result comes after them.
const MEMORY: usize = 64;

fn spec(vector: &Vector) -> ProgramSpec {
    let wrapper = "r6 = r1
        call +2
        *(u64 *)(r6 + 64) = r0
        goto +0";
    let mut instructions = assemble(wrapper).expect("the wrapper");
    // The call goes to what follows the exit.
    instructions[1] = Insn::call_local(2);
    instructions[3] = Insn::exit();
    let program = assemble(&vector.text);
    instructions.extend(
        program.unwrap_or_else(|error| panic!("{}: {error}\n{}", vector.name, vector.text)),
    );
    let mut spec = ProgramSpec::new("vector", ProgramType::SYSCALL, instructions);
    spec.flags = ProgramFlags::SLEEPABLE;
    spec
}

/// What becomes of a vector: r0, or why there is none.
fn result(system: &dyn System, vector: &Vector) -> Result<u64, String> {
    let program = system
        .load_program(&spec(vector), &Bindings::default())
        .map_err(|error| error.to_string())?;
    let mut context = [0; MEMORY + 8];
    context[..vector.memory.len()].copy_from_slice(&vector.memory);
    let mut after = [0; MEMORY + 8];
    let mut output = RunOutput::none();
    output.context = &mut after;
    program
        .run(&RunInput::context(&context), &mut output)
        .map_err(|error| error.to_string())?;
    Ok(u64::from_ne_bytes(
        *after.last_chunk().expect("eight bytes"),
    ))
}

#[test]
fn vectors_on_the_simulated_system() {
    let checking = MockSystem::new();
    let running = MockSystem::builder()
        .instruction_budget(10_000)
        .static_checks(false)
        .build();
    let mut wrong = Vec::new();
    let vectors = vectors();
    for vector in &vectors {
        let system = match vector.expected {
            Expected::Result(_) => &checking,
            _ => &running,
        };
        let result = result(system, vector);
        let right = match (&vector.expected, &result) {
            (Expected::Result(expected), Ok(result)) => expected == result,
            (Expected::Stopped(said) | Expected::StoppedHere(said), Err(error)) => {
                error.contains(said)
            }
            _ => false,
        };
        if !right {
            wrong.push(format!(
                "{}: {result:#x?}, not {:#x?}",
                vector.name, vector.expected
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        vectors.len(),
        wrong.join("\n")
    );
}

#[cfg(target_os = "linux")]
#[test]
fn vectors_on_the_kernel() {
    if !ebpf_testbed::require("kernel") {
        return;
    }
    let system = ebpf_core::KernelSystem::new();
    let mut wrong = Vec::new();
    for vector in vectors() {
        let result = result(&system, &vector);
        let right = match (&vector.expected, &result) {
            (Expected::Result(expected), Ok(result)) => expected == result,
            (Expected::Stopped(_), result) => result.is_err(),
            (Expected::StoppedHere(_), _) => true,
            _ => false,
        };
        if !right {
            wrong.push(format!(
                "{}: {result:x?}, not {:x?}",
                vector.name, vector.expected
            ));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
