//! Socket filters: programs that see what a socket receives and say how much of each packet it gets.

use std::fmt;

use super::Descriptor;

/// What a socket filter returns: how many bytes of the packet the socket gets.
///
/// Anything else than [`DENY`](SocketVerdict::DENY) and [`KEEP_ALL`](SocketVerdict::KEEP_ALL) cuts packets that are
/// longer. goebpf's `SocketFilterAllow`, and `SOCKET_FILTER_ALLOW` of its header, are 1: they keep **one byte** of each
/// packet. Return `KEEP_ALL` (`0xffffffff`, which C programs write as `-1`) to let packets through as they are.
///
/// ```
/// use ebpf_core::hook::SocketVerdict;
/// assert_eq!(SocketVerdict::KEEP_ALL.to_string(), "keep all");
/// assert_eq!(SocketVerdict::keep(96), SocketVerdict(96));
/// assert_eq!(SocketVerdict(1).to_string(), "keep 1 bytes");
/// ```
///
/// `sk_filter_trim_cap()` in net/core/filter.c. How many bytes survive a cut is the socket's business: UDP and TCP never
/// lose their header, a packet socket counts from the link layer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketVerdict(pub u32);

impl SocketVerdict {
    /// The packet is dropped.
    pub const DENY: SocketVerdict = SocketVerdict(0);
    /// The packet is kept whole, however long it is.
    pub const KEEP_ALL: SocketVerdict = SocketVerdict(u32::MAX);

    /// At most this many bytes of the packet are kept; 0 drops it.
    pub const fn keep(bytes: u32) -> SocketVerdict {
        SocketVerdict(bytes)
    }
}

impl fmt::Display for SocketVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            SocketVerdict::DENY => f.pad("deny"),
            SocketVerdict::KEEP_ALL => f.pad("keep all"),
            SocketVerdict(bytes) => write!(f, "keep {bytes} bytes"),
        }
    }
}

/// The filter of a socket: of any kind, packet sockets and Unix sockets among them.
///
/// A socket has one filter, classic or eBPF. One that has a filter already is refused with `EBUSY`, unless it may be
/// [replaced](SocketFilter::replacing_any); the kernel itself replaces silently, so two that attach at the same moment
/// may not notice each other.
///
/// The link keeps the socket open: a port stays bound until the link is dropped too. [`Link::forget`](crate::Link::forget)
/// lets go of the socket and leaves the filter on it for the rest of the socket's life. A socket with `SO_LOCK_FILTER`
/// takes no filter and gives none up: `EPERM`.
///
/// Since Linux 3.19. `sk_attach_bpf()` in net/core/filter.c.
#[doc(alias = "SO_ATTACH_BPF")]
#[doc(alias = "SO_DETACH_BPF")]
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SocketFilter<'t> {
    /// The socket.
    pub socket: Descriptor<'t>,
    /// Whether a filter that is there is replaced.
    pub replace: bool,
}

impl<'t> SocketFilter<'t> {
    /// The filter of this socket.
    pub fn on(socket: impl Into<Descriptor<'t>>) -> SocketFilter<'t> {
        SocketFilter {
            socket: socket.into(),
            replace: false,
        }
    }

    /// The same, replacing whatever filter the socket has. The link of a program that is replaced so cannot tell: detach
    /// or forget it first.
    #[must_use]
    pub fn replacing_any(self) -> SocketFilter<'t> {
        SocketFilter {
            replace: true,
            ..self
        }
    }
}

impl fmt::Display for SocketFilter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the filter of the socket of {}", self.socket)
    }
}
