//! USDT: programs at the static probes that the authors of an executable or library put there.

use std::fmt;
use std::path::{Path, PathBuf};

use super::uprobe::OfProcess;

/// A static probe of an executable or library: every place of it.
///
/// Each place is a uprobe; where the probe has a semaphore, it is raised while attached. The file is named as for
/// [`Uprobe`](super::Uprobe). Where the arguments lie at each place is data of the file: what a program reads them by
/// is its own affair.
///
/// Since Linux 4.1; probes with a semaphore since 4.20.
///
/// ```
/// use ebpf_core::hook::Usdt;
/// let probe = Usdt::new("libc.so.6", "libc", "setjmp");
/// assert_eq!(probe.to_string(), "static probe `libc:setjmp` in libc.so.6");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Usdt {
    /// The executable or library: a path, or a name to look for.
    pub binary: PathBuf,
    /// The provider.
    pub provider: String,
    /// The probe's name.
    pub name: String,
    /// The process; `None` for all, 0 for this one.
    pub pid: Option<u32>,
    /// What `bpf_get_attach_cookie` gives to the program.
    pub cookie: Option<u64>,
}

impl Usdt {
    /// The probe of this name of this provider.
    pub fn new(
        binary: impl AsRef<Path>,
        provider: impl Into<String>,
        name: impl Into<String>,
    ) -> Usdt {
        Usdt {
            binary: binary.as_ref().to_owned(),
            provider: provider.into(),
            name: name.into(),
            pid: None,
            cookie: None,
        }
    }

    /// The same in this process only; 0 is the calling one.
    #[must_use]
    pub fn pid(self, pid: u32) -> Usdt {
        Usdt {
            pid: Some(pid),
            ..self
        }
    }

    /// The same with a cookie, which `bpf_get_attach_cookie` gives to the program. Since Linux 5.15.
    #[must_use]
    pub fn cookie(self, cookie: u64) -> Usdt {
        Usdt {
            cookie: Some(cookie),
            ..self
        }
    }
}

impl fmt::Display for Usdt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Usdt { provider, name, .. } = self;
        let binary = self.binary.display();
        write!(
            f,
            "static probe `{provider}:{name}` in {binary}{}",
            OfProcess(self.pid)
        )
    }
}
