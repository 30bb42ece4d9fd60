//! Lookup, update, insertion with deletion, and walks: a plain collection, the kernel's map by system calls, the simulated
//! map; with one thread, and with two on the same map.

use std::collections::{HashMap, VecDeque};
use std::hint::black_box;
use std::sync::{Arc, RwLock};

use anyhow::Result;
use ebpf_core::map::{LookupFlags, MapSpec, MapType, UpdateFlags};
use ebpf_core::{KernelSystem, Map, System};
use ebpf_mock::MockSystem;

use crate::harness::{Arm, compare, compare_by};
use crate::own_time;

/// Elements of a map. Keys go round.
const ELEMENTS: u32 = 1000;

/// Operations of a measurement.
const REPETITIONS: u64 = 20_000;

/// The same map on both systems.
struct Pair {
    kernel: Arc<dyn Map>,
    mock: Arc<dyn Map>,
}

impl Pair {
    fn new(spec: &MapSpec) -> Result<Pair> {
        let pair = Pair {
            kernel: KernelSystem::new().create_map(spec, None)?,
            mock: simulated().create_map(spec, None)?,
        };
        for map in [&pair.kernel, &pair.mock] {
            for key in 0..ELEMENTS {
                let value = vec![key as u8; map.info().transfer_size()];
                map.update_elem(&key_of(map, key), &value, UpdateFlags::ANY)?;
            }
        }
        Ok(pair)
    }
}

/// A machine of as many CPUs as this one, for values of the same length.
fn simulated() -> MockSystem {
    match KernelSystem::new().cpus() {
        Ok(cpus) => MockSystem::builder().cpu_sets(cpus).build(),
        Err(_) => MockSystem::new(),
    }
}

/// A key of a map: the number, in a trie with its length in front.
fn key_of(map: &dyn Map, number: u32) -> Vec<u8> {
    match map.info().map_type {
        MapType::LPM_TRIE => [32u32.to_ne_bytes(), number.to_be_bytes()].concat(),
        _ => number.to_ne_bytes().to_vec(),
    }
}

fn keys_of(map: &dyn Map) -> Vec<Vec<u8>> {
    (0..ELEMENTS).map(|number| key_of(map, number)).collect()
}

pub fn run(rounds: usize, only: &str) -> Result<()> {
    let of =
        |name: &str, map_type, key_size| MapSpec::new(name, map_type, key_size, 8, ELEMENTS * 2);
    for spec in [
        of("hash", MapType::HASH, 4),
        of("lru_hash", MapType::LRU_HASH, 4),
        of("percpu_hash", MapType::PERCPU_HASH, 4),
        of("array", MapType::ARRAY, 4),
        of("percpu_array", MapType::PERCPU_ARRAY, 4),
        of("lpm_trie", MapType::LPM_TRIE, 8),
    ] {
        let pair = Pair::new(&spec)?;
        let title = |what: &str| format!("{}: {what}", spec.name);
        let wanted = |title: &str| title.contains(only);
        if wanted(&title("lookup")) {
            lookup(&title("lookup"), rounds, &pair);
        }
        if wanted(&title("update")) {
            update(&title("update"), rounds, &pair);
        }
        let fixed = matches!(spec.map_type, MapType::ARRAY | MapType::PERCPU_ARRAY);
        if !fixed && wanted(&title("insert and delete")) {
            insert_and_delete(&title("insert and delete"), rounds, &pair);
        }
        if wanted(&title("walk")) {
            walk(&title("walk, for each key"), rounds, &pair);
        }
        for (what, writes) in [("lookup", false), ("update", true)] {
            let title = title(&format!("{what}, two threads, each"));
            if wanted(&title) {
                two_threads(&title, rounds, &pair, writes);
            }
        }
    }
    queue(rounds, only)
}

fn plain() -> HashMap<u32, u64> {
    (0..ELEMENTS).map(|key| (key, u64::from(key))).collect()
}

fn lookup(title: &str, rounds: usize, pair: &Pair) {
    let plain = plain();
    let arm = |name, map: &Arc<dyn Map>| {
        let (map, keys) = (map.clone(), keys_of(map));
        let mut value = vec![0; map.info().transfer_size()];
        Arm::new(name, move |n| {
            for key in keys.iter().cycle().take(n as usize) {
                assert!(map.lookup_elem(key, &mut value, LookupFlags::NONE).unwrap());
                black_box(&value);
            }
        })
    };
    let arms = vec![
        Arm::new("HashMap", |n| {
            for key in (0..ELEMENTS).cycle().take(n as usize) {
                black_box(plain.get(&black_box(key)).unwrap());
            }
        }),
        arm("kernel", &pair.kernel),
        arm("mock", &pair.mock),
    ];
    compare_by(own_time, title, rounds, REPETITIONS, 1, arms);
}

