//! Many kernel functions at once, by a link of the kernel.

use std::ffi::CString;

use ebpf_sys::BPF_F_KPROBE_MULTI_RETURN;

use super::functions::{Symbols, traceable};
use super::trouble::Trouble;
use crate::Errno;
use crate::hook::{KernelFunctions, KprobeMulti};
use crate::kernel::link::KernelLink;
use crate::kernel::program::KernelProgram;
use crate::kernel::sys::{self, Functions};
use crate::link::{Link, LinkTarget, LinkType};
use crate::program::{AttachType, Program, ProgramError};

/// Attaches a program to many functions.
pub(super) fn attach(
    program: &KernelProgram,
    target: &KprobeMulti,
) -> Result<Box<dyn Link>, ProgramError> {
    attach_to(program, target)
        .map(|link| Box::new(link) as Box<dyn Link>)
        .map_err(|trouble| trouble.of(program, target))
}

fn attach_to(program: &KernelProgram, target: &KprobeMulti) -> Result<KernelLink, Trouble> {
    let c_names = |names: &[String]| {
        let names = names.iter().map(|name| CString::new(name.as_str()));
        names
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| Errno::ESRCH)
    };
    let names = match &target.functions {
        KernelFunctions::Symbols(names) => c_names(names)?,
        KernelFunctions::Pattern(_) if !target.cookies.is_empty() => {
            return Err(Trouble::from(Errno::EINVAL)
                .hint("cookies are for functions in an order, which a pattern has not"));
        }
        KernelFunctions::Pattern(pattern) => {
            let found = traceable(pattern).map_err(|errno| {
                let hint = match errno {
                    Errno::ESRCH => Some("no function that can be traced has such a name"),
                    Errno::ENOENT => {
                        Some("the kernel has no function tracer (CONFIG_DYNAMIC_FTRACE)")
                    }
                    _ => None,
                };
                Trouble::from(errno).or_hint(hint)
            })?;
            c_names(&found)?
        }
        KernelFunctions::Addresses(_) => Vec::new(),
    };
    let functions = match &target.functions {
        KernelFunctions::Addresses(addresses) => Functions::Addresses(addresses),
        _ => Functions::Names(&names),
    };
    let attach_type = if target.session {
        AttachType::TRACE_KPROBE_SESSION
    } else {
        AttachType::TRACE_KPROBE_MULTI
    };
    let flags = if target.ret {
        BPF_F_KPROBE_MULTI_RETURN
    } else {
        0
    };
    let fd = program.fd().ok_or(Errno::EBADF)?;
    let link = sys::create_kprobe_multi_link(fd, attach_type.0, functions, flags, &target.cookies)
        .map_err(|errno| refused(errno, target))?;
    let told = LinkTarget::KprobeMulti {
        functions: Vec::new().into(),
        at_return: target.ret,
    };
    Ok(KernelLink::made(link, LinkType::KPROBE_MULTI, told)?)
}

fn refused(errno: Errno, target: &KprobeMulti) -> Trouble {
    let trouble = Trouble::from(errno);
    match (errno, &target.functions) {
        (Errno::ESRCH, KernelFunctions::Symbols(names)) => {
            let known = Symbols::read().ok();
            let missing = known.as_ref().and_then(|known| {
                let missing = names.iter().find(|name| !known.has(name))?;
                Some(known.missing(missing))
            });
            match missing {
                Some(told) => trouble.told(told),
                None => trouble.hint("one of the functions cannot be traced, or several have its name"),
            }
        }
        (Errno::EINVAL, _) if !target.cookies.is_empty() => {
            trouble.hint("there must be a cookie for each function, and the program must be loaded for kprobe.multi")
        }
        (Errno::EINVAL, _) => trouble.hint(
            "the program must be loaded for kprobe.multi (Linux 5.18) or kprobe.session (6.10), as it is attached; or there is no function",
        ),
        (Errno::EOPNOTSUPP, _) => trouble.hint("the kernel is built without CONFIG_FPROBE"),
        (Errno::EPERM, _) => trouble.hint("CAP_PERFMON (or root) is needed"),
        _ => trouble,
    }
}
