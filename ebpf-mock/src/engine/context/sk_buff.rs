//! A packet with what the network stack knows of it: what a `struct __sk_buff` shows of a `struct sk_buff`.

mod resize;

use std::sync::Arc;

use ebpf_core::Errno;

use super::fields::SkBuffField;
use super::sock::Sock;
use crate::engine::helpers::{Tunnel, checksum};
use crate::engine::memory::{Block, Memory};

/// Bytes of an Ethernet header.
pub(crate) const ETHERNET: usize = 14;
/// Bytes of a VLAN tag.
const VLAN: usize = 4;
/// `ETH_P_IP` and the others as they are in a packet.
pub(crate) const IPV4: u16 = 0x0800u16.to_be();
pub(crate) const IPV6: u16 = 0x86ddu16.to_be();
const VLAN_C: u16 = 0x8100u16.to_be();
const VLAN_S: u16 = 0x88a8u16.to_be();
/// The most that a packet grows to: `SKB_MAX_ALLOC`.
const MOST: usize = 16384 - 320;

/// What is known of a packet's checksum: `skb->ip_summed`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Summed {
    /// Nothing.
    #[default]
    None,
    /// That it is right, for so many headers after the first.
    Unnecessary(u8),
    /// The sum of everything from the network header on.
    Complete(u32),
}

/// A VLAN tag beside a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    /// As in the packet.
    pub(crate) proto: u16,
    pub(crate) tci: u16,
}

/// What the stack knows of the packet that is in a [`Block`], whose contents are what `skb->data` has.
#[derive(Clone, Debug, Default)]
pub(crate) struct SkBuff {
    /// Where the Ethernet header begins, from the packet's first byte.
    pub(crate) mac: i32,
    /// Where the network header begins.
    pub(crate) network: i32,
    /// Where the transport header begins, if that was found out.
    pub(crate) transport: Option<i32>,
    pub(crate) mark: u32,
    pub(crate) priority: u32,
    pub(crate) queue_mapping: u16,
    /// As in the packet.
    pub(crate) protocol: u16,
    pub(crate) tag: Option<Tag>,
    pub(crate) pkt_type: u8,
    pub(crate) ingress_ifindex: u32,
    pub(crate) ifindex: u32,
    pub(crate) tc_index: u16,
    pub(crate) tc_classid: u16,
    pub(crate) cb: [u8; 20],
    /// What is known of its flow's hash.
    pub(crate) hash: Option<u32>,
    pub(crate) napi_id: u32,
    pub(crate) tstamp: u64,
    pub(crate) tstamp_type: u8,
    pub(crate) wire_len: u32,
    pub(crate) gso_segs: u16,
    pub(crate) gso_size: u16,
    pub(crate) hwtstamp: u64,
    pub(crate) summed: Summed,
    pub(crate) encapsulation: bool,
    /// What a program told the tunnel that it is to take.
    pub(crate) tunnel: Option<Box<Tunnel>>,
    pub(crate) sock: Option<Arc<Sock>>,
    /// Where programs find the socket, or NULL.
    pub(crate) sock_address: u64,
    /// How many bytes programs see without pulling the rest, where that is not all.
    pub(crate) linear: Option<usize>,
    /// Where a flow dissector puts what it found, or NULL.
    pub(crate) flow_keys: u64,
}

type Done = Result<(), Errno>;

impl SkBuff {
    /// Data that came by a connection: none of it is seen before it is pulled.
    pub(crate) fn of_stream(ipv6: bool) -> SkBuff {
        SkBuff {
            protocol: if ipv6 { IPV6 } else { IPV4 },
            linear: Some(0),
            ..SkBuff::default()
        }
    }

    /// What the stack makes of a frame that an interface received, with its first byte at the Ethernet header:
    /// `eth_type_trans()`. The addresses are the interface's own and that of its broadcasts.
    pub(crate) fn received(
        packet: &Block,
        ifindex: u32,
        own: [u8; 6],
        broadcast: [u8; 6],
    ) -> SkBuff {
        const BROADCAST: u8 = 1;
        const MULTICAST: u8 = 2;
        const OTHER_HOST: u8 = 3;
        let frame = packet.contents();
        let to = frame.first_chunk::<6>().copied().unwrap_or_default();
        let field = frame
            .get(12..14)
            .map_or([0; 2], |field| [field[0], field[1]]);
        SkBuff {
            network: ETHERNET as i32,
            protocol: protocol(field, frame.get(14..16)),
            pkt_type: match to {
                to if to == own => 0,
                to if to == broadcast => BROADCAST,
                to if to[0] & 1 != 0 => MULTICAST,
                _ => OTHER_HOST,
            },
            ifindex,
            ..SkBuff::default()
        }
    }

