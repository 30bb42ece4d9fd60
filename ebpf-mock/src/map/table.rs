//! The hash table behind every map with keys of any kind: which slot a key has.
//!
//! Shaped after the kernel's: a fixed number of buckets, lists that lookups walk without a lock, updates that put a new
//! slot in front of the old one before they take the old one out. A slot that was given back is used again at once, also
//! while a lookup stands on it; the end of each list says which bucket it is of, so that a lookup that was carried into
//! another list starts over.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use ebpf_core::Errno;
use ebpf_core::map::UpdateFlags;
use parking_lot::{Mutex, MutexGuard};

use super::Buckets;
use super::jhash::jhash;
use crate::memory::{self, Slab};

/// Buckets whose heads are allocated together.
const HEADS: usize = 1024;

/// More buckets than this there are not, however many elements there may be.
const MOST_BUCKETS: u32 = 1 << 20;

/// Locks, each for the buckets of its remainder.
const LOCKS: usize = 64;

/// What ends a list: this bit, and the bucket's number.
const END: u32 = 1 << 31;

/// A place in a list: a slot, or the end.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place(u32);

impl Place {
    const fn end(bucket: u32) -> Place {
        Place(END | bucket)
    }

    /// The slot; at the end `Err` with the bucket whose list it is.
    #[inline]
    const fn slot(self) -> Result<u32, u32> {
        if self.0 & END == 0 {
            Ok(self.0)
        } else {
            Err(self.0 & !END)
        }
    }
}

/// Which slot each key has.
#[derive(Debug)]
pub(crate) struct Table {
    key_size: usize,
    max_entries: u32,
    seed: u64,
    mask: u32,
    heads: Box<[OnceLock<Box<[AtomicU32]>>]>,
    /// For each slot the hash of its key, and the place after it.
    nodes: Slab,
    keys: Slab,
    locks: Box<[Mutex<()>]>,
    count: AtomicU32,
    spare: Mutex<Spare>,
    /// Of tables that evict: which slots were used since the hand last passed.
    used: Option<Box<Slab>>,
}

/// Slots without an element.
#[derive(Debug, Default)]
struct Spare {
    given_back: Vec<u32>,
    /// The first that was never given out.
    fresh: u32,
    /// Where the search for a victim goes on.
    hand: u32,
}

/// What a table does when it is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WhenFull {
    /// New keys are refused.
    Refuse,
    /// An element that was not used of late gives way.
    Evict,
}

impl Table {
    /// A table for `max_entries` keys.
    pub(crate) fn new(key_size: usize, max_entries: u32, seed: u64, when_full: WhenFull) -> Table {
        let buckets = max_entries.min(MOST_BUCKETS).next_power_of_two();
        let slots = slots_for(max_entries);
        let pieces = (buckets as usize).div_ceil(HEADS);
        Table {
            key_size,
            max_entries,
            seed,
            mask: buckets - 1,
            heads: (0..pieces).map(|_| OnceLock::new()).collect(),
            nodes: Slab::new(size_of::<u64>(), slots),
            keys: Slab::new(key_size, slots),
            locks: (0..LOCKS).map(|_| Mutex::new(())).collect(),
            count: AtomicU32::new(0),
            spare: Mutex::new(Spare::default()),
            used: (when_full == WhenFull::Evict)
                .then(|| Box::new(Slab::new(size_of::<u64>(), slots))),
        }
    }

    /// How many slots a table for `max_entries` keys gives numbers to.
    pub(crate) fn slots(&self) -> u64 {
        slots_for(self.max_entries)
    }

    /// How many keys there may be.
    pub(crate) fn max_entries(&self) -> u32 {
        self.max_entries
    }

    /// How many keys there are.
    pub(crate) fn len(&self) -> u32 {
        self.count.load(Ordering::Relaxed)
    }

    /// The slot of a key.
    #[inline]
    pub(crate) fn find(&self, key: &[u8]) -> Option<u32> {
        self.find_hashed(key, self.hash(key))
    }

