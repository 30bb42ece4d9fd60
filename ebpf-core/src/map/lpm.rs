//! Longest-prefix-match tries of IP networks.

use std::fmt;
use std::marker::PhantomData;
use std::net::IpAddr;
use std::sync::Arc;

use zerocopy::IntoBytes;

use super::array::expect_type;
use super::bulk::{self, Rows};
use super::typed::read;
use super::walk::{Job, Walk};
use super::{BatchError, LookupFlags, Map, MapError, MapInfo, MapType, Plain, UpdateFlags, layout};
use crate::codec::{Cidr, CodecError, LpmKeyV4, LpmKeyV6};

/// A trie that finds the narrowest network that an address is in, with a value `V` for each network.
///
/// The map's keys are `struct { __u32 prefixlen; __u8 addr[4]; }` for IPv4, or with `addr[16]` for IPv6. In the latter an
/// IPv4 network takes the first four bytes of the address, and so comes back as an IPv6 one.
///
/// ```no_run
/// use std::sync::Arc;
/// use ebpf_core::map::{LpmTrie, Map};
///
/// fn block(rules: Arc<dyn Map>) -> Result<(), Box<dyn std::error::Error>> {
///     let rules: LpmTrie<u32> = LpmTrie::new(rules)?;
///     rules.upsert("192.0.2.0/24".parse()?, &1)?;
///     assert_eq!(rules.get("192.0.2.77".parse()?)?, Some(1));
///     Ok(())
/// }
/// ```
///
/// Since Linux 4.11. kernel/bpf/lpm_trie.c.
pub struct LpmTrie<V, M = Arc<dyn Map>> {
    map: M,
    types: PhantomData<fn() -> V>,
}

impl<V: Plain, M: Map> LpmTrie<V, M> {
    /// The map as a trie of networks.
    ///
    /// # Errors
    /// [`MapError::View`] for maps of other types and tries of other keys, [`MapError::Layout`] if `V` differs from the
    /// map's values.
    pub fn new(map: M) -> Result<LpmTrie<V, M>, MapError> {
        let info = map.info();
        let (view, wants) = (
            "`LpmTrie`",
            "LPM tries with keys of 8 (IPv4) or 20 bytes (IPv6)",
        );
        expect_type(info, view, &[MapType::LPM_TRIE], wants)?;
        if !matches!(info.key_size as usize, V4 | V6) {
            let (map, map_type) = (info.name.clone(), info.map_type);
            return Err(MapError::View {
                map,
                map_type,
                view,
                wants,
            });
        }
        layout::check_value::<V>(info)?;
        Ok(LpmTrie {
            map,
            types: PhantomData,
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

    /// The value of the narrowest network that `addr` is in; `None` if it is in none.
    ///
    /// # Errors
    /// As [`Map::lookup_elem`]; [`MapError::Codec`] for an IPv6 address in a trie of IPv4 networks.
    pub fn get(&self, addr: IpAddr) -> Result<Option<V>, MapError> {
        self.get_covering(addr.into())
    }

    /// The value of the narrowest network that contains the whole of `network`: its own or that of a wider one.
    ///
    /// # Errors
    /// As [`LpmTrie::get`].
    pub fn get_covering(&self, network: Cidr) -> Result<Option<V>, MapError> {
        let mut value = V::new_zeroed();
        let key = self.key(network)?;
        let found = self
            .map
            .lookup_elem(key.bytes(), value.as_mut_bytes(), LookupFlags::NONE)?;
        Ok(found.then_some(value))
    }

    /// Adds a network that must not be there yet.
    ///
    /// # Errors
    /// As [`Map::update_elem`]; `EEXIST` when it is there (before Linux 6.13, and the fix in older series, its value is
    /// replaced without a word), `ENOSPC` when the map is full; [`MapError::Codec`] for an IPv6
    /// network in a trie of IPv4 networks.
    pub fn insert(&self, network: Cidr, value: &V) -> Result<(), MapError> {
        self.set_with(network, value, UpdateFlags::NO_EXIST)
    }

    /// Writes the value of a network that must be there already.
    ///
    /// # Errors
    /// As [`LpmTrie::insert`]; `ENOENT` when it is not there (before Linux 6.13, and the fix in older series, it is added).
    pub fn update(&self, network: Cidr, value: &V) -> Result<(), MapError> {
        self.set_with(network, value, UpdateFlags::EXIST)
    }

    /// Writes the value of a network, whether it is there or not.
    ///
    /// # Errors
    /// As [`LpmTrie::insert`]. Before Linux 6.13, and the fix in older series, a full map says `ENOSPC` of a network that is
    /// there too.
    pub fn upsert(&self, network: Cidr, value: &V) -> Result<(), MapError> {
        self.set_with(network, value, UpdateFlags::ANY)
    }

    fn set_with(&self, network: Cidr, value: &V, flags: UpdateFlags) -> Result<(), MapError> {
        self.map
            .update_elem(self.key(network)?.bytes(), value.as_bytes(), flags)
    }

    /// Deletes exactly this network; whether it was there.
    ///
    /// # Errors
    /// As [`Map::delete_elem`]; [`MapError::Codec`] for an IPv6 network in a trie of IPv4 networks.
    pub fn remove(&self, network: Cidr) -> Result<bool, MapError> {
        self.map.delete_elem(self.key(network)?.bytes())
    }

    /// All networks and their values; see [`MapExt::pairs`](super::MapExt::pairs) for what a walk promises.
    ///
    /// Since Linux 4.16.
    pub fn pairs(&self) -> LpmPairs<'_, V, M> {
        LpmPairs {
            walk: Walk::new(&self.map, Job::Pairs),
            types: PhantomData,
        }
    }

    /// Writes many networks, whether they are there or not, in batches; gives how many there were.
    ///
    /// # Errors
    /// [`BatchError`] says how many were written before the refusal.
    pub fn upsert_many(
        &self,
        networks: impl IntoIterator<Item = (Cidr, V)>,
    ) -> Result<usize, BatchError> {
        let mut rows = Rows::new(&self.map);
        for (network, value) in networks {
            rows.push(self.key(network)?.bytes(), value.as_bytes())?;
        }
        rows.finish()
    }

    /// Deletes many networks; gives how many of them were there.
    ///
    /// # Errors
    /// [`BatchError`] says how many were deleted before the refusal.
    pub fn remove_many(
        &self,
        networks: impl IntoIterator<Item = Cidr>,
    ) -> Result<usize, BatchError> {
        let mut keys = Vec::new();
        for network in networks {
            keys.extend_from_slice(self.key(network)?.bytes());
        }
        bulk::delete_all(&self.map, &keys)
    }

    fn key(&self, network: Cidr) -> Result<Key, MapError> {
        let info = self.info();
        Key::new(network, info.key_size as usize).map_err(|source| MapError::Codec {
            map: info.name.clone(),
            what: "key",
            source,
        })
    }
}

impl<V, M: fmt::Debug> fmt::Debug for LpmTrie<V, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LpmTrie").field(&self.map).finish()
    }
}

