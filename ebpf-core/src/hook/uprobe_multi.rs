//! Many places of an executable or library with one link.

use std::fmt;
use std::path::{Path, PathBuf};

use super::uprobe::{OfProcess, UserPlace};

/// Which places of an executable or library.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UserPlaces {
    /// These; each must be there.
    Places(Vec<UserPlace>),
    /// The functions whose name matches: `*` is any text, `?` any character. At least one must.
    Pattern(String),
}

/// The entry, the return, or both of many functions of an executable or library. For programs of the attach type
/// [`TRACE_UPROBE_MULTI`](crate::program::AttachType::TRACE_UPROBE_MULTI) or
/// [`TRACE_UPROBE_SESSION`](crate::program::AttachType::TRACE_UPROBE_SESSION).
///
/// The file is named as for [`Uprobe`](super::Uprobe).
///
/// Since Linux 6.6. `bpf_uprobe_multi_link_attach()` in kernel/trace/bpf_trace.c.
///
/// ```
/// use ebpf_core::hook::UprobeMulti;
/// let probes = UprobeMulti::pattern("libc.so.6", "mem*");
/// assert_eq!(probes.to_string(), "uprobe.multi of `mem*` in libc.so.6");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct UprobeMulti {
    /// The executable or library: a path, or a name to look for.
    pub binary: PathBuf,
    /// The places in it.
    pub places: UserPlaces,
    /// Whether at the functions' return.
    pub ret: bool,
    /// Whether at entry and return, as a session. Since Linux 6.13.
    pub session: bool,
    /// The process; `None` for all, 0 for this one.
    pub pid: Option<u32>,
    /// What `bpf_get_attach_cookie` gives to the program, for each place; empty for none.
    pub cookies: Vec<u64>,
    /// For each place, where in the file its counter lies (0 for none); empty for no counters.
    pub reference_counters: Vec<u64>,
}

impl UprobeMulti {
    /// The functions of these names, each `symbol` or `symbol+offset`.
    pub fn symbols<S: AsRef<str>>(
        binary: impl AsRef<Path>,
        names: impl IntoIterator<Item = S>,
    ) -> UprobeMulti {
        let places = names
            .into_iter()
            .map(|name| UserPlace::parse(name.as_ref()))
            .collect();
        UprobeMulti::of(binary.as_ref(), UserPlaces::Places(places))
    }

    /// The instructions that lie so many bytes from the beginning of the file.
    pub fn at(binary: impl AsRef<Path>, offsets: impl IntoIterator<Item = u64>) -> UprobeMulti {
        let places = offsets.into_iter().map(UserPlace::Offset).collect();
        UprobeMulti::of(binary.as_ref(), UserPlaces::Places(places))
    }

    /// The functions whose name matches a pattern of `*` and `?`.
    pub fn pattern(binary: impl AsRef<Path>, pattern: impl Into<String>) -> UprobeMulti {
        UprobeMulti::of(binary.as_ref(), UserPlaces::Pattern(pattern.into()))
    }

    fn of(binary: &Path, places: UserPlaces) -> UprobeMulti {
        UprobeMulti {
            binary: binary.to_owned(),
            places,
            ret: false,
            session: false,
            pid: None,
            cookies: Vec::new(),
            reference_counters: Vec::new(),
        }
    }

    /// The same at the return.
    #[must_use]
    #[doc(alias = "BPF_F_UPROBE_MULTI_RETURN")]
    pub fn ret(self) -> UprobeMulti {
        UprobeMulti { ret: true, ..self }
    }

    /// The same at entry and return; the program says at the entry whether the return is wanted. Since Linux 6.13.
    #[must_use]
    #[doc(alias = "BPF_TRACE_UPROBE_SESSION")]
    pub fn session(self) -> UprobeMulti {
        UprobeMulti {
            session: true,
            ..self
        }
    }

    /// The same in this process only; 0 is the calling one.
    #[must_use]
    pub fn pid(self, pid: u32) -> UprobeMulti {
        UprobeMulti {
            pid: Some(pid),
            ..self
        }
    }

    /// The same with a cookie for each place, in the order of the places; not with a pattern.
    #[must_use]
    pub fn cookies(self, cookies: impl IntoIterator<Item = u64>) -> UprobeMulti {
        UprobeMulti {
            cookies: cookies.into_iter().collect(),
            ..self
        }
    }

    /// The same with a counter for each place, in the order of the places; not with a pattern.
    #[must_use]
    #[doc(alias = "ref_ctr_offsets")]
    pub fn reference_counters(self, offsets: impl IntoIterator<Item = u64>) -> UprobeMulti {
        UprobeMulti {
            reference_counters: offsets.into_iter().collect(),
            ..self
        }
    }
}

impl fmt::Display for UprobeMulti {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match (self.session, self.ret) {
            (true, _) => "uprobe.session",
            (false, true) => "uretprobe.multi",
            (false, false) => "uprobe.multi",
        };
        write!(f, "{kind} of ")?;
        match &self.places {
            UserPlaces::Places(places) => match &places[..] {
                [place] => place.fmt(f)?,
                places => write!(f, "{} places", places.len())?,
            },
            UserPlaces::Pattern(pattern) => write!(f, "`{pattern}`")?,
        }
        write!(f, " in {}{}", self.binary.display(), OfProcess(self.pid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_it_is() {
        for (probes, text) in [
            (
                UprobeMulti::symbols("sh", ["main"]).ret().pid(7),
                "uretprobe.multi of `main` in sh of process 7",
            ),
            (
                UprobeMulti::at("/bin/sh", [1, 2]).cookies([3, 4]),
                "uprobe.multi of 2 places in /bin/sh",
            ),
            (
                UprobeMulti::symbols("sh", ["a", "b"]).session(),
                "uprobe.session of 2 places in sh",
            ),
        ] {
            assert_eq!(probes.to_string(), text);
        }
    }
}
