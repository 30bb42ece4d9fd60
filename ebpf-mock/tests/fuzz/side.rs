//! One of the two systems: it does operations and answers in words that are the same for both.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::map::{
    BatchCursor, BatchError, BatchFlags, LookupFlags, Map, MapError, MapFlags, MapInfo, MapSpec,
    MapType, Memory, UpdateFlags,
};
use ebpf_core::system::SystemError;

use crate::op::{Bytes, Op, SLOTS, Slot, Thing, hex};
use crate::world::{SOCKETS, World};

/// How many keys a walk reads at most.
const WALK: usize = 1000;

/// An element: its key, and its value if there is one.
pub(crate) type Element = (Vec<u8>, Option<Vec<u8>>);

/// What a system says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// There is no map in the slot.
    Nothing,
    Done,
    Absent,
    /// A value or a key.
    Bytes(Vec<u8>),
    /// So many were processed.
    Count(usize),
    /// Elements in order, and whether these are all.
    Elements(Vec<Element>, bool),
    /// What is known.
    Facts(String),
    Word(u64),
    Refused(Refusal),
}

/// Why a system did not do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// How much it did before.
    pub(crate) done: usize,
    pub(crate) errno: Option<Errno>,
    text: String,
}

impl From<MapError> for Refusal {
    fn from(error: MapError) -> Refusal {
        Refusal {
            done: 0,
            errno: error.errno(),
            text: error.to_string(),
        }
    }
}

impl From<BatchError> for Refusal {
    fn from(error: BatchError) -> Refusal {
        Refusal {
            done: error.done,
            ..error.error.into()
        }
    }
}

impl From<SystemError> for Refusal {
    fn from(error: SystemError) -> Refusal {
        Refusal {
            done: 0,
            errno: error.errno(),
            text: String::new(),
        }
    }
}

impl<E: Into<Refusal>> From<Result<Answer, E>> for Answer {
    fn from(result: Result<Answer, E>) -> Answer {
        result.unwrap_or_else(|error| Answer::Refused(error.into()))
    }
}

/// How far the order and the contents of a map are a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Entirely.
    Exact,
    /// The keys come in any order.
    Random,
    /// As that, and elements may give way.
    Evicting,
    /// What was not pushed may seem to be there.
    Probable,
}

impl Order {
    pub(crate) fn of(spec: &MapSpec) -> Order {
        let seeded = !spec.flags.contains(MapFlags::ZERO_SEED);
        match spec.map_type {
            MapType::LRU_HASH | MapType::LRU_PERCPU_HASH => Order::Evicting,
            MapType::HASH | MapType::PERCPU_HASH | MapType::HASH_OF_MAPS if seeded => Order::Random,
            MapType::BLOOM_FILTER if seeded => Order::Probable,
            _ => Order::Exact,
        }
    }
}

/// A map that a slot holds.
pub(crate) struct Held {
    pub(crate) map: Arc<dyn Map>,
    /// The how manieth map it is.
    pub(crate) serial: usize,
    pub(crate) order: Order,
    cursor: BatchCursor,
    memory: Option<Arc<dyn Memory>>,
}

impl Held {
    fn new(map: Arc<dyn Map>, serial: usize, order: Order) -> Held {
        Held {
            map,
            serial,
            order,
            cursor: BatchCursor::new(),
            memory: None,
        }
    }
}

/// A system at work.
pub(crate) struct Side<W> {
    world: W,
    slots: [Option<Held>; SLOTS],
    /// The ids of maps.
    serials: BTreeMap<u32, usize>,
    /// The cookies of sockets in the order in which they were seen.
    cookies: Vec<u64>,
}

impl<W: World> Side<W> {
    pub(crate) fn new(world: W) -> Side<W> {
        Side {
            world,
            slots: Default::default(),
            serials: BTreeMap::new(),
            cookies: Vec::new(),
        }
    }

    /// What a slot holds.
    pub(crate) fn held(&self, slot: Slot) -> Option<&Held> {
        self.slots[slot].as_ref()
    }

