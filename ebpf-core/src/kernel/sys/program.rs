//! Programs: loading and test runs.

use std::ffi::CStr;
use std::os::fd::{BorrowedFd, OwnedFd};

use ebpf_sys::{bpf_cmd, bpf_func_info, bpf_line_info};
use zerocopy::IntoBytes;

use super::{address, address_mut, bpf, bpf_open, len32, raw};
use crate::Errno;
use crate::kernel::attr;

/// What a program is loaded from, but for the numbers in [`attr::ProgLoad`].
#[derive(Clone, Copy, Default)]
pub(in crate::kernel) struct ProgramSource<'a> {
    /// Instructions of 8 bytes.
    pub(in crate::kernel) instructions: &'a [u8],
    pub(in crate::kernel) license: &'a CStr,
    /// Records of `struct bpf_func_info`.
    pub(in crate::kernel) functions: &'a [u8],
    /// Records of `struct bpf_line_info`.
    pub(in crate::kernel) lines: &'a [u8],
    /// Descriptors of BTF that calls refer to by their place.
    pub(in crate::kernel) btfs: &'a [i32],
}

/// `BPF_PROG_LOAD` of `source` with the numbers in `attr`. How much the log would have taken, where the kernel tells
/// (since Linux 6.4), is left in `attr`.
pub(in crate::kernel) fn load_program(
    attr: &mut attr::ProgLoad,
    source: &ProgramSource<'_>,
    log: &mut [u8],
) -> Result<OwnedFd, Errno> {
    let records =
        |bytes: &[u8], size: usize| u32::try_from(bytes.len() / size).map_err(|_| Errno::E2BIG);
    let (function, line) = (size_of::<bpf_func_info>(), size_of::<bpf_line_info>());
    attr.insns = address(source.instructions);
    attr.insn_cnt = records(source.instructions, 8)?;
    attr.license = address(source.license.to_bytes_with_nul());
    attr.func_info = address(source.functions);
    attr.func_info_cnt = records(source.functions, function)?;
    attr.func_info_rec_size = if source.functions.is_empty() {
        0
    } else {
        function as u32
    };
    attr.line_info = address(source.lines);
    attr.line_info_cnt = records(source.lines, line)?;
    attr.line_info_rec_size = if source.lines.is_empty() {
        0
    } else {
        line as u32
    };
    attr.fd_array = address(source.btfs.as_bytes());
    attr.core_relos = 0;
    attr.core_relo_cnt = 0;
    attr.core_relo_rec_size = 0;
    attr.log_buf = address_mut(log);
    attr.log_size = len32(log)?;
    attr.log_true_size = 0;
    // SAFETY: the kernel reads as many instructions and records as were counted here, the licence up to its NUL, and
    // writes at most `log_size` bytes of `log`. Of `btfs` it reads the places that calls name: past the end that
    // gives a number that is no descriptor of BTF or EFAULT, and nothing is written.
    unsafe { bpf_open(bpf_cmd::BPF_PROG_LOAD, attr) }
}

/// `BPF_PROG_TEST_RUN` with the numbers in `attr`, which gets what the kernel answers also when it says `ENOSPC`.
/// Programs of type syscall leave their context in `context_in`.
#[inline]
pub(in crate::kernel) fn test_run(
    fd: BorrowedFd<'_>,
    attr: &mut attr::TestRun,
    data_in: &[u8],
    context_in: &mut [u8],
    [data_out, context_out]: [&mut [u8]; 2],
) -> Result<(), Errno> {
    attr.prog_fd = raw(fd);
    (attr.data_size_in, attr.data_in) = (len32(data_in)?, address(data_in));
    (attr.ctx_size_in, attr.ctx_in) = (len32(context_in)?, address_mut(context_in));
    (attr.data_size_out, attr.data_out) = (len32(data_out)?, address_mut(data_out));
    (attr.ctx_size_out, attr.ctx_out) = (len32(context_out)?, address_mut(context_out));
    // SAFETY: the kernel reads `data_in`, reads and for some types writes `context_in`, and writes the two outputs, each
    // as long as it is; an empty one is null, because a size of 0 with an address would mean no limit.
    unsafe { bpf(bpf_cmd::BPF_PROG_TEST_RUN, attr) }.map(drop)
}
