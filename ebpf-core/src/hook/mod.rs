//! Where programs are attached: one file for each hook, with its parameters and the verdicts of its programs.

mod attached;
mod by_section;
pub mod cgroup;
pub mod iter;
pub mod kprobe;
pub mod kprobe_multi;
pub mod netfilter;
pub mod netkit;
pub mod netns;
mod order;
pub mod perf_event;
mod place;
pub mod reuseport;
mod section_table;
pub mod sections;
pub mod socket_filter;
pub mod sockmap;
pub mod tc;
pub mod tracepoint;
pub mod tracing;
pub mod uprobe;
pub mod uprobe_multi;
pub mod usdt;
pub mod xdp;

use std::fmt;

pub use attached::{
    CgroupAttached, HookProgram, HookPrograms, TcAttached, TcFilter, TcFilterAction,
};
pub use by_section::NoSectionTarget;
pub use cgroup::{Cgroup, CgroupMode, CgroupVerdict};
pub use iter::{CgroupOrder, CgroupWalk, Iter, IterScope};
pub use kprobe::{KernelFunction, Kprobe, ProbeVia};
pub use kprobe_multi::{KernelFunctions, KprobeMulti, matches_pattern};
pub use netfilter::{Netfilter, NetfilterFamily, NetfilterHook, NetfilterVerdict};
pub use netkit::Netkit;
pub use netns::{FlowVerdict, Netns};
pub use order::{Anchor, Order};
pub use perf_event::{
    BreakpointAccess, HardwareEvent, PerfEvent, PerfType, Sampling, SoftwareEvent,
};
pub use place::{AttachVia, Descriptor, Place};
pub use reuseport::{Reuseport, SkAction};
pub use sections::{BtfAttach, SECTIONS, SectionMeaning, SectionRow, section};
pub use socket_filter::{SocketFilter, SocketVerdict};
pub use sockmap::Sockmap;
pub use tc::{ALL_PROTOCOLS, Clsact, Tc, TcAct, TcAction, TcDirection, TcFilterOptions, TcVia};
pub use tracepoint::{RawTracepoint, Tracepoint, TracepointVia};
pub use tracing::{Tracing, TracingTarget};
pub use uprobe::{Uprobe, UserPlace};
pub use uprobe_multi::{UprobeMulti, UserPlaces};
pub use usdt::{StaticArgument, StaticProbe, Usdt};
pub use xdp::{IfBusy, Xdp, XdpAction, XdpMode, XdpVia};