fn update(title: &str, rounds: usize, pair: &Pair) {
    let mut plain = plain();
    let arm = |name, map: &Arc<dyn Map>| {
        let (map, keys) = (map.clone(), keys_of(map));
        let value = vec![7; map.info().transfer_size()];
        Arm::new(name, move |n| {
            for key in keys.iter().cycle().take(n as usize) {
                map.update_elem(key, &value, UpdateFlags::ANY).unwrap();
            }
        })
    };
    let arms = vec![
        Arm::new("HashMap", |n| {
            for key in (0..ELEMENTS).cycle().take(n as usize) {
                plain.insert(black_box(key), 7);
            }
        }),
        arm("kernel", &pair.kernel),
        arm("mock", &pair.mock),
    ];
    compare_by(own_time, title, rounds, REPETITIONS, 1, arms);
}

fn insert_and_delete(title: &str, rounds: usize, pair: &Pair) {
    let mut plain = plain();
    let arm = |name, map: &Arc<dyn Map>| {
        let (map, key) = (map.clone(), key_of(map, ELEMENTS));
        let value = vec![7; map.info().transfer_size()];
        Arm::new(name, move |n| {
            for _ in 0..n {
                map.update_elem(&key, &value, UpdateFlags::NO_EXIST)
                    .unwrap();
                assert!(map.delete_elem(&key).unwrap());
            }
        })
    };
    let arms = vec![
        Arm::new("HashMap", |n| {
            for _ in 0..n {
                plain.insert(black_box(ELEMENTS), 7);
                plain.remove(&black_box(ELEMENTS));
            }
        }),
        arm("kernel", &pair.kernel),
        arm("mock", &pair.mock),
    ];
    compare_by(own_time, title, rounds, REPETITIONS / 2, 1, arms);
}

fn walk(title: &str, rounds: usize, pair: &Pair) {
    let plain = plain();
    let arm = |name, map: &Arc<dyn Map>| {
        let map = map.clone();
        let mut keys = [0, 1].map(|_| vec![0; map.info().key_size as usize]);
        Arm::new(name, move |n| {
            for _ in 0..n {
                let [last, next] = &mut keys;
                let mut more = map.next_key(None, last).unwrap();
                while more {
                    more = map.next_key(Some(last), next).unwrap();
                    std::mem::swap(last, next);
                }
            }
        })
    };
    let arms = vec![
        Arm::new("HashMap", |n| {
            for _ in 0..n {
                plain.keys().for_each(|key| {
                    black_box(key);
                });
            }
        }),
        arm("kernel", &pair.kernel),
        arm("mock", &pair.mock),
    ];
    // An array has twice as many keys.
    let keys = match pair.mock.info().map_type {
        MapType::ARRAY | MapType::PERCPU_ARRAY => ELEMENTS * 2,
        _ => ELEMENTS,
    };
    compare_by(own_time, title, rounds, 10, keys.into(), arms);
}

fn two_threads(title: &str, rounds: usize, pair: &Pair, writes: bool) {
    let shared = RwLock::new(plain());
    let arm = |name, map: &Arc<dyn Map>| {
        let (map, keys) = (map.clone(), keys_of(map));
        Arm::new(name, move |n| {
            let work = || {
                let mut value = vec![7; map.info().transfer_size()];
                for key in keys.iter().cycle().take(n as usize) {
                    if writes {
                        map.update_elem(key, &value, UpdateFlags::ANY).unwrap();
                    } else {
                        assert!(map.lookup_elem(key, &mut value, LookupFlags::NONE).unwrap());
                    }
                }
            };
            std::thread::scope(|scope| {
                scope.spawn(work);
                work();
            });
        })
    };
    let arms = vec![
        Arm::new("HashMap behind an RwLock", |n| {
            let work = || {
                for key in (0..ELEMENTS).cycle().take(n as usize) {
                    if writes {
                        shared.write().unwrap().insert(black_box(key), 7);
                    } else {
                        black_box(shared.read().unwrap().get(&black_box(key)).copied());
                    }
                }
            };
            std::thread::scope(|scope| {
                scope.spawn(work);
                work();
            });
        }),
        arm("kernel", &pair.kernel),
        arm("mock", &pair.mock),
    ];
    compare(title, rounds, REPETITIONS, 1, arms);
}

fn queue(rounds: usize, only: &str) -> Result<()> {
    let title = "queue: push and pop";
    if !title.contains(only) {
        return Ok(());
    }
    let spec = MapSpec::new("queue", MapType::QUEUE, 0, 8, 100);
    let kernel = KernelSystem::new().create_map(&spec, None)?;
    let mock = simulated().create_map(&spec, None)?;
    let mut plain = VecDeque::new();
    let arm = |name, map: Arc<dyn Map>| {
        let mut value = [7; 8];
        Arm::new(name, move |n| {
            for _ in 0..n {
                map.update_elem(&[], &value, UpdateFlags::ANY).unwrap();
                let there = map.lookup_and_delete_elem(&[], &mut value, LookupFlags::NONE);
                assert!(there.unwrap());
            }
        })
    };
    let arms = vec![
        Arm::new("VecDeque", |n| {
            for _ in 0..n {
                plain.push_back(black_box(7u64));
                black_box(plain.pop_front());
            }
        }),
        arm("kernel", kernel),
        arm("mock", mock),
    ];
    compare_by(own_time, title, rounds, REPETITIONS / 2, 1, arms);
    Ok(())
}
