//! Kprobes, one or many at once: `perf_kprobe_init()` in kernel/trace/trace_event_perf.c,
//! `bpf_kprobe_multi_link_attach()` in kernel/trace/bpf_trace.c.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::hook::{
    KernelFunction, KernelFunctions, Kprobe, KprobeMulti, ProbeVia, matches_pattern,
};
use ebpf_core::link::{Link, LinkType, ProbedFunction};
use ebpf_core::program::{AttachType, ProgramError, ProgramType};
use ebpf_core::system::similar::{did_you_mean, similar};

use super::attaching::{Attaching, Refusal};
use super::probe::{Event, How};
use crate::kernel::Kernel;
use crate::program::{MockProgram, ProgramObject};
use crate::symbols::syscall_function;
use crate::world::Site;

/// How many returns may be awaited at most: `KRETPROBE_MAXACTIVE_MAX`.
const MOST_ACTIVE: u32 = 4096;
/// The most functions of one link: `MAX_KPROBE_MULTI_CNT`.
const MOST_FUNCTIONS: usize = 1 << 20;
/// Bytes of every instruction of a simulated kernel.
const INSTRUCTION: u64 = 4;

/// Attaches a program to a place in the kernel's code.
pub(super) fn attach(
    program: &MockProgram,
    target: &Kprobe,
) -> Result<Box<dyn Link>, ProgramError> {
    let attaching = Attaching::new(program, target);
    let attached = place(attaching.kernel(), target).and_then(|site| {
        let how = how(target)?;
        let fits = is_of_events(attaching.object());
        Event::new(site, target.cookie).attach(&attaching, how, fits)
    });
    attached.map_err(|refusal| attaching.refused(refusal))
}

/// Whether a program of probes is one for perf's events.
pub(super) fn is_of_events(program: &ProgramObject) -> bool {
    let meant = program.spec.expected_attach_type;
    let several = [
        AttachType::TRACE_KPROBE_MULTI,
        AttachType::TRACE_KPROBE_SESSION,
        AttachType::TRACE_UPROBE_MULTI,
        AttachType::TRACE_UPROBE_SESSION,
    ];
    let other = meant.is_some_and(|meant| several.contains(&meant));
    program.spec.program_type == ProgramType::KPROBE && !other
}

/// How a program gets to the event of a probe.
pub(super) fn how_of(via: ProbeVia) -> How {
    match via {
        ProbeVia::Link => How::Link,
        ProbeVia::PerfPmu | ProbeVia::Tracefs => How::Ioctl,
        _ => How::Auto,
    }
}

fn how(target: &Kprobe) -> Result<How, Refusal> {
    match (target.max_active, target.via) {
        (Some(_), ProbeVia::PerfPmu) => Err(Refusal::from(Errno::EOPNOTSUPP).hint(
            "only events of tracefs limit the returns awaited: say ProbeVia::Auto or ProbeVia::Tracefs",
        )),
        (Some(calls), _) if calls > MOST_ACTIVE => {
            Err(Refusal::from(Errno::E2BIG).hint("at most 4096 returns may be awaited"))
        }
        (_, via) => Ok(how_of(via)),
    }
}

/// The place that is meant, if a probe can be put there.
fn place(kernel: &Kernel, target: &Kprobe) -> Result<Site, Refusal> {
    let symbols = &kernel.machine.symbols;
    let site = |function: Arc<str>, address: u64, offset: u64| {
        let place = address
            .checked_add(offset)
            .and_then(|place| symbols.at(place));
        if place.is_none_or(|place| place.offset != offset) {
            return Err(Refusal::from(Errno::EINVAL).hint(
                "the offset is beyond the function, or the place is one that cannot be probed",
            ));
        }
        if target.ret && offset != 0 {
            return Err(Refusal::from(Errno::EINVAL)
                .hint("only a function's first instruction has a return"));
        }
        if !offset.is_multiple_of(INSTRUCTION) {
            return Err(Refusal::from(Errno::EILSEQ).hint("no instruction begins at that offset"));
        }
        Ok(Site::Kprobe {
            function,
            offset: offset as u32,
            address,
            at_return: target.ret,
        })
    };
    let names = match &target.function {
        KernelFunction::Address(address) => {
            let address = address.checked_add(target.offset).ok_or(Errno::EINVAL)?;
            let offset = symbols.at(address).ok_or(Errno::EINVAL)?.offset;
            return site("".into(), address - offset, offset);
        }
        KernelFunction::Syscall(call) => vec![syscall_function(call)],
        KernelFunction::Symbol(symbol) => {
            let guess = symbol.strip_prefix("guess_").map(syscall_function);
            std::iter::once(symbol.clone()).chain(guess).collect()
        }
        _ => return Err(Errno::EOPNOTSUPP.into()),
    };
    for name in &names {
        if let Some(address) = symbols.address(name) {
            return site(name.as_str().into(), address, target.offset);
        }
    }
    Err(Refusal::told(
        Errno::ENOENT,
        missing(kernel, &target.function, &names),
    ))
}

