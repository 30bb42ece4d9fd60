//! Opcodes, wide immediates, and the maps they name: `resolve_pseudo_ldimm64()` and `check_map_prog_compatibility()` in
//! kernel/bpf/verifier.c.

use std::fmt::Display;

use ebpf_core::Errno;
use ebpf_core::insn::{AluOp, Class, Insn, JmpOp, Mode, Opcode, Pseudo, Size, Source};
use ebpf_core::map::MapType;
use ebpf_core::program::{ProgramFlags, ProgramType};
use ebpf_core::system::{Feature, KernelVersion, Support};

use super::{Refusal, Subject};
use crate::map::MapObject;
use crate::profile;

/// The most maps of a program.
const MOST_MAPS: usize = 64;

/// Places in a value are below this.
const MOST_OFFSET: u32 = 1 << 29;

/// The releases that brought `may_goto`, and atomic loads and stores of one and two bytes.
const MAY_GOTO: KernelVersion = KernelVersion::new(6, 9, 0);
const LOAD_ACQUIRE: KernelVersion = KernelVersion::new(6, 15, 0);

fn refuse<T>(words: impl Display) -> Result<T, Refusal> {
    Err(Refusal::new(Errno::EINVAL, words))
}

pub(super) fn check(subject: &Subject<'_>) -> Result<(), Refusal> {
    let mut at = 0;
    let mut places = 0;
    while let Some(insn) = subject.insn(at) {
        let code = insn.code;
        if code.class() == Class::LDX
            && (!matches!(code.mode(), Mode::MEM | Mode::MEMSX) || insn.imm != 0)
        {
            return refuse("BPF_LDX uses reserved fields");
        }
        if insn.is_wide() {
            check_wide(subject, at, insn, &mut places)?;
            at += 2;
            continue;
        }
        if !is_known(subject, code) {
            return refuse(format_args!("unknown opcode {:02x}", code.0));
        }
        at += 1;
    }
    Ok(())
}

fn check_wide(
    subject: &Subject<'_>,
    at: usize,
    insn: Insn,
    places: &mut usize,
) -> Result<(), Refusal> {
    let second = subject.insn(at + 1);
    let whole = second.filter(|second| {
        second.code == Opcode(0)
            && second.dst.number() == 0
            && second.src.number() == 0
            && second.off == 0
    });
    let Some(second) = whole else {
        return refuse("invalid bpf_ld_imm64 insn");
    };
    if insn.off != 0 {
        return refuse("BPF_LD_IMM64 uses reserved fields");
    }
    let by_value = match insn.pseudo() {
        Some(Pseudo::NONE | Pseudo::FUNC | Pseudo::BTF_ID) => return Ok(()),
        Some(Pseudo::MAP_VALUE | Pseudo::MAP_IDX_VALUE) => true,
        Some(Pseudo::MAP_FD | Pseudo::MAP_IDX) if second.imm == 0 => false,
        _ => return refuse("unrecognized bpf_ld_imm64 insn"),
    };
    let Some((place, map)) = subject.map_at(at) else {
        if matches!(insn.pseudo(), Some(Pseudo::MAP_FD | Pseudo::MAP_VALUE)) {
            return Err(Refusal::new(
                Errno::EBADF,
                format_args!("fd {} is not pointing to valid bpf_map", insn.imm),
            ));
        }
        return Err(Refusal::new(
            Errno::EPROTO,
            "fd_idx without fd_array is invalid",
        ));
    };
    if place >= *places {
        if place >= MOST_MAPS {
            return Err(Refusal::new(
                Errno::E2BIG,
                format_args!(
                    "The total number of maps per program has reached the limit of {MOST_MAPS}"
                ),
            ));
        }
        *places = place + 1;
        check_map(subject, map)?;
    }
    if by_value {
        check_value(map, second.imm as u32)?;
    }
    Ok(())
}

/// A place in the value of a map, whose address the program has.
fn check_value(map: &MapObject, offset: u32) -> Result<(), Refusal> {
    if offset >= MOST_OFFSET {
        return refuse(format_args!(
            "direct value offset of {offset} is not allowed"
        ));
    }
    let info = &map.info;
    let errno = match info.map_type {
        MapType::ARRAY if info.max_entries != 1 => Errno::ENOTSUPP,
        MapType::ARRAY if offset >= info.value_size => Errno::EINVAL,
        MapType::ARRAY | MapType::ARENA | MapType::INSN_ARRAY => return Ok(()),
        _ => return refuse("no direct value access support for this map type"),
    };
    Err(Refusal::new(
        errno,
        format_args!(
            "invalid access to map value pointer, value_size={} off={offset}",
            info.value_size
        ),
    ))
}

