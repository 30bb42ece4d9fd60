//! The functions of a program, where its jumps lead, and that everything is reached: `add_subprog_and_kfunc()`,
//! `check_subprogs()` and `check_cfg()` in kernel/bpf/verifier.c.

use std::ops::Range;

use ebpf_core::Errno;
use ebpf_core::btf::{Kind, TypeId};
use ebpf_core::insn::{CallKind, Class, Insn, Mode, Opcode};
use ebpf_core::program::{Reference, is_gpl_compatible};

use super::{Refusal, Subject};
use crate::privileges::Privileges;
use crate::program::load::types::Types;

/// The most functions that a program has.
const MOST: usize = 256;

const TAIL_CALL: u32 = 12;

/// Where the functions of a program begin, ascending; the first one is the program itself.
#[derive(Debug)]
pub(crate) struct Functions {
    starts: Vec<usize>,
    length: usize,
}

/// Where an instruction leads besides the next one.
pub(super) fn jump_target(insn: Insn, at: usize) -> Option<usize> {
    let distance = match insn.code {
        Opcode::CALL | Opcode::EXIT => return None,
        Opcode::GOTOL => i64::from(insn.imm),
        code if code.is_jmp() => i64::from(insn.off),
        _ => return None,
    };
    usize::try_from(at as i64 + 1 + distance).ok()
}

/// Where the function begins that an instruction calls or takes the address of.
pub(super) fn called(insn: Insn, at: usize) -> Option<i64> {
    (insn.is_call_local() || insn.is_func_ref()).then(|| at as i64 + 1 + i64::from(insn.imm))
}

/// Whether an instruction never leads to the next one.
pub(super) fn ends_block(insn: Insn) -> bool {
    matches!(insn.code, Opcode::EXIT | Opcode::GOTO | Opcode::GOTOL)
}

impl Functions {
    pub(super) fn find(subject: &Subject<'_>) -> Result<Functions, Refusal> {
        let length = subject.instructions().len();
        let mut starts = vec![0];
        for (at, insn) in subject.instructions().iter().enumerate() {
            let kernel = insn.call_kind() == Some(CallKind::KFUNC);
            let called = called(*insn, at);
            let other = kernel || called.is_some();
            if other && !subject.kernel.machine.privileges.include(Privileges::BPF) {
                return Err(unprivileged());
            }
            if kernel {
                check_kernel_function(subject, at, *insn)?;
            }
            let Some(start) = called else {
                continue;
            };
            let start = usize::try_from(start).ok().filter(|start| *start < length);
            let Some(start) = start else {
                return Err(Refusal::new(Errno::EINVAL, "call to invalid destination"));
            };
            if let Err(place) = starts.binary_search(&start) {
                if starts.len() >= MOST {
                    return Err(Refusal::new(Errno::E2BIG, "too many subprograms"));
                }
                starts.insert(place, start);
            }
        }
        let functions = Functions { starts, length };
        for function in functions.all() {
            check_jumps(subject, function)?;
        }
        let typed = |types: &Types<'_>| !types.functions.is_empty() || !types.lines.is_empty();
        if !subject.types.is_some_and(typed) {
            functions.check_plain(subject)?;
        }
        Ok(functions)
    }

    /// Refuses what returns from the whole program in functions whose types are not known.
    fn check_plain(&self, subject: &Subject<'_>) -> Result<(), Refusal> {
        for function in self.all().skip(1) {
            let code = subject.instructions().get(function).unwrap_or_default();
            let loads = |insn: &Insn| {
                insn.code.class() == Class::LD && matches!(insn.code.mode(), Mode::ABS | Mode::IND)
            };
            let what = if code.iter().any(loads) {
                "LD_ABS"
            } else if code.contains(&Insn::call_helper(TAIL_CALL)) {
                "tail_call"
            } else {
                continue;
            };
            return Err(Refusal::new(
                Errno::EINVAL,
                format_args!("{what} is not allowed in subprogs without BTF"),
            ));
        }
        Ok(())
    }

    /// The instructions of every function.
    pub(super) fn all(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        let ends = self.starts.iter().skip(1).copied();
        let ends = ends.chain(std::iter::once(self.length));
        self.starts
            .iter()
            .copied()
            .zip(ends)
            .map(|(start, end)| start..end)
    }

    /// Where each function begins, with its type, or without where there are no types.
    pub(in crate::program) fn dumped(&self, types: Option<&Types<'_>>) -> Vec<(u32, TypeId)> {
        let typed = types.map_or(&[][..], |types| types.functions);
        let type_of = |start: u32| {
            let function = typed.iter().find(|function| function.start == start);
            function.and_then(|function| function.type_id)
        };
        let starts = self.starts.iter().map(|start| *start as u32);
        starts
            .map(|start| (start, type_of(start).unwrap_or(TypeId::VOID)))
            .collect()
    }

