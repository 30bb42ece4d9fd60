//! The hooks of netfilter that packets of IP come by: `nf_hook_slow()` in net/netfilter/core.c.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::hook::{NetfilterFamily, NetfilterHook, NetfilterVerdict};

use super::{Stop, start};
use crate::engine::context::{ETHERNET, HookState, IPV4, IPV6, SkBuff};
use crate::kernel::Kernel;
use crate::program::set_off;
use crate::world::NetnsObject;

impl Kernel {
    /// Shows the packet in a frame to the programs of some hooks, one hook after the other; false if one drops it.
    /// `devices`: those by which it came in and leaves.
    pub(super) fn passes_netfilter(
        self: &Arc<Kernel>,
        namespace: &NetnsObject,
        frame: &[u8],
        hooks: &[NetfilterHook],
        [incoming, outgoing]: [Option<u32>; 2],
    ) -> Result<bool, Stop> {
        let Some((family, packet)) = packet_of(frame) else {
            return Ok(true);
        };
        for hook in hooks {
            for program in namespace.netfilter(family.0, hook.0) {
                let mut run = start(self, &program);
                run.memory.packet.refill(0, packet, 0);
                run.memory.packet.writable = false;
                let skb = SkBuff {
                    mac: -(ETHERNET as i32),
                    protocol: if family == NetfilterFamily::IPV4 {
                        IPV4
                    } else {
                        IPV6
                    },
                    ifindex: incoming.or(outgoing).unwrap_or(0),
                    ..SkBuff::default()
                };
                let view = program.view().ok_or(Errno::EINVAL)?;
                let state = HookState {
                    hook: hook.0 as u8,
                    family: family.0 as u8,
                    incoming,
                    outgoing,
                };
                let context = run.netfilter_context(view, skb, state);
                let verdict = set_off(&mut run, context)?;
                if verdict as u32 != NetfilterVerdict::ACCEPT.0 {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

/// The packet of IP in a frame, without what the device added behind it.
fn packet_of(frame: &[u8]) -> Option<(NetfilterFamily, &[u8])> {
    let ethertype: [u8; 2] = frame.get(12..ETHERNET)?.try_into().ok()?;
    let packet = frame.get(ETHERNET..)?;
    let (version, half) = (packet.first()? >> 4, |at: usize| {
        Some(usize::from(u16::from_be_bytes(
            packet.get(at..at + 2)?.try_into().ok()?,
        )))
    });
    match u16::from_ne_bytes(ethertype) {
        IPV4 if version == 4 => {
            let (header, length) = (usize::from(packet.first()? & 15) * 4, half(2)?);
            let whole = header >= 20 && length >= header;
            Some((
                NetfilterFamily::IPV4,
                packet.get(..length).filter(|_| whole)?,
            ))
        }
        IPV6 if version == 6 => {
            let length = 40 + half(4)?;
            Some((NetfilterFamily::IPV6, packet.get(..length)?))
        }
        _ => None,
    }
}
