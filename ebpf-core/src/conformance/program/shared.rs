//! Maps that a program and user space share: each sees what the other wrote.

use std::sync::Arc;

use crate::conformance::{
    FRAME, Testbed, elements, get, get_bytes, map, program, put, requires, run, spec, store, suite,
    take,
};
use crate::map::{Map, MapFlags, MapSpec, MapType, UpdateFlags};
use crate::program::{Program, ProgramExt, ProgramType};
use crate::system::Feature;

/// Adds 1 to the 8-byte value under key 5 of the first map, which is inserted if it is not there.
const COUNT_FIVE: &str = "*(u32 *)(r10 - 4) = 5
    r1 = map_by_idx(0)
    r2 = r10
    r2 += -4
    call bpf_map_lookup_elem
    if r0 == 0 goto insert
    r1 = *(u64 *)(r0 + 0)
    r1 += 1
    *(u64 *)(r0 + 0) = r1
    r0 = 1
    exit
insert: *(u64 *)(r10 - 16) = 1
    r1 = map_by_idx(0)
    r2 = r10
    r2 += -4
    r3 = r10
    r3 += -16
    r4 = 0
    call bpf_map_update_elem
    exit";

/// A program that looks up the packet's first bytes as a key and returns the first word of the value, or 99.
fn finding(t: &dyn Testbed, map: &dyn Map, key_size: u32, wide: bool) -> Arc<dyn Program> {
    let size = if wide { "u64" } else { "u32" };
    let text = format!(
        "r2 = *(u32 *)(r1 + 0)
         r3 = *(u32 *)(r1 + 4)
         r4 = r2
         r4 += {key_size}
         r0 = 98
         if r4 > r3 goto out
         r1 = map_by_idx(0)
         call bpf_map_lookup_elem
         if r0 == 0 goto absent
         r0 = *({size} *)(r0 + 0)
         goto out
 absent: r0 = 99
    out: exit"
    );
    program(t, ProgramType::XDP, &text, &[map])
}

fn found(program: &dyn Program, key: &[u8]) -> u32 {
    let mut frame = FRAME;
    frame[..key.len()].copy_from_slice(key);
    program.run_once(&frame, 0).expect("run").0.return_value
}

/// The values of each CPU under a key.
fn of_each_cpu(map: &dyn Map, key: u32) -> Vec<u64> {
    let bytes = get_bytes(map, &key).expect("the key is there");
    bytes
        .chunks_exact(8)
        .map(|slot| u64::from_ne_bytes(slot.try_into().expect("8 bytes")))
        .collect()
}

