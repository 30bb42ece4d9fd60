//! The verbs of maps: everything that can be said with the calls of [`Map`].

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use zerocopy::IntoBytes;

use super::bulk::{self, Rows};
use super::walk::{Job, Walk};
use super::{
    BatchError, Drain, Keys, LookupFlags, Map, MapError, Pairs, PerCpuMap, Plain, TypedMap,
    UpdateFlags,
};
use crate::Program;
use crate::codec::{
    Cidr, CodecError, LpmKey, c_str, fixed_bytes, fixed_str, flexible_bytes, flexible_uint,
    percpu_replicate, percpu_sum,
};
use crate::system::Handle;

/// The verbs of maps, for every map.
///
/// Keys and values are bytes here: see [`typed`](MapExt::typed) and [`per_cpu`](MapExt::per_cpu) for Rust types, and
/// [`key`](MapExt::key) and [`value`](MapExt::value) for bytes of numbers, text and addresses.
///
/// ```no_run
/// use ebpf_core::codec::flexible_uint;
/// use ebpf_core::{MapExt, map::{Map, MapError}};
///
/// fn busiest_port(ports: &dyn Map) -> Result<Option<u64>, MapError> {
///     ports.upsert(&ports.key(443)?, &ports.value(0)?)?;
///     let mut busiest = None;
///     for pair in ports.pairs() {
///         let (port, packets) = pair?;
///         busiest = busiest.max(Some((flexible_uint(&packets).ok(), flexible_uint(&port).ok())));
///     }
///     Ok(busiest.and_then(|(_, port)| port))
/// }
/// ```
pub trait MapExt: Map {
    /// The value under `key`; for per-CPU maps those of all CPUs, each rounded up to 8 bytes.
    ///
    /// Arrays have a value under each index below `max_entries`. A map of maps or programs gives ids (of 4 bytes).
    ///
    /// # Errors
    /// As [`Map::lookup_elem`].
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, MapError> {
        let mut value = vec![0; self.info().transfer_size()];
        let found = self.lookup_elem(key, &mut value, LookupFlags::NONE)?;
        Ok(found.then_some(value))
    }

    /// The value under `key` as an unsigned integer of 1 to 8 bytes; for per-CPU maps the sum over all possible CPUs,
    /// which wraps at 64 bits.
    ///
    /// # Errors
    /// As [`Map::lookup_elem`], and [`MapError::Codec`] for values of more than 8 bytes.
    fn get_uint(&self, key: &[u8]) -> Result<Option<u64>, MapError> {
        let info = self.info();
        let Some(value) = self.get(key)? else {
            return Ok(None);
        };
        let number = match info.map_type.is_per_cpu() {
            true => percpu_sum(&value, info.value_size as usize),
            false => flexible_uint(&value),
        };
        number
            .map(Some)
            .map_err(|source| codec_error(self, "value", source))
    }

    /// The value under `key` as text up to the first NUL, or the whole value if there is none; what is no UTF-8 shows as
    /// `U+FFFD`.
    ///
    /// # Errors
    /// As [`Map::lookup_elem`], and [`MapError::Unsupported`] for per-CPU maps, which have many values.
    fn get_str(&self, key: &[u8]) -> Result<Option<String>, MapError> {
        let info = self.info();
        if info.map_type.is_per_cpu() {
            return Err(MapError::Unsupported {
                op: "get_str",
                map: info.name.clone(),
                map_type: info.map_type,
            });
        }
        Ok(self.get(key)?.map(|value| c_str(&value).into_owned()))
    }

    /// Whether there is an element under `key`.
    ///
    /// # Errors
    /// As [`Map::lookup_elem`].
    fn contains(&self, key: &[u8]) -> Result<bool, MapError> {
        self.get(key).map(|value| value.is_some())
    }

    /// Writes an element that must not be there yet.
    ///
    /// Types of which [`MapType::takes_any_only`](super::MapType::takes_any_only) speaks know no such condition: there
    /// `insert` and `update` mean the same as `upsert`. Elements of an array always exist, so that `insert` fails.
    ///
    /// # Errors
    /// As [`Map::update_elem`]; `EEXIST` when the key is there.
    fn insert(&self, key: &[u8], value: &[u8]) -> Result<(), MapError> {
        self.update_elem(key, value, condition(self, UpdateFlags::NO_EXIST))
    }

    /// Writes an element that must be there already; see [`insert`](MapExt::insert) for types without conditions.
    ///
    /// # Errors
    /// As [`Map::update_elem`]; `ENOENT` when the key is not there.
    fn update(&self, key: &[u8], value: &[u8]) -> Result<(), MapError> {
        self.update_elem(key, value, condition(self, UpdateFlags::EXIST))
    }

    /// Writes an element, whether it is there or not.
    ///
    /// # Errors
    /// As [`Map::update_elem`].
    fn upsert(&self, key: &[u8], value: &[u8]) -> Result<(), MapError> {
        self.update_elem(key, value, UpdateFlags::ANY)
    }

