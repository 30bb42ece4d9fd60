//! What might help when a file operation on behalf of an object failed. For implementors: every system gives the same advice.

use std::path::Path;

use crate::Errno;

/// A path is in no BPF file system.
pub const NOT_BPFFS: &str = "the path must be in a bpffs (mount -t bpf)";

/// When something could not be pinned at `path`; `in_bpffs` says whether its directory is in a BPF file system.
pub fn pin(path: &Path, errno: Errno, in_bpffs: bool) -> Option<&'static str> {
    match errno {
        Errno::EPERM | Errno::EINVAL if !in_bpffs => Some(NOT_BPFFS),
        Errno::EPERM | Errno::EINVAL if path.as_os_str().as_encoded_bytes().ends_with(b"/") => {
            Some("the path must not end with a slash")
        }
        Errno::EPERM => {
            Some("the file name must not contain a dot, and the directory must be writable")
        }
        Errno::EACCES => Some("the directory must be writable by this user"),
        Errno::EEXIST => Some("something is pinned there already"),
        Errno::ENOENT => Some("its directory does not exist: create it first"),
        Errno::EBADF => Some("this kind of object cannot be pinned"),
        _ => None,
    }
}

/// When what is pinned at a path could not be opened; `in_bpffs` says whether the path is in a BPF file system.
pub fn open_pin(errno: Errno, in_bpffs: bool) -> Option<&'static str> {
    match errno {
        Errno::EPERM => Some("CAP_BPF (or root) is needed"),
        Errno::EACCES if in_bpffs => {
            Some("it is a directory, or not readable and writable by this user")
        }
        Errno::EACCES | Errno::EINVAL => {
            Some("there is a file, but nothing pinned: the path must be in a bpffs")
        }
        Errno::ENOENT => Some("nothing is pinned there"),
        _ => None,
    }
}

/// When an object could not be opened by its id, or the ids not be listed.
pub fn by_id(errno: Errno) -> Option<&'static str> {
    match errno {
        Errno::EPERM => Some("CAP_SYS_ADMIN (or root) is needed"),
        Errno::EINVAL => Some("this kernel does not number such objects"),
        _ => None,
    }
}

/// When a link could not be given another program; `expected` says whether one had to be there.
pub fn update_link(errno: Errno, expected: bool) -> Option<&'static str> {
    match errno {
        Errno::EPERM if expected => Some("another program than the expected one runs there"),
        Errno::EPERM => Some("CAP_NET_ADMIN or CAP_PERFMON (or root) is needed"),
        Errno::EINVAL => Some("the program's type or attach type is not that of the link"),
        Errno::ENOLINK => Some("what it was attached to is gone"),
        _ => None,
    }
}

/// When a program could not be loaded, other than by the verifier.
pub fn load_program(errno: Errno) -> Option<&'static str> {
    match errno {
        Errno::EPERM => Some(
            "CAP_BPF and the capability of the program's type (CAP_NET_ADMIN, CAP_PERFMON), or root",
        ),
        Errno::EACCES => Some("the kernel is locked down, or its settings forbid it"),
        Errno::E2BIG => Some("it has more instructions than this kernel or user is allowed"),
        Errno::EINVAL => {
            Some("the kernel may lack this program type, its attach type or one of the flags")
        }
        Errno::ENOMEM => Some("not enough memory"),
        Errno::ENOTSUPP | Errno::EOPNOTSUPP => {
            Some("the kernel lacks something the program asks for")
        }
        _ => None,
    }
}

/// When a program could not be run outside of its hook.
pub fn run_program(errno: Errno) -> Option<&'static str> {
    match errno {
        Errno::ENOTSUPP | Errno::EOPNOTSUPP => {
            Some("this kernel cannot run programs of this type so")
        }
        Errno::ENOSPC => Some("an output buffer is too small: the rest was cut off"),
        Errno::EINVAL => Some(
            "the type may not take such input: packets want 14 bytes at least, other types no packet",
        ),
        Errno::EPERM => Some("CAP_NET_ADMIN, CAP_PERFMON or root is needed, by the program's type"),
        _ => None,
    }
}

/// When statistics of runs could not be counted.
pub fn enable_stats(errno: Errno) -> Option<&'static str> {
    match errno {
        Errno::EPERM | Errno::EACCES => Some("CAP_SYS_ADMIN (or root) is needed"),
        Errno::ENOENT => Some("statistics are counted since Linux 5.1"),
        _ => None,
    }
}
