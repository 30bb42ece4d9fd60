//! Sockets: programs as their options.

use std::os::fd::{AsRawFd, BorrowedFd};

use super::last_errno;
use crate::Errno;

/// An option that attaches a program, or takes it away, or tells of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::kernel) struct SocketOption(libc::c_int);

impl SocketOption {
    pub(in crate::kernel) const ATTACH_BPF: SocketOption = SocketOption(libc::SO_ATTACH_BPF);
    pub(in crate::kernel) const DETACH_FILTER: SocketOption = SocketOption(libc::SO_DETACH_FILTER);
    pub(in crate::kernel) const ATTACH_REUSEPORT: SocketOption =
        SocketOption(libc::SO_ATTACH_REUSEPORT_EBPF);
    pub(in crate::kernel) const DETACH_REUSEPORT: SocketOption =
        SocketOption(libc::SO_DETACH_REUSEPORT_BPF);
}

/// Sets an option of the socket to a number: the program's descriptor, or anything where the option takes nothing.
pub(in crate::kernel) fn set_socket_option(
    socket: BorrowedFd<'_>,
    option: SocketOption,
    program: Option<BorrowedFd<'_>>,
) -> Result<(), Errno> {
    let value: libc::c_int = program.map_or(0, |program| program.as_raw_fd());
    // SAFETY: the kernel reads an `int` from `value`, as the length says.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            option.0,
            std::ptr::from_ref(&value).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    if result == 0 {
        Ok(())
    } else {
        Err(last_errno())
    }
}

/// What filter a socket has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::kernel) enum FoundFilter {
    None,
    /// Of instructions of classic BPF.
    Classic,
    Ebpf,
}

/// What filter the socket has. `sk_get_filter()` in net/core/filter.c.
pub(in crate::kernel) fn socket_filter(socket: BorrowedFd<'_>) -> Result<FoundFilter, Errno> {
    let mut instructions: libc::socklen_t = 0;
    // SAFETY: the kernel writes nothing to the null address, as the length 0 says, and the number of instructions to
    // `instructions`.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_GET_FILTER,
            std::ptr::null_mut(),
            &mut instructions,
        )
    };
    match (result, instructions) {
        (0, 0) => Ok(FoundFilter::None),
        (0, _) => Ok(FoundFilter::Classic),
        _ => match last_errno() {
            // It was never classic: there is nothing to show.
            Errno::EACCES => Ok(FoundFilter::Ebpf),
            errno => Err(errno),
        },
    }
}

/// The number by which the kernel knows a socket while it exists.
pub(in crate::kernel) fn socket_cookie(socket: BorrowedFd<'_>) -> Result<u64, Errno> {
    let mut cookie = 0u64;
    let mut length = size_of::<u64>() as libc::socklen_t;
    // SAFETY: the kernel writes at most `length` bytes to `cookie`, which has as many.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_COOKIE,
            std::ptr::from_mut(&mut cookie).cast(),
            &mut length,
        )
    };
    if result == 0 {
        Ok(cookie)
    } else {
        Err(last_errno())
    }
}

/// Options that tests need.
#[cfg(test)]
impl SocketOption {
    /// Set to a number other than 0: no filter is attached or detached any more.
    pub(in crate::kernel) const LOCK_FILTER: SocketOption = SocketOption(libc::SO_LOCK_FILTER);
}

/// Attaches a filter of classic BPF that keeps everything.
#[cfg(test)]
pub(in crate::kernel) fn attach_classic_filter(socket: BorrowedFd<'_>) -> Result<(), Errno> {
    const RETURN: u16 = 6;
    let mut keep_all = libc::sock_filter {
        code: RETURN,
        jt: 0,
        jf: 0,
        k: u32::MAX,
    };
    let program = libc::sock_fprog {
        len: 1,
        filter: &mut keep_all,
    };
    // SAFETY: the kernel reads the structure, as the length says, and the one instruction that it points to; both live.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_ATTACH_FILTER,
            std::ptr::from_ref(&program).cast(),
            size_of::<libc::sock_fprog>() as libc::socklen_t,
        )
    };
    if result == 0 {
        Ok(())
    } else {
        Err(last_errno())
    }
}

/// A socket of AF_XDP.
#[cfg(test)]
pub(in crate::kernel) fn xdp_socket() -> Result<std::os::fd::OwnedFd, Errno> {
    use std::os::fd::{FromRawFd, OwnedFd};

    // SAFETY: the function takes and returns numbers.
    let raw = unsafe { libc::socket(libc::AF_XDP, libc::SOCK_RAW | libc::SOCK_CLOEXEC, 0) };
    if raw < 0 {
        return Err(last_errno());
    }
    // SAFETY: the call returned a new descriptor, which nobody else owns.
    Ok(unsafe { OwnedFd::from_raw_fd(raw) })
}
