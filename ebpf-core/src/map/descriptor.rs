//! Maps whose values or keys are descriptors of things that are not objects of bpf(2): sockets, cgroups, files, tasks.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use zerocopy::IntoBytes;

use super::array::expect_type;
use super::ext::reference;
use super::{LookupFlags, Map, MapError, MapInfo, MapType, Plain, TypedMap, UpdateFlags, layout};
use crate::Errno;
use crate::hook::Descriptor;

/// A map of sockets by keys `K`: a sockmap, a sockhash, a map of a reuseport group's or of AF_XDP sockets.
///
/// A socket is whatever is [`AsFd`](std::os::fd::AsFd), or a socket of a simulated system. The map does not keep it open:
/// a socket that is closed leaves the map by itself.
///
/// ```no_run
/// # #[cfg(unix)]
/// fn steer(map: std::sync::Arc<dyn ebpf_core::Map>) -> Result<(), Box<dyn std::error::Error>> {
///     use ebpf_core::map::SocketMap;
///     let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
///     SocketMap::<u32>::new(map)?.upsert(&0, &listener)?;
///     # Ok(())
/// }
/// ```
///
/// | map | what it takes |
/// |---|---|
/// | `sockmap`, `sockhash` | TCP, UDP, Unix and VSOCK sockets, connected or listening as their kind demands |
/// | `reuseport_sockarray` | UDP and TCP sockets with `SO_REUSEPORT` that are bound; each in one such map only (`EBUSY`) |
/// | `xskmap` | AF_XDP sockets, by the number of their queue |
///
/// Since Linux 4.14 (sockmap), 4.18 (sockhash, xskmap), 4.19 (reuseport). net/core/sock_map.c, net/xdp/xskmap.c,
/// kernel/bpf/reuseport_array.c.
pub struct SocketMap<K, M = Arc<dyn Map>> {
    map: M,
    keys: PhantomData<fn(K)>,
}

impl<K: Plain, M: Map> SocketMap<K, M> {
    /// The map as one of sockets with keys `K`: `u32` for all but the sockhash.
    ///
    /// # Errors
    /// [`MapError::View`] for maps of other types, [`MapError::Layout`] if `K` differs from the map's keys.
    pub fn new(map: M) -> Result<SocketMap<K, M>, MapError> {
        let types = [
            MapType::SOCKMAP,
            MapType::SOCKHASH,
            MapType::REUSEPORT_SOCKARRAY,
            MapType::XSKMAP,
        ];
        let info = map.info();
        expect_type(info, "`SocketMap`", &types, "maps of sockets")?;
        layout::check_key::<K>(info)?;
        Ok(SocketMap {
            map,
            keys: PhantomData,
        })
    }

    /// The map itself.
    pub fn map(&self) -> &M {
        &self.map
    }

    /// What cannot change while the map exists.
    pub fn info(&self) -> &MapInfo {
        self.map.info()
    }

    /// The cookie of the socket under `key`, the number by which the system knows it (`SO_COOKIE`); `None` without one.
    ///
    /// # Errors
    /// As [`Map::lookup_elem`]; `ENOSPC` if the map's values have 4 bytes, which hold no cookie, and `EOPNOTSUPP` for maps
    /// of AF_XDP sockets.
    ///
    /// Since Linux 5.6 (reuseport 4.19).
    pub fn cookie(&self, key: &K) -> Result<Option<u64>, MapError> {
        let mut value = [0; 8];
        let size = self.info().value_size as usize;
        let told = value.get_mut(..size).unwrap_or_default();
        let found = self
            .map
            .lookup_elem(key.as_bytes(), told, LookupFlags::NONE)?;
        Ok(found.then_some(u64::from_ne_bytes(value)))
    }

