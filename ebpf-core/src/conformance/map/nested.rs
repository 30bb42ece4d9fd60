//! Maps of maps (`kernel/bpf/map_in_map.c`) and program arrays.

use std::sync::Arc;

use crate::Errno;
use crate::conformance::{
    Foreign, Testbed, delete, elements, errno_of, get, map, put, refused, spec, store, suite, write,
};
use crate::map::{ArrayOfMaps, HashOfMaps, Map, MapError, MapSpec, MapType, UpdateFlags};

fn inner() -> MapSpec {
    MapSpec::new("inner", MapType::ARRAY, 4, 8, 2)
}

fn outer(t: &dyn Testbed, map_type: MapType) -> Arc<dyn Map> {
    map(t, &spec(map_type, 4, 4, 3).with_inner(inner()))
}

fn id_at(outer: &dyn Map, key: u32) -> Option<u32> {
    get(outer, &key)
}

const BOTH: [MapType; 2] = [MapType::ARRAY_OF_MAPS, MapType::HASH_OF_MAPS];

suite! { ($) nested, __conformance_nested;
    fn a_lookup_gives_the_id_of_what_was_stored(t) {
        for map_type in BOTH {
            let outer = outer(t, map_type);
            let first = map(t, &inner());
            let second = map(t, &inner());
            store(t, &outer, 0, first.handle(), UpdateFlags::ANY).expect("store");
            store(t, &outer, 2, second.handle(), UpdateFlags::ANY).expect("store");
            assert_eq!(id_at(&outer, 0), Some(first.info().id.0), "{map_type}");
            assert_eq!(id_at(&outer, 1), None, "{map_type}");
            assert_eq!(id_at(&outer, 2), Some(second.info().id.0), "{map_type}");
        }
    }

    fn a_map_goes_into_an_array_and_comes_out(t) {
        let array = ArrayOfMaps::new(outer(t, MapType::ARRAY_OF_MAPS)).expect("an array of maps");
        let stored = map(t, &inner());
        put(&stored, &1, &11u64);
        assert!(array.get(1, t.system()).expect("lookup").is_none());
        array.set(1, &stored).expect("set");
        let again = array.get(1, t.system()).expect("lookup").expect("a map");
        assert_eq!((again.info().id, get(&again, &1)), (stored.info().id, Some(11u64)));
        put(&again, &0, &5u64);
        assert_eq!(get(&stored, &0), Some(5u64), "one map, two handles");
        assert_eq!(array.ids().collect::<Result<Vec<_>, _>>(), Ok(vec![(1, stored.info().id)]));
        assert_eq!((array.remove(1), array.remove(1), array.id(1)), (Ok(true), Ok(false), Ok(None)));
        assert!(matches!(array.set(0, &Foreign(stored)), Err(MapError::Foreign { .. })));
    }

    fn a_map_goes_into_a_hash_and_comes_out(t) {
        let hash: HashOfMaps<u32> = HashOfMaps::new(outer(t, MapType::HASH_OF_MAPS)).expect("a hash of maps");
        let (one, two) = (map(t, &inner()), map(t, &inner()));
        hash.insert(&70, &one).expect("insert");
        assert_eq!(errno_of(hash.insert(&70, &two)), Errno::EEXIST);
        assert_eq!(errno_of(hash.update(&71, &two)), Errno::ENOENT);
        hash.upsert(&70, &two).expect("replace");
        let again = hash.get(&70, t.system()).expect("lookup").expect("a map");
        assert_eq!(again.info().id, two.info().id);
        assert_eq!(hash.ids().collect::<Result<Vec<_>, _>>(), Ok(vec![(70, two.info().id)]));
        assert_eq!((hash.remove(&70), hash.remove(&70)), (Ok(true), Ok(false)));
    }

    fn five_inner_maps_are_five_maps(t) {
        for map_type in BOTH {
            let spec = spec(map_type, 4, 4, 5).with_inner(inner());
            let outer = map(t, &spec);
            let stored: Vec<_> = (0..5).map(|_| map(t, &inner())).collect();
            for (key, inner) in (0..).zip(&stored) {
                store(t, &outer, key, inner.handle(), UpdateFlags::ANY).expect("store");
                put(inner, &0, &u64::from(key));
            }
            for (key, inner) in (0..).zip(&stored) {
                assert_eq!(id_at(&outer, key), Some(inner.info().id.0), "{map_type}");
                assert_eq!(get(inner, &0), Some(u64::from(key)), "{map_type}");
            }
        }
    }

    fn an_inner_map_lives_as_long_as_the_outer(t) {
        let outer = outer(t, MapType::ARRAY_OF_MAPS);
        let stored = map(t, &inner());
        put(&stored, &0, &[7u8; 8]);
        store(t, &outer, 0, stored.handle(), UpdateFlags::ANY).expect("store");
        let id = stored.info().id;
        drop(stored);
        let again = t.system().map_by_id(id).expect("still there");
        assert_eq!(get(&again, &0), Some([7u8; 8]));
    }

    fn another_shape_of_inner_map_is_einval(t) {
        for map_type in BOTH {
            let outer = outer(t, map_type);
            for other in [
                MapSpec::new("other", MapType::HASH, 4, 8, 2),
                MapSpec::new("other", MapType::ARRAY, 4, 4, 2),
            ] {
                let stored = map(t, &other);
                assert_eq!(errno_of(store(t, &outer, 0, stored.handle(), UpdateFlags::ANY)), Errno::EINVAL, "{map_type} {other:?}");
            }
        }
    }

    fn an_inner_array_of_another_length_is_einval(t) {
        let outer = outer(t, MapType::ARRAY_OF_MAPS);
        let longer = map(t, &MapSpec::new("longer", MapType::ARRAY, 4, 8, 3));
        assert_eq!(errno_of(store(t, &outer, 0, longer.handle(), UpdateFlags::ANY)), Errno::EINVAL);
    }

    fn an_inner_hash_may_have_another_length(t) {
        let template = MapSpec::new("inner", MapType::HASH, 4, 8, 2);
        let outer = map(t, &spec(MapType::HASH_OF_MAPS, 4, 4, 3).with_inner(template));
        let longer = map(t, &MapSpec::new("longer", MapType::HASH, 4, 8, 300));
        store(t, &outer, 0, longer.handle(), UpdateFlags::ANY).expect("store");
    }

    fn inner_per_cpu_arrays_may_have_any_length(t) {
        let per_cpu = |length| MapSpec::new("inner", MapType::PERCPU_ARRAY, 4, 8, length);
        for map_type in BOTH {
            let outer = map(t, &spec(map_type, 4, 4, 3).with_inner(per_cpu(2)));
            for length in [1, 2, 300] {
                let stored = map(t, &per_cpu(length));
                store(t, &outer, 0, stored.handle(), UpdateFlags::ANY).expect("store");
                assert_eq!(id_at(&outer, 0), Some(stored.info().id.0), "{map_type} of {length}");
            }
            let plain = map(t, &MapSpec::new("plain", MapType::ARRAY, 4, 8, 2));
            assert_eq!(errno_of(store(t, &outer, 0, plain.handle(), UpdateFlags::ANY)), Errno::EINVAL, "{map_type}");
        }
    }

    fn what_is_no_map_is_ebadf(t) {
        let outer = outer(t, MapType::ARRAY_OF_MAPS);
        assert_eq!(errno_of(write(&outer, &0, &u32::MAX, UpdateFlags::ANY)), Errno::EBADF);
    }

    fn array_slots_only_take_any(t) {
        let outer = outer(t, MapType::ARRAY_OF_MAPS);
        let stored = map(t, &inner());
        for flags in [UpdateFlags::NO_EXIST, UpdateFlags::EXIST] {
            assert_eq!(errno_of(store(t, &outer, 0, stored.handle(), flags)), Errno::EINVAL, "{flags}");
        }
        assert_eq!(errno_of(store(t, &outer, 3, stored.handle(), UpdateFlags::ANY)), Errno::E2BIG);
    }

    fn hash_keys_take_the_flags_of_hashes(t) {
        let outer = outer(t, MapType::HASH_OF_MAPS);
        let stored = map(t, &inner());
        assert_eq!(errno_of(store(t, &outer, 0, stored.handle(), UpdateFlags::EXIST)), Errno::ENOENT);
        store(t, &outer, 0, stored.handle(), UpdateFlags::NO_EXIST).expect("insert");
        assert_eq!(errno_of(store(t, &outer, 0, stored.handle(), UpdateFlags::NO_EXIST)), Errno::EEXIST);
        assert_eq!(elements(&outer).len(), 1);
    }

    fn slots_can_be_emptied(t) {
        for map_type in BOTH {
            let outer = outer(t, map_type);
            let stored = map(t, &inner());
            store(t, &outer, 1, stored.handle(), UpdateFlags::ANY).expect("store");
            assert_eq!(delete(&outer, &1), Ok(true), "{map_type}");
            assert_eq!(id_at(&outer, 1), None, "{map_type}");
            assert_eq!(delete(&outer, &1), Ok(false), "{map_type}");
        }
    }

    fn maps_of_maps_of_maps_are_einval(t) {
        let middle = MapSpec::new("middle", MapType::ARRAY_OF_MAPS, 4, 4, 1).with_inner(inner());
        let deep = spec(MapType::ARRAY_OF_MAPS, 4, 4, 1).with_inner(middle);
        assert_eq!(refused(t, &deep).errno(), Some(Errno::EINVAL));
    }

    fn program_arrays_are_no_inner_maps(t) {
        let programs = MapSpec::new("programs", MapType::PROG_ARRAY, 4, 4, 1);
        let deep = spec(MapType::ARRAY_OF_MAPS, 4, 4, 1).with_inner(programs);
        assert_eq!(refused(t, &deep).errno(), Some(Errno::ENOTSUPP));
    }

    fn without_a_template_it_is_refused(t) {
        for map_type in BOTH {
            let error = refused(t, &spec(map_type, 4, 4, 1));
            assert!(error.to_string().contains("template of its inner maps"), "{error}");
        }
    }

    fn a_template_may_be_a_map(t) {
        let template = map(t, &inner());
        let outer = t.system().create_map(&spec(MapType::ARRAY_OF_MAPS, 4, 4, 1), Some(&template)).expect("create");
        store(t, &outer, 0, template.handle(), UpdateFlags::ANY).expect("store");
    }

    fn a_template_of_another_system_is_refused(t) {
        let foreign = Foreign(map(t, &inner()));
        let outer = t.system().create_map(&spec(MapType::ARRAY_OF_MAPS, 4, 4, 1), Some(&foreign));
        assert!(matches!(outer, Err(MapError::Foreign { .. })), "{outer:?}");
    }

    fn a_template_is_not_needed_any_more(t) {
        let template = map(t, &inner());
        let outer = t.system().create_map(&spec(MapType::ARRAY_OF_MAPS, 4, 4, 1), Some(&template)).expect("create");
        drop(template);
        store(t, &outer, 0, map(t, &inner()).handle(), UpdateFlags::ANY).expect("store");
    }

    fn a_full_one_is_e2big(t) {
        let outer = outer(t, MapType::HASH_OF_MAPS);
        let stored = map(t, &inner());
        for key in 0..3 {
            store(t, &outer, key, stored.handle(), UpdateFlags::ANY).expect("one map may be stored often");
        }
        assert_eq!(errno_of(store(t, &outer, 3, stored.handle(), UpdateFlags::ANY)), Errno::E2BIG);
    }

    fn an_empty_program_array_has_no_programs(t) {
        let programs = map(t, &spec(MapType::PROG_ARRAY, 4, 4, 2));
        assert_eq!(id_at(&programs, 0), None);
        assert_eq!(programs.delete_elem(&[0; 4]), Ok(false));
        assert_eq!(errno_of(programs.update_elem(&[0; 4], &u32::MAX.to_ne_bytes(), UpdateFlags::ANY)), Errno::EBADF);
        let not_a_program = map(t, &inner());
        assert_eq!(errno_of(store(t, &programs, 0, not_a_program.handle(), UpdateFlags::ANY)), Errno::EINVAL);
    }
}
