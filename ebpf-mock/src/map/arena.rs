//! Arenas: memory by pages, which programs ask for. `kernel/bpf/arena.c`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use ebpf_core::Errno;
use ebpf_core::map::{LookupFlags, MapFlags, MapSpec, UpdateFlags};
use parking_lot::RwLock;

use super::Storage;
use crate::kernel::Kernel;
use crate::memory;

/// An arena. As the system calls on maps see it, it has no elements.
#[derive(Debug)]
pub(crate) struct Arena {
    /// Where user space has it: what programs have pointers to. 0 where that was not said.
    start: u64,
    /// Whether programs have pointers as user space has them.
    converts: bool,
    /// How many pages there may be.
    limit: u32,
    /// Those that there are.
    pages: RwLock<BTreeMap<u32, Page>>,
}

/// A page, which who reads it may have longer than the arena has.
type Page = Arc<[AtomicU64]>;

/// Bytes of a word.
const WORD: usize = size_of::<u64>();

impl Arena {
    /// Bytes of a page.
    pub(crate) const PAGE: usize = 4096;

    pub(super) fn new(spec: &MapSpec) -> Arena {
        Arena {
            start: spec.map_extra,
            converts: !spec.flags.contains(MapFlags::NO_USER_CONV),
            limit: spec.max_entries,
            pages: RwLock::default(),
        }
    }

    /// What the upper half of a pointer of user space into it is.
    pub(crate) fn upper(&self) -> u64 {
        match self.converts {
            true => self.start & !u64::from(u32::MAX),
            false => 0,
        }
    }

    /// The number of the page that the lower half of a pointer leads to.
    fn number(&self, at: u32) -> u32 {
        at.wrapping_sub(self.start as u32) / Self::PAGE as u32
    }

    /// The page that the lower half of a pointer leads to, if it is there.
    pub(crate) fn page_of(&self, at: u32) -> Option<Page> {
        self.pages.read().get(&self.number(at)).cloned()
    }

    /// Copies bytes out. Pages that are not there read as zeros: a program's fault is none.
    pub(crate) fn read(&self, at: u32, out: &mut [u8]) {
        self.in_pages(at, out.len(), |page, offset, place| {
            let Some(part) = out.get_mut(place) else {
                return;
            };
            match page {
                Some(page) => memory::read(&page, offset, part),
                None => part.fill(0),
            }
        });
    }

    /// Writes bytes. What is for pages that are not there is lost.
    pub(crate) fn write(&self, at: u32, bytes: &[u8]) {
        self.in_pages(at, bytes.len(), |page, offset, place| {
            if let (Some(page), Some(part)) = (page, bytes.get(place)) {
                memory::write(&page, offset, part);
            }
        });
    }

    /// Says for each page of a range: the page, the first byte in it, and which bytes of the range it has.
    fn in_pages(
        &self,
        at: u32,
        length: usize,
        mut work: impl FnMut(Option<Page>, usize, std::ops::Range<usize>),
    ) {
        let mut done = 0;
        while done < length {
            let here = at.wrapping_add(done as u32);
            let offset = here as usize % Self::PAGE;
            let part = (Self::PAGE - offset).min(length - done);
            work(self.page_of(here), offset, done..done + part);
            done += part;
        }
    }

    /// `arena_alloc_pages()`: so many pages, at an address of user space or anywhere. Gives the address, or 0.
    pub(crate) fn allocate(&self, address: u64, count: u32) -> u64 {
        if self.start == 0 || count == 0 || count > self.limit {
            return 0;
        }
        let mut pages = self.pages.write();
        let first = if address == 0 {
            smallest_gap(&pages, self.limit, count)
        } else if !address.is_multiple_of(Self::PAGE as u64) {
            None
        } else {
            let first = self.number(address as u32);
            let fits = first <= self.limit - count;
            let free = |first: u32| pages.range(first..first + count).next().is_none();
            Some(first).filter(|first| fits && free(*first))
        };
        let Some(first) = first else {
            return 0;
        };
        for number in first..first + count {
            pages.insert(number, new_page());
        }
        self.start + u64::from(first) * Self::PAGE as u64
    }

    /// `arena_free_pages()`.
    pub(crate) fn free(&self, address: u64, count: u32) {
        let first = self.number(address as u32);
        if address == 0 || count == 0 || first >= self.limit {
            return;
        }
        let end = first.saturating_add(count).min(self.limit);
        let mut pages = self.pages.write();
        for number in first..end {
            pages.remove(&number);
        }
    }

    /// Has pages come to be that user space touches, by bytes from the start; gives the lower half of a pointer to the first.
    /// `EFAULT` outside.
    pub(crate) fn touch(&self, at: u64, length: usize) -> Result<u32, Errno> {
        let end = u64::from(self.limit) * Self::PAGE as u64;
        let last = at.checked_add(length as u64).ok_or(Errno::EFAULT)?;
        if last > end {
            return Err(Errno::EFAULT);
        }
        let mut pages = self.pages.write();
        for number in at / Self::PAGE as u64..last.div_ceil(Self::PAGE as u64) {
            pages.entry(number as u32).or_insert_with(new_page);
        }
        Ok((self.start as u32).wrapping_add(at as u32))
    }
}

fn new_page() -> Page {
    (0..Arena::PAGE / WORD).map(|_| AtomicU64::new(0)).collect()
}

/// The start of the smallest gap that so many pages fit into; of several such, the first.
fn smallest_gap(pages: &BTreeMap<u32, Page>, limit: u32, count: u32) -> Option<u32> {
    let mut best: Option<(u32, u32)> = None;
    let mut start = 0;
    for taken in pages.keys().copied().chain([limit]) {
        let length = taken - start;
        if length >= count && best.is_none_or(|(smallest, _)| length < smallest) {
            best = Some((length, start));
        }
        start = taken.saturating_add(1);
    }
    best.map(|(_, start)| start)
}

impl Storage for Arena {
    fn arena(&self) -> Option<&Arena> {
        Some(self)
    }

    fn lookup(&self, _: &[u8], _: &mut [u8], _: LookupFlags) -> Result<(), Errno> {
        Err(Errno::EINVAL)
    }

    fn update(&self, _: &Kernel, _: &[u8], _: &[u8], _: UpdateFlags) -> Result<(), Errno> {
        Err(Errno::EOPNOTSUPP)
    }

    fn delete(&self, _: &[u8]) -> Result<(), Errno> {
        Err(Errno::EOPNOTSUPP)
    }

    fn next_key(&self, _: Option<&[u8]>, _: &mut [u8]) -> Result<(), Errno> {
        Err(Errno::EOPNOTSUPP)
    }

    fn charge(&self) -> u64 {
        // Pages are charged when they are asked for.
        0
    }
}
