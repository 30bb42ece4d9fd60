//! Operations on maps: libc, aya, libbpf-rs and ours, on the same kernel map.

use std::hint::black_box;
use std::sync::Arc;

use anyhow::{Context, Result};
use aya::maps::{MapData, PerCpuValues as AyaValues};
use ebpf_core::map::{
    LookupFlags, MapExt, MapFlags, MapSpec, MapType, PerCpuMap, TypedMap, UpdateFlags,
};
use ebpf_core::{KernelSystem, Map, System};
use libbpf_rs::{MapCore, MapFlags as LibbpfFlags, MapHandle};

use crate::harness::{Arm, compare};
use crate::raw;

const MANY: u32 = 100_000;

/// One kernel map as each library sees it.
struct Views {
    ours: Arc<dyn Map>,
    raw: raw::Map,
    libbpf: MapHandle,
    id: u32,
}

fn views(system: &KernelSystem, spec: &MapSpec) -> Result<Views> {
    let ours = system.create_map(spec, None)?;
    let raw = raw::Map::of(ours.fd().context("the kernel gives descriptors")?);
    let id = ours.info().id.0;
    Ok(Views {
        raw,
        libbpf: MapHandle::from_map_id(id)?,
        id,
        ours,
    })
}

impl Views {
    fn aya(&self) -> Result<MapData> {
        Ok(MapData::from_id(self.id)?)
    }
}

pub fn run(rounds: usize) -> Result<()> {
    let system = KernelSystem::new();
    hash(&system, rounds)?;
    array(&system, rounds)?;
    per_cpu(&system, rounds)?;
    walk(&system, rounds)?;
    bulk(&system, rounds)?;
    memory(&system, rounds)
}

