//! Maps whose values are sockets: `net/core/sock_map.c`, `net/xdp/xskmap.c`, `kernel/bpf/reuseport_array.c`.

use std::sync::{Arc, Weak};

use ebpf_core::Errno;
use ebpf_core::map::{LookupFlags, MapSpec, MapType, UpdateFlags};
use parking_lot::RwLock;

use super::array::next_index;
use super::chains::{self, Chains};
use super::jhash::jhash;
use super::{RedirectTarget, Storage};
use crate::hook::SockmapPrograms;
use crate::kernel::{Kernel, Object};
use crate::profile::Change;
use crate::world::{SocketKind, SocketObject};

/// Sockets by index or by key. They are in a map as long as they are open.
#[derive(Debug)]
pub(super) struct Sockets {
    sockets: RwLock<Chains<Box<[u8]>, Place>>,
    map_type: MapType,
    most: u32,
    /// Whether values have room for a cookie: without it none can be read.
    wide: bool,
    /// Whether cookies can be read at all.
    read: bool,
    programs: Arc<SockmapPrograms>,
}

impl Sockets {
    pub(super) fn new(kernel: &Kernel, spec: &MapSpec) -> Sockets {
        let cookies = kernel.machine.has(Change::SocketCookies);
        Sockets {
            sockets: RwLock::default(),
            map_type: spec.map_type,
            most: spec.max_entries,
            wide: spec.value_size == 8,
            read: match spec.map_type {
                MapType::XSKMAP => false,
                MapType::REUSEPORT_SOCKARRAY => true,
                _ => cookies,
            },
            programs: Arc::default(),
        }
    }

    /// Whether keys are indexes.
    fn is_array(&self) -> bool {
        self.map_type != MapType::SOCKHASH
    }

    fn is_past_the_end(&self, key: &[u8]) -> bool {
        self.is_array() && super::array::index(key).is_none_or(|index| index >= self.most)
    }

    /// The socket that a value of user space names.
    fn named(&self, kernel: &Kernel, value: &[u8]) -> Result<Arc<SocketObject>, Errno> {
        let wide = <[u8; 8]>::try_from(value).map(u64::from_ne_bytes);
        let narrow = <[u8; 4]>::try_from(value).map(|bytes| u64::from(u32::from_ne_bytes(bytes)));
        let number = wide.or(narrow).map_err(|_| Errno::EINVAL)?;
        let negative = number > i32::MAX as u64;
        if negative && (self.wide || self.redirects()) {
            return Err(Errno::EINVAL);
        }
        match kernel.by_descriptor(number as u32) {
            Some(Object::Socket(socket)) => Ok(socket),
            Some(_) => Err(Errno::ENOTSOCK),
            None => Err(Errno::EBADF),
        }
    }

    /// Whether programs redirect data to the sockets.
    fn redirects(&self) -> bool {
        matches!(self.map_type, MapType::SOCKMAP | MapType::SOCKHASH)
    }

    /// Whether maps of this type take a socket.
    fn accepts(&self, kernel: &Kernel, socket: &SocketObject) -> Result<(), Errno> {
        use SocketKind::{Tcp, Udp, Unix, Xdp};
        let has = |change| kernel.machine.has(change);
        match (self.map_type, socket.kind) {
            (MapType::XSKMAP, Xdp) => Ok(()),
            // Only those that share a port may be chosen.
            (MapType::REUSEPORT_SOCKARRAY, Tcp | Udp) if !socket.is_in_group() => {
                Err(Errno::EINVAL)
            }
            (MapType::REUSEPORT_SOCKARRAY, Tcp | Udp) => Ok(()),
            (MapType::REUSEPORT_SOCKARRAY, _) => Err(Errno::ENOTSUPP),
            (MapType::SOCKMAP | MapType::SOCKHASH, Tcp) => Ok(()),
            (MapType::SOCKMAP | MapType::SOCKHASH, Udp) if has(Change::DatagramSockets) => Ok(()),
            (MapType::SOCKMAP | MapType::SOCKHASH, Unix) if has(Change::UnixSockets) => Ok(()),
            _ => Err(Errno::EOPNOTSUPP),
        }
    }

    fn get(&self, key: &[u8]) -> Option<Arc<SocketObject>> {
        self.sockets.read().get(key)?.open()
    }
}