suite! { ($) shared, __conformance_shared;
    fn a_program_inserts_and_replaces(t) {
        for map_type in [MapType::HASH, MapType::LRU_HASH] {
            let map = map(t, &spec(map_type, 4, 8, 16));
            let program = program(t, ProgramType::XDP, COUNT_FIVE, &[&map]);
            assert_eq!(run(&program), 0, "the insertion succeeds");
            assert_eq!(get(&map, &5), Some(1u64), "{map_type}");
            assert_eq!((run(&program), run(&program)), (1, 1));
            assert_eq!(get(&map, &5), Some(3u64), "{map_type}");
            put(&map, &5, &100u64);
            run(&program);
            assert_eq!(get(&map, &5), Some(101u64), "{map_type}");
        }
    }

    fn each_cpu_counts_for_itself(t) {
        for map_type in [MapType::PERCPU_ARRAY, MapType::PERCPU_HASH, MapType::LRU_PERCPU_HASH] {
            let map = map(t, &spec(map_type, 4, 8, 16));
            put(&map, &5, &vec![0; map.info().transfer_size()]);
            let program = program(t, ProgramType::XDP, COUNT_FIVE, &[&map]);
            for _ in 0..20 {
                assert_eq!(run(&program), 1);
            }
            assert_eq!(of_each_cpu(&map, 5).iter().sum::<u64>(), 20, "{map_type}");
        }
    }

    fn an_insertion_by_a_program_is_for_its_cpu_only(t) {
        let map = map(t, &spec(MapType::PERCPU_HASH, 4, 8, 16));
        assert_eq!(run(&program(t, ProgramType::XDP, COUNT_FIVE, &[&map])), 0);
        let values = of_each_cpu(&map, 5);
        assert_eq!(values.iter().filter(|value| **value == 1).count(), 1, "{values:?}");
        assert_eq!(values.iter().sum::<u64>(), 1, "the others start as zeros: {values:?}");
    }

    fn a_program_finds_what_user_space_wrote(t) {
        for map_type in [MapType::HASH, MapType::LRU_HASH] {
            let map = map(t, &spec(map_type, 6, 4, 8));
            put(&map, b"abcdef", &7u32);
            let program = finding(t, &map, 6, false);
            assert_eq!(found(&program, b"abcdef"), 7, "{map_type}");
            assert_eq!(found(&program, b"abcdeg"), 99, "{map_type}");
        }
    }

    fn a_program_finds_the_longest_prefix(t) {
        let trie = map(t, &spec(MapType::LPM_TRIE, 8, 4, 8));
        let prefix = |bits: u32, data: [u8; 4]| [bits.to_ne_bytes(), data].concat();
        put(&trie, &prefix(16, [192, 168, 0, 0]), &16u32);
        put(&trie, &prefix(24, [192, 168, 7, 0]), &24u32);
        let program = finding(t, &trie, 8, false);
        assert_eq!(found(&program, &prefix(32, [192, 168, 7, 1])), 24);
        assert_eq!(found(&program, &prefix(32, [192, 168, 1, 1])), 16, "a /16 of another address");
        assert_eq!(found(&program, &prefix(32, [10, 0, 0, 1])), 99);
        put(&trie, &prefix(0, [0; 4]), &1u32);
        assert_eq!(found(&program, &prefix(32, [10, 0, 0, 1])), 1);
    }

    fn a_program_pushes_and_user_space_pops(t) {
        let queue = map(t, &spec(MapType::QUEUE, 0, 8, 4));
        let text = "*(u64 *)(r10 - 8) = 31
                    r1 = map_by_idx(0)
                    r2 = r10
                    r2 += -8
                    r3 = 0
                    call bpf_map_push_elem
                    exit";
        let program = program(t, ProgramType::XDP, text, &[&queue]);
        assert_eq!([run(&program), run(&program)], [0, 0]);
        let empty: [u8; 0] = [];
        assert_eq!([take(&queue, &empty), take(&queue, &empty)], [Some(31u64), Some(31)]);
        assert_eq!(take::<u64>(&queue, &empty), None);
    }

    fn a_program_deletes(t) {
        let map = map(t, &spec(MapType::HASH, 4, 8, 4));
        put(&map, &5, &1u64);
        put(&map, &6, &1u64);
        let text = "*(u32 *)(r10 - 4) = 5
                    r1 = map_by_idx(0)
                    r2 = r10
                    r2 += -4
                    call bpf_map_delete_elem
                    r0 = -r0
                    exit";
        let program = program(t, ProgramType::XDP, text, &[&map]);
        assert_eq!([run(&program), run(&program)], [0, crate::Errno::ENOENT.0 as u32]);
        assert_eq!(elements(&map).len(), 1);
    }

    fn a_program_sees_update_flags(t) {
        let map = map(t, &spec(MapType::HASH, 4, 8, 1));
        let writing = |flags: u32| {
            let text = format!("*(u32 *)(r10 - 4) = 5
                *(u64 *)(r10 - 16) = 1
                r1 = map_by_idx(0)
                r2 = r10
                r2 += -4
                r3 = r10
                r3 += -16
                r4 = {flags}
                call bpf_map_update_elem
                r0 = -r0
                exit");
            run(&program(t, ProgramType::XDP, &text, &[&map]))
        };
        let errno = |errno: crate::Errno| errno.0 as u32;
        assert_eq!(writing(2), errno(crate::Errno::ENOENT), "replacing what is not there");
        assert_eq!(writing(1), 0, "inserting");
        assert_eq!(writing(1), errno(crate::Errno::EEXIST), "inserting again");
        assert_eq!(writing(2), 0, "replacing");
        assert_eq!(writing(0), 0, "either");
    }

    fn a_program_finds_inner_maps(t) {
        let inner = MapSpec::new("inner", MapType::ARRAY, 4, 8, 1);
        for map_type in [MapType::ARRAY_OF_MAPS, MapType::HASH_OF_MAPS] {
            let outer = map(t, &spec(map_type, 4, 4, 4).with_inner(inner.clone()));
            let stored = map(t, &inner);
            put(&stored, &0, &44u64);
            store(t, &outer, 2, stored.handle(), UpdateFlags::ANY).expect("store");
            let find = |key: u32| {
                let text = format!("*(u32 *)(r10 - 4) = {key}
                    r1 = map_by_idx(0)
                    r2 = r10
                    r2 += -4
                    call bpf_map_lookup_elem
                    if r0 == 0 goto absent
                    *(u32 *)(r10 - 4) = 0
                    r1 = r0
                    r2 = r10
                    r2 += -4
                    call bpf_map_lookup_elem
                    if r0 == 0 goto absent
                    r0 = *(u64 *)(r0 + 0)
                    exit
            absent: r0 = 99
                    exit");
                run(&program(t, ProgramType::XDP, &text, &[&outer]))
            };
            assert_eq!((find(2), find(1)), (44, 99), "{map_type}");
        }
    }

    fn memory_is_shared_with_programs(t, case) {
        requires!(t, case, Feature::MmapableArrays, Feature::GlobalData);
        let globals = map(t, &spec(MapType::ARRAY, 4, 16, 1).with_flags(MapFlags::MMAPABLE));
        let text = "r1 = map_val(map_by_idx(0)) + 8
                    r0 = *(u64 *)(r1 + 0)
                    r2 = r0
                    r2 += 5
                    *(u64 *)(r1 + 0) = r2
                    exit";
        let program = program(t, ProgramType::XDP, text, &[&globals]);
        let memory = globals.memory().expect("memory");
        assert_eq!(run(&program), 0);
        assert_eq!(memory.words().load(1), Some(5));
        let word = memory.words().atomic(1).expect("writable");
        word.store(40, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(run(&program), 40);
        assert_eq!(memory.words().load(1), Some(45));
    }

    fn a_frozen_map_is_still_written_by_programs(t) {
        let map = map(t, &spec(MapType::ARRAY, 4, 8, 8));
        map.freeze().expect("freeze");
        assert_eq!(run(&program(t, ProgramType::XDP, COUNT_FIVE, &[&map])), 1);
        assert_eq!(get(&map, &5), Some(1u64));
    }

    fn a_program_adds_up_a_checksum(t, case) {
        // `bpf_csum_diff`
        requires!(t, case, Feature::Helper(ProgramType::XDP, 28));
        let text = "*(u32 *)(r10 - 8) = 1
                    *(u32 *)(r10 - 4) = 2
                    r1 = 0
                    r2 = 0
                    r3 = r10
                    r3 += -8
                    r4 = 8
                    r5 = 39
                    call bpf_csum_diff
                    exit";
        assert_eq!(run(&program(t, ProgramType::XDP, text, &[])), 42, "the seed and both words");
    }

    fn a_program_asks_for_a_route(t, case) {
        // `bpf_fib_lookup`
        requires!(t, case, Feature::Helper(ProgramType::XDP, 69));
        let asking = |family: u32, ifindex: u32, size: u32| {
            let zeros: String = (1..=8).map(|word| format!("*(u64 *)(r10 - {}) = 0\n", 8 * word)).collect();
            let text = format!(
                "{zeros}*(u8 *)(r10 - 64) = {family}
                 *(u32 *)(r10 - 56) = {ifindex}
                 r2 = r10
                 r2 += -64
                 r3 = {size}
                 r4 = 0
                 call bpf_fib_lookup
                 exit"
            );
            run(&program(t, ProgramType::XDP, &text, &[])) as i32
        };
        assert_eq!(asking(2, 4_000_000, 64), -19, "no such interface: ENODEV");
        assert_eq!(asking(77, 1, 64), -97, "no such family: EAFNOSUPPORT");
        assert_eq!(asking(2, 1, 60), -22, "too short: EINVAL");
    }

    fn the_time_of_a_program_is_the_systems(t) {
        let map = map(t, &spec(MapType::ARRAY, 4, 8, 1));
        let text = "*(u32 *)(r10 - 4) = 0
                    r1 = map_by_idx(0)
                    r2 = r10
                    r2 += -4
                    call bpf_map_lookup_elem
                    if r0 == 0 goto out
                    r6 = r0
                    call bpf_ktime_get_ns
                    *(u64 *)(r6 + 0) = r0
                    r0 = 0
               out: exit";
        let program = program(t, ProgramType::XDP, text, &[&map]);
        let before = t.system().clock().expect("clock").monotonic.as_nanos();
        run(&program);
        let after = t.system().clock().expect("clock").monotonic.as_nanos();
        let seen = u128::from(get::<u64>(&map, &0).expect("element 0"));
        assert!((before..=after).contains(&seen), "{before} {seen} {after}");
    }
}
