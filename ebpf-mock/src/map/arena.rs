//! Arenas: memory by pages, which programs ask for. `kernel/bpf/arena.c`.

use ebpf_core::Errno;
use ebpf_core::map::{LookupFlags, UpdateFlags};

use super::Storage;
use crate::kernel::Kernel;

/// An arena, as the system calls on maps see it: it has no elements.
#[derive(Debug)]
pub(super) struct Arena;

impl Storage for Arena {
    fn lookup(&self, _: &[u8], _: &mut [u8], _: LookupFlags) -> Result<(), Errno> {
        Err(Errno::EINVAL)
    }

    fn update(&self, _: &Kernel, _: &[u8], _: &[u8], _: UpdateFlags) -> Result<(), Errno> {
        Err(Errno::EOPNOTSUPP)
    }

    fn delete(&self, _: &[u8]) -> Result<(), Errno> {
        Err(Errno::EOPNOTSUPP)
    }

    fn next_key(&self, _: Option<&[u8]>, _: &mut [u8]) -> Result<(), Errno> {
        Err(Errno::EOPNOTSUPP)
    }

    fn charge(&self) -> u64 {
        // Pages are charged when they are asked for.
        0
    }
}
