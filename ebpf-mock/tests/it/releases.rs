//! Simulated kernels of several releases: each answers for maps as that release does.

use std::sync::Arc;

use ebpf_core::conformance::typed;
use ebpf_core::map::{
    Batch, BatchCursor, BatchFlags, LookupFlags, Map, MapError, MapFlags, MapSpec, MapType,
    UpdateFlags,
};
use ebpf_core::program::{AttachType, ProgramType};
use ebpf_core::system::{Feature, KernelVersion, Kind};
use ebpf_core::{Errno, System};
use ebpf_mock::{MockSystem, SocketKind};

/// Releases that tests name, with the newest that is known.
const RELEASES: [(u32, u32); 8] = [
    (4, 19),
    (5, 4),
    (5, 10),
    (5, 15),
    (6, 1),
    (6, 12),
    (6, 18),
    (7, 2),
];

fn at(release: (u32, u32)) -> MockSystem {
    MockSystem::builder()
        .release(KernelVersion::new(release.0, release.1, 0))
        .build()
}

fn make(system: &MockSystem, spec: &MapSpec) -> Result<Arc<dyn Map>, Option<Errno>> {
    let made = system.create_map(spec, None);
    made.map_err(|error| error.errno())
}

fn plain(map_type: MapType, value_size: u32) -> MapSpec {
    MapSpec::new("case", map_type, 4, value_size, 4)
}

/// That something is refused with a number before a release, and works from it on.
fn changes(
    since: (u32, u32),
    errno: Errno,
    works: impl Fn(&MockSystem) -> Result<(), Option<Errno>>,
) {
    for release in RELEASES {
        let expected = match release >= since {
            true => Ok(()),
            false => Err(Some(errno)),
        };
        assert_eq!(works(&at(release)), expected, "Linux {release:?}");
    }
}

fn told<T>(result: Result<T, MapError>) -> Result<(), Option<Errno>> {
    result.map(drop).map_err(|error| error.errno())
}

#[test]
fn flags_of_maps_are_einval_before_their_release() {
    let hash = plain(MapType::HASH, 8);
    let array = plain(MapType::ARRAY, 8);
    let storage = typed(MapSpec::new("case", MapType::SK_STORAGE, 4, 8, 0), false);
    for (spec, flag, since) in [
        (&hash, MapFlags::ZERO_SEED, (5, 0)),
        (&hash, MapFlags::RDONLY_PROG, (5, 2)),
        (&storage, MapFlags::NO_PREALLOC | MapFlags::CLONE, (5, 4)),
        (&array, MapFlags::MMAPABLE, (5, 5)),
        (&array, MapFlags::INNER_MAP, (5, 10)),
        (
            &plain(MapType::PERF_EVENT_ARRAY, 4),
            MapFlags::PRESERVE_ELEMS,
            (5, 10),
        ),
    ] {
        let asked = spec.clone().with_flags(flag);
        changes(since, Errno::EINVAL, |system| {
            make(system, &asked).map(drop)
        });
    }
}

#[test]
fn values_have_room_for_programs_and_cookies_since_their_release() {
    for (map_type, since) in [
        (MapType::SOCKMAP, (5, 7)),
        (MapType::SOCKHASH, (5, 7)),
        (MapType::DEVMAP, (5, 8)),
        (MapType::DEVMAP_HASH, (5, 8)),
        (MapType::CPUMAP, (5, 9)),
    ] {
        changes(since, Errno::EINVAL, |system| {
            make(system, &plain(map_type, 8)).map(drop)
        });
    }
}

#[test]
fn maps_are_frozen_since_5_2() {
    changes((5, 2), Errno::EINVAL, |system| {
        told(make(system, &plain(MapType::ARRAY, 8))?.freeze())
    });
}

#[test]
fn elements_of_hashes_are_taken_out_since_5_14() {
    let take = |system: &MockSystem, flags| {
        let map = make(system, &plain(MapType::HASH, 8))?;
        told(map.update_elem(&[1; 4], &[2; 8], UpdateFlags::ANY))?;
        told(map.lookup_and_delete_elem(&[1; 4], &mut [0; 8], flags))
    };
    for release in RELEASES {
        let expected = match release {
            release if release >= (5, 14) => Ok(()),
            release if release >= (4, 20) => Err(Some(Errno::ENOTSUPP)),
            _ => Err(Some(Errno::EINVAL)),
        };
        let taken = take(&at(release), LookupFlags::NONE);
        assert_eq!(taken, expected, "Linux {release:?}");
    }
    let flagged = take(&at((5, 10)), LookupFlags::LOCK);
    assert_eq!(flagged, Err(Some(Errno::EINVAL)), "there are no flags yet");
    // Queues had it before.
    for release in RELEASES {
        let expected = match release >= (4, 20) {
            true => Ok(()),
            false => Err(Some(Errno::EINVAL)),
        };
        let queue = MapSpec::new("case", MapType::QUEUE, 0, 8, 4);
        let taken = make(&at(release), &queue).and_then(|map| {
            told(map.update_elem(&[], &[1; 8], UpdateFlags::ANY))?;
            told(map.lookup_and_delete_elem(&[], &mut [0; 8], LookupFlags::NONE))
        });
        assert_eq!(taken, expected, "{release:?}");
    }
}

