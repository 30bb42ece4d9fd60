//! Kprobes: programs at the entry of a kernel function, inside it, or at its return.

use std::fmt;

/// By which interface of the kernel a probe is attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ProbeVia {
    /// An event of perf's own where the kernel has them (since Linux 4.17), else one of tracefs; the program by a link
    /// where it can (since Linux 5.15), else by ioctl.
    #[default]
    Auto,
    /// A link, which can be pinned and updated, or nothing. Since Linux 5.15.
    #[doc(alias = "BPF_LINK_TYPE_PERF_EVENT")]
    Link,
    /// An event of perf's own and an ioctl, as on Linux 4.17 to 5.14.
    #[doc(alias = "PERF_EVENT_IOC_SET_BPF")]
    PerfPmu,
    /// An event of tracefs and an ioctl, as before Linux 4.17. The event is a line in `kprobe_events` or
    /// `uprobe_events` that a killed process leaves behind.
    #[doc(alias = "kprobe_events")]
    Tracefs,
}

/// Which function of the kernel.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KernelFunction {
    /// The one of this name, as `/proc/kallsyms` has it; `module:name` for that of a module. `guess_NAME`, as goebpf
    /// writes, is the function of a system call unless the kernel has a symbol of that very name.
    Symbol(String),
    /// The function of this system call, whatever it is called on the running architecture and release:
    /// `__x64_sys_execve`, `__arm64_sys_execve`, `SyS_execve`, `sys_execve`, …
    Syscall(String),
    /// The function at this address.
    Address(u64),
}

impl fmt::Display for KernelFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KernelFunction::Symbol(name) => write!(f, "`{name}`"),
            KernelFunction::Syscall(name) => write!(f, "system call `{name}`"),
            KernelFunction::Address(address) => write!(f, "{address:#x}"),
        }
    }
}

/// A place in the kernel's code, or the return of one of its functions.
///
/// Several programs may be attached to one place, and one program to several.
///
/// ```
/// use ebpf_core::hook::Kprobe;
/// assert_eq!(Kprobe::entry("do_unlinkat").to_string(), "kprobe of `do_unlinkat`");
/// assert_eq!(Kprobe::entry("do_unlinkat+0x10").to_string(), "kprobe of `do_unlinkat`+0x10");
/// assert_eq!(Kprobe::ret_syscall("execve").to_string(), "kretprobe of system call `execve`");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Kprobe {
    /// The function.
    pub function: KernelFunction,
    /// Bytes from its first instruction.
    pub offset: u64,
    /// Whether at its return.
    pub ret: bool,
    /// What `bpf_get_attach_cookie` gives to the program.
    pub cookie: Option<u64>,
    /// For a return: how many calls of the function may be under way at once; more of them go unseen. `None` leaves it
    /// to the kernel (10, or twice the number of CPUs if that is more). Only events of tracefs can say another number.
    pub max_active: Option<u32>,
    /// By which interface of the kernel.
    pub via: ProbeVia,
}

impl Kprobe {
    /// The entry of a function, or a place in it (`do_unlinkat+0x10`).
    ///
    /// Since Linux 4.1.
    pub fn entry(symbol: impl Into<String>) -> Kprobe {
        let symbol = symbol.into();
        let (name, offset) = split_offset(&symbol);
        Kprobe::at(KernelFunction::Symbol(name.to_owned()), offset, false)
    }

    /// The return of a function.
    ///
    /// Since Linux 4.1.
    pub fn ret(symbol: impl Into<String>) -> Kprobe {
        Kprobe {
            ret: true,
            ..Kprobe::entry(symbol)
        }
    }

    /// The entry of the function of a system call, such as `execve`, by its name on the running machine.
    ///
    /// Where that name begins with the architecture's (since Linux 4.17 on x86-64, arm64, s390x), the function has one
    /// argument, a pointer to the `pt_regs` that hold the system call's own.
    #[doc(alias = "ksyscall")]
    pub fn syscall(name: impl Into<String>) -> Kprobe {
        Kprobe::at(KernelFunction::Syscall(name.into()), 0, false)
    }

