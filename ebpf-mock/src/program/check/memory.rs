//! Loads, stores and atomic operations: `check_mem_access()` and `check_atomic()` in kernel/bpf/verifier.c.

use ebpf_core::Errno;
use ebpf_core::insn::{AtomicOp, Insn, Mode, Reg, Size};
use ebpf_core::map::MapFlags;
use ebpf_core::program::{ProgramFlags, ProgramType};

use super::state::{Pointer, STACK, State, To, Value};
use super::walk::{Notes, Outcome, accepted, read, refuse, refuse_as, write};
use super::{Subject, maps};
use crate::engine::context::ContextRules;

/// An access to memory.
#[derive(Clone, Copy)]
struct Access {
    base: Reg,
    offset: i64,
    size: i64,
    write: bool,
    /// Whether it has to be aligned, whatever it is an access of.
    strict: bool,
}

impl Access {
    fn new(base: Reg, insn: Insn, write: bool) -> Access {
        Access {
            base,
            offset: insn.off.into(),
            size: insn.code.size().bytes() as i64,
            write,
            strict: insn.code.mode() == Mode::ATOMIC,
        }
    }
}

pub(super) fn load(
    subject: &Subject<'_>,
    state: &mut State,
    insn: Insn,
    notes: &mut Notes,
) -> Outcome<()> {
    read(state, insn.src)?;
    accepted(state, insn.dst)?;
    let value = access(
        subject,
        state,
        Access::new(insn.src, insn, false),
        None,
        notes,
    )?;
    let value = match value {
        Value::Any | Value::Pointer(_) => value,
        _ if insn.code.mode() == Mode::MEMSX => Value::Number,
        value => value,
    };
    write(state, insn.dst, value)
}

pub(super) fn store(
    subject: &Subject<'_>,
    state: &mut State,
    insn: Insn,
    notes: &mut Notes,
) -> Outcome<()> {
    if insn.code.mode() == Mode::ATOMIC {
        return atomic(subject, state, insn, notes);
    }
    if insn.code.mode() != Mode::MEM || insn.imm != 0 {
        return refuse("BPF_STX uses reserved fields");
    }
    let value = read(state, insn.src)?;
    read(state, insn.dst)?;
    let to = Access::new(insn.dst, insn, true);
    access(subject, state, to, Some(value), notes)?;
    Ok(())
}

pub(super) fn store_imm(
    subject: &Subject<'_>,
    state: &mut State,
    insn: Insn,
    notes: &mut Notes,
) -> Outcome<()> {
    if insn.code.mode() != Mode::MEM || insn.src.number() != 0 {
        return refuse("BPF_ST uses reserved fields");
    }
    read(state, insn.dst)?;
    let value = Value::Known(i64::from(insn.imm) as u64);
    let to = Access::new(insn.dst, insn, true);
    access(subject, state, to, Some(value), notes)?;
    Ok(())
}

fn atomic(subject: &Subject<'_>, state: &mut State, insn: Insn, notes: &mut Notes) -> Outcome<()> {
    let op = AtomicOp(insn.imm);
    match op {
        AtomicOp::LOAD_ACQ => {
            read(state, insn.src)?;
            accepted(state, insn.dst)?;
            takes_atomics(state, insn.src, "loads from")?;
            let value = access(
                subject,
                state,
                Access::new(insn.src, insn, false),
                None,
                notes,
            )?;
            return write(state, insn.dst, value);
        }
        AtomicOp::STORE_REL => {
            let value = read(state, insn.src)?;
            read(state, insn.dst)?;
            takes_atomics(state, insn.dst, "stores into")?;
            let to = Access::new(insn.dst, insn, true);
            access(subject, state, to, Some(value), notes)?;
            return Ok(());
        }
        op if op.name().is_none() => {
            return refuse(format_args!(
                "BPF_ATOMIC uses invalid atomic opcode {:02x}",
                insn.imm
            ));
        }
        _ => {}
    }
    if !matches!(insn.code.size(), Size::W | Size::DW) {
        return refuse("invalid atomic operand size");
    }
    read(state, insn.src)?;
    read(state, insn.dst)?;
    if op == AtomicOp::CMPXCHG {
        read(state, Reg::R0)?;
    }
    takes_atomics(state, insn.dst, "stores into")?;
    let fetches = match op {
        AtomicOp::CMPXCHG => Some(Reg::R0),
        op if op.0 & 1 != 0 => Some(insn.src),
        _ => None,
    };
    if let Some(register) = fetches {
        accepted(state, register)?;
    }
    let old = access(
        subject,
        state,
        Access::new(insn.dst, insn, false),
        None,
        notes,
    )?;
    let to = Access::new(insn.dst, insn, true);
    access(subject, state, to, Some(Value::Number), notes)?;
    match fetches {
        Some(register) if old == Value::Any => write(state, register, Value::Any),
        Some(register) => write(state, register, Value::Number),
        None => Ok(()),
    }
}

