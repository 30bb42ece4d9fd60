//! Arenas as system calls on maps see them: `kernel/bpf/arena.c`.

use crate::Errno;
use crate::conformance::{errno_of, map, refused, requires, spec, suite};
use crate::map::{LookupFlags, Map, MapError, MapFlags, MapSpec, MapType, UpdateFlags};
use crate::system::Feature;

const HERE: Feature = Feature::MapType(MapType::ARENA);

/// An arena of so many pages.
fn arena(pages: u32) -> MapSpec {
    spec(MapType::ARENA, 0, 0, pages)
}

/// An arena at this address of user space.
fn at(address: u64, pages: u32) -> MapSpec {
    MapSpec {
        map_extra: address,
        ..arena(pages)
    }
}

suite! { ($) arena, __conformance_arena;
    fn its_size_is_in_pages(t, case) {
        requires!(t, case, HERE);
        assert_eq!(map(t, &arena(3)).info().max_entries, 3);
        map(t, &arena(1 << 20));
        assert_eq!(refused(t, &arena((1 << 20) + 1)).errno(), Some(Errno::E2BIG), "more than 4 GiB");
    }

    fn it_must_be_mappable(t, case) {
        requires!(t, case, HERE);
        let unmapped = MapSpec { flags: MapFlags::NONE, ..arena(1) };
        assert_eq!(refused(t, &unmapped).errno(), Some(Errno::EINVAL));
        for flag in [MapFlags::SEGV_ON_FAULT, MapFlags::NO_USER_CONV] {
            map(t, &arena(1).with_flags(flag));
        }
        for flag in [MapFlags::RDONLY, MapFlags::RDONLY_PROG, MapFlags::NO_PREALLOC] {
            assert_eq!(refused(t, &arena(1).with_flags(flag)).errno(), Some(Errno::EINVAL), "{flag}");
        }
        let placed = MapSpec { numa_node: Some(0), ..arena(1) };
        assert_eq!(refused(t, &placed).errno(), Some(Errno::EINVAL));
    }

    fn its_address_is_that_of_a_page(t, case) {
        requires!(t, case, HERE);
        assert_eq!(map(t, &at(4096, 1)).info().map_extra, 4096);
        assert_eq!(refused(t, &at(1, 1)).errno(), Some(Errno::EINVAL));
    }

    fn it_does_not_lie_across_4_gib(t, case) {
        requires!(t, case, HERE);
        map(t, &at(1 << 32, 1 << 20));
        for (address, pages) in [((1 << 32) - 4096, 2), (4096, 1 << 20)] {
            assert_eq!(refused(t, &at(address, pages)).errno(), Some(Errno::ERANGE), "{address:#x}");
        }
    }

    fn it_has_no_elements(t, case) {
        requires!(t, case, HERE);
        let map = map(t, &arena(1));
        assert_eq!(errno_of(map.lookup_elem(&[], &mut [], LookupFlags::NONE)), Errno::EINVAL);
        assert_eq!(errno_of(map.update_elem(&[], &[], UpdateFlags::ANY)), Errno::EOPNOTSUPP);
        assert_eq!(errno_of(map.update_elem(&[], &[], UpdateFlags::LOCK)), Errno::EINVAL);
        assert_eq!(errno_of(map.delete_elem(&[])), Errno::EOPNOTSUPP);
        assert_eq!(errno_of(map.next_key(None, &mut [])), Errno::EOPNOTSUPP);
        assert_eq!(errno_of(map.lookup_and_delete_elem(&[], &mut [], LookupFlags::NONE)), Errno::ENOTSUPP);
    }

    /// A page that is not there would be a fault.
    fn its_memory_is_not_lent(t, case) {
        requires!(t, case, HERE);
        let memory = map(t, &arena(1)).memory();
        assert!(matches!(memory, Err(MapError::Unsupported { .. })), "{memory:?}");
    }

    fn it_is_frozen_once(t, case) {
        requires!(t, case, HERE);
        map(t, &arena(1)).freeze().expect("freeze");
    }
}
