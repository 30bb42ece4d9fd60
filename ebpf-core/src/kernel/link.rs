//! Links of the kernel.

mod told;

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;

use self::told::Told;
use super::bpffs;
use super::sys::{self, OpenId};
use crate::Errno;
use crate::link::{Link, LinkError, LinkInfo, LinkState, LinkTarget, LinkType};
use crate::program::Program;
use crate::system::{Handle, SystemId, hint};

/// A link of the running kernel. The attachment ends when nothing refers to the link any more: no descriptor, no pin.
#[derive(Debug)]
pub struct KernelLink {
    fd: OwnedFd,
    info: LinkInfo,
}

impl KernelLink {
    /// The link behind a descriptor that is known to be one.
    pub(super) fn open(fd: OwnedFd) -> Result<KernelLink, Errno> {
        let info = match Told::of(fd.as_fd()) {
            Ok(told) => told.info(),
            // Before Linux 5.8 nothing is told.
            Err(Errno::EINVAL) => LinkInfo::new(None, LinkType::UNSPEC, LinkTarget::Other),
            Err(errno) => return Err(errno),
        };
        Ok(KernelLink { fd, info })
    }

    /// The link that was just made, of which older kernels do not tell what we know.
    pub(super) fn made(
        fd: OwnedFd,
        link_type: LinkType,
        target: LinkTarget,
    ) -> Result<KernelLink, Errno> {
        let mut link = KernelLink::open(fd)?;
        if link.info.link_type == LinkType::UNSPEC {
            link.info.link_type = link_type;
        }
        if link.info.target == LinkTarget::Other {
            link.info.target = target;
        }
        Ok(link)
    }
}

impl Link for KernelLink {
    fn info(&self) -> &LinkInfo {
        &self.info
    }

    fn query(&self) -> Result<LinkState, LinkError> {
        Told::of(self.fd.as_fd())
            .map(|told| {
                let mut state = told.state();
                if state.target == LinkTarget::Other {
                    state.target = self.info.target.clone();
                }
                state
            })
            .map_err(|errno| self.info.refused("query", errno, None))
    }

    fn handle(&self) -> Option<Handle> {
        Some(Handle::new(SystemId::KERNEL, self.fd.as_raw_fd() as u32))
    }

    fn update<'p>(
        &self,
        new: &'p (dyn Program + 'p),
        expected: Option<&'p (dyn Program + 'p)>,
    ) -> Result<(), LinkError> {
        let refused = |errno| {
            self.info.refused(
                "update",
                errno,
                hint::update_link(errno, expected.is_some()),
            )
        };
        let fd = |program: &'p (dyn Program + 'p)| {
            program.handle().raw_in(SystemId::KERNEL)?;
            program.fd().ok_or_else(|| refused(Errno::EBADF))
        };
        let (new, expected) = (fd(new)?, expected.map(fd).transpose()?);
        sys::update_link(self.fd.as_fd(), new, expected).map_err(refused)
    }

    fn read(&self) -> Result<Box<dyn io::Read + Send>, LinkError> {
        let hint = |errno| (errno == Errno::EINVAL).then_some("only iterators can be read");
        let file = sys::create_iterator(self.fd.as_fd());
        Ok(Box::new(File::from(file.map_err(|errno| {
            self.info.refused("read", errno, hint(errno))
        })?)))
    }

    fn pin(&self, path: &Path) -> Result<(), LinkError> {
        sys::pin(self.fd.as_fd(), path).map_err(|errno| {
            self.info
                .refused("pin", errno, bpffs::pin_hint(path, errno))
        })
    }

    fn detach(self: Box<Self>) -> Result<(), LinkError> {
        match sys::detach_link(self.fd.as_fd()) {
            Ok(()) => Ok(()),
            // The type cannot be detached while it exists, or the kernel is older than 5.9: closing does it, unless
            // something else refers to the link.
            Err(Errno::EOPNOTSUPP | Errno::ENOTSUPP | Errno::EINVAL) => {
                let KernelLink { fd, info } = *self;
                drop(fd);
                match info.id.map(|id| sys::open_id(OpenId::LINK, id.0)) {
                    Some(Ok(_)) => Err(info.unsupported(
                        "detach",
                        "something else refers to it, a pin or another process, and its type cannot be detached",
                    )),
                    _ => Ok(()),
                }
            }
            Err(errno) => Err(self.info.refused("detach", errno, None)),
        }
    }

    fn forget(self: Box<Self>) {
        // The descriptor stays open until the process ends.
        std::mem::forget(self);
    }

    fn fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.fd.as_fd())
    }
}
