//! The packets of programs with a `struct __sk_buff`, and checksums.

use ebpf_core::Errno;
use ebpf_core::program::ProgramType as T;

use super::super::helper::{Argument, Flow, Helper, Negative};
use super::super::memory::Block;
use super::super::problem::{Access, Problem};
use super::super::run::Run;
use super::types::{CHANGES_PACKETS, PACKETS, TC, TC_OR_LWT, TC_OR_XDP, TC_OR_XMIT, Types};
use super::{checksum, row};
use crate::engine::context::{SkBuff, Summed};

use Argument::{Anything, Context, Memory, MemoryOrNull, MemoryOut, Size, SizeOrZero};

const RELATIVE: Types = TC.and(Types::of(&[
    T::SOCKET_FILTER,
    T::CGROUP_SKB,
    T::SK_REUSEPORT,
]));
const ADJUST_ROOM: Types = TC.and(Types::of(&[T::SK_SKB]));
const PULL: Types = TC_OR_LWT.and(Types::of(&[T::SK_SKB]));
const CSUM_DIFF: Types = TC_OR_LWT.and(TC_OR_XDP);

#[rustfmt::skip]
pub(super) const HELPERS: &[Helper] = &[
    row(9, "skb_store_bytes", CHANGES_PACKETS, &[Context, Anything, Memory, Size, Anything], store_bytes),
    row(10, "l3_csum_replace", TC_OR_XMIT, &[Context, Anything, Anything, Anything, Anything], l3_csum_replace),
    row(11, "l4_csum_replace", TC_OR_XMIT, &[Context, Anything, Anything, Anything, Anything], l4_csum_replace),
    row(18, "skb_vlan_push", TC, &[Context, Anything, Anything], vlan_push),
    row(19, "skb_vlan_pop", TC, &[Context], vlan_pop),
    row(24, "get_route_realm", TC_OR_LWT, &[Context], get_route_realm),
    row(26, "skb_load_bytes", PACKETS, &[Context, Anything, MemoryOut, Size], load_bytes),
    row(28, "csum_diff", CSUM_DIFF, &[MemoryOrNull, SizeOrZero, MemoryOrNull, SizeOrZero, Anything], csum_diff),
    row(31, "skb_change_proto", TC, &[Context, Anything, Anything], change_proto),
    row(32, "skb_change_type", TC, &[Context, Anything], change_type),
    row(34, "get_hash_recalc", TC_OR_LWT, &[Context], get_hash_recalc),
    row(38, "skb_change_tail", CHANGES_PACKETS, &[Context, Anything, Anything], change_tail),
    row(39, "skb_pull_data", PULL, &[Context, Anything], pull_data),
    row(40, "csum_update", TC_OR_XMIT, &[Context, Anything], csum_update),
    row(41, "set_hash_invalid", TC_OR_XMIT, &[Context], set_hash_invalid),
    row(43, "skb_change_head", CHANGES_PACKETS, &[Context, Anything, Anything], change_head),
    row(48, "set_hash", TC, &[Context, Anything], set_hash),
    row(50, "skb_adjust_room", ADJUST_ROOM, &[Context, Anything, Anything, Anything], adjust_room),
    row(68, "skb_load_bytes_relative", RELATIVE, &[Context, Anything, MemoryOut, Size, Anything], load_bytes_relative),
    row(97, "skb_ecn_set_ce", ECN, &[Context], ecn_set_ce),
    row(135, "csum_level", TC_OR_XMIT, &[Context, Anything], csum_level),
    row(192, "skb_set_tstamp", TC, &[Context, Anything, Anything], set_tstamp),
];

const ECN: Types = TC.and(Types::of(&[T::CGROUP_SKB]));

/// Changes a packet. Pointers into it are dead afterwards, whether or not that worked.
fn change(
    run: &mut Run,
    helper: u32,
    context: u64,
    how: impl FnOnce(&mut SkBuff, &mut Block) -> Result<(), Errno>,
) -> Result<Flow, Problem> {
    let (skb, packet) = run.skb(helper, context)?;
    let done = how(skb, packet);
    packet.moved();
    Ok(Flow::errno(done))
}

