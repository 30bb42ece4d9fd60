//! Storage of programs on cgroups: `kernel/bpf/local_storage.c`.

use crate::Errno;
use crate::conformance::{
    Testbed, cgroup, code, delete, errno_of, load, map, refused, requires, spec, suite,
};
use crate::hook::Cgroup;
use crate::map::{LookupFlags, Map, MapFlags, MapSpec, MapType, UpdateFlags};
use crate::program::{AttachType, ProgramExt, ProgramType};
use crate::system::{Feature, Support};

const STORAGES: [MapType; 2] = [MapType::CGROUP_STORAGE, MapType::PERCPU_CGROUP_STORAGE];
const EGRESS: AttachType = AttachType::CGROUP_INET_EGRESS;
const INGRESS: AttachType = AttachType::CGROUP_INET_INGRESS;

/// The storage types that this system has.
fn here(t: &dyn Testbed) -> impl Iterator<Item = MapType> {
    STORAGES
        .into_iter()
        .filter(|map_type| t.system().probe(Feature::MapType(*map_type)) == Ok(Support::Yes))
}

/// Came with Linux 5.16: before, a walk may go on past the last cgroup, and values are smaller.
const LATER: Feature = Feature::MapType(MapType::BLOOM_FILTER);

/// Storage by cgroup, for all attach types in common.
fn storage(map_type: MapType) -> MapSpec {
    spec(map_type, 8, 8, 0)
}

/// A program that looks at its storage and lets everything pass, on a cgroup.
fn attach(
    t: &dyn Testbed,
    map: &dyn Map,
    group: &dyn crate::conformance::TestCgroup,
    at: AttachType,
) -> Box<dyn crate::link::Link> {
    let text = "r1 = map_by_idx(0)
                r2 = 0
                call bpf_get_local_storage
                r0 = 1
                exit";
    let mut spec = code(ProgramType::CGROUP_SKB, text);
    spec.expected_attach_type = Some(at);
    let program = load(t, &spec, &[map]).unwrap_or_else(|error| panic!("{error:#}"));
    program
        .attach_to(Cgroup::at(group.place(), at))
        .expect("attach")
}

fn keys(map: &dyn Map) -> Vec<Vec<u8>> {
    let mut keys: Vec<Vec<u8>> = Vec::new();
    let mut next = vec![0; map.info().key_size as usize];
    while map
        .next_key(keys.last().map(Vec::as_slice), &mut next)
        .expect("a walk")
    {
        keys.push(next.clone());
    }
    keys
}

