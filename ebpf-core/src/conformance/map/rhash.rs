//! Hashes that grow and shrink with their contents: `rhtab_map_*()` in kernel/bpf/hashtab.c.

use crate::Errno;
use crate::conformance::{
    batches, delete, elements, errno_of, get, keys, map, put, refused, requires, spec, suite, take,
    words, write,
};
use crate::map::{Batch, BatchCursor, BatchFlags, Map, MapFlags, MapSpec, MapType, UpdateFlags};
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

    fn a_batch_goes_on_at_the_next_key(t, case) {
        requires!(t, case, HERE);
        let map = map(t, &MapSpec { max_entries: 100, ..table() });
        let values: Vec<u8> = (0..30u64).flat_map(u64::to_ne_bytes).collect();
        assert_eq!(map.update_batch(&words(30), &values, BatchFlags::ANY), Ok(30));
        let mut read = batches(&map, 7, false);
        read.sort();
        assert_eq!(read, elements(&map));
        // There are no buckets that have to be read whole.
        assert_eq!(batches(&map, 1, false).len(), 30);
        assert_eq!((batches(&map, 7, true).len(), elements(&map).len()), (30, 0));
        assert_eq!(batches(&map, 7, false), []);
    }

    fn a_batch_whose_next_key_is_gone_is_eagain(t, case) {
        requires!(t, case, HERE);
        let map = map(t, &MapSpec { max_entries: 8, ..table() });
        for key in 0..4u32 {
            put(&map, &key, &u64::from(key));
        }
        let order = keys(&map);
        let mut cursor = BatchCursor::new();
        let (mut read, mut values) = (vec![0; 4 * 2], vec![0; 8 * 2]);
        let first = map.lookup_batch(&mut cursor, &mut read, &mut values, BatchFlags::ANY);
        assert_eq!(first, Ok(Batch { count: 2, done: false }));
        assert_eq!(read, order[..2].concat());
        assert_eq!(delete(&map, &order[2]), Ok(true));
        let lost = map.lookup_batch(&mut cursor, &mut read, &mut values, BatchFlags::ANY);
        assert_eq!(errno_of(lost), Errno::EAGAIN);
        let anew = map.lookup_batch(&mut BatchCursor::new(), &mut read, &mut values, BatchFlags::ANY);
        assert_eq!(anew, Ok(Batch { count: 2, done: false }));
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
