//! Storage that lives with sockets, inodes, tasks and cgroups. `kernel/bpf/bpf_local_storage.c`.

use std::sync::Arc;

use super::types::typed;
use crate::Errno;
use crate::btf::{BtfBuilder, IntEncoding, MemberSpec};
use crate::conformance::{
    Testbed, delete, errno_of, get, map, owner, put, refused, requires, spec, suite, write,
};
use crate::map::{
    LookupFlags, Map, MapError, MapFlags, MapSpec, MapType, MapTypes, SpecProblem, UpdateFlags,
};
use crate::system::{Feature, Support};

const STORAGES: [MapType; 4] = [
    MapType::SK_STORAGE,
    MapType::INODE_STORAGE,
    MapType::TASK_STORAGE,
    MapType::CGRP_STORAGE,
];

/// The storage types that this system has.
fn here(t: &dyn Testbed) -> impl Iterator<Item = MapType> {
    STORAGES
        .into_iter()
        .filter(|map_type| t.system().probe(Feature::MapType(*map_type)) == Ok(Support::Yes))
}

fn storage(map_type: MapType) -> MapSpec {
    spec(map_type, 4, 8, 0)
}

/// Storage of values of so many bytes, which have a type.
fn sized(map_type: MapType, value_size: u32) -> MapSpec {
    let mut spec = storage(map_type);
    spec.value_size = value_size;
    let mut btf = BtfBuilder::new();
    let key = btf.int("u32", 4, IntEncoding(0));
    let first = MemberSpec::new("first", key, 0);
    let value = btf.structure("element", value_size, &[first]);
    let btf = Arc::new(btf.build().expect("types"));
    spec.types = Some(MapTypes { btf, key, value });
    spec
}

