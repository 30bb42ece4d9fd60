//! Edges of maps that comparing systems operation by operation found: orders, flags, and which of two refusals comes first.

use std::sync::Arc;

use crate::Errno;
use crate::conformance::{
    Testbed, code, errno_of, get_bytes, keys, load, map, program, put, refused, requires, spec,
    store, suite, typed, write,
};
use crate::hook::Interface;
use crate::map::{BatchFlags, LookupFlags, Map, MapFlags, MapSpec, MapType, UpdateFlags};
use crate::program::{AttachType, ProgramType};
use crate::system::Feature;

fn numbers(map: &dyn Map) -> Vec<u32> {
    let number = |key: Vec<u8>| u32::from_ne_bytes(key.try_into().expect("4 bytes"));
    keys(map).into_iter().map(number).collect()
}

fn ifindex(t: &dyn Testbed, case: &str) -> Option<u32> {
    match t.interfaces().swap_remove(0) {
        Interface::Index(index) => Some(index),
        Interface::Name(name) => {
            t.skip(case, &format!("interface `{name}` has no index here"));
            None
        }
    }
}

fn flagged(map_type: MapType, value_size: u32, flags: MapFlags) -> MapSpec {
    spec(map_type, 4, value_size, 4).with_flags(flags)
}

suite! { ($) edges, __conformance_edges;
    fn a_hash_without_a_seed_has_one_order(t) {
        for (key_size, order) in [(4, [1u8, 2, 3, 5, 4, 0]), (5, [0, 2, 5, 4, 3, 1]), (16, [0, 2, 1, 3, 4, 5])] {
            let map = map(t, &spec(MapType::HASH, key_size, 8, 64).with_flags(MapFlags::ZERO_SEED));
            for n in 0..6 {
                put(&map, &vec![n; key_size as usize], &1u64);
            }
            let first: Vec<u8> = keys(&map).iter().map(|key| key[0]).collect();
            assert_eq!(first, order, "keys of {key_size} bytes");
        }
    }

    fn interfaces_by_key_are_walked_bucket_by_bucket(t, case) {
        requires!(t, case, Feature::MapType(MapType::DEVMAP_HASH));
        let Some(index) = ifindex(t, case) else { return };
        let map = map(t, &spec(MapType::DEVMAP_HASH, 4, 4, 4));
        for key in [7u32, 1, 5, 2] {
            put(&map, &key, &index);
        }
        assert_eq!(numbers(&map), [5, 1, 2, 7], "of a bucket the newest comes first");
        put(&map, &1, &index);
        assert_eq!(numbers(&map), [1, 5, 2, 7], "one that was written again is new");
    }

    fn what_fills_up_the_value_of_a_cpu_is_kept_or_zero(t) {
        for map_type in [MapType::PERCPU_HASH, MapType::LRU_PERCPU_HASH, MapType::PERCPU_ARRAY] {
            let map = map(t, &spec(map_type, 4, 5, 4));
            let value = vec![0xee; map.info().transfer_size()];
            put(&map, &1, &value);
            // Zero since Linux 7.0.
            let zero = [0xee, 0xee, 0xee, 0xee, 0xee, 0, 0, 0].repeat(value.len() / 8);
            let found = get_bytes(&map, &1).expect("it was put there");
            assert!(found == value || found == zero, "{map_type}: {found:?}");
        }
    }

    fn what_a_descriptor_is_for_is_not_told_of_the_map(t) {
        for flag in [MapFlags::RDONLY, MapFlags::WRONLY] {
            assert_eq!(map(t, &flagged(MapType::HASH, 8, flag)).info().flags, MapFlags::NONE);
        }
    }

    fn programs_only_read_maps_of_interfaces(t, case) {
        for map_type in [MapType::DEVMAP, MapType::DEVMAP_HASH] {
            requires!(t, case, Feature::MapType(map_type));
            let devices = map(t, &spec(map_type, 4, 4, 4));
            assert_eq!(devices.info().flags, MapFlags::RDONLY_PROG, "{map_type}");
            let asked = flagged(map_type, 4, MapFlags::RDONLY_PROG);
            assert_eq!(errno_of(t.system().create_map(&asked, None)), Errno::EINVAL, "{map_type}");
        }
    }

    fn arrays_of_descriptors_have_no_flags_of_programs(t) {
        for map_type in [MapType::PROG_ARRAY, MapType::CGROUP_ARRAY, MapType::PERF_EVENT_ARRAY] {
            for flag in [MapFlags::RDONLY_PROG, MapFlags::WRONLY_PROG] {
                let refusal = refused(t, &flagged(map_type, 4, flag));
                assert_eq!(refusal.errno(), Some(Errno::EINVAL), "{map_type} {flag:?}");
            }
        }
        for flag in [MapFlags::RDONLY, MapFlags::RDONLY_PROG] {
            let refusal = refused(t, &flagged(MapType::CPUMAP, 4, flag));
            assert_eq!(refusal.errno(), Some(Errno::EINVAL), "CPUs {flag:?}");
        }
    }

    fn lists_of_each_cpu_are_of_equal_length(t) {
        let cpus = t.system().cpus().expect("CPUs").possible.slots();
        let asked = spec(MapType::LRU_HASH, 4, 8, 10 * cpus + 1).with_flags(MapFlags::NO_COMMON_LRU);
        assert_eq!(map(t, &asked).info().max_entries, 11 * cpus);
    }

    fn no_node_in_particular_is_a_node(t) {
        for map_type in [MapType::HASH, MapType::PERCPU_ARRAY] {
            let mut asked = spec(map_type, 4, 8, 4);
            asked.numa_node = Some(u32::MAX);
            assert_eq!(map(t, &asked).info().flags, MapFlags::NUMA_NODE, "{map_type}");
        }
    }

    fn a_hash_has_at_most_so_many_buckets(t) {
        let huge = spec(MapType::HASH, 4, 8, (1 << 27) + 1).with_flags(MapFlags::NO_PREALLOC);
        assert_eq!(refused(t, &huge).errno(), Some(Errno::E2BIG));
        let long = spec(MapType::SOCKHASH, 513, 4, 4);
        assert_eq!(refused(t, &long).errno(), Some(Errno::E2BIG), "keys of sockets come from stacks");
    }

    fn the_loopback_interface_keeps_no_maps(t) {
        let on = |map_type, ifindex| {
            let mut asked = spec(map_type, 4, 8, 4);
            asked.ifindex = ifindex;
            refused(t, &asked).errno()
        };
        assert_eq!(on(MapType::LRU_HASH, 1), Some(Errno::EINVAL), "only hashes and arrays are offloaded");
        assert_eq!(on(MapType::HASH, 4_000_000), Some(Errno::EINVAL), "no such interface");
        assert_eq!(on(MapType::ARRAY, 1), Some(Errno::EOPNOTSUPP));
    }

    fn an_interface_is_asked_before_the_map_is_allocated(t) {
        let on = |map_type, [key, value, entries]: [u32; 3], ifindex| {
            let mut asked = spec(map_type, key, value, entries);
            asked.ifindex = ifindex;
            refused(t, &asked).errno()
        };
        let long_key = [4096, 4, 3];
        assert_eq!(on(MapType::SOCKHASH, long_key, 0), Some(Errno::E2BIG));
        assert_eq!(on(MapType::SOCKHASH, long_key, 1), Some(Errno::EINVAL), "its own rule comes later");
        let many = [4, 8, (1 << 27) + 1];
        assert_eq!(on(MapType::HASH, many, 0), Some(Errno::E2BIG));
        assert_eq!(on(MapType::HASH, many, 1), Some(Errno::EOPNOTSUPP), "buckets are counted later");
        let large = [0, (4 << 20) + 1, 4];
        for ifindex in [0, 1] {
            assert_eq!(on(MapType::QUEUE, large, ifindex), Some(Errno::E2BIG), "its own rule comes first");
        }
    }

    fn flags_are_looked_at_before_cpus_are_counted(t, case) {
        requires!(t, case, Feature::MapType(MapType::CPUMAP));
        let many = spec(MapType::CPUMAP, 4, 4, 1 << 20);
        assert_eq!(refused(t, &many).errno(), Some(Errno::E2BIG));
        assert_eq!(refused(t, &many.with_flags(MapFlags::RDONLY)).errno(), Some(Errno::EINVAL));
    }

    fn a_template_is_looked_at_before_buckets_are_counted(t) {
        let inner = spec(MapType::ARRAY, 4, 8, 4);
        let many = |inner| spec(MapType::HASH_OF_MAPS, 4, 4, (1 << 27) + 1).with_inner(inner);
        let outer = spec(MapType::ARRAY_OF_MAPS, 4, 4, 1).with_inner(inner.clone());
        assert_eq!(refused(t, &many(inner)).errno(), Some(Errno::E2BIG));
        assert_eq!(refused(t, &many(outer)).errno(), Some(Errno::EINVAL), "maps of maps of maps");
    }

    fn a_batch_of_deletions_takes_the_flag_for_locks_only(t, case) {
        requires!(t, case, Feature::BatchOperations);
        let map = map(t, &spec(MapType::HASH, 4, 8, 4));
        let flags = BatchFlags::LOCK;
        assert_eq!(errno_of(map.delete_batch(&[0; 4], flags)), Errno::EINVAL, "there is no lock");
        assert_eq!(errno_of(map.delete_batch(&[0; 4], BatchFlags(8))), Errno::EINVAL);
    }

    fn the_first_program_says_for_which_an_array_is(t) {
        let programs = map(t, &spec(MapType::PROG_ARRAY, 4, 4, 4));
        assert_eq!(programs.query().expect("query").owner_type, None);
        let first = program(t, ProgramType::SOCKET_FILTER, "r0 = 0\nexit", &[]);
        store(t, &programs, 0, first.handle(), UpdateFlags::ANY).expect("store");
        assert_eq!(programs.query().expect("query").owner_type, Some(ProgramType::SOCKET_FILTER));
        programs.delete_elem(&[0; 4]).expect("delete");
        assert_eq!(programs.query().expect("query").owner_type, Some(ProgramType::SOCKET_FILTER), "it stays");
    }

    fn a_wrong_program_for_a_cpu_is_refused(t, case) {
        requires!(t, case, Feature::AttachType(ProgramType::XDP, AttachType::XDP_CPUMAP));
        let cpus = map(t, &spec(MapType::CPUMAP, 4, 8, 1));
        let wrong = load(t, &code(ProgramType::XDP, "r0 = 2\nexit"), &[]).expect("load");
        let raw = wrong.handle().raw_in(t.system().id()).expect("of this system");
        let value = [8u32.to_ne_bytes(), raw.to_ne_bytes()].concat();
        let errno = errno_of(write(&cpus, &0, &value, UpdateFlags::ANY));
        assert!(matches!(errno, Errno::ENOMEM | Errno::EINVAL), "EINVAL since Linux 7.0: {errno}");
    }

    fn a_key_that_is_there_is_refused_before_a_wrong_program(t, case) {
        requires!(t, case, Feature::MapType(MapType::DEVMAP_HASH));
        let Some(index) = ifindex(t, case) else { return };
        let devices = map(t, &spec(MapType::DEVMAP_HASH, 4, 8, 4));
        let wrong = program(t, ProgramType::SOCKET_FILTER, "r0 = 0\nexit", &[]);
        let raw = wrong.handle().raw_in(t.system().id()).expect("of this system");
        let value = [index.to_ne_bytes(), raw.to_ne_bytes()].concat();
        assert_eq!(errno_of(write(&devices, &0, &value, UpdateFlags::ANY)), Errno::EINVAL);
        put(&devices, &0, &[index, 0].map(u32::to_ne_bytes).concat());
        assert_eq!(errno_of(write(&devices, &0, &value, UpdateFlags::NO_EXIST)), Errno::EEXIST);
    }

    fn a_negative_descriptor_is_no_socket(t) {
        for map_type in [MapType::SOCKMAP, MapType::SOCKHASH] {
            let sockets = map(t, &spec(map_type, 4, 4, 4));
            assert_eq!(errno_of(write(&sockets, &0, &u32::MAX, UpdateFlags::ANY)), Errno::EINVAL, "{map_type}");
            assert_eq!(errno_of(write(&sockets, &0, &1_000_000_000u32, UpdateFlags::ANY)), Errno::EBADF, "{map_type}");
        }
    }

    fn a_descriptor_for_one_way_shares_no_memory(t, case) {
        requires!(t, case, Feature::MmapableArrays);
        let shared = |flag| {
            let map: Arc<dyn Map> = map(t, &flagged(MapType::ARRAY, 8, MapFlags::MMAPABLE | flag));
            errno_of(map.memory())
        };
        assert_eq!(shared(MapFlags::RDONLY), Errno::EINVAL);
        assert_eq!(shared(MapFlags::WRONLY), Errno::EACCES);
    }

    fn the_types_of_keys_and_values_are_told(t, case) {
        requires!(t, case, Feature::Btf);
        let asked = typed(spec(MapType::HASH, 4, 8, 4), false);
        let types = asked.types.clone().expect("types");
        let state = map(t, &asked).query().expect("query");
        assert_eq!((state.key_type, state.value_type), (types.key, types.value));
        let other = map(t, &typed(spec(MapType::HASH, 4, 12, 4), false));
        assert_eq!(other.query().expect("query").btf_id, None, "values of another size have no such type");
    }

    fn a_lock_is_for_maps_that_programs_read_and_write(t, case) {
        requires!(t, case, Feature::Btf);
        let one_way = typed(flagged(MapType::HASH, 8, MapFlags::RDONLY_PROG), true);
        let map = map(t, &one_way);
        let looked = map.lookup_elem(&[0; 4], &mut [0; 8], LookupFlags::LOCK);
        assert_eq!(errno_of(looked), Errno::EINVAL);
    }

    fn inner_maps_have_the_locks_of_their_template(t, case) {
        requires!(t, case, Feature::Btf);
        let inner = |locked| typed(spec(MapType::HASH, 4, 8, 4), locked);
        let outer = spec(MapType::ARRAY_OF_MAPS, 4, 4, 4).with_inner(inner(true));
        let outer = match t.system().create_map(&outer, None) {
            Err(error) if error.errno() == Some(Errno::ENOTSUPP) => {
                return t.skip(case, "this system has no inner maps with locks");
            }
            outer => outer.expect("create"),
        };
        let (with, without) = (map(t, &inner(true)), map(t, &inner(false)));
        store(t, &outer, 0, with.handle(), UpdateFlags::ANY).expect("store");
        let refusal = store(t, &outer, 0, without.handle(), UpdateFlags::ANY);
        assert_eq!(errno_of(refusal), Errno::EINVAL);
    }

    fn a_template_that_is_refused_is_named(t) {
        let mut inner = spec(MapType::ARRAY, 4, 8, 4);
        inner.name = "inside".into();
        inner.map_extra = 1;
        let refusal = refused(t, &spec(MapType::ARRAY_OF_MAPS, 4, 4, 4).with_inner(inner));
        assert!(refusal.to_string().contains("inside"), "{refusal}");
    }
}
