//! A packet as XDP programs have it: `struct xdp_buff`.

use ebpf_core::Errno;

use super::fields::XdpMd;
use super::sk_buff::ETHERNET;
use crate::engine::memory::{Block, Memory};

/// Bytes of a page, in which a packet begins and of which its later parts are.
pub(crate) const PAGE: usize = 4096;
/// Bytes of a page that are kept for `struct skb_shared_info`.
pub(crate) const SHARED_INFO: usize = 320;
/// Bytes at the start of a page that are kept for `struct xdp_frame`.
const FRAME: usize = 40;
/// The most metadata.
const MOST_META: usize = 252;
/// The most parts after the first page: `MAX_SKB_FRAGS`.
pub(crate) const MOST_PARTS: usize = 17;

/// What is known of a packet whose first page is in a [`Block`]: what can be accessed there are the metadata and the packet.
#[derive(Clone, Debug, Default)]
pub(crate) struct XdpBuff {
    /// The index of the packet's first byte in the block.
    pub(crate) data: usize,
    /// What of the packet is not in the first page.
    pub(crate) parts: Vec<Vec<u8>>,
    pub(crate) ingress_ifindex: u32,
    pub(crate) rx_queue_index: u32,
    pub(crate) egress_ifindex: u32,
}

type Done = Result<(), Errno>;

impl XdpBuff {
    /// Bytes of the packet, with those that are not in the first page.
    pub(crate) fn len(&self, packet: &Block) -> usize {
        packet.end - self.data + self.parts.iter().map(Vec::len).sum::<usize>()
    }

    /// The value of a field.
    pub(crate) fn load(&self, memory: &Memory, field: XdpMd) -> u64 {
        match field {
            XdpMd::Data => memory.packet_address(self.data),
            XdpMd::DataEnd => memory.packet_address(memory.packet.end),
            XdpMd::DataMeta => memory.packet_address(memory.packet.start),
            XdpMd::IngressIfindex => u64::from(self.ingress_ifindex),
            XdpMd::RxQueueIndex => u64::from(self.rx_queue_index),
            XdpMd::EgressIfindex => u64::from(self.egress_ifindex),
        }
    }

    /// `bpf_xdp_adjust_head()`.
    pub(crate) fn adjust_head(&mut self, packet: &mut Block, by: i32) -> Done {
        let meta = self.data - packet.start;
        let data = moved(self.data, by)
            .filter(|data| (FRAME + meta..=packet.end.saturating_sub(ETHERNET)).contains(data));
        let data = data.ok_or(Errno::EINVAL)?;
        packet
            .bytes
            .copy_within(packet.start..self.data, data - meta);
        packet.start = data - meta;
        self.data = data;
        Ok(())
    }

    /// `bpf_xdp_adjust_meta()`.
    pub(crate) fn adjust_meta(&mut self, packet: &mut Block, by: i32) -> Done {
        let start = moved(packet.start, by).filter(|start| (FRAME..=self.data).contains(start));
        let start = start.ok_or(Errno::EINVAL)?;
        let length = self.data - start;
        if !length.is_multiple_of(4) || length > MOST_META {
            return Err(Errno::EACCES);
        }
        packet.start = start;
        Ok(())
    }

    /// `bpf_xdp_adjust_tail()`.
    pub(crate) fn adjust_tail(&mut self, packet: &mut Block, by: i32) -> Done {
        if let Some(last) = self.parts.last_mut() {
            if by >= 0 {
                let length = last.len() + by as usize;
                if length > PAGE {
                    return Err(Errno::EINVAL);
                }
                last.resize(length, 0);
                return Ok(());
            }
            return self.shrink_parts(packet, by.unsigned_abs() as usize);
        }
        let end = moved(packet.end, by)
            .filter(|end| (self.data + ETHERNET..=PAGE - SHARED_INFO).contains(end));
        let end = end.ok_or(Errno::EINVAL)?;
        if packet.bytes.len() < end {
            packet.bytes.resize(end, 0);
        }
        if let Some(new) = packet.bytes.get_mut(packet.end..end) {
            new.fill(0);
        }
        packet.end = end;
        Ok(())
    }

    fn shrink_parts(&mut self, packet: &mut Block, mut by: usize) -> Done {
        if by > self.len(packet).saturating_sub(ETHERNET) {
            return Err(Errno::EINVAL);
        }
        while by > 0
            && let Some(last) = self.parts.last_mut()
        {
            if last.len() > by {
                last.truncate(last.len() - by);
                by = 0;
            } else {
                by -= last.len();
                self.parts.pop();
            }
        }
        packet.end -= by;
        Ok(())
    }

    /// Copies bytes of the packet out, wherever they are: `bpf_xdp_load_bytes()`.
    pub(crate) fn load_bytes(&self, packet: &Block, offset: u32, out: &mut [u8]) -> Done {
        let offset = self.range(packet, offset, out.len())?;
        let first = packet.bytes.get(self.data..packet.end).unwrap_or_default();
        let parts = std::iter::once(first).chain(self.parts.iter().map(Vec::as_slice));
        let bytes = parts.flatten().skip(offset);
        for (to, from) in out.iter_mut().zip(bytes) {
            *to = *from;
        }
        Ok(())
    }

    /// Writes bytes of the packet: `bpf_xdp_store_bytes()`.
    pub(crate) fn store_bytes(&mut self, packet: &mut Block, offset: u32, bytes: &[u8]) -> Done {
        let offset = self.range(packet, offset, bytes.len())?;
        let first = packet
            .bytes
            .get_mut(self.data..packet.end)
            .unwrap_or_default();
        let parts = std::iter::once(first).chain(self.parts.iter_mut().map(Vec::as_mut_slice));
        let places = parts.flatten().skip(offset);
        for (to, from) in places.zip(bytes) {
            *to = *from;
        }
        Ok(())
    }

    fn range(&self, packet: &Block, offset: u32, length: usize) -> Result<usize, Errno> {
        const MOST: usize = 0xffff;
        let offset = offset as usize;
        if offset > MOST || length > MOST {
            return Err(Errno::EFAULT);
        }
        if offset + length > self.len(packet) {
            return Err(Errno::EINVAL);
        }
        Ok(offset)
    }
}

fn moved(index: usize, by: i32) -> Option<usize> {
    index.checked_add_signed(by as isize)
}
