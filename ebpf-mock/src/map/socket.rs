//! Maps whose values are sockets: `net/core/sock_map.c`, `net/xdp/xskmap.c`, `kernel/bpf/reuseport_array.c`.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use ebpf_core::Errno;
use ebpf_core::map::{LookupFlags, MapSpec, MapType, UpdateFlags};
use parking_lot::RwLock;

use super::Storage;
use super::array::next_index;
use crate::kernel::{Kernel, Object};
use crate::world::{SocketKind, SocketObject};

/// Sockets by index or by key. They are in a map as long as they are open.
#[derive(Debug)]
pub(super) struct Sockets {
    sockets: RwLock<BTreeMap<Box<[u8]>, Weak<SocketObject>>>,
    map_type: MapType,
    most: u32,
    /// Whether values have room for a cookie: without it none can be read.
    wide: bool,
}

impl Sockets {
    pub(super) fn new(spec: &MapSpec) -> Sockets {
        Sockets {
            sockets: RwLock::default(),
            map_type: spec.map_type,
            most: spec.max_entries,
            wide: spec.value_size == 8,
        }
    }

    /// Whether keys are indexes.
    fn is_array(&self) -> bool {
        self.map_type != MapType::SOCKHASH
    }

    fn is_past_the_end(&self, key: &[u8]) -> bool {
        self.is_array() && super::array::index(key).is_none_or(|index| index >= self.most)
    }

    /// The socket of a descriptor, if maps of this type take it.
    fn accept(&self, kernel: &Kernel, value: &[u8]) -> Result<Arc<SocketObject>, Errno> {
        let number = match value.len() {
            4 => value.try_into().ok().map(u32::from_ne_bytes),
            _ => value
                .try_into()
                .ok()
                .and_then(|bytes| u32::try_from(u64::from_ne_bytes(bytes)).ok()),
        };
        let socket = match kernel.by_descriptor(number.ok_or(Errno::EINVAL)?) {
            Some(Object::Socket(socket)) => socket,
            Some(_) => return Err(Errno::ENOTSOCK),
            None => return Err(Errno::EBADF),
        };
        let taken = match self.map_type {
            MapType::XSKMAP => socket.kind == SocketKind::Xdp,
            MapType::REUSEPORT_SOCKARRAY => {
                matches!(socket.kind, SocketKind::Tcp | SocketKind::Udp)
            }
            _ => matches!(
                socket.kind,
                SocketKind::Tcp | SocketKind::Udp | SocketKind::Unix
            ),
        };
        match (taken, self.map_type) {
            (true, _) => Ok(socket),
            (false, MapType::REUSEPORT_SOCKARRAY) => Err(Errno::ENOTSUPP),
            (false, _) => Err(Errno::EOPNOTSUPP),
        }
    }

    fn get(&self, key: &[u8]) -> Option<Arc<SocketObject>> {
        self.sockets.read().get(key).and_then(Weak::upgrade)
    }
}

impl Storage for Sockets {
    fn lookup(&self, key: &[u8], value: &mut [u8], flags: LookupFlags) -> Result<(), Errno> {
        if flags != LookupFlags::NONE {
            return Err(Errno::EINVAL);
        }
        if self.map_type == MapType::XSKMAP {
            return Err(Errno::EOPNOTSUPP);
        }
        if !self.wide {
            return Err(Errno::ENOSPC);
        }
        let socket = self.get(key).ok_or(Errno::ENOENT)?;
        value.copy_from_slice(&socket.cookie.to_ne_bytes());
        Ok(())
    }

    fn update(
        &self,
        kernel: &Kernel,
        key: &[u8],
        value: &[u8],
        flags: UpdateFlags,
    ) -> Result<(), Errno> {
        if flags.0 > UpdateFlags::EXIST.0 {
            return Err(Errno::EINVAL);
        }
        if self.is_past_the_end(key) {
            return Err(Errno::E2BIG);
        }
        let socket = self.accept(kernel, value)?;
        let mut sockets = self.sockets.write();
        sockets.retain(|_, socket| socket.strong_count() > 0);
        match (sockets.contains_key(key), flags) {
            (true, UpdateFlags::NO_EXIST) => return Err(Errno::EEXIST),
            (false, UpdateFlags::EXIST) => return Err(Errno::ENOENT),
            (false, _) if sockets.len() as u64 >= u64::from(self.most) => return Err(Errno::E2BIG),
            _ => {}
        }
        sockets.insert(key.into(), Arc::downgrade(&socket));
        Ok(())
    }

    fn delete(&self, key: &[u8]) -> Result<(), Errno> {
        if self.is_past_the_end(key) {
            return Err(match self.map_type {
                MapType::REUSEPORT_SOCKARRAY => Errno::E2BIG,
                _ => Errno::EINVAL,
            });
        }
        let there = self.get(key).is_some();
        self.sockets.write().remove(key);
        match (there, self.map_type) {
            (true, _) | (false, MapType::XSKMAP) => Ok(()),
            (false, MapType::SOCKMAP) => Err(Errno::EINVAL),
            (false, _) => Err(Errno::ENOENT),
        }
    }

    fn next_key(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<(), Errno> {
        if self.is_array() {
            return next_index(self.most, after, next);
        }
        use std::ops::Bound::{Excluded, Unbounded};
        let sockets = self.sockets.read();
        let from = match after.filter(|key| sockets.contains_key(*key)) {
            Some(after) => Excluded(after),
            None => Unbounded,
        };
        let mut rest = sockets.range::<[u8], _>((from, Unbounded));
        let following = rest.find(|(_, socket)| socket.strong_count() > 0);
        let (key, _) = following.ok_or(Errno::ENOENT)?;
        next.copy_from_slice(key);
        Ok(())
    }

    fn charge(&self) -> u64 {
        u64::from(self.most) * 8
    }
}
