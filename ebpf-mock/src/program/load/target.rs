//! What a program is tied to, and whether it may sleep: `check_attach_btf_id()` and `bpf_check_attach_target()` in
//! kernel/bpf/verifier.c.

use std::fmt::Display;

use ebpf_core::Errno;
use ebpf_core::btf::Kind;
use ebpf_core::program::{AttachType, ProgramFlags, ProgramSpec, ProgramType, is_gpl_compatible};
use ebpf_core::system::BtfTarget;

use super::signature::same_signature;
use crate::kernel::Kernel;
use crate::program::ProgramObject;
use crate::program::check::Refusal;

fn refuse<T>(words: impl Display) -> Result<T, Refusal> {
    Err(Refusal::new(Errno::EINVAL, words))
}

/// Refuses what cannot be tied so.
pub(super) fn check(
    kernel: &Kernel,
    spec: &ProgramSpec,
    aim: Option<&BtfTarget>,
    target: Option<&ProgramObject>,
) -> Result<(), Refusal> {
    let sleepable = spec.flags.contains(ProgramFlags::SLEEPABLE);
    if spec.program_type == ProgramType::SYSCALL {
        if sleepable {
            return Ok(());
        }
        return refuse("Syscall programs can only be sleepable");
    }
    let attach = spec.expected_attach_type.unwrap_or(AttachType(0));
    let may_sleep = match spec.program_type {
        ProgramType::TRACING => matches!(
            attach,
            AttachType::TRACE_FENTRY
                | AttachType::TRACE_FEXIT
                | AttachType::MODIFY_RETURN
                | AttachType::TRACE_ITER
        ),
        ProgramType::LSM => attach != AttachType::LSM_CGROUP,
        ProgramType::KPROBE | ProgramType::STRUCT_OPS => true,
        _ => false,
    };
    if sleepable && !may_sleep {
        return refuse(
            "Only fentry/fexit/fmod_ret, lsm, iter, uprobe, and struct_ops programs can be sleepable",
        );
    }
    let Some(aim) = aim else {
        return Ok(());
    };
    match spec.program_type {
        ProgramType::STRUCT_OPS => callback(kernel, spec, aim),
        ProgramType::TRACING | ProgramType::LSM | ProgramType::EXT => {
            function(kernel, spec, attach, aim, target)
        }
        _ => Ok(()),
    }
}

/// A function, a tracepoint or an iterator.
fn function(
    kernel: &Kernel,
    spec: &ProgramSpec,
    attach: AttachType,
    aim: &BtfTarget,
    target: Option<&ProgramObject>,
) -> Result<(), Refusal> {
    let id = aim.type_id.0;
    if id == 0 {
        return refuse("Tracing programs must provide btf_id");
    }
    let btf = match (target, &aim.module) {
        (Some(target), _) => target.types.as_ref().map(|types| types.btf.clone()),
        (None, None) => kernel.machine.target_btf.clone(),
        (None, Some(module)) => kernel.machine.modules.get(&**module).cloned(),
    };
    let Some(btf) = btf else {
        return refuse(
            "Tracing program can only be attached to another program annotated with BTF",
        );
    };
    let Ok(found) = btf.get(aim.type_id) else {
        return refuse(format_args!("attach_btf_id {id} is invalid"));
    };
    let name = found.name();
    if name.is_empty() {
        return refuse(format_args!("attach_btf_id {id} doesn't have a name"));
    }
    if let Some(target) = target {
        return of_program(spec, attach, name, target);
    }
    let is_function = found.kind() == Kind::FUNC;
    match attach {
        AttachType::TRACE_RAW_TP => {
            if found.kind() != Kind::TYPEDEF {
                return refuse(format_args!("attach_btf_id {id} is not a typedef"));
            }
            if !name.starts_with("btf_trace_") {
                return refuse(format_args!(
                    "attach_btf_id {id} points to wrong type name {name}"
                ));
            }
            return Ok(());
        }
        AttachType::TRACE_ITER
        | AttachType::MODIFY_RETURN
        | AttachType::LSM_MAC
        | AttachType::LSM_CGROUP
        | AttachType::TRACE_FENTRY
        | AttachType::TRACE_FEXIT => {
            if !is_function {
                return refuse(format_args!("attach_btf_id {id} is not a function"));
            }
        }
        _ => return Err(Refusal::new(Errno::EINVAL, "")),
    }
    if spec.program_type == ProgramType::LSM {
        if !is_gpl_compatible(&spec.license) {
            return refuse("LSM programs must have a GPL compatible license");
        }
        if !name.starts_with("bpf_lsm_") {
            return refuse(format_args!(
                "attach_btf_id {id} points to wrong type name {name}"
            ));
        }
    }
    Ok(())
}