fn hash(system: &KernelSystem, rounds: usize) -> Result<()> {
    let views = views(system, &MapSpec::new("hash", MapType::HASH, 4, 8, 1024))?;
    let mut aya =
        aya::maps::HashMap::<_, u32, u64>::try_from(aya::maps::Map::HashMap(views.aya()?))?;
    let typed = TypedMap::<u32, u64, _>::new(views.ours.clone())?;
    for key in 0..1000 {
        typed.upsert(&key, &u64::from(key))?;
    }
    let key_of = |i: u64| (i % 1000) as u32;
    compare(
        "hash: lookup",
        rounds,
        100_000,
        1,
        vec![
            Arm::new("libc", |n| {
                let mut value = [0; 8];
                for i in 0..n {
                    assert!(views.raw.lookup(&key_of(i).to_ne_bytes(), &mut value));
                    black_box(value);
                }
            }),
            Arm::new("aya", |n| {
                (0..n).for_each(|i| {
                    black_box(aya.get(&key_of(i), 0).unwrap());
                })
            }),
            Arm::new("libbpf-rs lookup", |n| {
                (0..n).for_each(|i| {
                    black_box(
                        views
                            .libbpf
                            .lookup(&key_of(i).to_ne_bytes(), LibbpfFlags::ANY)
                            .unwrap(),
                    );
                });
            }),
            Arm::new("libbpf-rs lookup_into", |n| {
                let mut value = [0; 8];
                for i in 0..n {
                    assert!(
                        views
                            .libbpf
                            .lookup_into(&key_of(i).to_ne_bytes(), &mut value, LibbpfFlags::ANY)
                            .unwrap()
                    );
                    black_box(value);
                }
            }),
            Arm::new("ebpf-core, dyn Map", |n| {
                let mut value = [0; 8];
                for i in 0..n {
                    assert!(
                        views
                            .ours
                            .lookup_elem(&key_of(i).to_ne_bytes(), &mut value, LookupFlags::NONE)
                            .unwrap()
                    );
                    black_box(value);
                }
            }),
            Arm::new("ebpf-core, TypedMap::get", |n| {
                (0..n).for_each(|i| {
                    black_box(typed.get(&key_of(i)).unwrap());
                })
            }),
        ],
    );

    let keys: Vec<u8> = (0..1000u32).flat_map(u32::to_ne_bytes).collect();
    let (mut values, mut found) = (vec![0; 8000], vec![false; 1000]);
    compare(
        "hash: 1000 lookups at once, for each",
        rounds,
        100,
        1000,
        vec![
            Arm::new("libc, a loop", |n| {
                let mut value = [0; 8];
                for _ in 0..n {
                    for key in keys.chunks(4) {
                        assert!(views.raw.lookup(key, &mut value));
                        black_box(value);
                    }
                }
            }),
            Arm::new("ebpf-core, lookup_many", |n| {
                (0..n).for_each(|_| {
                    views
                        .ours
                        .lookup_many(&keys, &mut values, &mut found)
                        .unwrap()
                });
            }),
        ],
    );

    compare(
        "hash: update",
        rounds,
        100_000,
        1,
        vec![
            Arm::new("libc", |n| {
                (0..n).for_each(|i| {
                    assert!(views.raw.update(&key_of(i).to_ne_bytes(), &i.to_ne_bytes()))
                })
            }),
            Arm::new("aya", |n| {
                (0..n).for_each(|i| aya.insert(key_of(i), i, 0).unwrap())
            }),
            Arm::new("libbpf-rs", |n| {
                (0..n).for_each(|i| {
                    views
                        .libbpf
                        .update(&key_of(i).to_ne_bytes(), &i.to_ne_bytes(), LibbpfFlags::ANY)
                        .unwrap()
                });
            }),
            Arm::new("ebpf-core, dyn Map", |n| {
                (0..n).for_each(|i| {
                    views
                        .ours
                        .update_elem(&key_of(i).to_ne_bytes(), &i.to_ne_bytes(), UpdateFlags::ANY)
                        .unwrap()
                });
            }),
            Arm::new("ebpf-core, TypedMap::upsert", |n| {
                (0..n).for_each(|i| typed.upsert(&key_of(i), &i).unwrap())
            }),
        ],
    );

    let mut aya =
        aya::maps::HashMap::<_, u32, u64>::try_from(aya::maps::Map::HashMap(views.aya()?))?;
    compare(
        "hash: insert and delete",
        rounds,
        50_000,
        1,
        vec![
            Arm::new("libc", |n| {
                for i in 0..n {
                    assert!(views.raw.update(&2000u32.to_ne_bytes(), &i.to_ne_bytes()));
                    assert!(views.raw.delete(&2000u32.to_ne_bytes()));
                }
            }),
            Arm::new("aya", |n| {
                for i in 0..n {
                    aya.insert(2000, i, 0).unwrap();
                    aya.remove(&2000).unwrap();
                }
            }),
            Arm::new("libbpf-rs", |n| {
                for i in 0..n {
                    views
                        .libbpf
                        .update(&2000u32.to_ne_bytes(), &i.to_ne_bytes(), LibbpfFlags::ANY)
                        .unwrap();
                    views.libbpf.delete(&2000u32.to_ne_bytes()).unwrap();
                }
            }),
            Arm::new("ebpf-core, TypedMap", |n| {
                for i in 0..n {
                    typed.upsert(&2000, &i).unwrap();
                    assert!(typed.remove(&2000).unwrap());
                }
            }),
        ],
    );
    Ok(())
}

