//! Maps of every type, beaten by many threads with what is right and what is wrong: nothing panics, nothing hangs, no map
//! holds more than it may. Locks are watched meanwhile.

use std::path::PathBuf;
use std::sync::Arc;

use ebpf_core::System;
use ebpf_core::event::EventOptions;
use ebpf_core::hook::Descriptor;
use ebpf_core::map::{BatchCursor, BatchFlags, LookupFlags, Map, MapSpec, MapType, UpdateFlags};
use ebpf_mock::{MockCgroup, MockFile, MockSocket, MockSystem, MockTask, SocketKind, TaskSpec};

use crate::every_type::{made, small, types};
use crate::{machines, watchdog};

const THREADS: u64 = 4;
const OPERATIONS: u32 = 300;

/// Numbers that look random and are the same each time: SplitMix64.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

/// What descriptors in keys and values name, besides nothing.
struct Things {
    machine: MockSystem,
    _sockets: Vec<MockSocket>,
    _tasks: Vec<MockTask>,
    _files: Vec<MockFile>,
    _cgroups: Vec<MockCgroup>,
    maps: Vec<Arc<dyn Map>>,
    numbers: Vec<u32>,
}

impl Things {
    fn new() -> Things {
        let machine = machines::latest();
        machine
            .create_bpffs_dir("/sys/fs/bpf/stress")
            .expect("a directory");
        for name in ["one", "two"] {
            machine.add_interface(name).expect("an interface");
        }
        let kinds = [
            SocketKind::Tcp,
            SocketKind::Udp,
            SocketKind::Xdp,
            SocketKind::Unix,
        ];
        let sockets: Vec<_> = kinds.map(|kind| machine.socket(kind)).into();
        let tasks: Vec<_> = ["a", "b"]
            .map(|comm| machine.add_task(TaskSpec::new(comm)).expect("a task"))
            .into();
        let files: Vec<_> = [machine.file(), machine.file()].into();
        let cgroups: Vec<_> = ["/sys/fs/cgroup/a", "/sys/fs/cgroup/b"]
            .map(|path| machine.create_cgroup(path).expect("a cgroup"))
            .into();
        let inner = MapSpec::new("inner", MapType::HASH, 4, 8, 4);
        let maps: Vec<_> = types()
            .map(small)
            .chain([inner])
            .map(|spec| made(&machine, &spec))
            .collect();
        let raw = |descriptor: Descriptor<'_>| descriptor.handle().raw_in(machine.id());
        let mut numbers: Vec<u32> = vec![0, 1, 2, 3, u32::MAX];
        numbers.extend(sockets.iter().filter_map(|it| raw(it.into()).ok()));
        numbers.extend(tasks.iter().filter_map(|it| raw(it.into()).ok()));
        numbers.extend(files.iter().filter_map(|it| raw(it.into()).ok()));
        numbers.extend(cgroups.iter().filter_map(|it| raw(it.into()).ok()));
        let of_map = |map: &Arc<dyn Map>| map.handle().raw_in(machine.id());
        numbers.extend(maps.iter().filter_map(|map| of_map(map).ok()));
        Things {
            _sockets: sockets,
            _tasks: tasks,
            _files: files,
            _cgroups: cgroups,
            maps,
            numbers,
            machine,
        }
    }

    /// Bytes of a key or a value: a small number, a descriptor, or anything; mostly as many as are wanted.
    fn bytes(&self, numbers: &mut Numbers, wanted: usize) -> Vec<u8> {
        let length = match numbers.below(24) {
            0 => 0,
            1 => wanted + 1,
            2 => wanted.saturating_sub(1),
            3 => 300,
            _ => wanted,
        };
        let mut bytes = vec![0; length];
        let number = match numbers.below(4) {
            0 => self.numbers[numbers.below(self.numbers.len())],
            1 => numbers.next() as u32,
            _ => numbers.below(6) as u32,
        };
        for (to, from) in bytes.iter_mut().zip(number.to_ne_bytes()) {
            *to = from;
        }
        bytes
    }
}

fn flags(numbers: &mut Numbers) -> u64 {
    match numbers.below(12) {
        0 => numbers.next(),
        1 => UpdateFlags::LOCK.0,
        2 => LookupFlags::on_cpu(1).0,
        3 => 1 << 4,
        n => (n as u64 % 3) * u64::from(n < 8),
    }
}

