//! A whole object as goebpf's users write them: seven maps in section `maps`, two of them shared by paths, two with inner
//! maps, and five XDP programs (`testdata/conformance/seven_maps.bpf.c`).

use std::path::PathBuf;

use crate::conformance::{
    FRAME, Testbed, delete, elements, get, get_bytes, map, put, run, spec, store, suite, verdict,
};
use crate::hook::{Xdp, XdpMode};
use crate::insn::{Insn, Reg};
use crate::loader::{LoadError, SystemExt};
use crate::map::{Map, MapFlags, MapType, Pinning, UpdateFlags};
use crate::object::ObjectSpec;
use crate::program::{ProgramExt, ProgramType};
use crate::system::Kind;
use crate::{Collection, Errno, Program};

const BYTES: &[u8] = include_bytes!("../../testdata/conformance/seven_maps.bpf.o");

/// The plan of the object, its paths moved into the test bed's directory; `None`, said aloud, on a big-endian machine.
fn object(t: &dyn Testbed, case: &str) -> Option<ObjectSpec> {
    let mut object = ObjectSpec::parse(BYTES).expect("parse");
    if !object.endian.is_native() {
        t.skip(case, "the object is of the other byte order");
        return None;
    }
    for map in &mut object.maps {
        if let Pinning::Path(path) = &map.pinning {
            let name = path.file_name().expect("a file name");
            map.pinning = Pinning::Path(t.pins().join(name));
        }
    }
    Some(object)
}

fn pins(t: &dyn Testbed) -> Vec<PathBuf> {
    t.system().pinned(t.pins()).expect("list")
}

fn unpin_all(t: &dyn Testbed) {
    for path in pins(t) {
        t.system().unpin(&path).expect("unpin");
    }
}

/// A frame of IPv4 from this address.
fn from(source: [u8; 4]) -> [u8; 60] {
    let mut frame = FRAME;
    frame[26..30].copy_from_slice(&source);
    frame
}

