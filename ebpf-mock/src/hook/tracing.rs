//! fentry, fexit, fmod_ret, typed tracepoints, LSM, freplace: attached to what they were loaded for:
//! `bpf_tracing_prog_attach()` in kernel/bpf/syscall.c.

use std::sync::atomic::Ordering;

use ebpf_core::Errno;
use ebpf_core::hook::Tracing;
use ebpf_core::link::{Link, LinkType};
use ebpf_core::program::{AttachType, ProgramError, ProgramType};

use super::attaching::{Attaching, Refusal};
use super::probe::Event;
use super::replace;
use crate::program::{MockProgram, ProgramObject};
use crate::world::Site;

/// Attaches a program to what it was loaded for.
pub(super) fn attach(
    program: &MockProgram,
    target: &Tracing<'_>,
) -> Result<Box<dyn Link>, ProgramError> {
    let attaching = Attaching::new(program, target);
    let object = attaching.object();
    let instead = match &target.target {
        None => None,
        Some(other) => Some((attaching.named(other.program)?, other.function.0)),
    };
    let attach = || {
        let attach_type = hook(object)?;
        if target.attach_type.is_some_and(|said| said != attach_type) {
            return Err(Errno::EINVAL.into());
        }
        let loaded_for = object.info.attach_btf.1.0;
        if attach_type == AttachType::TRACE_RAW_TP {
            if instead.is_some() {
                return Err(Errno::EINVAL.into());
            }
            let site = Site::RawTracepoint {
                name: object.spec.attach_to.as_deref().unwrap_or_default().into(),
            };
            return Event::new(site, target.cookie).link(&attaching, LinkType::RAW_TRACEPOINT);
        }
        let (of, function) = match (&instead, &object.target) {
            (Some((of, function)), _) => {
                if object.spec.program_type != ProgramType::EXT {
                    return Err(Errno::EINVAL.into());
                }
                (of.info.id.0, *function)
            }
            (None, Some(of)) => (of.info.id.0, loaded_for),
            (None, None) => (0, loaded_for),
        };
        let site = Site::Tracing {
            attach_type,
            object: of,
            function,
        };
        if object.spec.program_type == ProgramType::EXT {
            let named = instead.as_ref().map(|(of, _)| of);
            let loaded_for = object.target.as_ref();
            let of = named.or(loaded_for.filter(|_| !object.placed.load(Ordering::Relaxed)));
            let of = of.ok_or_else(|| {
                Refusal::from(Errno::EINVAL)
                    .hint("it was attached before: say to what (instead_of)")
            })?;
            return replace::attach(&attaching, of, function, site, target.cookie);
        }
        Event::new(site, target.cookie).link(&attaching, LinkType::TRACING)
    };
    attach().map_err(|refusal| attaching.refused(refusal))
}

/// The hook that a program was loaded for.
fn hook(program: &ProgramObject) -> Result<AttachType, Refusal> {
    let meant = program.spec.expected_attach_type;
    match (program.spec.program_type, meant) {
        (ProgramType::EXT, _) => Ok(meant.unwrap_or(AttachType(0))),
        (
            ProgramType::TRACING,
            Some(
                hook @ (AttachType::TRACE_FENTRY
                | AttachType::TRACE_FEXIT
                | AttachType::MODIFY_RETURN
                | AttachType::TRACE_RAW_TP),
            ),
        )
        | (ProgramType::LSM, Some(hook @ AttachType::LSM_MAC)) => Ok(hook),
        (ProgramType::TRACING, Some(AttachType::TRACE_ITER)) => {
            Err(Refusal::from(Errno::EINVAL).hint("an iterator is attached by Iter"))
        }
        (ProgramType::RAW_TRACEPOINT | ProgramType::RAW_TRACEPOINT_WRITABLE, _) => {
            Err(Refusal::from(Errno::EINVAL)
                .hint("a raw tracepoint is named when it is attached: RawTracepoint"))
        }
        _ => Err(Refusal::from(Errno::EINVAL).hint("programs of this type are attached elsewhere")),
    }
}
