//! Operations at random: mostly what makes sense, often at an edge, sometimes nonsense.

mod spec;

use ebpf_core::map::{MapSpec, MapType};

pub(crate) use spec::{KINDS, Kinds};

use crate::op::{Bytes, Op, SLOTS, Slot, Thing};
use crate::random::Random;
use crate::side::Answer;
use crate::world::{CGROUPS, FILES, INTERFACES, PROGRAMS, SOCKETS};

/// What the generator knows of the map in a slot.
#[derive(Clone, Debug)]
struct Known {
    spec: MapSpec,
    /// Keys that come again and again.
    keys: Vec<Bytes>,
    /// How many are to be written at once at most.
    batch: usize,
}

/// Makes one operation after the other.
#[derive(Debug)]
pub(crate) struct Generator {
    random: Random,
    kinds: Kinds,
    cpus: usize,
    slots: [Option<Known>; SLOTS],
    /// What may become of a slot, if the operation succeeds.
    pending: Option<(Slot, Known)>,
}

const LOOKUP_FLAGS: &[(u64, u32)] = &[
    (0, 90),
    (4, 5),
    (1, 1),
    (2, 1),
    (8, 1),
    (8 | 1 << 32, 1),
    (16, 1),
    (1 << 40, 1),
];

const UPDATE_FLAGS: &[(u64, u32)] = &[
    (0, 55),
    (1, 16),
    (2, 16),
    (4, 4),
    (5, 2),
    (6, 2),
    (3, 1),
    (7, 1),
    (8, 1),
    (16, 1),
    (1 << 33, 1),
];

const BATCH_FLAGS: &[(u64, u32)] = &[(0, 90), (1, 3), (2, 3), (4, 3), (8, 1), (1 << 40, 1)];

#[derive(Clone, Copy)]
enum Verb {
    Create,
    Drop,
    Reopen,
    Lookup,
    Update,
    Delete,
    Take,
    Next,
    Walk,
    ReadBatch,
    UpdateBatch,
    DeleteBatch,
    LookupMany,
    Freeze,
    Info,
    Share,
    Touch,
    Unshare,
    Renew,
}

const VERBS: &[(Verb, u32)] = &[
    (Verb::Create, 30),
    (Verb::Drop, 8),
    (Verb::Reopen, 8),
    (Verb::Lookup, 220),
    (Verb::Update, 320),
    (Verb::Delete, 100),
    (Verb::Take, 50),
    (Verb::Next, 80),
    (Verb::Walk, 15),
    (Verb::ReadBatch, 30),
    (Verb::UpdateBatch, 20),
    (Verb::DeleteBatch, 12),
    (Verb::LookupMany, 10),
    (Verb::Freeze, 1),
    (Verb::Info, 6),
    (Verb::Share, 5),
    (Verb::Touch, 15),
    (Verb::Unshare, 2),
    (Verb::Renew, 2),
];

impl Generator {
    pub(crate) fn new(seed: u64, kinds: Kinds, cpus: usize) -> Generator {
        Generator {
            random: Random::new(seed),
            kinds,
            cpus,
            slots: Default::default(),
            pending: None,
        }
    }

    /// How many operations a sequence is to have.
    pub(crate) fn length(&mut self) -> usize {
        match self.random.below(4) {
            0 => 40,
            1 => 150,
            _ => 600,
        }
    }