    /// The number and the instructions of the function that an instruction is in.
    pub(super) fn around(&self, at: usize) -> (usize, Range<usize>) {
        let number = self.starts.partition_point(|start| *start <= at).max(1) - 1;
        let start = self.starts.get(number).copied().unwrap_or(0);
        let end = self.starts.get(number + 1).copied().unwrap_or(self.length);
        (number, start..end)
    }

    /// The first instruction of a function.
    pub(super) fn start_of(&self, function: usize) -> usize {
        self.starts.get(function).copied().unwrap_or(0)
    }

    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }

    /// Refuses code that is never reached, and jumps into the middle of a wide instruction.
    pub(super) fn check_reached(&self, subject: &Subject<'_>) -> Result<(), Refusal> {
        let code = subject.instructions();
        let mut reached = vec![false; code.len()];
        let mut left = vec![0];
        while let Some(at) = left.pop() {
            match reached.get_mut(at) {
                Some(reached) if !*reached => *reached = true,
                _ => continue,
            }
            let Some(insn) = subject.insn(at) else {
                continue;
            };
            if let Some(target) = jump_target(insn, at) {
                left.push(target);
            }
            if let Some(target) = called(insn, at).and_then(|target| usize::try_from(target).ok()) {
                left.push(target);
            }
            if !ends_block(insn) {
                left.push(at + if insn.is_wide() { 2 } else { 1 });
            }
        }
        let mut at = 0;
        while let Some(insn) = subject.insn(at) {
            let is_reached = |at: usize| reached.get(at).copied().unwrap_or(false);
            if !is_reached(at) {
                return Err(Refusal::new(
                    Errno::EINVAL,
                    format_args!("unreachable insn {at}"),
                ));
            }
            if insn.is_wide() {
                if is_reached(at + 1) {
                    return Err(Refusal::new(
                        Errno::EINVAL,
                        format_args!("jump into the middle of ldimm64 insn {at}"),
                    ));
                }
                at += 1;
            }
            at += 1;
        }
        Ok(())
    }
}

fn unprivileged() -> Refusal {
    Refusal::new(
        Errno::EPERM,
        "loading/calling other bpf or kernel functions are allowed for CAP_BPF and CAP_SYS_ADMIN",
    )
}

/// Refuses calls of what is no function of the kernel: `add_kfunc_call()`. What a reference stands for was found before.
fn check_kernel_function(subject: &Subject<'_>, at: usize, insn: Insn) -> Result<(), Refusal> {
    let refers = |reference: &Reference| reference.instruction as usize == at;
    let (id, module) = (insn.imm as u32, insn.off != 0);
    // What is never called may be any function.
    let unsure = id == 0 && !module;
    if unsure || subject.spec.references.iter().any(refers) {
        return Ok(());
    }
    let Some(types) = &subject.kernel.own_types else {
        return Err(Refusal::new(
            Errno::ENOTSUPP,
            "calling kernel function is not supported without CONFIG_DEBUG_INFO_BTF",
        ));
    };
    if !is_gpl_compatible(&subject.spec.license) {
        return Err(Refusal::new(
            Errno::EINVAL,
            "cannot call kernel function from non-GPL compatible program",
        ));
    }
    let function = types.btf.get(TypeId(id));
    if module || function.is_ok_and(|function| function.kind() == Kind::FUNC) {
        return Ok(());
    }
    Err(Refusal::new(
        Errno::EINVAL,
        format_args!("kernel btf_id {id} is not a function"),
    ))
}

/// Refuses jumps out of a function, and a function that can be left at its end.
fn check_jumps(subject: &Subject<'_>, function: Range<usize>) -> Result<(), Refusal> {
    for at in function.clone() {
        let Some(insn) = subject.insn(at) else {
            continue;
        };
        let jumps = matches!(insn.code.class(), Class::JMP | Class::JMP32)
            && !matches!(insn.code, Opcode::CALL | Opcode::EXIT)
            && !matches!(insn.code.jmp_op().0, 0x80 | 0x90);
        let target = jump_target(insn, at);
        if jumps && !target.is_some_and(|target| function.contains(&target)) {
            let distance = match insn.code {
                Opcode::GOTOL => i64::from(insn.imm),
                _ => i64::from(insn.off),
            };
            let to = at as i64 + 1 + distance;
            return Err(Refusal::new(
                Errno::EINVAL,
                format_args!("jump out of range from insn {at} to {to}"),
            ));
        }
        if at + 1 == function.end && !ends_block(insn) {
            return Err(Refusal::new(
                Errno::EINVAL,
                "last insn is not an exit or jmp",
            ));
        }
    }
    Ok(())
}