    #[inline]
    fn find_hashed(&self, key: &[u8], hash: u32) -> Option<u32> {
        let bucket = hash & self.mask;
        loop {
            let mut place = self.head(bucket);
            let end = loop {
                match place.slot() {
                    Err(end) => break end,
                    Ok(slot) => {
                        let (found, next) = self.node(slot);
                        if found == hash && memory::equals(self.keys.slot(slot), key) {
                            return Some(slot);
                        }
                        place = next;
                    }
                }
            };
            if end == bucket {
                return None;
            }
        }
    }

    /// Gives the key a slot whose contents `fill` writes, told the slot it had before. Lookups meet the one or the other.
    pub(crate) fn update(
        &self,
        key: &[u8],
        flags: UpdateFlags,
        fill: impl FnOnce(u32, Option<u32>),
    ) -> Result<(), Errno> {
        let hash = self.hash_with_room(key);
        let bucket = hash & self.mask;
        let _lock = self.lock(bucket);
        let old = self.find_hashed(key, hash);
        allowed(old.is_some(), flags)?;
        if old.is_none() {
            self.count_one_more()?;
        }
        let slot = self.take_spare(key);
        fill(slot, old);
        self.link(bucket, hash, slot);
        if let Some(old) = old {
            self.unlink(bucket, old);
            self.spare.lock().given_back.push(old);
        }
        Ok(())
    }

    /// As [`Table::update`], but a key that is there keeps its slot: `fill` is told whether the slot is new.
    pub(crate) fn update_in_place(
        &self,
        key: &[u8],
        flags: UpdateFlags,
        fill: impl FnOnce(u32, bool),
    ) -> Result<(), Errno> {
        let hash = self.hash_with_room(key);
        let bucket = hash & self.mask;
        let _lock = self.lock(bucket);
        let old = self.find_hashed(key, hash);
        allowed(old.is_some(), flags)?;
        if let Some(old) = old {
            fill(old, false);
            self.touch(old);
            return Ok(());
        }
        self.count_one_more()?;
        let slot = self.take_spare(key);
        fill(slot, true);
        self.link(bucket, hash, slot);
        Ok(())
    }

    /// Takes a key out; `see` is told its slot before that is used again.
    pub(crate) fn remove<R>(&self, key: &[u8], see: impl FnOnce(u32) -> R) -> Option<R> {
        let hash = self.hash(key);
        let bucket = hash & self.mask;
        let _lock = self.lock(bucket);
        let slot = self.find_hashed(key, hash)?;
        Some(self.remove_slot(bucket, slot, see))
    }

    /// Works on a key's slot while nobody changes the key.
    pub(crate) fn with_lock<R>(&self, key: &[u8], work: impl FnOnce(u32) -> R) -> Option<R> {
        let hash = self.hash(key);
        let _lock = self.lock(hash & self.mask);
        self.find_hashed(key, hash).map(work)
    }

    /// The key after `after`, in the order of buckets and lists; after a key that is not there, or none, the first.
    pub(crate) fn next(&self, after: Option<&[u8]>, out: &mut [u8]) -> bool {
        let mut bucket = 0;
        if let Some(key) = after {
            let hash = self.hash(key);
            if let Some(slot) = self.find_hashed(key, hash) {
                let (_, next) = self.node(slot);
                if let Ok(next) = next.slot() {
                    memory::read(self.keys.slot(next), 0, out);
                    return true;
                }
                bucket = (hash & self.mask) + 1;
            }
        }
        while let Some(at) = self.bucket_from(bucket) {
            if let Ok(slot) = self.head(at).slot() {
                memory::read(self.keys.slot(slot), 0, out);
                return true;
            }
            bucket = at + 1;
        }
        false
    }

    /// How many buckets there are.
    pub(crate) fn buckets(&self) -> u32 {
        self.mask + 1
    }

    /// The first bucket from `bucket` on that may have keys.
    fn bucket_from(&self, bucket: u32) -> Option<u32> {
        let mut at = bucket;
        while at <= self.mask {
            let piece = at as usize / HEADS;
            if self.heads.get(piece)?.get().is_some() {
                return Some(at);
            }
            at = u32::try_from((piece + 1) * HEADS).ok()?;
        }
        None
    }