    /// Whether a key is in the map of a slot.
    pub(crate) fn has(&self, slot: Slot, key: &[u8]) -> bool {
        self.held(slot).is_some_and(|held| {
            let mut value = vec![0; held.map.info().transfer_size()];
            held.map.lookup_elem(key, &mut value, LookupFlags::NONE) == Ok(true)
        })
    }

    /// Does an operation.
    pub(crate) fn apply(&mut self, op: &Op) -> Answer {
        match op {
            Op::Create {
                slot,
                spec,
                template,
            } => self.create(*slot, spec, *template),
            Op::Drop { slot } => {
                if self.empty(*slot) {
                    Answer::Done
                } else {
                    Answer::Nothing
                }
            }
            Op::Reopen { slot, into } => self.reopen(*slot, *into),
            Op::Renew { socket } => {
                self.world.renew(*socket);
                Answer::Done
            }
            Op::Share { slot } => {
                let Some(held) = &mut self.slots[*slot] else {
                    return Answer::Nothing;
                };
                let memory = held.map.memory();
                memory
                    .map(|memory| {
                        held.memory = Some(memory);
                        Answer::Done
                    })
                    .into()
            }
            Op::Unshare { slot } => {
                let memory = self.slots[*slot].as_mut().map(|held| held.memory.take());
                memory.map_or(Answer::Nothing, |_| Answer::Done)
            }
            Op::ReadBatch {
                slot,
                count,
                delete,
                flags,
                anew,
            } => self.read_batch(*slot, *count, *delete, *flags, *anew),
            Op::Lookup { slot, .. }
            | Op::Update { slot, .. }
            | Op::Delete { slot, .. }
            | Op::Take { slot, .. }
            | Op::Next { slot, .. }
            | Op::Walk { slot }
            | Op::UpdateBatch { slot, .. }
            | Op::DeleteBatch { slot, .. }
            | Op::LookupMany { slot, .. }
            | Op::Freeze { slot }
            | Op::Info { slot }
            | Op::Touch { slot, .. } => {
                let Some(held) = &self.slots[*slot] else {
                    return Answer::Nothing;
                };
                let (map, info) = (held.map.clone(), held.map.info().clone());
                let mut answer = self.with_map(*slot, &*map, op);
                self.translate(&info, op, &mut answer);
                answer
            }
        }
    }

    /// Empties a slot, and says whether there was something. The kernel frees a map later, and until then it has its sockets:
    /// they go too.
    fn empty(&mut self, slot: Slot) -> bool {
        let Some(held) = self.slots[slot].take() else {
            return false;
        };
        let holds_sockets = matches!(
            held.map.info().map_type,
            MapType::SOCKMAP | MapType::SOCKHASH | MapType::REUSEPORT_SOCKARRAY
        );
        drop(held);
        if holds_sockets {
            (0..SOCKETS.len()).for_each(|socket| self.world.renew(socket));
        }
        true
    }

    fn create(&mut self, slot: Slot, spec: &MapSpec, template: Option<Slot>) -> Answer {
        self.empty(slot);
        let template = template.and_then(|from| self.held(from).map(|held| held.map.clone()));
        let made = self.world.system().create_map(spec, template.as_deref());
        made.map(|map| {
            let serial = self.serials.len();
            self.serials.insert(map.info().id.0, serial);
            let facts = facts(&map);
            self.slots[slot] = Some(Held::new(map, serial, Order::of(spec)));
            Answer::Facts(facts)
        })
        .into()
    }

    fn reopen(&mut self, slot: Slot, into: Slot) -> Answer {
        let Some(held) = &self.slots[slot] else {
            return Answer::Nothing;
        };
        let (serial, order) = (held.serial, held.order);
        let opened = self.world.system().map_by_id(held.map.info().id);
        opened
            .map(|map| {
                let facts = facts(&map);
                self.empty(into);
                self.slots[into] = Some(Held::new(map, serial, order));
                Answer::Facts(facts)
            })
            .into()
    }

