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

/// Bytes that a name may have.
const LONGEST_NAME: usize = 255;

/// Where a path leads.
struct Walked {
    /// The place, without detours. There may be nothing.
    path: PathBuf,
    /// Whether the path ends like one of a directory.
    slash: bool,
}

impl Walked {
    /// What is there.
    ///
    /// # Errors
    /// `EPERM` for nothing under a name with a dot: those are for the system.
    fn entry<'e>(&self, entries: &'e BTreeMap<PathBuf, Entry>) -> Result<Option<&'e Entry>, Errno> {
        let name = self.path.file_name().unwrap_or_default();
        match entries.get(&self.path) {
            None if name.as_encoded_bytes().contains(&b'.') => Err(Errno::EPERM),
            entry => Ok(entry),
        }
    }
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
        let mut entries = self.entries.write();
        let walked = match self.walk(&entries, path)? {
            None => return Err(Errno::EPERM),
            Some(walked) => walked,
        };
        match walked.entry(&entries)? {
            Some(_) => return Err(Errno::EEXIST),
            // Only a directory could be called that.
            None if walked.slash => return Err(Errno::ENOENT),
            None => {}
        }
        object.add_user();
        entries.insert(walked.path, Entry::Pinned(object));
        Ok(())
    }

    /// Goes down a path: where it leads, or `None` out of every file system. What it goes through are directories.
    fn walk(
        &self,
        entries: &BTreeMap<PathBuf, Entry>,
        path: &Path,
    ) -> Result<Option<Walked>, Errno> {
        let text = path.as_os_str().as_encoded_bytes();
        if text.contains(&0) {
            return Err(Errno::EINVAL);
        }
        let Some(mount) = self.mounts.iter().find(|mount| path.starts_with(mount)) else {
            return Ok(None);
        };
        let mut walked = Walked {
            path: mount.clone(),
            slash: text.ends_with(b"/"),
        };
        for part in path.strip_prefix(mount).unwrap_or(path).components() {
            match walked.entry(entries)? {
                Some(Entry::Directory) => {}
                Some(Entry::Pinned(_)) => return Err(Errno::ENOTDIR),
                None => return Err(Errno::ENOENT),
            }
            match part {
                Component::Normal(name) if name.len() > LONGEST_NAME => {
                    return Err(Errno::ENAMETOOLONG);
                }
                Component::Normal(name) => walked.path.push(name),
                Component::ParentDir if walked.path == *mount => return Ok(None),
                Component::ParentDir => drop(walked.path.pop()),
                _ => {}
            }
        }
        Ok(Some(walked))
    }

    /// What is pinned at a path.
    pub(crate) fn get(&self, path: &Path) -> Result<Object, Errno> {
        let entries = self.entries.read();
        let walked = self.walk(&entries, path)?.ok_or(Errno::ENOENT)?;
        match walked.entry(&entries)? {
            Some(Entry::Pinned(_)) if walked.slash => Err(Errno::ENOTDIR),
            Some(Entry::Pinned(object)) => Ok(object.clone()),
            Some(Entry::Directory) => Err(Errno::EACCES),
            None => Err(Errno::ENOENT),
        }
    }

    /// The paths of what is pinned in a directory, sorted.
    pub(crate) fn list(&self, dir: &Path) -> Result<Vec<PathBuf>, Errno> {
        let entries = self.entries.read();
        let walked = self.walk(&entries, dir)?.ok_or(Errno::EINVAL)?;
        match walked.entry(&entries)? {
            Some(Entry::Directory) => {}
            Some(Entry::Pinned(_)) => return Err(Errno::ENOTDIR),
            None => return Err(Errno::ENOENT),
        }
        let pinned = entries.iter().filter_map(|(path, entry)| {
            let inside = path.parent() == Some(&*walked.path) && matches!(entry, Entry::Pinned(_));
            inside.then(|| dir.join(path.file_name().unwrap_or_default()))
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
        let walked = self.walk(&entries, path)?.ok_or(Errno::ENOENT)?;
        match walked.entry(&entries)? {
            Some(Entry::Pinned(_)) if walked.slash => return Err(Errno::ENOTDIR),
            Some(Entry::Pinned(_)) => {}
            Some(Entry::Directory) => return Err(Errno::EISDIR),
            None => return Err(Errno::ENOENT),
        }
        let removed = entries.remove(&walked.path);
        // The object may end with its pin, and others with it: not under the lock.
        drop(entries);
        if let Some(Entry::Pinned(object)) = removed {
            object.drop_user();
        }
        Ok(())
    }
}