impl<V, M: Clone> Clone for LpmTrie<V, M> {
    fn clone(&self) -> Self {
        LpmTrie {
            map: self.map.clone(),
            types: PhantomData,
        }
    }
}

/// The networks of a trie: see [`LpmTrie::pairs`].
#[derive(Debug)]
pub struct LpmPairs<'m, V, M: Map> {
    walk: Walk<'m, M>,
    types: PhantomData<fn() -> V>,
}

impl<V, M: Map> LpmPairs<'_, V, M> {
    /// Whether the walk had to start over so far, because a network that it stood on was deleted.
    pub fn disturbed(&self) -> bool {
        self.walk.disturbed()
    }
}

impl<V: Plain, M: Map> Iterator for LpmPairs<'_, V, M> {
    type Item = Result<(Cidr, V), MapError>;

    fn next(&mut self) -> Option<Self::Item> {
        let info = self.walk.info();
        let pair = self.walk.next().transpose()?;
        Some(pair.and_then(|(key, value)| Ok((network(info, key)?, read(info, "value", value)?))))
    }
}

const V4: usize = size_of::<LpmKeyV4>();
const V6: usize = size_of::<LpmKeyV6>();

/// A key of either size, on the stack: what the longer one starts with is the shorter one.
struct Key {
    key: LpmKeyV6,
    size: usize,
}

impl Key {
    fn new(network: Cidr, size: usize) -> Result<Key, CodecError> {
        let data = match network.addr() {
            IpAddr::V4(addr) => (u128::from(addr.to_bits()) << 96).to_be_bytes(),
            IpAddr::V6(_) if size < V6 => {
                return Err(CodecError::LpmKeySize {
                    key_size: size,
                    needed: V6,
                });
            }
            IpAddr::V6(addr) => addr.octets(),
        };
        Ok(Key {
            key: LpmKeyV6::new(data, network.prefix_len())?,
            size,
        })
    }

    fn bytes(&self) -> &[u8] {
        let bytes = self.key.as_bytes();
        bytes.get(..self.size).unwrap_or(bytes)
    }
}

/// The network that a key of the map means.
fn network(info: &MapInfo, key: &[u8]) -> Result<Cidr, MapError> {
    let network = if info.key_size as usize == V4 {
        let key: LpmKeyV4 = read(info, "key", key)?;
        Cidr::new(key.addr().into(), key.prefix_len())
    } else {
        let key: LpmKeyV6 = read(info, "key", key)?;
        Cidr::new(key.addr().into(), key.prefix_len())
    };
    network.map_err(|source| MapError::Codec {
        map: info.name.clone(),
        what: "key",
        source,
    })
}
