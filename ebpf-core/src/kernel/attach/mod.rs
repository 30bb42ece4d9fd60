//! How the kernel attaches each hook's programs.

mod attached;
mod cgroup;
mod clsact;
mod netfilter;
mod netns;
mod order;
mod ours;
mod prog_attach;
mod socket;
mod sockmap;
mod tc;
mod tc_attached;
mod tcx;
mod xdp;

pub use attached::{CgroupAttached, CgroupProgram};
pub(super) use clsact::Clsacts;
pub use tc_attached::{HookProgram, HookPrograms, TcAttached};

pub(super) use xdp::interface_index;

use super::program::KernelProgram;
use crate::Errno;
use crate::hook::AttachTarget;
use crate::link::Link;
use crate::program::{Program, ProgramError};

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
        other => Err(ProgramError::Attach {
            program: program.info().name.clone(),
            target: other.to_string().into(),
            errno: Errno::EOPNOTSUPP,
            told: None,
            hint: None,
        }),
    }
}
