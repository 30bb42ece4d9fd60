//! From what the kernel keeps of a program to a dump.

use crate::btf::TypeId;
use crate::codec::Endian;
use crate::insn::{self, Insn};
use crate::kernel::sys::ProgramParts;
use crate::program::{DumpedFunction, LineRecord, ProgramDump, ProgramTag};

pub(super) fn assemble(parts: ProgramParts) -> ProgramDump {
    // The kernel gives whole instructions only.
    let instructions = insn::decode(&parts.instructions, Endian::NATIVE);
    let mut instructions = instructions.unwrap_or_default();
    restore_distances(&mut instructions);
    let line = |[instruction, file_name, text, position]: &[u32; 4]| LineRecord {
        instruction: *instruction,
        file_name: *file_name,
        text: *text,
        // `BPF_LINE_INFO_LINE_NUM`, `BPF_LINE_INFO_LINE_COL`.
        line: position >> 10,
        column: position & 0x3ff,
    };
    ProgramDump {
        instructions,
        functions: functions(&parts),
        lines: parts.lines.iter().map(line).collect(),
        line_addresses: parts.line_addresses,
        machine_code: parts.machine_code,
    }
}

/// Calls of functions of the program, and references to them, come with the function's number in the place of the
/// distance, which is beside it (`jit_subprogs()` in kernel/bpf/verifier.c). An interpreted program's are left alone.
fn restore_distances(instructions: &mut [Insn]) {
    let mut at = 0;
    while let Some(insn) = instructions.get_mut(at) {
        if insn.is_call_local() && insn.off != 0 {
            insn.imm = insn.off.into();
            insn.off = 0;
        }
        let (is_reference, slots) = (insn.is_func_ref(), if insn.is_wide() { 2 } else { 1 });
        if let (true, Some(second)) = (is_reference, instructions.get_mut(at + 1)) {
            second.imm = 0;
        }
        at += slots;
    }
}

/// The lists are of the same functions in the same order, each as long as the kernel tells it.
fn functions(parts: &ProgramParts) -> Vec<DumpedFunction> {
    let lengths = [
        parts.functions.len(),
        parts.addresses.len(),
        parts.lengths.len(),
        parts.tags.len(),
    ];
    let count = lengths.into_iter().max().unwrap_or(0);
    let function = |at: usize| {
        let mut function = DumpedFunction::default();
        if let Some([start, type_id]) = parts.functions.get(at) {
            function.start = Some(*start);
            function.type_id = TypeId(*type_id);
        }
        function.tag = ProgramTag(parts.tags.get(at).copied().unwrap_or_default());
        function.address = parts.addresses.get(at).copied().unwrap_or(0);
        function.bytes = parts.lengths.get(at).copied().unwrap_or(0);
        function
    };
    (0..count).map(function).collect()
}
