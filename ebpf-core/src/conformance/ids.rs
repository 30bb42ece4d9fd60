//! Ids: the numbers by which a system knows its objects. `bpf_obj_get_next_id()` in kernel/bpf/syscall.c.

use crate::conformance::map::types::typed;
use crate::conformance::{Testbed, errno_of, get, map, put, requires, spec, suite, verdict};
use crate::hook::{Xdp, XdpVia};
use crate::link::LinkType;
use crate::map::{MapId, MapType};
use crate::program::{ProgramExt, ProgramId};
use crate::system::{BtfId, Feature, Kind};
use crate::{Errno, SystemExt};

/// Every id of a kind, in the order of the walk.
fn all(t: &dyn Testbed, kind: Kind) -> Vec<u32> {
    let mut ids: Vec<u32> = Vec::new();
    while let Some(next) = t
        .system()
        .next_id(kind, ids.last().copied())
        .expect("next id")
    {
        assert!(ids.last().is_none_or(|last| *last < next), "ids ascend");
        ids.push(next);
    }
    ids
}

suite! { ($) ids, __conformance_ids;
    fn a_walk_finds_every_map(t) {
        let maps: Vec<_> = (0..5).map(|_| map(t, &spec(MapType::ARRAY, 4, 8, 1))).collect();
        let ids = all(t, Kind::Map);
        for map in &maps {
            assert!(ids.contains(&map.info().id.0), "{} is not in {ids:?}", map.info().id);
        }
    }

    fn a_walk_finds_every_program(t) {
        let programs: Vec<_> = (0..5).map(|n| verdict(t, n)).collect();
        let ids = all(t, Kind::Program);
        for program in &programs {
            assert!(ids.contains(&program.info().id.0), "{} is not in {ids:?}", program.info().id);
        }
    }

    fn a_walk_finds_every_link(t, case) {
        requires!(t, case, Feature::Link(LinkType::XDP));
        let interface = t.interfaces().swap_remove(0);
        let link = verdict(t, 2).attach_to(Xdp::on(interface).via(XdpVia::Link)).expect("attach");
        assert!(all(t, Kind::Link).contains(&link.info().id.expect("a link object").0));
    }

    fn all_maps_programs_and_links_open(t, case) {
        requires!(t, case, Feature::Link(LinkType::XDP));
        let (map, program) = (map(t, &spec(MapType::ARRAY, 4, 8, 1)), verdict(t, 2));
        let interface = t.interfaces().swap_remove(0);
        let link = program.attach_to(Xdp::on(interface).via(XdpVia::Link)).expect("attach");
        let system = t.system();
        assert!(system.all_maps().any(|found| found.expect("a map").info().id == map.info().id));
        assert!(system.all_programs().any(|found| found.expect("a program").info().id == program.info().id));
        assert!(system.all_links().any(|found| found.expect("a link").info().id == link.info().id));
    }

    fn what_goes_away_during_a_walk_is_left_out(t) {
        let maps: Vec<_> = (0..3).map(|_| map(t, &spec(MapType::ARRAY, 4, 8, 1))).collect();
        let ids: Vec<_> = maps.iter().map(|map| map.info().id).collect();
        let mut walk = t.system().all_maps();
        let mut maps = maps.into_iter();
        assert!(walk.any(|found| found.expect("a map").info().id == ids[0]));
        drop((maps.next(), maps.next()));
        let rest: Vec<_> = walk.map(|found| found.expect("a map").info().id).collect();
        assert!(rest.contains(&ids[2]), "{rest:?}");
    }

    fn types_are_found_by_their_id(t, case) {
        requires!(t, case, Feature::Btf);
        let map = map(t, &typed(spec(MapType::ARRAY, 4, 8, 4), false));
        let state = map.query().expect("query");
        let id = BtfId(state.btf_id.expect("types"));
        assert!(t.system().all_btfs().any(|found| found.expect("types").id == id));
        let info = t.system().btf_info(id).expect("info");
        assert!(!info.of_kernel && info.size > 0, "{info:?}");
        let btf = t.system().btf_by_id(id).expect("types");
        assert_eq!(btf.to_bytes().len(), info.size as usize);
        assert_eq!(btf.type_name(state.value_type), "struct element");
        assert_eq!(errno_of(t.system().btf_info(BtfId(0x7fff_fff0))), Errno::ENOENT);
    }

    fn a_walk_goes_on_after_an_id_that_is_gone(t) {
        let (gone, kept) = (map(t, &spec(MapType::ARRAY, 4, 8, 1)), map(t, &spec(MapType::ARRAY, 4, 8, 1)));
        let (gone_id, kept_id) = (gone.info().id, kept.info().id);
        drop(gone);
        let next = t.system().next_id(Kind::Map, Some(gone_id.0)).expect("next id");
        assert!(next.is_some_and(|next| next > gone_id.0 && next <= kept_id.0), "{next:?}");
    }

    fn the_walk_ends(t) {
        for kind in [Kind::Map, Kind::Program] {
            assert_eq!(t.system().next_id(kind, Some(i32::MAX as u32 - 1)), Ok(None), "{kind}");
        }
    }

    fn ids_are_31_bits_wide(t) {
        for kind in [Kind::Map, Kind::Program] {
            for last in [i32::MAX as u32, u32::MAX] {
                assert_eq!(errno_of(t.system().next_id(kind, Some(last))), Errno::EINVAL, "{kind}");
            }
        }
    }

    fn a_map_is_found_by_its_id(t) {
        let map = map(t, &spec(MapType::HASH, 4, 8, 3));
        put(&map, &1, &10u64);
        let again = t.system().map_by_id(map.info().id).expect("by id");
        let (one, two) = (map.info(), again.info());
        assert_eq!((one.id, one.map_type, one.max_entries), (two.id, two.map_type, two.max_entries));
        assert_eq!((one.key_size, one.value_size, one.flags), (two.key_size, two.value_size, two.flags));
        assert_eq!(get(&again, &1), Some(10u64));
        put(&again, &2, &20u64);
        assert_eq!(get(&map, &2), Some(20u64), "one map, two handles");
    }

    fn no_object_has_the_id_0(t) {
        assert_eq!(errno_of(t.system().map_by_id(MapId(0))), Errno::ENOENT);
        assert_eq!(errno_of(t.system().program_by_id(ProgramId(0))), Errno::ENOENT);
    }

    fn an_id_that_nobody_has_is_enoent(t) {
        let error = t.system().map_by_id(MapId(0x7fff_fff0)).expect_err("no such map");
        assert_eq!(error.errno(), Some(Errno::ENOENT));
        assert!(error.to_string().contains("2147483632"), "{error}");
        let error = t.system().program_by_id(ProgramId(0x7fff_fff0)).expect_err("no such program");
        assert_eq!(error.errno(), Some(Errno::ENOENT));
        assert!(error.to_string().contains("2147483632"), "{error}");
    }

    fn a_program_that_is_gone_is_enoent(t) {
        let program = verdict(t, 2);
        let id = program.info().id;
        drop(program);
        assert_eq!(errno_of(t.system().program_by_id(id)), Errno::ENOENT);
    }

    fn ids_are_not_used_again_at_once(t) {
        let first = map(t, &spec(MapType::ARRAY, 4, 8, 1)).info().id;
        let second = map(t, &spec(MapType::ARRAY, 4, 8, 1)).info().id;
        assert_ne!(first, second);
    }
}
