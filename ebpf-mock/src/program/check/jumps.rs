//! Conditional jumps: which ways the kernel is certain to go. `check_cond_jmp_op()` and `is_branch_taken()` in
//! kernel/bpf/verifier.c.

use ebpf_core::insn::{Class, Insn, JmpOp, Source};

use super::state::{Pointer, State, To, Value};
use super::walk::{Outcome, read, refuse};

/// Which ways the kernel goes at a jump.
pub(super) enum Ways {
    /// Only one: whether it jumps.
    One(bool),
    /// Both, with what it then knows: first where it does not jump.
    Both(State, State),
    /// That is not certain.
    Unsure,
}

pub(super) fn jump(state: &State, insn: Insn) -> Outcome<Ways> {
    let op = insn.code.jmp_op();
    let narrow = insn.code.class() == Class::JMP32;
    if op == JmpOp::JCOND {
        if insn.src.number() != 0 || insn.dst.number() != 0 || insn.imm != 0 {
            return refuse(format_args!("invalid may_goto imm {}", insn.imm));
        }
        return Ok(Ways::Unsure);
    }
    let by_register = insn.code.source() == Source::REG;
    let left = read(state, insn.dst)?;
    let right = if by_register {
        if insn.imm != 0 {
            return refuse("BPF_JMP/JMP32 uses reserved fields");
        }
        read(state, insn.src)?
    } else {
        if insn.src.number() != 0 {
            return refuse("BPF_JMP/JMP32 uses reserved fields");
        }
        Value::Known(i64::from(insn.imm) as u64)
    };
    Ok(match (left, right) {
        (Value::Known(left), Value::Known(right)) => {
            Ways::One(holds(op, narrow, left, right).unwrap_or(false))
        }
        (Value::Fresh { bits, id }, Value::Known(constant)) => {
            fresh(state, op, narrow, bits, id, constant)
        }
        (Value::Known(constant), Value::Fresh { bits, id }) => match mirrored(op) {
            Some(op) => fresh(state, op, narrow, bits, id, constant),
            None => Ways::Unsure,
        },
        (Value::Fresh { id: one, .. }, Value::Fresh { id: two, .. })
            if one != two && op != JmpOp::JSET =>
        {
            let mut after = state.clone();
            after.learn(one, Value::Number);
            after.learn(two, Value::Number);
            Ways::Both(after.clone(), after)
        }
        (Value::Pointer(pointer), Value::Known(0)) if !by_register && !narrow => {
            null(state, op, pointer)
        }
        (Value::Pointer(left), Value::Pointer(right)) if !narrow => {
            packet(state, insn, left, right)
        }
        _ => Ways::Unsure,
    })
}

/// The operation with its operands the other way around.
fn mirrored(op: JmpOp) -> Option<JmpOp> {
    Some(match op {
        JmpOp::JEQ | JmpOp::JNE | JmpOp::JSET => op,
        JmpOp::JGT => JmpOp::JLT,
        JmpOp::JGE => JmpOp::JLE,
        JmpOp::JLT => JmpOp::JGT,
        JmpOp::JLE => JmpOp::JGE,
        JmpOp::JSGT => JmpOp::JSLT,
        JmpOp::JSGE => JmpOp::JSLE,
        JmpOp::JSLT => JmpOp::JSGT,
        JmpOp::JSLE => JmpOp::JSGE,
        _ => return None,
    })
}

fn holds(op: JmpOp, narrow: bool, left: u64, right: u64) -> Option<bool> {
    let (left, right, signed_left, signed_right) = if narrow {
        let (left, right) = (left as u32, right as u32);
        (
            u64::from(left),
            u64::from(right),
            i64::from(left as i32),
            i64::from(right as i32),
        )
    } else {
        (left, right, left as i64, right as i64)
    };
    Some(match op {
        JmpOp::JEQ => left == right,
        JmpOp::JNE => left != right,
        JmpOp::JSET => left & right != 0,
        JmpOp::JGT => left > right,
        JmpOp::JGE => left >= right,
        JmpOp::JLT => left < right,
        JmpOp::JLE => left <= right,
        JmpOp::JSGT => signed_left > signed_right,
        JmpOp::JSGE => signed_left >= signed_right,
        JmpOp::JSLT => signed_left < signed_right,
        JmpOp::JSLE => signed_left <= signed_right,
        _ => return None,
    })
}

