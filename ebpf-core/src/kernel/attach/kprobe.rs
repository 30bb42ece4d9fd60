//! Kprobes: by perf's own events, or by events of tracefs.

use std::cell::OnceCell;
use std::ffi::CString;

use super::event::{self, Event, everywhere};
use super::functions::{Symbols, syscall_names};
use super::probe::Probe;
use super::trouble::Trouble;
use crate::Errno;
use crate::hook::{KernelFunction, Kprobe};
use crate::kernel::program::KernelProgram;
use crate::kernel::tracefs::ProbeFile;
use crate::link::{Link, LinkTarget};
use crate::program::ProgramError;

/// Attaches a program to a place in the kernel's code.
pub(super) fn attach(
    program: &KernelProgram,
    target: &Kprobe,
) -> Result<Box<dyn Link>, ProgramError> {
    attach_to(program, target).map_err(|trouble| trouble.of(program, target))
}

fn attach_to(program: &KernelProgram, target: &Kprobe) -> Result<Box<dyn Link>, Trouble> {
    let known = Known::default();
    if let KernelFunction::Address(address) = target.function {
        return attach_at(program, target, None, address, &known);
    }
    let names = names(&target.function);
    let mut missing = None;
    for name in &names {
        match attach_at(program, target, Some(name), 0, &known) {
            Err(trouble) if trouble.errno == Errno::ENOENT => missing = Some(trouble),
            other => return other,
        }
    }
    // None of them is there.
    let trouble = missing.unwrap_or_else(|| Errno::ENOENT.into());
    Err(explain(trouble, &target.function, &names, &known))
}

/// The functions that the kernel says it has: read once for an attachment, and only when something is wrong.
#[derive(Default)]
struct Known(OnceCell<Option<Symbols>>);

impl Known {
    fn symbols(&self) -> Option<&Symbols> {
        self.0.get_or_init(|| Symbols::read().ok()).as_ref()
    }

    /// Whether the kernel says that it has no such function.
    fn lacks(&self, name: &str) -> bool {
        self.symbols().is_some_and(|known| !known.has(name))
    }
}

/// What the function may be called, in the order in which the kernel is asked.
fn names(function: &KernelFunction) -> Vec<String> {
    match function {
        KernelFunction::Address(_) => Vec::new(),
        KernelFunction::Syscall(call) => syscall_names(call),
        KernelFunction::Symbol(symbol) => {
            // A symbol that happens to begin like a guess is no guess.
            let guess = symbol.strip_prefix("guess_");
            let guessed = guess.map(syscall_names).unwrap_or_default();
            std::iter::once(symbol.clone()).chain(guessed).collect()
        }
    }
}

/// Says what is known of a function that the kernel did not find.
fn explain(
    trouble: Trouble,
    function: &KernelFunction,
    names: &[String],
    known: &Known,
) -> Trouble {
    let Some(known) = known.symbols() else {
        return trouble;
    };
    match (function, names) {
        (KernelFunction::Symbol(name), [only]) if name == only => {
            if known.has(name) {
                trouble.hint("the function is there, but it is one that cannot be probed (notrace, __kprobes, __init)")
            } else {
                trouble.told(known.missing(name))
            }
        }
        _ => {
            let tried = names.join("`, `");
            trouble.told(format!("the kernel has none of `{tried}`"))
        }
    }
}

fn attach_at(
    program: &KernelProgram,
    target: &Kprobe,
    name: Option<&str>,
    address: u64,
    known: &Known,
) -> Result<Box<dyn Link>, Trouble> {
    let offset = address.checked_add(target.offset).ok_or(Errno::EINVAL)?;
    // What tracefs takes for the end of a definition, or for another, is in no name.
    if name.is_some_and(|name| {
        name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == '\0' || c == ';')
    }) {
        return Err(Errno::ENOENT.into());
    }
    // Tracefs takes any function of a module, for when it is loaded.
    let module = name.filter(|name| name.contains(':'));
    if module.is_some_and(|name| known.lacks(name)) {
        return Err(Errno::ENOENT.into());
    }
    let probe = Probe {
        file: ProbeFile::Kprobes,
        ret: target.ret,
        name: name
            .map(CString::new)
            .transpose()
            .map_err(|_| Errno::ENOENT)?,
        offset,
        reference_counter: 0,
        max_active: target.max_active,
        scope: everywhere(),
        place: match (name, target.offset) {
            (None, _) => format!("{offset:#x}"),
            (Some(name), 0) => name.to_owned(),
            (Some(name), offset) => format!("{name}+{offset:#x}"),
        },
        label: name.unwrap_or("address").to_owned(),
    };
    let ((fd, line), how) = probe.open(target.via).map_err(|trouble| match name {
        // Of a function that is not there newer kernels say so in tracefs.
        Some(name) if trouble.errno == Errno::EINVAL && known.lacks(name) => Errno::ENOENT.into(),
        _ => hinted(trouble, target),
    })?;
    let link_target = LinkTarget::Kprobe {
        function: name.unwrap_or_default().into(),
        offset: target.offset.try_into().unwrap_or(u32::MAX),
        address,
        at_return: target.ret,
    };
    let event = Event {
        fd,
        target: link_target,
        line,
    };
    event::attach(program, event, how, target.cookie)
}

fn hinted(trouble: Trouble, target: &Kprobe) -> Trouble {
    let hint = match trouble.errno {
        Errno::EILSEQ => Some("no instruction begins at that offset"),
        Errno::EINVAL if target.ret && target.offset != 0 => {
            Some("only a function's first instruction has a return")
        }
        Errno::EINVAL if target.offset != 0 => {
            Some("the offset is beyond the function, or the place is one that cannot be probed")
        }
        Errno::EINVAL => Some("the function is one that cannot be probed (notrace, __kprobes)"),
        Errno::EADDRNOTAVAIL => Some(
            "several functions have this name: say one by its address (Kprobe::address), or with its module (`module:name`)",
        ),
        Errno::EBUSY => Some("another tracer has this function (livepatch, or a probe in its way)"),
        Errno::EEXIST => Some("there is a probe of this name already"),
        Errno::EOPNOTSUPP => {
            Some("the kernel has no kprobes (CONFIG_KPROBES), or not of this kind")
        }
        _ => None,
    };
    trouble.or_hint(hint)
}
