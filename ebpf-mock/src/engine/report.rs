//! What is told of a program that was stopped: the place in the source, the instruction, the registers it used and where
//! their values came from, the calls, the instructions before.

use std::fmt::Write;
use std::sync::Arc;

use ebpf_core::insn::{Operation, Step, helper_name};
use ebpf_core::program::ProgramSpec;

use super::code::{Code, Kind, Link};
use super::fault::{Call, Origin, Position};
use super::run::{HISTORY, Run};

/// How many of the instructions before are told.
const BEFORE: usize = 8;

/// How many steps of a value's way are told.
const STEPS: usize = 8;

/// The text of an instruction.
pub(super) fn instruction(spec: &ProgramSpec, at: usize) -> String {
    let operation = operation(spec, at);
    match operation {
        Some(Operation::CallHelper { id }) => match helper_name(id) {
            Some(name) => format!("call bpf_{}#{id}", name.trim_start_matches("bpf_")),
            None => format!("call {id}"),
        },
        Some(operation) => operation.to_string(),
        None => "no valid instruction".to_owned(),
    }
}

fn operation(spec: &ProgramSpec, at: usize) -> Option<Operation> {
    let insn = *spec.instructions.get(at)?;
    let second = if insn.is_wide() {
        spec.instructions.get(at + 1).copied()
    } else {
        None
    };
    let step = Step {
        index: at,
        insn,
        second,
    };
    step.operation().ok()
}

/// Where in the source an instruction comes from.
pub(super) fn position(spec: &ProgramSpec, at: usize) -> Option<Position> {
    let after = spec
        .lines
        .partition_point(|line| line.instruction as usize <= at);
    let line = spec.lines.get(after.checked_sub(1)?)?;
    let btf = spec.btf.as_ref()?;
    Some(Position {
        file: btf.string(line.file_name)?.into(),
        line: line.line,
        column: line.column,
        text: btf.string(line.text).unwrap_or_default().into(),
    })
}

/// The name of the function that an instruction is in.
pub(super) fn function(code: &Code, at: usize) -> Arc<str> {
    let function = code
        .function_at(at)
        .and_then(|index| code.spec.functions.get(index));
    function.map_or_else(
        || code.spec.name.as_str().into(),
        |function| function.name.clone(),
    )
}

impl Run {
    /// The calls that led to the instruction, the innermost first.
    pub(super) fn calls(&self) -> Vec<Call> {
        let frames = self.frames.iter().rev();
        let mut code = self.code.clone();
        let mut calls = Vec::new();
        for frame in frames {
            if let Some((left, _)) = &frame.code {
                code = left.clone();
            }
            let at = frame.back.saturating_sub(1);
            calls.push(Call {
                function: function(&code, at),
                instruction: at,
                position: position(&code.spec, at),
            });
        }
        calls
    }

    /// The instructions before this one, the last first.
    fn before(&self) -> impl Iterator<Item = usize> + '_ {
        let known = self.turn.min(HISTORY);
        let stretches = (1..=known).map(|back| {
            let (first, last) = self.history[self.turn.wrapping_sub(back) & (HISTORY - 1)];
            (first as usize, last as usize)
        });
        let now = self
            .pc
            .checked_sub(1)
            .filter(|last| self.start <= *last)
            .map(|last| (self.start, last));
        let all = now.into_iter().chain(stretches);
        all.flat_map(|(first, last)| (first..=last).rev())
            .filter(|at| {
                self.code
                    .ops
                    .get(*at)
                    .is_some_and(|op| !self.is_hole(*at, op.kind))
            })
    }

    fn is_hole(&self, at: usize, kind: Kind) -> bool {
        let before = at
            .checked_sub(1)
            .and_then(|before| self.code.ops.get(before));
        kind == Kind::Bad
            && before.is_some_and(|before| matches!(before.kind, Kind::Wide | Kind::LoadLink))
    }

    /// The last instructions, in their order, this one not included.
    pub(super) fn last_instructions(&self) -> Vec<usize> {
        let mut last: Vec<usize> = self.before().take(BEFORE).collect();
        last.reverse();
        last
    }

    /// The registers that the instruction used as pointers or arguments, with where their values came from.
    pub(super) fn origins(&self) -> Vec<Origin> {
        let Some(op) = self.code.ops.get(self.pc) else {
            return Vec::new();
        };
        let reads = op.reads();
        let registers = (0..=10u8).filter(|register| reads >> register & 1 != 0);
        let origins = registers.map(|register| Origin {
            register,
            value: self.describe(self.registers[usize::from(register)]),
            steps: self.way_of(register),
        });
        origins.collect()
    }

    /// A value, as what it points to.
    fn describe(&self, value: u64) -> String {
        match self.memory.place(value) {
            Some((place, 0)) => place.to_string(),
            Some((place, offset)) => format!("{place} {offset:+}"),
            None if value == 0 => "0 (NULL)".to_owned(),
            None => format!("{value} ({value:#x})"),
        }
    }

    /// How a register came to its value: instructions and what they did, the last first.
    fn way_of(&self, register: u8) -> Vec<String> {
        let mut wanted = register;
        let mut inner = 0u32;
        let mut steps = Vec::new();
        for at in self.before() {
            let Some(op) = self.code.ops.get(at) else {
                break;
            };
            // What functions that returned did to registers that they keep for their callers does not count.
            match op.kind {
                Kind::Exit if wanted >= 6 => {
                    inner += 1;
                    continue;
                }
                Kind::CallLocal if inner > 0 => {
                    inner -= 1;
                    continue;
                }
                Kind::CallLocal if wanted >= 6 => break,
                _ if inner > 0 => continue,
                _ => {}
            }
            if op.after(0) >> wanted & 1 == 0 {
                if matches!(op.kind, Kind::CallHelper | Kind::CallKfunc) && (1..6).contains(&wanted)
                {
                    steps.push(self.step(at, "which leaves no value in r1 to r5"));
                    break;
                }
                continue;
            }
            let (said, next) = match op.kind {
                Kind::MovR | Kind::MovR32 => (String::new(), Some(op.src)),
                Kind::CallHelper => ("returned it".to_owned(), None),
                Kind::CallKfunc => ("returned it".to_owned(), None),
                Kind::CallLocal => continue,
                Kind::LoadLink => (self.linked_name(op.imm), None),
                Kind::AddI | Kind::AddR | Kind::SubI | Kind::SubR => (String::new(), Some(op.dst)),
                _ => (String::new(), None),
            };
            steps.push(self.step(at, &said));
            match next {
                Some(next) if steps.len() < STEPS => wanted = next,
                _ => break,
            }
        }
        steps
    }

    fn linked_name(&self, link: u64) -> String {
        let link = self.code.links.get(link as usize);
        let name = |map: usize| self.code.maps.get(map).map(|map| map.info.name.clone());
        match link {
            Some(Link::Map { map }) => name(*map).map(|name| format!("the map `{name}`")),
            Some(Link::Value { map, offset }) => {
                name(*map).map(|name| format!("byte {offset} of the global data in `{name}`"))
            }
            None => None,
        }
        .unwrap_or_default()
    }

    fn step(&self, at: usize, said: &str) -> String {
        let mut step = format!("{at}: {}", instruction(&self.code.spec, at));
        if !said.is_empty() {
            let _ = write!(step, ": {said}");
        }
        if let Some(position) = position(&self.code.spec, at) {
            let _ = write!(step, " ({}:{})", position.file, position.line);
        }
        step
    }
}