/// Contexts, packets and some objects of the kernel take no atomic operations.
fn takes_atomics(state: &State, base: Reg, does: &str) -> Outcome<()> {
    match state.get(base) {
        Value::Pointer(pointer)
            if matches!(pointer.to, To::Context | To::Packet { .. } | To::PacketMeta) =>
        {
            refuse_as(
                Errno::EACCES,
                format_args!(
                    "BPF_ATOMIC {does} R{} {} is not allowed",
                    base.number(),
                    pointer.name()
                ),
            )
        }
        _ => Ok(()),
    }
}

/// Checks an access; what a load gives.
fn access(
    subject: &Subject<'_>,
    state: &mut State,
    access: Access,
    stored: Option<Value>,
    notes: &mut Notes,
) -> Outcome<Value> {
    let pointer = match state.get(access.base) {
        Value::Any | Value::Unwritten => return Ok(Value::Any),
        Value::Pointer(pointer) => pointer,
        // Strict alignment is asked for first, of what the kernel knows of the number.
        _ if access.size > 1 && is_strict(subject, access) => return Ok(Value::Any),
        _ => return invalid(access, "scalar"),
    };
    aligned(subject, access, pointer)?;
    match pointer.to {
        To::Stack(frame) => stack(state, access, pointer, frame, stored, notes),
        To::Context => context(subject, access, pointer, notes),
        To::Value { map, null: None } => value(subject, access, pointer, map, notes),
        To::Packet { range } => packet(subject, access, pointer, range, notes),
        To::Value { .. } | To::PacketEnd => invalid(access, pointer.name()),
        // The kernel lets programs read some of a map's own fields.
        To::Map(_) | To::PacketMeta => Ok(Value::Any),
    }
}

fn invalid<T>(access: Access, name: &str) -> Outcome<T> {
    refuse_as(
        Errno::EACCES,
        format_args!("R{} invalid mem access '{name}'", access.base.number()),
    )
}

/// A value of an access's width of which nothing is known.
fn unknown(access: Access, notes: &mut Notes) -> Value {
    Value::Fresh {
        bits: access.size as u8 * 8,
        id: notes.next_id(),
    }
}

fn is_strict(subject: &Subject<'_>, access: Access) -> bool {
    let asked = subject.flag(ProgramFlags::STRICT_ALIGNMENT);
    access.strict || (asked && !subject.flag(ProgramFlags::ANY_ALIGNMENT))
}

fn aligned(subject: &Subject<'_>, access: Access, pointer: Pointer) -> Outcome<()> {
    let strict = is_strict(subject, access);
    let Some(moved) = pointer.moved else {
        return Ok(());
    };
    let Access { offset, size, .. } = access;
    let misaligned = |at: i64| at.rem_euclid(size) != 0;
    let what = match pointer.to {
        To::Packet { .. } | To::PacketMeta => {
            // Ethernet headers are aligned so that what follows them is.
            if strict && misaligned(2 + moved + offset) {
                return refuse_as(
                    Errno::EACCES,
                    format_args!("misaligned packet access off 2+0+{moved}+{offset} size {size}"),
                );
            }
            return Ok(());
        }
        To::Stack(_) => "stack ",
        To::Context if strict => "context ",
        To::Value { null: None, .. } if strict => "value ",
        _ if strict => "",
        _ => return Ok(()),
    };
    if misaligned(moved + offset) {
        return refuse_as(
            Errno::EACCES,
            format_args!("misaligned {what}access off 0+{moved}+{offset} size {size}"),
        );
    }
    Ok(())
}

fn stack(
    state: &mut State,
    access: Access,
    pointer: Pointer,
    frame: usize,
    stored: Option<Value>,
    notes: &mut Notes,
) -> Outcome<Value> {
    let Some(moved) = pointer.moved else {
        if access.write {
            state.forget_stacks();
        }
        return Ok(Value::Any);
    };
    let at = moved + access.offset;
    in_stack(
        access.base,
        at,
        access.size,
        if access.write {
            "write to"
        } else {
            "read from"
        },
    )?;
    let Some(frame) = state.frames.get_mut(frame) else {
        return Ok(Value::Any);
    };
    notes.stack_used(frame.function, -at);
    if let Some(stored) = stored {
        if access.size != 8 && matches!(stored, Value::Pointer(_)) {
            return refuse_as(Errno::EACCES, "invalid size of register spill");
        }
        frame.store(at, access.size, stored);
        return Ok(Value::Number);
    }
    if access.size != 8 && frame.has_pointer(at, access.size) {
        return refuse_as(Errno::EACCES, "invalid size of register fill");
    }
    Ok(frame.load(at, access.size))
}

/// Refuses what is not on the stack.
pub(super) fn in_stack(base: Reg, at: i64, size: i64, does: &str) -> Outcome<()> {
    let errno = match at {
        at if !(-STACK..0).contains(&at) => Errno::EACCES,
        at if at.saturating_add(size) > 0 => Errno::EINVAL,
        _ => return Ok(()),
    };
    refuse_as(
        errno,
        format_args!(
            "invalid {does} stack R{} off={at} size={size}",
            base.number()
        ),
    )
}