    /// Puts a socket under a key where no socket is yet.
    ///
    /// # Errors
    /// [`MapError::Foreign`] for a socket of another system; else as [`Map::update_elem`]: `EEXIST` when there is a socket,
    /// `ENOTSOCK` for what is none, `EOPNOTSUPP` or `EINVAL` for a socket of the wrong kind or state.
    pub fn insert<'s>(&self, key: &K, socket: impl Into<Descriptor<'s>>) -> Result<(), MapError> {
        self.write(key, socket.into(), UpdateFlags::NO_EXIST)
    }

    /// Puts a socket in the place of the one under a key.
    ///
    /// # Errors
    /// As [`SocketMap::insert`], but `ENOENT` when there is no socket.
    pub fn update<'s>(&self, key: &K, socket: impl Into<Descriptor<'s>>) -> Result<(), MapError> {
        self.write(key, socket.into(), UpdateFlags::EXIST)
    }

    /// Puts a socket under a key, whether one is there or not.
    ///
    /// # Errors
    /// As [`SocketMap::insert`], without `EEXIST`.
    pub fn upsert<'s>(&self, key: &K, socket: impl Into<Descriptor<'s>>) -> Result<(), MapError> {
        self.write(key, socket.into(), UpdateFlags::ANY)
    }

    /// Takes the socket under `key` out of the map; whether there was one, which a map of AF_XDP sockets does not tell.
    ///
    /// # Errors
    /// As [`Map::delete_elem`].
    pub fn remove(&self, key: &K) -> Result<bool, MapError> {
        match self.map.delete_elem(key.as_bytes()) {
            // What a sockmap says of an empty place.
            Err(error)
                if self.info().map_type == MapType::SOCKMAP
                    && error.errno() == Some(Errno::EINVAL) =>
            {
                Ok(false)
            }
            removed => removed,
        }
    }

    fn write(&self, key: &K, socket: Descriptor<'_>, flags: UpdateFlags) -> Result<(), MapError> {
        let raw = reference(&self.map, socket.handle())?;
        let wide = u64::from(u32::from_ne_bytes(raw)).to_ne_bytes();
        let value = if self.info().value_size == 8 {
            &wide[..]
        } else {
            &raw[..]
        };
        self.map.update_elem(key.as_bytes(), value, flags)
    }
}

impl<K, M: fmt::Debug> fmt::Debug for SocketMap<K, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SocketMap").field(&self.map).finish()
    }
}

impl<K, M: Clone> Clone for SocketMap<K, M> {
    fn clone(&self) -> Self {
        SocketMap {
            map: self.map.clone(),
            keys: PhantomData,
        }
    }
}

/// Values `V` that live with a socket, an inode, a task or a cgroup, and are gone with it.
///
/// | map | a key is a descriptor of |
/// |---|---|
/// | `sk_storage` | a socket |
/// | `inode_storage` | any open file, for its inode |
/// | `task_storage` | a process (`pidfd_open`) |
/// | `cgrp_storage` | a cgroup's directory |
///
/// Since Linux 5.2 (sockets), 5.10 (inodes), 5.11 (tasks), 6.2 (cgroups). kernel/bpf/bpf_local_storage.c.
pub struct LocalStorage<V, M = Arc<dyn Map>>(TypedMap<[u8; 4], V, M>);

impl<V: Plain, M: Map> LocalStorage<V, M> {
    /// The map as storage of values `V`.
    ///
    /// # Errors
    /// [`MapError::View`] for maps of other types, [`MapError::Layout`] if `V` differs from the map's values.
    pub fn new(map: M) -> Result<LocalStorage<V, M>, MapError> {
        let types = [
            MapType::SK_STORAGE,
            MapType::INODE_STORAGE,
            MapType::TASK_STORAGE,
            MapType::CGRP_STORAGE,
        ];
        expect_type(map.info(), "`LocalStorage`", &types, "local storage")?;
        TypedMap::new(map).map(LocalStorage)
    }

    /// The map itself.
    pub fn map(&self) -> &M {
        self.0.map()
    }

    /// What cannot change while the map exists.
    pub fn info(&self) -> &MapInfo {
        self.0.info()
    }

