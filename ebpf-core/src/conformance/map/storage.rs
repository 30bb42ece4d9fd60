//! Storage that lives with sockets, inodes, tasks and cgroups: what is the same without any of them, for a simulated system
//! has no descriptors. `kernel/bpf/bpf_local_storage.c`.

use super::types::typed;
use crate::Errno;
use crate::conformance::{Testbed, delete, errno_of, map, refused, spec, suite, write};
use crate::map::{
    LookupFlags, Map, MapError, MapFlags, MapSpec, MapType, SpecProblem, UpdateFlags,
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
    spec(map_type, 4, 8, 0).with_flags(MapFlags::NO_PREALLOC)
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
            let eager = typed(spec(map_type, 4, 8, 0), false);
            assert_eq!(refused(t, &eager).errno(), Some(Errno::EINVAL), "{map_type}");
            let mut sized = typed(storage(map_type), false);
            sized.max_entries = 1;
            assert_eq!(refused(t, &sized).errno(), Some(Errno::EINVAL), "{map_type}");
        }
    }

    fn a_key_is_a_descriptor(t) {
        for map_type in here(t) {
            let error = refused(t, &spec(map_type, 8, 8, 0).with_flags(MapFlags::NO_PREALLOC));
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

    fn it_is_not_walked(t) {
        for map_type in here(t) {
            let map = map(t, &typed(storage(map_type), false));
            assert_eq!(errno_of(map.next_key(None, &mut [0; 4])), Errno::ENOTSUPP, "{map_type}");
        }
    }
}
