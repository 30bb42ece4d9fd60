//! Attaching without a link, links with a place among others, and what is attached.

use std::os::fd::{BorrowedFd, OwnedFd};

use ebpf_sys::bpf_cmd;
use zerocopy::IntoBytes;

use super::{address_mut, bpf, bpf_open, raw};
use crate::Errno;
use crate::kernel::attr;

/// A place among the programs of a hook: `BPF_F_*` bits, and the descriptor or id that they speak of.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::kernel) struct Relative {
    pub(in crate::kernel) flags: u32,
    pub(in crate::kernel) fd_or_id: u32,
    /// 0 for any.
    pub(in crate::kernel) revision: u64,
}

/// `BPF_LINK_CREATE` of a link that has a place among others: of TCX, netkit, and cgroups.
pub(in crate::kernel) fn create_link_at(
    program: BorrowedFd<'_>,
    target: u32,
    attach_type: u32,
    place: Relative,
) -> Result<OwnedFd, Errno> {
    let mut attr = attr::LinkCreateAt {
        prog_fd: raw(program),
        target,
        attach_type,
        flags: place.flags,
        relative: place.fd_or_id,
        hole: 0,
        expected_revision: place.revision,
    };
    // SAFETY: the command takes nothing but numbers for the types with these fields, and the rest of what the kernel
    // reads for others is zero, so null; it returns a new descriptor.
    unsafe { bpf_open(bpf_cmd::BPF_LINK_CREATE, &mut attr) }
}

/// `BPF_LINK_CREATE` of a netfilter link.
pub(in crate::kernel) fn create_netfilter_link(
    program: BorrowedFd<'_>,
    mut attr: attr::LinkCreateNetfilter,
) -> Result<OwnedFd, Errno> {
    attr.prog_fd = raw(program);
    // SAFETY: the command takes nothing but numbers for programs of this type, and refuses the attach type with others;
    // it returns a new descriptor.
    unsafe { bpf_open(bpf_cmd::BPF_LINK_CREATE, &mut attr) }
}

/// `BPF_PROG_ATTACH`; `replaced` is for `BPF_F_REPLACE`.
pub(in crate::kernel) fn prog_attach(
    program: BorrowedFd<'_>,
    target: u32,
    attach_type: u32,
    place: Relative,
    replaced: Option<BorrowedFd<'_>>,
) -> Result<(), Errno> {
    let mut attr = attr::ProgAttach {
        target,
        attach_bpf_fd: raw(program),
        attach_type,
        attach_flags: place.flags,
        replace_bpf_fd: replaced.map_or(0, raw),
        relative: place.fd_or_id,
        expected_revision: place.revision,
    };
    // SAFETY: the command takes nothing but numbers.
    unsafe { bpf(bpf_cmd::BPF_PROG_ATTACH, &mut attr) }.map(drop)
}

/// `BPF_PROG_DETACH`.
pub(in crate::kernel) fn prog_detach(
    program: BorrowedFd<'_>,
    target: u32,
    attach_type: u32,
) -> Result<(), Errno> {
    let mut attr = attr::ProgAttach {
        target,
        attach_bpf_fd: raw(program),
        attach_type,
        ..attr::ProgAttach::default()
    };
    // SAFETY: the command takes nothing but numbers.
    unsafe { bpf(bpf_cmd::BPF_PROG_DETACH, &mut attr) }.map(drop)
}

/// What the kernel tells of a hook, in the order in which the programs run.
#[derive(Clone, Debug, Default)]
pub(in crate::kernel) struct ProgQuery {
    /// Flags of the hook.
    pub(in crate::kernel) flags: u32,
    /// 0 where the kernel does not count changes.
    pub(in crate::kernel) revision: u64,
    pub(in crate::kernel) programs: Vec<u32>,
    /// Of each program, if asked for: its flags, or the id of its link (0 without one).
    pub(in crate::kernel) extra: Vec<u32>,
}

/// What is asked of each program besides its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::kernel) enum QueryExtra {
    None,
    /// Since Linux 6.0, of cgroups.
    Flags,
    /// Since Linux 6.6, of TCX and netkit.
    Links,
}

/// `BPF_PROG_QUERY`.
pub(in crate::kernel) fn prog_query(
    target: u32,
    attach_type: u32,
    query_flags: u32,
    extra: QueryExtra,
) -> Result<ProgQuery, Errno> {
    let empty = attr::ProgQuery {
        target,
        attach_type,
        query_flags,
        ..attr::ProgQuery::default()
    };
    let mut attr = empty;
    // SAFETY: every address is null, and then the kernel counts only.
    unsafe { bpf(bpf_cmd::BPF_PROG_QUERY, &mut attr) }?;
    loop {
        let room = attr.count as usize;
        let (mut programs, mut more) = (vec![0u32; room], vec![0u32; room]);
        if room > 0 {
            attr = attr::ProgQuery {
                count: attr.count,
                prog_ids: address_mut(programs.as_mut_bytes()),
                ..empty
            };
            match extra {
                QueryExtra::None => {}
                QueryExtra::Flags => attr.prog_attach_flags = address_mut(more.as_mut_bytes()),
                QueryExtra::Links => attr.link_ids = address_mut(more.as_mut_bytes()),
            }
            // SAFETY: the kernel writes at most `count` numbers to each array, which have room for as many; the other
            // addresses are null.
            match unsafe { bpf(bpf_cmd::BPF_PROG_QUERY, &mut attr) } {
                // There are more by now, and `count` says how many.
                Err(Errno::ENOSPC) if attr.count as usize > room => continue,
                other => other?,
            };
        }
        let found = (attr.count as usize).min(room);
        programs.truncate(found);
        more.truncate(if extra == QueryExtra::None { 0 } else { found });
        return Ok(ProgQuery {
            flags: attr.attach_flags,
            revision: attr.revision,
            programs,
            extra: more,
        });
    }
}