    /// The slots of a bucket, while nobody changes it; `work` may have them removed by returning true.
    fn with_bucket(&self, bucket: u32, work: impl FnOnce(&[u32]) -> bool) {
        let _lock = self.lock(bucket);
        let mut slots = Vec::new();
        let mut place = self.head(bucket);
        while let Ok(slot) = place.slot() {
            slots.push(slot);
            place = self.node(slot).1;
        }
        if work(&slots) {
            for slot in slots {
                self.remove_slot(bucket, slot, |_| ());
            }
        }
    }

    /// Reads whole buckets from one on, as many as fit into `keys`; `read` is told each slot, and which element of the batch
    /// it becomes. They are removed if asked to.
    pub(crate) fn read_buckets(
        &self,
        from: u32,
        delete: bool,
        keys: &mut [u8],
        mut read: impl FnMut(u32, usize),
    ) -> Result<Buckets, Errno> {
        let room = keys.len() / self.key_size;
        let mut count = 0;
        let mut bucket = from;
        while let Some(at) = self.bucket_from(bucket) {
            let mut fits = true;
            self.with_bucket(at, |slots| {
                fits = slots.len() <= room - count;
                if !fits {
                    return false;
                }
                let keys = keys.chunks_mut(self.key_size).skip(count);
                for (n, (slot, key)) in slots.iter().zip(keys).enumerate() {
                    self.key(*slot, key);
                    read(*slot, count + n);
                }
                count += slots.len();
                delete
            });
            match (fits, count) {
                (true, _) => bucket = at + 1,
                (false, 0) => return Err(Errno::ENOSPC),
                (false, _) => {
                    return Ok(Buckets {
                        count,
                        next: Some(at),
                    });
                }
            }
        }
        Ok(Buckets { count, next: None })
    }

    /// Copies a slot's key.
    fn key(&self, slot: u32, out: &mut [u8]) {
        memory::read(self.keys.slot(slot), 0, out);
    }

    /// Notes that an element was used: those that were not give way first.
    #[inline]
    pub(crate) fn touch(&self, slot: u32) {
        if let Some(mark) = self.used.as_ref().and_then(|used| used.slot(slot).first()) {
            mark.store(1, Ordering::Relaxed);
        }
    }

    /// The hash of a key that is about to be written; where elements give way there is room for it, if it is new.
    fn hash_with_room(&self, key: &[u8]) -> u32 {
        let hash = self.hash(key);
        if self.used.is_some() && self.find_hashed(key, hash).is_none() {
            self.make_room();
        }
        hash
    }

    #[inline]
    fn hash(&self, key: &[u8]) -> u32 {
        jhash(key, self.seed as u32)
    }