/// Where to attach a program.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AttachTarget<'t> {
    /// An interface's XDP hook.
    Xdp(Xdp<'t>),
    /// An interface's traffic control, for classifiers.
    Tc(Tc<'t>),
    /// An interface's traffic control, for actions.
    TcAct(TcAct<'t>),
    /// An end of a netkit pair.
    Netkit(Netkit<'t>),
    /// A socket's filter.
    SocketFilter(SocketFilter<'t>),
    /// The sockets that share a port.
    Reuseport(Reuseport<'t>),
    /// A control group.
    Cgroup(Cgroup<'t>),
    /// A network namespace.
    Netns(Netns<'t>),
    /// The sockets of a map.
    Sockmap(Sockmap<'t>),
    /// A netfilter hook.
    Netfilter(Netfilter),
    /// A place in the kernel's code, or the return of a function.
    Kprobe(Kprobe),
    /// Many functions of the kernel.
    KprobeMulti(KprobeMulti),
    /// A place in an executable or library, or the return of a function.
    Uprobe(Uprobe),
    /// Many functions of an executable or library.
    UprobeMulti(UprobeMulti),
    /// A static probe of an executable or library.
    Usdt(Usdt),
    /// A tracepoint of tracefs.
    Tracepoint(Tracepoint),
    /// A tracepoint with its raw arguments.
    RawTracepoint(RawTracepoint),
    /// A perf event.
    PerfEvent(PerfEvent),
    /// The function, tracepoint or security hook that the program was loaded for.
    Tracing(Tracing<'t>),
    /// An iterator.
    Iter(Iter<'t>),
}

macro_rules! targets {
    ($($Variant:ident: $Target:ty;)*) => {$(
        impl<'t> From<$Target> for AttachTarget<'t> {
            fn from(target: $Target) -> AttachTarget<'t> {
                AttachTarget::$Variant(target)
            }
        }
    )*};
}

targets! {
    Xdp: Xdp<'t>;
    Tc: Tc<'t>;
    TcAct: TcAct<'t>;
    Netkit: Netkit<'t>;
    SocketFilter: SocketFilter<'t>;
    Reuseport: Reuseport<'t>;
    Cgroup: Cgroup<'t>;
    Netns: Netns<'t>;
    Sockmap: Sockmap<'t>;
    Netfilter: Netfilter;
    Kprobe: Kprobe;
    KprobeMulti: KprobeMulti;
    Uprobe: Uprobe;
    UprobeMulti: UprobeMulti;
    Usdt: Usdt;
    Tracepoint: Tracepoint;
    RawTracepoint: RawTracepoint;
    PerfEvent: PerfEvent;
    Tracing: Tracing<'t>;
    Iter: Iter<'t>;
}

impl fmt::Display for AttachTarget<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AttachTarget::Xdp(xdp) => xdp.fmt(f),
            AttachTarget::Tc(tc) => tc.fmt(f),
            AttachTarget::TcAct(act) => act.fmt(f),
            AttachTarget::Netkit(netkit) => netkit.fmt(f),
            AttachTarget::SocketFilter(filter) => filter.fmt(f),
            AttachTarget::Reuseport(reuseport) => reuseport.fmt(f),
            AttachTarget::Cgroup(cgroup) => cgroup.fmt(f),
            AttachTarget::Netns(netns) => netns.fmt(f),
            AttachTarget::Sockmap(sockmap) => sockmap.fmt(f),
            AttachTarget::Netfilter(netfilter) => netfilter.fmt(f),
            AttachTarget::Kprobe(probe) => probe.fmt(f),
            AttachTarget::KprobeMulti(probes) => probes.fmt(f),
            AttachTarget::Uprobe(probe) => probe.fmt(f),
            AttachTarget::UprobeMulti(probes) => probes.fmt(f),
            AttachTarget::Usdt(probe) => probe.fmt(f),
            AttachTarget::Tracepoint(tracepoint) => tracepoint.fmt(f),
            AttachTarget::RawTracepoint(tracepoint) => tracepoint.fmt(f),
            AttachTarget::PerfEvent(event) => event.fmt(f),
            AttachTarget::Tracing(target) => target.fmt(f),
            AttachTarget::Iter(iter) => iter.fmt(f),
        }
    }
}

/// Why a target cannot be, whatever the system; nothing was asked of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetProblem {
    /// Two options that no one interface of the kernel has.
    #[error("`{one}` and `{other}` exclude each other")]
    Exclusive {
        /// The one.
        one: &'static str,
        /// The other.
        other: &'static str,
    },
    /// An option has a value that it cannot have.
    #[error("`{option}`: {why}")]
    Value {
        /// The option.
        option: &'static str,
        /// Why not.
        why: &'static str,
    },
}

/// A network interface, by name or by index.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Interface {
    /// By name, looked up when it is used, in the network namespace of the calling thread.
    Name(String),
    /// By index.
    Index(u32),
}

impl From<&str> for Interface {
    fn from(name: &str) -> Interface {
        Interface::Name(name.to_owned())
    }
}

impl From<String> for Interface {
    fn from(name: String) -> Interface {
        Interface::Name(name)
    }
}

impl From<u32> for Interface {
    fn from(index: u32) -> Interface {
        Interface::Index(index)
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Interface::Name(name) => write!(f, "interface `{name}`"),
            Interface::Index(index) => write!(f, "interface {index}"),
        }
    }
}
