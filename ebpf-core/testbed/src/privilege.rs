//! Which privileges are missing, how to get them, and tests that are skipped for want of them.

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::{env, thread};

/// Something that keeps this process from loading and attaching programs in namespaces of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Missing {
    /// The process is in a user namespace: its capabilities count inside only, and bpf(2) asks for those outside.
    InitialUserNamespace,
    /// CAP_SYS_ADMIN: making network and mount namespaces, mounting a BPF file system.
    SysAdmin,
    /// CAP_NET_ADMIN: making interfaces, attaching XDP programs.
    NetAdmin,
    /// CAP_NET_RAW: packet sockets, which see what crosses an interface.
    NetRaw,
    /// CAP_BPF, or CAP_SYS_ADMIN: bpf(2) answers EPERM without it.
    Bpf,
}

impl Missing {
    /// Each capability of `capabilities(7)` with the bits of which one must be set.
    const CAPABILITIES: [(Self, u64); 4] = [
        (Self::SysAdmin, 1 << 21),
        (Self::NetAdmin, 1 << 12),
        (Self::NetRaw, 1 << 13),
        (Self::Bpf, 1 << 39 | 1 << 21),
    ];
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InitialUserNamespace => {
                "the initial user namespace (bpf(2) ignores capabilities of another)"
            }
            Self::SysAdmin => "CAP_SYS_ADMIN (to make network and mount namespaces)",
            Self::NetAdmin => "CAP_NET_ADMIN (to make interfaces and attach XDP programs)",
            Self::NetRaw => "CAP_NET_RAW (to see what crosses an interface)",
            Self::Bpf => "CAP_BPF (to call bpf(2))",
        })
    }
}

/// What this process may do, against what the test bed and a kernel backend need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Privileges {
    missing: Vec<Missing>,
    filtered: bool,
}

impl Privileges {
    /// Looks at the calling thread's capabilities. A container may refuse system calls besides, which only trying them
    /// tells; [`Privileges`]'s text then says that it has a filter.
    #[must_use]
    pub fn check() -> Self {
        let status = fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
        let uid_map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
        Self::of(&status, &uid_map)
    }

    /// What the two files of `/proc` say.
    fn of(status: &str, uid_map: &str) -> Self {
        let field = |name: &str| {
            status
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .map(str::trim)
        };
        let effective = field("CapEff:")
            .and_then(|hex| u64::from_str_radix(hex, 16).ok())
            .unwrap_or(0);
        let identity = ["0", "0", "4294967295"];
        let mut missing = Vec::new();
        if !uid_map.is_empty() && !uid_map.split_whitespace().eq(identity) {
            missing.push(Missing::InitialUserNamespace);
        }
        missing.extend(
            Missing::CAPABILITIES
                .into_iter()
                .filter(|(_, bits)| effective & bits == 0)
                .map(|(missing, _)| missing),
        );
        Self {
            missing,
            filtered: field("Seccomp:").is_some_and(|mode| mode != "0"),
        }
    }

    /// What is missing; empty when nothing is.
    #[must_use]
    pub fn missing(&self) -> &[Missing] {
        &self.missing
    }

    /// Whether nothing is missing.
    #[must_use]
    pub fn suffice(&self) -> bool {
        self.missing.is_empty()
    }

    /// How to get what is missing, as sentences, for a program that is run as `command`.
    #[must_use]
    pub fn advice(&self, command: &str) -> String {
        let mut advice = format!("Run it as root: `sudo -E env \"PATH=$PATH\" {command}`.");
        if self.missing.contains(&Missing::InitialUserNamespace) {
            advice
                .push_str(" A user namespace (`unshare -r`, a rootless container) is not enough.");
        } else if env::var_os("container").is_some() || Path::new("/.dockerenv").exists() {
            advice.push_str(" In a container, start it with `--privileged`.");
        }
        advice
    }
}

