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

/// A place of a static probe, as the notes of an executable or library tell.
///
/// The form that `<sys/sdt.h>` writes: a note of the name `stapsdt` for each place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct StaticProbe {
    /// The provider.
    pub provider: String,
    /// The name.
    pub name: String,
    /// Where the arguments lie at this place, such as `-4@%eax 8@-16(%rbp)`; see [`arguments`](Self::arguments).
    pub argument_format: String,
    /// Bytes from the beginning of the file.
    pub offset: u64,
    /// Where in the file the counter lies that says whether anyone is looking; 0 for none.
    pub semaphore: u64,
}

/// Where an argument of a static probe lies.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct StaticArgument {
    /// Its size in bytes: 1, 2, 4 or 8.
    pub bytes: u8,
    /// Whether it has a sign.
    pub signed: bool,
    /// An operand in the assembler's words: `%eax`, `-16(%rbp)`, `$5`, `[sp, 8]`.
    pub operand: String,
}

impl StaticProbe {
    /// A place of a probe.
    pub fn new(
        provider: impl Into<String>,
        name: impl Into<String>,
        argument_format: impl Into<String>,
        offset: u64,
        semaphore: u64,
    ) -> StaticProbe {
        StaticProbe {
            provider: provider.into(),
            name: name.into(),
            argument_format: argument_format.into(),
            offset,
            semaphore,
        }
    }

    /// Where the arguments lie; those whose form is not known end the list.
    pub fn arguments(&self) -> Vec<StaticArgument> {
        split_arguments(&self.argument_format)
            .into_iter()
            .map_while(argument)
            .collect()
    }
}

/// Blanks divide, but not those in brackets, as in `8@[sp, 8]`.
fn split_arguments(format: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    format
        .split(|c: char| {
            match c {
                '[' | '(' => depth += 1,
                ']' | ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            c == ' ' && depth == 0
        })
        .filter(|argument| !argument.is_empty())
        .collect()
}

/// `SIZE@OPERAND`; a size below 0 is one with a sign. Floating-point sizes end in `f`.
fn argument(text: &str) -> Option<StaticArgument> {
    let (size, operand) = text.split_once('@')?;
    let size: i8 = size.trim_end_matches('f').parse().ok()?;
    Some(StaticArgument {
        bytes: size.unsigned_abs(),
        signed: size < 0,
        operand: operand.to_owned(),
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_taken_apart() {
        let arguments = |format: &str| StaticProbe::new("p", "n", format, 0, 0).arguments();
        let found = arguments("-4@%eax 8@-16(%rbp) 8@[sp, 8]  -1@$-5 8f@%xmm0");
        let found: Vec<(u8, bool, &str)> = found
            .iter()
            .map(|argument| (argument.bytes, argument.signed, argument.operand.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                (4, true, "%eax"),
                (8, false, "-16(%rbp)"),
                (8, false, "[sp, 8]"),
                (1, true, "$-5"),
                (8, false, "%xmm0")
            ]
        );
        for format in ["", " ", "x", "@%eax", "999@%eax", ")))"] {
            assert_eq!(arguments(format), [], "{format}");
        }
    }

    #[test]
    fn it_says_what_it_is() {
        let probe = Usdt::new("/bin/app", "app", "start").pid(0).cookie(1);
        assert_eq!(
            probe.to_string(),
            "static probe `app:start` in /bin/app of this process"
        );
    }
}
