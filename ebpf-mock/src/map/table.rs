//! The hash table behind every map with keys of any kind: which slot a key has.
//!
//! Shaped after the kernel's: a fixed number of buckets, lists that lookups walk without a lock, updates that put a new
//! slot in front of the old one before they take the old one out. A slot that was given back is used again at once. What
//! a lookup saw counts only if nothing of its part of the table changed meanwhile; otherwise it looks again, so that it
//! never sees an element of another key, nor misses one that was there all the time.

use ebpf_core::Errno;
use ebpf_core::map::UpdateFlags;

use super::jhash::jhash;
use crate::memory::{self, Slab};
use crate::sync::{AtomicU32, AtomicU64, Mutex, MutexGuard, OnceLock, Ordering, fence, yield_now};

/// Buckets whose heads are allocated together.
const HEADS: usize = 1024;

/// More buckets than this there are not, however many elements there may be.
const MOST_BUCKETS: u32 = 1 << 20;

/// The most parts that a table has.
const PARTS: u32 = 64;

/// How often a lookup looks without the lock.
const TRIES: u32 = 8;

/// What ends a list, in the place of a slot.
const END: u32 = u32::MAX;

/// Bytes before the key of a slot: the hash of the key, and the slot after it in the list.
const NODE: usize = size_of::<u64>();

/// Which slot each key has.
#[derive(Debug)]
pub(crate) struct Table {
    key_size: usize,
    max_entries: u32,
    seed: u64,
    mask: u32,
    heads: Box<[OnceLock<Box<[AtomicU32]>>]>,
    /// For each slot its node, and its key.
    entries: Slab,
    parts: Box<[Part]>,
    count: AtomicU32,
    spare: Mutex<Spare>,
    /// Of tables that evict: which slots were used since the hand last passed.
    used: Option<Box<Slab>>,
}

/// What the buckets of one remainder have in common.
#[derive(Debug)]
struct Part {
    lock: Mutex<()>,
    /// Counts when a change begins and when it ends: it is odd in between.
    version: AtomicU32,
}

/// A change of a part of the table, as long as it lasts.
struct Change<'t> {
    version: &'t AtomicU32,
    begun: u32,
    _lock: MutexGuard<'t, ()>,
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        self.version
            .store(self.begun.wrapping_add(1), Ordering::Release);
    }
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

