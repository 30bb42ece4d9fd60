//! Control groups: a tree of directories.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::hook::Descriptor as HookDescriptor;
use parking_lot::Mutex;

use crate::kernel::{Descriptor, Kernel, Object};

/// Where the tree begins.
const ROOT: &str = "/sys/fs/cgroup";

/// The control groups of a machine.
#[derive(Debug)]
pub(crate) struct Cgroups(Mutex<BTreeMap<PathBuf, Arc<CgroupObject>>>);

impl Default for Cgroups {
    fn default() -> Cgroups {
        let root = Arc::new(CgroupObject {
            id: 1,
            path: ROOT.into(),
        });
        Cgroups(Mutex::new(BTreeMap::from([(root.path.clone(), root)])))
    }
}

impl Cgroups {
    /// Makes a group below one that there is.
    pub(crate) fn create(&self, path: &Path) -> Result<Arc<CgroupObject>, Errno> {
        let mut groups = self.0.lock();
        if groups.contains_key(path) {
            return Err(Errno::EEXIST);
        }
        if !path
            .parent()
            .is_some_and(|parent| groups.contains_key(parent))
        {
            return Err(Errno::ENOENT);
        }
        let id = groups.values().map(|group| group.id).max().unwrap_or(0) + 1;
        let group = Arc::new(CgroupObject {
            id,
            path: path.to_owned(),
        });
        groups.insert(path.to_owned(), group.clone());
        Ok(group)
    }
}

/// A control group as the simulated kernel keeps it.
#[derive(Debug)]
pub(crate) struct CgroupObject {
    pub(crate) id: u64,
    pub(crate) path: PathBuf,
}

/// The directory of a control group of a simulated machine, open.
#[derive(Debug)]
pub struct MockCgroup {
    object: Arc<CgroupObject>,
    descriptor: Descriptor,
}

impl MockCgroup {
    pub(crate) fn open(kernel: &Arc<Kernel>, object: Arc<CgroupObject>) -> MockCgroup {
        MockCgroup {
            descriptor: kernel.open(Object::Cgroup(object.clone())),
            object,
        }
    }

    /// The number by which programs and maps know the group.
    pub fn id(&self) -> u64 {
        self.object.id
    }

    /// Its directory.
    pub fn path(&self) -> &Path {
        &self.object.path
    }
}

impl<'c> From<&'c MockCgroup> for HookDescriptor<'c> {
    fn from(cgroup: &'c MockCgroup) -> HookDescriptor<'c> {
        cgroup.descriptor.of_hook()
    }
}
