//! Files: pins in a BPF file system, and what `/proc` tells of a descriptor.

use std::fs;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::path::{Path, PathBuf};

use super::sys::{self, errno_of};
use crate::Errno;
use crate::system::{Kind, SystemError, hint};

/// What `/proc` tells of a descriptor.
pub(super) fn fdinfo(fd: BorrowedFd<'_>) -> Result<String, Errno> {
    fs::read_to_string(format!("/proc/self/fdinfo/{}", fd.as_raw_fd()))
        .map_err(|error| errno_of(&error))
}

/// The value of a field of [`fdinfo`].
pub(super) fn field<'t>(fdinfo: &'t str, name: &str) -> Option<&'t str> {
    fdinfo
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
        .map(str::trim)
}

/// What kind of object a descriptor is of; `None` if it is none of bpf(2)'s.
pub(super) fn kind(fd: BorrowedFd<'_>) -> Result<Option<Kind>, Errno> {
    Ok(kind_of(&fdinfo(fd)?))
}

/// What kind of object [`fdinfo`] is of.
pub(super) fn kind_of(fdinfo: &str) -> Option<Kind> {
    let kinds = [
        ("map_type", Kind::Map),
        ("prog_type", Kind::Program),
        ("link_type", Kind::Link),
        ("btf_id", Kind::Btf),
    ];
    // A map or link tells also of its program, but its own type comes first.
    let mut kinds = fdinfo.lines().filter_map(|line| {
        let name = line.split(':').next()?;
        kinds.iter().find(|(field, _)| *field == name)
    });
    kinds.next().map(|(_, kind)| *kind)
}

/// What might help when something could not be pinned at `path`.
pub(super) fn pin_hint(path: &Path, errno: Errno) -> Option<&'static str> {
    hint::pin(path, errno, sys::is_bpffs(parent(path)).unwrap_or(false))
}

/// What might help when what is pinned at `path` could not be opened.
pub(super) fn open_hint(path: &Path, errno: Errno) -> Option<&'static str> {
    hint::open_pin(errno, sys::is_bpffs(path).unwrap_or(false))
}

/// The paths of what is pinned in a directory, sorted.
pub(super) fn pinned(dir: &Path) -> Result<Vec<PathBuf>, SystemError> {
    let failed = |errno, hint| SystemError::Os {
        op: "list pins in",
        what: shown(dir),
        errno,
        hint,
    };
    if !sys::is_bpffs(dir).map_err(|errno| failed(errno, None))? {
        return Err(failed(Errno::EINVAL, Some(hint::NOT_BPFFS)));
    }
    let entries = fs::read_dir(dir).map_err(|error| failed(errno_of(&error), None))?;
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| failed(errno_of(&error), None))?;
        if entry.file_type().is_ok_and(|kind| kind.is_file()) {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

/// Removes a pin, and nothing that is not one.
pub(super) fn unpin(path: &Path) -> Result<(), SystemError> {
    let failed = |errno, hint| SystemError::Os {
        op: "unpin",
        what: shown(path),
        errno,
        hint,
    };
    match sys::is_bpffs(parent(path)) {
        Ok(true) => {}
        Ok(false) => return Err(failed(Errno::EINVAL, Some(hint::NOT_BPFFS))),
        Err(errno) => return Err(failed(errno, open_hint(path, errno))),
    }
    fs::remove_file(path).map_err(|error| {
        let errno = errno_of(&error);
        failed(errno, open_hint(path, errno))
    })
}

fn parent(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// A path as an error shows it.
pub(super) fn shown(path: &Path) -> Box<str> {
    path.display().to_string().into()
}
