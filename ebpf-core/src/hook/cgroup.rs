//! Control groups: programs that see what the tasks of a cgroup do with sockets, devices and sysctls.

use std::fmt;

use super::order::order_methods;
use super::{AttachVia, Order, Place};
use crate::program::{AttachType, Program};

/// What most programs of control groups return; a hook that differs says so in its documentation.
///
/// ```
/// use ebpf_core::hook::CgroupVerdict;
/// assert_eq!(CgroupVerdict(1), CgroupVerdict::ALLOW);
/// assert_eq!(CgroupVerdict(2).to_string(), "drop and tell of congestion");
/// ```
///
/// `__cgroup_bpf_run_filter_skb()` and its neighbours in kernel/bpf/cgroup.c.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CgroupVerdict(pub u32);

impl CgroupVerdict {
    /// Refused: a packet is dropped, a task gets `EPERM` or the error that the program set with `bpf_set_retval`.
    pub const DENY: CgroupVerdict = CgroupVerdict(0);
    /// Allowed, if the other programs allow it too.
    pub const ALLOW: CgroupVerdict = CgroupVerdict(1);
    /// Of a packet that is sent: dropped, and the sender is told of congestion. Since Linux 5.3.
    pub const DROP_CN: CgroupVerdict = CgroupVerdict(2);
    /// Of a packet that is sent: allowed, and the sender is told of congestion. Since Linux 5.3.
    pub const ALLOW_CN: CgroupVerdict = CgroupVerdict(3);
}

impl fmt::Display for CgroupVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            CgroupVerdict::DENY => f.pad("deny"),
            CgroupVerdict::ALLOW => f.pad("allow"),
            CgroupVerdict::DROP_CN => f.pad("drop and tell of congestion"),
            CgroupVerdict::ALLOW_CN => f.pad("allow and tell of congestion"),
            CgroupVerdict(other) => write!(f, "cgroup verdict {other}"),
        }
    }
}

/// How a program shares a cgroup's hook with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum CgroupMode {
    /// Many programs, in this cgroup and in those below it; all of them run, and all must agree. Since Linux 4.15.
    #[default]
    #[doc(alias = "BPF_F_ALLOW_MULTI")]
    Multi,
    /// One program here, which another program in a cgroup below takes the place of. Attaching again replaces it.
    #[doc(alias = "BPF_F_ALLOW_OVERRIDE")]
    Override,
    /// One program here, and none in the cgroups below. Attaching again replaces it.
    Single,
}

impl CgroupMode {
    /// The `BPF_F_ALLOW_*` bit, 0 for a single program.
    pub const fn flag(self) -> u32 {
        match self {
            CgroupMode::Single => 0,
            CgroupMode::Override => 1 << 0,
            CgroupMode::Multi => 1 << 1,
        }
    }

    /// The mode of `attach_flags` as the kernel tells them.
    pub const fn of_flags(flags: u32) -> CgroupMode {
        match flags & 0b11 {
            0 => CgroupMode::Single,
            1 => CgroupMode::Override,
            _ => CgroupMode::Multi,
        }
    }
}

impl fmt::Display for CgroupMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            CgroupMode::Multi => "multi",
            CgroupMode::Override => "override",
            CgroupMode::Single => "single",
        })
    }
}

/// A hook of a control group (version 2) and of all cgroups below it.
///
/// A link (since Linux 5.7) is always [`CgroupMode::Multi`] and replaces nothing; what a link cannot do,
/// [`AttachVia::Auto`] does by `BPF_PROG_ATTACH`. Such an attachment has no owner: detaching removes it only if the
/// program is there still, but the kernel does not compare for [`CgroupMode::Single`] and [`CgroupMode::Override`], so
/// that is looked up just before. The programs of one hook and one cgroup all have the same mode: another one is refused
/// with `EPERM`, as is a program below a [`CgroupMode::Single`] one.
///
/// The link keeps nothing alive: when the cgroup is removed, its programs go with it.
///
/// ```
/// use ebpf_core::hook::Cgroup;
/// use ebpf_core::program::AttachType;
/// let target = Cgroup::at("/sys/fs/cgroup/web.slice", AttachType::CGROUP_INET_EGRESS);
/// assert_eq!(target.to_string(), "cgroup `/sys/fs/cgroup/web.slice` (cgroup_inet_egress)");
/// ```
///
/// Since Linux 4.10. `__cgroup_bpf_attach()` in kernel/bpf/cgroup.c.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Cgroup<'t> {
    /// The cgroup: its directory.
    pub cgroup: Place<'t>,
    /// Which of its hooks; one of those named `CGROUP_…`, or `LSM_CGROUP`.
    pub attach_type: AttachType,
    /// By which command.
    pub via: AttachVia,
    /// How the hook is shared.
    pub mode: CgroupMode,
    /// The program whose place is taken.
    pub replace: Option<&'t dyn Program>,
    /// Where among the others of this cgroup the program runs. Since Linux 6.17.
    pub order: Order<'t>,
    /// Whether it runs before the programs of the cgroups below.
    pub preorder: bool,
    /// What the revision of the hook must be. Since Linux 6.17.
    pub expected_revision: Option<u64>,
}

impl<'t> Cgroup<'t> {
    /// This hook of the cgroup at a path or of a descriptor, shared with others.
    pub fn at(cgroup: impl Into<Place<'t>>, attach_type: AttachType) -> Cgroup<'t> {
        Cgroup {
            cgroup: cgroup.into(),
            attach_type,
            via: AttachVia::Auto,
            mode: CgroupMode::Multi,
            replace: None,
            order: Order::Default,
            preorder: false,
            expected_revision: None,
        }
    }

    /// The same by this command.
    #[must_use]
    pub fn via(self, via: AttachVia) -> Cgroup<'t> {
        Cgroup { via, ..self }
    }

    /// The same in this mode.
    #[must_use]
    pub fn mode(self, mode: CgroupMode) -> Cgroup<'t> {
        Cgroup { mode, ..self }
    }

    /// The same in the place of `expected`, which must be attached there without a link, in [`CgroupMode::Multi`]; in the
    /// other modes there is but one program, which is replaced anyway. Since Linux 5.6.
    #[doc(alias = "BPF_F_REPLACE")]
    #[must_use]
    pub fn replacing(self, expected: &'t dyn Program) -> Cgroup<'t> {
        Cgroup {
            replace: Some(expected),
            ..self
        }
    }

    /// The same, running before the programs of the cgroups below instead of after them. Since Linux 6.15.
    #[doc(alias = "BPF_F_PREORDER")]
    #[must_use]
    pub fn preorder(self) -> Cgroup<'t> {
        Cgroup {
            preorder: true,
            ..self
        }
    }

    order_methods!(Cgroup);
}

impl fmt::Display for Cgroup<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cgroup {} ({})", self.cgroup, self.attach_type)
    }
}