/// Does one thing to a map, whatever comes of it.
fn operate(things: &Things, map: &dyn Map, numbers: &mut Numbers, thread: u64) {
    let info = map.info();
    let (key_size, value_size) = (info.key_size as usize, info.transfer_size());
    let key = things.bytes(numbers, key_size);
    let mut value = things.bytes(numbers, value_size);
    let flags = flags(numbers);
    let count = numbers.below(6);
    let mut keys = things.bytes(numbers, key_size * count);
    let mut values = things.bytes(numbers, value_size * count);
    let (lookup, batch) = (LookupFlags(flags), BatchFlags(flags));
    let mut cursor = BatchCursor::new();
    if numbers.one_in(4) {
        cursor.set_token(&key);
    }
    let path = PathBuf::from(format!("/sys/fs/bpf/stress/{thread}"));
    match numbers.below(40) {
        0..=5 => drop(map.lookup_elem(&key, &mut value, lookup)),
        6..=15 => drop(map.update_elem(&key, &value, UpdateFlags(flags))),
        16..=18 => drop(map.delete_elem(&key)),
        19..=20 => drop(map.lookup_and_delete_elem(&key, &mut value, lookup)),
        21..=23 => {
            let after = (!numbers.one_in(3)).then_some(&key[..]);
            drop(map.next_key(after, &mut keys));
        }
        24..=25 => drop(map.lookup_batch(&mut cursor, &mut keys, &mut values, batch)),
        26 => drop(map.lookup_and_delete_batch(&mut cursor, &mut keys, &mut values, batch)),
        27..=28 => drop(map.update_batch(&keys, &values, batch)),
        29 => drop(map.delete_batch(&keys, batch)),
        30 => drop(map.lookup_many(&keys, &mut values, &mut vec![false; count])),
        31 => {
            if let Ok(memory) = map.memory()
                && let Some(word) = memory.words().atomic(numbers.below(5))
            {
                word.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
        }
        32 => drop(map.query()),
        33 => drop(things.machine.map_by_id(info.id)),
        34 => drop(map.pin(&path)),
        35 => drop(things.machine.unpin(&path)),
        36 => drop(map.open_events(&EventOptions::new())),
        37 => drop(map.open_producer()),
        38 if numbers.one_in(40) => drop(map.freeze()),
        // A map that goes as others use it.
        _ => drop(made(&things.machine, &small(info.map_type))),
    }
}

/// As many keys as a walk meets, which does not go on for ever.
fn walked(map: &dyn Map) -> usize {
    let most = map.info().max_entries as usize + 8;
    let mut last: Option<Vec<u8>> = None;
    let mut next = vec![0; map.info().key_size as usize];
    for count in 0..most {
        match map.next_key(last.as_deref(), &mut next) {
            Ok(true) => last = Some(next.clone()),
            Ok(false) | Err(_) => return count,
        }
    }
    panic!("{}: more than {most} keys", map.info().map_type);
}

#[test]
fn many_threads_do_anything_to_maps_of_every_type() {
    watchdog::watch();
    let things = Things::new();
    for map in &things.maps {
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let things = &things;
                scope.spawn(move || {
                    let mut numbers = Numbers(u64::from(map.info().map_type.0) << 8 | thread);
                    for _ in 0..OPERATIONS {
                        operate(things, map, &mut numbers, thread);
                    }
                });
            }
        });
        assert!(walked(map) <= map.info().max_entries as usize);
    }
}

#[test]
fn many_threads_do_anything_to_all_maps_at_once() {
    watchdog::watch();
    let things = Things::new();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let things = &things;
            scope.spawn(move || {
                let mut numbers = Numbers(1000 + thread);
                for _ in 0..OPERATIONS * 10 {
                    let map = &things.maps[numbers.below(things.maps.len())];
                    operate(things, map, &mut numbers, thread);
                }
            });
        }
    });
    for map in &things.maps {
        assert!(walked(map) <= map.info().max_entries as usize);
    }
}

/// What is in a hash while threads fill, replace, empty and read it: no value of another key, none half written.
#[test]
fn values_stay_with_their_keys() {
    watchdog::watch();
    let machine = MockSystem::new();
    for map_type in [MapType::HASH, MapType::LRU_HASH] {
        let map = made(&machine, &MapSpec::new("values", map_type, 8, 64, 8));
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let map = &map;
                scope.spawn(move || {
                    let mut numbers = Numbers(thread);
                    for _ in 0..5000 {
                        let byte = numbers.below(8) as u8;
                        let key = [byte; 8];
                        let mut value = [0xff; 64];
                        match numbers.below(4) {
                            0 => drop(map.delete_elem(&key)),
                            1 => map
                                .update_elem(&key, &[byte; 64], UpdateFlags::ANY)
                                .expect("there is room for all keys"),
                            _ => {
                                let found = map.lookup_elem(&key, &mut value, LookupFlags::NONE);
                                if found.expect("a lookup") {
                                    assert_eq!(value, [byte; 64], "{map_type}: key {byte}");
                                }
                            }
                        }
                    }
                });
            }
        });
    }
}
