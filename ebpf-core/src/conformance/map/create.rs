//! Creating maps: sizes, flags, names: `map_create()` in kernel/bpf/syscall.c.

use crate::Errno;
use crate::conformance::{errno_of, get, get_bytes, map, put, refused, requires, spec, suite};
use crate::map::{LookupFlags, MapFlags, MapSpec, MapType, UpdateFlags};
use crate::system::Feature;

suite! { ($) create, __conformance_create;
    fn a_map_knows_what_it_was_made_of(t) {
        let map = map(t, &MapSpec::new("shape", MapType::HASH, 3, 7, 5).with_flags(MapFlags::NO_PREALLOC));
        let info = map.info();
        assert_eq!((&*info.name, info.map_type), ("shape", MapType::HASH));
        assert_eq!((info.key_size, info.value_size, info.max_entries), (3, 7, 5));
        assert_eq!(info.flags, MapFlags::NO_PREALLOC);
        assert_ne!(info.id.0, 0);
    }

    fn two_maps_of_one_spec_are_two_maps(t) {
        let shape = spec(MapType::ARRAY, 4, 8, 1);
        let (one, two) = (map(t, &shape), map(t, &shape));
        assert_ne!(one.info().id, two.info().id);
        put(&one, &0, &1u64);
        assert_eq!(get(&two, &0), Some(0u64));
    }

    fn a_long_name_is_kept_in_full_here_and_cut_there(t) {
        let name = "a_name_of_more_than_fifteen_bytes";
        let map = map(t, &MapSpec::new(name, MapType::ARRAY, 4, 8, 1));
        assert_eq!(&*map.info().name, name);
        let again = t.system().map_by_id(map.info().id).expect("by id");
        assert_eq!(&*again.info().name, &name[..15]);
    }

    fn a_name_may_have_any_characters(t) {
        for name in ["", "with space", "ümlaut", "a-b", ".rodata", "x.y_z9"] {
            let map = map(t, &MapSpec::new(name, MapType::ARRAY, 4, 8, 1));
            assert_eq!(&*map.info().name, name);
        }
    }

    fn a_name_with_a_nul_is_refused(t) {
        let refused = refused(t, &MapSpec::new("a\0b", MapType::ARRAY, 4, 8, 1));
        assert!(refused.to_string().contains("NUL byte"), "{refused}");
    }

    fn sizes_that_break_a_rule_are_refused_with_the_rule(t) {
        for (map_type, key, value, words) in [
            (MapType::HASH, 0, 8, "at least 1 byte"),
            (MapType::HASH, 4, 0, "at least 1 byte"),
            (MapType::ARRAY, 5, 8, "4 bytes"),
            (MapType::ARRAY, 2, 8, "4 bytes"),
            (MapType::QUEUE, 4, 8, "it has no keys"),
            (MapType::PROG_ARRAY, 4, 8, "4 bytes"),
            (MapType::RINGBUF, 0, 8, "wants 0"),
            (MapType::LPM_TRIE, 4, 8, "5 to 260"),
        ] {
            let error = refused(t, &spec(map_type, key, value, 4096));
            assert!(error.to_string().contains(words), "{map_type}: {error}");
        }
    }

    fn no_entries_is_refused(t) {
        for map_type in [MapType::HASH, MapType::ARRAY, MapType::LRU_HASH, MapType::PERCPU_HASH] {
            let error = refused(t, &spec(map_type, 4, 8, 0));
            assert!(error.to_string().contains("max_entries is 0"), "{error}");
        }
    }

    fn an_unknown_type_is_einval(t) {
        let refused = refused(t, &spec(MapType(9999), 4, 8, 1));
        assert_eq!(refused.errno(), Some(Errno::EINVAL));
    }

    fn unknown_flags_are_einval(t) {
        for map_type in [MapType::HASH, MapType::ARRAY] {
            let refused = refused(t, &spec(map_type, 4, 8, 1).with_flags(MapFlags(1 << 31)));
            assert_eq!(refused.errno(), Some(Errno::EINVAL), "{map_type}");
        }
    }

    fn a_huge_array_is_refused(t) {
        let error = refused(t, &spec(MapType::ARRAY, 4, 1 << 20, u32::MAX));
        assert!(matches!(error.errno(), Some(Errno::E2BIG | Errno::ENOMEM)), "{error}");
    }

    fn a_huge_value_is_e2big(t) {
        let refused = refused(t, &spec(MapType::HASH, 4, u32::MAX - 8, 1));
        assert_eq!(refused.errno(), Some(Errno::E2BIG));
    }

    fn read_and_write_only_together_are_einval(t) {
        let both = spec(MapType::HASH, 4, 8, 1).with_flags(MapFlags::RDONLY | MapFlags::WRONLY);
        assert_eq!(refused(t, &both).errno(), Some(Errno::EINVAL));
    }

    fn a_map_to_read_only_is_not_written(t) {
        let map = map(t, &spec(MapType::HASH, 4, 8, 1).with_flags(MapFlags::RDONLY));
        assert_eq!(errno_of(map.update_elem(&[0; 4], &[0; 8], UpdateFlags::ANY)), Errno::EPERM);
        assert_eq!(errno_of(map.delete_elem(&[0; 4])), Errno::EPERM);
        assert_eq!(map.lookup_elem(&[0; 4], &mut [0; 8], LookupFlags::NONE), Ok(false));
    }

    fn a_map_to_write_only_is_not_read(t) {
        let map = map(t, &spec(MapType::HASH, 4, 8, 1).with_flags(MapFlags::WRONLY));
        map.update_elem(&[0; 4], &[0; 8], UpdateFlags::ANY).expect("update");
        assert_eq!(errno_of(map.lookup_elem(&[0; 4], &mut [0; 8], LookupFlags::NONE)), Errno::EPERM);
        assert_eq!(errno_of(map.next_key(None, &mut [0; 4])), Errno::EPERM);
    }

    fn a_frozen_map_is_only_read(t) {
        let map = map(t, &spec(MapType::ARRAY, 4, 8, 1));
        map.update_elem(&[0; 4], &[5; 8], UpdateFlags::ANY).expect("update");
        map.freeze().expect("freeze");
        assert_eq!(errno_of(map.update_elem(&[0; 4], &[6; 8], UpdateFlags::ANY)), Errno::EPERM);
        let mut value = [0; 8];
        assert_eq!(map.lookup_elem(&[0; 4], &mut value, LookupFlags::NONE), Ok(true));
        assert_eq!(value, [5; 8]);
        assert_eq!(map.query().expect("state").frozen, Some(true));
    }

    fn freezing_twice_is_refused(t) {
        let map = map(t, &spec(MapType::ARRAY, 4, 8, 1));
        assert_eq!(map.query().expect("state").frozen, Some(false));
        map.freeze().expect("freeze");
        // EBUSY on kernels that do not look at the permission first.
        assert!(matches!(errno_of(map.freeze()), Errno::EPERM | Errno::EBUSY));
    }

    fn a_map_in_use_as_memory_cannot_be_frozen(t, case) {
        requires!(t, case, Feature::MmapableArrays);
        let map = map(t, &spec(MapType::ARRAY, 4, 8, 1).with_flags(MapFlags::MMAPABLE));
        let memory = map.memory().expect("memory");
        assert_eq!(errno_of(map.freeze()), Errno::EBUSY);
        drop(memory);
        map.freeze().expect("nobody writes any more");
        assert!(!map.memory().expect("memory to read").words().is_writable());
    }

    fn a_ring_buffer_is_pages_and_a_power_of_two(t, case) {
        requires!(t, case, Feature::MapType(MapType::RINGBUF));
        for size in [1, 4095, 4097, 3 * 4096] {
            let refused = refused(t, &spec(MapType::RINGBUF, 0, 0, size));
            assert_eq!(refused.errno(), Some(Errno::EINVAL));
            assert!(refused.to_string().contains("power of two"), "{refused}");
        }
        assert_eq!(map(t, &spec(MapType::RINGBUF, 0, 0, 1 << 16)).info().max_entries, 1 << 16);
    }

    fn a_ring_buffer_is_not_looked_into(t, case) {
        requires!(t, case, Feature::MapType(MapType::RINGBUF));
        let map = map(t, &spec(MapType::RINGBUF, 0, 0, 1 << 16));
        assert_eq!(errno_of(map.lookup_elem(&[], &mut [], LookupFlags::NONE)), Errno::ENOTSUPP);
        assert_eq!(errno_of(map.update_elem(&[], &[], UpdateFlags::ANY)), Errno::ENOTSUPP);
        assert_eq!(errno_of(map.delete_elem(&[])), Errno::ENOTSUPP);
    }

    fn a_user_ring_buffer_is_pages_and_a_power_of_two(t, case) {
        requires!(t, case, Feature::MapType(MapType::USER_RINGBUF));
        assert_eq!(refused(t, &spec(MapType::USER_RINGBUF, 0, 0, 5000)).errno(), Some(Errno::EINVAL));
        assert_eq!(map(t, &spec(MapType::USER_RINGBUF, 0, 0, 1 << 16)).info().max_entries, 1 << 16);
    }

    fn no_interface_here_keeps_maps(t) {
        for (map_type, ifindex, errno) in [
            (MapType::HASH, 1, Errno::EOPNOTSUPP),
            (MapType::ARRAY, 1, Errno::EOPNOTSUPP),
            (MapType::HASH, 9999, Errno::EINVAL),
            (MapType::LRU_HASH, 1, Errno::EINVAL),
        ] {
            let mut offloaded = spec(map_type, 4, 8, 1);
            offloaded.ifindex = ifindex;
            assert_eq!(refused(t, &offloaded).errno(), Some(errno), "{map_type}");
        }
    }

    fn a_numa_node_must_exist(t) {
        let mut near = spec(MapType::ARRAY, 4, 8, 1);
        near.numa_node = Some(0);
        assert!(map(t, &near).info().flags.contains(MapFlags::NUMA_NODE));
        near.numa_node = Some(100_000);
        assert_eq!(refused(t, &near).errno(), Some(Errno::EINVAL));
    }

    fn every_size_of_a_value_keeps_its_bytes(t) {
        for size in 1..=40u32 {
            for map_type in [MapType::HASH, MapType::ARRAY, MapType::LRU_HASH] {
                let map = map(t, &spec(map_type, 4, size, 3));
                let value: Vec<u8> = (1..=size as u8).collect();
                for key in 0..3 {
                    put(&map, &key, &value);
                }
                assert_eq!(get_bytes(&map, &1), Some(value), "{map_type} of {size} bytes");
            }
        }
    }

    fn memory_is_charged(t) {
        let map = map(t, &spec(MapType::ARRAY, 4, 4096, 16));
        let bytes = map.query().expect("state").memory_bytes.expect("this system tells");
        assert!(bytes >= 16 * 4096, "{bytes} bytes");
    }
}
