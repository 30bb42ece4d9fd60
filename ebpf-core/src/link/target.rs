//! Where links are attached.

use std::fmt;
use std::sync::Arc;

use crate::hook::TcDirection;
use crate::program::AttachType;

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
    /// A filter of an interface's traffic control, made by netlink.
    TcFilter {
        /// The interface.
        ifindex: u32,
        /// Which packets.
        direction: TcDirection,
        /// Its priority: lower ones first.
        priority: u16,
        /// Its handle: tells apart filters of one priority.
        handle: u32,
        /// The protocol of its packets (`ETH_P_*`).
        protocol: u16,
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
    /// An iterator.
    Iter {
        /// What it walks over, such as `task` or `bpf_map`.
        name: Arc<str>,
        /// What it was narrowed to.
        over: IterOver,
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
        /// `BPF_F_NETFILTER_IP_DEFRAG` and the like.
        flags: u32,
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
    /// A function of the kernel, by kprobe. Told since Linux 6.6.
    Kprobe {
        /// The function; empty for a probe by address.
        function: Arc<str>,
        /// Bytes from its start.
        offset: u32,
        /// Where the probe is; 0 for who may not see addresses of the kernel.
        address: u64,
        /// Whether it is at the return.
        at_return: bool,
    },
    /// A place in an executable, by uprobe. Told since Linux 6.6.
    Uprobe {
        /// The executable.
        file: Arc<str>,
        /// Bytes from the start of the file.
        offset: u64,
        /// Where in the file the semaphore of the probe is, 0 for none. Told since Linux 6.16.
        ref_ctr_offset: u64,
        /// Whether it is at the return.
        at_return: bool,
    },
    /// A tracepoint. Told since Linux 6.6.
    Tracepoint {
        /// Its name, without the category.
        name: Arc<str>,
    },
    /// A hardware or software event. Told since Linux 6.6.
    PerfEvent {
        /// A `PERF_TYPE_` number or that of a PMU.
        event_type: u32,
        /// Which event of the type.
        config: u64,
    },
    /// Many functions of the kernel. Told since Linux 6.6.
    KprobeMulti {
        /// The functions, in the order of attaching.
        functions: Arc<[ProbedFunction]>,
        /// Whether it is at their returns.
        at_return: bool,
    },
    /// Many places in an executable. Told since Linux 6.8.
    UprobeMulti {
        /// The executable.
        file: Arc<str>,
        /// The places, in the order of attaching.
        places: Arc<[ProbedPlace]>,
        /// Only in this process; 0 for all.
        pid: u32,
        /// Whether it is at the returns.
        at_return: bool,
    },
    /// Something else, or something the system does not tell.
    Other,
}

/// What an iterator was narrowed to. `union bpf_iter_link_info` in include/uapi/linux/bpf.h.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "bpf_iter_link_info")]
pub enum IterOver {
    /// Nothing: it walks over all there is.
    All,
    /// The elements of a map.
    Map {
        /// The map.
        map_id: u32,
    },
    /// Control groups. Told since Linux 6.1.
    Cgroup {
        /// Where it starts.
        cgroup_id: u64,
        /// A `BPF_CGROUP_ITER_` number.
        order: u32,
    },
    /// A thread or a process. Told since Linux 6.1.
    Task {
        /// The thread, 0 for none.
        tid: u32,
        /// The process, 0 for none.
        pid: u32,
    },
}

/// A function with a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProbedFunction {
    /// Its address; 0 for who may not see addresses of the kernel.
    pub address: u64,
    /// What the program is told there. Told since Linux 6.9, else 0.
    #[doc(alias = "bpf_get_attach_cookie")]
    pub cookie: u64,
}

impl ProbedFunction {
    /// A function at this address.
    pub const fn new(address: u64, cookie: u64) -> ProbedFunction {
        ProbedFunction { address, cookie }
    }
}

/// A place in an executable with a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProbedPlace {
    /// Bytes from the start of the file.
    pub offset: u64,
    /// Where in the file the semaphore of the probe is, 0 for none.
    pub ref_ctr_offset: u64,
    /// What the program is told there.
    #[doc(alias = "bpf_get_attach_cookie")]
    pub cookie: u64,
}

