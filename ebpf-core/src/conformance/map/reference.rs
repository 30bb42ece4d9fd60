//! Maps whose values name something else: interfaces, CPUs, sockets, cgroups, perf events, stack traces. What a map alone
//! shows of them: `kernel/bpf/devmap.c`, `cpumap.c`, `net/xdp/xskmap.c`, `net/core/sock_map.c`, `arraymap.c`, `stackmap.c`.

use std::sync::Arc;

use crate::Errno;
use crate::conformance::{
    Testbed, delete, errno_of, get, keys, map, program, put, refused, requires, run, spec, suite,
    write,
};
use crate::hook::{Interface, XdpAction};
use crate::map::{LookupFlags, Map, MapFlags, MapType, UpdateFlags};
use crate::program::ProgramType;
use crate::system::Feature;

const DEVICES: [MapType; 2] = [MapType::DEVMAP, MapType::DEVMAP_HASH];

fn of(t: &dyn Testbed, map_type: MapType) -> Arc<dyn Map> {
    map(t, &spec(map_type, 4, 4, 4))
}

/// The index of an interface of the test bed.
fn ifindex(t: &dyn Testbed, case: &str) -> Option<u32> {
    match t.interfaces().swap_remove(0) {
        Interface::Index(index) => Some(index),
        Interface::Name(name) => {
            t.skip(case, &format!("interface `{name}` has no index here"));
            None
        }
    }
}

