//! Netkit: programs in the two ends of a netkit pair, which decide what crosses it.

use std::fmt;

use super::order::order_methods;
use super::{Interface, Order};
use crate::program::AttachType;

/// One end of a netkit pair. The programs there return [`TcAction`](super::TcAction)s: `UNSPEC` asks the next one, `OK`,
/// `SHOT` and `REDIRECT` end the packet's way through them. Always by a link.
///
/// Since Linux 6.7. `netkit_link_attach()` in drivers/net/netkit.c.
///
/// ```
/// use ebpf_core::hook::Netkit;
/// assert_eq!(Netkit::peer("nk0").to_string(), "netkit peer of interface `nk0`");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Netkit<'t> {
    /// The primary device of the pair, whichever end is meant.
    pub interface: Interface,
    /// Which end's packets: those that the peer sends, or the primary device.
    pub of_peer: bool,
    /// Where among the programs that are there.
    pub order: Order<'t>,
    /// Attach only if the programs are still those of this revision.
    pub expected_revision: Option<u64>,
}

impl<'t> Netkit<'t> {
    /// The packets that the primary device sends.
    #[doc(alias = "BPF_NETKIT_PRIMARY")]
    pub fn primary(interface: impl Into<Interface>) -> Netkit<'t> {
        Netkit {
            interface: interface.into(),
            of_peer: false,
            order: Order::Default,
            expected_revision: None,
        }
    }

    /// The packets that the peer device sends; `interface` is the primary one, which manages both.
    #[doc(alias = "BPF_NETKIT_PEER")]
    pub fn peer(interface: impl Into<Interface>) -> Netkit<'t> {
        Netkit {
            of_peer: true,
            ..Netkit::primary(interface)
        }
    }

    order_methods!(Netkit);

    /// The kernel's number of the hook.
    pub const fn attach_type(&self) -> AttachType {
        if self.of_peer {
            AttachType::NETKIT_PEER
        } else {
            AttachType::NETKIT_PRIMARY
        }
    }
}

impl fmt::Display for Netkit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = if self.of_peer { "peer" } else { "primary" };
        write!(f, "netkit {end} of {}", self.interface)
    }
}
