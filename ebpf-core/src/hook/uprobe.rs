//! Uprobes: programs at a function of an executable or library, inside it, or at its return.

use std::fmt;
use std::path::{Path, PathBuf};

use super::ProbeVia;
use super::kprobe::{number, split_offset};

/// Which place in an executable or library.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UserPlace {
    /// A function of this name in its symbol tables, and bytes from its first instruction. `name@VERSION` for one
    /// version of a symbol that has several.
    Symbol {
        /// The name.
        name: String,
        /// Bytes from the function's first instruction.
        offset: u64,
    },
    /// Bytes from the beginning of the file.
    Offset(u64),
}

impl fmt::Display for UserPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UserPlace::Symbol { name, offset: 0 } => write!(f, "`{name}`"),
            UserPlace::Symbol { name, offset } => write!(f, "`{name}`+{offset:#x}"),
            UserPlace::Offset(offset) => write!(f, "offset {offset:#x}"),
        }
    }
}

impl UserPlace {
    /// Reads `symbol`, `symbol+offset` or an offset in the file (a number).
    pub(super) fn parse(text: &str) -> UserPlace {
        if let Some(offset) = number(text) {
            return UserPlace::Offset(offset);
        }
        let (name, offset) = split_offset(text);
        UserPlace::Symbol {
            name: name.to_owned(),
            offset,
        }
    }
}

/// A place in the code of an executable or library, or the return of one of its functions, in one process or in all,
/// also in those that start later.
///
/// The file is named by a path, or by a name alone: that of a library (`libc.so.6`, also `libc` where a process is
/// given) is looked for where the process has mapped it, else where the dynamic linker would look; any other name is
/// looked for in `PATH`.
///
/// ```
/// use ebpf_core::hook::Uprobe;
/// let probe = Uprobe::entry("libc.so.6", "malloc").pid(1);
/// assert_eq!(probe.to_string(), "uprobe of `malloc` in libc.so.6 of process 1");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Uprobe {
    /// The executable or library: a path, or a name to look for.
    pub binary: PathBuf,
    /// The place in it.
    pub place: UserPlace,
    /// Whether at the function's return.
    pub ret: bool,
    /// The process, as its number is in the namespace of the caller; `None` for all, 0 for this one.
    pub pid: Option<u32>,
    /// Where in the file a 16-bit counter lies that the kernel raises while the probe is there (the semaphore of a
    /// static probe); 0 for none. Since Linux 4.20.
    pub reference_counter: u64,
    /// What `bpf_get_attach_cookie` gives to the program.
    pub cookie: Option<u64>,
    /// By which interface of the kernel.
    pub via: ProbeVia,
}

impl Uprobe {
    /// The entry of a function, or a place in it (`main+0x10`).
    ///
    /// Since Linux 4.1.
    pub fn entry(binary: impl AsRef<Path>, symbol: impl AsRef<str>) -> Uprobe {
        let (name, offset) = split_offset(symbol.as_ref());
        let name = name.to_owned();
        Uprobe::new(binary.as_ref(), UserPlace::Symbol { name, offset }, false)
    }

    /// The return of a function.
    ///
    /// Since Linux 4.1.
    pub fn ret(binary: impl AsRef<Path>, symbol: impl AsRef<str>) -> Uprobe {
        Uprobe {
            ret: true,
            ..Uprobe::entry(binary, symbol)
        }
    }

    /// The instruction that lies so many bytes from the beginning of the file.
    pub fn at(binary: impl AsRef<Path>, file_offset: u64) -> Uprobe {
        Uprobe::new(binary.as_ref(), UserPlace::Offset(file_offset), false)
    }

    pub(super) fn new(binary: &Path, place: UserPlace, ret: bool) -> Uprobe {
        Uprobe {
            binary: binary.to_owned(),
            place,
            ret,
            pid: None,
            reference_counter: 0,
            cookie: None,
            via: ProbeVia::Auto,
        }
    }

    /// The same, this many bytes from the function's first instruction, or from the beginning of the file for a probe
    /// made by [`at`](Self::at).
    #[must_use]
    pub fn offset(mut self, offset: u64) -> Uprobe {
        match &mut self.place {
            UserPlace::Symbol { offset: old, .. } | UserPlace::Offset(old) => *old = offset,
        }
        self
    }

    /// The same in this process only; 0 is the calling one.
    #[must_use]
    pub fn pid(self, pid: u32) -> Uprobe {
        Uprobe {
            pid: Some(pid),
            ..self
        }
    }

    /// The same, raising the 16-bit counter at this place of the file while it is attached.
    #[must_use]
    #[doc(alias = "ref_ctr_offset")]
    pub fn reference_counter(self, file_offset: u64) -> Uprobe {
        Uprobe {
            reference_counter: file_offset,
            ..self
        }
    }

    /// The same with a cookie, which `bpf_get_attach_cookie` gives to the program. Since Linux 5.15, by a link.
    #[must_use]
    #[doc(alias = "bpf_cookie")]
    pub fn cookie(self, cookie: u64) -> Uprobe {
        Uprobe {
            cookie: Some(cookie),
            ..self
        }
    }

    /// The same by this interface of the kernel.
    #[must_use]
    pub fn via(self, via: ProbeVia) -> Uprobe {
        Uprobe { via, ..self }
    }
}

impl fmt::Display for Uprobe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.ret { "uretprobe" } else { "uprobe" };
        let binary = self.binary.display();
        write!(
            f,
            "{kind} of {} in {binary}{}",
            self.place,
            OfProcess(self.pid)
        )
    }
}

/// The end of a sentence about a process.
pub(super) struct OfProcess(pub(super) Option<u32>);

impl fmt::Display for OfProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => Ok(()),
            Some(0) => f.write_str(" of this process"),
            Some(pid) => write!(f, " of process {pid}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read() {
        let symbol = |name: &str, offset| UserPlace::Symbol {
            name: name.to_owned(),
            offset,
        };
        assert_eq!(UserPlace::parse("main"), symbol("main", 0));
        assert_eq!(UserPlace::parse("main+0x10"), symbol("main", 16));
        assert_eq!(
            UserPlace::parse("memcpy@GLIBC_2.14"),
            symbol("memcpy@GLIBC_2.14", 0)
        );
        assert_eq!(UserPlace::parse("0x1234"), UserPlace::Offset(0x1234));
        assert_eq!(UserPlace::parse("77"), UserPlace::Offset(77));
    }

    #[test]
    fn it_says_what_it_is() {
        for (probe, text) in [
            (
                Uprobe::ret("/bin/sh", "main"),
                "uretprobe of `main` in /bin/sh",
            ),
            (
                Uprobe::at("/bin/sh", 64).pid(0),
                "uprobe of offset 0x40 in /bin/sh of this process",
            ),
            (
                Uprobe::entry("sh", "main").offset(4),
                "uprobe of `main`+0x4 in sh",
            ),
        ] {
            assert_eq!(probe.to_string(), text);
        }
    }
}
