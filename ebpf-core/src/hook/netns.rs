//! Network namespaces: programs that choose the socket of a packet, or take packets apart.

use std::fmt;

use super::Place;
use crate::program::AttachType;

open_enum! {
    /// What a flow dissector returns.
    ///
    /// `enum bpf_ret_code` in include/uapi/linux/bpf.h.
    #[doc(alias = "bpf_ret_code")]
    pub struct FlowVerdict: "flow dissector verdict" {
        /// The flow's keys are filled in.
        OK = 0, "BPF_OK", "ok";
        /// The packet cannot be dissected.
        DROP = 2, "BPF_DROP", "drop";
        /// The kernel's own dissector is to do it. Since Linux 6.1.
        CONTINUE = 129, "BPF_FLOW_DISSECTOR_CONTINUE", "continue";
    }
}

/// A hook of a network namespace: [`AttachType::SK_LOOKUP`], which chooses the socket of an incoming packet and returns an
/// [`SkAction`](super::SkAction), or [`AttachType::FLOW_DISSECTOR`], which returns a [`FlowVerdict`].
///
/// Many `sk_lookup` programs share a namespace (64 at most) and run in the order of attaching. There is one flow dissector;
/// one in the initial namespace is for all namespaces, and excludes those of others.
///
/// By link: since Linux 5.9 for `sk_lookup`, 5.8 for flow dissectors. `netns_bpf_link_attach()` in
/// kernel/bpf/net_namespace.c.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Netns<'t> {
    /// The namespace; `None` for that of the calling thread.
    pub namespace: Option<Place<'t>>,
    /// Which of its hooks.
    pub attach_type: AttachType,
}

impl<'t> Netns<'t> {
    /// This hook of the namespace at a path (`/proc/PID/ns/net`, `/run/netns/NAME`) or of a descriptor.
    pub fn at(namespace: impl Into<Place<'t>>, attach_type: AttachType) -> Netns<'t> {
        Netns {
            namespace: Some(namespace.into()),
            attach_type,
        }
    }

    /// This hook of the calling thread's namespace.
    pub fn current(attach_type: AttachType) -> Netns<'t> {
        Netns {
            namespace: None,
            attach_type,
        }
    }
}

impl fmt::Display for Netns<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(place) => write!(f, "network namespace {place} ({})", self.attach_type),
            None => write!(f, "this thread's network namespace ({})", self.attach_type),
        }
    }
}
