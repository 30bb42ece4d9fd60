//! The BPF file systems of a simulated machine: directories with what is pinned in them. `kernel/bpf/inode.c`.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use ebpf_core::Errno;
use parking_lot::RwLock;

use crate::kernel::Object;

/// What is at a path.
#[derive(Debug)]
enum Entry {
    Directory,
    Pinned(Object),
}

/// Every BPF file system that is mounted. Directories are made as they are asked for only where tests say so.
#[derive(Debug)]
pub(crate) struct Bpffs {
    mounts: Vec<PathBuf>,
    entries: RwLock<BTreeMap<PathBuf, Entry>>,
}

impl Bpffs {
    pub(crate) fn new(mounts: &[PathBuf]) -> Bpffs {
        let roots = mounts.iter().map(|mount| (mount.clone(), Entry::Directory));
        Bpffs {
            mounts: mounts.to_vec(),
            entries: RwLock::new(roots.collect()),
        }
    }

    /// Whether a path lies in one of the file systems.
    pub(crate) fn covers(&self, path: &Path) -> bool {
        self.mounts.iter().any(|mount| path.starts_with(mount))
    }

    /// Makes a directory and those above it, up to the mount.
    pub(crate) fn create_dir_all(&self, path: &Path) -> Result<(), Errno> {
        let mount = self.mounts.iter().find(|mount| path.starts_with(mount));
        let mount = mount.ok_or(Errno::EPERM)?;
        let mut entries = self.entries.write();
        let mut at = mount.clone();
        for part in path.strip_prefix(mount).unwrap_or(path).components() {
            let Component::Normal(part) = part else {
                return Err(Errno::EINVAL);
            };
            at.push(part);
            match entries.get(&at) {
                Some(Entry::Directory) => {}
                Some(Entry::Pinned(_)) => return Err(Errno::ENOTDIR),
                None => {
                    entries.insert(at.clone(), Entry::Directory);
                }
            }
        }
        Ok(())
    }

    /// Pins an object.
    pub(crate) fn pin(&self, path: &Path, object: Object) -> Result<(), Errno> {
        let bytes = path.as_os_str().as_encoded_bytes();
        if bytes.contains(&0) {
            return Err(Errno::EINVAL);
        }
        let parent = path.parent().unwrap_or(Path::new(""));
        if !self.covers(parent) {
            return Err(Errno::EPERM);
        }
        let mut entries = self.entries.write();
        match entries.get(parent) {
            None => return Err(Errno::ENOENT),
            Some(Entry::Pinned(_)) => return Err(Errno::ENOTDIR),
            Some(Entry::Directory) => {}
        }
        if entries.contains_key(path) {
            return Err(Errno::EEXIST);
        }
        let name = path.file_name().unwrap_or_default();
        // Names with a dot are for the system.
        if bytes.ends_with(b"/") || name.as_encoded_bytes().contains(&b'.') {
            return Err(Errno::EPERM);
        }
        entries.insert(path.to_owned(), Entry::Pinned(object));
        Ok(())
    }

    /// What is pinned at a path.
    pub(crate) fn get(&self, path: &Path) -> Result<Object, Errno> {
        if path.as_os_str().as_encoded_bytes().contains(&0) {
            return Err(Errno::EINVAL);
        }
        match self.entries.read().get(path) {
            Some(Entry::Pinned(object)) => Ok(object.clone()),
            Some(Entry::Directory) => Err(Errno::EACCES),
            None => Err(Errno::ENOENT),
        }
    }

    /// The paths of what is pinned in a directory, sorted.
    pub(crate) fn list(&self, dir: &Path) -> Result<Vec<PathBuf>, Errno> {
        if !self.covers(dir) {
            return Err(Errno::EINVAL);
        }
        let entries = self.entries.read();
        match entries.get(dir) {
            Some(Entry::Directory) => {}
            Some(Entry::Pinned(_)) => return Err(Errno::ENOTDIR),
            None => return Err(Errno::ENOENT),
        }
        let pinned = entries.iter().filter_map(|(path, entry)| {
            let inside = path.parent() == Some(dir) && matches!(entry, Entry::Pinned(_));
            inside.then(|| path.clone())
        });
        Ok(pinned.collect())
    }

    /// Everything that is pinned, by path.
    pub(crate) fn all(&self) -> Vec<(PathBuf, Object)> {
        let entries = self.entries.read();
        let pinned = entries.iter().filter_map(|(path, entry)| match entry {
            Entry::Pinned(object) => Some((path.clone(), object.clone())),
            Entry::Directory => None,
        });
        pinned.collect()
    }

    /// Removes a pin.
    pub(crate) fn unpin(&self, path: &Path) -> Result<(), Errno> {
        let mut entries = self.entries.write();
        match entries.get(path) {
            Some(Entry::Pinned(_)) => {}
            Some(Entry::Directory) => return Err(Errno::EISDIR),
            None => return Err(Errno::ENOENT),
        }
        let removed = entries.remove(path);
        // The object may end with its pin, and others with it: not under the lock.
        drop(entries);
        drop(removed);
        Ok(())
    }
}
