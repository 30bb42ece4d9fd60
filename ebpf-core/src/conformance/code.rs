//! Programs for cases, written as text.

use std::sync::Arc;

use super::Testbed;
use crate::insn::{Insn, Pseudo, assemble, walk};
use crate::map::Map;
use crate::program::{
    Program, ProgramError, ProgramExt, ProgramSpec, ProgramType, Reference, Referent,
};
use crate::system::Bindings;

/// An Ethernet frame of 60 bytes without meaning.
pub const FRAME: [u8; 60] = [0x5a; 60];

/// A spec of this text, GPL-compatible; `map_by_idx(0)` is the first map of those it is loaded with.
///
/// # Panics
/// Where the text is no program.
pub fn code(program_type: ProgramType, text: &str) -> ProgramSpec {
    let mut instructions = assemble(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let mut references = Vec::new();
    for step in walk(&instructions) {
        let step = step.expect("a whole instruction");
        let (Some(kind), Some(second)) = (step.insn.pseudo(), step.second) else {
            continue;
        };
        let value = step.insn.imm64(second);
        let (map, offset) = (value as u32 as usize, (value >> 32) as u32);
        let referent = match kind {
            Pseudo::MAP_IDX => Referent::Map { map },
            Pseudo::MAP_IDX_VALUE => Referent::MapValue { map, offset },
            _ => continue,
        };
        references.push(Reference {
            instruction: step.index as u32,
            referent,
        });
    }
    let mut maps = 0;
    for reference in &references {
        let at = reference.instruction as usize;
        let plain = Insn::ld_imm64(instructions[at].dst, 0);
        instructions[at..at + 2].copy_from_slice(&plain);
        if let Referent::Map { map } | Referent::MapValue { map, .. } = reference.referent {
            maps = maps.max(map + 1);
        }
    }
    let mut spec = ProgramSpec::new("case", program_type, instructions).with_license("GPL");
    spec.maps = (0..maps).map(|map| format!("map{map}").into()).collect();
    spec.references = references;
    spec
}

/// Loads a spec with these maps.
pub fn load(
    testbed: &dyn Testbed,
    spec: &ProgramSpec,
    maps: &[&dyn Map],
) -> Result<Arc<dyn Program>, ProgramError> {
    let bindings = Bindings {
        maps,
        ..Bindings::default()
    };
    testbed.system().load_program(spec, &bindings)
}

/// The program of a text, loaded with these maps.
///
/// # Panics
/// Where the text is no program, or the system refuses it.
pub fn program(
    testbed: &dyn Testbed,
    program_type: ProgramType,
    text: &str,
    maps: &[&dyn Map],
) -> Arc<dyn Program> {
    load(testbed, &code(program_type, text), maps)
        .unwrap_or_else(|error| panic!("{error:#}\n{text}"))
}

/// An XDP program that returns `verdict`.
pub fn verdict(testbed: &dyn Testbed, verdict: u32) -> Arc<dyn Program> {
    program(
        testbed,
        ProgramType::XDP,
        &format!("r0 = {verdict}\nexit"),
        &[],
    )
}

/// What a program returns for [`FRAME`].
///
/// # Panics
/// Where the run is refused.
#[track_caller]
pub fn run(program: &dyn Program) -> u32 {
    program.run_once(&FRAME, 0).expect("run").0.return_value
}
