//! Maps of sockets: programs that pass on what their sockets receive or send.

use std::fmt;

use super::AttachVia;
use crate::map::Map;
use crate::program::AttachType;

/// A hook of a sockmap or sockhash, for every socket that is in it.
///
/// | attach type | program | runs for |
/// |---|---|---|
/// | [`SK_SKB_STREAM_PARSER`](AttachType::SK_SKB_STREAM_PARSER) | `sk_skb` | what is received: the length of the next message, 0 to wait for more, negative to give up |
/// | [`SK_SKB_STREAM_VERDICT`](AttachType::SK_SKB_STREAM_VERDICT) | `sk_skb` | each message received: an [`SkAction`](super::SkAction) |
/// | [`SK_SKB_VERDICT`](AttachType::SK_SKB_VERDICT) | `sk_skb` | what is received, without a parser and not only of TCP: an [`SkAction`](super::SkAction). Since Linux 5.13 |
/// | [`SK_MSG_VERDICT`](AttachType::SK_MSG_VERDICT) | `sk_msg` | what is sent: an [`SkAction`](super::SkAction) |
///
/// Attach before sockets are put into the map: a socket takes on the programs that the map has when it is added.
///
/// There is one program of each kind. Where another one is attached, a new one is refused with `EBUSY`: the kernel does so
/// between links (since Linux 6.10); it would replace a program without a link silently, so that is looked up before
/// (since 5.18).
///
/// Since Linux 4.14. `sock_map_get_from_fd()` and `sock_map_link_create()` in net/core/sock_map.c.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Sockmap<'t> {
    /// The map.
    pub map: &'t dyn Map,
    /// Which of its hooks.
    pub attach_type: AttachType,
    /// By which command.
    pub via: AttachVia,
    /// Whether a program that is there is replaced, which needs `BPF_PROG_ATTACH`.
    pub replace: bool,
}

impl<'t> Sockmap<'t> {
    /// This hook of a sockmap or sockhash.
    pub fn of(map: &'t dyn Map, attach_type: AttachType) -> Sockmap<'t> {
        Sockmap {
            map,
            attach_type,
            via: AttachVia::Auto,
            replace: false,
        }
    }

    /// The same by this command.
    #[must_use]
    pub fn via(self, via: AttachVia) -> Sockmap<'t> {
        Sockmap { via, ..self }
    }

    /// The same, replacing a program that is attached without a link.
    #[must_use]
    pub fn replacing_any(self) -> Sockmap<'t> {
        Sockmap {
            replace: true,
            ..self
        }
    }
}

impl fmt::Display for Sockmap<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let info = self.map.info();
        write!(
            f,
            "{} `{}` ({})",
            info.map_type, info.name, self.attach_type
        )
    }
}