/// What is known of a function that there is not.
fn missing(kernel: &Kernel, function: &KernelFunction, names: &[String]) -> String {
    match (function, names) {
        (KernelFunction::Symbol(name), [only]) if name == only => no_function(kernel, name),
        _ => format!("the kernel has none of `{}`", names.join("`, `")),
    }
}

fn no_function(kernel: &Kernel, name: &str) -> String {
    let known = kernel.machine.symbols.names();
    let similar = similar(name, known.map(|known| &**known));
    let meant = did_you_mean(&similar);
    format!("the kernel has no function `{name}`{meant}")
}

/// Attaches a program to many functions.
pub(super) fn attach_multi(
    program: &MockProgram,
    target: &KprobeMulti,
) -> Result<Box<dyn Link>, ProgramError> {
    let attaching = Attaching::new(program, target);
    let attached = several(&attaching, target).and_then(|functions| {
        let site = Site::KprobeMulti {
            functions,
            at_return: target.ret,
            session: target.session,
        };
        Event::new(site, None).link(&attaching, LinkType::KPROBE_MULTI)
    });
    attached.map_err(|refusal| attaching.refused(refusal))
}

fn several(
    attaching: &Attaching<'_>,
    target: &KprobeMulti,
) -> Result<Arc<[ProbedFunction]>, Refusal> {
    let kernel = attaching.kernel();
    let symbols = &kernel.machine.symbols;
    let addresses: Vec<u64> = match &target.functions {
        KernelFunctions::Pattern(_) if !target.cookies.is_empty() => {
            return Err(Refusal::from(Errno::EINVAL)
                .hint("cookies are for functions in an order, which a pattern has not"));
        }
        KernelFunctions::Pattern(pattern) => {
            let names = symbols.names();
            let names = names.filter(|name| matches_pattern(pattern, name));
            let found: Vec<u64> = names.filter_map(|name| symbols.address(name)).collect();
            if found.is_empty() {
                return Err(Refusal::from(Errno::ESRCH)
                    .hint("no function that can be traced has such a name"));
            }
            found
        }
        KernelFunctions::Symbols(names) => {
            let found = names.iter().map(|name| {
                let address = symbols.address(name);
                address.ok_or_else(|| Refusal::told(Errno::ESRCH, no_function(kernel, name)))
            });
            found.collect::<Result<_, _>>()?
        }
        KernelFunctions::Addresses(addresses) => addresses.clone(),
        _ => return Err(Errno::EOPNOTSUPP.into()),
    };
    let wanted = match target.session {
        true => AttachType::TRACE_KPROBE_SESSION,
        false => AttachType::TRACE_KPROBE_MULTI,
    };
    check_several(
        attaching,
        wanted,
        target.session && target.ret,
        addresses.len(),
        target.cookies.len(),
    )?;
    if addresses.len() > MOST_FUNCTIONS {
        return Err(Errno::E2BIG.into());
    }
    let begins = |address: &u64| {
        symbols
            .at(*address)
            .is_some_and(|symbol| symbol.offset == 0)
    };
    if !addresses.iter().all(begins) {
        return Err(Refusal::from(Errno::EINVAL).hint("no function begins at one of the addresses"));
    }
    let cookies = target.cookies.iter().copied().chain(std::iter::repeat(0));
    let functions = addresses.into_iter().zip(cookies);
    Ok(functions
        .map(|(address, cookie)| ProbedFunction::new(address, cookie))
        .collect())
}

/// Whether a program that was loaded for many probes is attached as it says, to some, with a cookie for each or none.
pub(super) fn check_several(
    attaching: &Attaching<'_>,
    wanted: AttachType,
    returns_of_session: bool,
    places: usize,
    cookies: usize,
) -> Result<(), Refusal> {
    let link_type = match wanted {
        AttachType::TRACE_KPROBE_MULTI | AttachType::TRACE_KPROBE_SESSION => LinkType::KPROBE_MULTI,
        _ => LinkType::UPROBE_MULTI,
    };
    let spec = &attaching.object().spec;
    let fits = spec.program_type == ProgramType::KPROBE
        && spec.expected_attach_type == Some(wanted)
        && attaching.has_links(link_type);
    if !fits || returns_of_session || places == 0 || ![0, places].contains(&cookies) {
        return Err(Refusal::from(Errno::EINVAL).hint(
            "the program must be loaded for many probes, as it is attached, and there must be a place, and a cookie for \
             each or none",
        ));
    }
    Ok(())
}