#[test]
fn batches_of_other_types_are_done_one_by_one() {
    // A buffer smaller than a bucket is refused by the kernel's own batches of hashes, and by no single operations.
    let small_buffer = |release| {
        let map = make(
            &at(release),
            &MapSpec::new("case", MapType::HASH, 4, 8, 512),
        )
        .expect("create");
        for key in 0..512u32 {
            map.update_elem(&key.to_ne_bytes(), &[0; 8], UpdateFlags::ANY)
                .expect("update");
        }
        let mut cursor = BatchCursor::new();
        let (mut keys, mut values) = ([0; 4], [0; 8]);
        let mut read = 0;
        loop {
            match map.lookup_batch(&mut cursor, &mut keys, &mut values, BatchFlags::ANY) {
                Ok(Batch { count, done }) if !done => read += count,
                Ok(batch) => return Ok(read + batch.count),
                Err(error) => return Err(error.errno()),
            }
        }
    };
    assert_eq!(small_buffer((5, 4)), Ok(512));
    assert_eq!(small_buffer((5, 6)), Err(Some(Errno::ENOSPC)));
    // A flag that batches do not know is one that single updates may not know either.
    for (map_type, since) in [
        (MapType::PERCPU_ARRAY, (5, 13)),
        (MapType::LPM_TRIE, (5, 13)),
        (MapType::ARRAY, (5, 6)),
    ] {
        for release in RELEASES {
            let spec = MapSpec::new(
                "case",
                map_type,
                if map_type == MapType::LPM_TRIE { 8 } else { 4 },
                8,
                4,
            );
            let map = make(&at(release), &spec).expect("create");
            let key_size = map.info().key_size as usize;
            let mut values = vec![0; map.info().transfer_size()];
            let mut cursor = BatchCursor::new();
            let read = map.lookup_batch(
                &mut cursor,
                &mut vec![0; key_size],
                &mut values,
                BatchFlags::ANY,
            );
            assert!(read.is_ok(), "{map_type} {release:?}: {read:?}");
            let done_by_one = cursor.token().is_some_and(|token| token.len() == key_size);
            // An empty trie leaves no place behind; an array its first index, either way.
            assert_eq!(
                done_by_one,
                map_type != MapType::LPM_TRIE,
                "{map_type} {release:?} {since:?}"
            );
        }
    }
}

#[test]
fn locks_are_taken_since_5_1() {
    let locked = typed(plain(MapType::HASH, 8), true);
    for release in RELEASES {
        let map = make(&at(release), &locked).expect("create");
        let looked = told(map.lookup_elem(&[0; 4], &mut [0; 8], LookupFlags::LOCK));
        let updated = told(map.update_elem(&[0; 4], &[0; 8], UpdateFlags::LOCK));
        let expected = match release >= (5, 1) {
            true => Ok(()),
            false => Err(Some(Errno::EINVAL)),
        };
        assert_eq!((looked, updated), (expected, expected), "{release:?}");
    }
}

fn stored(system: &MockSystem, template: &MapSpec, stored: &MapSpec) -> Result<(), Option<Errno>> {
    let outer = plain(MapType::ARRAY_OF_MAPS, 4).with_inner(template.clone());
    let outer = make(system, &outer)?;
    let inner = make(system, stored)?;
    let number = inner.handle().raw_in(system.id()).expect("of this system");
    told(outer.update_elem(&[0; 4], &number.to_ne_bytes(), UpdateFlags::ANY))
}

#[test]
fn inner_maps_became_freer() {
    let hash = plain(MapType::HASH, 8);
    let longer = MapSpec::new("case", MapType::HASH, 4, 8, 9);
    changes((5, 10), Errno::EINVAL, |system| {
        stored(system, &hash, &longer)
    });
    let locked = typed(hash, true);
    changes((6, 2), Errno::ENOTSUPP, |system| {
        stored(system, &locked, &locked)
    });
}

