//! Links of the kernel.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;

use super::bpffs;
use super::sys::{self, LINK_INFO_WORDS, OpenId};
use crate::Errno;
use crate::link::{Link, LinkError, LinkId, LinkInfo, LinkState, LinkTarget, LinkType};
use crate::program::{AttachType, Program, ProgramId};
use crate::system::{Handle, SystemId};

/// A link of the running kernel. The attachment ends when nothing refers to the link any more: no descriptor, no pin.
#[derive(Debug)]
pub struct KernelLink {
    fd: OwnedFd,
    info: LinkInfo,
}

impl KernelLink {
    /// The link behind a descriptor that is known to be one.
    pub(super) fn open(fd: OwnedFd) -> Result<KernelLink, Errno> {
        let info = match sys::link_info(fd.as_fd()) {
            Ok((words, name)) => {
                let told = Told { words, name };
                LinkInfo::new(Some(LinkId(told.word(1))), told.link_type(), told.target())
            }
            // Before Linux 5.8 nothing is told.
            Err(Errno::EINVAL) => LinkInfo::new(None, LinkType::UNSPEC, LinkTarget::Other),
            Err(errno) => return Err(errno),
        };
        Ok(KernelLink { fd, info })
    }

    #[cold]
    fn refused(&self, op: &'static str, errno: Errno, hint: Option<&'static str>) -> LinkError {
        LinkError::Os {
            op,
            target: Box::new(self.info.target.clone()),
            errno,
            hint,
        }
    }
}

/// What the kernel tells of a link.
struct Told {
    words: [u32; LINK_INFO_WORDS],
    name: Option<String>,
}

impl Told {
    fn word(&self, at: usize) -> u32 {
        self.words.get(at).copied().unwrap_or(0)
    }

    fn link_type(&self) -> LinkType {
        LinkType(self.word(0))
    }

    /// What depends on the type begins at the fourth word (`struct bpf_link_info`).
    fn target(&self) -> LinkTarget {
        let [first, second, third] = [4, 5, 6].map(|at| self.word(at));
        let name = || self.name.as_deref().unwrap_or_default().into();
        match self.link_type() {
            LinkType::XDP => LinkTarget::Xdp { ifindex: first },
            LinkType::TCX | LinkType::NETKIT => LinkTarget::Interface {
                ifindex: first,
                attach_type: AttachType(second),
            },
            LinkType::CGROUP => {
                let halves = if cfg!(target_endian = "big") {
                    (first, second)
                } else {
                    (second, first)
                };
                let cgroup_id = u64::from(halves.0) << 32 | u64::from(halves.1);
                LinkTarget::Cgroup {
                    cgroup_id,
                    attach_type: AttachType(third),
                }
            }
            LinkType::NETNS => LinkTarget::Netns {
                inode: first,
                attach_type: AttachType(second),
            },
            LinkType::RAW_TRACEPOINT => LinkTarget::RawTracepoint { name: name() },
            LinkType::TRACING => LinkTarget::Tracing {
                attach_type: AttachType(first),
                target_object: second,
                target_type: third,
            },
            LinkType::ITER => LinkTarget::Iter { name: name() },
            LinkType::STRUCT_OPS => LinkTarget::StructOps { map_id: first },
            LinkType::NETFILTER => LinkTarget::Netfilter {
                family: first,
                hook: second,
                priority: third as i32,
            },
            LinkType::SOCKMAP => LinkTarget::Sockmap {
                map_id: first,
                attach_type: AttachType(second),
            },
            _ => LinkTarget::Other,
        }
    }

    /// The program that runs, unless what it was attached to is gone.
    fn program(&self) -> Option<ProgramId> {
        let gone = match self.target() {
            LinkTarget::Xdp { ifindex } | LinkTarget::Interface { ifindex, .. } => ifindex == 0,
            LinkTarget::Cgroup { cgroup_id, .. } => cgroup_id == 0,
            LinkTarget::Netns { inode, .. } => inode == 0,
            _ => false,
        };
        Some(self.word(2))
            .filter(|id| *id != 0 && !gone)
            .map(ProgramId)
    }
}

impl Link for KernelLink {
    fn info(&self) -> &LinkInfo {
        &self.info
    }

    fn query(&self) -> Result<LinkState, LinkError> {
        let (words, name) =
            sys::link_info(self.fd.as_fd()).map_err(|errno| self.refused("query", errno, None))?;
        let told = Told { words, name };
        Ok(LinkState::new(told.program(), told.target()))
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
            let hint = match errno {
                Errno::EPERM if expected.is_some() => {
                    Some("another program than the expected one runs there")
                }
                Errno::EPERM => Some("CAP_NET_ADMIN or CAP_PERFMON (or root) is needed"),
                Errno::EINVAL => Some("the program's type or attach type is not that of the link"),
                Errno::ENOLINK => Some("what it was attached to is gone"),
                _ => None,
            };
            self.refused("update", errno, hint)
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
            self.refused("read", errno, hint(errno))
        })?)))
    }

    fn pin(&self, path: &Path) -> Result<(), LinkError> {
        sys::pin(self.fd.as_fd(), path)
            .map_err(|errno| self.refused("pin", errno, bpffs::pin_hint(path, errno)))
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
                    Some(Ok(_)) => Err(LinkError::Unsupported {
                        op: "detach",
                        target: Box::new(info.target),
                        why: "something else refers to it, a pin or another process, and its type cannot be detached",
                    }),
                    _ => Ok(()),
                }
            }
            Err(errno) => Err(self.refused("detach", errno, None)),
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
