//! Helpers that make a packet longer or shorter, or another protocol's: heads, tails, room between headers, VLAN tags.

use ebpf_core::Errno;

use super::{
    Done, ETHERNET, IPV4, IPV6, MOST, SkBuff, Summed, Tag, VLAN, VLAN_C, VLAN_S, protocol,
};
use crate::engine::helpers::checksum;
use crate::engine::memory::Block;

impl SkBuff {
    /// Puts so many zeros behind the first `offset` bytes, with the headers before them: `bpf_skb_net_hdr_push()`.
    fn open_gap(&mut self, packet: &mut Block, offset: usize, length: usize) {
        let same = self.transport == Some(self.network);
        self.push(packet, length);
        let start = packet.start;
        packet
            .bytes
            .copy_within(start + length..start + length + offset, start);
        if let Some(gap) = self.bytes_mut(packet, offset, length) {
            gap.fill(0);
        }
        self.mac -= length as i32;
        self.network -= length as i32;
        if same {
            self.transport = Some(self.network);
        }
    }

    /// Takes so many bytes behind the first `offset` out: `bpf_skb_net_hdr_pop()`.
    fn close_gap(&mut self, packet: &mut Block, offset: usize, length: usize) -> Done {
        let gone = self.bytes(packet, offset, length).ok_or(Errno::ENOMEM)?;
        self.unsum(gone, offset);
        let same = self.transport == Some(self.network);
        let start = packet.start;
        packet
            .bytes
            .copy_within(start..start + offset, start + length);
        self.pull(packet, length);
        self.mac += length as i32;
        self.network += length as i32;
        if same {
            self.transport = Some(self.network);
        }
        Ok(())
    }

    /// `bpf_skb_change_proto()`: from IPv4 to IPv6 or back, with what is between the lengths of their headers.
    pub(crate) fn change_proto(&mut self, packet: &mut Block, proto: u16, flags: u64) -> Done {
        const DIFFERENCE: usize = 40 - 20;
        if flags != 0 {
            return Err(Errno::EINVAL);
        }
        let offset = self.mac_header_len();
        match (self.protocol, proto) {
            (IPV4, IPV6) => self.open_gap(packet, offset, DIFFERENCE),
            (IPV6, IPV4) => self.close_gap(packet, offset, DIFFERENCE)?,
            _ => return Err(Errno::ENOTSUPP),
        }
        self.protocol = proto;
        self.hash = None;
        Ok(())
    }

    /// `bpf_skb_change_type()`.
    pub(crate) fn change_type(&mut self, pkt_type: u32) -> Done {
        const OTHER_HOST: u32 = 3;
        if u32::from(self.pkt_type) > OTHER_HOST || pkt_type > OTHER_HOST {
            return Err(Errno::EINVAL);
        }
        self.pkt_type = pkt_type as u8;
        Ok(())
    }

    /// `bpf_skb_change_tail()`.
    pub(crate) fn change_tail(&mut self, packet: &mut Block, length: u32, flags: u64) -> Done {
        let transport = self.transport.filter(|at| *at > 0);
        let least = transport.unwrap_or(self.network).max(0) as usize;
        let length = length as usize;
        if flags != 0 || length > MOST || length < least {
            return Err(Errno::EINVAL);
        }
        if self.encapsulation {
            return Err(Errno::ENOTSUPP);
        }
        let old = self.len(packet);
        let end = packet.start + length;
        if length > old {
            if packet.bytes.len() < end {
                packet.bytes.resize(end, 0);
            }
            if let Some(new) = packet.bytes.get_mut(packet.end..end) {
                new.fill(0);
            }
        } else if let Some(gone) = self.bytes(packet, length, old - length) {
            self.unsum(gone, length);
        }
        packet.end = end;
        if self.gso_size != 0 {
            (self.gso_size, self.gso_segs) = (0, 0);
        }
        Ok(())
    }

    /// `bpf_skb_change_head()`.
    pub(crate) fn change_head(&mut self, packet: &mut Block, room: u32, flags: u64) -> Done {
        let length = self.len(packet) + room as usize;
        if flags != 0 || i32::try_from(room).is_err() || (self.gso_size == 0 && length > MOST) {
            return Err(Errno::EINVAL);
        }
        self.push(packet, room as usize);
        if let Some(new) = self.bytes_mut(packet, 0, room as usize) {
            new.fill(0);
        }
        self.mac = 0;
        Ok(())
    }

