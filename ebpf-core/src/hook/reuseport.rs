//! Programs that choose a socket, and what they answer.

use std::fmt;

use super::Descriptor;

open_enum! {
    /// What programs that choose a socket or pass a message return: of the types `sk_reuseport`, `sk_lookup`, `sk_msg` and
    /// `sk_skb` (verdicts).
    ///
    /// `enum sk_action` in include/uapi/linux/bpf.h.
    #[doc(alias = "sk_action")]
    pub struct SkAction: "socket action" {
        /// The packet or message is dropped; a connection is refused.
        DROP = 0, "SK_DROP", "drop";
        /// It goes to the socket that the program chose, or on its way if it chose none.
        PASS = 1, "SK_PASS", "pass";
    }
}

/// The sockets that share a port with `SO_REUSEPORT`, by any one of them: the program chooses which gets a packet or a
/// connection.
///
/// A program of type `socket_filter` returns the number of the socket in the order of binding; a number that no socket has
/// leaves the choice to the kernel. One of type `sk_reuseport` (since Linux 4.19) chooses from a map of type
/// `reuseport_sockarray`, `sockmap` or `sockhash` and returns an [`SkAction`].
///
/// The program belongs to the whole group and stays while one of its sockets is there; attaching another one replaces it,
/// and the kernel tells nobody. The link keeps the socket open that it was made with, which goes on getting its share of
/// the traffic: detach before the sockets are closed, or [forget](crate::Link::forget) the link, which lets go of the
/// socket and leaves the program to the group. Detaching needs Linux 5.3.
///
/// Since Linux 4.5 for UDP, 4.6 for TCP. `reuseport_attach_prog()`, `reuseport_detach_prog()` in
/// net/core/sock_reuseport.c.
#[doc(alias = "SO_ATTACH_REUSEPORT_EBPF")]
#[doc(alias = "SO_DETACH_REUSEPORT_BPF")]
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reuseport<'t> {
    /// A socket of the group, with `SO_REUSEPORT` set before it was bound.
    pub socket: Descriptor<'t>,
}

impl<'t> Reuseport<'t> {
    /// The group of this socket.
    pub fn on(socket: impl Into<Descriptor<'t>>) -> Reuseport<'t> {
        Reuseport {
            socket: socket.into(),
        }
    }
}

impl fmt::Display for Reuseport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the reuseport group of the socket of {}", self.socket)
    }
}