    fn with_map(&self, slot: Slot, map: &dyn Map, op: &Op) -> Answer {
        let info = map.info();
        match op {
            Op::Lookup { key, flags, .. } => {
                let mut value = vec![0xa5; answer_size(info, *flags)];
                // A Bloom filter is asked for the value.
                let key = if info.map_type == MapType::BLOOM_FILTER {
                    value = self.bytes(key);
                    Vec::new()
                } else {
                    self.bytes(key)
                };
                let found = map.lookup_elem(&key, &mut value, LookupFlags(*flags));
                found.map(|found| bytes_if(found, value)).into()
            }
            Op::Update {
                key, value, flags, ..
            } => map
                .update_elem(&self.bytes(key), &self.bytes(value), UpdateFlags(*flags))
                .map(|()| Answer::Done)
                .into(),
            Op::Delete { key, .. } => map.delete_elem(&self.bytes(key)).map(done_if).into(),
            Op::Take { key, flags, .. } => {
                let mut value = vec![0xa5; answer_size(info, *flags)];
                let taken =
                    map.lookup_and_delete_elem(&self.bytes(key), &mut value, LookupFlags(*flags));
                taken.map(|taken| bytes_if(taken, value)).into()
            }
            Op::Next { after, .. } => {
                let after = after.as_ref().map(|after| self.bytes(after));
                let mut next = vec![0xa5; info.key_size as usize];
                let found = map.next_key(after.as_deref(), &mut next);
                found.map(|found| bytes_if(found, next)).into()
            }
            Op::Walk { .. } => walk(map).into(),
            Op::UpdateBatch {
                keys,
                values,
                flags,
                ..
            } => map
                .update_batch(&self.list(keys), &self.list(values), BatchFlags(*flags))
                .map(Answer::Count)
                .into(),
            Op::DeleteBatch { keys, flags, .. } => map
                .delete_batch(&self.list(keys), BatchFlags(*flags))
                .map(Answer::Count)
                .into(),
            Op::LookupMany { keys, .. } => {
                let all = self.list(keys);
                let mut values = vec![0xa5; info.transfer_size() * keys.len()];
                let mut found = vec![false; keys.len()];
                let looked = map.lookup_many(&all, &mut values, &mut found);
                let values = values.chunks(info.transfer_size().max(1));
                let elements = keys.iter().zip(values).zip(&found);
                looked
                    .map(|()| {
                        let elements = elements.map(|((key, value), found)| {
                            (key.raw.clone(), found.then(|| value.to_vec()))
                        });
                        Answer::Elements(elements.collect(), true)
                    })
                    .into()
            }
            Op::Freeze { .. } => map.freeze().map(|()| Answer::Done).into(),
            Op::Info { .. } => state(map).into(),
            Op::Touch { word, store, .. } => {
                let memory = self.held(slot).and_then(|held| held.memory.as_ref());
                let Some(memory) = memory else {
                    return Answer::Nothing;
                };
                let words = memory.words();
                if let (Some(store), Some(place)) = (store, words.atomic(*word)) {
                    place.store(*store, std::sync::atomic::Ordering::Relaxed);
                }
                match words.load(*word) {
                    Some(value) => Answer::Word(value),
                    None => Answer::Absent,
                }
            }
            _ => Answer::Nothing,
        }
    }

    fn read_batch(
        &mut self,
        slot: Slot,
        count: usize,
        delete: bool,
        flags: u64,
        anew: bool,
    ) -> Answer {
        let Some(held) = &mut self.slots[slot] else {
            return Answer::Nothing;
        };
        let whole = held.order != Order::Exact;
        if anew || whole {
            held.cursor = BatchCursor::new();
        }
        let map = held.map.clone();
        let info = map.info();
        let mut answer = if whole {
            sweep(&*map, count.max(1), delete, flags)
        } else {
            batch(&*map, &mut held.cursor, count, delete, flags)
                .map(|(elements, done)| Answer::Elements(elements, done))
        }
        .into();
        let op = Op::Walk { slot };
        self.translate(info, &op, &mut answer);
        answer
    }

