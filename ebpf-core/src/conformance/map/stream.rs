//! Maps without keys: queues, stacks (`kernel/bpf/queue_stack_maps.c`) and Bloom filters (`kernel/bpf/bloom_filter.c`).

use std::sync::Arc;

use crate::Errno;
use crate::conformance::{
    Testbed, errno_of, get, map, refused, requires, spec, suite, take, write,
};
use crate::map::{LookupFlags, Map, MapError, MapFlags, MapType, UpdateFlags};
use crate::system::Feature;

fn of(t: &dyn Testbed, map_type: MapType) -> Arc<dyn Map> {
    map(t, &spec(map_type, 0, 4, 3))
}

fn push(map: &dyn Map, n: u32) -> Result<(), MapError> {
    write(map, &[], &n, UpdateFlags::ANY)
}

fn peek(map: &dyn Map) -> Option<u32> {
    get(map, &[])
}

fn pop(map: &dyn Map) -> Option<u32> {
    take(map, &[])
}

suite! { ($) stream, __conformance_stream;
    fn a_queue_gives_the_oldest_first(t) {
        let map = of(t, MapType::QUEUE);
        for n in 1..=3 {
            push(&map, n).expect("push");
        }
        assert_eq!(peek(&map), Some(1));
        assert_eq!([pop(&map), pop(&map), pop(&map), pop(&map)], [Some(1), Some(2), Some(3), None]);
    }

    fn a_stack_gives_the_newest_first(t) {
        let map = of(t, MapType::STACK);
        for n in 1..=3 {
            push(&map, n).expect("push");
        }
        assert_eq!(peek(&map), Some(3));
        assert_eq!([pop(&map), pop(&map), pop(&map), pop(&map)], [Some(3), Some(2), Some(1), None]);
    }

    fn an_empty_one_has_nothing_to_see(t) {
        for map_type in [MapType::QUEUE, MapType::STACK] {
            let map = of(t, map_type);
            assert_eq!((peek(&map), pop(&map)), (None, None), "{map_type}");
        }
    }

    fn a_full_one_is_e2big(t) {
        for map_type in [MapType::QUEUE, MapType::STACK] {
            let map = of(t, map_type);
            for n in 1..=3 {
                push(&map, n).expect("push");
            }
            assert_eq!(errno_of(push(&map, 4)), Errno::E2BIG, "{map_type}");
            assert_eq!(errno_of(map.update_elem(&[], &[0; 4], UpdateFlags::NO_EXIST)), Errno::EINVAL, "{map_type}");
        }
    }

    fn exist_makes_room_by_dropping_the_oldest(t) {
        for (map_type, order) in [(MapType::QUEUE, [2, 3, 4]), (MapType::STACK, [4, 3, 2])] {
            let map = of(t, map_type);
            for n in 1..=3 {
                push(&map, n).expect("push");
            }
            map.update_elem(&[], &4u32.to_ne_bytes(), UpdateFlags::EXIST).expect("push into a full one");
            assert_eq!([pop(&map), pop(&map), pop(&map)], order.map(Some), "{map_type}");
        }
    }

    fn a_ring_goes_round(t) {
        let map = of(t, MapType::QUEUE);
        for n in 0..20 {
            push(&map, n).expect("push");
            assert_eq!(pop(&map), Some(n));
        }
    }

    fn there_are_no_keys_to_walk_or_delete(t) {
        for map_type in [MapType::QUEUE, MapType::STACK] {
            let map = of(t, map_type);
            assert_eq!(errno_of(map.next_key(None, &mut [])), Errno::EINVAL, "{map_type}");
            assert_eq!(errno_of(map.delete_elem(&[])), Errno::EINVAL, "{map_type}");
        }
    }

    fn a_key_is_refused(t) {
        refused(t, &spec(MapType::QUEUE, 4, 4, 3));
        let map = of(t, MapType::QUEUE);
        assert_eq!(map.update_elem(&[0; 4], &[0; 4], UpdateFlags::ANY).expect_err("a key").errno(), None);
    }

    fn allocation_on_demand_is_einval(t) {
        let lazy = spec(MapType::QUEUE, 0, 4, 3).with_flags(MapFlags::NO_PREALLOC);
        assert_eq!(refused(t, &lazy).errno(), Some(Errno::EINVAL));
    }

    fn a_bloom_filter_remembers_every_value(t, case) {
        requires!(t, case, Feature::MapType(MapType::BLOOM_FILTER));
        let map = map(t, &spec(MapType::BLOOM_FILTER, 0, 4, 100));
        for n in 0..100u32 {
            push(&map, n).expect("push");
        }
        for n in 0..100u32 {
            let mut question = n.to_ne_bytes();
            assert_eq!(map.lookup_elem(&[], &mut question, LookupFlags::NONE), Ok(true), "{n}");
        }
    }

    fn an_empty_bloom_filter_knows_nothing(t, case) {
        requires!(t, case, Feature::MapType(MapType::BLOOM_FILTER));
        let map = map(t, &spec(MapType::BLOOM_FILTER, 0, 4, 100));
        assert_eq!(map.lookup_elem(&[], &mut [1, 2, 3, 4], LookupFlags::NONE), Ok(false));
    }

    fn a_bloom_filter_only_takes_any(t, case) {
        requires!(t, case, Feature::MapType(MapType::BLOOM_FILTER));
        let map = map(t, &spec(MapType::BLOOM_FILTER, 0, 4, 100));
        for flags in [UpdateFlags::NO_EXIST, UpdateFlags::EXIST] {
            assert_eq!(errno_of(map.update_elem(&[], &[0; 4], flags)), Errno::EINVAL, "{flags}");
        }
        assert_eq!(errno_of(map.delete_elem(&[])), Errno::EOPNOTSUPP);
        assert_eq!(errno_of(map.next_key(None, &mut [])), Errno::EOPNOTSUPP);
    }

    fn a_bloom_filter_has_at_most_fifteen_hashes(t, case) {
        requires!(t, case, Feature::MapType(MapType::BLOOM_FILTER));
        let mut filter = spec(MapType::BLOOM_FILTER, 0, 4, 100);
        filter.map_extra = 15;
        assert_eq!(map(t, &filter).info().map_extra, 15);
        filter.map_extra = 16;
        assert_eq!(refused(t, &filter).errno(), Some(Errno::EINVAL));
    }
}