fn context(
    subject: &Subject<'_>,
    access: Access,
    pointer: Pointer,
    notes: &mut Notes,
) -> Outcome<Value> {
    let Access {
        offset,
        size,
        write,
        ..
    } = access;
    match pointer.moved {
        Some(0) => {}
        Some(moved) => {
            // Programs that are called by name take contexts that were moved.
            if subject.spec.program_type == ProgramType::SYSCALL {
                return Ok(Value::Any);
            }
            let what = if moved < 0 {
                "negative offset"
            } else {
                "dereference of modified"
            };
            return refuse_as(
                Errno::EACCES,
                format_args!(
                    "{what} ctx ptr R{} off={moved} disallowed",
                    access.base.number()
                ),
            );
        }
        None => return Ok(Value::Any),
    }
    // Tracepoints' records are not guarded at their front.
    if offset < 0 && subject.spec.program_type == ProgramType::TRACEPOINT {
        return Ok(Value::Any);
    }
    let rules = subject.context.as_ref();
    if rules.is_some_and(|rules| !rules.allows(offset, size as u8, write)) {
        return refuse_as(
            Errno::EACCES,
            format_args!("invalid bpf_context access off={offset} size={size}"),
        );
    }
    Ok(field(subject, access, notes))
}

/// What a load of a field gives.
fn field(subject: &Subject<'_>, access: Access, notes: &mut Notes) -> Value {
    let view = match &subject.context {
        Some(ContextRules::Fields(view)) => view,
        Some(_) if holds_numbers(subject.spec.program_type) => return unknown(access, notes),
        _ => return Value::Any,
    };
    let found = u64::try_from(access.offset)
        .ok()
        .and_then(|offset| view.access(offset, access.size as u8, access.write));
    let field = found.and_then(|found| view.layout.fields.get(usize::from(found.field)));
    match field.map(|field| field.name) {
        Some("data") => Value::pointer(To::Packet { range: 0 }),
        Some("data_end") => Value::pointer(To::PacketEnd),
        Some("data_meta") => Value::pointer(To::PacketMeta),
        Some(
            "sk" | "flow_keys" | "optval" | "optval_end" | "skb_data" | "skb_data_end"
            | "migrating_sk" | "state" | "skb",
        )
        | None => Value::Any,
        Some(_) => unknown(access, notes),
    }
}

/// Whether the context of programs of a type is memory that holds numbers only.
fn holds_numbers(program_type: ProgramType) -> bool {
    matches!(
        program_type,
        ProgramType::KPROBE | ProgramType::TRACEPOINT | ProgramType::RAW_TRACEPOINT
    )
}

fn value(
    subject: &Subject<'_>,
    access: Access,
    pointer: Pointer,
    map: usize,
    notes: &mut Notes,
) -> Outcome<Value> {
    let (Some(map), Some(moved)) = (subject.map(map), pointer.moved) else {
        return Ok(Value::Any);
    };
    let Access {
        size, write, base, ..
    } = access;
    let at = moved + access.offset;
    let length = i64::from(map.info.value_size);
    let forbidden = if write {
        (MapFlags::RDONLY_PROG, "write into")
    } else {
        (MapFlags::WRONLY_PROG, "read from")
    };
    if map.info.flags.contains(forbidden.0) {
        return refuse_as(
            Errno::EACCES,
            format_args!(
                "{} map forbidden, value_size={length} off={at} size={size}",
                forbidden.1
            ),
        );
    }
    if at < 0 || at + size > length {
        return refuse_as(
            Errno::EACCES,
            format_args!(
                "invalid access to map value, value_size={length} off={at} size={size}\n\
                 R{} min value is outside of the allowed memory range",
                base.number()
            ),
        );
    }
    Ok(if !maps::is_plain(map) {
        Value::Any
    } else if map.info.flags.contains(MapFlags::RDONLY_PROG) {
        // What never changes the kernel reads itself.
        Value::Number
    } else {
        unknown(access, notes)
    })
}

fn packet(
    subject: &Subject<'_>,
    access: Access,
    pointer: Pointer,
    range: i64,
    notes: &mut Notes,
) -> Outcome<Value> {
    if access.write && reads_packets_only(subject.spec.program_type) {
        return refuse_as(Errno::EACCES, "cannot write into packet");
    }
    let Some(moved) = pointer.moved else {
        return Ok(unknown(access, notes));
    };
    let (at, size, register) = (moved + access.offset, access.size, access.base.number());
    if at < 0 || at + size > range {
        return refuse_as(
            Errno::EACCES,
            format_args!(
                "invalid access to packet, off={at} size={size}, R{register}(id=0,off={at},r={range})\n\
                 R{register} offset is outside of the packet"
            ),
        );
    }
    Ok(unknown(access, notes))
}

/// Whether programs of a type see packets but do not change them: `may_access_direct_pkt_data()`.
fn reads_packets_only(program_type: ProgramType) -> bool {
    matches!(
        program_type,
        ProgramType::LWT_IN
            | ProgramType::LWT_OUT
            | ProgramType::LWT_SEG6LOCAL
            | ProgramType::SK_REUSEPORT
            | ProgramType::FLOW_DISSECTOR
            | ProgramType::CGROUP_SKB
    )
}