    /// Puts numbers that both systems have in common in the place of ids.
    fn translate(&mut self, info: &MapInfo, op: &Op, answer: &mut Answer) {
        match answer {
            Answer::Bytes(value) if matches!(op, Op::Lookup { .. } | Op::Take { .. }) => {
                self.translate_value(info.map_type, value);
            }
            Answer::Elements(elements, _) => {
                for value in elements.iter_mut().filter_map(|(_, value)| value.as_mut()) {
                    self.translate_value(info.map_type, value);
                }
            }
            _ => {}
        }
    }

    fn translate_value(&mut self, map_type: MapType, value: &mut [u8]) {
        let word = |value: &[u8], at: usize| {
            let bytes = value.get(at..at + 4)?;
            bytes.try_into().ok().map(u32::from_ne_bytes)
        };
        let program = |id: u32| {
            let programs = self.world.programs();
            let at = programs
                .iter()
                .position(|program| program.info().id.0 == id);
            at.map(|at| at as u32 + 1_000)
        };
        let (at, number) = match map_type {
            MapType::ARRAY_OF_MAPS | MapType::HASH_OF_MAPS => {
                let serial = word(value, 0).and_then(|id| self.serials.get(&id));
                (0, serial.map(|serial| *serial as u32 + 1_000))
            }
            MapType::PROG_ARRAY => (0, word(value, 0).and_then(program)),
            MapType::DEVMAP | MapType::DEVMAP_HASH | MapType::CPUMAP => {
                (4, word(value, 4).and_then(program))
            }
            MapType::SOCKMAP | MapType::SOCKHASH | MapType::REUSEPORT_SOCKARRAY => {
                if let Ok(cookie) = <[u8; 8]>::try_from(&*value) {
                    let cookie = u64::from_ne_bytes(cookie);
                    let seen = self.cookies.iter().position(|known| *known == cookie);
                    let seen = seen.unwrap_or_else(|| {
                        self.cookies.push(cookie);
                        self.cookies.len() - 1
                    });
                    value.copy_from_slice(&(seen as u64 + 1_000).to_ne_bytes());
                }
                return;
            }
            _ => return,
        };
        if let (Some(number), Some(place)) = (number, value.get_mut(at..at + 4)) {
            place.copy_from_slice(&number.to_ne_bytes());
        }
    }

    fn list(&self, list: &[Bytes]) -> Vec<u8> {
        list.iter().flat_map(|bytes| self.bytes(bytes)).collect()
    }

    /// Bytes with this system's own numbers.
    fn bytes(&self, bytes: &Bytes) -> Vec<u8> {
        let mut raw = bytes.raw.clone();
        for (at, thing) in &bytes.things {
            if let Some(place) = raw.get_mut(*at..at + 4) {
                place.copy_from_slice(&self.number(*thing).to_ne_bytes());
            }
        }
        raw
    }

    fn number(&self, thing: Thing) -> u32 {
        let handle = match thing {
            Thing::Nothing => return u32::MAX,
            Thing::Closed => return 1_000_000_000,
            Thing::Interface(index) => return self.world.interface(index),
            Thing::Map(slot) => match self.held(slot) {
                Some(held) => held.map.handle(),
                None => return u32::MAX,
            },
            Thing::Program(index) => self.world.programs()[index].handle(),
            Thing::Socket(index) => self.world.socket(index).handle(),
            Thing::Cgroup(index) => self.world.cgroup(index).handle(),
            Thing::File(index) => self.world.file(index).handle(),
            Thing::Task => self.world.task().handle(),
        };
        handle
            .raw_in(self.world.system().id())
            .expect("of this system")
    }
}

/// Bytes that a lookup with these flags asks for.
fn answer_size(info: &MapInfo, flags: u64) -> usize {
    if LookupFlags(flags).contains(LookupFlags::CPU) {
        info.value_size as usize
    } else {
        info.transfer_size()
    }
}

fn bytes_if(found: bool, bytes: Vec<u8>) -> Answer {
    if found {
        Answer::Bytes(bytes)
    } else {
        Answer::Absent
    }
}