    /// The value that lives with `owner`.
    ///
    /// # Errors
    /// [`MapError::Foreign`] for an owner of another system; else as [`Map::lookup_elem`].
    pub fn get<'o>(&self, owner: impl Into<Descriptor<'o>>) -> Result<Option<V>, MapError> {
        self.0.get(&self.key(owner.into())?)
    }

    /// Gives `owner` a value where it has none.
    ///
    /// # Errors
    /// As [`LocalStorage::get`] and [`Map::update_elem`]; `EEXIST` when it has one.
    pub fn insert<'o>(&self, owner: impl Into<Descriptor<'o>>, value: &V) -> Result<(), MapError> {
        self.0.insert(&self.key(owner.into())?, value)
    }

    /// Gives `owner` a value in the place of the one that it has.
    ///
    /// # Errors
    /// As [`LocalStorage::insert`], but `ENOENT` when it has none.
    pub fn update<'o>(&self, owner: impl Into<Descriptor<'o>>, value: &V) -> Result<(), MapError> {
        self.0.update(&self.key(owner.into())?, value)
    }

    /// Gives `owner` a value, whether it has one or not.
    ///
    /// # Errors
    /// As [`LocalStorage::insert`], without `EEXIST`.
    pub fn upsert<'o>(&self, owner: impl Into<Descriptor<'o>>, value: &V) -> Result<(), MapError> {
        self.0.upsert(&self.key(owner.into())?, value)
    }

    /// Deletes the value of `owner`; whether it had one.
    ///
    /// # Errors
    /// As [`LocalStorage::get`].
    pub fn remove<'o>(&self, owner: impl Into<Descriptor<'o>>) -> Result<bool, MapError> {
        self.0.remove(&self.key(owner.into())?)
    }

    fn key(&self, owner: Descriptor<'_>) -> Result<[u8; 4], MapError> {
        reference(self.0.map(), owner.handle())
    }
}

impl<V, M: fmt::Debug> fmt::Debug for LocalStorage<V, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LocalStorage").field(&self.0).finish()
    }
}

impl<V, M: Clone> Clone for LocalStorage<V, M> {
    fn clone(&self) -> Self {
        LocalStorage(self.0.clone())
    }
}

/// An array of cgroups, which programs ask whether a task or a packet belongs to one of them
/// (`bpf_current_task_under_cgroup`, `bpf_skb_under_cgroup`).
///
/// The map keeps the cgroup's memory, not its directory. Which cgroup is in a place cannot be read back.
///
/// Since Linux 4.8. `cgroup_array_map_ops` in kernel/bpf/arraymap.c.
#[derive(Clone, Debug)]
pub struct CgroupArray<M = Arc<dyn Map>>(M);

impl<M: Map> CgroupArray<M> {
    /// The map as an array of cgroups.
    ///
    /// # Errors
    /// [`MapError::View`] for maps of other types.
    pub fn new(map: M) -> Result<CgroupArray<M>, MapError> {
        let types = [MapType::CGROUP_ARRAY];
        expect_type(map.info(), "`CgroupArray`", &types, "arrays of cgroups")?;
        Ok(CgroupArray(map))
    }

    /// The map itself.
    pub fn map(&self) -> &M {
        &self.0
    }

    /// What cannot change while the map exists.
    pub fn info(&self) -> &MapInfo {
        self.0.info()
    }

    /// How many places there are.
    pub fn len(&self) -> u32 {
        self.info().max_entries
    }

    /// Whether there are none, which no system allows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Puts a cgroup, by its directory, at `index`, in the place of what is there.
    ///
    /// # Errors
    /// [`MapError::Foreign`] for a cgroup of another system; else as [`Map::update_elem`], `EBADF` for what is no directory
    /// of a cgroup of version 2.
    pub fn set<'c>(&self, index: u32, cgroup: impl Into<Descriptor<'c>>) -> Result<(), MapError> {
        let cgroup = reference(&self.0, cgroup.into().handle())?;
        self.0
            .update_elem(index.as_bytes(), &cgroup, UpdateFlags::ANY)
    }

    /// Empties the place at `index`; whether there was a cgroup.
    ///
    /// # Errors
    /// As [`Map::delete_elem`].
    pub fn remove(&self, index: u32) -> Result<bool, MapError> {
        self.0.delete_elem(index.as_bytes())
    }
}