impl fmt::Display for Privileges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.suffice() {
            f.write_str("no privilege is missing")?;
        } else {
            f.write_str("missing: ")?;
            for (index, missing) in self.missing.iter().enumerate() {
                let separator = if index == 0 { "" } else { ", " };
                write!(f, "{separator}{missing}")?;
            }
        }
        if self.filtered {
            f.write_str("; a seccomp filter is at work, which may refuse bpf(2) too")?;
        }
        Ok(())
    }
}

/// For tests: whether there is `what` they need, `"kernel"` (the privileges of [`Privileges::check`]) or the name of a
/// tool on the search path such as `"clang"`.
///
/// If not, the test should return: this prints `SKIP: …`, past the test harness's capturing, and adds the line to the
/// file that `EBPF_SKIP_LOG` names.
///
/// # Panics
/// If it is missing and `EBPF_TEST_REQUIRE`, a list separated by commas, contains it: what may be skipped on a
/// developer's machine must not be skipped in CI.
#[must_use]
pub fn require(what: &str) -> bool {
    let reason = if what == "kernel" {
        let privileges = Privileges::check();
        (!privileges.suffice()).then(|| privileges.to_string())
    } else {
        let found = env::split_paths(&env::var_os("PATH").unwrap_or_default())
            .any(|dir| dir.join(what).is_file());
        (!found).then(|| format!("`{what}` is not on the search path"))
    };
    let Some(reason) = reason else { return true };

    let required = env::var("EBPF_TEST_REQUIRE").unwrap_or_default();
    assert!(
        !required.split(',').any(|name| name.trim() == what),
        "{reason}, but EBPF_TEST_REQUIRE={required}"
    );
    skip(&reason);
    false
}

/// For tests: says that the one that runs on this thread does not apply here, and why, past the test harness's capturing
/// and in the file that `EBPF_SKIP_LOG` names.
pub fn skip(reason: &str) {
    let thread = thread::current();
    skip_test(thread.name().unwrap_or("a test"), reason);
}

/// As [`skip`], for the test of this name.
pub fn skip_test(test: &str, reason: &str) {
    // In one piece each, so that lines of other threads do not mix in. Failing has no other place to be told.
    let line = format!("SKIP: {test}: {reason}\n");
    let _ = io::stderr().write_all(line.as_bytes());
    if let Some(path) = env::var_os("EBPF_SKIP_LOG") {
        let log = fs::OpenOptions::new().create(true).append(true).open(path);
        let _ = log.and_then(|mut log| log.write_all(line.as_bytes()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &str = "0 0 4294967295\n";

    #[test]
    fn root_lacks_nothing() {
        let privileges = Privileges::of(
            "Name:\tx\nCapEff:\t000001fffeffffff\nSeccomp:\t0\n",
            "         0          0 4294967295\n",
        );
        assert_eq!(privileges.missing(), []);
        assert_eq!(privileges.to_string(), "no privilege is missing");
    }

    #[test]
    fn nobody_lacks_everything() {
        let privileges = Privileges::of("CapEff:\t0000000000000000\nSeccomp:\t2\n", ALL);
        assert_eq!(
            privileges.to_string(),
            "missing: CAP_SYS_ADMIN (to make network and mount namespaces), \
             CAP_NET_ADMIN (to make interfaces and attach XDP programs), \
             CAP_NET_RAW (to see what crosses an interface), CAP_BPF (to call bpf(2)); \
             a seccomp filter is at work, which may refuse bpf(2) too"
        );
        assert!(
            privileges
                .advice("demo")
                .starts_with("Run it as root: `sudo -E env \"PATH=$PATH\" demo`.")
        );
    }

    #[test]
    fn system_admin_may_call_bpf() {
        let privileges = Privileges::of("CapEff:\t0000000000200000\n", ALL);
        assert_eq!(privileges.missing(), [Missing::NetAdmin, Missing::NetRaw]);
    }

    #[test]
    fn a_user_namespace_is_not_enough() {
        let privileges = Privileges::of("CapEff:\t000001ffffffffff\n", "0 1000 1\n");
        assert_eq!(privileges.missing(), [Missing::InitialUserNamespace]);
        assert!(privileges.advice("demo").ends_with("is not enough."));
    }
}
