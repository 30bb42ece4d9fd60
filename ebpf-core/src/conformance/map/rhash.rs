//! Hashes that grow and shrink with their contents: `rhtab_map_*()` in kernel/bpf/hashtab.c.

use crate::Errno;
use crate::conformance::{
    delete, errno_of, get, keys, map, put, refused, requires, spec, suite, take, write,
};
use crate::map::{MapFlags, MapSpec, MapType, UpdateFlags};
use crate::system::Feature;

const HERE: Feature = Feature::MapType(MapType::RHASH);

/// A hash of two.
fn table() -> MapSpec {
    spec(MapType::RHASH, 4, 8, 2)
}

suite! { ($) rhash, __conformance_rhash;
    fn it_is_a_hash(t, case) {
        requires!(t, case, HERE);
        let map = map(t, &table());
        assert_eq!(get::<u64>(&map, &1), None);
        assert_eq!(errno_of(write(&map, &1, &1u64, UpdateFlags::EXIST)), Errno::ENOENT);
        write(&map, &1, &1u64, UpdateFlags::NO_EXIST).expect("insert");
        assert_eq!(errno_of(write(&map, &1, &2u64, UpdateFlags::NO_EXIST)), Errno::EEXIST);
        put(&map, &2, &2u64);
        assert_eq!(errno_of(write(&map, &3, &3u64, UpdateFlags::ANY)), Errno::E2BIG);
        write(&map, &2, &4u64, UpdateFlags::EXIST).expect("replace");
        let mut there = keys(&map);
        there.sort_unstable();
        assert_eq!(there, [1u32, 2].map(|key| key.to_ne_bytes().to_vec()));
        assert_eq!(take(&map, &2), Some(4u64));
        assert_eq!((delete(&map, &1), delete(&map, &1)), (Ok(true), Ok(false)));
        for flags in [UpdateFlags(3), UpdateFlags::LOCK] {
            assert_eq!(errno_of(write(&map, &1, &1u64, flags)), Errno::EINVAL);
        }
    }

    fn it_is_allocated_on_demand_and_has_no_seed(t, case) {
        requires!(t, case, HERE);
        let eager = MapSpec { flags: MapFlags::NONE, ..table() };
        assert_eq!(refused(t, &eager).errno(), Some(Errno::EINVAL));
        assert_eq!(refused(t, &table().with_flags(MapFlags::ZERO_SEED)).errno(), Some(Errno::EINVAL));
    }

    fn it_may_be_told_how_much_to_expect(t, case) {
        requires!(t, case, HERE);
        let expecting = |map_extra, max_entries| MapSpec { map_extra, max_entries, ..table() };
        map(t, &expecting(2, 2));
        assert_eq!(refused(t, &expecting(3, 2)).errno(), Some(Errno::EINVAL));
        assert_eq!(refused(t, &expecting(1 << 16, 1 << 20)).errno(), Some(Errno::E2BIG));
        assert_eq!(refused(t, &expecting(1 << 32, 1 << 20)).errno(), Some(Errno::EINVAL));
    }
}
