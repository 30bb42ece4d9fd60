//! Arithmetic: `check_alu_op()`, `adjust_ptr_min_max_vals()` and `adjust_scalar_min_max_vals()` in kernel/bpf/verifier.c.

use ebpf_core::Errno;
use ebpf_core::insn::{AluOp, Class, Insn, Source};

use super::state::{Pointer, State, To, Value};
use super::walk::{Notes, Outcome, accepted, read, refuse, refuse_as, write};

/// Pointers are not moved farther than this.
const FAR: i64 = 1 << 29;

/// The name of an operation in the kernel's words.
fn operator(op: AluOp) -> &'static str {
    match op {
        AluOp::NEG => "neg",
        op => op.name().unwrap_or("?"),
    }
}

pub(super) fn alu(state: &mut State, insn: Insn, notes: &mut Notes) -> Outcome<()> {
    let op = insn.code.alu_op();
    match op {
        AluOp::END | AluOp::NEG => unary(state, insn),
        AluOp::MOV => copy(state, insn, notes),
        _ => binary(state, insn, notes),
    }
}

fn is_wide(insn: Insn) -> bool {
    insn.code.class() == Class::ALU64
}

fn unary(state: &mut State, insn: Insn) -> Outcome<()> {
    let by_register = insn.code.source() == Source::REG;
    if insn.code.alu_op() == AluOp::NEG {
        if by_register || insn.src.number() != 0 || insn.off != 0 || insn.imm != 0 {
            return refuse("BPF_NEG uses reserved fields");
        }
    } else if insn.src.number() != 0
        || insn.off != 0
        || !matches!(insn.imm, 16 | 32 | 64)
        || (is_wide(insn) && by_register)
    {
        return refuse("BPF_END uses reserved fields");
    }
    read(state, insn.dst)?;
    write(state, insn.dst, Value::Number)
}

fn copy(state: &mut State, insn: Insn, notes: &mut Notes) -> Outcome<()> {
    let wide = is_wide(insn);
    if insn.code.source() == Source::IMM {
        if insn.src.number() != 0 || insn.off != 0 {
            return refuse("BPF_MOV uses reserved fields");
        }
        let value = if wide {
            i64::from(insn.imm) as u64
        } else {
            u64::from(insn.imm as u32)
        };
        return write(state, insn.dst, Value::Known(value));
    }
    let casts = wide && insn.off == 1;
    if casts {
        if !matches!(insn.imm, 1 | 0x1_0000) {
            return refuse("addr_space_cast insn can only convert between address space 1 and 0");
        }
    } else {
        let fits = matches!(insn.off, 0 | 8 | 16) || (wide && insn.off == 32);
        if !fits || insn.imm != 0 {
            return refuse("BPF_MOV uses reserved fields");
        }
    }
    let value = read(state, insn.src)?;
    accepted(state, insn.dst)?;
    let value = match value {
        Value::Any => Value::Any,
        _ if casts => Value::Any,
        value if wide && insn.off == 0 => value,
        Value::Known(value) if insn.off == 0 => Value::Known(u64::from(value as u32)),
        Value::Fresh { bits, id } if insn.off == 0 => {
            let id = if bits > 32 { notes.next_id() } else { id };
            Value::Fresh {
                bits: bits.min(32),
                id,
            }
        }
        _ => Value::Number,
    };
    write(state, insn.dst, value)
}

fn binary(state: &mut State, insn: Insn, notes: &mut Notes) -> Outcome<()> {
    let (op, wide) = (insn.code.alu_op(), is_wide(insn));
    let divides = matches!(op, AluOp::DIV | AluOp::MOD);
    let by_register = insn.code.source() == Source::REG;
    let variant = insn.off == 0 || (divides && insn.off == 1);
    if !variant || (by_register && insn.imm != 0) || (!by_register && insn.src.number() != 0) {
        return refuse("BPF_ALU uses reserved fields");
    }
    let operand = if by_register {
        read(state, insn.src)?
    } else {
        Value::Known(i64::from(insn.imm) as u64)
    };
    let before = read(state, insn.dst)?;
    if divides && !by_register && insn.imm == 0 {
        return refuse("div by zero");
    }
    let bits = if wide { 64 } else { 32 };
    let shifts = matches!(op, AluOp::LSH | AluOp::RSH | AluOp::ARSH);
    if shifts && !by_register && !(0..bits).contains(&insn.imm) {
        return refuse(format_args!("invalid shift {}", insn.imm));
    }
    accepted(state, insn.dst)?;
    let dst = insn.dst.number();
    let value = match (before, operand) {
        (Value::Pointer(_), Value::Pointer(_)) => {
            if op == AluOp::SUB {
                Value::Number
            } else {
                return refuse_as(
                    Errno::EACCES,
                    format_args!("R{dst} pointer {} pointer prohibited", operator(op)),
                );
            }
        }
        (Value::Pointer(pointer), by) if by.is_number() => moved(insn, pointer, by, false)?,
        (by, Value::Pointer(pointer)) if by.is_number() => moved(insn, pointer, by, true)?,
        (before, by) if before.is_number() && by.is_number() => {
            numbers(op, wide, before, by, notes)
        }
        _ => Value::Any,
    };
    write(state, insn.dst, value)
}