impl ProbedPlace {
    /// A place at this offset.
    pub const fn new(offset: u64, ref_ctr_offset: u64, cookie: u64) -> ProbedPlace {
        ProbedPlace {
            offset,
            ref_ctr_offset,
            cookie,
        }
    }
}

/// "return of " where it is.
fn at(at_return: bool) -> &'static str {
    if at_return { "return of " } else { "" }
}

impl fmt::Display for LinkTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LinkTarget::Xdp { ifindex } => write!(f, "interface {ifindex}"),
            LinkTarget::Interface {
                ifindex,
                attach_type,
            } => write!(f, "interface {ifindex} ({attach_type})"),
            LinkTarget::TcFilter {
                ifindex,
                direction,
                priority,
                handle,
                ..
            } => write!(
                f,
                "interface {ifindex} (TC {direction} filter, priority {priority}, handle {handle:#x})"
            ),
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
            LinkTarget::Iter { name, over } => match over {
                IterOver::All => write!(f, "iterator {name}"),
                IterOver::Map { map_id } => write!(f, "iterator {name} of map {map_id}"),
                IterOver::Cgroup { cgroup_id, .. } => {
                    write!(f, "iterator {name} from cgroup {cgroup_id}")
                }
                IterOver::Task { tid: 0, pid } => write!(f, "iterator {name} of process {pid}"),
                IterOver::Task { tid, .. } => write!(f, "iterator {name} of thread {tid}"),
            },
            LinkTarget::StructOps { map_id } => write!(f, "struct_ops map {map_id}"),
            LinkTarget::Netfilter {
                family,
                hook,
                priority,
                ..
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
            LinkTarget::Kprobe {
                function,
                offset,
                address,
                at_return,
            } => match (&**function, offset) {
                ("", _) => write!(f, "{}kernel code at {address:#x}", at(*at_return)),
                (function, 0) => write!(f, "{}kernel function {function}", at(*at_return)),
                (function, offset) => {
                    write!(
                        f,
                        "{}kernel function {function}+{offset:#x}",
                        at(*at_return)
                    )
                }
            },
            LinkTarget::Uprobe {
                file,
                offset,
                at_return,
                ..
            } => write!(f, "{}{file}+{offset:#x}", at(*at_return)),
            LinkTarget::Tracepoint { name } => write!(f, "tracepoint {name}"),
            LinkTarget::PerfEvent { event_type, config } => {
                write!(f, "perf event {config:#x} of type {event_type}")
            }
            LinkTarget::KprobeMulti {
                functions,
                at_return,
            } => write!(f, "{}{} kernel functions", at(*at_return), functions.len()),
            LinkTarget::UprobeMulti {
                file,
                places,
                at_return,
                ..
            } => write!(f, "{}{} places in {file}", at(*at_return), places.len()),
            LinkTarget::Other => f.write_str("another target"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_probes_read_as_what_they_are() {
        let kprobe = |function: &str, offset, at_return| LinkTarget::Kprobe {
            function: function.into(),
            offset,
            address: 0xffff_0000,
            at_return,
        };
        let iterator = |over| LinkTarget::Iter {
            name: "task".into(),
            over,
        };
        for (target, text) in [
            (
                kprobe("do_exit", 0, true),
                "return of kernel function do_exit",
            ),
            (kprobe("do_exit", 16, false), "kernel function do_exit+0x10"),
            (kprobe("", 0, false), "kernel code at 0xffff0000"),
            (
                LinkTarget::KprobeMulti {
                    functions: [ProbedFunction::new(1, 0); 3].into(),
                    at_return: false,
                },
                "3 kernel functions",
            ),
            (
                LinkTarget::UprobeMulti {
                    file: "/bin/sh".into(),
                    places: [ProbedPlace::new(1, 0, 0); 2].into(),
                    pid: 0,
                    at_return: true,
                },
                "return of 2 places in /bin/sh",
            ),
            (iterator(IterOver::All), "iterator task"),
            (
                iterator(IterOver::Task { tid: 0, pid: 7 }),
                "iterator task of process 7",
            ),
            (
                iterator(IterOver::Task { tid: 8, pid: 0 }),
                "iterator task of thread 8",
            ),
        ] {
            assert_eq!(target.to_string(), text);
        }
    }
}