    fn lock(&self, bucket: u32) -> MutexGuard<'_, ()> {
        // There are as many locks as remainders.
        self.locks[bucket as usize % LOCKS].lock()
    }

    #[inline]
    fn head(&self, bucket: u32) -> Place {
        let heads = self
            .heads
            .get(bucket as usize / HEADS)
            .and_then(OnceLock::get);
        let head = heads.and_then(|heads| heads.get(bucket as usize % HEADS));
        head.map_or(Place::end(bucket), |head| {
            Place(head.load(Ordering::Acquire))
        })
    }

    fn set_head(&self, bucket: u32, place: Place) {
        let piece = bucket as usize / HEADS;
        let Some(heads) = self.heads.get(piece) else {
            return;
        };
        let heads = heads.get_or_init(|| {
            let first = (piece * HEADS) as u32;
            let last = first + (HEADS as u32 - 1).min(self.mask - first);
            (first..=last)
                .map(|bucket| AtomicU32::new(Place::end(bucket).0))
                .collect()
        });
        if let Some(head) = heads.get(bucket as usize % HEADS) {
            head.store(place.0, Ordering::Release);
        }
    }

    #[inline]
    fn node_word(&self, slot: u32) -> Option<&AtomicU64> {
        self.nodes.slot(slot).first()
    }

    #[inline]
    fn node(&self, slot: u32) -> (u32, Place) {
        let word = self
            .node_word(slot)
            .map_or(0, |word| word.load(Ordering::Acquire));
        ((word >> 32) as u32, Place(word as u32))
    }

    fn set_node(&self, slot: u32, hash: u32, next: Place) {
        if let Some(word) = self.node_word(slot) {
            word.store(u64::from(hash) << 32 | u64::from(next.0), Ordering::Release);
        }
    }

    /// Puts a slot in front of its bucket's list, whose lock is held.
    fn link(&self, bucket: u32, hash: u32, slot: u32) {
        self.set_node(slot, hash, self.head(bucket));
        self.set_head(bucket, Place(slot));
    }

    /// Takes a slot out of its bucket's list, whose lock is held. The slot itself still leads on.
    fn unlink(&self, bucket: u32, gone: u32) {
        let (_, after) = self.node(gone);
        let mut place = self.head(bucket);
        if place == Place(gone) {
            self.set_head(bucket, after);
            return;
        }
        while let Ok(slot) = place.slot() {
            let (hash, next) = self.node(slot);
            if next == Place(gone) {
                self.set_node(slot, hash, after);
                return;
            }
            place = next;
        }
    }

    fn remove_slot<R>(&self, bucket: u32, slot: u32, see: impl FnOnce(u32) -> R) -> R {
        self.unlink(bucket, slot);
        let seen = see(slot);
        self.spare.lock().given_back.push(slot);
        self.count.fetch_sub(1, Ordering::Relaxed);
        seen
    }

    fn count_one_more(&self) -> Result<(), Errno> {
        let more = |count: u32| (count < self.max_entries).then(|| count + 1);
        let counted = self
            .count
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        counted.map(drop).map_err(|_| Errno::E2BIG)
    }

    /// A slot without an element, with the key in it. There always is one: each holder of a lock has at most one more than are counted.
    fn take_spare(&self, key: &[u8]) -> u32 {
        let mut spare = self.spare.lock();
        let slot = spare.given_back.pop().unwrap_or_else(|| {
            spare.fresh += 1;
            spare.fresh - 1
        });
        if let Some(mark) = self.used.as_ref().and_then(|used| used.slot(slot).first()) {
            mark.store(0, Ordering::Relaxed);
        }
        memory::write(self.keys.slot(slot), 0, key);
        slot
    }

    /// Makes an element that was not used of late give way, if there is no room for another.
    fn make_room(&self) {
        while self.len() >= self.max_entries {
            let (slot, hash) = {
                let mut spare = self.spare.lock();
                let fresh = spare.fresh.max(1);
                loop {
                    let slot = spare.hand % fresh;
                    spare.hand = (slot + 1) % fresh;
                    let marks = self.used.as_ref().map(|used| used.slot(slot));
                    let used = marks
                        .and_then(|marks| marks.first())
                        .is_some_and(|mark| mark.swap(0, Ordering::Relaxed) != 0);
                    if !used {
                        break (slot, self.node(slot).0);
                    }
                }
            };
            let bucket = hash & self.mask;
            let _lock = self.lock(bucket);
            let mut place = self.head(bucket);
            while let Ok(at) = place.slot() {
                if at == slot {
                    self.remove_slot(bucket, slot, |_| ());
                    break;
                }
                place = self.node(at).1;
            }
        }
    }
}

/// One more than the elements for each holder of a lock, and never as many as there are numbers of places.
fn slots_for(max_entries: u32) -> u64 {
    (u64::from(max_entries) + LOCKS as u64).min(u64::from(END) - 1)
}

/// Whether the flags allow an update of a key that is there or not.
fn allowed(exists: bool, flags: UpdateFlags) -> Result<(), Errno> {
    match (exists, flags) {
        (true, UpdateFlags::NO_EXIST) => Err(Errno::EEXIST),
        (false, UpdateFlags::EXIST) => Err(Errno::ENOENT),
        _ => Ok(()),
    }
}
