//! Control groups as a test has them: their directories, and what is attached there.

use std::path::Path;
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::hook::{CgroupAttached, Descriptor as HookDescriptor, Place};
use ebpf_core::program::{AttachType, ProgramId};
use ebpf_core::system::SystemError;

use super::super::namespace::Unfound;
use super::CgroupObject;
use crate::MockSystem;
use crate::kernel::{Descriptor, Kernel, Object};
use crate::system::refused;

/// The directory of a control group of a simulated machine, open.
#[derive(Debug)]
pub struct MockCgroup {
    object: Arc<CgroupObject>,
    descriptor: Descriptor,
}

impl MockCgroup {
    fn open(kernel: &Arc<Kernel>, object: Arc<CgroupObject>) -> MockCgroup {
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

    pub(crate) fn object(&self) -> &Arc<CgroupObject> {
        &self.object
    }
}

impl<'c> From<&'c MockCgroup> for HookDescriptor<'c> {
    fn from(cgroup: &'c MockCgroup) -> HookDescriptor<'c> {
        cgroup.descriptor.of_hook()
    }
}

impl<'c> From<&'c MockCgroup> for Place<'c> {
    fn from(cgroup: &'c MockCgroup) -> Place<'c> {
        Place::Open(cgroup.into())
    }
}

impl MockSystem {
    /// Makes a control group, such as `/sys/fs/cgroup/web.slice`.
    ///
    /// # Errors
    /// `EEXIST` if it is there, `ENOENT` if the one above it is not.
    pub fn create_cgroup(&self, path: impl AsRef<Path>) -> Result<MockCgroup, SystemError> {
        let path = path.as_ref();
        let made = self.kernel().world.cgroups.create(path);
        made.map(|group| MockCgroup::open(self.kernel(), group))
            .map_err(|errno| {
                let what = path.display().to_string();
                refused("create control group", what, errno, None)
            })
    }

    /// Opens the directory of a control group; `/sys/fs/cgroup` is the root.
    ///
    /// # Errors
    /// `ENOENT` if there is none.
    pub fn open_cgroup(&self, path: impl AsRef<Path>) -> Result<MockCgroup, SystemError> {
        let path = path.as_ref();
        let found = self.kernel().world.cgroups.at(path).ok_or(Errno::ENOENT);
        found
            .map(|group| MockCgroup::open(self.kernel(), group))
            .map_err(|errno| {
                let what = path.display().to_string();
                refused("open control group", what, errno, None)
            })
    }

    /// Removes a control group, with the programs that are attached to it. Links to it stay, and do nothing any more.
    ///
    /// # Errors
    /// `ENOENT` if there is none, `EBUSY` if there are others below it or tasks in it.
    pub fn remove_cgroup(&self, path: impl AsRef<Path>) -> Result<(), SystemError> {
        let path = path.as_ref();
        let world = &self.kernel().world;
        let removed = match world.tasks.any_in(path) {
            true => Err(Errno::EBUSY),
            false => world.cgroups.remove(path),
        };
        removed.map_err(|errno| {
            let what = path.display().to_string();
            refused("remove control group", what, errno, None)
        })
    }

    /// The programs that are attached to a hook of a control group itself.
    ///
    /// # Errors
    /// `EBADF` for what is no control group, `EINVAL` for an attach type that is not a control group's.
    pub fn cgroup_attached<'t>(
        &self,
        cgroup: impl Into<Place<'t>>,
        attach_type: AttachType,
    ) -> Result<CgroupAttached, SystemError> {
        let place = cgroup.into();
        let group = self.asked(&place, attach_type)?;
        Ok(self.kernel().world.cgroups.told(&group, attach_type))
    }

    /// The programs that run at a hook of a control group, in order, those of the groups above included.
    ///
    /// # Errors
    /// As [`MockSystem::cgroup_attached`]; `EINVAL` for LSM hooks too, of which there are many.
    pub fn cgroup_effective<'t>(
        &self,
        cgroup: impl Into<Place<'t>>,
        attach_type: AttachType,
    ) -> Result<Vec<ProgramId>, SystemError> {
        let place = cgroup.into();
        let group = self.asked(&place, attach_type)?;
        if attach_type == AttachType::LSM_CGROUP {
            let why = Unfound::Errno(Errno::EINVAL);
            return Err(why.of("query", format!("cgroup {place} ({attach_type})")));
        }
        let cgroups = &self.kernel().world.cgroups;
        let programs = cgroups.effective(&group, (attach_type.0, 0)).into_iter();
        Ok(programs.map(|program| program.info.id).collect())
    }

    /// The group that a question is about.
    fn asked(
        &self,
        place: &Place<'_>,
        attach_type: AttachType,
    ) -> Result<Arc<CgroupObject>, SystemError> {
        let found = self
            .kernel()
            .cgroup(place)
            .and_then(|group| match crate::hook::is_of_cgroups(attach_type) {
                true => Ok(group),
                false => Err(Unfound::Errno(Errno::EINVAL)),
            });
        found.map_err(|why| why.of("query", format!("cgroup {place} ({attach_type})")))
    }
}
