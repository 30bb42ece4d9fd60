//! Arenas as user space sees them, which has them mapped.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::map::{Map, MapError};

use crate::MockSystem;
use crate::map::MapObject;

impl MockSystem {
    /// Reads memory of an arena, from so many bytes after its start: as user space does that has it mapped. Pages that are
    /// touched so come to be, as zeros.
    ///
    /// # Errors
    /// `EFAULT` past the arena's end, `EINVAL` for a map that is no arena.
    #[doc(alias = "BPF_MAP_TYPE_ARENA")]
    pub fn read_arena(&self, map: &dyn Map, at: u64, out: &mut [u8]) -> Result<(), MapError> {
        let object = self.map_object(map)?;
        touch(&object, at, out.len(), |arena, at| arena.read(at, out))
            .map_err(|errno| refused("read", &object, errno))
    }

    /// Writes memory of an arena, from so many bytes after its start.
    ///
    /// # Errors
    /// As [`MockSystem::read_arena`].
    pub fn write_arena(&self, map: &dyn Map, at: u64, bytes: &[u8]) -> Result<(), MapError> {
        let object = self.map_object(map)?;
        touch(&object, at, bytes.len(), |arena, at| arena.write(at, bytes))
            .map_err(|errno| refused("write", &object, errno))
    }
}

fn touch(
    map: &Arc<MapObject>,
    at: u64,
    length: usize,
    work: impl FnOnce(&crate::map::Arena, u32),
) -> Result<(), Errno> {
    let arena = map.storage.arena().ok_or(Errno::EINVAL)?;
    work(arena, arena.touch(at, length)?);
    Ok(())
}

fn refused(op: &'static str, map: &MapObject, errno: Errno) -> MapError {
    MapError::os(op, &map.info.name, map.info.map_type, errno)
}