fn array(system: &KernelSystem, rounds: usize) -> Result<()> {
    let views = views(system, &MapSpec::new("array", MapType::ARRAY, 4, 8, 1024))?;
    let aya = aya::maps::Array::<_, u64>::try_from(aya::maps::Map::Array(views.aya()?))?;
    let typed = TypedMap::<u32, u64, _>::new(views.ours.clone())?;
    let key_of = |i: u64| (i % 1024) as u32;
    compare(
        "array: lookup",
        rounds,
        100_000,
        1,
        vec![
            Arm::new("libc", |n| {
                let mut value = [0; 8];
                for i in 0..n {
                    assert!(views.raw.lookup(&key_of(i).to_ne_bytes(), &mut value));
                    black_box(value);
                }
            }),
            Arm::new("aya", |n| {
                (0..n).for_each(|i| {
                    black_box(aya.get(&key_of(i), 0).unwrap());
                })
            }),
            Arm::new("libbpf-rs lookup_into", |n| {
                let mut value = [0; 8];
                for i in 0..n {
                    assert!(
                        views
                            .libbpf
                            .lookup_into(&key_of(i).to_ne_bytes(), &mut value, LibbpfFlags::ANY)
                            .unwrap()
                    );
                    black_box(value);
                }
            }),
            Arm::new("ebpf-core, TypedMap::get", |n| {
                (0..n).for_each(|i| {
                    black_box(typed.get(&key_of(i)).unwrap());
                })
            }),
        ],
    );
    Ok(())
}

fn per_cpu(system: &KernelSystem, rounds: usize) -> Result<()> {
    let views = views(
        system,
        &MapSpec::new("percpu", MapType::PERCPU_ARRAY, 4, 8, 1024),
    )?;
    let mut aya =
        aya::maps::PerCpuArray::<_, u64>::try_from(aya::maps::Map::PerCpuArray(views.aya()?))?;
    let typed = PerCpuMap::<u32, u64, _>::new(views.ours.clone())?;
    let bytes = views.ours.info().transfer_size();
    let cpus = views.ours.info().possible_cpus as usize;
    let key_of = |i: u64| (i % 1024) as u32;
    let mut reused = typed.values();
    compare(
        "per-CPU array: get",
        rounds,
        100_000,
        1,
        vec![
            Arm::new("libc", |n| {
                let mut value = vec![0; bytes];
                for i in 0..n {
                    assert!(views.raw.lookup(&key_of(i).to_ne_bytes(), &mut value));
                    black_box(&value);
                }
            }),
            Arm::new("aya", |n| {
                (0..n).for_each(|i| {
                    black_box(aya.get(&key_of(i), 0).unwrap());
                })
            }),
            Arm::new("libbpf-rs", |n| {
                (0..n).for_each(|i| {
                    black_box(
                        views
                            .libbpf
                            .lookup_percpu(&key_of(i).to_ne_bytes(), LibbpfFlags::ANY)
                            .unwrap(),
                    );
                });
            }),
            Arm::new("ebpf-core, PerCpuMap::get", |n| {
                (0..n).for_each(|i| {
                    black_box(typed.get(&key_of(i)).unwrap());
                })
            }),
            Arm::new("ebpf-core, PerCpuMap::get_into", |n| {
                for i in 0..n {
                    assert!(typed.get_into(&key_of(i), &mut reused).unwrap());
                    black_box(&reused);
                }
            }),
        ],
    );
    let values = typed.values();
    compare(
        "per-CPU array: set",
        rounds,
        100_000,
        1,
        vec![
            Arm::new("libc", |n| {
                let value = vec![0; bytes];
                (0..n).for_each(|i| assert!(views.raw.update(&key_of(i).to_ne_bytes(), &value)));
            }),
            Arm::new("aya", |n| {
                (0..n).for_each(|i| {
                    aya.set(key_of(i), AyaValues::try_from(vec![i; cpus]).unwrap(), 0)
                        .unwrap()
                });
            }),
            Arm::new("libbpf-rs", |n| {
                let value = vec![vec![0; 8]; cpus];
                (0..n).for_each(|i| {
                    views
                        .libbpf
                        .update_percpu(&key_of(i).to_ne_bytes(), &value, LibbpfFlags::ANY)
                        .unwrap()
                });
            }),
            Arm::new("ebpf-core, PerCpuMap::upsert", |n| {
                (0..n).for_each(|i| typed.upsert(&key_of(i), &values).unwrap())
            }),
        ],
    );
    Ok(())
}