suite! { ($) storage, __conformance_storage;
    fn it_needs_types(t) {
        for map_type in here(t) {
            map(t, &typed(storage(map_type), false));
            assert_eq!(refused(t, &storage(map_type)).errno(), Some(Errno::EINVAL), "{map_type}");
        }
    }

    fn it_is_allocated_on_demand_and_has_no_size(t) {
        for map_type in here(t) {
            let eager = MapSpec { flags: MapFlags::NONE, ..typed(storage(map_type), false) };
            assert_eq!(refused(t, &eager).errno(), Some(Errno::EINVAL), "{map_type}");
            let mut sized = typed(storage(map_type), false);
            sized.max_entries = 1;
            assert_eq!(refused(t, &sized).errno(), Some(Errno::EINVAL), "{map_type}");
        }
    }

    fn a_key_is_a_descriptor(t) {
        for map_type in here(t) {
            let error = refused(t, &spec(map_type, 8, 8, 0));
            assert!(matches!(error, MapError::Spec { problem: SpecProblem::KeySize { .. }, .. }), "{error}");
        }
    }

    fn what_is_no_descriptor_is_ebadf(t) {
        for map_type in here(t) {
            let map = map(t, &typed(storage(map_type), false));
            assert_eq!(errno_of(write(&map, &0x7fff_fffe, &1u64, UpdateFlags::ANY)), Errno::EBADF, "{map_type}");
            assert_eq!(errno_of(delete(&map, &0x7fff_fffe)), Errno::EBADF, "{map_type}");
            let key = 0x7fff_fffeu32.to_ne_bytes();
            assert_eq!(errno_of(map.lookup_elem(&key, &mut [0; 8], LookupFlags::NONE)), Errno::EBADF, "{map_type}");
        }
    }

    fn an_owner_has_it_until_it_is_deleted(t, case) {
        for map_type in here(t) {
            let map = map(t, &typed(storage(map_type), false));
            let Some(owner) = owner(t, case, map_type) else { continue };
            let key = owner.key();
            assert_eq!(get::<u64>(&map, &key), None, "{map_type}");
            assert_eq!(delete(&map, &key), Ok(false), "{map_type}");
            assert_eq!(errno_of(write(&map, &key, &1u64, UpdateFlags::EXIST)), Errno::ENOENT, "{map_type}");
            write(&map, &key, &1u64, UpdateFlags::NO_EXIST).expect("insert");
            assert_eq!(errno_of(write(&map, &key, &2u64, UpdateFlags::NO_EXIST)), Errno::EEXIST, "{map_type}");
            write(&map, &key, &3u64, UpdateFlags::EXIST).expect("replace");
            assert_eq!(get(&map, &key), Some(3u64), "{map_type}");
            put(&map, &key, &4u64);
            assert_eq!(get(&map, &key), Some(4u64), "{map_type}");
            assert_eq!(delete(&map, &key), Ok(true), "{map_type}");
            assert_eq!(get::<u64>(&map, &key), None, "{map_type}");
        }
    }

    fn each_map_and_each_owner_has_its_own(t, case) {
        for map_type in here(t) {
            let [one, two] = [(); 2].map(|()| map(t, &typed(storage(map_type), false)));
            let Some(owner) = owner(t, case, map_type) else { continue };
            put(&one, &owner.key(), &1u64);
            assert_eq!(get::<u64>(&two, &owner.key()), None, "{map_type}");
            if map_type == MapType::TASK_STORAGE {
                continue;
            }
            let other = t.owner(map_type).expect("another");
            assert_eq!(get::<u64>(&one, &other.key()), None, "{map_type}");
            put(&one, &other.key(), &2u64);
            assert_eq!((get(&one, &owner.key()), get(&one, &other.key())), (Some(1u64), Some(2u64)), "{map_type}");
        }
    }

    fn what_it_cannot_live_with_is_refused(t, case) {
        let of = |map_type| map(t, &typed(storage(map_type), false));
        let types: Vec<MapType> = here(t).collect();
        for map_type in types.iter().copied() {
            let map = of(map_type);
            for other in types.iter().copied().filter(|other| *other != map_type) {
                let Some(owner) = owner(t, case, other) else { continue };
                let key = owner.key();
                let refused = match map_type {
                    MapType::SK_STORAGE => Errno::ENOTSOCK,
                    // Whatever is open has an inode.
                    MapType::INODE_STORAGE => {
                        put(&map, &key, &1u64);
                        assert_eq!(delete(&map, &key), Ok(true), "{other}");
                        continue;
                    }
                    _ => Errno::EBADF,
                };
                assert_eq!(errno_of(write(&map, &key, &1u64, UpdateFlags::ANY)), refused, "{map_type}: {other}");
                assert_eq!(errno_of(delete(&map, &key)), refused, "{map_type}: {other}");
            }
        }
    }

    fn unknown_flags_are_einval_once_the_owner_is_known(t, case) {
        for map_type in here(t) {
            let map = map(t, &typed(storage(map_type), false));
            let Some(owner) = owner(t, case, map_type) else { continue };
            for flags in [UpdateFlags(3), UpdateFlags::CPU] {
                assert_eq!(errno_of(write(&map, &owner.key(), &1u64, flags)), Errno::EINVAL, "{map_type}");
            }
            assert_eq!(errno_of(write(&map, &0x7fff_fffe, &1u64, UpdateFlags(3))), Errno::EBADF, "{map_type}");
        }
    }

    fn the_lock_flag_is_looked_at_first(t) {
        for map_type in here(t) {
            let map = map(t, &typed(storage(map_type), false));
            let nobody = 0x7fff_fffeu32;
            assert_eq!(errno_of(write(&map, &nobody, &1u64, UpdateFlags::LOCK)), Errno::EINVAL, "{map_type}");
            let mut value = [0; 8];
            let found = map.lookup_elem(&nobody.to_ne_bytes(), &mut value, LookupFlags::LOCK);
            assert_eq!(errno_of(found), Errno::EINVAL, "{map_type}");
        }
    }

    fn a_lock_in_it_is_neither_written_nor_read(t, case) {
        requires!(t, case, Feature::Btf);
        for map_type in here(t) {
            let map = map(t, &typed(storage(map_type), true));
            let Some(owner) = owner(t, case, map_type) else { continue };
            let key = owner.key();
            write(&map, &key, &[0xee; 8], UpdateFlags::LOCK | UpdateFlags::NO_EXIST).expect("insert");
            assert_eq!(get(&map, &key), Some([0u32, 0xeeee_eeee]), "{map_type}");
            write(&map, &key, &[7; 8], UpdateFlags::LOCK).expect("replace");
            let mut value = [0xff; 8];
            assert_eq!(map.lookup_elem(&key.to_ne_bytes(), &mut value, LookupFlags::LOCK), Ok(true), "{map_type}");
            assert_eq!(value, [0, 0, 0, 0, 7, 7, 7, 7], "{map_type}");
        }
    }

    fn taking_is_enotsupp(t) {
        for map_type in here(t) {
            let map = map(t, &typed(storage(map_type), false));
            assert_eq!(errno_of(map.lookup_and_delete_elem(&[0; 4], &mut [0; 8], LookupFlags::NONE)), Errno::ENOTSUPP, "{map_type}");
        }
    }

    fn a_value_has_less_than_64_kib(t) {
        for map_type in here(t) {
            map(t, &sized(map_type, 65000));
            for size in [65536, 1 << 22] {
                assert_eq!(refused(t, &sized(map_type, size)).errno(), Some(Errno::E2BIG), "{map_type}: {size}");
            }
        }
    }

    fn flags_of_other_types_are_einval(t) {
        for map_type in here(t) {
            map(t, &typed(storage(map_type), false).with_flags(MapFlags::CLONE));
            for flag in [MapFlags::RDONLY, MapFlags::RDONLY_PROG, MapFlags::ZERO_SEED, MapFlags::MMAPABLE] {
                let refused = refused(t, &typed(storage(map_type), false).with_flags(flag));
                assert_eq!(refused.errno(), Some(Errno::EINVAL), "{map_type}: {flag}");
            }
            let mut placed = typed(storage(map_type), false);
            placed.numa_node = Some(0);
            assert_eq!(refused(t, &placed).errno(), Some(Errno::EINVAL), "{map_type}");
        }
    }

    fn it_is_not_walked(t) {
        for map_type in here(t) {
            let map = map(t, &typed(storage(map_type), false));
            assert_eq!(errno_of(map.next_key(None, &mut [0; 4])), Errno::ENOTSUPP, "{map_type}");
        }
    }
}
