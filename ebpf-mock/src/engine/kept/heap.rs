//! Objects that programs make (`bpf_obj_new`), which outlive the run: values of maps point to them, lists and trees hold
//! them. `__bpf_obj_new_impl()` and `bpf_obj_free_fields()` in kernel/bpf/helpers.c and kernel/bpf/syscall.c.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use parking_lot::RwLock;

use crate::map::Field;

/// Where the first object is: among the addresses of a kernel, which no region of a run has.
const FIRST: u64 = 0xffff_f000_0000_0000;

/// Bytes between objects at least.
const GAP: u64 = 64;

/// Bytes that all objects may have together.
const MOST: u64 = 1 << 30;

/// All objects, by address. No address is used twice.
#[derive(Debug, Default)]
pub(crate) struct Heap(RwLock<All>);

#[derive(Debug, Default)]
struct All {
    end: u64,
    bytes: u64,
    live: BTreeMap<u64, Live>,
    /// Lists and trees by number: the addresses of the nodes in them, in order.
    rows: BTreeMap<u64, Vec<u64>>,
    last_row: u64,
}

#[derive(Debug)]
struct Live {
    object: Arc<Object>,
    references: u32,
}

/// An object.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) address: u64,
    pub(crate) size: usize,
    pub(crate) words: Box<[AtomicU64]>,
    pub(crate) fields: Vec<Field>,
}

impl Heap {
    /// A new object of zeros, with one reference; `None` where there is no room.
    pub(crate) fn create(&self, size: usize, fields: Vec<Field>) -> Option<u64> {
        let mut all = self.0.write();
        let bytes = (size as u64).checked_next_multiple_of(8)?;
        if all.bytes.checked_add(bytes)? > MOST {
            return None;
        }
        let address = FIRST + all.end;
        all.end += (bytes + GAP).next_multiple_of(GAP);
        all.bytes += bytes;
        let object = Object {
            address,
            size,
            words: (0..bytes / 8).map(|_| AtomicU64::new(0)).collect(),
            fields,
        };
        let live = Live {
            object: Arc::new(object),
            references: 1,
        };
        all.live.insert(address, live);
        Some(address)
    }

    /// The object that `length` bytes at an address lie in, and where in it.
    pub(crate) fn find(&self, at: u64, length: usize) -> Option<(Arc<Object>, usize)> {
        if at < FIRST {
            return None;
        }
        let all = self.0.read();
        let (start, live) = all.live.range(..=at).next_back()?;
        let offset = usize::try_from(at - start).ok()?;
        let inside = offset.checked_add(length)? <= live.object.size;
        inside.then(|| (live.object.clone(), offset))
    }

    /// Whether an address is that of an object that was dropped.
    pub(crate) fn was_there(&self, at: u64) -> bool {
        let end = FIRST + self.0.read().end;
        (FIRST..end).contains(&at)
    }

    /// One more reference to an object.
    pub(crate) fn refer(&self, address: u64) -> bool {
        let mut all = self.0.write();
        let live = all.live.get_mut(&address);
        live.is_some_and(|live| {
            live.references = live.references.saturating_add(1);
            true
        })
    }

    /// One reference less: gives the object with the last one.
    pub(super) fn release(&self, address: u64) -> Option<Arc<Object>> {
        let mut all = self.0.write();
        let live = all.live.get_mut(&address)?;
        live.references = live.references.saturating_sub(1);
        if live.references > 0 {
            return None;
        }
        let object = all.live.remove(&address)?.object;
        all.bytes -= (object.words.len() * 8) as u64;
        Some(object)
    }

    /// A new list or tree.
    pub(crate) fn create_row(&self) -> u64 {
        let mut all = self.0.write();
        all.last_row += 1;
        let number = all.last_row;
        all.rows.insert(number, Vec::new());
        number
    }

    /// Puts a node into a list or tree, at a place; false if there is no such row.
    pub(crate) fn insert(&self, row: u64, place: usize, node: u64) -> bool {
        let mut all = self.0.write();
        let nodes = all.rows.get_mut(&row);
        nodes.is_some_and(|nodes| {
            nodes.insert(place.min(nodes.len()), node);
            true
        })
    }

    /// The nodes of a list or tree.
    pub(crate) fn row(&self, row: u64) -> Vec<u64> {
        let all = self.0.read();
        all.rows.get(&row).cloned().unwrap_or_default()
    }

    /// How many nodes a list or tree has.
    pub(crate) fn row_length(&self, row: u64) -> usize {
        self.0.read().rows.get(&row).map_or(0, Vec::len)
    }

    /// The node at a place of a list or tree.
    pub(crate) fn node(&self, row: u64, place: usize) -> Option<u64> {
        self.0.read().rows.get(&row)?.get(place).copied()
    }

    /// Takes the node at a place out of a list or tree.
    pub(crate) fn take(&self, row: u64, place: usize) -> Option<u64> {
        let mut all = self.0.write();
        let nodes = all.rows.get_mut(&row)?;
        (place < nodes.len()).then(|| nodes.remove(place))
    }

    /// Ends a list or tree, and gives its nodes.
    pub(super) fn end_row(&self, row: u64) -> Vec<u64> {
        self.0.write().rows.remove(&row).unwrap_or_default()
    }

    /// The object that a node is in.
    pub(crate) fn around(&self, node: u64) -> Option<u64> {
        self.find(node, 1).map(|(object, _)| object.address)
    }
}