    /// The return of the function of a system call.
    #[doc(alias = "kretsyscall")]
    pub fn ret_syscall(name: impl Into<String>) -> Kprobe {
        Kprobe::at(KernelFunction::Syscall(name.into()), 0, true)
    }

    /// An instruction by its address.
    pub fn address(address: u64) -> Kprobe {
        Kprobe::at(KernelFunction::Address(address), 0, false)
    }

    fn at(function: KernelFunction, offset: u64, ret: bool) -> Kprobe {
        Kprobe {
            function,
            offset,
            ret,
            cookie: None,
            max_active: None,
            via: ProbeVia::Auto,
        }
    }

    /// The same, this many bytes from the function's first instruction: where an instruction begins.
    #[must_use]
    pub fn offset(self, offset: u64) -> Kprobe {
        Kprobe { offset, ..self }
    }

    /// The same with a cookie, which `bpf_get_attach_cookie` gives to the program. Since Linux 5.15, by a link.
    #[must_use]
    #[doc(alias = "bpf_cookie")]
    pub fn cookie(self, cookie: u64) -> Kprobe {
        Kprobe {
            cookie: Some(cookie),
            ..self
        }
    }

    /// The same for a return of which so many may be awaited at once, up to 4096; an event of tracefs.
    #[must_use]
    #[doc(alias = "maxactive")]
    pub fn max_active(self, calls: u32) -> Kprobe {
        Kprobe {
            max_active: Some(calls),
            ..self
        }
    }

    /// The same by this interface of the kernel.
    #[must_use]
    pub fn via(self, via: ProbeVia) -> Kprobe {
        Kprobe { via, ..self }
    }
}

impl fmt::Display for Kprobe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.ret { "kretprobe" } else { "kprobe" };
        write!(f, "{kind} of {}", self.function)?;
        match self.offset {
            0 => Ok(()),
            offset => write!(f, "+{offset:#x}"),
        }
    }
}

/// A name and the offset after its last `+`, decimal or with `0x`; a name without one as it is.
pub(super) fn split_offset(text: &str) -> (&str, u64) {
    let split = text.rsplit_once('+').and_then(|(name, offset)| {
        let offset = number(offset)?;
        (!name.is_empty()).then_some((name, offset))
    });
    split.unwrap_or((text, 0))
}

/// A number, decimal or with `0x`.
pub(super) fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) if !hex.starts_with('+') => u64::from_str_radix(hex, 16).ok(),
        Some(_) => None,
        None if text.starts_with('+') => None,
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_split_off() {
        for (text, name, offset) in [
            ("f", "f", 0),
            ("f+16", "f", 16),
            ("f+0x10", "f", 16),
            ("foo.isra.0+0X1f", "foo.isra.0", 31),
            ("f+x", "f+x", 0),
            ("f+", "f+", 0),
            ("+5", "+5", 0),
            ("f++5", "f+", 5),
            ("f+0x+5", "f+0x", 5),
            ("f+99999999999999999999", "f+99999999999999999999", 0),
            ("", "", 0),
        ] {
            assert_eq!(split_offset(text), (name, offset), "{text}");
        }
    }

    #[test]
    fn builders_say_what_they_are() {
        let probe = Kprobe::ret("f")
            .cookie(7)
            .max_active(100)
            .via(ProbeVia::Tracefs);
        assert_eq!(probe.to_string(), "kretprobe of `f`");
        assert_eq!(
            (probe.cookie, probe.max_active, probe.via),
            (Some(7), Some(100), ProbeVia::Tracefs)
        );
        assert_eq!(
            Kprobe::entry("f").offset(8).to_string(),
            "kprobe of `f`+0x8"
        );
        assert_eq!(Kprobe::address(0xffff).to_string(), "kprobe of 0xffff");
        assert_eq!(
            Kprobe::syscall("bpf").to_string(),
            "kprobe of system call `bpf`"
        );
    }
}
