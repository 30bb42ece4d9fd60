//! What the kernel tells of its objects.

use std::os::fd::BorrowedFd;

use ebpf_sys::{
    bpf_btf_info, bpf_cmd, bpf_func_info, bpf_line_info, bpf_link_info, bpf_link_type,
    bpf_map_info, bpf_perf_event_type, bpf_prog_info,
};
use zerocopy::IntoBytes;

use super::{address_mut, bpf, len32, raw};
use crate::Errno;
use crate::codec::{Endian, c_bytes, c_str};
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

/// What the kernel says of a link.
pub(in crate::kernel) struct LinkAnswer {
    /// In the layout of `struct bpf_link_info`.
    info: LinkBytes,
    /// The name or path that the type has.
    pub(in crate::kernel) text: Option<String>,
    /// The lists that the type has, of the same length: addresses and cookies of functions; offsets, semaphores and
    /// cookies of places.
    pub(in crate::kernel) lists: [Vec<u64>; 3],
}

impl LinkAnswer {
    pub(in crate::kernel) fn u32_at(&self, at: usize) -> u32 {
        Endian::NATIVE.u32_at(&self.info.0, at).unwrap_or(0)
    }

    pub(in crate::kernel) fn u64_at(&self, at: usize) -> u64 {
        Endian::NATIVE.u64_at(&self.info.0, at).unwrap_or(0)
    }
}

/// Room for `struct bpf_link_info`, newer and longer ones included, as aligned as it.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
struct LinkBytes([u8; 128]);

