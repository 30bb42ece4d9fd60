//! Maps whose keys and values have types: what the types change. `map_check_btf()` in kernel/bpf/syscall.c,
//! `copy_map_value_locked()` in include/linux/bpf.h.

use std::sync::Arc;

use crate::btf::{BtfBuilder, IntEncoding, MemberSpec};
use crate::conformance::{
    Testbed, errno_of, get, map, program, put, requires, run, spec, suite, write,
};
use crate::map::{LookupFlags, Map, MapSpec, MapType, MapTypes, UpdateFlags};
use crate::program::ProgramType;
use crate::system::Feature;
use crate::{Errno, SystemExt};

/// The spec with types: a key of 4 bytes, and a value of `struct { struct bpf_spin_lock lock; u32 number; }` if it is to
/// have a lock, else `struct { u64 number; }`.
pub fn typed(mut spec: MapSpec, locked: bool) -> MapSpec {
    let mut btf = BtfBuilder::new();
    let key = btf.int("u32", 4, IntEncoding(0));
    let value = if locked {
        let lock = btf.structure("bpf_spin_lock", 4, &[MemberSpec::new("val", key, 0)]);
        let members = [
            MemberSpec::new("lock", lock, 0),
            MemberSpec::new("number", key, 4),
        ];
        btf.structure("element", 8, &members)
    } else {
        let number = btf.int("u64", 8, IntEncoding(0));
        btf.structure("element", 8, &[MemberSpec::new("number", number, 0)])
    };
    let btf = Arc::new(btf.build().expect("types"));
    spec.types = Some(MapTypes { btf, key, value });
    spec
}

fn locked(t: &dyn Testbed, map_type: MapType) -> Arc<dyn Map> {
    map(t, &typed(spec(map_type, 4, 8, 4), true))
}

const WITH_LOCKS: [MapType; 2] = [MapType::HASH, MapType::ARRAY];

suite! { ($) types, __conformance_types;
    fn a_map_with_types_works_as_one_without(t) {
        for map_type in [MapType::HASH, MapType::ARRAY, MapType::LRU_HASH] {
            let map = map(t, &typed(spec(map_type, 4, 8, 4), false));
            put(&map, &1, &7u64);
            assert_eq!(get(&map, &1), Some(7u64), "{map_type}");
            assert!(map.info().types.is_some(), "{map_type}");
        }
    }

    fn types_have_an_id(t, case) {
        requires!(t, case, Feature::Btf);
        let with = map(t, &typed(spec(MapType::ARRAY, 4, 8, 4), false));
        assert!(with.query().expect("query").btf_id.is_some());
        let without = map(t, &spec(MapType::ARRAY, 4, 8, 4));
        assert_eq!(without.query().expect("query").btf_id, None);
    }

    fn a_map_found_by_its_id_has_its_types(t, case) {
        requires!(t, case, Feature::Btf);
        let map = map(t, &typed(spec(MapType::ARRAY, 4, 8, 4), false));
        let again = t.system().map_by_id(map.info().id).expect("by id");
        let types = t.system().map_types(&again).expect("types").expect("types");
        assert_eq!(types.btf.type_name(types.key), "u32");
        put(&again, &1, &7u64);
        let mut value = [0; 8];
        assert_eq!(again.lookup_elem(&1u32.to_ne_bytes(), &mut value, LookupFlags::NONE), Ok(true));
        let shown = types.btf.value(types.value, &value).expect("a value").to_string();
        assert_eq!(shown, "{ number: 7 }");
        let without = crate::conformance::map(t, &spec(MapType::ARRAY, 4, 8, 4));
        assert!(t.system().map_types(&without).expect("an answer").is_none());
    }

    fn types_that_do_not_fit_are_left_out(t) {
        let map = map(t, &typed(spec(MapType::HASH, 4, 16, 4), false));
        put(&map, &1, &[9; 16]);
        assert_eq!(get(&map, &1), Some([9u8; 16]));
    }

    fn a_lock_is_taken_for_reading_and_writing(t, case) {
        requires!(t, case, Feature::Btf);
        for map_type in WITH_LOCKS {
            let map = locked(t, map_type);
            put(&map, &1, &[0u32.to_ne_bytes(), 5u32.to_ne_bytes()].concat());
            write(&map, &1, &[0u32.to_ne_bytes(), 6u32.to_ne_bytes()].concat(), UpdateFlags::LOCK).expect("update");
            let mut value = [0xff; 8];
            assert_eq!(map.lookup_elem(&1u32.to_ne_bytes(), &mut value, LookupFlags::LOCK), Ok(true), "{map_type}");
            assert_eq!(value, *[[0; 4], 6u32.to_ne_bytes()].concat(), "{map_type}");
        }
    }

    fn a_lock_is_not_a_value(t, case) {
        requires!(t, case, Feature::Btf);
        for map_type in WITH_LOCKS {
            let map = locked(t, map_type);
            put(&map, &1, &[0xee; 8]);
            assert_eq!(get(&map, &1), Some([0u32, 0xeeee_eeee]), "{map_type}: the lock is neither written nor read");
        }
    }

    fn a_lock_does_not_change_the_conditions(t, case) {
        requires!(t, case, Feature::Btf);
        let map = locked(t, MapType::HASH);
        assert_eq!(errno_of(write(&map, &1, &[1; 8], UpdateFlags::LOCK | UpdateFlags::EXIST)), Errno::ENOENT);
        write(&map, &1, &[1; 8], UpdateFlags::LOCK | UpdateFlags::NO_EXIST).expect("insert");
        assert_eq!(errno_of(write(&map, &1, &[1; 8], UpdateFlags::LOCK | UpdateFlags::NO_EXIST)), Errno::EEXIST);
    }

    fn with_a_lock_it_is_not_frozen(t, case) {
        // Since Linux 6.2, which brought that map type.
        requires!(t, case, Feature::Btf, Feature::MapType(MapType::CGRP_STORAGE));
        for map_type in WITH_LOCKS {
            assert_eq!(errno_of(locked(t, map_type).freeze()), Errno::ENOTSUPP, "{map_type}");
        }
    }

    fn a_type_that_takes_no_locks_is_made_without(t) {
        let map = locked(t, MapType::LRU_HASH);
        assert_eq!(errno_of(write(&map, &1, &[1; 8], UpdateFlags::LOCK)), Errno::EINVAL);
    }

    fn a_program_takes_the_lock(t, case) {
        requires!(t, case, Feature::Btf);
        let map = locked(t, MapType::ARRAY);
        let text = "*(u32 *)(r10 - 4) = 2
                    r1 = map_by_idx(0)
                    r2 = r10
                    r2 += -4
                    call bpf_map_lookup_elem
                    if r0 == 0 goto out
                    r6 = r0
                    r1 = r6
                    call bpf_spin_lock
                    r1 = *(u32 *)(r6 + 4)
                    r1 += 3
                    *(u32 *)(r6 + 4) = r1
                    r1 = r6
                    call bpf_spin_unlock
                    r0 = 1
               out: exit";
        let program = program(t, ProgramType::SCHED_CLS, text, &[&map]);
        assert_eq!([run(&program), run(&program)], [1, 1]);
        assert_eq!(get(&map, &2), Some([0u32, 6]));
    }
}