/// Whether programs of the type may use the map at all.
fn check_map(subject: &Subject<'_>, map: &MapObject) -> Result<(), Refusal> {
    let program_type = subject.spec.program_type;
    if map.has_lock {
        let tracing = matches!(
            program_type,
            ProgramType::KPROBE
                | ProgramType::TRACEPOINT
                | ProgramType::PERF_EVENT
                | ProgramType::RAW_TRACEPOINT
                | ProgramType::RAW_TRACEPOINT_WRITABLE
        );
        if program_type == ProgramType::SOCKET_FILTER {
            return refuse("socket filter progs cannot use bpf_spin_lock yet");
        }
        if tracing {
            return refuse("tracing progs cannot use bpf_spin_lock yet");
        }
    }
    if map.info.map_type == MapType::STRUCT_OPS {
        return refuse("bpf_struct_ops map cannot be used in prog");
    }
    if subject.flag(ProgramFlags::SLEEPABLE) && !takes_sleepers(map.info.map_type) {
        return refuse(
            "Sleepable programs can only use array, hash, ringbuf and local storage maps",
        );
    }
    Ok(())
}

/// Whether programs that may sleep may use maps of a type.
fn takes_sleepers(map_type: MapType) -> bool {
    matches!(
        map_type,
        MapType::HASH
            | MapType::LRU_HASH
            | MapType::ARRAY
            | MapType::PERCPU_HASH
            | MapType::PERCPU_ARRAY
            | MapType::LRU_PERCPU_HASH
            | MapType::ARRAY_OF_MAPS
            | MapType::HASH_OF_MAPS
            | MapType::RINGBUF
            | MapType::USER_RINGBUF
            | MapType::INODE_STORAGE
            | MapType::SK_STORAGE
            | MapType::TASK_STORAGE
            | MapType::CGRP_STORAGE
            | MapType::QUEUE
            | MapType::STACK
            | MapType::ARENA
            | MapType::INSN_ARRAY
    )
}

/// Whether the machine's release has an opcode: `bpf_opcode_in_insntable()` in kernel/bpf/core.c.
fn is_known(subject: &Subject<'_>, code: Opcode) -> bool {
    let has = |feature| profile::probe(&subject.kernel.machine, feature) == Support::Yes;
    match code.class() {
        Class::ALU | Class::ALU64 => {
            let wide = code.class() == Class::ALU64;
            let by_register = code.source() == Source::REG;
            match code.alu_op() {
                AluOp::NEG => !by_register,
                AluOp::END if wide => !by_register && has(Feature::IsaV4),
                op => op.name().is_some(),
            }
        }
        Class::JMP => match code {
            Opcode::GOTO | Opcode::CALL | Opcode::EXIT => true,
            Opcode::MAY_GOTO => subject.kernel.machine.release >= MAY_GOTO,
            _ => compares(code) && (is_old(code.jmp_op()) || has(Feature::IsaV2)),
        },
        Class::JMP32 => match code {
            Opcode::GOTOL => has(Feature::IsaV4),
            _ => compares(code) && has(Feature::IsaV3),
        },
        Class::LD => matches!(code.mode(), Mode::ABS | Mode::IND) && code.size() != Size::DW,
        Class::LDX => match code.mode() {
            Mode::MEM => true,
            Mode::MEMSX => code.size() != Size::DW && has(Feature::IsaV4),
            _ => false,
        },
        Class::ST => code.mode() == Mode::MEM,
        _ => match code.mode() {
            Mode::MEM => true,
            Mode::ATOMIC => {
                matches!(code.size(), Size::W | Size::DW)
                    || subject.kernel.machine.release >= LOAD_ACQUIRE
            }
            _ => false,
        },
    }
}

/// Whether it compares two operands.
fn compares(code: Opcode) -> bool {
    code.jmp_op().is_comparison()
}

/// Whether it is one of the first comparisons: the others are of instruction set v2.
fn is_old(op: JmpOp) -> bool {
    !matches!(op, JmpOp::JLT | JmpOp::JLE | JmpOp::JSLT | JmpOp::JSLE)
}
