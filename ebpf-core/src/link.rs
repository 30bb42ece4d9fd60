//! Links: a program attached somewhere, as a value.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::Errno;
use crate::program::{AttachType, Program, ProgramId};
use crate::system::{ForeignHandle, Handle};

/// An attachment. Dropping it detaches, unless it is pinned or [forgotten](Link::forget).
#[must_use = "dropping a link detaches the program"]
pub trait Link: fmt::Debug + Send + Sync {
    /// What cannot change.
    fn info(&self) -> &LinkInfo;

    /// What can change: where it is attached now (an interface may be gone), and which program runs.
    fn query(&self) -> Result<LinkState, LinkError>;

    /// Names the link to its system; `None` for an attachment that is not a link object (netlink).
    fn handle(&self) -> Option<Handle>;

    /// Replaces the program, with no moment without one; with `expected`, only if that is the one that runs.
    ///
    /// # Errors
    /// `EPERM` when another program than `expected` runs; `EINVAL` for a program of another type.
    ///
    /// Since Linux 5.7. `link_update()` in kernel/bpf/syscall.c.
    #[doc(alias = "BPF_LINK_UPDATE")]
    fn update<'p>(
        &self,
        new: &'p (dyn Program + 'p),
        expected: Option<&'p (dyn Program + 'p)>,
    ) -> Result<(), LinkError>;

    /// A reader of what an iterator program prints; each call starts a new walk.
    ///
    /// # Errors
    /// `EINVAL` for links that are not of iterators.
    ///
    /// Since Linux 5.8. `bpf_iter_new_fd()` in kernel/bpf/bpf_iter.c.
    #[doc(alias = "BPF_ITER_CREATE")]
    fn read(&self) -> Result<Box<dyn io::Read + Send>, LinkError>;

    /// Shares the link at `path` in a bpffs, so that the attachment outlives this process.
    ///
    /// # Errors
    /// As [`Map::pin`](crate::Map::pin); [`LinkError::Unsupported`] for an attachment that is not a link object.
    ///
    /// Since Linux 5.7.
    #[doc(alias = "BPF_OBJ_PIN")]
    fn pin(&self, path: &Path) -> Result<(), LinkError>;

    /// Detaches and says whether it worked; the drop of a link cannot.
    fn detach(self: Box<Self>) -> Result<(), LinkError>;

    /// Leaves the program attached for good: for a link object as long as something else refers to it (this process keeps
    /// the descriptor open until it ends), for netlink until someone removes it.
    fn forget(self: Box<Self>);

    /// The descriptor, where there is one.
    #[cfg(unix)]
    fn fd(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        None
    }
}

/// The number by which a system knows a link while it exists. Since Linux 5.8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u32);

impl fmt::Display for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

open_enum! {
    /// What kind of link it is.
    ///
    /// `enum bpf_link_type` in include/uapi/linux/bpf.h.
    #[doc(alias = "bpf_link_type")]
    pub struct LinkType: "link type" {
        /// Not a link object: an attachment by netlink, socket option or the like.
        UNSPEC = 0, "BPF_LINK_TYPE_UNSPEC", "none";
        /// A raw tracepoint.
        RAW_TRACEPOINT = 1, "BPF_LINK_TYPE_RAW_TRACEPOINT", "raw_tracepoint";
        /// fentry, fexit, fmod_ret, LSM, freplace.
        TRACING = 2, "BPF_LINK_TYPE_TRACING", "tracing";
        /// A control group.
        CGROUP = 3, "BPF_LINK_TYPE_CGROUP", "cgroup";
        /// An iterator.
        ITER = 4, "BPF_LINK_TYPE_ITER", "iter";
        /// A network namespace.
        NETNS = 5, "BPF_LINK_TYPE_NETNS", "netns";
        /// XDP on an interface.
        XDP = 6, "BPF_LINK_TYPE_XDP", "xdp";
        /// A perf event: kprobe, uprobe, tracepoint, hardware or software event.
        PERF_EVENT = 7, "BPF_LINK_TYPE_PERF_EVENT", "perf_event";
        /// Many kprobes at once.
        KPROBE_MULTI = 8, "BPF_LINK_TYPE_KPROBE_MULTI", "kprobe_multi";
        /// A struct_ops map.
        STRUCT_OPS = 9, "BPF_LINK_TYPE_STRUCT_OPS", "struct_ops";
        /// A netfilter hook.
        NETFILTER = 10, "BPF_LINK_TYPE_NETFILTER", "netfilter";
        /// Traffic control of an interface.
        TCX = 11, "BPF_LINK_TYPE_TCX", "tcx";
        /// Many uprobes at once.
        UPROBE_MULTI = 12, "BPF_LINK_TYPE_UPROBE_MULTI", "uprobe_multi";
        /// A netkit device.
        NETKIT = 13, "BPF_LINK_TYPE_NETKIT", "netkit";
        /// A sockmap.
        SOCKMAP = 14, "BPF_LINK_TYPE_SOCKMAP", "sockmap";
        /// Many functions at once, as fentry, fexit or both.
        TRACING_MULTI = 15, "BPF_LINK_TYPE_TRACING_MULTI", "tracing_multi";
    }
}

/// What cannot change while a link exists.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkInfo {
    /// The id; `None` for an attachment that is not a link object, or where the system does not tell.
    pub id: Option<LinkId>,
    /// The kind.
    pub link_type: LinkType,
    /// Where it was attached.
    pub target: LinkTarget,
}