/// A socket's place in a map.
#[derive(Debug)]
struct Place {
    socket: Weak<SocketObject>,
    /// Whether the socket is taken for it, and the programs that act on it there.
    taken: Option<Taken>,
}

#[derive(Debug)]
enum Taken {
    /// For an array of sockets that share a port.
    Array,
    /// For a map that takes data over.
    Map(Arc<SockmapPrograms>),
}

impl Place {
    /// The socket, if it is open.
    fn open(&self) -> Option<Arc<SocketObject>> {
        self.socket.upgrade().filter(|socket| socket.is_open())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        match (self.socket.upgrade(), &self.taken) {
            (Some(socket), Some(Taken::Array)) => socket.release(),
            (Some(socket), Some(Taken::Map(programs))) => socket.leave_map(programs),
            _ => {}
        }
    }
}

impl Storage for Sockets {
    fn redirect_target(&self, key: &[u8]) -> Option<RedirectTarget> {
        self.get(key).map(RedirectTarget::Socket)
    }

    fn socket(&self, key: &[u8]) -> Option<Arc<SocketObject>> {
        self.get(key)
    }

    fn leads_somewhere(&self, key: &[u8]) -> bool {
        self.get(key).is_some()
    }

    fn lookup(&self, key: &[u8], value: &mut [u8], _: LookupFlags) -> Result<(), Errno> {
        if !self.read {
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
        let redirects = self.redirects();
        let named = redirects.then(|| {
            let socket = self.named(kernel, value)?;
            self.accepts(kernel, &socket).map(|()| socket)
        });
        let named = named.transpose()?;
        if flags.0 > UpdateFlags::EXIST.0 {
            return Err(Errno::EINVAL);
        }
        if self.is_past_the_end(key) {
            return Err(Errno::E2BIG);
        }
        let socket = match named {
            Some(socket) => socket,
            None => self.named(kernel, value)?,
        };
        if redirects && !socket.is_fit_for_maps() {
            return Err(Errno::EOPNOTSUPP);
        }
        self.put_socket(kernel, key, &socket, flags)
    }

    fn put_socket(
        &self,
        kernel: &Kernel,
        key: &[u8],
        socket: &Arc<SocketObject>,
        flags: UpdateFlags,
    ) -> Result<(), Errno> {
        if flags.0 > UpdateFlags::EXIST.0 {
            return Err(Errno::EINVAL);
        }
        if self.is_past_the_end(key) {
            return Err(Errno::E2BIG);
        }
        let mut sockets = self.sockets.write();
        sockets.retain(|place| place.open().is_some());
        let there = sockets.get(key).is_some();
        let by_condition = match (there, flags) {
            (true, UpdateFlags::NO_EXIST) => Err(Errno::EEXIST),
            (false, UpdateFlags::EXIST) => Err(Errno::ENOENT),
            _ => Ok(()),
        };
        let taken = match self.map_type {
            MapType::REUSEPORT_SOCKARRAY => {
                by_condition?;
                self.accepts(kernel, socket)?;
                socket.take()?;
                Some(Taken::Array)
            }
            MapType::XSKMAP => {
                self.accepts(kernel, socket)?;
                None
            }
            _ => {
                socket.join_map(&self.programs)?;
                Some(Taken::Map(self.programs.clone()))
            }
        };
        let place = Place {
            socket: Arc::downgrade(socket),
            taken,
        };
        by_condition?;
        if !there && sockets.len() as u64 >= u64::from(self.most) {
            return Err(Errno::E2BIG);
        }
        let bucket = jhash(key, 0) & chains::mask(self.most);
        let old = sockets.insert(bucket, key.into(), place);
        drop(sockets);
        drop(old);
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
        let old = self.sockets.write().remove(key);
        drop(old);
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
        let mut sockets = self.sockets.write();
        sockets.retain(|place| place.open().is_some());
        let key = sockets.next(after).ok_or(Errno::ENOENT)?;
        next.copy_from_slice(key);
        Ok(())
    }

    fn sockmap_programs(&self) -> Option<&SockmapPrograms> {
        let has = matches!(self.map_type, MapType::SOCKMAP | MapType::SOCKHASH);
        has.then_some(&self.programs)
    }

    fn charge(&self) -> u64 {
        u64::from(self.most) * 8
    }
}