    /// `bpf_lwt_push_ip_encap()` of a packet that comes in.
    pub(crate) fn push_encap(&mut self, packet: &mut Block, header: &[u8]) -> Done {
        const LONGEST: usize = 256;
        const SHORTEST: usize = 20;
        let first = *header.first().ok_or(Errno::EINVAL)?;
        let words = usize::from(first & 15);
        let wanted = match first >> 4 {
            4 => words * 4,
            6 => 40,
            _ => return Err(Errno::EINVAL),
        };
        if header.len() < SHORTEST.max(wanted) || header.len() > LONGEST {
            return Err(Errno::EINVAL);
        }
        self.encapsulation = true;
        self.push(packet, header.len());
        self.sum(header, 0);
        self.network = 0;
        self.hash = None;
        let is_v4 = first >> 4 == 4;
        self.protocol = if is_v4 { IPV4 } else { IPV6 };
        if let Some(place) = self.bytes_mut(packet, 0, header.len()) {
            place.copy_from_slice(header);
            if let Some(ip) = place.get_mut(..words * 4).filter(|_| is_v4)
                && ip.get(10..12) == Some(&[0, 0])
            {
                let sum = checksum::fold(checksum::partial(ip, 0)).to_ne_bytes();
                for (to, from) in ip.iter_mut().skip(10).zip(sum) {
                    *to = from;
                }
            }
        }
        Ok(())
    }

    /// `bpf_skb_adjust_room()`.
    pub(crate) fn adjust_room(
        &mut self,
        packet: &mut Block,
        change: i32,
        mode: u32,
        flags: u64,
    ) -> Done {
        use room::{DECAP_IPV4, DECAP_IPV6, NO_CSUM_RESET};
        let length = change.unsigned_abs() as usize;
        if flags & !room::KNOWN != 0 {
            return Err(Errno::EINVAL);
        }
        if length > 0xfff {
            return Err(Errno::EFAULT);
        }
        let base = match self.protocol {
            IPV4 => 20,
            IPV6 => 40,
            _ => return Err(Errno::ENOTSUPP),
        };
        let offset = match mode {
            0 => self.mac_header_len() + base,
            1 => self.mac_header_len(),
            _ => return Err(Errno::ENOTSUPP),
        };
        let shrinks = change < 0;
        let mut least = base;
        if flags & (DECAP_IPV4 | DECAP_IPV6) != 0 {
            least = match (shrinks, flags & (DECAP_IPV4 | DECAP_IPV6)) {
                (true, DECAP_IPV4) => 20,
                (true, DECAP_IPV6) => 40,
                _ => return Err(Errno::EINVAL),
            };
        }
        let network = usize::try_from(self.network).unwrap_or(0);
        let current = self.len(packet).saturating_sub(network);
        let refused = if shrinks {
            length >= current || current - length < least
        } else {
            self.len(packet) + length > MOST && self.gso_size == 0
        };
        if refused {
            return Err(Errno::ENOTSUPP);
        }
        if shrinks {
            self.shrink_room(packet, offset, length, flags)?;
        } else {
            self.grow_room(packet, offset, length, flags)?;
        }
        if flags & NO_CSUM_RESET == 0
            && let Summed::Unnecessary(_) = self.summed
        {
            self.summed = Summed::None;
        }
        Ok(())
    }

    fn grow_room(&mut self, packet: &mut Block, offset: usize, length: usize, flags: u64) -> Done {
        use room::{ENCAP_GRE, ENCAP_IPV4, ENCAP_IPV6, ENCAP_UDP, FIXED_GSO, INNER_ETHERNET};
        let encapsulates = flags & (ENCAP_IPV4 | ENCAP_IPV6) != 0;
        // A packet of segments has no type of them in a test run, and only those of TCP grow otherwise.
        if self.gso_size != 0 {
            return Err(Errno::ENOTSUPP);
        }
        let inner_mac = (flags >> 56) as usize;
        if encapsulates {
            if flags & ENCAP_IPV4 != 0 && flags & ENCAP_IPV6 != 0
                || flags & ENCAP_GRE != 0 && flags & ENCAP_UDP != 0
                || flags & INNER_ETHERNET != 0 && inner_mac < ETHERNET
            {
                return Err(Errno::EINVAL);
            }
            if self.encapsulation {
                return Err(Errno::EALREADY);
            }
            if inner_mac > length {
                return Err(Errno::EINVAL);
            }
        }
        let mac_length = self.mac_header_len() as i32;
        self.open_gap(packet, offset, length);
        if encapsulates {
            self.encapsulation = true;
            self.network = mac_length;
            if flags & (ENCAP_GRE | ENCAP_UDP) != 0 {
                let header = if flags & ENCAP_IPV6 != 0 { 40 } else { 20 };
                self.transport = Some(mac_length + header);
            }
            if flags & ENCAP_IPV6 != 0 {
                self.protocol = IPV6;
            } else {
                self.protocol = IPV4;
            }
        }
        if self.gso_size != 0 && flags & FIXED_GSO == 0 {
            self.gso_segs = 0;
        }
        Ok(())
    }