impl LinkInfo {
    /// What a system knows of an attachment.
    pub fn new(id: Option<LinkId>, link_type: LinkType, target: LinkTarget) -> LinkInfo {
        LinkInfo {
            id,
            link_type,
            target,
        }
    }
}

/// Where a link is attached.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkTarget {
    /// An interface's XDP hook; the index is 0 once the interface is gone.
    Xdp {
        /// The interface.
        ifindex: u32,
    },
    /// An interface's traffic control (TCX) or netkit hook.
    Interface {
        /// The interface; 0 once it is gone.
        ifindex: u32,
        /// Which hook.
        attach_type: AttachType,
    },
    /// A control group.
    Cgroup {
        /// The cgroup's id.
        cgroup_id: u64,
        /// Which hook.
        attach_type: AttachType,
    },
    /// A network namespace.
    Netns {
        /// The namespace's inode number; 0 once it is gone.
        inode: u32,
        /// Which hook.
        attach_type: AttachType,
    },
    /// A raw tracepoint.
    RawTracepoint {
        /// The tracepoint's name.
        name: Arc<str>,
    },
    /// A function of the kernel or of another program.
    Tracing {
        /// Which hook.
        attach_type: AttachType,
        /// The BTF object, or for freplace the program.
        target_object: u32,
        /// The function's type in it.
        target_type: u32,
    },
    /// An iterator's target, such as `task` or `bpf_map`.
    Iter {
        /// The target's name.
        name: Arc<str>,
    },
    /// A struct_ops map.
    StructOps {
        /// The map.
        map_id: u32,
    },
    /// A netfilter hook.
    Netfilter {
        /// Protocol family, an `NFPROTO_` number.
        family: u32,
        /// Hook number.
        hook: u32,
        /// Priority.
        priority: i32,
    },
    /// A sockmap.
    Sockmap {
        /// The map.
        map_id: u32,
        /// Which hook.
        attach_type: AttachType,
    },
    /// A socket's filter.
    SocketFilter {
        /// The socket's cookie; 0 where the system does not tell.
        cookie: u64,
    },
    /// The sockets that share a port.
    Reuseport {
        /// The cookie of the one that was named; 0 where the system does not tell.
        cookie: u64,
    },
    /// Something else, or something the system does not tell.
    Other,
}

impl fmt::Display for LinkTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LinkTarget::Xdp { ifindex } => write!(f, "interface {ifindex}"),
            LinkTarget::Interface {
                ifindex,
                attach_type,
            } => write!(f, "interface {ifindex} ({attach_type})"),
            LinkTarget::Cgroup {
                cgroup_id,
                attach_type,
            } => write!(f, "cgroup {cgroup_id} ({attach_type})"),
            LinkTarget::Netns { inode, attach_type } => {
                write!(f, "network namespace {inode} ({attach_type})")
            }
            LinkTarget::RawTracepoint { name } => write!(f, "raw tracepoint {name}"),
            LinkTarget::Tracing {
                attach_type,
                target_type,
                ..
            } => write!(f, "BTF type {target_type} ({attach_type})"),
            LinkTarget::Iter { name } => write!(f, "iterator {name}"),
            LinkTarget::StructOps { map_id } => write!(f, "struct_ops map {map_id}"),
            LinkTarget::Netfilter {
                family,
                hook,
                priority,
            } => {
                write!(
                    f,
                    "netfilter family {family} hook {hook} priority {priority}"
                )
            }
            LinkTarget::Sockmap {
                map_id,
                attach_type,
            } => write!(f, "sockmap {map_id} ({attach_type})"),
            LinkTarget::SocketFilter { cookie } => {
                write!(f, "the filter of the socket with cookie {cookie}")
            }
            LinkTarget::Reuseport { cookie } => {
                write!(f, "the reuseport group of the socket with cookie {cookie}")
            }
            LinkTarget::Other => f.write_str("another target"),
        }
    }
}

/// What may change while a link exists.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkState {
    /// The program that runs there now; `None` when nothing of ours is attached any more.
    pub program: Option<ProgramId>,
    /// Where it is attached now.
    pub target: LinkTarget,
}

impl LinkState {
    /// The state of an attachment.
    pub fn new(program: Option<ProgramId>, target: LinkTarget) -> LinkState {
        LinkState { program, target }
    }
}

/// What went wrong with a link.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// The system refused.
    #[error("{op} link to {target}: {errno}{}", crate::map::hint_text(.hint))]
    Os {
        /// The operation.
        op: &'static str,
        /// Where it is attached.
        target: Box<LinkTarget>,
        /// What the system said.
        errno: Errno,
        /// What might help.
        hint: Option<&'static str>,
    },
    /// The attachment has no such operation.
    #[error("{op} link to {target}: {why}")]
    Unsupported {
        /// The operation.
        op: &'static str,
        /// Where it is attached.
        target: Box<LinkTarget>,
        /// Why not.
        why: &'static str,
    },
    /// The program that runs there is not ours any more; it was left alone.
    #[error(
        "{op} link to {target}: another program is attached there now (id {found}), it was left alone"
    )]
    NotOurs {
        /// The operation.
        op: &'static str,
        /// Where it is attached.
        target: Box<LinkTarget>,
        /// The program found there.
        found: ProgramId,
    },
    /// A program of another system was given.
    #[error(transparent)]
    Foreign(#[from] ForeignHandle),
}

impl LinkError {
    /// The system's error number, if it was the system that refused.
    pub fn errno(&self) -> Option<Errno> {
        match self {
            LinkError::Os { errno, .. } => Some(*errno),
            _ => None,
        }
    }
}