#[test]
fn sockmaps_hold_more_kinds_of_sockets() {
    for (kind, since) in [(SocketKind::Udp, (5, 7)), (SocketKind::Unix, (5, 15))] {
        changes(since, Errno::EOPNOTSUPP, |system| {
            let map = make(system, &plain(MapType::SOCKMAP, 4))?;
            let socket = system.socket(kind);
            let sockets = ebpf_core::map::SocketMap::<u32>::new(map).expect("sockets");
            told(sockets.upsert(&0, &socket))
        });
    }
    let old = make(&at((5, 4)), &plain(MapType::SOCKMAP, 4)).expect("create");
    let read = told(old.lookup_elem(&[0; 4], &mut [0; 4], LookupFlags::NONE));
    assert_eq!(
        read,
        Err(Some(Errno::EOPNOTSUPP)),
        "cookies are not read yet"
    );
}

#[test]
fn tries_heed_conditions_since_6_13() {
    let trie = |release| {
        make(
            &at(release),
            &MapSpec::new("case", MapType::LPM_TRIE, 5, 8, 1),
        )
        .expect("create")
    };
    let key = [8, 0, 0, 0, 10];
    for release in RELEASES {
        let minds = release >= (6, 13);
        let map = trie(release);
        let absent = told(map.update_elem(&key, &[0; 8], UpdateFlags::EXIST));
        assert_eq!(absent.is_err(), minds, "{release:?}");
        told(map.update_elem(&key, &[0; 8], UpdateFlags::ANY)).unwrap_or_default();
        let full = told(map.update_elem(&key, &[1; 8], UpdateFlags::ANY));
        let expected = if minds {
            Ok(())
        } else {
            Err(Some(Errno::ENOSPC))
        };
        assert_eq!(full, expected, "a full one {release:?}");
    }
}

#[test]
fn one_cpu_is_written_since_7_0() {
    changes((7, 0), Errno::EINVAL, |system| {
        let map = make(system, &plain(MapType::PERCPU_ARRAY, 8))?;
        told(map.update_elem(&[0; 4], &[1; 8], UpdateFlags::on_cpu(1)))?;
        told(map.update_elem(&[0; 4], &[1; 8], UpdateFlags::ALL_CPUS))?;
        told(map.lookup_elem(&[0; 4], &mut [0; 8], LookupFlags::on_cpu(1)))
    });
}

#[test]
fn ids_are_listed_since_their_release() {
    for release in RELEASES {
        let system = at(release);
        for (kind, since) in [
            (Kind::Map, (4, 13)),
            (Kind::Btf, (5, 4)),
            (Kind::Link, (5, 8)),
        ] {
            let listed = system.next_id(kind, None);
            assert_eq!(
                listed.is_ok(),
                release >= since,
                "{kind} {release:?}: {listed:?}"
            );
        }
    }
}

#[test]
fn a_ring_that_overwrites_is_refused_by_name_where_there_is_one() {
    let ring =
        MapSpec::new("case", MapType::RINGBUF, 0, 0, 4096).with_flags(MapFlags::RB_OVERWRITE);
    assert_eq!(
        make(&at((6, 18)), &ring).map(drop),
        Err(Some(Errno::EINVAL)),
        "an unknown flag"
    );
    let refused = at((7, 2))
        .create_map(&ring, None)
        .expect_err("not simulated");
    assert!(
        refused.to_string().contains("BPF_F_RB_OVERWRITE"),
        "{refused}"
    );
}

#[test]
fn attach_types_are_known_since_their_release() {
    for (program_type, attach_type, since) in [
        (
            ProgramType::CGROUP_SOCK_ADDR,
            AttachType::CGROUP_UDP4_RECVMSG,
            (5, 2),
        ),
        (
            ProgramType::CGROUP_SOCK_ADDR,
            AttachType::CGROUP_INET4_GETPEERNAME,
            (5, 8),
        ),
        (
            ProgramType::CGROUP_SOCK,
            AttachType::CGROUP_INET_SOCK_RELEASE,
            (5, 9),
        ),
        (
            ProgramType::CGROUP_SOCK_ADDR,
            AttachType::CGROUP_UNIX_CONNECT,
            (6, 7),
        ),
    ] {
        for release in RELEASES {
            let system = at(release);
            let feature = Feature::AttachType(program_type, attach_type);
            let known = system.probe(feature).expect("probe").is_yes();
            assert_eq!(known, release >= since, "{attach_type} {release:?}");
            let mut spec = ebpf_core::conformance::code(program_type, "r0 = 1\nexit");
            spec.expected_attach_type = Some(attach_type);
            let loaded = system.load_program(&spec, &Default::default());
            assert_eq!(loaded.is_ok(), known, "{attach_type} {release:?}");
        }
    }
}
