//! Links.

use std::os::fd::{BorrowedFd, OwnedFd};

use ebpf_sys::{BPF_F_REPLACE, bpf_cmd};

use super::{bpf, bpf_open, raw};
use crate::Errno;
use crate::kernel::attr;

/// `BPF_LINK_CREATE` for types that take nothing but numbers.
pub(in crate::kernel) fn create_link(
    program: BorrowedFd<'_>,
    target: u32,
    attach_type: u32,
    flags: u32,
) -> Result<OwnedFd, Errno> {
    let mut attr = attr::LinkCreate {
        prog_fd: raw(program),
        target,
        attach_type,
        flags,
    };
    // SAFETY: everything the kernel reads beyond these numbers is zero, so null; it returns a new descriptor.
    unsafe { bpf_open(bpf_cmd::BPF_LINK_CREATE, &mut attr) }
}

/// `BPF_LINK_UPDATE`.
pub(in crate::kernel) fn update_link(
    link: BorrowedFd<'_>,
    new: BorrowedFd<'_>,
    expected: Option<BorrowedFd<'_>>,
) -> Result<(), Errno> {
    let mut attr = attr::LinkUpdate {
        link_fd: raw(link),
        new_prog_fd: raw(new),
        flags: if expected.is_some() { BPF_F_REPLACE } else { 0 },
        old_prog_fd: expected.map_or(0, raw),
    };
    // SAFETY: the command takes nothing but numbers.
    unsafe { bpf(bpf_cmd::BPF_LINK_UPDATE, &mut attr) }.map(drop)
}

/// `BPF_LINK_DETACH`.
pub(in crate::kernel) fn detach_link(link: BorrowedFd<'_>) -> Result<(), Errno> {
    let mut attr = attr::LinkDetach { link_fd: raw(link) };
    // SAFETY: the command takes nothing but a number.
    unsafe { bpf(bpf_cmd::BPF_LINK_DETACH, &mut attr) }.map(drop)
}

/// `BPF_ITER_CREATE`: a file that reads what the iterator prints.
pub(in crate::kernel) fn create_iterator(link: BorrowedFd<'_>) -> Result<OwnedFd, Errno> {
    let mut attr = attr::IterCreate {
        link_fd: raw(link),
        flags: 0,
    };
    // SAFETY: the command takes nothing but numbers and returns a new descriptor.
    unsafe { bpf_open(bpf_cmd::BPF_ITER_CREATE, &mut attr) }
}
