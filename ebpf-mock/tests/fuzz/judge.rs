//! Whether two answers agree, as far as the kernel promises anything.
//!
//! Most answers have to be the same. Where the order of keys is the kernel's own affair, the same elements in any order
//! are; what an LRU map or a Bloom filter says is held against what was done with it before, on each side for itself.

use std::collections::{BTreeMap, BTreeSet};

use ebpf_core::Errno;
use ebpf_core::map::UpdateFlags;

use crate::op::{Bytes, Op, Slot};
use crate::side::{Answer, Element, Order, Side};
use crate::world::World;

/// What may be in maps whose answers depend on what only their system knows.
#[derive(Default)]
pub(crate) struct Judge {
    maps: BTreeMap<usize, [Memory; 2]>,
}

/// What one side said of a map so far.
#[derive(Default)]
struct Memory {
    /// Elements that may be there, and nothing else may.
    possible: BTreeMap<Vec<u8>, Vec<u8>>,
    /// What was just inserted, and has to be there.
    certain: Option<Vec<u8>>,
    /// What a Bloom filter must know.
    pushed: BTreeSet<Vec<u8>>,
}

/// What is wrong with an answer.
type Complaint = String;

impl Judge {
    /// Compares what both sides said.
    pub(crate) fn compare<K: World, M: World>(
        &mut self,
        op: &Op,
        [kernel, mock]: [&Answer; 2],
        on_kernel: &Side<K>,
        on_mock: &Side<M>,
    ) -> Result<(), Complaint> {
        let held = op
            .slot()
            .filter(|_| !op.is_about_slots())
            .and_then(|slot| on_kernel.held(slot));
        let Some(held) = held else {
            return same(kernel, mock);
        };
        match held.order {
            Order::Exact => same(kernel, mock),
            Order::Random => match op {
                Op::Next { slot, after } => {
                    let key = after.as_ref().map(|after| &after.raw[..]);
                    let there = key.is_some_and(|key| on_kernel.has(*slot, key));
                    follows(kernel, mock, key, there)?;
                    follower_is_there(kernel, on_kernel, *slot)?;
                    follower_is_there(mock, on_mock, *slot)
                }
                Op::Walk { .. } | Op::ReadBatch { .. } => same(&sorted(kernel), &sorted(mock)),
                _ => same(kernel, mock),
            },
            Order::Evicting => {
                let (serial, most) = (held.serial, held.map.info().max_entries);
                let memories = self.maps.entry(serial).or_default();
                let mut refused = false;
                let answers = [(kernel, "the kernel"), (mock, "the simulation")];
                for (memory, (answer, who)) in memories.iter_mut().zip(answers) {
                    let plausible = memory.judge(op, answer, most as usize);
                    refused |= plausible.map_err(|complaint| format!("{who}: {complaint}"))?;
                }
                if refused { same(kernel, mock) } else { Ok(()) }
            }
            Order::Probable => {
                let memory = &mut self.maps.entry(held.serial).or_default()[0];
                match op {
                    Op::Update { value, .. } if *kernel == Answer::Done => {
                        memory.pushed.insert(value.raw.clone());
                        same(kernel, mock)
                    }
                    Op::Lookup { key, .. } => {
                        let known = memory.pushed.contains(&key.raw);
                        let may_be = |answer: &Answer| {
                            matches!(answer, Answer::Bytes(_))
                                || (*answer == Answer::Absent && !known)
                        };
                        if may_be(kernel) && may_be(mock) {
                            Ok(())
                        } else {
                            same(kernel, mock)
                        }
                    }
                    _ => same(kernel, mock),
                }
            }
        }
    }
}

fn same(kernel: &Answer, mock: &Answer) -> Result<(), Complaint> {
    if kernel == mock {
        Ok(())
    } else {
        Err("they differ".to_owned())
    }
}

/// The pieces that a system takes a buffer for: all of one length, though one may have been a byte too long and another a
/// byte too short.
fn evenly(pieces: &[Bytes]) -> Vec<Bytes> {
    let all: Vec<u8> = pieces.iter().flat_map(|piece| piece.raw.clone()).collect();
    let size = all.len().checked_div(pieces.len()).unwrap_or(0).max(1);
    all.chunks(size)
        .map(|piece| piece.to_vec().into())
        .collect()
}

/// Elements in the order of their keys.
fn sorted(answer: &Answer) -> Answer {
    match answer {
        Answer::Elements(elements, all) => {
            let mut elements = elements.clone();
            elements.sort();
            Answer::Elements(elements, *all)
        }
        other => other.clone(),
    }
}

/// Whether two answers may both be the key after one, in different orders.
fn follows(
    kernel: &Answer,
    mock: &Answer,
    after: Option<&[u8]>,
    there: bool,
) -> Result<(), Complaint> {
    for answer in [kernel, mock] {
        match answer {
            Answer::Bytes(next) if there && Some(&next[..]) == after => {
                return Err("a key follows itself".to_owned());
            }
            Answer::Bytes(_) | Answer::Absent => {}
            _ => return same(kernel, mock),
        }
    }
    // The last key is another one on each side; the first is there or not.
    let both = matches!(kernel, Answer::Absent) == matches!(mock, Answer::Absent);
    if there || both {
        Ok(())
    } else {
        Err("only one has a first key".to_owned())
    }
}

fn follower_is_there<W: World>(
    answer: &Answer,
    side: &Side<W>,
    slot: Slot,
) -> Result<(), Complaint> {
    match answer {
        // Through a descriptor that may not read there would be no answer.
        Answer::Bytes(next) if !side.has(slot, next) => Err("no such key is there".to_owned()),
        _ => Ok(()),
    }
}

