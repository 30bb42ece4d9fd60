//! Calls, wide immediates and loads from the packet by number: `check_func_call()`, `check_ld_imm()` and `check_ld_abs()` in
//! kernel/bpf/verifier.c.

use ebpf_core::Errno;
use ebpf_core::insn::{CallKind, Insn, Mode, Pseudo, Reg, Size};
use ebpf_core::program::ProgramType;

use super::functions::called;
use super::state::{Frame, State, To, Value};
use super::walk::{Notes, Outcome, read, refuse, refuse_as};
use super::{Functions, Subject, helpers};

/// The most functions that run at a time.
const FRAMES: usize = 8;

/// The registers that calls pass.
pub(super) const ARGUMENTS: [Reg; 5] = [Reg::R1, Reg::R2, Reg::R3, Reg::R4, Reg::R5];

/// What a wide immediate is.
pub(super) fn wide(subject: &Subject<'_>, at: usize, insn: Insn) -> Value {
    let Some(second) = subject.insn(at + 1) else {
        return Value::Any;
    };
    match (insn.pseudo(), subject.map_at(at)) {
        (Some(Pseudo::NONE), _) => Value::Known(insn.imm64(second)),
        (Some(Pseudo::MAP_IDX), Some((map, _))) => Value::pointer(To::Map(map)),
        (Some(Pseudo::MAP_IDX_VALUE), Some((map, object))) => match object.info.map_type {
            ebpf_core::map::MapType::ARRAY => {
                let offset = i64::from(second.imm as u32);
                Value::Pointer(super::state::Pointer {
                    to: To::Value { map, null: None },
                    moved: Some(offset),
                })
            }
            _ => Value::Any,
        },
        _ => Value::Any,
    }
}

/// A call; where the path goes on.
pub(super) fn call(
    subject: &Subject<'_>,
    functions: &Functions,
    state: &mut State,
    at: usize,
    insn: Insn,
    notes: &mut Notes,
) -> Outcome<usize> {
    match insn.call_kind() {
        Some(CallKind::HELPER) => helpers::call(subject, state, insn.imm as u32, notes)?,
        Some(CallKind::LOCAL) => return local(subject, functions, state, at, insn, notes),
        _ => elsewhere(state),
    }
    Ok(at + 1)
}

/// A function of the program.
fn local(
    subject: &Subject<'_>,
    functions: &Functions,
    state: &mut State,
    at: usize,
    insn: Insn,
    notes: &mut Notes,
) -> Outcome<usize> {
    let start = called(insn, at).and_then(|start| usize::try_from(start).ok());
    let Some(start) = start else {
        return Ok(at + 1);
    };
    let (function, _) = functions.around(start);
    if subject.types.is_some_and(|types| types.is_global(start)) {
        notes.globals.insert(function);
        elsewhere(state);
        return Ok(at + 1);
    }
    if state.frames.len() >= FRAMES {
        return refuse_as(
            Errno::E2BIG,
            format_args!(
                "the call stack of {} frames is too deep",
                state.frames.len() + 1
            ),
        );
    }
    let mut frame = Frame::new(state.frames.len(), function, at + 1);
    for register in ARGUMENTS {
        frame.set(register, state.get(register));
        state.set(register, Value::Unwritten);
    }
    state.frames.push(frame);
    Ok(start)
}

/// A call of something that is not looked into.
pub(super) fn elsewhere(state: &mut State) {
    forget_reached(state, &ARGUMENTS);
    state.change(|value| match value {
        Value::Pointer(pointer)
            if matches!(
                pointer.to,
                To::Packet { .. } | To::PacketMeta | To::PacketEnd
            ) =>
        {
            Value::Any
        }
        other => other,
    });
    state.end_call(Value::Any);
}

/// Forgets the stack where one of these registers may lead to it.
pub(super) fn forget_reached(state: &mut State, registers: &[Reg]) {
    let reaches = registers.iter().any(|register| match state.get(*register) {
        Value::Any => true,
        Value::Pointer(pointer) => matches!(pointer.to, To::Stack(_)),
        _ => false,
    });
    if reaches {
        state.forget_stacks();
    }
}

/// `r0 = *(u16 *)skb[12]`.
pub(super) fn load_packet(
    subject: &Subject<'_>,
    state: &mut State,
    insn: Insn,
    notes: &mut Notes,
) -> Outcome<()> {
    match subject.spec.program_type {
        ProgramType::SOCKET_FILTER | ProgramType::SCHED_CLS | ProgramType::SCHED_ACT => {}
        // It may do what the program may that it replaces.
        ProgramType::EXT => {
            state.end_call(Value::Any);
            return Ok(());
        }
        _ => return refuse("BPF_LD_[ABS|IND] instructions not allowed for this program type"),
    }
    let by_number = insn.code.mode() == Mode::ABS;
    let rest = insn.dst.number() != 0 || insn.off != 0;
    if rest || insn.code.size() == Size::DW || (by_number && insn.src.number() != 0) {
        return refuse("BPF_LD_[ABS|IND] uses reserved fields");
    }
    let context = read(state, Reg::R6)?;
    let is_context = match context {
        Value::Any => true,
        Value::Pointer(pointer) => pointer.to == To::Context,
        _ => false,
    };
    if !is_context {
        return refuse("at the time of BPF_LD_ABS|IND R6 != pointer to skb");
    }
    if !by_number {
        read(state, insn.src)?;
    }
    let id = notes.next_id();
    state.end_call(Value::Fresh { bits: 64, id });
    Ok(())
}
