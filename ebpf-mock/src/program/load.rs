//! From a program's spec to a program of a simulated kernel: `bpf_prog_load()` in kernel/bpf/syscall.c.

pub(crate) mod join;
mod rules;
mod signature;
pub(super) mod tag;
mod target;
pub(crate) mod types;

use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, OnceLock};

use ebpf_core::Errno;
use ebpf_core::insn::Insn;
use ebpf_core::program::{
    LogLevel, ProgramError, ProgramId, ProgramInfo, ProgramSpec, VerifierLog, is_gpl_compatible,
};
use ebpf_core::system::Bindings;
use parking_lot::Mutex;

pub(crate) use self::signature::same_signature;

use self::join::Joined;
use self::types::Types;
use super::check::{self, Subject};
use super::{MockProgram, ProgramObject};
use crate::engine::context::ContextRules;
use crate::kernel::{Kernel, kernel_name};

/// Loads a program.
pub(crate) fn load(
    kernel: &Arc<Kernel>,
    spec: &ProgramSpec,
    bindings: &Bindings<'_>,
) -> Result<MockProgram, ProgramError> {
    let name: Arc<str> = spec.name.as_str().into();
    if let Some(problem) = spec.problem(bindings) {
        return Err(ProgramError::Spec {
            program: name,
            problem,
        });
    }
    let refused = |errno| ProgramError::load_failed(&name, errno);
    let joined = Joined::new(kernel, spec, bindings, &name)?;
    let target = bindings
        .target
        .map(|target| {
            let found = kernel
                .program(target)
                .map_err(|source| ProgramError::Foreign {
                    program: name.clone(),
                    source,
                })?;
            found.ok_or_else(|| refused(Errno::EBADF))
        })
        .transpose()?;
    rules::check(kernel, spec, bindings.attach_btf, target.as_deref()).map_err(refused)?;
    let types = Types::of(kernel, spec).map_err(refused)?;
    let aim = || target::check(kernel, spec, bindings.attach_btf, target.as_deref());
    let subject = Subject {
        kernel,
        spec,
        joined: &joined,
        types: types.as_ref(),
        context: ContextRules::of(spec.program_type, spec.expected_attach_type),
        aim: &aim,
    };
    let checked = check::check(&subject).map_err(|refusal| {
        if spec.log_level == LogLevel::OnRefusal && refusal.errno == Errno::EPERM {
            return refused(refusal.errno);
        }
        ProgramError::load_refused(&name, refusal.errno, VerifierLog::new(refusal.log, false))
    })?;
    let view = match subject.context {
        Some(ContextRules::Fields(view)) => Some(Arc::new(view)),
        _ => None,
    };
    if !joined.maps.iter().all(|map| map.storage.usable_by(spec)) {
        return Err(refused(Errno::EINVAL));
    }

    let bytes = Insn::SIZE * spec.instructions.len();
    let charge = kernel
        .charge((bytes as u64).next_multiple_of(4096))
        .map_err(refused)?;
    let object = kernel.programs.insert(|id| {
        let mut info = ProgramInfo::new(ProgramId(id), kernel_name(&spec.name), spec.program_type);
        info.tag = tag::of(&joined.instructions, kernel.machine.release);
        info.translated_bytes = bytes as u32;
        info.verified_instructions = checked.walked;
        info.loaded_at = kernel.machine.clock.lock().boot;
        info.created_by_uid = kernel.machine.privileges.uid();
        info.map_ids = joined.maps.iter().map(|map| map.info.id).collect();
        info.gpl_compatible = is_gpl_compatible(&spec.license);
        info.btf_id = types.as_ref().map_or(0, |types| types.object.id);
        info.attach_btf = match (bindings.attach_btf, &target) {
            (Some(aim), Some(target)) => (target.info.btf_id, aim.type_id),
            (Some(aim), None) => {
                let own = kernel.own_types.as_ref();
                (own.map_or(0, |own| own.id), aim.type_id)
            }
            (None, _) => info.attach_btf,
        };
        info.ifindex = spec.ifindex;
        let maps = joined.given.clone();
        let externs = spec.externs.iter().zip(bindings.externs);
        let externs = externs
            .map(|(symbol, value)| kernel.extern_address(&symbol.name, value))
            .collect();
        let functions = checked.functions.dumped(types.as_ref());
        let lines = types
            .as_ref()
            .map_or_else(Vec::new, |types| types.lines.to_vec());
        ProgramObject {
            info,
            spec: Arc::new(spec.clone()),
            joined,
            externs,
            maps,
            functions,
            lines,
            types: types.map(|types| types.object),
            target,
            placed: AtomicBool::new(false),
            charge,
            runs: AtomicU64::new(0),
            run_nanos: AtomicU64::new(0),
            code: OnceLock::new(),
            view,
            spare: Mutex::default(),
        }
    });
    let log = match spec.log_level {
        LogLevel::OnRefusal => VerifierLog::default(),
        _ => VerifierLog::new(checked.log, false),
    };
    Ok(MockProgram::loaded(kernel, object.map_err(refused)?, log))
}
