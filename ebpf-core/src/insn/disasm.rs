//! Programs as text, in the C-like syntax of the kernel's log and of `llvm-objdump`.
//!
//! [`disassemble`] prints a whole program with labels, helper names and what [`Annotations`] know of it. What it prints is
//! read back by [`assemble`](super::assemble) into the same instructions.

use core::fmt;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::{DecodeError, Insn, Step, helper_name, is_name, walk};
use crate::codec::Endian;

/// What is known about a program beyond its instructions. Keys are slots.
#[derive(Clone, Debug, Default)]
pub struct Annotations<'a> {
    /// Names of the functions that start at a slot: printed as labels and at calls.
    pub functions: BTreeMap<usize, Cow<'a, str>>,
    /// What an instruction refers to (a map, a variable, a kernel function): printed behind it as a comment.
    pub references: BTreeMap<usize, Cow<'a, str>>,
    /// The source lines that start at a slot: printed as comments before it.
    pub lines: BTreeMap<usize, SourceLine<'a>>,
}

/// A line of the source a program was compiled from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceLine<'a> {
    /// Name of the file, as the compiler was given it.
    pub file: Cow<'a, str>,
    /// Number of the line, from 1.
    pub line: u32,
    /// The line itself; may be empty.
    pub text: Cow<'a, str>,
}

/// The text of a program: one instruction a line, with its slot in front.
///
/// Slots that are no valid instruction are printed as `.insn` and their eight little-endian bytes, with the reason behind.
///
/// ```
/// use ebpf_core::insn::{Annotations, Insn, Reg, disassemble};
///
/// let program = [Insn::call_helper(5), Insn::mov_imm(Reg::R0, 2), Insn::exit()];
/// assert_eq!(
///     disassemble(&program, &Annotations::default()).to_string(),
///     "   0: call bpf_ktime_get_ns#5\n   1: r0 = 2\n   2: exit\n"
/// );
/// ```
#[must_use]
pub fn disassemble<'a>(insns: &'a [Insn], annotations: &'a Annotations<'a>) -> Disassembly<'a> {
    Disassembly {
        insns,
        annotations,
        labels: labels(insns, annotations),
    }
}

/// A program that [`Display`](fmt::Display)s as text: see [`disassemble`].
#[derive(Clone, Debug)]
pub struct Disassembly<'a> {
    insns: &'a [Insn],
    annotations: &'a Annotations<'a>,
    labels: BTreeMap<usize, String>,
}

/// A label for every slot that is the start of a function or the target of a jump.
fn labels(insns: &[Insn], annotations: &Annotations<'_>) -> BTreeMap<usize, String> {
    let steps: Vec<Step> = walk(insns).map_while(Result::ok).collect();
    let starts: BTreeSet<usize> = steps.iter().map(|step| step.index).collect();
    let targets = steps
        .iter()
        .filter(|step| step.operation().is_ok())
        .flat_map(|step| {
            [
                step.insn.jump_target(step.index).map(|slot| (slot, 'L')),
                step.insn.func_target(step.index).map(|slot| (slot, 'F')),
            ]
        });
    let mut labels = BTreeMap::new();
    let mut used = BTreeSet::new();
    for (&slot, name) in &annotations.functions {
        let generated = format!("F{slot}");
        let name = if is_name(name) && !is_generated(name) && used.insert(name.as_ref()) {
            name.to_string()
        } else {
            generated
        };
        if starts.contains(&slot) {
            labels.insert(slot, name);
        }
    }
    for (slot, letter) in targets.flatten() {
        if starts.contains(&slot) {
            labels
                .entry(slot)
                .or_insert_with(|| format!("{letter}{slot}"));
        }
    }
    labels
}

/// Whether `name` looks like a label made here.
fn is_generated(name: &str) -> bool {
    name.strip_prefix(['L', 'F'])
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

impl fmt::Display for Disassembly<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in walk(self.insns) {
            match step {
                Ok(step) => self.step(f, step)?,
                Err(DecodeError::TruncatedWide { index }) => {
                    let insn = self.insns.get(index).copied().unwrap_or(Insn::exit());
                    self.step(
                        f,
                        Step {
                            index,
                            insn,
                            second: None,
                        },
                    )?;
                }
                Err(error) => writeln!(f, "; {error}")?,
            }
        }
        Ok(())
    }
}

impl Disassembly<'_> {
    /// The lines of one instruction.
    fn step(&self, f: &mut fmt::Formatter<'_>, step: Step) -> fmt::Result {
        let Step {
            index,
            insn,
            second,
        } = step;
        let notes = self.annotations;
        if let Some(label) = self.labels.get(&index) {
            write!(f, "{label}:")?;
            match notes.functions.get(&index) {
                Some(name) if name != label => writeln!(f, " ; {}", OneLine(name))?,
                _ => writeln!(f)?,
            }
        }
        if let Some(line) = notes.lines.get(&index) {
            writeln!(
                f,
                "; {}:{}: {}",
                OneLine(&line.file),
                line.line,
                OneLine(line.text.trim())
            )?;
        }
        match step.operation() {
            Ok(operation) => {
                write!(f, "{index:4}: ")?;
                operation.write(f, self.target(step).as_deref())?;
                if let Some(reference) = notes.references.get(&index) {
                    write!(f, " ; {}", OneLine(reference))?;
                }
                writeln!(f)
            }
            Err(reason) => {
                writeln!(f, "{index:4}: {} ; {reason}", Raw(insn))?;
                if let Some(second) = second {
                    writeln!(f, "{:4}: {}", index + 1, Raw(second))?;
                }
                Ok(())
            }
        }
    }

    /// The name of what an instruction jumps to or calls.
    fn target(&self, step: Step) -> Option<Cow<'_, str>> {
        let Step { index, insn, .. } = step;
        if let Some(id) = insn.is_call_helper() {
            return Some(format!("{}#{id}", helper_name(id)?).into());
        }
        let slot = insn
            .jump_target(index)
            .or_else(|| insn.func_target(index))?;
        self.labels.get(&slot).map(|label| label.as_str().into())
    }
}

/// Text from outside, with what would break the line taken out.
struct OneLine<'a>(&'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        self.0
            .chars()
            .try_for_each(|c| f.write_char(if c.is_control() { ' ' } else { c }))
    }
}

/// A slot as bytes.
struct Raw(Insn);

impl fmt::Display for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(".insn")?;
        self.0
            .to_bytes(Endian::Little)
            .iter()
            .try_for_each(|byte| write!(f, " {byte:02x}"))
    }
}

impl fmt::Display for Step {
    /// The operation, or `.insn`, the bytes and the reason why they are none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.operation() {
            Ok(operation) => operation.write(f, None),
            Err(reason) => write!(f, "{} ; {reason}", Raw(self.insn)),
        }
    }
}