fn store_bytes(
    run: &mut Run,
    [context, offset, from, length, flags]: [u64; 5],
) -> Result<Flow, Problem> {
    let bytes = run.memory.to_vec(from, length as u32 as usize)?;
    change(run, 9, context, |skb, packet| {
        skb.store_bytes(packet, offset as u32, &bytes, flags)
    })
}

fn load_bytes(run: &mut Run, [context, offset, to, length, _]: [u64; 5]) -> Result<Flow, Problem> {
    let length = length as u32 as usize;
    run.memory.check(to, length, Access::Write)?;
    let (skb, packet) = run.skb(26, context)?;
    let offset = i32::try_from(offset as u32).ok();
    let bytes = offset.and_then(|offset| skb.bytes(packet, offset as usize, length));
    let bytes = bytes.map(<[u8]>::to_vec);
    loaded(run, to, length, bytes)
}

/// Gives bytes to the program; zeros and an error where there are none.
fn loaded(run: &mut Run, to: u64, length: usize, bytes: Option<Vec<u8>>) -> Result<Flow, Problem> {
    let result = if bytes.is_some() {
        0
    } else {
        Errno::EFAULT.negative()
    };
    run.memory
        .write(to, &bytes.unwrap_or_else(|| vec![0; length]))?;
    Ok(Flow::Return(result))
}

fn load_bytes_relative(
    run: &mut Run,
    [context, offset, to, length, header]: [u64; 5],
) -> Result<Flow, Problem> {
    const MOST: u32 = 0xffff;
    let length = length as u32 as usize;
    run.memory.check(to, length, Access::Write)?;
    let (skb, packet) = run.skb(68, context)?;
    let offset = Some(offset as u32).filter(|offset| *offset <= MOST);
    let bytes = offset
        .zip(skb.header(header as u32))
        .and_then(|(offset, header)| {
            let at = packet.start.checked_add_signed(header as isize)? + offset as usize;
            let end = at.checked_add(length)?;
            packet.bytes.get(at..end).filter(|_| end <= packet.end)
        });
    let bytes = bytes.map(<[u8]>::to_vec);
    loaded(run, to, length, bytes)
}

fn vlan_push(run: &mut Run, [context, proto, tci, ..]: [u64; 5]) -> Result<Flow, Problem> {
    change(run, 18, context, |skb, packet| {
        skb.vlan_push(packet, proto as u16, tci as u16)
    })
}

fn vlan_pop(run: &mut Run, [context, ..]: [u64; 5]) -> Result<Flow, Problem> {
    change(run, 19, context, SkBuff::vlan_pop)
}

fn change_proto(run: &mut Run, [context, proto, flags, ..]: [u64; 5]) -> Result<Flow, Problem> {
    change(run, 31, context, |skb, packet| {
        skb.change_proto(packet, proto as u16, flags)
    })
}

