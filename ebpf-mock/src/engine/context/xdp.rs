//! The context of XDP programs: `struct xdp_md`, as `xdp_is_valid_access()` and `xdp_convert_ctx_access()` in
//! net/core/filter.c have it.

use super::{Field, Fields, Reading};
use crate::engine::memory::Memory;

/// What an XDP program is told besides the packet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Xdp {
    /// The interface that the packet came in by.
    pub(crate) ingress_ifindex: u32,
    /// The queue that it came in by.
    pub(crate) rx_queue_index: u32,
    /// The interface that it will leave by, of programs in device maps.
    pub(crate) egress_ifindex: u32,
    /// Where the data begins in the packet's block; metadata comes before it.
    pub(crate) data: usize,
}

const DATA: u16 = 0;
const DATA_END: u16 = 4;
const DATA_META: u16 = 8;
const INGRESS_IFINDEX: u16 = 12;
const RX_QUEUE_INDEX: u16 = 16;
const EGRESS_IFINDEX: u16 = 20;

const FIELDS: &[Field] = &[
    field(DATA, Reading::Pointer),
    field(DATA_END, Reading::Pointer),
    field(DATA_META, Reading::Pointer),
    field(INGRESS_IFINDEX, Reading::Whole),
    field(RX_QUEUE_INDEX, Reading::Whole),
    field(EGRESS_IFINDEX, Reading::Whole),
];

const fn field(offset: u16, read: Reading) -> Field {
    Field {
        offset,
        size: 4,
        read,
        write: false,
    }
}

impl Fields for Xdp {
    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn load(&self, offset: u16, memory: &Memory) -> u64 {
        match offset {
            DATA => memory.packet_address(self.data),
            DATA_END => memory.packet_address(memory.packet.end),
            DATA_META => memory.packet_address(memory.packet.start),
            INGRESS_IFINDEX => self.ingress_ifindex.into(),
            RX_QUEUE_INDEX => self.rx_queue_index.into(),
            _ => self.egress_ifindex.into(),
        }
    }
}