/// A pointer that is moved by a number; `swapped` says that the number was the left operand.
fn moved(insn: Insn, pointer: Pointer, by: Value, swapped: bool) -> Outcome<Value> {
    let (op, dst) = (insn.code.alu_op(), insn.dst.number());
    let prohibited = |words: std::fmt::Arguments<'_>| refuse_as(Errno::EACCES, words);
    if !is_wide(insn) {
        if op == AluOp::SUB {
            return Ok(Value::Number);
        }
        return prohibited(format_args!("R{dst} 32-bit pointer arithmetic prohibited"));
    }
    let name = pointer.name();
    if pointer.may_be_null() {
        return prohibited(format_args!(
            "R{dst} pointer arithmetic on {name} prohibited, null-check it first"
        ));
    }
    match pointer.to {
        To::Map(_) if by == Value::Known(0) && op == AluOp::ADD => {}
        To::Map(_) | To::PacketEnd => {
            return prohibited(format_args!(
                "R{dst} pointer arithmetic on {name} prohibited"
            ));
        }
        _ => {}
    }
    let distance = match by {
        Value::Known(by) => Some(by as i64),
        _ => None,
    };
    if let Some(distance) = distance
        && (distance >= FAR || distance <= -FAR)
    {
        return refuse(format_args!(
            "math between {name} pointer and {distance} is not allowed"
        ));
    }
    match by {
        Value::Fresh { bits: 64, .. } => {
            return refuse(format_args!(
                "math between {name} pointer and register with unbounded min value is not allowed"
            ));
        }
        // Of such numbers the kernel may say the same, or other things.
        Value::Number if !matches!(op, AluOp::ADD | AluOp::SUB) => return Ok(Value::Any),
        _ => {}
    }
    let sum = match op {
        AluOp::ADD => distance,
        AluOp::SUB if swapped => {
            return prohibited(format_args!("R{dst} tried to subtract pointer from scalar"));
        }
        AluOp::SUB if matches!(pointer.to, To::Stack(_)) => {
            return prohibited(format_args!(
                "R{dst} subtraction from stack pointer prohibited"
            ));
        }
        AluOp::SUB => distance.map(|distance| -distance),
        AluOp::AND | AluOp::OR | AluOp::XOR => {
            return prohibited(format_args!(
                "R{dst} bitwise operator {} on pointer prohibited",
                operator(op)
            ));
        }
        _ => {
            return prohibited(format_args!(
                "R{dst} pointer arithmetic with {} operator prohibited",
                operator(op)
            ));
        }
    };
    let moved = pointer.moved.and_then(|moved| moved.checked_add(sum?));
    if let Some(moved) = moved.filter(|moved| *moved <= -FAR || *moved >= FAR) {
        return refuse(format_args!("{name} pointer offset {moved} is not allowed"));
    }
    match moved {
        Some(_) => Ok(Value::Pointer(Pointer { moved, ..pointer })),
        // By how much it was moved the kernel may know in part, and refuse.
        None if matches!(pointer.to, To::Packet { .. }) => Ok(Value::Pointer(Pointer {
            moved: None,
            to: To::Packet { range: 0 },
        })),
        None => Ok(Value::Pointer(Pointer {
            moved: None,
            ..pointer
        })),
    }
}

/// What the kernel knows of the result of two numbers.
fn numbers(op: AluOp, wide: bool, left: Value, right: Value, notes: &mut Notes) -> Value {
    if let (Value::Known(left), Value::Known(right)) = (left, right) {
        return known(op, wide, left, right).map_or(Value::Number, Value::Known);
    }
    // A mask of low bits leaves so many that nothing is known of.
    if let (AluOp::AND, Value::Fresh { bits, .. }, Value::Known(mask)) = (op, left, right) {
        let mask = if wide { mask } else { u64::from(mask as u32) };
        let width = mask.trailing_ones() as u8;
        if width > 0 && width < bits && mask.leading_zeros() as u8 + width == 64 {
            return Value::Fresh {
                bits: width,
                id: notes.next_id(),
            };
        }
    }
    Value::Number
}

fn known(op: AluOp, wide: bool, left: u64, right: u64) -> Option<u64> {
    let bits = if wide { 64 } else { 32 };
    let (left, right) = if wide {
        (left, right)
    } else {
        (u64::from(left as u32), u64::from(right as u32))
    };
    let shift = u32::try_from(right).ok().filter(|shift| *shift < bits);
    let value = match op {
        AluOp::ADD => left.wrapping_add(right),
        AluOp::SUB => left.wrapping_sub(right),
        AluOp::MUL => left.wrapping_mul(right),
        AluOp::AND => left & right,
        AluOp::OR => left | right,
        AluOp::XOR => left ^ right,
        AluOp::LSH => left << shift?,
        AluOp::RSH => left >> shift?,
        AluOp::ARSH if wide => ((left as i64) >> shift?) as u64,
        AluOp::ARSH => ((left as u32 as i32) >> shift?) as u32 as u64,
        _ => return None,
    };
    Some(if wide { value } else { u64::from(value as u32) })
}
