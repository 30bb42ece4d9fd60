//! Netfilter: programs at the hooks of the firewall.

use std::fmt;

open_enum! {
    /// What a netfilter program returns.
    pub struct NetfilterVerdict: "netfilter verdict" {
        /// The packet is dropped.
        DROP = 0, "NF_DROP", "drop";
        /// The packet goes on to the next program or rule.
        ACCEPT = 1, "NF_ACCEPT", "accept";
    }
}

open_enum! {
    /// A protocol family of netfilter. Programs are attached to IPv4 and IPv6.
    ///
    /// `NFPROTO_*` in include/uapi/linux/netfilter.h.
    pub struct NetfilterFamily: "netfilter family" {
        /// IPv4.
        IPV4 = 2, "NFPROTO_IPV4", "ipv4";
        /// IPv6.
        IPV6 = 10, "NFPROTO_IPV6", "ipv6";
    }
}

open_enum! {
    /// Where on a packet's way through the network stack.
    ///
    /// `enum nf_inet_hooks` in include/uapi/linux/netfilter.h.
    #[doc(alias = "nf_inet_hooks")]
    pub struct NetfilterHook: "netfilter hook" {
        /// Received, before routing.
        PRE_ROUTING = 0, "NF_INET_PRE_ROUTING", "pre_routing";
        /// For this host.
        LOCAL_IN = 1, "NF_INET_LOCAL_IN", "local_in";
        /// Passed on to another host.
        FORWARD = 2, "NF_INET_FORWARD", "forward";
        /// Sent by this host.
        LOCAL_OUT = 3, "NF_INET_LOCAL_OUT", "local_out";
        /// About to leave.
        POST_ROUTING = 4, "NF_INET_POST_ROUTING", "post_routing";
    }
}

/// A hook of netfilter in the calling thread's network namespace.
///
/// ```
/// use ebpf_core::hook::{Netfilter, NetfilterFamily, NetfilterHook};
/// let target = Netfilter::on(NetfilterFamily::IPV4, NetfilterHook::LOCAL_IN).priority(-128);
/// assert_eq!(target.to_string(), "netfilter local_in of ipv4 at priority -128");
/// ```
///
/// Since Linux 6.4, by link. `bpf_nf_link_attach()` in net/netfilter/nf_bpf_link.c.
#[doc(alias = "BPF_NETFILTER")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Netfilter {
    /// The protocol family.
    pub family: NetfilterFamily,
    /// Where on the packet's way.
    pub hook: NetfilterHook,
    /// When among the others of this place: the lowest first. `i32::MIN` and `i32::MAX` are refused.
    pub priority: i32,
    /// Whether packets are put together from their fragments before.
    pub defragment: bool,
}

impl Netfilter {
    /// This place on the way of packets of this family, at priority 0.
    pub fn on(family: NetfilterFamily, hook: NetfilterHook) -> Netfilter {
        Netfilter {
            family,
            hook,
            priority: 0,
            defragment: false,
        }
    }

    /// The same at this priority; two programs of one place never have the same.
    #[must_use]
    pub fn priority(self, priority: i32) -> Netfilter {
        Netfilter { priority, ..self }
    }

    /// The same, seeing whole packets instead of fragments; the priority must be above -400. Since Linux 6.6.
    #[doc(alias = "BPF_F_NETFILTER_IP_DEFRAG")]
    #[must_use]
    pub fn defragment(self) -> Netfilter {
        Netfilter {
            defragment: true,
            ..self
        }
    }
}

impl fmt::Display for Netfilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "netfilter {} of {} at priority {}",
            self.hook, self.family, self.priority
        )
    }
}
