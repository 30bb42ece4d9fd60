//! How much of its context a program reads or writes: `max_ctx_offset`, which kernels compare with what a test run is given.

use ebpf_core::insn::{AluOp, Insn, Operand, Operation, Reg, Size, Width, walk};

/// The end of the last access through r1 and copies of it, as seen by reading the instructions in order.
pub(super) fn context_read(instructions: &[Insn]) -> usize {
    let mut context = vec![Reg::R1];
    let mut end = 0;
    for step in walk(instructions).flatten() {
        let mut access = |base: Reg, off: i16, size: Size| {
            if context.contains(&base) {
                end = end.max(usize::try_from(off).unwrap_or(0) + size.bytes());
            }
        };
        let changed = match step.operation() {
            Ok(Operation::Load {
                size,
                dst,
                base,
                off,
                ..
            }) => {
                access(base, off, size);
                Some(dst)
            }
            Ok(Operation::Store {
                size, base, off, ..
            }) => {
                access(base, off, size);
                None
            }
            Ok(Operation::Alu {
                width: Width::W64,
                op: AluOp::MOV,
                dst,
                operand: Operand::Reg(src),
                ..
            }) if context.contains(&src) => {
                context.push(dst);
                None
            }
            Ok(
                Operation::Alu { dst, .. }
                | Operation::Neg { dst, .. }
                | Operation::MovSx { dst, .. }
                | Operation::LoadImm64 { dst, .. },
            ) => Some(dst),
            Ok(
                Operation::CallHelper { .. }
                | Operation::CallLocal { .. }
                | Operation::CallKfunc { .. },
            ) => {
                context.retain(|reg| reg.number() > 5);
                None
            }
            _ => None,
        };
        context.retain(|reg| Some(*reg) != changed);
    }
    end
}