suite! { ($) reference, __conformance_reference;
    fn interfaces_are_stored_by_index(t, case) {
        let Some(index) = ifindex(t, case) else { return };
        for map_type in DEVICES {
            requires!(t, case, Feature::MapType(map_type));
            let map = of(t, map_type);
            put(&map, &2, &index);
            assert_eq!(get(&map, &2), Some(index), "{map_type}");
            assert_eq!(get::<u32>(&map, &1), None, "{map_type}");
            assert_eq!(delete(&map, &2), Ok(true), "{map_type}");
            assert_eq!(get::<u32>(&map, &2), None, "{map_type}");
        }
    }

    fn an_interface_that_does_not_exist_is_einval(t, case) {
        for map_type in DEVICES {
            requires!(t, case, Feature::MapType(map_type));
            let map = of(t, map_type);
            assert_eq!(errno_of(write(&map, &0, &4_000_000u32, UpdateFlags::ANY)), Errno::EINVAL, "{map_type}");
        }
    }

    fn interface_0_empties_a_slot(t, case) {
        let Some(index) = ifindex(t, case) else { return };
        let map = of(t, MapType::DEVMAP);
        put(&map, &1, &index);
        put(&map, &1, &0u32);
        assert_eq!(get::<u32>(&map, &1), None);
    }

    fn slots_of_interfaces_are_those_of_arrays(t, case) {
        let Some(index) = ifindex(t, case) else { return };
        let map = of(t, MapType::DEVMAP);
        assert_eq!(errno_of(write(&map, &4, &index, UpdateFlags::ANY)), Errno::E2BIG);
        assert_eq!(errno_of(write(&map, &0, &index, UpdateFlags::NO_EXIST)), Errno::EEXIST);
        assert_eq!(keys(&map).len(), 4, "empty slots are walked too");
        assert_eq!(errno_of(delete(&map, &4)), Errno::EINVAL);
    }

    fn keys_of_interfaces_are_those_of_hashes(t, case) {
        requires!(t, case, Feature::MapType(MapType::DEVMAP_HASH));
        let Some(index) = ifindex(t, case) else { return };
        let map = of(t, MapType::DEVMAP_HASH);
        put(&map, &70_000, &index);
        assert_eq!(errno_of(write(&map, &70_000, &index, UpdateFlags::NO_EXIST)), Errno::EEXIST);
        assert_eq!(keys(&map).len(), 1);
        assert_eq!(delete(&map, &1), Ok(false));
    }

    fn a_wider_value_has_room_for_a_program(t, case) {
        let Some(index) = ifindex(t, case) else { return };
        let wide = spec(MapType::DEVMAP, 4, 8, 4);
        let map = match t.system().create_map(&wide, None) {
            Err(error) if error.errno() == Some(Errno::EINVAL) => {
                return t.skip(case, "this system's device maps hold no programs (Linux before 5.8)");
            }
            map => map.expect("create"),
        };
        // The interface, and no program.
        put(&map, &0, &[index.to_ne_bytes(), u32::MAX.to_ne_bytes()].concat());
        assert_eq!(get(&map, &0), Some([index, 0]), "what is read is the program's id: 0 for none");
    }

    fn a_redirection_finds_its_interface_or_does_as_told(t, case) {
        let Some(index) = ifindex(t, case) else { return };
        for map_type in DEVICES {
            requires!(t, case, Feature::MapType(map_type));
            let map = of(t, map_type);
            put(&map, &2, &index);
            let redirecting = |key: u32, otherwise: u32| {
                let text = format!("r1 = map_by_idx(0)\nr2 = {key}\nr3 = {otherwise}\ncall bpf_redirect_map\nexit");
                run(&program(t, ProgramType::XDP, &text, &[&map]))
            };
            assert_eq!(redirecting(2, 0), XdpAction::REDIRECT.0, "{map_type}");
            assert_eq!(redirecting(1, XdpAction::ABORTED.0), XdpAction::ABORTED.0, "{map_type}");
            assert_eq!(redirecting(1, XdpAction::PASS.0), XdpAction::PASS.0, "{map_type}");
            assert_eq!(redirecting(9, XdpAction::DROP.0), XdpAction::DROP.0, "{map_type}");
        }
    }

    fn queues_of_cpus_have_a_size(t, case) {
        requires!(t, case, Feature::MapType(MapType::CPUMAP));
        let cpus = t.system().cpus().expect("CPUs");
        let map = map(t, &spec(MapType::CPUMAP, 4, 4, cpus.possible.slots()));
        let cpu = cpus.online.iter().next().expect("a CPU");
        put(&map, &cpu, &192u32);
        assert_eq!(get(&map, &cpu), Some(192u32));
        assert_eq!(errno_of(write(&map, &cpu, &20_000u32, UpdateFlags::ANY)), Errno::EOVERFLOW);
        put(&map, &cpu, &0u32);
        assert_eq!(get::<u32>(&map, &cpu), None, "a queue of 0 packets is none");
    }

    fn a_cpu_that_is_not_possible_is_refused(t, case) {
        requires!(t, case, Feature::MapType(MapType::CPUMAP));
        let cpus = t.system().cpus().expect("CPUs").possible.slots();
        let map = map(t, &spec(MapType::CPUMAP, 4, 4, cpus));
        assert_eq!(errno_of(write(&map, &cpus, &192u32, UpdateFlags::ANY)), Errno::E2BIG);
    }

    fn sockets_are_not_read_by_small_values(t, case) {
        for map_type in [MapType::SOCKMAP, MapType::SOCKHASH] {
            requires!(t, case, Feature::MapType(map_type));
            let map = of(t, map_type);
            assert_eq!(errno_of(map.lookup_elem(&[0; 4], &mut [0; 4], LookupFlags::NONE)), Errno::ENOSPC, "{map_type}");
        }
    }

    fn an_empty_place_for_a_socket_is_absent(t, case) {
        for map_type in [MapType::SOCKMAP, MapType::SOCKHASH] {
            requires!(t, case, Feature::MapType(map_type));
            let map = map(t, &spec(map_type, 4, 8, 4));
            assert_eq!(get::<u64>(&map, &0), None, "{map_type}");
        }
    }

    fn what_is_no_socket_is_refused(t, case) {
        for map_type in [MapType::SOCKMAP, MapType::SOCKHASH, MapType::XSKMAP, MapType::REUSEPORT_SOCKARRAY] {
            requires!(t, case, Feature::MapType(map_type));
            let map = of(t, map_type);
            let errno = errno_of(write(&map, &0, &0x7fff_ffffu32, UpdateFlags::ANY));
            assert!(matches!(errno, Errno::EBADF | Errno::EINVAL | Errno::ENOTSOCK), "{map_type}: {errno}");
        }
    }

    fn an_empty_slot_for_a_cgroup_is_absent(t, case) {
        requires!(t, case, Feature::MapType(MapType::CGROUP_ARRAY));
        let map = of(t, MapType::CGROUP_ARRAY);
        assert_eq!(delete(&map, &0), Ok(false));
        assert_eq!(errno_of(write(&map, &0, &u32::MAX, UpdateFlags::ANY)), Errno::EBADF);
        for flags in [UpdateFlags::NO_EXIST, UpdateFlags::EXIST] {
            assert_eq!(errno_of(write(&map, &0, &u32::MAX, flags)), Errno::EINVAL, "{flags}");
        }
        assert_eq!(errno_of(write(&map, &4, &u32::MAX, UpdateFlags::ANY)), Errno::E2BIG);
    }

    fn a_cgroup_is_not_read_back(t, case) {
        requires!(t, case, Feature::MapType(MapType::CGROUP_ARRAY));
        let map = of(t, MapType::CGROUP_ARRAY);
        assert_eq!(errno_of(map.lookup_elem(&[0; 4], &mut [0; 4], LookupFlags::NONE)), Errno::ENOTSUPP);
    }

    fn a_perf_event_is_not_read_back(t, case) {
        requires!(t, case, Feature::MapType(MapType::PERF_EVENT_ARRAY));
        let map = of(t, MapType::PERF_EVENT_ARRAY);
        assert_eq!(errno_of(map.lookup_elem(&[0; 4], &mut [0; 4], LookupFlags::NONE)), Errno::ENOTSUPP);
        assert_eq!(delete(&map, &0), Ok(false));
        assert_eq!(errno_of(write(&map, &0, &u32::MAX, UpdateFlags::ANY)), Errno::EBADF);
    }

    fn stack_traces_are_whole_addresses(t, case) {
        requires!(t, case, Feature::MapType(MapType::STACK_TRACE));
        let map = map(t, &spec(MapType::STACK_TRACE, 4, 8 * 16, 8));
        assert_eq!(get::<[u8; 128]>(&map, &3), None);
        assert_eq!(delete(&map, &3), Ok(false));
        assert_eq!(errno_of(map.update_elem(&[0; 4], &[0; 128], UpdateFlags::ANY)), Errno::EINVAL);
        for size in [4, 12] {
            assert_eq!(refused(t, &spec(MapType::STACK_TRACE, 4, size, 8)).errno(), Some(Errno::EINVAL), "{size} bytes");
        }
    }

    fn flags_of_other_types_are_einval(t, case) {
        for map_type in [MapType::DEVMAP, MapType::CPUMAP, MapType::XSKMAP, MapType::PROG_ARRAY] {
            requires!(t, case, Feature::MapType(map_type));
            let mmapable = spec(map_type, 4, 4, 1).with_flags(MapFlags::NO_PREALLOC);
            assert_eq!(refused(t, &mmapable).errno(), Some(Errno::EINVAL), "{map_type}");
        }
    }
}
