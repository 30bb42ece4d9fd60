//! Who keeps objects alive: processes by their descriptors, file systems by their pins.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::bpffs;
use super::sys::errno_of;
use crate::system::{Kind, Pinned, System, SystemError};

/// A process that has an object open.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Holder {
    /// What it has open.
    pub kind: Kind,
    /// Its id, of that kind.
    pub id: u32,
    /// The process.
    pub pid: u32,
    /// The name of the process, of 15 bytes at most.
    pub comm: Arc<str>,
    /// The descriptor.
    pub fd: u32,
}

/// Something pinned.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pin {
    /// Where.
    pub path: PathBuf,
    /// What.
    pub kind: Kind,
    /// Its id, of that kind; 0 where the kernel does not number such objects.
    pub id: u32,
}

/// The processes that can be seen, with each object that they have open.
pub(super) fn holders() -> Result<Vec<Holder>, SystemError> {
    let processes = fs::read_dir("/proc").map_err(|error| SystemError::Os {
        op: "list",
        what: "/proc".into(),
        errno: errno_of(&error),
        hint: Some("/proc must be mounted"),
    })?;
    let mut holders = Vec::new();
    for process in processes.flatten() {
        let name = process.file_name();
        let pid = name.to_str().and_then(|name| name.parse().ok());
        if let Some(pid) = pid {
            of_process(pid, &process.path(), &mut holders);
        }
    }
    holders.sort_by_key(|holder| (holder.pid, holder.fd));
    Ok(holders)
}

/// What is gone, or another user's, meanwhile holds nothing that we see.
fn of_process(pid: u32, dir: &Path, holders: &mut Vec<Holder>) {
    let Ok(descriptors) = fs::read_dir(dir.join("fd")) else {
        return;
    };
    let mut comm: Option<Arc<str>> = None;
    for descriptor in descriptors.flatten() {
        let Ok(target) = fs::read_link(descriptor.path()) else {
            continue;
        };
        let target = target.as_os_str().as_encoded_bytes();
        if !target.starts_with(b"anon_inode:bpf") && !target.starts_with(b"anon_inode:btf") {
            continue;
        }
        let name = descriptor.file_name();
        let Some(fd) = name.to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        let text = fs::read_to_string(dir.join("fdinfo").join(&name)).unwrap_or_default();
        let Some(kind) = bpffs::kind_of(&text) else {
            continue;
        };
        let field = match kind {
            Kind::Map => "map_id",
            Kind::Program => "prog_id",
            Kind::Link => "link_id",
            Kind::Btf => "btf_id",
        };
        let Some(id) = bpffs::field(&text, field).and_then(|id| id.parse().ok()) else {
            continue;
        };
        let comm = comm.get_or_insert_with(|| {
            let name = fs::read_to_string(dir.join("comm")).unwrap_or_default();
            name.trim_end().into()
        });
        holders.push(Holder {
            kind,
            id,
            pid,
            comm: comm.clone(),
            fd,
        });
    }
}

/// How deep directories of a bpffs are searched.
const DEPTH: usize = 32;

/// Everything that is pinned in the BPF file systems of this mount namespace, sorted by path.
pub(super) fn pins(system: &dyn System) -> Result<Vec<Pin>, SystemError> {
    // The mounts that this thread sees.
    let path = "/proc/thread-self/mountinfo";
    let mounts = fs::read_to_string(path).map_err(|error| SystemError::Os {
        op: "read",
        what: path.into(),
        errno: errno_of(&error),
        hint: Some("/proc must be mounted"),
    })?;
    let mut pins = Vec::new();
    for root in mounts.lines().filter_map(bpffs_root) {
        below(system, &root, DEPTH, &mut pins);
    }
    pins.sort_by(|a, b| a.path.cmp(&b.path));
    // One file system may be mounted twice in one place.
    pins.dedup();
    Ok(pins)
}

/// The mount point of a line of mountinfo, if it is of a BPF file system.
fn bpffs_root(line: &str) -> Option<PathBuf> {
    let (mount, file_system) = line.split_once(" - ")?;
    if file_system.split(' ').next() != Some("bpf") {
        return None;
    }
    Some(PathBuf::from(unescaped(mount.split(' ').nth(4)?)))
}

/// The kernel writes blanks and the like as `\040`.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let octal = after.get(..3).filter(|_| *first == b'\\');
        let octal = octal.and_then(|digits| std::str::from_utf8(digits).ok());
        match octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(3..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn below(system: &dyn System, dir: &Path, depth: usize, pins: &mut Vec<Pin>) {
    // A directory may be gone by now, or another user's.
    for path in system.pinned(dir).unwrap_or_default() {
        let Ok(pinned) = system.open_pinned(&path) else {
            continue;
        };
        let id = match &pinned {
            Pinned::Map(map) => map.info().id.0,
            Pinned::Program(program) => program.info().id.0,
            Pinned::Link(link) => link.info().id.map_or(0, |id| id.0),
        };
        let kind = pinned.kind();
        pins.push(Pin { path, kind, id });
    }
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            below(system, &entry.path(), depth, pins);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_are_read() {
        let line = r"30 23 0:26 / /sys/fs/b\040pf rw,nosuid shared:9 - bpf bpf rw,mode=700";
        assert_eq!(bpffs_root(line), Some(PathBuf::from("/sys/fs/b pf")));
        let other = "30 23 0:26 / /sys rw - sysfs sysfs rw";
        assert_eq!(bpffs_root(other), None);
        assert_eq!(bpffs_root("nonsense"), None);
        assert_eq!(unescaped(r"a\1"), r"a\1");
    }
}
