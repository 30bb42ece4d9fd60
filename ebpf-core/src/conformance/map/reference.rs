//! Maps whose values name something else: interfaces, CPUs, sockets, cgroups, perf events, stack traces. What a map alone
//! shows of them: `kernel/bpf/devmap.c`, `cpumap.c`, `net/xdp/xskmap.c`, `net/core/sock_map.c`, `arraymap.c`, `stackmap.c`.

use std::sync::Arc;

use crate::Errno;
use crate::conformance::{
    Foreign, Testbed, code, delete, errno_of, get, keys, load, map, program, put, refused,
    requires, run, spec, store, suite, verdict, write,
};
use crate::hook::{Interface, XdpAction};
use crate::map::{CpuMap, DeviceMap, LookupFlags, Map, MapError, MapFlags, MapType, UpdateFlags};
use crate::program::{AttachType, ProgramSpec, ProgramType};
use crate::system::Feature;

const DEVICES: [MapType; 2] = [MapType::DEVMAP, MapType::DEVMAP_HASH];

fn of(t: &dyn Testbed, map_type: MapType) -> Arc<dyn Map> {
    map(t, &spec(map_type, 4, 4, 4))
}

/// A program that sees packets which were redirected.
fn for_arrivals(attach_type: AttachType) -> ProgramSpec {
    let mut spec = code(ProgramType::XDP, "r0 = 2\nexit");
    spec.expected_attach_type = Some(attach_type);
    spec
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

    fn interfaces_and_their_programs_are_read_back(t, case) {
        let Some(index) = ifindex(t, case) else { return };
        for map_type in DEVICES {
            requires!(t, case, Feature::MapType(map_type), Feature::AttachType(ProgramType::XDP, AttachType::XDP_DEVMAP));
            let devices = DeviceMap::new(map(t, &spec(map_type, 4, 8, 4))).expect("interfaces");
            let program = load(t, &for_arrivals(AttachType::XDP_DEVMAP), &[]).expect("load");
            assert!(devices.holds_programs());
            devices.set(1, index).expect("set");
            devices.set_with_program(2, index, &program).expect("set");
            let slot = |key| devices.get(key).expect("lookup").map(|slot| (slot.ifindex, slot.program));
            assert_eq!(slot(0), None, "{map_type}");
            assert_eq!(slot(1), Some((index, None)), "{map_type}");
            assert_eq!(slot(2), Some((index, Some(program.info().id))), "{map_type}");
            let mut keys: Vec<_> = devices.slots().map(|slot| slot.expect("a slot").0).collect();
            keys.sort();
            assert_eq!(keys, [1, 2], "{map_type}");
            devices.remove(2).expect("remove");
            assert_eq!(slot(2), None, "{map_type}");
            let other = verdict(t, 2);
            assert_eq!(errno_of(devices.set_with_program(1, index, &other)), Errno::EINVAL, "a program for interfaces");
            assert!(matches!(devices.set_with_program(1, index, &Foreign(program)), Err(MapError::Foreign { .. })));
        }
    }

    fn a_narrow_value_has_no_room_for_a_program(t, case) {
        let Some(index) = ifindex(t, case) else { return };
        let devices = DeviceMap::new(of(t, MapType::DEVMAP)).expect("interfaces");
        devices.set(0, index).expect("set");
        assert_eq!(devices.get(0).expect("lookup").map(|slot| (slot.ifindex, slot.program)), Some((index, None)));
        let error = devices.set_with_program(0, index, &verdict(t, 2)).expect_err("no room");
        assert!(matches!(error, MapError::Size { .. }), "{error}");
        assert!(DeviceMap::new(of(t, MapType::HASH)).is_err());
    }

    fn cpus_and_their_programs_are_read_back(t, case) {
        requires!(t, case, Feature::AttachType(ProgramType::XDP, AttachType::XDP_CPUMAP));
        let cpus = t.system().cpus().expect("CPUs");
        let queues = CpuMap::new(map(t, &spec(MapType::CPUMAP, 4, 8, cpus.possible.slots()))).expect("CPUs");
        let program = load(t, &for_arrivals(AttachType::XDP_CPUMAP), &[]).expect("load");
        let cpu = cpus.online.iter().next().expect("a CPU");
        let slot = || queues.get(cpu).expect("lookup").map(|slot| (slot.queue_size, slot.program));
        queues.set(cpu, 192).expect("set");
        assert_eq!(slot(), Some((192, None)));
        queues.set_with_program(cpu, 64, &program).expect("set");
        assert_eq!(slot(), Some((64, Some(program.info().id))));
        assert_eq!(queues.slots().count(), 1);
        queues.remove(cpu).expect("remove");
        assert_eq!(slot(), None);
    }

    fn sockets_of_af_xdp_have_narrow_values_and_are_not_read_back(t, case) {
        requires!(t, case, Feature::MapType(MapType::XSKMAP));
        let sockets = of(t, MapType::XSKMAP);
        assert_eq!(errno_of(sockets.lookup_elem(&[0; 4], &mut [0; 4], LookupFlags::NONE)), Errno::EOPNOTSUPP);
        assert_eq!(keys(&sockets).len(), 4, "empty slots are walked too");
        assert_eq!(errno_of(write(&sockets, &4, &0u32, UpdateFlags::ANY)), Errno::E2BIG);
        assert_eq!(errno_of(delete(&sockets, &4)), Errno::EINVAL);
        assert_eq!(delete(&sockets, &0), Ok(true), "an empty slot can be emptied");
        assert!(refused(t, &spec(MapType::XSKMAP, 4, 8, 4)).to_string().contains("4 bytes"));
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

    fn only_perf_events_are_perf_events(t, case) {
        requires!(t, case, Feature::MapType(MapType::PERF_EVENT_ARRAY));
        let events = of(t, MapType::PERF_EVENT_ARRAY);
        let (other, program) = (of(t, MapType::HASH), verdict(t, 2));
        for handle in [events.handle(), other.handle(), program.handle()] {
            assert_eq!(errno_of(store(t, &events, 0, handle, UpdateFlags::ANY)), Errno::EBADF);
        }
        for flags in [UpdateFlags::NO_EXIST, UpdateFlags::EXIST] {
            assert_eq!(errno_of(store(t, &events, 0, other.handle(), flags)), Errno::EINVAL, "{flags}");
        }
        assert_eq!(errno_of(store(t, &events, 4, other.handle(), UpdateFlags::ANY)), Errno::E2BIG);
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
