//! What is told to tunnels, and headers that are put before packets: `bpf_skb_set_tunnel_key()` and its like in
//! net/core/filter.c, `bpf_lwt_push_ip_encap()` in net/core/lwt_bpf.c.

use ebpf_core::Errno;
use ebpf_core::program::ProgramType as T;

use super::super::helper::{Argument, Flow, Helper, Negative};
use super::super::problem::{Access, Problem};
use super::super::run::Run;
use super::row;
use super::types::{TC_OR_XMIT, Types};

use Argument::{Anything, Context, Memory, MemoryOut, Size};

const ENCAPSULATES: Types = Types::of(&[T::LWT_IN, T::LWT_XMIT]);

#[rustfmt::skip]
pub(super) const HELPERS: &[Helper] = &[
    row(20, "skb_get_tunnel_key", TC_OR_XMIT, &[Context, MemoryOut, Size, Anything], get_key),
    row(21, "skb_set_tunnel_key", TC_OR_XMIT, &[Context, Memory, Size, Anything], set_key),
    row(29, "skb_get_tunnel_opt", TC_OR_XMIT, &[Context, MemoryOut, Size], get_options),
    row(30, "skb_set_tunnel_opt", TC_OR_XMIT, &[Context, Memory, Size], set_options),
    row(73, "lwt_push_encap", ENCAPSULATES, &[Context, Anything, Memory, Size], push_encap),
];

/// What a packet tells a tunnel: `struct ip_tunnel_info`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tunnel {
    id: u32,
    tos: u8,
    ttl: u8,
    is_v6: bool,
    /// The addresses as the program gave them: its own, and the far end's.
    local: [u8; 16],
    remote: [u8; 16],
    label: u32,
    /// `IP_TUNNEL_*_BIT`s, of which 16 are shown.
    flags: u16,
    options: Vec<u8>,
}

/// A `struct bpf_tunnel_key`: its size, where its fields are, and the sizes that it had before.
mod key {
    pub(super) const SIZE: usize = 44;
    pub(super) const REMOTE: usize = 4;
    pub(super) const TOS: usize = 20;
    pub(super) const TTL: usize = 21;
    pub(super) const EXT: usize = 22;
    pub(super) const LABEL: usize = 24;
    pub(super) const LOCAL: usize = 28;
    /// One that has but an IPv4 address.
    pub(super) const SHORTEST: usize = 8;
    pub(super) const OLDER: [usize; 3] = [EXT, LABEL, LOCAL];
}

/// Flags of programs.
const IPV6: u64 = 1 << 0;
const ZERO_CSUM_TX: u64 = 1 << 1;
const DONT_FRAGMENT: u64 = 1 << 2;
const SEQ_NUMBER: u64 = 1 << 3;
const NO_TUNNEL_KEY: u64 = 1 << 4;
/// Of a question: tell the flags too.
const FLAGS: u64 = 1 << 4;

/// Flags of tunnels.
mod bit {
    pub(super) const CSUM: u16 = 1 << 0;
    pub(super) const KEY: u16 = 1 << 2;
    pub(super) const SEQ: u16 = 1 << 3;
    pub(super) const DONT_FRAGMENT: u16 = 1 << 8;
    pub(super) const NOCACHE: u16 = 1 << 13;
    /// Options of Geneve, VXLAN, ERSPAN and GTP.
    pub(super) const OPTIONS: u16 = 1 << 11 | 1 << 12 | 1 << 14 | 1 << 15;
}

impl Tunnel {
    /// A `struct bpf_tunnel_key`, as a program reads it: the far end is where the packet came from.
    fn told(&self, with_flags: bool) -> [u8; key::SIZE] {
        let mut told = [0; key::SIZE];
        let mut put = |at: usize, bytes: &[u8]| {
            for (to, from) in told.iter_mut().skip(at).zip(bytes) {
                *to = *from;
            }
        };
        put(0, &self.id.to_ne_bytes());
        put(key::TOS, &[self.tos]);
        put(key::TTL, &[self.ttl]);
        if with_flags {
            put(key::EXT, &self.flags.to_be_bytes());
        }
        put(key::REMOTE, &self.local);
        put(key::LOCAL, &self.remote);
        put(key::LABEL, &self.label.to_ne_bytes());
        told
    }
}

fn get_key(run: &mut Run, [context, to, size, flags, _]: [u64; 5]) -> Result<Flow, Problem> {
    let size = size as u32 as usize;
    run.memory.check(to, size, Access::Write)?;
    let tunnel = run.skb(20, context)?.0.tunnel.clone();
    let found = match &tunnel {
        Some(tunnel) if flags & !(IPV6 | FLAGS) == 0 => {
            let fits = size == key::SIZE
                || key::OLDER.contains(&size)
                || (size == key::SHORTEST && !tunnel.is_v6);
            match (tunnel.is_v6 == (flags & IPV6 != 0), fits) {
                (false, _) => Err(Errno::EPROTO),
                (true, false) => Err(Errno::EINVAL),
                (true, true) => Ok(tunnel.told(flags & FLAGS != 0)),
            }
        }
        _ => Err(Errno::EINVAL),
    };
    match found {
        Ok(told) => {
            run.memory.write(to, told.get(..size).unwrap_or_default())?;
            Ok(Flow::Return(0))
        }
        Err(errno) => {
            run.memory.write(to, &vec![0; size])?;
            Ok(Flow::Return(errno.negative()))
        }
    }
}