fn walk(system: &KernelSystem, rounds: usize) -> Result<()> {
    let views = views(
        system,
        &MapSpec::new("walk", MapType::HASH, 4, 8, MANY + MANY / 4),
    )?;
    let aya = aya::maps::HashMap::<_, u32, u64>::try_from(aya::maps::Map::HashMap(views.aya()?))?;
    let typed = TypedMap::<u32, u64, _>::new(views.ours.clone())?;
    let keys: Vec<u32> = (0..MANY).collect();
    let values: Vec<u64> = keys.iter().map(|key| u64::from(*key)).collect();
    typed.upsert_many(&keys, &values)?;
    let sum: u64 = values.iter().sum();
    compare(
        "hash of 100 000: every pair, for each",
        rounds.min(7),
        1,
        u64::from(MANY),
        vec![
            Arm::new("libc, next_key and lookup", |n| {
                for _ in 0..n {
                    let (mut key, mut next, mut value) = ([0; 4], [0; 4], [0; 8]);
                    let mut total = 0;
                    let mut more = views.raw.next_key(None, &mut next);
                    while more {
                        key = next;
                        assert!(views.raw.lookup(&key, &mut value));
                        total += u64::from_ne_bytes(value);
                        more = views.raw.next_key(Some(&key), &mut next);
                    }
                    black_box(key);
                    assert_eq!(total, sum);
                }
            }),
            Arm::new("libc, batches of 4096", |n| {
                let (mut keys, mut values) = (vec![0; 4 * 4096], vec![0; 8 * 4096]);
                for _ in 0..n {
                    let (mut token, mut total, mut more) = (None, 0, true);
                    while more {
                        let mut count = 4096;
                        more =
                            views
                                .raw
                                .lookup_batch(&mut token, &mut keys, &mut values, &mut count);
                        let read = values[..8 * count as usize].chunks_exact(8);
                        total += read
                            .map(|value| u64::from_ne_bytes(value.try_into().unwrap()))
                            .sum::<u64>();
                    }
                    assert_eq!(total, sum);
                }
            }),
            Arm::new("aya, iter", |n| {
                (0..n).for_each(|_| {
                    assert_eq!(aya.iter().map(|pair| pair.unwrap().1).sum::<u64>(), sum)
                });
            }),
            Arm::new("libbpf-rs, keys and lookup", |n| {
                for _ in 0..n {
                    let total: u64 = views
                        .libbpf
                        .keys()
                        .map(|key| {
                            views
                                .libbpf
                                .lookup(&key, LibbpfFlags::ANY)
                                .unwrap()
                                .unwrap()
                        })
                        .map(|value| u64::from_ne_bytes(value.try_into().unwrap()))
                        .sum();
                    assert_eq!(total, sum);
                }
            }),
            Arm::new("libbpf-rs, lookup_batch (see below)", |n| {
                for _ in 0..n {
                    let pairs = views
                        .libbpf
                        .lookup_batch(4096, LibbpfFlags::ANY, LibbpfFlags::ANY)
                        .unwrap();
                    black_box(
                        pairs
                            .map(|(_, value)| u64::from_ne_bytes(value.try_into().unwrap()))
                            .sum::<u64>(),
                    );
                }
            }),
            Arm::new("ebpf-core, TypedMap::pairs", |n| {
                (0..n).for_each(|_| {
                    assert_eq!(typed.pairs().map(|pair| pair.unwrap().1).sum::<u64>(), sum)
                });
            }),
            Arm::new("ebpf-core, MapExt::for_each_pair", |n| {
                for _ in 0..n {
                    let mut total = 0;
                    views
                        .ours
                        .for_each_pair(|_, value| {
                            total += u64::from_ne_bytes(value.try_into().unwrap())
                        })
                        .unwrap();
                    assert_eq!(total, sum);
                }
            }),
        ],
    );
    let given = views
        .libbpf
        .lookup_batch(4096, LibbpfFlags::ANY, LibbpfFlags::ANY)?
        .count();
    println!("  (libbpf-rs' lookup_batch gave {given} of {MANY} pairs)");
    Ok(())
}

