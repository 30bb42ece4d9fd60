//! How programs are attached to each hook: one file each, named as in `ebpf_core::hook`.

mod attach_type;
mod attaching;
mod cgroup;
mod iter;
mod kprobe;
mod netfilter;
mod netns;
mod order;
mod perf_event;
mod probe;
mod replace;
mod socket;
mod sockmap;
mod tc;
mod tracepoint;
mod tracing;
mod unowned;
mod uprobe;
mod xdp;

use ebpf_core::Errno;
use ebpf_core::hook::{AttachTarget, TcVia};
use ebpf_core::link::Link;
use ebpf_core::program::ProgramError;

pub(crate) use attach_type::{is_of_cgroups, program_type_of};
use attaching::Attaching;
pub(crate) use sockmap::SockmapPrograms;

use crate::program::MockProgram;
use crate::world::SocketHook;

/// Attaches a program.
pub(crate) fn attach(
    program: &MockProgram,
    target: &AttachTarget<'_>,
) -> Result<Box<dyn Link>, ProgramError> {
    match target {
        AttachTarget::Xdp(xdp) => xdp::attach(program, xdp),
        AttachTarget::Tc(tc) => tc::attach(program, tc),
        AttachTarget::TcAct(act) => tc::attach_action(program, act),
        AttachTarget::Netkit(netkit) => order::attach_netkit(program, netkit),
        AttachTarget::SocketFilter(filter) => socket::attach_filter(program, filter),
        AttachTarget::Reuseport(reuseport) => socket::attach_reuseport(program, reuseport),
        AttachTarget::Cgroup(cgroup) => cgroup::attach(program, cgroup),
        AttachTarget::Netns(netns) => netns::attach(program, netns),
        AttachTarget::Sockmap(sockmap) => sockmap::attach(program, sockmap),
        AttachTarget::Netfilter(netfilter) => netfilter::attach(program, netfilter),
        AttachTarget::Kprobe(probe) => kprobe::attach(program, probe),
        AttachTarget::KprobeMulti(probes) => kprobe::attach_multi(program, probes),
        AttachTarget::Uprobe(probe) => uprobe::attach(program, probe),
        AttachTarget::UprobeMulti(probes) => uprobe::attach_multi(program, probes),
        AttachTarget::Usdt(probe) => uprobe::attach_static(program, probe),
        AttachTarget::Tracepoint(tracepoint) => tracepoint::attach(program, tracepoint),
        AttachTarget::RawTracepoint(tracepoint) => tracepoint::attach_raw(program, tracepoint),
        AttachTarget::PerfEvent(event) => perf_event::attach(program, event),
        AttachTarget::Tracing(target) => tracing::attach(program, target),
        AttachTarget::Iter(iter) => iter::attach(program, iter),
        other => Err(Attaching::new(program, other).hinted(
            Errno::EOPNOTSUPP,
            Some("the simulated system has no such hook"),
        )),
    }
}

/// What might help when a program could not be attached, as far as the number and the target say.
pub(crate) fn hint(target: &AttachTarget<'_>, errno: Errno) -> Option<&'static str> {
    match target {
        AttachTarget::Xdp(xdp) => xdp.hint(errno),
        AttachTarget::Tc(tc) => tc::hint(errno).or_else(|| match tc.via {
            TcVia::Netlink => None,
            _ => order::order_hint(errno),
        }),
        AttachTarget::TcAct(_) => tc::hint(errno),
        AttachTarget::Netkit(_) => order::order_hint(errno),
        AttachTarget::SocketFilter(_) => socket::hint(errno, SocketHook::Filter),
        AttachTarget::Reuseport(_) => socket::hint(errno, SocketHook::Reuseport),
        AttachTarget::Cgroup(cgroup) => cgroup::hint(errno, cgroup),
        AttachTarget::Netns(netns) => netns::hint(errno, netns),
        AttachTarget::Sockmap(sockmap) => sockmap::hint(errno, sockmap),
        AttachTarget::Netfilter(netfilter) => netfilter::hint(errno, netfilter),
        AttachTarget::Kprobe(_)
        | AttachTarget::KprobeMulti(_)
        | AttachTarget::Uprobe(_)
        | AttachTarget::UprobeMulti(_)
        | AttachTarget::Usdt(_)
        | AttachTarget::Tracepoint(_)
        | AttachTarget::RawTracepoint(_)
        | AttachTarget::PerfEvent(_)
        | AttachTarget::Tracing(_) => probe::hint(errno),
        _ => None,
    }
}
