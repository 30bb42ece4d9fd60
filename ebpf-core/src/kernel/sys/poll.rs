//! Waiting for descriptors: poll(2), epoll(7), eventfd(2).

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::time::Duration;

use super::last_errno;
use crate::Errno;

/// What to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::kernel) enum Interest {
    Readable,
    Writable,
}

/// Waits until one of the descriptors is ready, failed or hung up; false when the time was over. A signal ends it as well.
pub(in crate::kernel) fn poll(
    fds: &[BorrowedFd<'_>],
    interest: Interest,
    timeout: Option<Duration>,
) -> Result<bool, Errno> {
    let events = match interest {
        Interest::Readable => libc::POLLIN,
        Interest::Writable => libc::POLLOUT,
    };
    let mut polled: Vec<libc::pollfd> = fds
        .iter()
        .map(|fd| libc::pollfd {
            fd: fd.as_raw_fd(),
            events,
            revents: 0,
        })
        .collect();
    let limit = timeout.map(|timeout| libc::timespec {
        tv_sec: timeout.as_secs().try_into().unwrap_or(libc::time_t::MAX),
        tv_nsec: timeout.subsec_nanos() as _,
    });
    let limit = limit.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: `polled` and `limit` are live for the call, the former as long as it says; no mask of signals is given.
    let ready = unsafe {
        libc::ppoll(
            polled.as_mut_ptr(),
            polled.len() as libc::nfds_t,
            limit,
            std::ptr::null(),
        )
    };
    match ready {
        0 => Ok(false),
        1.. => Ok(true),
        _ => match last_errno() {
            Errno::EINTR => Ok(true),
            errno => Err(errno),
        },
    }
}

/// Many descriptors behind one, which is readable while one of them is.
#[derive(Debug)]
pub(in crate::kernel) struct Epoll(OwnedFd);

impl Epoll {
    pub(in crate::kernel) fn new() -> Result<Epoll, Errno> {
        // SAFETY: the function takes a number.
        match unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) } {
            // SAFETY: the call returned a new descriptor, which nobody else owns.
            raw @ 0.. => Ok(Epoll(unsafe { OwnedFd::from_raw_fd(raw) })),
            _ => Err(last_errno()),
        }
    }

    /// Adds a descriptor, to be known as `token`.
    pub(in crate::kernel) fn add(&self, fd: BorrowedFd<'_>, token: u64) -> Result<(), Errno> {
        let mut event = libc::epoll_event {
            events: libc::EPOLLIN as u32,
            u64: token,
        };
        self.control(libc::EPOLL_CTL_ADD, fd, &mut event)
    }

    /// Takes a descriptor out.
    pub(in crate::kernel) fn remove(&self, fd: BorrowedFd<'_>) -> Result<(), Errno> {
        let mut event = libc::epoll_event { events: 0, u64: 0 };
        self.control(libc::EPOLL_CTL_DEL, fd, &mut event)
    }

    fn control(
        &self,
        operation: libc::c_int,
        fd: BorrowedFd<'_>,
        event: &mut libc::epoll_event,
    ) -> Result<(), Errno> {
        // SAFETY: the function reads the structure it is given.
        let result =
            unsafe { libc::epoll_ctl(self.0.as_raw_fd(), operation, fd.as_raw_fd(), event) };
        match result {
            0 => Ok(()),
            _ => Err(last_errno()),
        }
    }

    /// The tokens of descriptors that hung up or failed, at most 16 of them: they are ready for good and nothing comes
    /// of them.
    pub(in crate::kernel) fn hung_up(&self) -> Result<Vec<u64>, Errno> {
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; 16];
        // SAFETY: the function writes at most as many events as the array has.
        let count = unsafe {
            libc::epoll_wait(
                self.0.as_raw_fd(),
                events.as_mut_ptr(),
                events.len() as libc::c_int,
                0,
            )
        };
        match usize::try_from(count) {
            Ok(count) => {
                let gone = (libc::EPOLLHUP | libc::EPOLLERR) as u32;
                let events = events.iter().take(count);
                let dead = events.filter(|event| event.events & gone != 0);
                Ok(dead.map(|event| event.u64).collect())
            }
            Err(_) => match last_errno() {
                Errno::EINTR => Ok(Vec::new()),
                errno => Err(errno),
            },
        }
    }
}

impl AsFd for Epoll {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// A descriptor that is readable after [`signal`](EventFd::signal).
#[derive(Debug)]
pub(in crate::kernel) struct EventFd(File);

impl EventFd {
    pub(in crate::kernel) fn new() -> Result<EventFd, Errno> {
        // SAFETY: the function takes numbers.
        match unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) } {
            // SAFETY: the call returned a new descriptor, which nobody else owns.
            raw @ 0.. => Ok(EventFd(unsafe { File::from_raw_fd(raw) })),
            _ => Err(last_errno()),
        }
    }

    pub(in crate::kernel) fn signal(&self) {
        // It fails only where the count is at its limit, and is then readable already.
        let _ = (&self.0).write(&1u64.to_ne_bytes());
    }

    pub(in crate::kernel) fn clear(&self) {
        // It fails only where nothing was signalled.
        let _ = (&self.0).read(&mut [0; 8]);
    }
}

impl AsFd for EventFd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