/// A number of which only the bits are known, with a constant.
fn fresh(state: &State, op: JmpOp, narrow: bool, bits: u8, id: u32, constant: u64) -> Ways {
    let width: u8 = if narrow { 32 } else { 64 };
    let constant = if narrow {
        u64::from(constant as u32)
    } else {
        constant
    };
    let most = u64::MAX >> (64 - bits.min(width).max(1));
    // The ends of the range, by the order that the operation compares in.
    let signed = matches!(op, JmpOp::JSGT | JmpOp::JSGE | JmpOp::JSLT | JmpOp::JSLE);
    let (low, high) = match (signed, bits >= width, narrow) {
        (true, true, false) => (i64::MIN as u64, i64::MAX as u64),
        (true, true, true) => (i32::MIN as u32 as u64, i32::MAX as u64),
        _ => (0, most),
    };
    let one = match op {
        JmpOp::JEQ | JmpOp::JNE if constant > most => Some(op == JmpOp::JNE),
        JmpOp::JEQ | JmpOp::JNE => None,
        JmpOp::JSET if constant & most == 0 => Some(false),
        JmpOp::JSET => None,
        _ => {
            let (low, high) = (
                holds(op, narrow, low, constant),
                holds(op, narrow, high, constant),
            );
            low.filter(|_| low == high)
        }
    };
    if let Some(taken) = one {
        return Ways::One(taken);
    }
    let learnt = |value| {
        let mut after = state.clone();
        after.learn(id, value);
        after
    };
    let some = || learnt(Value::Number);
    // Between the ends of every order, what it is not tells the kernel nothing.
    let inside = !narrow
        && constant != 0
        && constant != most
        && constant != i64::MIN as u64
        && constant != i64::MAX as u64;
    let other = || if inside { state.clone() } else { some() };
    let equal = || {
        if narrow {
            some()
        } else {
            learnt(Value::Known(constant))
        }
    };
    match op {
        JmpOp::JEQ => Ways::Both(other(), equal()),
        JmpOp::JNE => Ways::Both(equal(), other()),
        _ => Ways::Both(some(), some()),
    }
}

/// A pointer with NULL.
fn null(state: &State, op: JmpOp, pointer: Pointer) -> Ways {
    if !matches!(op, JmpOp::JEQ | JmpOp::JNE) {
        return Ways::Unsure;
    }
    match pointer.to {
        To::Value { null: Some(id), .. } => {
            let learnt = |is_null| {
                let mut after = state.clone();
                after.learn_null(id, is_null);
                after
            };
            Ways::Both(learnt(op == JmpOp::JNE), learnt(op == JmpOp::JEQ))
        }
        To::Value { null: None, .. } => Ways::One(op == JmpOp::JNE),
        _ => Ways::Unsure,
    }
}

/// A place in the packet with its end.
fn packet(state: &State, insn: Insn, left: Pointer, right: Pointer) -> Ways {
    let op = insn.code.jmp_op();
    let (op, pointer, register) = match (left.to, right.to) {
        (To::Packet { .. }, To::PacketEnd) => (op, left, insn.dst),
        (To::PacketEnd, To::Packet { .. }) => match mirrored(op) {
            Some(op) => (op, right, insn.src),
            None => return Ways::Unsure,
        },
        _ => return Ways::Unsure,
    };
    // So many bytes before the pointer are there where it is not behind the end; one more where it is before the end.
    let Some(moved) = pointer
        .moved
        .filter(|_| right.moved == Some(0) || left.moved == Some(0))
    else {
        return Ways::Unsure;
    };
    let within = |more: i64| {
        let mut after = state.clone();
        after.change(|value| match value {
            Value::Pointer(Pointer {
                to: To::Packet { range },
                moved: Some(at),
            }) if moved > 0 => Value::Pointer(Pointer {
                to: To::Packet {
                    range: range.max(moved + more),
                },
                moved: Some(at),
            }),
            other => other,
        });
        after
    };
    let behind = || {
        let mut after = state.clone();
        // Another comparison of this register may be decided by this one.
        after.set(register, Value::Any);
        after
    };
    match op {
        JmpOp::JGT => Ways::Both(within(0), behind()),
        JmpOp::JGE => Ways::Both(within(1), behind()),
        JmpOp::JLT => Ways::Both(behind(), within(1)),
        JmpOp::JLE => Ways::Both(behind(), within(0)),
        _ => Ways::Unsure,
    }
}