fn change_type(run: &mut Run, [context, pkt_type, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let (skb, _) = run.skb(32, context)?;
    Ok(Flow::errno(skb.change_type(pkt_type as u32)))
}

fn change_tail(run: &mut Run, [context, length, flags, ..]: [u64; 5]) -> Result<Flow, Problem> {
    change(run, 38, context, |skb, packet| {
        skb.change_tail(packet, length as u32, flags)
    })
}

fn change_head(run: &mut Run, [context, room, flags, ..]: [u64; 5]) -> Result<Flow, Problem> {
    change(run, 43, context, |skb, packet| {
        skb.change_head(packet, room as u32, flags)
    })
}

fn adjust_room(run: &mut Run, [context, by, mode, flags, _]: [u64; 5]) -> Result<Flow, Problem> {
    change(run, 50, context, |skb, packet| {
        skb.adjust_room(packet, by as i32, mode as u32, flags)
    })
}

fn pull_data(run: &mut Run, [context, length, ..]: [u64; 5]) -> Result<Flow, Problem> {
    change(run, 39, context, |skb, packet| {
        skb.pull_data(packet, length as u32 as usize)
    })
}

/// What a program says of a checksum's place.
fn checksum_at(skb: &SkBuff, packet: &Block, offset: u64) -> Result<(usize, u16), Errno> {
    let offset = offset as u32;
    if offset > 0xffff || !offset.is_multiple_of(2) {
        return Err(Errno::EFAULT);
    }
    let offset = offset as usize;
    let bytes = skb.bytes(packet, offset, 2).ok_or(Errno::EFAULT)?;
    let bytes = bytes.first_chunk().ok_or(Errno::EFAULT)?;
    Ok((offset, u16::from_ne_bytes(*bytes)))
}

fn put_checksum(packet: &mut Block, offset: usize, checksum: u16) {
    let at = packet.start + offset;
    if let Some(place) = packet.bytes.get_mut(at..at + 2) {
        place.copy_from_slice(&checksum.to_ne_bytes());
    }
}

/// The bits of the flags that say how many bytes were replaced.
const REPLACED: u64 = 0xf;

fn l3_csum_replace(
    run: &mut Run,
    [context, offset, from, to, flags]: [u64; 5],
) -> Result<Flow, Problem> {
    change(run, 10, context, |skb, packet| {
        if flags & !REPLACED != 0 {
            return Err(Errno::EINVAL);
        }
        let (offset, checksum) = checksum_at(skb, packet, offset)?;
        let checksum = match flags {
            0 if from != 0 => return Err(Errno::EINVAL),
            0 => checksum::replaced_by(checksum, to as u32),
            2 => checksum::replaced_half(checksum, from as u16, to as u16),
            4 => checksum::replaced_word(checksum, from as u32, to as u32),
            _ => return Err(Errno::EINVAL),
        };
        put_checksum(packet, offset, checksum);
        Ok(())
    })
}

fn l4_csum_replace(
    run: &mut Run,
    [context, offset, from, to, flags]: [u64; 5],
) -> Result<Flow, Problem> {
    const PSEUDO_HEADER: u64 = 16;
    const MARK_MANGLED_0: u64 = 32;
    const MARK_ENFORCE: u64 = 64;
    const IPV6: u64 = 128;
    const KNOWN: u64 = REPLACED | PSEUDO_HEADER | MARK_MANGLED_0 | MARK_ENFORCE | IPV6;
    change(run, 11, context, |skb, packet| {
        if flags & !KNOWN != 0 {
            return Err(Errno::EINVAL);
        }
        let (offset, old) = checksum_at(skb, packet, offset)?;
        let mangled = flags & MARK_MANGLED_0 != 0;
        // No checksum was wanted.
        if mangled && flags & MARK_ENFORCE == 0 && old == 0 {
            return Ok(());
        }
        let pseudo = flags & PSEUDO_HEADER != 0;
        let (from, to) = (from as u32, to as u32);
        let new = match flags & REPLACED {
            0 if from != 0 => return Err(Errno::EINVAL),
            0 => {
                if let Summed::Complete(sum) = &mut skb.summed
                    && pseudo
                    && flags & IPV6 == 0
                {
                    *sum = !checksum::sub(to, *sum);
                }
                checksum::replaced_by(old, to)
            }
            size @ (2 | 4) => {
                let (from, to) = if size == 2 {
                    (from & 0xffff, to & 0xffff)
                } else {
                    (from, to)
                };
                if let Summed::Complete(sum) = &mut skb.summed
                    && pseudo
                {
                    *sum = !checksum::add(checksum::sub(!*sum, from), to);
                }
                checksum::replaced_word(old, from, to)
            }
            _ => return Err(Errno::EINVAL),
        };
        put_checksum(
            packet,
            offset,
            if mangled && new == 0 { 0xffff } else { new },
        );
        Ok(())
    })
}

fn csum_diff(
    run: &mut Run,
    [from, from_size, to, to_size, seed]: [u64; 5],
) -> Result<Flow, Problem> {
    let (from_size, to_size) = (from_size as u32 as usize, to_size as u32 as usize);
    let from = run.memory.view(from, from_size)?;
    let to = run.memory.view(to, to_size)?;
    let sum = checksum::difference(&from, &to, seed as u32);
    Ok(Flow::Return(u64::from(sum)))
}

fn csum_update(run: &mut Run, [context, sum, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let (skb, _) = run.skb(40, context)?;
    Ok(Flow::Return(match &mut skb.summed {
        Summed::Complete(before) => {
            *before = checksum::add(*before, sum as u32);
            u64::from(*before)
        }
        _ => Errno::ENOTSUPP.negative(),
    }))
}

fn csum_level(run: &mut Run, [context, what, ..]: [u64; 5]) -> Result<Flow, Problem> {
    const MOST: u8 = 3;
    let (skb, _) = run.skb(135, context)?;
    let summed = &mut skb.summed;
    match (what, *summed) {
        (0, Summed::Unnecessary(level)) => return Ok(Flow::Return(u64::from(level))),
        (0, _) => return Ok(Flow::Return(Errno::EACCES.negative())),
        (1, Summed::Unnecessary(level)) => *summed = Summed::Unnecessary(MOST.min(level + 1)),
        (1, Summed::None) => *summed = Summed::Unnecessary(0),
        (2, Summed::Unnecessary(0)) | (3, Summed::Unnecessary(_)) => *summed = Summed::None,
        (2, Summed::Unnecessary(level)) => *summed = Summed::Unnecessary(level - 1),
        (1..=3, _) => {}
        _ => return Ok(Flow::Return(Errno::EINVAL.negative())),
    }
    Ok(Flow::Return(0))
}

/// A hash of what the packet says of its flow: made of the system's seed, the same for the same packet.
fn get_hash_recalc(run: &mut Run, [context, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let seed = run.kernel.machine.seed;
    let (skb, packet) = run.skb(34, context)?;
    let hash = match skb.hash {
        Some(hash) => hash,
        None => skb.flow_hash(packet, seed),
    };
    skb.hash = Some(hash);
    Ok(Flow::Return(u64::from(hash)))
}

fn set_hash_invalid(run: &mut Run, [context, ..]: [u64; 5]) -> Result<Flow, Problem> {
    run.skb(41, context)?.0.hash = None;
    Ok(Flow::Return(0))
}

fn set_hash(run: &mut Run, [context, hash, ..]: [u64; 5]) -> Result<Flow, Problem> {
    run.skb(48, context)?.0.hash = Some(hash as u32);
    Ok(Flow::Return(0))
}

/// No route has a realm.
fn get_route_realm(run: &mut Run, [context, ..]: [u64; 5]) -> Result<Flow, Problem> {
    run.skb(24, context)?;
    Ok(Flow::Return(0))
}

/// Marks the packet as one that met congestion; 1 if it is marked now.
fn ecn_set_ce(run: &mut Run, [context, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let (skb, packet) = run.skb(97, context)?;
    Ok(Flow::Return(u64::from(skb.mark_congestion(packet))))
}

fn set_tstamp(
    run: &mut Run,
    [context, tstamp, tstamp_type, ..]: [u64; 5],
) -> Result<Flow, Problem> {
    use crate::engine::context::{IPV4, IPV6};
    let (skb, _) = run.skb(192, context)?;
    if skb.protocol != IPV4 && skb.protocol != IPV6 {
        return Ok(Flow::Return(Errno::EOPNOTSUPP.negative()));
    }
    // The clocks are the wall's, the monotonic one, and that of atomic time; those two have no time 0.
    let known = match tstamp_type as u32 {
        0 => true,
        1 | 2 => tstamp != 0,
        _ => false,
    };
    if !known {
        return Ok(Flow::Return(Errno::EINVAL.negative()));
    }
    (skb.tstamp, skb.tstamp_type) = (tstamp, tstamp_type as u8);
    Ok(Flow::Return(0))
}