    /// The next operation.
    pub(crate) fn next(&mut self) -> Op {
        self.pending = None;
        let slot = self.random.below(SLOTS);
        let Some(known) = self.slots[slot].clone() else {
            return self.create(slot);
        };
        let flags = |random: &mut Random, from: &[(u64, u32)]| random.weighted(from);
        let mut verb = self.random.weighted(VERBS);
        // The kernel waits for its programs after each change of those.
        let changes = matches!(
            verb,
            Verb::Update | Verb::Delete | Verb::Take | Verb::UpdateBatch | Verb::DeleteBatch
        );
        if changes && is_slow(known.spec.map_type) && self.random.chance(700) {
            verb = Verb::Lookup;
        }
        match verb {
            Verb::Create => self.create(slot),
            Verb::Drop => {
                self.slots[slot] = None;
                Op::Drop { slot }
            }
            Verb::Reopen => {
                let into = self.random.below(SLOTS);
                self.pending = Some((into, known));
                Op::Reopen { slot, into }
            }
            Verb::Lookup if known.spec.map_type == MapType::BLOOM_FILTER => Op::Lookup {
                slot,
                key: self.value(&known),
                flags: flags(&mut self.random, LOOKUP_FLAGS),
            },
            Verb::Lookup => Op::Lookup {
                slot,
                key: self.key(&known),
                flags: flags(&mut self.random, LOOKUP_FLAGS),
            },
            Verb::Update => {
                let flags = flags(&mut self.random, UPDATE_FLAGS);
                let mut value = self.value(&known);
                if flags & 0x18 != 0 {
                    value.raw.truncate(known.spec.value_size as usize);
                }
                Op::Update {
                    slot,
                    key: self.key(&known),
                    value,
                    flags,
                }
            }
            Verb::Delete => Op::Delete {
                slot,
                key: self.key(&known),
            },
            Verb::Take => Op::Take {
                slot,
                key: self.key(&known),
                flags: flags(&mut self.random, LOOKUP_FLAGS),
            },
            Verb::Next => {
                let after = (!self.random.chance(200)).then(|| self.key(&known));
                Op::Next { slot, after }
            }
            Verb::Walk => Op::Walk { slot },
            Verb::ReadBatch => Op::ReadBatch {
                slot,
                count: self.random.pick(&[0, 1, 1, 2, 3, 4, 5, 8, 16, 33]),
                delete: self.random.chance(250),
                flags: flags(&mut self.random, BATCH_FLAGS),
                anew: self.random.chance(400),
            },
            Verb::UpdateBatch => {
                let count = self.random.below(known.batch + 1);
                Op::UpdateBatch {
                    slot,
                    keys: self.keys(&known, count),
                    values: (0..count).map(|_| self.value(&known)).collect(),
                    flags: flags(&mut self.random, BATCH_FLAGS),
                }
            }
            Verb::DeleteBatch => {
                let count = self.random.below(known.batch.min(4) + 1);
                Op::DeleteBatch {
                    slot,
                    keys: self.keys(&known, count),
                    flags: flags(&mut self.random, BATCH_FLAGS),
                }
            }
            Verb::LookupMany => {
                let count = self.random.below(known.batch + 1);
                Op::LookupMany {
                    slot,
                    keys: self.keys(&known, count),
                }
            }
            Verb::Freeze => Op::Freeze { slot },
            Verb::Info => Op::Info { slot },
            Verb::Share => Op::Share { slot },
            Verb::Touch => Op::Touch {
                slot,
                word: self.random.below(12),
                store: self.random.chance(500).then(|| self.random.next()),
            },
            Verb::Unshare => Op::Unshare { slot },
            Verb::Renew => Op::Renew {
                socket: self.random.below(SOCKETS.len()),
            },
        }
    }

    /// Notes what became of the last operation.
    pub(crate) fn note(&mut self, op: &Op, answer: &Answer) {
        if let Op::Create { slot, .. } = op {
            self.slots[*slot] = None;
        }
        if let (Some((slot, known)), Answer::Facts(_)) = (self.pending.take(), answer) {
            self.slots[slot] = Some(known);
        }
    }

