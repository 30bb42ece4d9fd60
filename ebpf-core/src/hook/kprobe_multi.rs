//! Many kernel functions with one link, without a breakpoint in any of them.

use std::fmt;

/// Which functions of the kernel.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KernelFunctions {
    /// Those of these names; each must be there.
    Symbols(Vec<String>),
    /// Those whose name matches: `*` is any text, `?` any character. At least one must.
    Pattern(String),
    /// Those at these addresses.
    Addresses(Vec<u64>),
}

impl fmt::Display for KernelFunctions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KernelFunctions::Symbols(names) => match &names[..] {
                [name] => write!(f, "`{name}`"),
                names => write!(f, "{} functions", names.len()),
            },
            KernelFunctions::Pattern(pattern) => write!(f, "`{pattern}`"),
            KernelFunctions::Addresses(addresses) => write!(f, "{} addresses", addresses.len()),
        }
    }
}

/// The entry, the return, or both of many kernel functions, which the kernel traces as one (fprobe). For programs of the
/// attach type [`TRACE_KPROBE_MULTI`](crate::program::AttachType::TRACE_KPROBE_MULTI) or
/// [`TRACE_KPROBE_SESSION`](crate::program::AttachType::TRACE_KPROBE_SESSION).
///
/// Since Linux 5.18 (`CONFIG_FPROBE`). `bpf_kprobe_multi_link_attach()` in kernel/trace/bpf_trace.c.
///
/// ```
/// use ebpf_core::hook::KprobeMulti;
/// assert_eq!(KprobeMulti::pattern("tcp_*").ret().to_string(), "kretprobe.multi of `tcp_*`");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct KprobeMulti {
    /// The functions.
    pub functions: KernelFunctions,
    /// Whether at their return.
    pub ret: bool,
    /// Whether at entry and return, as a session. Since Linux 6.10.
    pub session: bool,
    /// What `bpf_get_attach_cookie` gives to the program, for each function; empty for none.
    pub cookies: Vec<u64>,
}

impl KprobeMulti {
    /// The functions of these names.
    pub fn symbols<S: Into<String>>(names: impl IntoIterator<Item = S>) -> KprobeMulti {
        let names = names.into_iter().map(Into::into).collect();
        KprobeMulti::of(KernelFunctions::Symbols(names))
    }

    /// The functions whose name matches a pattern of `*` and `?`. One that has several names, as that of a system call without
    /// arguments may have, goes by the one that tracefs lists.
    pub fn pattern(pattern: impl Into<String>) -> KprobeMulti {
        KprobeMulti::of(KernelFunctions::Pattern(pattern.into()))
    }

    /// The functions at these addresses.
    pub fn addresses(addresses: impl IntoIterator<Item = u64>) -> KprobeMulti {
        KprobeMulti::of(KernelFunctions::Addresses(addresses.into_iter().collect()))
    }

    fn of(functions: KernelFunctions) -> KprobeMulti {
        KprobeMulti {
            functions,
            ret: false,
            session: false,
            cookies: Vec::new(),
        }
    }

    /// The same at the return.
    #[must_use]
    #[doc(alias = "BPF_F_KPROBE_MULTI_RETURN")]
    pub fn ret(self) -> KprobeMulti {
        KprobeMulti { ret: true, ..self }
    }

    /// The same at entry and return; the program says at the entry whether the return is wanted. Since Linux 6.10.
    #[must_use]
    #[doc(alias = "BPF_TRACE_KPROBE_SESSION")]
    pub fn session(self) -> KprobeMulti {
        KprobeMulti {
            session: true,
            ..self
        }
    }

    /// The same with a cookie for each function, in the order of the functions; not with a pattern.
    #[must_use]
    pub fn cookies(self, cookies: impl IntoIterator<Item = u64>) -> KprobeMulti {
        KprobeMulti {
            cookies: cookies.into_iter().collect(),
            ..self
        }
    }
}

impl fmt::Display for KprobeMulti {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match (self.session, self.ret) {
            (true, _) => "kprobe.session",
            (false, true) => "kretprobe.multi",
            (false, false) => "kprobe.multi",
        };
        write!(f, "{kind} of {}", self.functions)
    }
}

/// Whether a name matches a pattern of `*` (any text) and `?` (any character).
///
/// Takes time in proportion to the product of the lengths at most.
pub fn matches_pattern(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut at, mut in_name) = (0, 0);
    // Where to go on if what follows the last star does not match: one byte later.
    let mut retry = None;
    loop {
        match (pattern.get(at), name.get(in_name)) {
            (None, None) => return true,
            (Some(b'*'), _) => {
                retry = Some((at + 1, in_name));
                at += 1;
                continue;
            }
            (Some(expected), Some(found)) if *expected == b'?' || expected == found => {
                at += 1;
                in_name += 1;
                continue;
            }
            _ => {}
        }
        match retry {
            Some((after_star, from)) if from < name.len() => {
                retry = Some((after_star, from + 1));
                (at, in_name) = (after_star, from + 1);
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match() {
        for (pattern, name, expected) in [
            ("tcp_*", "tcp_connect", true),
            ("tcp_*", "udp_connect", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*_sys_*read", "__x64_sys_pread", true),
            ("*_sys_*read", "__x64_sys_pread64", false),
            ("a*b*c", "aXbXbYc", true),
            ("**", "x", true),
            ("exact", "exact", true),
            ("exact", "exactly", false),
        ] {
            assert_eq!(matches_pattern(pattern, name), expected, "{pattern} {name}");
        }
        assert!(!matches_pattern(&"*a".repeat(500), &"b".repeat(5000)));
    }

    #[test]
    fn it_says_what_it_is() {
        let one = KprobeMulti::symbols(["tcp_connect"]);
        assert_eq!(one.to_string(), "kprobe.multi of `tcp_connect`");
        let two = KprobeMulti::symbols(["a", "b"]).session();
        assert_eq!(two.to_string(), "kprobe.session of 2 functions");
        let places = KprobeMulti::addresses([1, 2, 3]).cookies([4, 5, 6]);
        assert_eq!(places.to_string(), "kprobe.multi of 3 addresses");
    }
}