impl LinkBytes {
    /// Writes `bytes` at a place of what depends on the type.
    fn put(&mut self, at: usize, bytes: &[u8]) {
        let start = LINK_INFO_BODY + at;
        if let Some(place) = self.0.get_mut(start..start + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    }
}

/// Where what depends on the type begins in `struct bpf_link_info`, in bytes.
pub(in crate::kernel) const LINK_INFO_BODY: usize =
    std::mem::offset_of!(bpf_link_info, __bindgen_anon_1);

/// Where a type has the address of a text and the length of its room, in bytes from [`LINK_INFO_BODY`].
fn text_place(answer: &LinkAnswer) -> Option<(usize, usize)> {
    match bpf_link_type(answer.u32_at(0)) {
        bpf_link_type::BPF_LINK_TYPE_RAW_TRACEPOINT | bpf_link_type::BPF_LINK_TYPE_ITER => {
            Some((0, 8))
        }
        bpf_link_type::BPF_LINK_TYPE_UPROBE_MULTI => Some((0, 32)),
        bpf_link_type::BPF_LINK_TYPE_PERF_EVENT => {
            // The texts of all kinds but the last lie in the same place.
            let has_text = matches!(
                bpf_perf_event_type(answer.u32_at(LINK_INFO_BODY)),
                bpf_perf_event_type::BPF_PERF_EVENT_UPROBE
                    | bpf_perf_event_type::BPF_PERF_EVENT_URETPROBE
                    | bpf_perf_event_type::BPF_PERF_EVENT_KPROBE
                    | bpf_perf_event_type::BPF_PERF_EVENT_KRETPROBE
                    | bpf_perf_event_type::BPF_PERF_EVENT_TRACEPOINT
            );
            has_text.then_some((8, 16))
        }
        _ => None,
    }
}

/// Where a type has the addresses of its lists and their common length.
fn list_places(answer: &LinkAnswer) -> Option<(&'static [usize], usize)> {
    match bpf_link_type(answer.u32_at(0)) {
        bpf_link_type::BPF_LINK_TYPE_KPROBE_MULTI => Some((&[0, 24], 8)),
        bpf_link_type::BPF_LINK_TYPE_UPROBE_MULTI => Some((&[8, 16, 24], 36)),
        _ => None,
    }
}

/// Bytes of the longest path that the kernel tells.
const LONGEST_TEXT: usize = 4096;

/// What the kernel says of a link, with the name, path and lists that its type has.
pub(in crate::kernel) fn link_info(fd: BorrowedFd<'_>) -> Result<LinkAnswer, Errno> {
    let mut info = LinkBytes([0; 128]);
    // SAFETY: the buffer is of integers only and zero, so that every address in it is null.
    unsafe { info_into(fd, &mut info) }?;
    let mut answer = LinkAnswer {
        info,
        text: None,
        lists: Default::default(),
    };
    let (text_place, list_places) = (text_place(&answer), list_places(&answer));
    if text_place.is_none() && list_places.is_none() {
        return Ok(answer);
    }

    let mut question = LinkBytes([0; 128]);
    let mut text = Vec::new();
    if let Some((at, length_at)) = text_place {
        text.resize(LONGEST_TEXT, 0u8);
        question.put(at, &address_mut(&mut text).to_ne_bytes());
        question.put(length_at, &len32(&text)?.to_ne_bytes());
    }
    let mut lists: [Vec<u64>; 3] = Default::default();
    if let Some((places, count_at)) = list_places {
        let count = answer.u32_at(LINK_INFO_BODY + count_at);
        for (at, list) in places.iter().zip(&mut lists) {
            list.resize(count as usize, 0);
            question.put(*at, &address_mut(list.as_mut_bytes()).to_ne_bytes());
        }
        question.put(count_at, &count.to_ne_bytes());
    }
    // SAFETY: the buffer is of integers only, and the kernel writes at most as many bytes to `text` and numbers to each
    // of `lists` as are said beside their addresses; all other addresses are null. They are where the type of the link
    // has them, and neither the type of a link changes nor the kind of event that it is on.
    if unsafe { info_into(fd, &mut question) }.is_ok() {
        if text_place.is_some() {
            answer.text = Some(c_str(&text).into_owned());
        }
        answer.lists = lists;
    }
    Ok(answer)
}

/// What the kernel says of a BTF object, with its name: `vmlinux` or a module's, empty for one that a process loaded;
/// `types` gets as many bytes of it as it has room for.
pub(in crate::kernel) fn btf_info(
    fd: BorrowedFd<'_>,
    types: &mut [u8],
) -> Result<(bpf_btf_info, Vec<u8>), Errno> {
    let mut name = vec![0u8; 128];
    let mut info = bpf_btf_info {
        btf: address_mut(types),
        btf_size: len32(types)?,
        name: address_mut(&mut name),
        name_len: len32(&name)?,
        ..bpf_btf_info::default()
    };
    // SAFETY: the structure is of integers only; the kernel writes at most `name_len` bytes to `name` and `btf_size` to
    // `types`, which are as long.
    match unsafe { info_into(fd, &mut info) } {
        // Before Linux 5.11 there are no names, and nothing may be said of them.
        Err(Errno::E2BIG) => {
            info = bpf_btf_info {
                btf: address_mut(types),
                btf_size: len32(types)?,
                ..bpf_btf_info::default()
            };
            // SAFETY: as before, and the other addresses are null.
            unsafe { info_into(fd, &mut info) }?;
        }
        result => {
            result?;
        }
    }
    if info.kernel_btf == 0 {
        name.clear();
    }
    Ok((info, c_bytes(&name).to_vec()))
}

/// What the kernel keeps of a program, as it gives it.
#[derive(Debug, Default)]
pub(in crate::kernel) struct ProgramParts {
    /// Instructions of 8 bytes.
    pub(in crate::kernel) instructions: Vec<u8>,
    pub(in crate::kernel) machine_code: Vec<u8>,
    /// Of each function.
    pub(in crate::kernel) addresses: Vec<u64>,
    pub(in crate::kernel) lengths: Vec<u32>,
    pub(in crate::kernel) tags: Vec<[u8; 8]>,
    /// `struct bpf_func_info`: instruction, type.
    pub(in crate::kernel) functions: Vec<[u32; 2]>,
    /// `struct bpf_line_info`: instruction, file name, line, line number and column.
    pub(in crate::kernel) lines: Vec<[u32; 4]>,
    pub(in crate::kernel) line_addresses: Vec<u64>,
}

/// The whole of what the kernel keeps of a program. What this user may not see is empty.
pub(in crate::kernel) fn program_parts(fd: BorrowedFd<'_>) -> Result<ProgramParts, Errno> {
    let counts = program_info(fd, &mut [])?;
    let mut parts = ProgramParts {
        instructions: vec![0; counts.xlated_prog_len as usize],
        machine_code: vec![0; counts.jited_prog_len as usize],
        addresses: vec![0; counts.nr_jited_ksyms as usize],
        lengths: vec![0; counts.nr_jited_func_lens as usize],
        tags: vec![[0; 8]; counts.nr_prog_tags as usize],
        functions: vec![[0; 2]; counts.nr_func_info as usize],
        lines: vec![[0; 4]; counts.nr_line_info as usize],
        line_addresses: vec![0; counts.nr_jited_line_info as usize],
    };
    let mut info = bpf_prog_info {
        xlated_prog_len: counts.xlated_prog_len,
        xlated_prog_insns: address_mut(&mut parts.instructions),
        jited_prog_len: counts.jited_prog_len,
        jited_prog_insns: address_mut(&mut parts.machine_code),
        nr_jited_ksyms: counts.nr_jited_ksyms,
        jited_ksyms: address_mut(parts.addresses.as_mut_bytes()),
        nr_jited_func_lens: counts.nr_jited_func_lens,
        jited_func_lens: address_mut(parts.lengths.as_mut_bytes()),
        nr_prog_tags: counts.nr_prog_tags,
        prog_tags: address_mut(parts.tags.as_mut_bytes()),
        nr_func_info: counts.nr_func_info,
        func_info_rec_size: if counts.nr_func_info == 0 {
            0
        } else {
            size_of::<bpf_func_info>() as u32
        },
        func_info: address_mut(parts.functions.as_mut_bytes()),
        nr_line_info: counts.nr_line_info,
        line_info_rec_size: if counts.nr_line_info == 0 {
            0
        } else {
            size_of::<bpf_line_info>() as u32
        },
        line_info: address_mut(parts.lines.as_mut_bytes()),
        nr_jited_line_info: counts.nr_jited_line_info,
        jited_line_info_rec_size: if counts.nr_jited_line_info == 0 {
            0
        } else {
            size_of::<u64>() as u32
        },
        jited_line_info: address_mut(parts.line_addresses.as_mut_bytes()),
        ..bpf_prog_info::default()
    };
    // SAFETY: the structure is of integers only; every buffer has room for as many bytes or records of the said size as
    // its count says, which the kernel does not exceed; an empty one is null, and so are the other addresses.
    unsafe { info_into(fd, &mut info) }?;
    // What may not be seen is null now, with its count left as it is.
    if info.xlated_prog_insns == 0 {
        parts.instructions.clear();
    }
    if info.jited_prog_insns == 0 {
        parts.machine_code.clear();
    }
    if info.jited_ksyms == 0 {
        parts.addresses.clear();
    }
    if info.jited_line_info == 0 {
        parts.line_addresses.clear();
    }
    Ok(parts)
}
