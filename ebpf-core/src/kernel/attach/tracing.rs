//! fentry, fexit, fmod_ret, typed tracepoints, LSM, freplace: attached to what they were loaded for.

use super::trouble::Trouble;
use crate::Errno;
use crate::hook::Tracing;
use crate::kernel::link::KernelLink;
use crate::kernel::program::KernelProgram;
use crate::kernel::sys;
use crate::link::{Link, LinkTarget, LinkType};
use crate::program::{AttachType, Program, ProgramError, ProgramType};
use crate::system::SystemId;

/// Attaches a program to what it was loaded for.
pub(super) fn attach(
    program: &KernelProgram,
    target: &Tracing<'_>,
) -> Result<Box<dyn Link>, ProgramError> {
    if let Some(other) = &target.target {
        let here = other.program.handle().raw_in(SystemId::KERNEL);
        here.map_err(|source| ProgramError::Foreign {
            program: program.info().name.clone(),
            source,
        })?;
    }
    link(program, target)
        .map(|link| Box::new(link) as Box<dyn Link>)
        .map_err(|errno| {
            let hint = hint(errno, program, target);
            Trouble::from(errno).or_hint(hint).of(program, target)
        })
}

fn link(program: &KernelProgram, target: &Tracing<'_>) -> Result<KernelLink, Errno> {
    let fd = program.fd().ok_or(Errno::EBADF)?;
    let attach_type = target.attach_type.or(program.attach_type());
    let link = match (&target.target, target.cookie) {
        (None, None) => sys::open_raw_tracepoint(fd, None, 0)?,
        (None, Some(cookie)) if attach_type == Some(AttachType::TRACE_RAW_TP) => {
            sys::open_raw_tracepoint(fd, None, cookie)?
        }
        (other, cookie) => {
            let other = match other {
                None => None,
                Some(other) => {
                    let fd = other.program.fd().ok_or(Errno::EBADF)?;
                    Some((fd, other.function.0))
                }
            };
            let attach_type = attach_type.unwrap_or(AttachType(0));
            sys::create_tracing_link(fd, attach_type.0, other, cookie.unwrap_or(0))?
        }
    };
    KernelLink::made(link, LinkType::TRACING, LinkTarget::Other)
}

fn hint(errno: Errno, program: &KernelProgram, target: &Tracing<'_>) -> Option<&'static str> {
    match (errno, program.info().program_type) {
        (Errno::EINVAL, ProgramType::TRACING)
            if program.attach_type() == Some(AttachType::TRACE_ITER) =>
        {
            Some("an iterator is attached by Iter")
        }
        (Errno::EINVAL, ProgramType::RAW_TRACEPOINT | ProgramType::RAW_TRACEPOINT_WRITABLE) => {
            Some("a raw tracepoint is named when it is attached: RawTracepoint")
        }
        (Errno::EINVAL | Errno::E2BIG, _) if target.cookie.is_some() => Some(
            "cookies of such programs need Linux 5.19, and the attach type that the program was loaded with (Tracing::attach_type)",
        ),
        (Errno::EINVAL, ProgramType::EXT) => {
            Some("the function has another signature, is not global, or is replaced already")
        }
        (Errno::EINVAL, _) => Some("programs of this type are attached elsewhere"),
        (Errno::EBUSY, _) => Some(
            "something is attached there that excludes it, or it is attached already: a program is attached to what it was loaded for once",
        ),
        (Errno::ENOTSUPP | Errno::EOPNOTSUPP, _) => Some(
            "the kernel cannot: its architecture or configuration has no trampolines (CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS)",
        ),
        (Errno::E2BIG, _) => Some("as many programs as a function takes are attached there (38)"),
        (Errno::EPERM, _) => Some("CAP_PERFMON (or root) is needed"),
        (Errno::ENOENT, _) => Some(
            "what it was loaded for is gone (a module that was unloaded), or the kernel attaches such a program once only (before Linux 5.13)",
        ),
        _ => None,
    }
}
