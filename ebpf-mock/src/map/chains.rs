//! Elements in buckets, in the order in which the kernel's simple hash tables are walked: bucket by bucket, in each the one that
//! was written last first. `dev_map_hash_get_next_key()` in kernel/bpf/devmap.c, `sock_hash_get_next_key()` in
//! net/core/sock_map.c.

use std::borrow::Borrow;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};

/// Values by key.
#[derive(Debug)]
pub(super) struct Chains<K, V> {
    elements: BTreeMap<K, (Place, V)>,
    order: BTreeMap<Place, K>,
    written: u64,
}

/// A bucket, and how recently the element in it was written.
type Place = (u32, Reverse<u64>);

impl<K, V> Default for Chains<K, V> {
    fn default() -> Chains<K, V> {
        Chains {
            elements: BTreeMap::new(),
            order: BTreeMap::new(),
            written: 0,
        }
    }
}

impl<K: Ord + Clone, V> Chains<K, V> {
    pub(super) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.elements.get(key).map(|(_, value)| value)
    }

    /// The values, in order.
    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.order.values().filter_map(|key| self.get(key))
    }

    pub(super) fn len(&self) -> usize {
        self.elements.len()
    }

    /// Puts a value in front of its bucket, and gives back the one that it replaces.
    pub(super) fn insert(&mut self, bucket: u32, key: K, value: V) -> Option<V> {
        self.written += 1;
        let place = (bucket, Reverse(self.written));
        self.order.insert(place, key.clone());
        let (old, value) = self.elements.insert(key, (place, value))?;
        self.order.remove(&old);
        Some(value)
    }

    pub(super) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let (place, value) = self.elements.remove(key)?;
        self.order.remove(&place);
        Some(value)
    }

    /// Keeps what `wanted` wants.
    pub(super) fn retain(&mut self, wanted: impl Fn(&V) -> bool) {
        let order = &mut self.order;
        self.elements.retain(|_, (place, value)| {
            let kept = wanted(value);
            if !kept {
                order.remove(place);
            }
            kept
        });
    }

    /// The key after one; after one that is not there, or none, the first.
    pub(super) fn next<Q: Ord + ?Sized>(&self, after: Option<&Q>) -> Option<&K>
    where
        K: Borrow<Q>,
    {
        let from = match after.and_then(|key| self.elements.get(key)) {
            Some((place, _)) => Excluded(*place),
            None => Unbounded,
        };
        let (_, key) = self.order.range((from, Unbounded)).next()?;
        Some(key)
    }
}

/// How many buckets a table for so many elements has, less one.
pub(super) fn mask(max_entries: u32) -> u32 {
    max_entries
        .checked_next_power_of_two()
        .map_or(u32::MAX, |buckets| buckets.saturating_sub(1))
}