    /// Deletes the element under `key`; whether there was one.
    ///
    /// # Errors
    /// As [`Map::delete_elem`].
    fn remove(&self, key: &[u8]) -> Result<bool, MapError> {
        self.delete_elem(key)
    }

    /// Takes the element under `key` out of the map.
    ///
    /// # Errors
    /// As [`Map::lookup_and_delete_elem`].
    fn take(&self, key: &[u8]) -> Result<Option<Vec<u8>>, MapError> {
        let mut value = vec![0; self.info().transfer_size()];
        let found = self.lookup_and_delete_elem(key, &mut value, LookupFlags::NONE)?;
        Ok(found.then_some(value))
    }

    /// Puts a map into this map of maps, in the place of what is there.
    ///
    /// # Errors
    /// [`MapError::Foreign`] for a map of another system; else as [`Map::update_elem`], `EINVAL` if `inner` is not
    /// like the template.
    ///
    /// Since Linux 4.12.
    fn insert_map(&self, key: &[u8], inner: &dyn Map) -> Result<(), MapError> {
        self.upsert(key, &reference(self, inner.handle())?)
    }

    /// Puts a program into this program array, in the place of what is there.
    ///
    /// # Errors
    /// [`MapError::Foreign`] for a program of another system; else as [`Map::update_elem`], `EINVAL` if `program` is
    /// not like the others in the array (type, attach type, JIT).
    ///
    /// Since Linux 4.2.
    fn insert_program(&self, key: &[u8], program: &dyn Program) -> Result<(), MapError> {
        self.upsert(key, &reference(self, program.handle())?)
    }

    /// The bytes that `key` is in this map: a number of any width that fits, text padded with NULs, an address, a
    /// network for an LPM trie.
    ///
    /// # Errors
    /// [`MapError::Codec`] if it does not fit.
    fn key(&self, key: impl ToElem) -> Result<Vec<u8>, MapError> {
        key.to_elem(self.info().key_size as usize)
            .map_err(|source| codec_error(self, "key", source))
    }

    /// The bytes that `value` is in this map, as for [`key`](MapExt::key); in a per-CPU map the same for each CPU.
    ///
    /// # Errors
    /// [`MapError::Codec`] if it does not fit.
    fn value(&self, value: impl ToElem) -> Result<Vec<u8>, MapError> {
        let info = self.info();
        let bytes = value.to_elem(info.value_size as usize).and_then(|bytes| {
            match info.map_type.is_per_cpu() {
                true => percpu_replicate(&bytes, info.possible_cpus as usize),
                false => Ok(bytes),
            }
        });
        bytes.map_err(|source| codec_error(self, "value", source))
    }

