//! What the kernel tells of its objects.

use std::os::fd::BorrowedFd;

use ebpf_sys::{bpf_btf_info, bpf_cmd, bpf_link_info, bpf_link_type, bpf_map_info, bpf_prog_info};
use zerocopy::IntoBytes;

use super::{address_mut, bpf, len32, raw};
use crate::Errno;
use crate::codec::{c_bytes, c_str};
use crate::kernel::attr;

/// `BPF_OBJ_GET_INFO_BY_FD` into `info`, which is all that the kernel may write. The size that it filled in.
///
/// # Safety
/// Any bytes must be a valid `T`, and addresses inside `info` valid for what the kernel writes there.
unsafe fn info_into<T>(fd: BorrowedFd<'_>, info: &mut T) -> Result<usize, Errno> {
    let mut attr = attr::Info {
        bpf_fd: raw(fd),
        info_len: size_of::<T>() as u32,
        info: std::ptr::from_mut(info).expose_provenance() as u64,
    };
    // SAFETY: the kernel writes at most `info_len` bytes to `info`, which is borrowed exclusively; what is inside is
    // the caller's to vouch for.
    unsafe { bpf(bpf_cmd::BPF_OBJ_GET_INFO_BY_FD, &mut attr) }?;
    Ok(attr.info_len as usize)
}

/// What the kernel says of a map.
pub(in crate::kernel) fn map_info(fd: BorrowedFd<'_>) -> Result<bpf_map_info, Errno> {
    let mut info = bpf_map_info::default();
    // SAFETY: the structure is of integers only, and its addresses are null.
    unsafe { info_into(fd, &mut info) }?;
    Ok(info)
}

/// What the kernel says of a program; `map_ids` gets the first of its maps' ids.
pub(in crate::kernel) fn program_info(
    fd: BorrowedFd<'_>,
    map_ids: &mut [u32],
) -> Result<bpf_prog_info, Errno> {
    let mut info = bpf_prog_info {
        nr_map_ids: map_ids.len() as u32,
        ..bpf_prog_info::default()
    };
    info.map_ids = address_mut(map_ids.as_mut_bytes());
    // SAFETY: the structure is of integers only; the kernel writes at most `nr_map_ids` numbers to `map_ids`, which
    // are as many as there is room for, and the other addresses are null with counts of zero.
    unsafe { info_into(fd, &mut info) }?;
    Ok(info)
}

/// What the kernel says of a link, in the layout of `struct bpf_link_info`, and the name of its target for the types
/// that have one: raw tracepoints and iterators.
pub(in crate::kernel) fn link_info(
    fd: BorrowedFd<'_>,
) -> Result<([u32; LINK_INFO_WORDS], Option<String>), Errno> {
    let mut info = LinkWords([0; LINK_INFO_WORDS]);
    // SAFETY: the buffer is of integers only and zero, so that every address in it is null.
    unsafe { info_into(fd, &mut info) }?;
    let named = [
        bpf_link_type::BPF_LINK_TYPE_RAW_TRACEPOINT,
        bpf_link_type::BPF_LINK_TYPE_ITER,
    ];
    if !info
        .0
        .first()
        .is_some_and(|kind| named.contains(&bpf_link_type(*kind)))
    {
        return Ok((info.0, None));
    }
    let mut name = vec![0u8; 128];
    let mut question = LinkWords([0; LINK_INFO_WORDS]);
    let address = address_mut(&mut name).to_ne_bytes();
    let words = question.0.as_mut_bytes();
    // Both types begin with the address and the length of a buffer for the name.
    if let Some(place) = words.get_mut(LINK_NAME..LINK_NAME + 12) {
        place[..8].copy_from_slice(&address);
        place[8..].copy_from_slice(&(name.len() as u32).to_ne_bytes());
    }
    // SAFETY: the buffer is of integers only; it is of a type whose only address is that of `name`, with its length,
    // and the type of a link does not change.
    unsafe { info_into(fd, &mut question) }?;
    Ok((info.0, Some(c_str(&name).into_owned())))
}

/// 32-bit words of `struct bpf_link_info`, newer and longer ones included.
pub(in crate::kernel) const LINK_INFO_WORDS: usize = 32;

/// Where what depends on the type begins in `struct bpf_link_info`, in bytes.
const LINK_NAME: usize = std::mem::offset_of!(bpf_link_info, __bindgen_anon_1);

/// A buffer as aligned as the structure.
#[repr(C, align(8))]
struct LinkWords([u32; LINK_INFO_WORDS]);

/// The name of a BTF object of the kernel, `vmlinux` or a module's; empty for one that a process loaded.
pub(in crate::kernel) fn kernel_btf_name(fd: BorrowedFd<'_>) -> Result<Vec<u8>, Errno> {
    let mut name = vec![0u8; 128];
    let mut info = bpf_btf_info {
        name: address_mut(&mut name),
        name_len: len32(&name)?,
        ..bpf_btf_info::default()
    };
    // SAFETY: the structure is of integers only; the kernel writes at most `name_len` bytes to `name`, and the other
    // addresses are null.
    unsafe { info_into(fd, &mut info) }?;
    if info.kernel_btf == 0 {
        return Ok(Vec::new());
    }
    Ok(c_bytes(&name).to_vec())
}
