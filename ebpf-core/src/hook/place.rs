//! What programs are attached to besides interfaces: sockets, control groups and namespaces, by descriptor or path.

use std::fmt;
use std::marker::PhantomData;
#[cfg(unix)]
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::path::Path;

use crate::system::Handle;
#[cfg(unix)]
use crate::system::SystemId;

/// A borrowed descriptor of something that is no object of bpf(2): a socket, a directory of a cgroup, a namespace's
/// file. Or what stands for it in a simulated system.
///
/// Made from a reference to whatever is [`AsFd`], such as a `UdpSocket` or a `File`:
///
/// ```
/// # #[cfg(unix)] {
/// use ebpf_core::hook::{Descriptor, SocketFilter};
/// let socket = std::net::UdpSocket::bind("127.0.0.1:0")?;
/// let target = SocketFilter::on(&socket);
/// assert!(target.socket.fd().is_some());
/// # }
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Descriptor<'t> {
    handle: Handle,
    #[cfg(unix)]
    fd: Option<BorrowedFd<'t>>,
    borrowed: PhantomData<&'t ()>,
}

impl<'t> Descriptor<'t> {
    /// An object of a simulated system, for implementors: they give their sockets `From<&TheirSocket> for Descriptor`.
    pub const fn simulated(handle: Handle) -> Descriptor<'t> {
        Descriptor {
            handle,
            #[cfg(unix)]
            fd: None,
            borrowed: PhantomData,
        }
    }

    /// Names the object to its system; of a real descriptor that is [the kernel](crate::system::SystemId::KERNEL).
    pub const fn handle(&self) -> Handle {
        self.handle
    }

    /// The descriptor, unless the object is a simulated one.
    #[cfg(unix)]
    pub const fn fd(&self) -> Option<BorrowedFd<'t>> {
        self.fd
    }
}

#[cfg(unix)]
impl<'t> From<BorrowedFd<'t>> for Descriptor<'t> {
    fn from(fd: BorrowedFd<'t>) -> Descriptor<'t> {
        Descriptor {
            handle: Handle::new(SystemId::KERNEL, fd.as_raw_fd() as u32),
            fd: Some(fd),
            borrowed: PhantomData,
        }
    }
}

#[cfg(unix)]
impl<'t, T: AsFd> From<&'t T> for Descriptor<'t> {
    fn from(object: &'t T) -> Descriptor<'t> {
        object.as_fd().into()
    }
}

impl fmt::Display for Descriptor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        #[cfg(unix)]
        if let Some(fd) = self.fd {
            return write!(f, "descriptor {}", fd.as_raw_fd());
        }
        write!(f, "an object of {}", self.handle.system())
    }
}

/// A control group or a namespace, by path or by descriptor.
///
/// Made from `&str`, `&Path`, or a reference to whatever is [`AsFd`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Place<'t> {
    /// By path: a directory below `/sys/fs/cgroup`, a file such as `/proc/PID/ns/net` or `/run/netns/NAME`. Opened when
    /// it is used.
    Path(&'t Path),
    /// By descriptor.
    Open(Descriptor<'t>),
}

impl<'t> From<&'t str> for Place<'t> {
    fn from(path: &'t str) -> Place<'t> {
        Place::Path(Path::new(path))
    }
}

impl<'t> From<&'t Path> for Place<'t> {
    fn from(path: &'t Path) -> Place<'t> {
        Place::Path(path)
    }
}

impl<'t> From<Descriptor<'t>> for Place<'t> {
    fn from(descriptor: Descriptor<'t>) -> Place<'t> {
        Place::Open(descriptor)
    }
}

#[cfg(unix)]
impl<'t, T: AsFd> From<&'t T> for Place<'t> {
    fn from(object: &'t T) -> Place<'t> {
        Place::Open(object.into())
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Path(path) => write!(f, "`{}`", path.display()),
            Place::Open(descriptor) => descriptor.fmt(f),
        }
    }
}

/// By which command of bpf(2) a program is attached, where there are two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum AttachVia {
    /// A link where the kernel has one for the hook and it can do what is asked for, else `BPF_PROG_ATTACH`.
    #[default]
    Auto,
    /// A link: the attachment ends with its last reference, and nobody else can replace or detach it.
    #[doc(alias = "BPF_LINK_CREATE")]
    Link,
    /// An attachment without owner, that stays until someone detaches it or what it is attached to is gone.
    #[doc(alias = "BPF_PROG_ATTACH")]
    ProgAttach,
}
