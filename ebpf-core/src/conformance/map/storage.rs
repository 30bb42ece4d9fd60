//! Storage that lives with sockets, inodes, tasks and cgroups: what is the same without any of them.
//! `kernel/bpf/bpf_local_storage.c`.

use std::sync::Arc;

use crate::Errno;
use crate::btf::Btf;
use crate::conformance::{Testbed, refused, spec, suite};
use crate::map::{MapError, MapFlags, MapSpec, MapType, SpecProblem};
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
    fn without_types_it_is_refused(t) {
        let _: Option<Arc<Btf>> = None;
        for map_type in here(t) {
            assert_eq!(refused(t, &storage(map_type)).errno(), Some(Errno::EINVAL), "{map_type}");
        }
    }

    fn a_key_is_a_descriptor(t) {
        for map_type in here(t) {
            let error = refused(t, &spec(map_type, 8, 8, 0).with_flags(MapFlags::NO_PREALLOC));
            assert!(matches!(error, MapError::Spec { problem: SpecProblem::KeySize { .. }, .. }), "{error}");
        }
    }
}