impl Memory {
    /// Whether an answer of an LRU map is plausible, and whether it is a refusal that the other side has to share.
    fn judge(&mut self, op: &Op, answer: &Answer, most: usize) -> Result<bool, Complaint> {
        let certain = self.certain.take();
        match (op, answer) {
            (Op::Lookup { key, .. } | Op::Take { key, .. }, Answer::Bytes(value)) => {
                self.may_be(&key.raw, value)?;
                if matches!(op, Op::Take { .. }) {
                    self.possible.remove(&key.raw);
                }
            }
            (
                Op::Lookup { key, .. } | Op::Take { key, .. } | Op::Delete { key, .. },
                Answer::Absent,
            ) => {
                self.is_absent(&key.raw, certain.as_ref())?;
            }
            (Op::Delete { key, .. }, Answer::Done) => {
                self.was_there(&key.raw)?;
                self.possible.remove(&key.raw);
            }
            (
                Op::Update {
                    key, value, flags, ..
                },
                answer,
            ) => {
                return self.updated(key, value, *flags, answer);
            }
            (Op::Next { .. }, Answer::Bytes(key)) => self.was_there(key)?,
            (Op::Next { .. }, Answer::Absent) => {}
            (Op::Walk { .. }, Answer::Elements(elements, all)) => {
                self.holds(elements)?;
                if elements.len() > most {
                    return Err(format!("{} elements of {most}", elements.len()));
                }
                if *all {
                    self.keep(elements);
                }
            }
            (Op::ReadBatch { delete, .. }, Answer::Elements(elements, all)) => {
                self.holds(elements)?;
                if *all && *delete {
                    self.possible.clear();
                } else if *all {
                    self.keep(elements);
                }
            }
            (
                Op::UpdateBatch {
                    keys,
                    values,
                    flags,
                    ..
                },
                answer,
            ) => {
                let done = match answer {
                    Answer::Count(done) => *done,
                    Answer::Refused(refusal) => refusal.done,
                    _ => return Ok(true),
                };
                let (keys, values) = (evenly(keys), evenly(values));
                for (key, value) in keys.iter().zip(&values).take(done) {
                    self.updated(key, value, *flags, &Answer::Done)?;
                }
                let by_condition = UpdateFlags(*flags) == UpdateFlags::EXIST
                    || UpdateFlags(*flags) == UpdateFlags::NO_EXIST;
                return Ok(!by_condition && matches!(answer, Answer::Refused(_)));
            }
            (Op::DeleteBatch { keys, .. }, Answer::Count(_)) => {
                for key in keys {
                    self.was_there(&key.raw)?;
                    self.possible.remove(&key.raw);
                }
            }
            (Op::DeleteBatch { keys, .. }, Answer::Refused(refusal))
                if refusal.errno == Some(Errno::ENOENT) =>
            {
                for key in keys.iter().take(refusal.done) {
                    self.was_there(&key.raw)?;
                    self.possible.remove(&key.raw);
                }
                if let Some(key) = keys.get(refusal.done) {
                    self.possible.remove(&key.raw);
                }
            }
            (Op::LookupMany { .. }, Answer::Elements(elements, _)) => {
                for (key, value) in elements {
                    match value {
                        Some(value) => self.may_be(key, value)?,
                        None => self.is_absent(key, None)?,
                    }
                }
            }
            _ => return Ok(true),
        }
        Ok(false)
    }

    fn updated(
        &mut self,
        key: &Bytes,
        value: &Bytes,
        flags: u64,
        answer: &Answer,
    ) -> Result<bool, Complaint> {
        let there = self.possible.contains_key(&key.raw);
        match answer {
            Answer::Done => {
                if UpdateFlags(flags) == UpdateFlags::EXIST && !there {
                    return Err("a key was replaced that cannot be there".to_owned());
                }
                self.possible.insert(key.raw.clone(), value.raw.clone());
                self.certain = Some(key.raw.clone());
                Ok(false)
            }
            Answer::Refused(refusal) => match (refusal.errno, UpdateFlags(flags)) {
                (Some(Errno::EEXIST), UpdateFlags::NO_EXIST) if there => Ok(false),
                (Some(Errno::EEXIST), _) => Err("the key cannot be there".to_owned()),
                (Some(Errno::ENOENT), UpdateFlags::EXIST) => {
                    self.possible.remove(&key.raw);
                    Ok(false)
                }
                _ => Ok(true),
            },
            _ => Ok(true),
        }
    }

    fn may_be(&self, key: &[u8], value: &[u8]) -> Result<(), Complaint> {
        match self.possible.get(key) {
            Some(expected) if expected == value => Ok(()),
            Some(_) => Err("the value is not what was written".to_owned()),
            None => Err("no such key can be there".to_owned()),
        }
    }

    fn was_there(&self, key: &[u8]) -> Result<(), Complaint> {
        if self.possible.contains_key(key) {
            Ok(())
        } else {
            Err("no such key can be there".to_owned())
        }
    }

    fn is_absent(&mut self, key: &[u8], certain: Option<&Vec<u8>>) -> Result<(), Complaint> {
        self.possible.remove(key);
        if certain.is_some_and(|certain| certain == key) {
            return Err("what was just written is gone".to_owned());
        }
        Ok(())
    }

    fn holds(&self, elements: &[Element]) -> Result<(), Complaint> {
        let mut keys = BTreeSet::new();
        for (key, value) in elements {
            if !keys.insert(key) {
                return Err("a key comes twice".to_owned());
            }
            match value {
                Some(value) => self.may_be(key, value)?,
                None => self.was_there(key)?,
            }
        }
        Ok(())
    }

    /// Nothing else is there.
    fn keep(&mut self, elements: &[Element]) {
        let there: BTreeSet<_> = elements.iter().map(|(key, _)| key).collect();
        self.possible.retain(|key, _| there.contains(key));
    }
}