    /// All elements, read in batches.
    ///
    /// Each comes once. Elements that come or go meanwhile may or may not be met. Where keys are walked one by one (LPM
    /// tries, and hashes before Linux 5.6), the system starts over when the key it stands on is deleted: the walk skips
    /// what it gave already, says so by [`Pairs::disturbed`], and gives up with [`MapError::Disturbed`] when it gets
    /// nowhere. After an error it ends.
    fn pairs(&self) -> Pairs<'_, Self> {
        Pairs(Walk::new(self, Job::Pairs))
    }

    /// All keys; as [`pairs`](MapExt::pairs), and also for maps whose values cannot be read.
    fn keys(&self) -> Keys<'_, Self> {
        Keys(Walk::new(self, Job::Keys))
    }

    /// All elements, in batches that are deleted as they are read.
    ///
    /// What a batch took out of the map but nobody asked for is dropped with the iterator.
    fn drain(&self) -> Drain<'_, Self> {
        Drain(Walk::new(self, Job::Drain))
    }

    /// Visits all elements where they lie in the walk's buffer, without copying them; gives how many there were.
    ///
    /// # Errors
    /// As [`pairs`](MapExt::pairs).
    fn for_each_pair(&self, mut visit: impl FnMut(&[u8], &[u8])) -> Result<usize, MapError> {
        let mut pairs = self.pairs();
        let mut count = 0;
        while let Some((key, value)) = pairs.next_ref()? {
            visit(key, value);
            count += 1;
        }
        Ok(count)
    }

    /// How many elements a walk meets.
    ///
    /// # Errors
    /// As [`keys`](MapExt::keys).
    fn count(&self) -> Result<usize, MapError> {
        let mut keys = self.keys();
        let mut count = 0;
        while keys.next_ref()?.is_some() {
            count += 1;
        }
        Ok(count)
    }

    /// Writes many elements, in batches; gives how many there were.
    ///
    /// # Errors
    /// [`BatchError`] says how many were written before the refusal.
    fn upsert_many<K: AsRef<[u8]>, V: AsRef<[u8]>>(
        &self,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Result<usize, BatchError> {
        let mut rows = Rows::new(self);
        for (key, value) in pairs {
            rows.push(key.as_ref(), value.as_ref())?;
        }
        rows.finish()
    }

    /// Deletes many elements, in batches; gives how many of them were there.
    ///
    /// # Errors
    /// [`BatchError`] says how many were deleted before the refusal.
    fn remove_many<K: AsRef<[u8]>>(
        &self,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<usize, BatchError> {
        let mut bytes = Vec::new();
        for key in keys {
            self.info().check_key(key.as_ref())?;
            bytes.extend_from_slice(key.as_ref());
        }
        bulk::delete_all(self, &bytes)
    }

    /// The map with keys and values of Rust types.
    ///
    /// # Errors
    /// As [`TypedMap::new`].
    fn typed<K: Plain, V: Plain>(self) -> Result<TypedMap<K, V, Self>, MapError>
    where
        Self: Sized,
    {
        TypedMap::new(self)
    }

    /// The map with keys of a Rust type and a value of a Rust type for each possible CPU.
    ///
    /// # Errors
    /// As [`PerCpuMap::new`].
    fn per_cpu<K: Plain, V: Plain>(self) -> Result<PerCpuMap<K, V, Self>, MapError>
    where
        Self: Sized,
    {
        PerCpuMap::new(self)
    }
}

impl<M: Map + ?Sized> MapExt for M {}

/// `flags`, or none for the types that know no conditions.
pub(super) fn condition<M: Map + ?Sized>(map: &M, flags: UpdateFlags) -> UpdateFlags {
    if map.info().map_type.takes_any_only() {
        UpdateFlags::ANY
    } else {
        flags
    }
}

/// The value that refers to an object of the map's own system.
pub(super) fn reference<M: Map + ?Sized>(map: &M, object: Handle) -> Result<[u8; 4], MapError> {
    let raw = object.raw_in(map.handle().system());
    raw.map(u32::to_ne_bytes)
        .map_err(|source| MapError::Foreign {
            map: map.info().name.clone(),
            source,
        })
}

fn codec_error<M: Map + ?Sized>(map: &M, what: &'static str, source: CodecError) -> MapError {
    MapError::Codec {
        map: map.info().name.clone(),
        what,
        source,
    }
}

/// What can become a key or a value of a map that is known only by its sizes.
pub trait ToElem {
    /// Its form in `width` bytes.
    ///
    /// Numbers fit if their value does, with the sign extended; text, bytes and addresses are padded with zeros behind;
    /// a [`Cidr`] is the key of an LPM trie; a structure of [`plain!`](crate::plain) has to be as long as its place.
    ///
    /// # Errors
    /// [`CodecError`] if it does not fit.
    fn to_elem(&self, width: usize) -> Result<Vec<u8>, CodecError>;
}

impl<T: ToElem + ?Sized> ToElem for &T {
    fn to_elem(&self, width: usize) -> Result<Vec<u8>, CodecError> {
        (**self).to_elem(width)
    }
}

macro_rules! to_elem {
    ($($Type:ty: $it:ident, $width:ident => $bytes:expr;)*) => {$(
        impl ToElem for $Type {
            fn to_elem(&self, $width: usize) -> Result<Vec<u8>, CodecError> {
                let $it = self;
                $bytes
            }
        }
    )*};
}

to_elem! {
    bool: it, width => flexible_bytes(*it, width);
    u8: it, width => flexible_bytes(*it, width);
    u16: it, width => flexible_bytes(*it, width);
    u32: it, width => flexible_bytes(*it, width);
    u64: it, width => flexible_bytes(*it, width);
    usize: it, width => flexible_bytes(*it as u64, width);
    i8: it, width => flexible_bytes(*it, width);
    i16: it, width => flexible_bytes(*it, width);
    i32: it, width => flexible_bytes(*it, width);
    i64: it, width => flexible_bytes(*it, width);
    i128: it, width => flexible_bytes(*it, width);
    isize: it, width => flexible_bytes(*it as i64, width);
    str: it, width => fixed_str(it, width);
    String: it, width => fixed_str(it, width);
    [u8]: it, width => fixed_bytes(it, width);
    Vec<u8>: it, width => fixed_bytes(it, width);
    Ipv4Addr: it, width => fixed_bytes(&it.octets(), width);
    Ipv6Addr: it, width => fixed_bytes(&it.octets(), width);
    Cidr: it, width => it.key_bytes(width);
    IpAddr: it, width => match it {
        IpAddr::V4(it) => it.to_elem(width),
        IpAddr::V6(it) => it.to_elem(width),
    };
}

impl<const N: usize> ToElem for [u8; N] {
    fn to_elem(&self, width: usize) -> Result<Vec<u8>, CodecError> {
        fixed_bytes(self, width)
    }
}

impl<const N: usize> ToElem for LpmKey<N> {
    fn to_elem(&self, width: usize) -> Result<Vec<u8>, CodecError> {
        fixed_bytes(self.as_bytes(), width)
    }
}
