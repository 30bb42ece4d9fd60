//! What is told of a loaded program's instructions: `bpf_insn_prepare_dump()` in kernel/bpf/syscall.c.

use ebpf_core::insn::{Insn, Pseudo};
use ebpf_core::program::{DumpedFunction, ProgramDump};
use ebpf_core::system::KernelVersion;

use super::ProgramObject;
use super::load::tag;

/// The instructions, which are not rewritten here: there is no machine code, nor are helpers bound to any.
pub(super) fn of(program: &ProgramObject, release: KernelVersion) -> ProgramDump {
    let joined = &program.joined;
    let mut dump = ProgramDump::default();
    dump.instructions = joined.instructions.clone();
    for (at, place) in &joined.uses {
        let slots = dump
            .instructions
            .get_mut(*at..)
            .and_then(|rest| rest.first_chunk_mut::<2>());
        let (Some(slots), Some(map)) = (slots, joined.maps.get(*place)) else {
            continue;
        };
        let kind = match slots[0].pseudo() {
            Some(Pseudo::MAP_IDX_VALUE) => Pseudo::MAP_VALUE,
            _ => Pseudo::MAP_FD,
        };
        let offset = slots[0].imm64(slots[1]) >> 32;
        let value = offset << 32 | u64::from(map.info.id.0);
        *slots = Insn::ld_imm64_pseudo(slots[0].dst, kind, value);
    }
    let starts = program.functions.iter().map(|(start, _)| *start as usize);
    let ends = starts.skip(1).chain([joined.instructions.len()]);
    dump.functions = program
        .functions
        .iter()
        .zip(ends)
        .map(|((start, type_id), end)| {
            let code = joined.instructions.get(*start as usize..end);
            let mut function = DumpedFunction::default();
            function.start = Some(*start);
            function.type_id = *type_id;
            function.tag = tag::of(code.unwrap_or_default(), release);
            function
        })
        .collect();
    dump.lines = program.lines.clone();
    dump
}