suite! { ($) object, __conformance_object;
    fn its_maps_have_their_shapes(t, case) {
        let Some(object) = object(t, case) else { return };
        let loaded = t.system().load(&object).expect("load");
        let shapes: Vec<_> = loaded
            .maps()
            .map(|(name, map)| {
                let info = map.info();
                (name, info.map_type, info.key_size, info.value_size, info.max_entries, info.flags)
            })
            .collect();
        let none = MapFlags::NONE;
        assert_eq!(shapes, [
            ("packets", MapType::PERCPU_ARRAY, 4, 8, 4, none),
            ("lengths", MapType::ARRAY, 4, 4, 10, none),
            ("rules", MapType::LPM_TRIE, 8, 4, 16, MapFlags::NO_PREALLOC),
            ("per_rule", MapType::ARRAY_OF_MAPS, 4, 4, 5, none),
            ("last_seen", MapType::HASH, 4, 8, 1024, MapFlags::NO_PREALLOC),
            ("by_source", MapType::HASH_OF_MAPS, 4, 4, 20, none),
            ("stages", MapType::PROG_ARRAY, 4, 4, 3, none),
        ]);
        assert_eq!(pins(t), ["by_source", "packets"].map(|name| t.pins().join(name)));
        assert_eq!(loaded.pins().len(), 2);
        unpin_all(t);
    }

    fn its_programs_are_there(t, case) {
        let Some(object) = object(t, case) else { return };
        assert_eq!(&*object.license, "Dual MIT/GPL");
        let loaded = t.system().load(&object).expect("load");
        let names: Vec<_> = loaded.programs().map(|(name, _)| name).collect();
        assert_eq!(names, ["count", "measure", "filter", "root", "inner"]);
        for (name, program) in loaded.programs() {
            let info = program.info();
            assert_eq!((&*info.name, info.program_type, info.gpl_compatible), (name, ProgramType::XDP, true));
            let size = object.program(name).expect("its spec").size();
            assert!(info.translated_bytes as usize >= size / 2, "{info:?}");
        }
        assert!(loaded.skipped().is_empty());
        unpin_all(t);
    }

    fn names_that_are_not_there_come_with_those_that_are(t, case) {
        let Some(object) = object(t, case) else { return };
        let loaded = t.system().load(&object).expect("load");
        let error = loaded.map("packet").expect_err("no such map");
        assert!(error.to_string().contains("no map `packet`") && error.to_string().contains("`packets`"), "{error}");
        let error = loaded.program("nobody").expect_err("no such program");
        assert!(error.to_string().contains("`measure`"), "{error}");
        unpin_all(t);
    }

    fn a_program_counts_in_its_map(t, case) {
        let Some(object) = object(t, case) else { return };
        let loaded = t.system().load(&object).expect("load");
        let count = loaded.program("count").expect("count");
        assert_eq!([run(count), run(count), run(count)], [2; 3]);
        let packets = loaded.map("packets").expect("packets");
        let sums: Vec<u64> = elements(packets)
            .iter()
            .map(|(_, value)| value.chunks(8).map(|slot| u64::from_ne_bytes(slot.try_into().expect("8 bytes"))).sum())
            .collect();
        assert_eq!(sums, [0, 3, 0, 0]);
        unpin_all(t);
    }

    fn a_program_measures_packets(t, case) {
        let Some(object) = object(t, case) else { return };
        let loaded = t.system().load(&object).expect("load");
        let measure = loaded.program("measure").expect("measure");
        assert_eq!(measure.run_once(&[0; 77], 0).expect("run").0.return_value, 2);
        assert_eq!(get(loaded.map("lengths").expect("lengths"), &3), Some(77u32));
        unpin_all(t);
    }

    fn rules_are_matched_by_their_longest_prefix(t, case) {
        let Some(object) = object(t, case) else { return };
        let loaded = t.system().load(&object).expect("load");
        let (rules, filter) = (loaded.map("rules").expect("rules"), loaded.program("filter").expect("filter"));
        let verdict = |source| filter.run_once(&from(source), 0).expect("run").0.return_value;
        assert_eq!(verdict([192, 168, 1, 1]), 2, "no rule yet");
        let rule = |bits: u32, net: [u8; 4]| [bits.to_ne_bytes(), net].concat();
        put(rules, &rule(16, [192, 168, 0, 0]), &1u32);
        put(rules, &rule(32, [192, 168, 1, 2]), &2u32);
        assert_eq!(verdict([192, 168, 1, 1]), 1, "a /16 holds for all its addresses");
        assert_eq!(verdict([192, 168, 1, 2]), 2, "the longer prefix wins");
        assert_eq!(verdict([10, 0, 0, 1]), 2);
        unpin_all(t);
    }

    fn programs_are_stages_of_one_another(t, case) {
        let Some(object) = object(t, case) else { return };
        let loaded = t.system().load(&object).expect("load");
        let (stages, root) = (loaded.map("stages").expect("stages"), loaded.program("root").expect("root"));
        let starting_with = |first: u8| {
            let mut frame = FRAME;
            frame[0] = first;
            root.run_once(&frame, 0).expect("run").0.return_value
        };
        assert_eq!(starting_with(0), 0, "no stage yet");
        let count = loaded.program("count").expect("count");
        store(t, stages, 0, count.handle(), UpdateFlags::ANY).expect("store");
        store(t, stages, 1, loaded.program("measure").expect("measure").handle(), UpdateFlags::ANY).expect("store");
        assert_eq!([starting_with(0), starting_with(1), starting_with(2)], [2, 2, 0]);
        assert_eq!(get(loaded.map("lengths").expect("lengths"), &3), Some(60u32), "the second stage ran");
        assert_eq!(delete(stages, &0), Ok(true));
        assert_eq!(starting_with(0), 0);
        unpin_all(t);
    }

    fn inner_maps_are_stored_and_seen(t, case) {
        let Some(object) = object(t, case) else { return };
        let loaded = t.system().load(&object).expect("load");
        let program = loaded.program("inner").expect("inner");
        assert_eq!(run(program), 1, "nothing is stored yet");
        let mut stored = Vec::new();
        for (outer, template) in [("per_rule", "lengths"), ("by_source", "last_seen")] {
            let shape = loaded.map(template).expect("the template").info();
            let inner = spec(shape.map_type, shape.key_size, shape.value_size, shape.max_entries).with_flags(shape.flags);
            let outer = loaded.map(outer).expect("the outer map");
            for key in 0..5 {
                let made = map(t, &inner);
                store(t, outer, key, made.handle(), UpdateFlags::ANY).expect("store");
                assert_eq!(get(outer, &key), Some(made.info().id.0));
                stored.push(made);
            }
        }
        put(&stored[2], &2, &66u32);
        put(&stored[7], &2, &1u64);
        assert_eq!(run(program), 66);
        unpin_all(t);
    }

    fn a_second_load_shares_what_is_pinned(t, case) {
        let Some(object) = object(t, case) else { return };
        let (one, two) = (t.system().load(&object).expect("load"), t.system().load(&object).expect("load again"));
        let id = |name, loaded: &Collection| loaded.map(name).expect("map").info().id;
        assert_eq!(id("packets", &one), id("packets", &two));
        assert_eq!(id("by_source", &one), id("by_source", &two));
        assert_ne!(id("lengths", &one), id("lengths", &two));
        assert_eq!((one.pins().len(), two.pins().len()), (2, 0));
        run(one.program("count").expect("count"));
        run(two.program("count").expect("count"));
        let value = get_bytes(one.map("packets").expect("packets"), &1).expect("element 1");
        assert_eq!(value.chunks(8).map(|slot| u64::from(slot[0])).sum::<u64>(), 2, "both count in one map");
        unpin_all(t);
    }

    fn a_pinned_map_of_another_shape_is_refused_field_by_field(t, case) {
        let Some(object) = object(t, case) else { return };
        map(t, &spec(MapType::HASH, 16, 64, 4)).pin(&t.pins().join("packets")).expect("pin");
        let error = t.system().load(&object).expect_err("another shape");
        let LoadError::Incompatible { differences, .. } = &error else { panic!("{error}") };
        let fields: Vec<_> = differences.iter().map(|difference| difference.field).collect();
        assert_eq!(fields, ["map_type", "key_size", "value_size"]);
        assert_eq!(pins(t).len(), 1, "nothing else is left behind");
        unpin_all(t);
    }

    fn a_program_pinned_in_the_place_of_a_map_is_refused(t, case) {
        let Some(object) = object(t, case) else { return };
        Program::pin(&verdict(t, 2), &t.pins().join("packets")).expect("pin");
        match t.system().load(&object) {
            Err(LoadError::PinnedKind { found, .. }) => assert_eq!(found, Kind::Program),
            other => panic!("a program taken for a map: {other:?}"),
        }
        unpin_all(t);
    }

    fn a_missing_directory_is_refused(t, case) {
        let Some(mut object) = object(t, case) else { return };
        object.map_mut("packets").expect("packets").pinning = Pinning::Path(t.pins().join("missing/packets"));
        let error = t.system().load(&object).expect_err("no directory");
        assert_eq!(error.errno(), Some(Errno::ENOENT), "{error}");
        assert_eq!(pins(t), Vec::<PathBuf>::new());
    }

    fn a_failed_load_leaves_nothing_behind(t, case) {
        let Some(mut object) = object(t, case) else { return };
        object.program_mut("filter").expect("filter").instructions[0] = Insn::mov_reg(Reg::R0, Reg::R9);
        let error = t.system().load(&object).expect_err("a register that was never written");
        assert!(error.to_string().contains("`filter`"), "{error}");
        assert_eq!(pins(t), Vec::<PathBuf>::new(), "pins of a failed load are removed");
    }

    fn a_pinned_program_is_a_file(t, case) {
        let Some(object) = object(t, case) else { return };
        let loaded = t.system().load(&object).expect("load");
        let path = t.pins().join("root");
        let root = loaded.program("root").expect("root");
        Program::pin(root, &path).expect("pin");
        assert!(pins(t).contains(&path));
        unpin_all(t);
    }

    fn its_programs_attach_by_mode(t, case) {
        let Some(object) = object(t, case) else { return };
        let loaded = t.system().load(&object).expect("load");
        let count = loaded.program("count").expect("count");
        let near = || t.interfaces().swap_remove(0);
        for mode in [XdpMode::Default, XdpMode::Skb] {
            count.attach_to(Xdp::on(near()).mode(mode)).expect("attach").detach().expect("detach");
        }
        count.attach_to(Xdp::on(near()).mode(XdpMode::Hw)).expect_err("no such device");
        count.attach_to(Xdp::on("dummyiface")).expect_err("no such interface");
        unpin_all(t);
    }

    fn a_program_knows_its_maps(t, case) {
        let Some(object) = object(t, case) else { return };
        let loaded = t.system().load(&object).expect("load");
        let count = loaded.program("count").expect("count");
        let packets = loaded.map("packets").expect("packets");
        assert_eq!(count.info().map_ids, [packets.info().id]);
        let opened = t.system().map_by_id(count.info().map_ids[0]).expect("by id");
        assert_eq!(&*opened.info().name, "packets");
        run(count);
        assert_eq!(elements(&opened), elements(packets), "one map, two handles");
        let clock = t.system().clock().expect("clock");
        assert!(clock.boot - count.info().loaded_at < std::time::Duration::from_secs(10));
        unpin_all(t);
    }

    fn a_spec_is_a_template(t, case) {
        let Some(object) = object(t, case) else { return };
        let template = object.map("last_seen").expect("its spec");
        let (one, two) = (map(t, template), map(t, &template.clone()));
        put(&one, &1, &5u64);
        assert_eq!(get::<u64>(&two, &1), None, "two maps of one shape");
        assert_ne!(one.info().id, two.info().id);
    }

    fn parsing_needs_no_system_and_changes_nothing(t, case) {
        let Some(object) = object(t, case) else { return };
        assert_eq!((object.maps.len(), object.programs.len()), (7, 5));
        assert_eq!(pins(t), Vec::<PathBuf>::new());
        let again = ObjectSpec::parse(BYTES).expect("parse");
        assert_eq!(again.map("packets").expect("packets").pinning, Pinning::Path("/sys/fs/bpf/packets".into()));
    }
}