    /// Moves the packet's first byte to behind its Ethernet header.
    pub(crate) fn pull_ethernet(&mut self, packet: &mut Block) {
        self.pull(packet, ETHERNET);
    }

    /// The length of the packet.
    pub(crate) fn len(&self, packet: &Block) -> usize {
        packet.end - packet.start
    }

    /// Moves the packet's first byte up: what it loses stays where it was.
    fn pull(&mut self, packet: &mut Block, bytes: usize) {
        packet.start = (packet.start + bytes).min(packet.end);
        self.shift(-(bytes as i32));
    }

    /// Moves the packet's first byte down; what comes in is what was there.
    pub(crate) fn push(&mut self, packet: &mut Block, bytes: usize) {
        if packet.start < bytes {
            // The kernel moves all headers with the packet to new memory, also one that was not found yet, whose place is -1:
            // `skb_headers_offset_update()`.
            let unset = -1 - i32::try_from(packet.start).unwrap_or(i32::MAX - 1);
            self.transport.get_or_insert(unset);
            let room = bytes - packet.start + 64;
            packet.bytes.splice(0..0, std::iter::repeat_n(0, room));
            packet.start += room;
            packet.end += room;
        }
        packet.start -= bytes;
        self.shift(bytes as i32);
    }

    fn shift(&mut self, bytes: i32) {
        self.mac += bytes;
        self.network += bytes;
        self.transport = self.transport.map(|at| at + bytes);
    }

    fn mac_header_len(&self) -> usize {
        usize::try_from(self.network - self.mac).unwrap_or(0)
    }

