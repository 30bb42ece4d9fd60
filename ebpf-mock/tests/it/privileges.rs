//! What users may do who are not root.

use ebpf_core::map::{MapSpec, MapType};
use ebpf_core::system::Kind;
use ebpf_core::{Errno, System};
use ebpf_mock::{MockSystem, Privileges};

/// Whether a user may make a map of a type.
fn makes(system: &MockSystem, map_type: MapType) -> Result<(), Option<Errno>> {
    let (key_size, value_size, entries) = match map_type {
        MapType::QUEUE => (0, 4, 1),
        _ => (4, 4, 1),
    };
    let made = system.create_map(
        &MapSpec::new("case", map_type, key_size, value_size, entries),
        None,
    );
    made.map(drop).map_err(|error| error.errno())
}

#[test]
fn maps_want_what_their_types_want() {
    let bpf = [MapType::QUEUE, MapType::LRU_HASH];
    let net = [MapType::DEVMAP, MapType::SOCKMAP];
    let open = [MapType::ARRAY, MapType::HASH, MapType::PROG_ARRAY];
    let user = |privileges, allowed| {
        MockSystem::builder()
            .privileges(privileges)
            .unprivileged_bpf(allowed)
            .build()
    };
    let refused = Err(Some(Errno::EPERM));
    let with = |privileges, allowed, types: &[MapType], expected| {
        let system = user(privileges, allowed);
        for map_type in types {
            let made = makes(&system, *map_type);
            assert_eq!(made, expected, "{privileges:?}, {allowed}: {map_type}");
        }
    };
    for types in [&bpf[..], &net, &open] {
        with(Privileges::ROOT, false, types, Ok(()));
        with(Privileges::NONE, false, types, refused);
    }
    with(Privileges::NONE, true, &open, Ok(()));
    with(Privileges::NONE, true, &bpf, refused);
    with(Privileges::NET_ADMIN, true, &net, Ok(()));
    with(Privileges::NET_ADMIN, false, &net, refused);
    with(Privileges::BPF, false, &bpf, Ok(()));
    with(Privileges::BPF, false, &net, refused);
}

#[test]
fn ids_and_statistics_are_for_who_administers() {
    let system = MockSystem::builder()
        .privileges(Privileges::BPF | Privileges::NET_ADMIN)
        .build();
    let map = system
        .create_map(&MapSpec::new("case", MapType::ARRAY, 4, 4, 1), None)
        .expect("create");
    let refusals = [
        system.map_by_id(map.info().id).map(drop),
        system.next_id(Kind::Map, None).map(drop),
        system.enable_stats().map(drop),
    ];
    for refusal in refusals {
        let error = refusal.expect_err("another user");
        assert_eq!(error.errno(), Some(Errno::EPERM), "{error}");
        assert!(error.to_string().contains("CAP_SYS_ADMIN"), "{error}");
    }
}
