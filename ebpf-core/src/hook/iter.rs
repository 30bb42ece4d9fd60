//! Iterators: programs that print about each object of a kind, read as a file.

use std::fmt;

use crate::map::Map;

/// Which objects an iterator visits, of the kind that its program was loaded for.
///
/// Attached, nothing happens yet; each [`Link::read`](crate::Link::read) starts a new walk. A pinned link is read with
/// `cat`.
///
/// Since Linux 5.8. `bpf_iter_link_attach()` in kernel/bpf/bpf_iter.c.
///
/// ```
/// use ebpf_core::hook::Iter;
/// assert_eq!(Iter::new().to_string(), "an iterator");
/// assert_eq!(Iter::process(7).to_string(), "an iterator of the threads of process 7");
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Iter<'t> {
    /// Which objects.
    pub over: IterScope<'t>,
}

/// Which objects an iterator visits.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub enum IterScope<'t> {
    /// All.
    #[default]
    All,
    /// The elements of a map (`bpf_map_elem`, `bpf_sk_storage_map`, `sockmap`). Since Linux 5.9.
    Map(&'t dyn Map),
    /// Control groups, seen from one (`cgroup`). Since Linux 6.1.
    Cgroup(CgroupWalk),
    /// One thread (`task`, `task_file`, `task_vma`). Since Linux 6.1.
    Thread(u32),
    /// The threads of one process (`task`, `task_file`, `task_vma`). Since Linux 6.1.
    Process(u32),
}

/// Control groups, seen from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct CgroupWalk {
    /// The id of the group to begin at, which is its directory's inode number; 0 for the root.
    pub id: u64,
    /// Which others, in which order.
    pub order: CgroupOrder,
}

open_enum! {
    /// Which control groups are visited, in which order.
    ///
    /// `enum bpf_cgroup_iter_order` in include/uapi/linux/bpf.h.
    #[doc(alias = "bpf_cgroup_iter_order")]
    pub struct CgroupOrder: "order of control groups" {
        /// The group alone.
        SELF_ONLY = 1, "BPF_CGROUP_ITER_SELF_ONLY", "self";
        /// The group and those below it, parents first.
        DESCENDANTS_PRE = 2, "BPF_CGROUP_ITER_DESCENDANTS_PRE", "descendants, parents first";
        /// The group and those below it, parents last.
        DESCENDANTS_POST = 3, "BPF_CGROUP_ITER_DESCENDANTS_POST", "descendants, parents last";
        /// The group and those above it.
        ANCESTORS_UP = 4, "BPF_CGROUP_ITER_ANCESTORS_UP", "ancestors";
        /// The groups right below it. Since Linux 7.0.
        CHILDREN = 5, "BPF_CGROUP_ITER_CHILDREN", "children";
    }
}

impl<'t> Iter<'t> {
    /// All objects of the program's kind.
    pub fn new() -> Iter<'t> {
        Iter::default()
    }

    /// The elements of a map.
    pub fn map(map: &'t dyn Map) -> Iter<'t> {
        Iter {
            over: IterScope::Map(map),
        }
    }

    /// The control group of this id, which is its directory's inode number (0 for the root), and others in this order.
    pub fn cgroup(id: u64, order: CgroupOrder) -> Iter<'t> {
        Iter {
            over: IterScope::Cgroup(CgroupWalk { id, order }),
        }
    }

    /// One thread, by its number in the namespace of the caller.
    pub fn thread(tid: u32) -> Iter<'t> {
        Iter {
            over: IterScope::Thread(tid),
        }
    }

    /// The threads of one process, by its number in the namespace of the caller.
    pub fn process(pid: u32) -> Iter<'t> {
        Iter {
            over: IterScope::Process(pid),
        }
    }
}

impl fmt::Display for Iter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an iterator")?;
        match &self.over {
            IterScope::All => Ok(()),
            IterScope::Map(map) => write!(f, " of the elements of map `{}`", map.info().name),
            IterScope::Cgroup(walk) => {
                write!(f, " of cgroup {} ({})", walk.id, walk.order)
            }
            IterScope::Thread(tid) => write!(f, " of thread {tid}"),
            IterScope::Process(pid) => write!(f, " of the threads of process {pid}"),
        }
    }
}