/// What was read of whole buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Buckets {
    /// How many elements.
    pub(crate) count: usize,
    /// The bucket to go on with; `None` after the last.
    pub(crate) next: Option<u32>,
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
        let parts = buckets.min(PARTS);
        let slots = slots_for(max_entries, parts);
        let pieces = (buckets as usize).div_ceil(HEADS);
        Table {
            key_size,
            max_entries,
            seed,
            mask: buckets - 1,
            heads: (0..pieces).map(|_| OnceLock::new()).collect(),
            entries: Slab::new(NODE + key_size, slots),
            parts: (0..parts)
                .map(|_| Part {
                    lock: Mutex::new(()),
                    version: AtomicU32::new(0),
                })
                .collect(),
            count: AtomicU32::new(0),
            spare: Mutex::new(Spare::default()),
            used: (when_full == WhenFull::Evict)
                .then(|| Box::new(Slab::new(size_of::<u64>(), slots))),
        }
    }

    /// How many slots the table gives numbers to.
    pub(crate) fn slots(&self) -> u64 {
        slots_for(self.max_entries, self.parts.len() as u32)
    }

    /// How many keys there may be.
    pub(crate) fn max_entries(&self) -> u32 {
        self.max_entries
    }

    /// The slot of a key. It may have another one, and another key the slot, as soon as it is told.
    #[inline]
    pub(crate) fn find(&self, key: &[u8]) -> Option<u32> {
        self.read(key, |slot| slot)
    }

    /// What `look` sees of a key's slot while that is the key's. It may have to look more than once.
    #[inline]
    pub(crate) fn read<R>(&self, key: &[u8], mut look: impl FnMut(u32) -> R) -> Option<R> {
        let hash = self.hash(key);
        self.steadily(hash & self.mask, || {
            self.find_hashed(key, hash).map(&mut look)
        })
    }

    /// Looks at a bucket until it sees what was there at one moment.
    #[inline]
    fn steadily<R>(&self, bucket: u32, mut look: impl FnMut() -> R) -> R {
        let part = self.part(bucket);
        for _ in 0..TRIES {
            let before = part.version.load(Ordering::Acquire);
            if before.is_multiple_of(2) {
                let seen = look();
                fence(Ordering::Acquire);
                if part.version.load(Ordering::Relaxed) == before {
                    return seen;
                }
            }
        }
        let _lock = part.lock.lock();
        look()
    }

    #[inline]
    fn find_hashed(&self, key: &[u8], hash: u32) -> Option<u32> {
        let mut slot = self.head(hash & self.mask);
        // While others change the table, slots may lead anywhere, but not for longer than there are any.
        for _ in 0..=self.max_entries.saturating_add(PARTS) {
            if slot == END {
                return None;
            }
            let (node, words) = self.entries.slot(slot).split_first()?;
            let node = node.load(Ordering::Acquire);
            if (node >> 32) as u32 == hash && memory::equals(words, key) {
                return Some(slot);
            }
            slot = node as u32;
        }
        None
    }

    /// Gives the key a slot whose contents `fill` writes, told the slot it had before. Lookups meet the one or the other.
    pub(crate) fn update(
        &self,
        key: &[u8],
        flags: UpdateFlags,
        fill: impl FnOnce(u32, Option<u32>),
    ) -> Result<(), Errno> {
        let hash = self.hash(key);
        let bucket = hash & self.mask;
        let (lock, old) = self.admit(key, hash, flags)?;
        let _change = self.change(bucket, lock);
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
        let hash = self.hash(key);
        let bucket = hash & self.mask;
        let (lock, old) = self.admit(key, hash, flags)?;
        if let Some(old) = old {
            fill(old, false);
            self.touch(old);
            return Ok(());
        }
        let _change = self.change(bucket, lock);
        let slot = self.take_spare(key);
        fill(slot, true);
        self.link(bucket, hash, slot);
        Ok(())
    }

    /// Takes a key out; `see` is told its slot before that is used again.
    pub(crate) fn remove<R>(&self, key: &[u8], see: impl FnOnce(u32) -> R) -> Option<R> {
        let hash = self.hash(key);
        let bucket = hash & self.mask;
        let lock = self.lock(bucket);
        let slot = self.find_hashed(key, hash)?;
        let _change = self.change(bucket, lock);
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
            let at = hash & self.mask;
            let following = self.steadily(at, || {
                let slot = self.find_hashed(key, hash)?;
                Some(self.read_key(self.node(slot).1, out))
            });
            match following {
                Some(true) => return true,
                Some(false) => bucket = at + 1,
                None => {}
            }
        }
        while let Some(at) = self.bucket_from(bucket) {
            if self.steadily(at, || self.read_key(self.head(at), out)) {
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
        let lock = self.lock(bucket);
        let mut slots = Vec::new();
        let mut slot = self.head(bucket);
        while slot != END {
            slots.push(slot);
            slot = self.node(slot).1;
        }
        if work(&slots) {
            let _change = self.change(bucket, lock);
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
    pub(crate) fn key(&self, slot: u32, out: &mut [u8]) {
        memory::read(self.key_words(slot), 0, out);
    }

    /// Notes that an element was used: those that were not give way first.
    #[inline]
    pub(crate) fn touch(&self, slot: u32) {
        if let Some(mark) = self.used.as_ref().and_then(|used| used.slot(slot).first()) {
            mark.store(1, Ordering::Relaxed);
        }
    }

    #[inline]
    fn hash(&self, key: &[u8]) -> u32 {
        jhash(key, self.seed as u32)
    }

    #[inline]
    fn part(&self, bucket: u32) -> &Part {
        // There are as many parts as remainders, and a power of two.
        &self.parts[bucket as usize & (self.parts.len() - 1)]
    }

    fn lock(&self, bucket: u32) -> MutexGuard<'_, ()> {
        self.part(bucket).lock.lock()
    }

    /// Begins to change a bucket whose lock is held.
    fn change<'t>(&'t self, bucket: u32, lock: MutexGuard<'t, ()>) -> Change<'t> {
        let version = &self.part(bucket).version;
        let begun = version.load(Ordering::Relaxed).wrapping_add(1);
        version.store(begun, Ordering::Relaxed);
        // Who sees anything of the change sees that it has begun.
        fence(Ordering::Release);
        Change {
            version,
            begun,
            _lock: lock,
        }
    }

    #[inline]
    fn head(&self, bucket: u32) -> u32 {
        let heads = self
            .heads
            .get(bucket as usize / HEADS)
            .and_then(OnceLock::get);
        let head = heads.and_then(|heads| heads.get(bucket as usize % HEADS));
        head.map_or(END, |head| head.load(Ordering::Acquire))
    }

    fn set_head(&self, bucket: u32, slot: u32) {
        let piece = bucket as usize / HEADS;
        let Some(heads) = self.heads.get(piece) else {
            return;
        };
        let heads = heads.get_or_init(|| {
            let first = piece * HEADS;
            let count = HEADS.min(self.buckets() as usize - first);
            (0..count).map(|_| AtomicU32::new(END)).collect()
        });
        if let Some(head) = heads.get(bucket as usize % HEADS) {
            head.store(slot, Ordering::Release);
        }
    }

    #[inline]
    fn key_words(&self, slot: u32) -> &[AtomicU64] {
        self.entries.slot(slot).get(1..).unwrap_or(&[])
    }

    /// Copies the key of a slot, unless it is the end of a list.
    fn read_key(&self, slot: u32, out: &mut [u8]) -> bool {
        if slot != END {
            self.key(slot, out);
        }
        slot != END
    }

    /// The hash of a slot's key, and the slot after it.
    #[inline]
    fn node(&self, slot: u32) -> (u32, u32) {
        let word = self.entries.slot(slot).first();
        let word = word.map_or(u64::from(END), |word| word.load(Ordering::Acquire));
        ((word >> 32) as u32, word as u32)
    }

    fn set_node(&self, slot: u32, hash: u32, next: u32) {
        if let Some(word) = self.entries.slot(slot).first() {
            word.store(u64::from(hash) << 32 | u64::from(next), Ordering::Release);
        }
    }

    /// Puts a slot in front of its bucket's list, which is being changed.
    fn link(&self, bucket: u32, hash: u32, slot: u32) {
        self.set_node(slot, hash, self.head(bucket));
        self.set_head(bucket, slot);
    }

    /// Takes a slot out of its bucket's list, which is being changed. The slot itself still leads on.
    fn unlink(&self, bucket: u32, gone: u32) {
        let (_, after) = self.node(gone);
        let mut slot = self.head(bucket);
        if slot == gone {
            self.set_head(bucket, after);
            return;
        }
        while slot != END {
            let (hash, next) = self.node(slot);
            if next == gone {
                self.set_node(slot, hash, after);
                return;
            }
            slot = next;
        }
    }

    fn remove_slot<R>(&self, bucket: u32, slot: u32, see: impl FnOnce(u32) -> R) -> R {
        self.unlink(bucket, slot);
        let seen = see(slot);
        self.spare.lock().given_back.push(slot);
        self.count.fetch_sub(1, Ordering::Relaxed);
        seen
    }

    /// Locks the bucket of a key that may be written, and gives the slot that it has; a new one is counted.
    fn admit(
        &self,
        key: &[u8],
        hash: u32,
        flags: UpdateFlags,
    ) -> Result<(MutexGuard<'_, ()>, Option<u32>), Errno> {
        loop {
            let lock = self.lock(hash & self.mask);
            let old = self.find_hashed(key, hash);
            allowed(old.is_some(), flags)?;
            if old.is_some() || self.count_one_more() {
                return Ok((lock, old));
            }
            if self.used.is_none() {
                return Err(Errno::E2BIG);
            }
            drop(lock);
            self.evict();
        }
    }

    fn count_one_more(&self) -> bool {
        let more = |count: u32| (count < self.max_entries).then(|| count + 1);
        self.count
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more)
            .is_ok()
    }

    /// A slot without an element, with the key in it. There always is one: each change has at most one more than are
    /// counted.
    fn take_spare(&self, key: &[u8]) -> u32 {
        let slot = {
            let mut spare = self.spare.lock();
            spare.given_back.pop().unwrap_or_else(|| {
                spare.fresh += 1;
                spare.fresh - 1
            })
        };
        // Who sees anything new of the slot sees the change that gave it back.
        fence(Ordering::Release);
        if let Some(mark) = self.used.as_ref().and_then(|used| used.slot(slot).first()) {
            mark.store(0, Ordering::Relaxed);
        }
        memory::write(self.key_words(slot), 0, key);
        slot
    }

    /// Makes an element that was not used of late give way.
    fn evict(&self) {
        let Some((slot, hash)) = self.victim() else {
            // Those who counted their elements have yet to put them into the table.
            return yield_now();
        };
        let bucket = hash & self.mask;
        let lock = self.lock(bucket);
        let mut at = self.head(bucket);
        while at != END {
            if at == slot {
                let _change = self.change(bucket, lock);
                self.remove_slot(bucket, slot, |_| ());
                return;
            }
            at = self.node(at).1;
        }
        // It went meanwhile.
        drop(lock);
        yield_now();
    }

    /// The next slot that was not used since the hand last passed, and the hash of what may be in it.
    fn victim(&self) -> Option<(u32, u32)> {
        let used = self.used.as_ref()?;
        let mut spare = self.spare.lock();
        let fresh = spare.fresh;
        // The second time around none is marked, but those that are used right now.
        for _ in 0..fresh.saturating_mul(2) {
            let slot = spare.hand % fresh;
            spare.hand = (slot + 1) % fresh;
            let mark = used.slot(slot).first()?;
            if mark.swap(0, Ordering::Relaxed) == 0 {
                return Some((slot, self.node(slot).0));
            }
        }
        None
    }
}

/// One more than the elements for each part that is being changed, and never as many as there are numbers of slots.
fn slots_for(max_entries: u32, parts: u32) -> u64 {
    (u64::from(max_entries) + u64::from(parts)).min(u64::from(END))
}

/// Whether the flags allow an update of a key that is there or not.
fn allowed(exists: bool, flags: UpdateFlags) -> Result<(), Errno> {
    match (exists, flags) {
        (true, UpdateFlags::NO_EXIST) => Err(Errno::EEXIST),
        (false, UpdateFlags::EXIST) => Err(Errno::ENOENT),
        _ => Ok(()),
    }
}
