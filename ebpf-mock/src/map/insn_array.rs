//! Offsets of instructions, the targets of indirect jumps: `kernel/bpf/bpf_insn_array.c`.

use ebpf_core::Errno;
use ebpf_core::map::{LookupFlags, MapSpec, UpdateFlags};

use super::Storage;
use super::array::{index, next_index};
use crate::kernel::Kernel;
use crate::memory::{self, Slab};

/// Bytes of `struct bpf_insn_array_value`: the offset that user space says, those in the program as the kernel keeps it
/// and in its machine code, and padding.
pub(super) const VALUE: usize = 16;

/// Offsets by index.
#[derive(Debug)]
pub(super) struct InsnArray {
    values: Slab,
    length: u32,
}

impl InsnArray {
    pub(super) fn new(spec: &MapSpec) -> InsnArray {
        InsnArray {
            values: Slab::new(VALUE, u64::from(spec.max_entries)),
            length: spec.max_entries,
        }
    }
}

impl Storage for InsnArray {
    fn lookup(&self, key: &[u8], value: &mut [u8], _: LookupFlags) -> Result<(), Errno> {
        let index = index(key).filter(|index| *index < self.length);
        memory::read(self.values.slot(index.ok_or(Errno::ENOENT)?), 0, value);
        Ok(())
    }

    fn update(
        &self,
        _: &Kernel,
        key: &[u8],
        value: &[u8],
        flags: UpdateFlags,
    ) -> Result<(), Errno> {
        let index = index(key).filter(|index| *index < self.length);
        let index = index.ok_or(Errno::E2BIG)?;
        if flags.contains(UpdateFlags::NO_EXIST) {
            return Err(Errno::EEXIST);
        }
        let (said, rest) = value.split_first_chunk::<4>().ok_or(Errno::EINVAL)?;
        // The other two offsets are the kernel's to write.
        if rest.iter().take(8).any(|byte| *byte != 0) {
            return Err(Errno::EINVAL);
        }
        memory::write(self.values.slot(index), 0, said);
        Ok(())
    }

    fn delete(&self, _: &[u8]) -> Result<(), Errno> {
        Err(Errno::EINVAL)
    }

    fn next_key(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<(), Errno> {
        next_index(self.length, after, next)
    }

    fn charge(&self) -> u64 {
        u64::from(self.length) * (VALUE as u64 + 8)
    }
}