    fn create(&mut self, slot: Slot) -> Op {
        let others: Vec<MapSpec> = self
            .slots
            .iter()
            .flatten()
            .map(|known| known.spec.clone())
            .collect();
        let spec = spec::random(&mut self.random, &self.kinds, self.cpus, &others);
        let template = (spec.map_type.holds_maps() && self.random.chance(300))
            .then(|| self.random.below(SLOTS));
        let keys = self.pool(&spec);
        self.pending = Some((
            slot,
            Known {
                keys,
                batch: if is_slow(spec.map_type) { 3 } else { 12 },
                spec: spec.clone(),
            },
        ));
        Op::Create {
            slot,
            spec: Box::new(spec),
            template,
        }
    }

    fn keys(&mut self, known: &Known, count: usize) -> Vec<Bytes> {
        (0..count).map(|_| self.key(known)).collect()
    }

    /// The keys that a map is mostly asked for: a few more than it may hold.
    fn pool(&mut self, spec: &MapSpec) -> Vec<Bytes> {
        let count = (spec.max_entries as usize).saturating_mul(3) / 2 + 2;
        let base = self.random.bytes(spec.key_size as usize);
        (0..count.min(24))
            .map(|n| self.fresh_key(spec, &base, n))
            .collect()
    }

    fn key(&mut self, known: &Known) -> Bytes {
        let mut key = if known.keys.is_empty() || self.random.chance(60) {
            let n = self.random.below(1 << 20);
            let base = self.random.bytes(known.spec.key_size as usize);
            self.fresh_key(&known.spec, &base, n)
        } else {
            known.keys[self.random.below(known.keys.len())].clone()
        };
        self.misfit(&mut key);
        key
    }

    /// Rarely a byte too few or too many.
    fn misfit(&mut self, bytes: &mut Bytes) {
        match self.random.below(600) {
            0 => bytes.raw.push(0),
            1 => drop(bytes.raw.pop()),
            _ => {}
        }
    }

    fn fresh_key(&mut self, spec: &MapSpec, base: &[u8], n: usize) -> Bytes {
        let size = spec.key_size as usize;
        let number = |n: u32| Bytes::from(n.to_ne_bytes().to_vec());
        match spec.map_type {
            MapType::LPM_TRIE => {
                let bits = size.saturating_sub(4) as u32 * 8;
                let length = match self.random.below(20) {
                    0 => bits + 1 + self.random.below(3) as u32,
                    1 => 0,
                    2 => self.random.next() as u32,
                    _ => self.random.below(bits as usize + 1) as u32,
                };
                // Few bits differ, so that prefixes contain one another.
                let mut data = base.get(4..).unwrap_or_default().to_vec();
                for _ in 0..self.random.below(3) {
                    if let Some(at) = data.len().checked_sub(1) {
                        data[self.random.below(at + 1)] ^= 1 << self.random.below(8);
                    }
                }
                Bytes::from([length.to_ne_bytes().to_vec(), data].concat())
            }
            MapType::SK_STORAGE
            | MapType::CGRP_STORAGE
            | MapType::INODE_STORAGE
            | MapType::TASK_STORAGE => {
                let thing = self.thing(Some(spec.map_type));
                Bytes::from(vec![0; size]).with(0, thing)
            }
            map_type if is_array(map_type) => match self.random.below(25) {
                0 => number(self.random.next() as u32),
                1 => number(u32::MAX - self.random.below(2) as u32),
                2 => number(spec.max_entries),
                3 => number(spec.max_entries.wrapping_sub(1)),
                _ => number(n as u32 % spec.max_entries.max(1)),
            },
            _ => {
                let mut raw = base.to_vec();
                let number = (n as u64).to_le_bytes();
                let at = if self.random.chance(500) {
                    0
                } else {
                    size.saturating_sub(4)
                };
                for (place, byte) in raw.iter_mut().skip(at).zip(number) {
                    *place ^= byte;
                }
                Bytes::from(raw)
            }
        }
    }