    fn shrink_room(
        &mut self,
        packet: &mut Block,
        offset: usize,
        length: usize,
        flags: u64,
    ) -> Done {
        use room::{DECAP_IPV4, DECAP_IPV6, FIXED_GSO, NO_CSUM_RESET};
        if flags & !(FIXED_GSO | DECAP_IPV4 | DECAP_IPV6 | NO_CSUM_RESET) != 0 {
            return Err(Errno::EINVAL);
        }
        if self.gso_size != 0 {
            return Err(Errno::ENOTSUPP);
        }
        self.close_gap(packet, offset, length)?;
        if flags & DECAP_IPV6 != 0 {
            self.protocol = IPV6;
        } else if flags & DECAP_IPV4 != 0 {
            self.protocol = IPV4;
        }
        Ok(())
    }

    /// `bpf_skb_vlan_push()`: a tag that is beside the packet already goes into it.
    pub(crate) fn vlan_push(&mut self, packet: &mut Block, proto: u16, tci: u16) -> Done {
        let proto = if proto == VLAN_S { VLAN_S } else { VLAN_C };
        if let Some(tag) = self.tag {
            if self.len(packet) < ETHERNET {
                return Err(Errno::EINVAL);
            }
            self.push(packet, VLAN);
            let start = packet.start;
            packet
                .bytes
                .copy_within(start + VLAN..start + VLAN + 12, start);
            let mut bytes = [0; VLAN];
            bytes[..2].copy_from_slice(&tag.proto.to_ne_bytes());
            bytes[2..].copy_from_slice(&tag.tci.to_be_bytes());
            if let Some(place) = self.bytes_mut(packet, 12, VLAN) {
                place.copy_from_slice(&bytes);
            }
            self.mac -= VLAN as i32;
            self.network -= VLAN as i32;
            self.protocol = tag.proto;
            self.sum(&bytes, 0);
        }
        self.tag = Some(Tag { proto, tci });
        Ok(())
    }

    /// `bpf_skb_vlan_pop()`: the next tag in the packet goes beside it.
    pub(crate) fn vlan_pop(&mut self, packet: &mut Block) -> Done {
        if self.tag.take().is_none() {
            if !is_vlan(self.protocol) {
                return Ok(());
            }
            self.untag(packet)?;
        }
        if is_vlan(self.protocol) {
            let proto = self.protocol;
            let tci = self.untag(packet)?;
            self.tag = Some(Tag { proto, tci });
        }
        Ok(())
    }

    /// Takes the tag out of the packet and gives it: `__skb_vlan_pop()`.
    fn untag(&mut self, packet: &mut Block) -> Result<u16, Errno> {
        let header = self
            .bytes(packet, 0, ETHERNET + VLAN)
            .ok_or(Errno::ENOMEM)?;
        let header = <[u8; ETHERNET + VLAN]>::try_from(header).map_err(|_| Errno::ENOMEM)?;
        self.unsum(&header[12..16], 0);
        let start = packet.start;
        packet.bytes.copy_within(start..start + 12, start + VLAN);
        self.pull(packet, VLAN);
        self.mac += VLAN as i32;
        self.network = self.network.max(ETHERNET as i32);
        self.protocol = protocol([header[16], header[17]], self.bytes(packet, ETHERNET, 2));
        Ok(u16::from_be_bytes([header[14], header[15]]))
    }
}

fn is_vlan(proto: u16) -> bool {
    proto == VLAN_C || proto == VLAN_S
}

/// Flags of `bpf_skb_adjust_room()`: `BPF_F_ADJ_ROOM_…`.
mod room {
    pub(super) const FIXED_GSO: u64 = 1;
    pub(super) const ENCAP_IPV4: u64 = 2;
    pub(super) const ENCAP_IPV6: u64 = 4;
    pub(super) const ENCAP_GRE: u64 = 8;
    pub(super) const ENCAP_UDP: u64 = 16;
    pub(super) const NO_CSUM_RESET: u64 = 32;
    pub(super) const INNER_ETHERNET: u64 = 64;
    pub(super) const DECAP_IPV4: u64 = 128;
    pub(super) const DECAP_IPV6: u64 = 256;
    /// Every flag, and in the highest byte the length of the inner Ethernet header.
    pub(super) const KNOWN: u64 = 511 | 0xff << 56;
}