suite! { ($) cgroup_storage, __conformance_cgroup_storage;
    fn it_has_no_size_and_is_not_allocated_on_demand(t) {
        for map_type in here(t) {
            map(t, &storage(map_type));
            map(t, &spec(map_type, 16, 8, 0));
            let mut sized = storage(map_type);
            sized.max_entries = 1;
            assert_eq!(refused(t, &sized).errno(), Some(Errno::EINVAL), "{map_type}");
            for flag in [MapFlags::NO_PREALLOC, MapFlags::MMAPABLE, MapFlags::ZERO_SEED] {
                assert_eq!(refused(t, &storage(map_type).with_flags(flag)).errno(), Some(Errno::EINVAL), "{map_type}");
            }
        }
    }

    fn a_huge_value_is_e2big(t, case) {
        requires!(t, case, LATER);
        for (map_type, most) in STORAGES.into_iter().zip([65536, 1 << 15]) {
            if here(t).any(|there| there == map_type) {
                map(t, &spec(map_type, 8, most - 1000, 0));
                assert_eq!(refused(t, &spec(map_type, 8, most + 1, 0)).errno(), Some(Errno::E2BIG), "{map_type}");
            }
        }
    }

    fn nothing_is_there_before_a_program_is_attached(t) {
        for map_type in here(t) {
            let map = map(t, &storage(map_type));
            let (key, mut value) = ([1; 8], vec![0; map.info().transfer_size()]);
            assert_eq!(map.lookup_elem(&key, &mut value, LookupFlags::NONE), Ok(false), "{map_type}");
            for flags in [UpdateFlags::ANY, UpdateFlags::EXIST] {
                assert_eq!(errno_of(map.update_elem(&key, &value, flags)), Errno::ENOENT, "{map_type}");
            }
            assert_eq!(keys(&map), Vec::<Vec<u8>>::new(), "{map_type}");
            assert_eq!(map.next_key(Some(&key), &mut [0; 8]), Ok(false), "{map_type}");
        }
    }

    fn user_space_neither_inserts_nor_deletes(t) {
        for map_type in here(t) {
            let map = map(t, &storage(map_type));
            let (key, mut value) = ([1; 8], vec![0; map.info().transfer_size()]);
            for flags in [UpdateFlags::NO_EXIST, UpdateFlags(3), UpdateFlags::LOCK] {
                assert_eq!(errno_of(map.update_elem(&key, &value, flags)), Errno::EINVAL, "{map_type}: {flags}");
            }
            assert_eq!(errno_of(delete(&map, &key)), Errno::EINVAL, "{map_type}");
            let taken = map.lookup_and_delete_elem(&key, &mut value, LookupFlags::NONE);
            assert_eq!(errno_of(taken), Errno::ENOTSUPP, "{map_type}");
        }
    }

    fn a_cgroup_has_it_as_long_as_the_map(t, case) {
        requires!(t, case, LATER, Feature::ProgramType(ProgramType::CGROUP_SKB));
        let Some(group) = cgroup(t, case) else { return };
        for map_type in here(t) {
            let map = map(t, &storage(map_type));
            let link = attach(t, &map, &*group, EGRESS);
            let keys = keys(&map);
            let [key] = &keys[..] else { panic!("{map_type}: one cgroup, and {keys:?}") };
            let mut value = vec![0xff; map.info().transfer_size()];
            assert_eq!(map.lookup_elem(key, &mut value, LookupFlags::NONE), Ok(true), "{map_type}");
            assert!(value.iter().all(|byte| *byte == 0), "{map_type}: it starts as zeros");
            for (flags, byte) in [(UpdateFlags::ANY, 1), (UpdateFlags::EXIST, 2)] {
                map.update_elem(key, &vec![byte; value.len()], flags).expect("update");
                assert_eq!(map.lookup_elem(key, &mut value, LookupFlags::NONE), Ok(true), "{map_type}");
                assert!(value.iter().all(|found| *found == byte), "{map_type}: {value:?}");
            }
            link.detach().expect("detach");
            // What is written stays, and another program finds it.
            let link = attach(t, &map, &*group, EGRESS);
            assert_eq!(map.lookup_elem(key, &mut value, LookupFlags::NONE), Ok(true), "{map_type}");
            assert!(value.iter().all(|byte| *byte == 2), "{map_type}: {value:?}");
            link.detach().expect("detach");
        }
    }

    fn attach_types_have_it_in_common_or_not(t, case) {
        requires!(t, case, LATER, Feature::ProgramType(ProgramType::CGROUP_SKB));
        let Some(group) = cgroup(t, case) else { return };
        for map_type in here(t) {
            for (key_size, count) in [(8, 1), (16, 2)] {
                let map = map(t, &spec(map_type, key_size, 8, 0));
                let links = [EGRESS, INGRESS].map(|at| attach(t, &map, &*group, at));
                let keys = keys(&map);
                assert_eq!(keys.len(), count, "{map_type}: {keys:?}");
                if let [newest, oldest] = &keys[..] {
                    assert_eq!(newest[8..12], INGRESS.0.to_ne_bytes(), "{map_type}");
                    assert_eq!(oldest[8..12], EGRESS.0.to_ne_bytes(), "{map_type}");
                    assert_eq!(newest[..8], oldest[..8], "{map_type}");
                }
                for link in links {
                    link.detach().expect("detach");
                }
            }
        }
    }
}
