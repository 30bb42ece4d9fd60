//! How the kernel attaches each hook's programs.

mod attached;
mod cgroup;
mod clsact;
mod event;
mod functions;
mod iter;
mod kprobe;
mod kprobe_multi;
mod netfilter;
mod netns;
mod order;
mod ours;
mod perf_event;
mod probe;
mod prog_attach;
mod socket;
mod sockmap;
mod tc;
mod tc_attached;
mod tcx;
mod tracepoint;
mod tracing;
mod trouble;
mod uprobe;
mod xdp;

pub(super) use clsact::Clsacts;

pub(super) use probe::has_probes;
pub(super) use xdp::interface_index;

use super::program::KernelProgram;
use crate::hook::AttachTarget;
use crate::link::Link;
use crate::program::ProgramError;

/// Attaches a program.
pub(super) fn attach(
    program: &KernelProgram,
    target: &AttachTarget<'_>,
) -> Result<Box<dyn Link>, ProgramError> {
    match target {
        AttachTarget::Xdp(xdp) => xdp::attach(program, xdp),
        AttachTarget::Tc(tc) => tc::attach(program, tc),
        AttachTarget::TcAct(act) => tc::attach_action(program, act),
        AttachTarget::Netkit(netkit) => tcx::attach_netkit(program, netkit),
        AttachTarget::SocketFilter(filter) => socket::attach_filter(program, filter),
        AttachTarget::Reuseport(reuseport) => socket::attach_reuseport(program, reuseport),
        AttachTarget::Cgroup(cgroup) => cgroup::attach(program, cgroup),
        AttachTarget::Netns(netns) => netns::attach(program, netns),
        AttachTarget::Sockmap(sockmap) => sockmap::attach(program, sockmap),
        AttachTarget::Netfilter(netfilter) => netfilter::attach(program, netfilter),
        AttachTarget::Kprobe(probe) => kprobe::attach(program, probe),
        AttachTarget::KprobeMulti(probes) => kprobe_multi::attach(program, probes),
        AttachTarget::Uprobe(probe) => uprobe::attach(program, probe),
        AttachTarget::UprobeMulti(probes) => uprobe::attach_multi(program, probes),
        AttachTarget::Usdt(probe) => uprobe::attach_static(program, probe),
        AttachTarget::Tracepoint(tracepoint) => tracepoint::attach(program, tracepoint),
        AttachTarget::RawTracepoint(tracepoint) => tracepoint::attach_raw(program, tracepoint),
        AttachTarget::PerfEvent(event) => perf_event::attach(program, event),
        AttachTarget::Tracing(target) => tracing::attach(program, target),
        AttachTarget::Iter(iter) => iter::attach(program, iter),
    }
}