    /// Bytes of the packet; none where it ends before.
    pub(crate) fn bytes<'p>(
        &self,
        packet: &'p Block,
        offset: usize,
        length: usize,
    ) -> Option<&'p [u8]> {
        packet.contents().get(offset..offset.checked_add(length)?)
    }

    /// The same to write.
    fn bytes_mut<'p>(
        &self,
        packet: &'p mut Block,
        offset: usize,
        length: usize,
    ) -> Option<&'p mut [u8]> {
        let contents = packet.bytes.get_mut(packet.start..packet.end)?;
        contents.get_mut(offset..offset.checked_add(length)?)
    }

    /// Takes bytes of the packet out of a complete sum: `skb_postpull_rcsum()`.
    fn unsum(&mut self, bytes: &[u8], offset: usize) {
        if let Summed::Complete(sum) = &mut self.summed {
            *sum = checksum::sub_at(*sum, checksum::partial(bytes, 0), offset);
        }
    }

    /// Brings bytes into a complete sum: `skb_postpush_rcsum()`.
    fn sum(&mut self, bytes: &[u8], offset: usize) {
        if let Summed::Complete(sum) = &mut self.summed {
            *sum = checksum::add_at(*sum, checksum::partial(bytes, 0), offset);
        }
    }

    /// Makes the packet that many bytes writable: there is no other way here, so this only asks whether it has them.
    pub(crate) fn pull_data(&mut self, packet: &Block, length: usize) -> Done {
        if length > self.len(packet) {
            return Err(Errno::ENOMEM);
        }
        self.linear = self.linear.map(|linear| linear.max(length));
        Ok(())
    }

    /// `bpf_skb_store_bytes()`.
    pub(crate) fn store_bytes(
        &mut self,
        packet: &mut Block,
        offset: u32,
        bytes: &[u8],
        flags: u64,
    ) -> Done {
        const RECOMPUTE_CSUM: u64 = 1;
        const INVALIDATE_HASH: u64 = 2;
        if flags & !(RECOMPUTE_CSUM | INVALIDATE_HASH) != 0 {
            return Err(Errno::EINVAL);
        }
        let offset = i32::try_from(offset).map_err(|_| Errno::EFAULT)? as usize;
        let old = self
            .bytes(packet, offset, bytes.len())
            .ok_or(Errno::EFAULT)?;
        if flags & RECOMPUTE_CSUM != 0 {
            self.unsum(old, offset);
            self.sum(bytes, offset);
        }
        if let Some(place) = self.bytes_mut(packet, offset, bytes.len()) {
            place.copy_from_slice(bytes);
        }
        let end = offset + bytes.len();
        self.linear = self.linear.map(|linear| linear.max(end));
        if flags & INVALIDATE_HASH != 0 {
            self.hash = None;
        }
        Ok(())
    }

    /// Marks the packet as one that met congestion, if its sender can be told: `INET_ECN_set_ce()`.
    pub(crate) fn mark_congestion(&mut self, packet: &mut Block) -> bool {
        let Some(start) = packet.start.checked_add_signed(self.network as isize) else {
            return false;
        };
        let header = match self.protocol {
            IPV4 => 20,
            IPV6 => 40,
            _ => return false,
        };
        let end = packet.end;
        let Some(header) = packet
            .bytes
            .get_mut(start..start + header)
            .filter(|_| start + header <= end)
        else {
            return false;
        };
        if self.protocol == IPV6 {
            let [first, second, ..] = header else {
                return false;
            };
            let class = *first << 4 | *second >> 4;
            if class & 3 == 0 {
                return false;
            }
            *second |= 0x30;
            return true;
        }
        let [_, service, ..] = header else {
            return false;
        };
        let before = *service & 3;
        if before == 0 {
            return false;
        }
        *service |= 3;
        // The checksum of the header loses what the field gained.
        if let Some(place) = header.get_mut(10..12)
            && let Ok(old) = <[u8; 2]>::try_from(&*place)
        {
            let (from, to) = (u16::from(before), 3);
            let new =
                checksum::replaced_half(u16::from_ne_bytes(old), from.to_be(), u16::to_be(to));
            place.copy_from_slice(&new.to_ne_bytes());
        }
        true
    }

    /// A hash of the flow that the packet is of: addresses, protocol and ports.
    pub(crate) fn flow_hash(&self, packet: &Block, seed: u64) -> u32 {
        let network = packet.start.checked_add_signed(self.network as isize);
        let header = network.and_then(|at| packet.bytes.get(at..packet.end));
        let header = header.unwrap_or_default();
        let (addresses, protocol, ports) = match self.protocol {
            IPV4 => {
                let length = usize::from(header.first().copied().unwrap_or(0) & 15) * 4;
                (
                    header.get(12..20),
                    header.get(9),
                    header.get(length..length + 4),
                )
            }
            IPV6 => (header.get(8..40), header.get(6), header.get(40..44)),
            _ => (header.get(..8), None, None),
        };
        let ports = ports.filter(|_| matches!(protocol, Some(6 | 17)));
        let bytes = addresses
            .into_iter()
            .flatten()
            .chain(protocol)
            .chain(ports.into_iter().flatten());
        // 64 bits of FNV-1a.
        let hash = bytes.fold(seed ^ 0xcbf2_9ce4_8422_2325, |state, byte| {
            (state ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        ((hash ^ hash >> 32) as u32).max(1)
    }

    /// The start of a header, by the number that `bpf_skb_load_bytes_relative()` takes.
    pub(crate) fn header(&self, which: u32) -> Option<i32> {
        match which {
            0 => Some(self.mac),
            1 => Some(self.network),
            _ => None,
        }
    }
}

/// What an Ethernet header says is behind it; frames of IEEE 802.3 have a length there.
pub(crate) fn protocol(field: [u8; 2], behind: Option<&[u8]>) -> u16 {
    const LEAST: u16 = 0x600;
    const RAW_802_3: u16 = 1u16.to_be();
    const LLC_802_2: u16 = 4u16.to_be();
    if u16::from_be_bytes(field) >= LEAST {
        u16::from_ne_bytes(field)
    } else if behind == Some(&[0xff, 0xff]) {
        RAW_802_3
    } else {
        LLC_802_2
    }
}

impl SkBuff {
    /// The value of a field, from a byte of it on: `bpf_convert_ctx_access()`.
    pub(crate) fn load(&self, memory: &Memory, field: SkBuffField, skip: u8) -> u64 {
        let sock = self.sock.as_deref();
        let of_sock =
            |start: usize| sock.map_or(0, |sock| word(&sock.bytes, start + usize::from(skip)));
        let value = match field {
            SkBuffField::Len => self.len(&memory.packet) as u64,
            SkBuffField::PktType => u64::from(self.pkt_type),
            SkBuffField::Mark => u64::from(self.mark),
            SkBuffField::QueueMapping => u64::from(self.queue_mapping),
            SkBuffField::Protocol => u64::from(self.protocol),
            SkBuffField::VlanPresent => u64::from(self.tag.is_some()),
            SkBuffField::VlanTci => u64::from(self.tag.map_or(0, |tag| tag.tci)),
            SkBuffField::VlanProto => u64::from(self.tag.map_or(0, |tag| tag.proto)),
            SkBuffField::Priority => u64::from(self.priority),
            SkBuffField::IngressIfindex => u64::from(self.ingress_ifindex),
            SkBuffField::Ifindex => u64::from(self.ifindex),
            SkBuffField::TcIndex => u64::from(self.tc_index),
            SkBuffField::Cb => return word(&self.cb, usize::from(skip)),
            SkBuffField::Hash => u64::from(self.hash.unwrap_or(0)),
            SkBuffField::TcClassid => u64::from(self.tc_classid),
            // Nothing lies before the packet.
            SkBuffField::Data | SkBuffField::DataMeta => memory.packet_address(memory.packet.start),
            SkBuffField::DataEnd => {
                let packet = &memory.packet;
                let seen = self.linear.unwrap_or(usize::MAX).min(self.len(packet));
                memory.packet_address(packet.start + seen)
            }
            SkBuffField::NapiId => u64::from(self.napi_id),
            SkBuffField::Family => return of_sock(4),
            SkBuffField::RemoteIp4 => return of_sock(52),
            SkBuffField::LocalIp4 => return of_sock(24),
            SkBuffField::RemoteIp6 => return of_sock(56),
            SkBuffField::LocalIp6 => return of_sock(28),
            // The port is in the upper half.
            SkBuffField::RemotePort => {
                sock.map_or(0, |sock| (word(&sock.bytes, 48) & 0xffff) << 16)
            }
            SkBuffField::LocalPort => return of_sock(44),
            SkBuffField::FlowKeys => self.flow_keys,
            SkBuffField::Tstamp => self.tstamp,
            SkBuffField::WireLen => u64::from(self.wire_len),
            SkBuffField::GsoSegs => u64::from(self.gso_segs),
            SkBuffField::GsoSize => u64::from(self.gso_size),
            SkBuffField::Sk => self.sock_address,
            SkBuffField::TstampType => u64::from(self.tstamp_type),
            SkBuffField::Hwtstamp => self.hwtstamp,
        };
        value >> (8 * u32::from(skip)).min(63)
    }

    /// Writes a field.
    pub(crate) fn store(&mut self, field: SkBuffField, skip: u8, width: u8, value: u64) {
        const NO_QUEUE: u64 = u16::MAX as u64;
        match field {
            SkBuffField::Mark => self.mark = value as u32,
            SkBuffField::Priority => self.priority = value as u32,
            SkBuffField::TcIndex => self.tc_index = value as u16,
            SkBuffField::TcClassid => self.tc_classid = value as u16,
            SkBuffField::Tstamp => self.tstamp = value,
            SkBuffField::QueueMapping if value < NO_QUEUE => self.queue_mapping = value as u16,
            SkBuffField::Cb => {
                let (skip, width) = (usize::from(skip), usize::from(width));
                let bytes = value.to_le_bytes();
                if let (Some(place), Some(bytes)) =
                    (self.cb.get_mut(skip..skip + width), bytes.get(..width))
                {
                    place.copy_from_slice(bytes);
                }
            }
            _ => {}
        }
    }
}

/// Up to 8 bytes as a number.
fn word(bytes: &[u8], at: usize) -> u64 {
    let mut number = [0; 8];
    for (to, from) in number.iter_mut().zip(bytes.iter().skip(at)) {
        *to = *from;
    }
    u64::from_le_bytes(number)
}
