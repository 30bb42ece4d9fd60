//! Where a packet is to go: `bpf_redirect()` and its like in net/core/filter.c.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::map::MapType;

use super::super::helper::{Argument, Flow, Helper, Negative, wrong};
use super::super::problem::Problem;
use super::super::run::Run;
use super::row;
use super::types::{TC, TC_OR_XMIT, Types, XDP};
use crate::engine::context::Context;
use crate::map::MapObject;

use Argument::{Anything, Map, MemoryOrNull, SizeOrZero};

#[rustfmt::skip]
pub(super) const HELPERS: &[Helper] = &[
    row(13, "clone_redirect", TC_OR_XMIT, &[Argument::Context, Anything, Anything], clone_redirect),
    row(23, "redirect", REDIRECT, &[Anything, Anything], redirect),
    row(51, "redirect_map", XDP, &[Map, Anything, Anything], redirect_map),
    row(152, "redirect_neigh", TC, &[Anything, MemoryOrNull, SizeOrZero, Anything], redirect_neigh),
    row(155, "redirect_peer", TC, &[Anything, Anything], redirect_peer),
];

const REDIRECT: Types = TC_OR_XMIT.and(XDP);

/// Verdicts.
const XDP_ABORTED: u64 = 0;
const XDP_REDIRECT: u64 = 4;
const TC_ACT_SHOT: u64 = 2;
const TC_ACT_REDIRECT: u64 = 7;

/// `BPF_F_INGRESS`.
const INGRESS: u64 = 1;

/// Where a packet is to go.
#[derive(Clone, Debug)]
pub(crate) enum Redirect {
    /// Out of an interface, or in by it.
    Interface { ifindex: u32, ingress: bool },
    /// Out of an interface, to the neighbour that its route or the program says.
    Neighbour {
        ifindex: u32,
        /// A `struct bpf_redir_neigh`.
        #[allow(dead_code, reason = "frames leave with the addresses that they have")]
        hop: Option<Box<[u8]>>,
    },
    /// In by the other end of an interface, which is in another namespace.
    Peer { ifindex: u32 },
    /// To what a map has at a key.
    Map {
        map: Arc<MapObject>,
        key: u32,
        /// To all of its devices.
        broadcast: bool,
        /// But not to the one that the packet came from.
        exclude_ingress: bool,
    },
}

fn redirect(run: &mut Run, [ifindex, flags, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let is_xdp = matches!(run.context, Context::Xdp(..));
    let (known, refused, redirected) = if is_xdp {
        (0, XDP_ABORTED, XDP_REDIRECT)
    } else {
        (INGRESS, TC_ACT_SHOT, TC_ACT_REDIRECT)
    };
    if flags & !known != 0 {
        return Ok(Flow::Return(refused));
    }
    run.state.redirect = Some(Redirect::Interface {
        ifindex: ifindex as u32,
        ingress: flags & INGRESS != 0,
    });
    Ok(Flow::Return(redirected))
}

fn redirect_peer(run: &mut Run, [ifindex, flags, ..]: [u64; 5]) -> Result<Flow, Problem> {
    if flags != 0 {
        return Ok(Flow::Return(TC_ACT_SHOT));
    }
    run.state.redirect = Some(Redirect::Peer {
        ifindex: ifindex as u32,
    });
    Ok(Flow::Return(TC_ACT_REDIRECT))
}

fn redirect_neigh(
    run: &mut Run,
    [ifindex, hop, size, flags, _]: [u64; 5],
) -> Result<Flow, Problem> {
    /// Bytes of `struct bpf_redir_neigh`.
    const HOP: usize = 20;
    let size = size as u32 as usize;
    let hop = run.memory.to_vec(hop, size)?;
    if (size > 0 && size < HOP) || flags != 0 {
        return Ok(Flow::Return(TC_ACT_SHOT));
    }
    run.state.redirect = Some(Redirect::Neighbour {
        ifindex: ifindex as u32,
        hop: (size > 0).then(|| hop.into()),
    });
    Ok(Flow::Return(TC_ACT_REDIRECT))
}

fn redirect_map(run: &mut Run, [map, key, flags, ..]: [u64; 5]) -> Result<Flow, Problem> {
    const ACTION: u64 = 3;
    const BROADCAST: u64 = 8;
    const EXCLUDE_INGRESS: u64 = 16;
    let map = run.map(51, 0, map)?;
    let known = match map.info.map_type {
        MapType::DEVMAP | MapType::DEVMAP_HASH => ACTION | BROADCAST | EXCLUDE_INGRESS,
        MapType::CPUMAP | MapType::XSKMAP => ACTION,
        _ => return Err(wrong(51, 0, "map to redirect to")),
    };
    if flags & !known != 0 {
        return Ok(Flow::Return(XDP_ABORTED));
    }
    let key = key as u32;
    let broadcast = flags & BROADCAST != 0;
    if !broadcast && !map.storage.leads_somewhere(&key.to_ne_bytes()) {
        return Ok(Flow::Return(flags & ACTION));
    }
    run.state.redirect = Some(Redirect::Map {
        map,
        key,
        broadcast,
        exclude_ingress: flags & EXCLUDE_INGRESS != 0,
    });
    Ok(Flow::Return(XDP_REDIRECT))
}

/// Sends a copy of the packet on its way. Pointers into the packet are dead afterwards.
fn clone_redirect(run: &mut Run, [context, ifindex, flags, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let ifindex = ifindex as u32;
    let exists = run.kernel.world.interfaces.exists(ifindex);
    let (_, packet) = run.skb(13, context)?;
    packet.moved();
    if flags & !INGRESS != 0 || !exists {
        return Ok(Flow::Return(Errno::EINVAL.negative()));
    }
    let copy = packet.contents().to_vec();
    let to = Redirect::Interface {
        ifindex,
        ingress: flags & INGRESS != 0,
    };
    run.state.clones.push((to, copy));
    Ok(Flow::Return(0))
}
