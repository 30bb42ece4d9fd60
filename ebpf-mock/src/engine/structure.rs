//! Structures of the kernel as programs read them: laid out as the kernel's types say, with the fields that the simulated
//! system knows. Where there are no such types they have no bytes.

use std::sync::Arc;

use ebpf_core::btf::{Btf, Kind, TypeId};

use super::memory::{Block, Memory};
use crate::kernel::Kernel;

/// A structure that is filled in. Fields that the kernel's types do not have are left out; what is not filled in is 0.
#[derive(Debug)]
pub(crate) struct Structure {
    name: &'static str,
    layout: Option<(Arc<Btf>, TypeId)>,
    bytes: Vec<u8>,
}

impl Structure {
    /// The largest that is laid out.
    const LARGEST: u32 = 1 << 16;

    /// The structure of this name.
    pub(crate) fn new(kernel: &Kernel, name: &'static str) -> Structure {
        let types = kernel.machine.target_btf.as_ref();
        let layout = types.and_then(|types| Some((types.clone(), types.find(name, Kind::STRUCT)?)));
        let size = layout.as_ref().map_or(0, |(types, id)| {
            let size = types.size_of(*id).unwrap_or(0);
            size.min(Structure::LARGEST)
        });
        Structure {
            name,
            layout,
            bytes: vec![0; size as usize],
        }
    }

    /// The same with this number in a field.
    pub(crate) fn number(self, field: &str, number: u64) -> Structure {
        self.bytes(field, &number.to_le_bytes())
    }

    /// The same with these bytes in a field, as many as it has.
    pub(crate) fn bytes(mut self, field: &str, bytes: &[u8]) -> Structure {
        let found = self
            .layout
            .as_ref()
            .and_then(|(types, id)| types.find_field(*id, field).ok().flatten());
        if let Some(found) = found.filter(|found| found.bits.is_none()) {
            let place = self.bytes.iter_mut().skip(found.offset as usize);
            for (to, from) in place.take(found.size as usize).zip(bytes) {
                *to = *from;
            }
        }
        self
    }

    /// Puts it where a program can read it, and gives its address.
    pub(crate) fn put(self, memory: &mut Memory) -> u64 {
        memory
            .add_block(self.name, Block::new(self.bytes, false))
            .unwrap_or(0)
    }
}
