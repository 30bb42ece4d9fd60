//! From a program's spec to a program of a simulated kernel: `bpf_prog_load()` in kernel/bpf/syscall.c.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};

use ebpf_core::Errno;
use ebpf_core::codec::Endian;
use ebpf_core::insn::{Insn, encode};
use ebpf_core::map::MapId;
use ebpf_core::program::{
    ProgramError, ProgramId, ProgramInfo, ProgramProblem, ProgramSpec, ProgramTag, Referent,
    VerifierLog, is_gpl_compatible,
};
use ebpf_core::system::Bindings;
use parking_lot::Mutex;

use super::{MockProgram, ProgramObject};
use crate::kernel::{Kernel, Object, kernel_name};
use crate::map::MapObject;

/// The most instructions that the kernel takes of who may load programs.
const MOST_INSTRUCTIONS: usize = 1_000_000;

/// Loads a program.
pub(crate) fn load(
    kernel: &Arc<Kernel>,
    spec: &ProgramSpec,
    bindings: &Bindings<'_>,
) -> Result<MockProgram, ProgramError> {
    let name: Arc<str> = spec.name.as_str().into();
    let problem = |problem| ProgramError::Spec {
        program: name.clone(),
        problem,
    };
    if let Some(refusal) = spec.problem(bindings) {
        return Err(problem(refusal));
    }
    let refused = |errno| ProgramError::Os {
        op: "load",
        program: name.clone(),
        errno,
        hint: None,
    };
    let maps = maps(kernel, spec, bindings, &name)?;
    if spec.instructions.len() > MOST_INSTRUCTIONS {
        return Err(refused(Errno::E2BIG));
    }
    let types = spec
        .btf
        .as_ref()
        .map(|btf| kernel.types(btf))
        .transpose()
        .map_err(refused)?;
    let bytes = size_of::<Insn>() * spec.instructions.len();
    let charge = kernel
        .charge((bytes as u64).next_multiple_of(4096))
        .map_err(refused)?;
    let object = kernel.programs.insert(|id| {
        let mut info = ProgramInfo::new(ProgramId(id), kernel_name(&spec.name), spec.program_type);
        info.tag = tag(spec);
        info.translated_bytes = bytes as u32;
        info.loaded_at = kernel.machine.clock.lock().boot;
        info.map_ids = ids(&maps);
        info.gpl_compatible = is_gpl_compatible(&spec.license);
        info.btf_id = types.as_ref().map_or(0, |types| types.id);
        if let Some(target) = bindings.attach_btf {
            info.attach_btf.1 = target.type_id;
        }
        info.ifindex = spec.ifindex;
        ProgramObject {
            info,
            spec: Arc::new(spec.clone()),
            maps,
            types,
            charge,
            runs: AtomicU64::new(0),
            run_nanos: AtomicU64::new(0),
            code: OnceLock::new(),
            view: OnceLock::new(),
            spare: Mutex::default(),
        }
    });
    Ok(MockProgram::loaded(
        kernel,
        object.map_err(refused)?,
        VerifierLog::default(),
    ))
}

/// The maps that a program is joined with.
fn maps(
    kernel: &Kernel,
    spec: &ProgramSpec,
    bindings: &Bindings<'_>,
    name: &Arc<str>,
) -> Result<Vec<Arc<MapObject>>, ProgramError> {
    let missing = |what, index, given| ProgramError::Spec {
        program: name.clone(),
        problem: ProgramProblem::Binding { what, index, given },
    };
    for reference in &spec.references {
        let at = reference.instruction as usize;
        if at >= spec.instructions.len() {
            return Err(missing("instruction", at, spec.instructions.len()));
        }
        match reference.referent {
            Referent::Map { map } | Referent::MapValue { map, .. }
                if map >= bindings.maps.len() =>
            {
                return Err(missing("map", map, bindings.maps.len()));
            }
            Referent::Extern { index } if index >= bindings.externs.len() => {
                return Err(missing("extern", index, bindings.externs.len()));
            }
            _ => {}
        }
    }
    let object = |map: &&dyn ebpf_core::Map| {
        let number = map
            .handle()
            .raw_in(kernel.id)
            .map_err(|source| ProgramError::Foreign {
                program: name.clone(),
                source,
            })?;
        match kernel.by_descriptor(number) {
            Some(Object::Map(map)) => Ok(map),
            _ => Err(ProgramError::Os {
                op: "load",
                program: name.clone(),
                errno: Errno::EBADF,
                hint: None,
            }),
        }
    };
    bindings.maps.iter().map(object).collect()
}

/// The ids of maps, each once.
fn ids(maps: &[Arc<MapObject>]) -> Vec<MapId> {
    let mut ids: Vec<MapId> = Vec::new();
    for map in maps {
        if !ids.contains(&map.info.id) {
            ids.push(map.info.id);
        }
    }
    ids
}

/// A digest of the instructions; what they refer to is left out.
fn tag(spec: &ProgramSpec) -> ProgramTag {
    // 64 bits of FNV-1a.
    let digest = encode(&spec.instructions, Endian::Little)
        .into_iter()
        .fold(0xcbf2_9ce4_8422_2325u64, |state, byte| {
            (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    ProgramTag(digest.to_be_bytes())
}