fn done_if(done: bool) -> Answer {
    if done { Answer::Done } else { Answer::Absent }
}

/// What does not change, apart from the id.
fn facts(map: &dyn Map) -> String {
    let info = map.info();
    format!(
        "{} {} key {} value {} entries {} flags {:?} extra {} ifindex {} cpus {}",
        info.name,
        info.map_type,
        info.key_size,
        info.value_size,
        info.max_entries,
        info.flags,
        info.map_extra,
        info.ifindex,
        info.possible_cpus,
    )
}

/// What changes, apart from ids and memory.
fn state(map: &dyn Map) -> Result<Answer, MapError> {
    let state = map.query()?;
    Ok(Answer::Facts(format!(
        "{}; frozen {:?} typed {} {:?} {:?} owner {:?}",
        facts(map),
        state.frozen,
        state.btf_id.is_some(),
        state.key_type,
        state.value_type,
        state.owner_type,
    )))
}

fn walk(map: &dyn Map) -> Result<Answer, MapError> {
    let info = map.info();
    let mut elements: Vec<Element> = Vec::new();
    let mut next = vec![0xa5; info.key_size as usize];
    let mut last: Option<Vec<u8>> = None;
    while elements.len() < WALK && map.next_key(last.as_deref(), &mut next)? {
        let mut value = vec![0xa5; info.transfer_size()];
        let found = map.lookup_elem(&next, &mut value, LookupFlags::NONE)?;
        elements.push((next.clone(), found.then_some(value)));
        last = Some(next.clone());
    }
    let all = elements.len() < WALK;
    Ok(Answer::Elements(elements, all))
}

fn batch(
    map: &dyn Map,
    cursor: &mut BatchCursor,
    count: usize,
    delete: bool,
    flags: u64,
) -> Result<(Vec<Element>, bool), MapError> {
    let info = map.info();
    let (key_size, value_size) = (info.key_size as usize, info.transfer_size());
    let mut keys = vec![0xa5; key_size * count];
    let mut values = vec![0xa5; value_size * count];
    let flags = BatchFlags(flags);
    let batch = if delete {
        map.lookup_and_delete_batch(cursor, &mut keys, &mut values, flags)
    } else {
        map.lookup_batch(cursor, &mut keys, &mut values, flags)
    }?;
    let pairs = keys
        .chunks(key_size.max(1))
        .zip(values.chunks(value_size.max(1)));
    let pairs = pairs
        .take(batch.count)
        .map(|(key, value)| (key.to_vec(), Some(value.to_vec())));
    Ok((pairs.collect(), batch.done))
}

/// Everything in batches, which become larger where a bucket has more.
fn sweep(map: &dyn Map, count: usize, delete: bool, flags: u64) -> Result<Answer, MapError> {
    let mut cursor = BatchCursor::new();
    let (mut all, mut count) = (Vec::new(), count);
    for _ in 0..WALK {
        match batch(map, &mut cursor, count, delete, flags) {
            Ok((elements, done)) => {
                all.extend(elements);
                if done {
                    return Ok(Answer::Elements(all, true));
                }
            }
            Err(error) if error.errno() == Some(Errno::ENOSPC) => count *= 2,
            Err(error) => return Err(error),
        }
    }
    Ok(Answer::Elements(all, false))
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Bytes(bytes) => hex(f, bytes),
            Answer::Elements(elements, all) => {
                for (key, value) in elements {
                    hex(f, key)?;
                    f.write_str("=")?;
                    match value {
                        Some(value) => hex(f, value)?,
                        None => f.write_str("nothing")?,
                    }
                    f.write_str(" ")?;
                }
                write!(f, "({}{})", elements.len(), if *all { ", all" } else { "" })
            }
            Answer::Refused(refusal) => match refusal.errno {
                Some(errno) => write!(f, "{errno:?} after {}: {}", refusal.done, refusal.text),
                None => write!(f, "refused after {}: {}", refusal.done, refusal.text),
            },
            Answer::Facts(facts) => f.write_str(facts),
            other => write!(f, "{other:?}"),
        }
    }
}
