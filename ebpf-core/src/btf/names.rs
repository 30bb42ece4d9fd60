//! The index by name: one table of chains over the types of one [`Btf`], built at the first question.

use super::{Btf, Kind, TypeId};

/// How many bytes of a name are hashed. Longer ones are told apart by comparing, so that a file of a few huge names
/// cannot make the index slow.
const HASHED: usize = 128;

/// Chains of types whose names have the same hash, each in the order of the ids.
#[derive(Clone)]
pub(super) struct NameIndex {
    /// First the head of each chain, then for each type the next one: 1 + its place, or 0 at the end.
    links: Vec<u32>,
    /// The number of heads, a power of two.
    heads: usize,
}

impl NameIndex {
    fn new(btf: &Btf) -> Self {
        let offsets = btf.name_offsets();
        let count = offsets.len();
        let heads = count.next_power_of_two();
        let mut links = vec![0u32; heads + count];
        let (head_links, next_links) = links.split_at_mut(heads);
        let (first_own, own) = (btf.first_string(), btf.own_strings());
        // From the last to the first, so that each chain begins with its lowest id.
        for ((at, next), offset) in next_links.iter_mut().enumerate().zip(offsets).rev() {
            let name = match offset.checked_sub(first_own) {
                Some(offset) => own.get(offset as usize..),
                None => btf.bytes_at(offset),
            };
            let Some(name) = name.filter(|name| name.first().is_some_and(|&byte| byte != 0)) else {
                continue;
            };
            if let Some(head) = head_links.get_mut(hash(name) & (heads - 1)) {
                *next = std::mem::replace(head, at as u32 + 1);
            }
        }
        Self { links, heads }
    }

    /// The places of the types whose names may be `name`.
    fn chain(&self, name: &[u8]) -> impl Iterator<Item = u32> + use<'_> {
        let follow = |at: usize| self.links.get(at)?.checked_sub(1);
        std::iter::successors(follow(hash(name) & (self.heads - 1)), move |&at| {
            follow(self.heads + at as usize)
        })
    }
}

/// Hashes a string up to its NUL or its end, eight bytes at a time.
fn hash(string: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = 0u64;
    let mut rest = string;
    for _ in 0..HASHED / 8 {
        let mut word = match rest.first_chunk() {
            Some(chunk) => u64::from_le_bytes(*chunk),
            None => rest
                .iter()
                .rev()
                .fold(0, |word, &byte| word << 8 | u64::from(byte)),
        };
        // The high bit of the first zero byte; above it there may be others, which are not looked at.
        let zeros = word.wrapping_sub(ONES) & !word & (ONES << 7);
        if zeros != 0 {
            word &= (zeros & zeros.wrapping_neg()) - 1;
        }
        hash = (hash.rotate_left(5) ^ word).wrapping_mul(SPREAD);
        match rest.get(8..) {
            Some(next) if zeros == 0 => rest = next,
            _ => break,
        }
    }
    (hash >> 32) as usize
}

impl Btf {
    /// The types of a name, those of the base first, in the order of the ids. C keeps structures, unions and
    /// enumerations apart from typedefs, functions and variables, so that a name may well have several types;
    /// [`Btf::find`] gives the first of one kind. Types without a name are not found.
    ///
    /// The first question builds an index: about 10 bytes and 20 ns for each type.
    pub fn by_name<'a>(&'a self, name: &'a str) -> impl Iterator<Item = TypeId> + 'a {
        let bases = std::iter::successors(self.base(), |btf| btf.base()).count();
        (0..=bases).rev().flat_map(move |up| {
            let btf = (0..up).fold(self, |btf, _| btf.base().map_or(btf, |base| base));
            btf.own_by_name(name)
        })
    }

    /// The first type of a name and a kind.
    pub fn find(&self, name: &str, kind: Kind) -> Option<TypeId> {
        self.by_name(name)
            .find(|&id| self.by_id(id).is_some_and(|ty| ty.kind() == kind))
    }

    fn own_by_name<'a>(&'a self, name: &'a str) -> impl Iterator<Item = TypeId> + 'a {
        let name = name.as_bytes();
        let possible = !name.is_empty() && !name.contains(&0);
        let index = possible.then(|| self.names.get_or_init(|| NameIndex::new(self)));
        let first = self.first_id().0;
        index
            .into_iter()
            .flat_map(|index| index.chain(name))
            .map(move |at| TypeId(first + at))
            .filter(move |&id| {
                let found = self
                    .by_id(id)
                    .and_then(|ty| self.bytes_at(ty.name_offset()));
                let rest = found.and_then(|found| found.strip_prefix(name));
                rest.is_some_and(|rest| rest.first() == Some(&0))
            })
    }
}