fn bulk(system: &KernelSystem, rounds: usize) -> Result<()> {
    let views = views(
        system,
        &MapSpec::new("bulk", MapType::HASH, 4, 8, MANY + MANY / 4),
    )?;
    let mut aya =
        aya::maps::HashMap::<_, u32, u64>::try_from(aya::maps::Map::HashMap(views.aya()?))?;
    let typed = TypedMap::<u32, u64, _>::new(views.ours.clone())?;
    let keys: Vec<u32> = (0..MANY).collect();
    let values: Vec<u64> = keys.iter().map(|key| u64::from(*key)).collect();
    let key_bytes: Vec<u8> = keys.iter().flat_map(|key| key.to_ne_bytes()).collect();
    let value_bytes: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_ne_bytes())
        .collect();
    compare(
        "hash: write 100 000 elements, for each",
        rounds.min(7),
        1,
        u64::from(MANY),
        vec![
            Arm::new("libc, one by one", |n| {
                for _ in 0..n {
                    for (key, value) in key_bytes.chunks(4).zip(value_bytes.chunks(8)) {
                        assert!(views.raw.update(key, value));
                    }
                }
            }),
            Arm::new("libc, one batch", |n| {
                (0..n).for_each(|_| assert!(views.raw.update_batch(&key_bytes, &value_bytes, MANY)))
            }),
            Arm::new("aya, one by one", |n| {
                (0..n).for_each(|_| {
                    keys.iter()
                        .zip(&values)
                        .for_each(|(key, value)| aya.insert(key, value, 0).unwrap())
                });
            }),
            Arm::new("libbpf-rs, update_batch", |n| {
                for _ in 0..n {
                    views
                        .libbpf
                        .update_batch(
                            &key_bytes,
                            &value_bytes,
                            MANY,
                            LibbpfFlags::ANY,
                            LibbpfFlags::ANY,
                        )
                        .unwrap();
                }
            }),
            Arm::new("ebpf-core, upsert_many", |n| {
                (0..n).for_each(|_| {
                    assert_eq!(typed.upsert_many(&keys, &values).unwrap(), keys.len())
                });
            }),
        ],
    );
    Ok(())
}

fn memory(system: &KernelSystem, rounds: usize) -> Result<()> {
    let spec = MapSpec::new("mapped", MapType::ARRAY, 4, 8, 1024).with_flags(MapFlags::MMAPABLE);
    let views = views(system, &spec)?;
    let raw = raw::mapped(views.ours.fd().context("descriptor")?, 8192);
    let memory = views.ours.memory()?;
    let words = memory.words();
    let typed = TypedMap::<u32, u64, _>::new(views.ours.clone())?;
    compare(
        "mappable array: read one value",
        rounds,
        1_000_000,
        1,
        vec![
            Arm::new("volatile read of an mmap", |n| {
                // SAFETY: `raw` maps 8192 bytes, the index stays below 1024 words.
                (0..n).for_each(|i| {
                    black_box(unsafe { raw.add((i % 1024) as usize).read_volatile() });
                });
            }),
            Arm::new("ebpf-core, Words::load", |n| {
                (0..n).for_each(|i| {
                    black_box(words.load((i % 1024) as usize));
                })
            }),
        ],
    );
    compare(
        "mappable array: read one value by a call",
        rounds,
        100_000,
        1,
        vec![Arm::new("ebpf-core, TypedMap::get", |n| {
            (0..n).for_each(|i| {
                black_box(typed.get(&((i % 1024) as u32)).unwrap());
            });
        })],
    );
    Ok(())
}