/// A function of another program.
fn of_program(
    spec: &ProgramSpec,
    attach: AttachType,
    name: &str,
    target: &ProgramObject,
) -> Result<(), Refusal> {
    let functions = &target.spec.functions;
    let Some(function) = functions.iter().find(|function| &*function.name == name) else {
        return refuse(format_args!("Subprog {name} doesn't exist"));
    };
    let traces = matches!(attach, AttachType::TRACE_FENTRY | AttachType::TRACE_FEXIT);
    if spec.program_type == ProgramType::TRACING && !traces {
        return match attach {
            AttachType::MODIFY_RETURN => refuse("can't modify return codes of BPF programs"),
            _ => refuse("Only FENTRY/FEXIT progs are attachable to another BPF prog"),
        };
    }
    // What traces programs is not traced itself, and what extends one is not extended.
    let of = target.spec.program_type;
    if of == spec.program_type {
        return match of {
            ProgramType::EXT => refuse("Cannot recursively attach"),
            _ => refuse("Cannot nest tracing program attach more than once"),
        };
    }
    if spec.program_type == ProgramType::EXT {
        same_signature(spec, &target.spec, function)
            .map_err(|why| Refusal::new(Errno::EINVAL, why))?;
    }
    Ok(())
}

/// A member of a structure that the kernel calls functions of.
fn callback(kernel: &Kernel, spec: &ProgramSpec, aim: &BtfTarget) -> Result<(), Refusal> {
    if !is_gpl_compatible(&spec.license) {
        return refuse("struct ops programs must have a GPL compatible license");
    }
    let id = aim.type_id.0;
    let btf = match &aim.module {
        None => kernel.machine.target_btf.clone(),
        Some(module) => kernel.machine.modules.get(&**module).cloned(),
    };
    let structure = btf.as_ref().and_then(|btf| {
        let found = btf.get(aim.type_id).ok()?;
        // The kernel has a wrapper for each structure whose functions programs may be.
        btf.find(&format!("bpf_struct_ops_{}", found.name()), Kind::STRUCT)?;
        found
            .as_composite()
            .filter(|_| found.kind() == Kind::STRUCT)
    });
    let (Some(btf), Some(structure)) = (&btf, structure) else {
        return Err(Refusal::new(
            Errno::ENOTSUPP,
            format_args!("attach_btf_id {id} is not a supported struct"),
        ));
    };
    let name = structure.as_type().name();
    let index = spec.expected_attach_type.map_or(0, |attach| attach.0);
    let Some(member) = structure.members().nth(index as usize) else {
        return refuse(format_args!(
            "attach to invalid member idx {index} of struct {name}"
        ));
    };
    let pointer = btf.resolve(member.type_id).ok();
    let to = pointer
        .filter(|pointer| pointer.kind() == Kind::PTR)
        .and_then(|pointer| btf.resolve(pointer.target()?).ok());
    if to.is_some_and(|to| to.kind() == Kind::FUNC_PROTO) {
        Ok(())
    } else {
        refuse(format_args!(
            "attach to invalid member {}(@idx {index}) of struct {name}",
            member.name
        ))
    }
}