fn set_key(run: &mut Run, [context, from, size, flags, _]: [u64; 5]) -> Result<Flow, Problem> {
    const KNOWN: u64 = IPV6 | ZERO_CSUM_TX | DONT_FRAGMENT | SEQ_NUMBER | NO_TUNNEL_KEY;
    let size = size as u32 as usize;
    let given = run.memory.to_vec(from, size)?;
    let (skb, _) = run.skb(21, context)?;
    let known = [key::SHORTEST, key::SIZE].contains(&size) || key::OLDER.contains(&size);
    let mut whole = [0; key::SIZE];
    for (to, from) in whole.iter_mut().zip(&given) {
        *to = *from;
    }
    let is_v6 = flags & IPV6 != 0;
    let word = |at: usize| {
        let word = whole.get(at..).and_then(<[u8]>::first_chunk);
        word.map_or(0, |word| u32::from_ne_bytes(*word))
    };
    let address = |at: usize| {
        let shown = if is_v6 { 16 } else { 4 };
        let mut address = [0; 16];
        for (to, from) in address.iter_mut().zip(whole.iter().skip(at).take(shown)) {
            *to = *from;
        }
        address
    };
    let label = word(key::LABEL);
    let has_ext = whole.get(key::EXT..key::LABEL) != Some(&[0, 0]);
    if flags & !KNOWN != 0 || !known || (!is_v6 && label != 0) || has_ext {
        return Ok(Flow::Return(Errno::EINVAL.negative()));
    }
    let mut shown = bit::NOCACHE;
    for (set, flag) in [
        (flags & DONT_FRAGMENT != 0, bit::DONT_FRAGMENT),
        (flags & ZERO_CSUM_TX == 0, bit::CSUM),
        (flags & SEQ_NUMBER != 0, bit::SEQ),
        (flags & NO_TUNNEL_KEY == 0, bit::KEY),
    ] {
        shown |= if set { flag } else { 0 };
    }
    skb.tunnel = Some(Box::new(Tunnel {
        id: word(0),
        tos: whole.get(key::TOS).copied().unwrap_or(0),
        ttl: whole.get(key::TTL).copied().unwrap_or(0),
        is_v6,
        local: address(key::LOCAL),
        remote: address(key::REMOTE),
        label: label & 0xf_ffff,
        flags: shown,
        options: Vec::new(),
    }));
    Ok(Flow::Return(0))
}

fn get_options(run: &mut Run, [context, to, size, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let size = size as u32 as usize;
    run.memory.check(to, size, Access::Write)?;
    let tunnel = run.skb(29, context)?.0.tunnel.clone();
    let tunnel = tunnel.filter(|tunnel| tunnel.flags & bit::OPTIONS != 0);
    let mut bytes = vec![0; size];
    let result = match &tunnel {
        None => Errno::ENOENT.negative(),
        Some(tunnel) if size < tunnel.options.len() => Errno::ENOMEM.negative(),
        Some(tunnel) => {
            for (to, from) in bytes.iter_mut().zip(&tunnel.options) {
                *to = *from;
            }
            tunnel.options.len() as u64
        }
    };
    run.memory.write(to, &bytes)?;
    Ok(Flow::Return(result))
}

fn set_options(run: &mut Run, [context, from, size, ..]: [u64; 5]) -> Result<Flow, Problem> {
    const MOST: usize = 255;
    let size = size as u32 as usize;
    let options = run.memory.to_vec(from, size)?;
    let (skb, _) = run.skb(30, context)?;
    let result = match &mut skb.tunnel {
        Some(_) if !size.is_multiple_of(4) => Err(Errno::EINVAL),
        None => Err(Errno::EINVAL),
        Some(_) if size > MOST => Err(Errno::ENOMEM),
        Some(tunnel) => {
            tunnel.options = options;
            tunnel.flags |= bit::OPTIONS;
            Ok(())
        }
    };
    Ok(Flow::errno(result))
}

/// Puts a header of IP before the packet. Pointers into it are dead afterwards.
fn push_encap(
    run: &mut Run,
    [context, kind, header, length, _]: [u64; 5],
) -> Result<Flow, Problem> {
    /// `BPF_LWT_ENCAP_IP`; routing headers of version 6 are not simulated.
    const IP: u32 = 2;
    let length = length as u32 as usize;
    let header = run.memory.to_vec(header, length)?;
    let (skb, packet) = run.skb(73, context)?;
    let pushed = match kind as u32 {
        IP => skb.push_encap(packet, &header),
        _ => Err(Errno::EINVAL),
    };
    packet.moved();
    Ok(Flow::errno(pushed))
}