    fn value(&mut self, known: &Known) -> Bytes {
        let spec = &known.spec;
        let size = spec.value_size as usize;
        let mut value = match spec.map_type {
            MapType::PROG_ARRAY
            | MapType::ARRAY_OF_MAPS
            | MapType::HASH_OF_MAPS
            | MapType::SOCKMAP
            | MapType::SOCKHASH
            | MapType::XSKMAP
            | MapType::REUSEPORT_SOCKARRAY
            | MapType::PERF_EVENT_ARRAY
            | MapType::CGROUP_ARRAY => {
                let thing = self.thing(Some(spec.map_type));
                Bytes::from(vec![0; size]).with(0, thing)
            }
            MapType::DEVMAP | MapType::DEVMAP_HASH | MapType::CPUMAP => {
                let mut value = Bytes::from(vec![0; size]);
                if spec.map_type == MapType::CPUMAP {
                    let length = self
                        .random
                        .pick(&[0u32, 1, 8, 64, 16_384, 16_385, u32::MAX]);
                    value.raw.splice(..4.min(size), length.to_ne_bytes());
                    value.raw.truncate(size);
                } else if self.random.chance(850) {
                    let interface = Thing::Interface(self.random.below(INTERFACES));
                    value = value.with(0, interface);
                } else {
                    let number = self.random.pick(&[0u32, 77, u32::MAX]);
                    value.raw.splice(..4.min(size), number.to_ne_bytes());
                    value.raw.truncate(size);
                }
                if size == 8 && self.random.chance(600) {
                    let thing = self.thing(Some(MapType::PROG_ARRAY));
                    value = value.with(4, thing);
                }
                value
            }
            map_type if map_type.is_per_cpu() => {
                let stride = size.next_multiple_of(8);
                Bytes::from(self.random.bytes(stride * self.cpus))
            }
            _ => Bytes::from(self.random.bytes(size)),
        };
        self.misfit(&mut value);
        value
    }

    /// Something that a value of such a map names, mostly of the right kind.
    fn thing(&mut self, of: Option<MapType>) -> Thing {
        if self.random.chance(30) {
            return self.random.pick(&[Thing::Nothing, Thing::Closed]);
        }
        let of = of.filter(|_| !self.random.chance(60));
        let random = &mut self.random;
        match of {
            Some(MapType::PROG_ARRAY) => Thing::Program(random.below(PROGRAMS)),
            Some(MapType::ARRAY_OF_MAPS | MapType::HASH_OF_MAPS) => Thing::Map(random.below(SLOTS)),
            Some(MapType::CGROUP_ARRAY | MapType::CGRP_STORAGE) => {
                Thing::Cgroup(random.below(CGROUPS))
            }
            Some(MapType::INODE_STORAGE) => Thing::File(random.below(FILES)),
            Some(MapType::TASK_STORAGE) => Thing::Task,
            Some(_) => Thing::Socket(random.below(SOCKETS.len())),
            None => match random.below(5) {
                0 => Thing::Program(random.below(PROGRAMS)),
                1 => Thing::Map(random.below(SLOTS)),
                2 => Thing::Cgroup(random.below(CGROUPS)),
                3 => Thing::File(random.below(FILES)),
                _ => Thing::Socket(random.below(SOCKETS.len())),
            },
        }
    }
}

/// Whether changing a map takes the kernel long.
fn is_slow(map_type: MapType) -> bool {
    map_type.holds_maps() || map_type == MapType::CPUMAP
}

/// Whether keys of a map are indexes.
fn is_array(map_type: MapType) -> bool {
    matches!(
        map_type,
        MapType::ARRAY
            | MapType::PERCPU_ARRAY
            | MapType::PROG_ARRAY
            | MapType::ARRAY_OF_MAPS
            | MapType::CGROUP_ARRAY
            | MapType::DEVMAP
            | MapType::CPUMAP
            | MapType::XSKMAP
            | MapType::SOCKMAP
            | MapType::REUSEPORT_SOCKARRAY
            | MapType::PERF_EVENT_ARRAY
            | MapType::STACK_TRACE
    )
}
