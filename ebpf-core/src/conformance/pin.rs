//! Pins: objects under paths of a bpffs. kernel/bpf/inode.c.

use std::path::Path;
use std::sync::Arc;

use crate::Errno;
use crate::conformance::{Testbed, errno_of, get, map, put, run, spec, suite, verdict};
use crate::hook::Xdp;
use crate::map::{Map, MapType};
use crate::program::{Program, ProgramExt};
use crate::system::{Kind, Pinned};

fn array(t: &dyn Testbed) -> Arc<dyn Map> {
    map(t, &spec(MapType::ARRAY, 4, 8, 4))
}

fn opened_map(t: &dyn Testbed, path: &Path) -> Arc<dyn Map> {
    match t.system().open_pinned(path).expect("open") {
        Pinned::Map(map) => map,
        other => panic!("not a map: {other:?}"),
    }
}

suite! { ($) pin, __conformance_pin;
    fn a_path_goes_through_directories_only(t) {
        let path = t.pins().join("map");
        array(t).pin(&path).expect("pin");
        let below = path.join("below");
        assert_eq!(errno_of(t.system().open_pinned(&below)), Errno::ENOTDIR);
        assert_eq!(errno_of(array(t).pin(&below)), Errno::ENOTDIR);
        let as_directory = t.pins().join("map/");
        assert_eq!(errno_of(t.system().open_pinned(&as_directory)), Errno::ENOTDIR);
        t.system().unpin(&path).expect("unpin");
        assert_eq!(errno_of(array(t).pin(&as_directory)), Errno::ENOENT, "nothing is called like a directory");
    }

    fn names_with_a_dot_are_for_the_system(t) {
        let dotted = t.pins().join("with.dot");
        assert_eq!(errno_of(t.system().open_pinned(&dotted)), Errno::EPERM);
        assert_eq!(errno_of(t.system().pinned(&dotted)), Errno::EPERM);
    }

    fn a_map_is_found_under_its_path(t) {
        let map = array(t);
        let path = t.pins().join("map");
        map.pin(&path).expect("pin");
        let again = opened_map(t, &path);
        let (one, two) = (map.info(), again.info());
        assert_eq!((one.id, one.map_type, one.key_size, one.value_size), (two.id, two.map_type, two.key_size, two.value_size));
        assert_eq!((one.max_entries, one.flags, &one.name), (two.max_entries, two.flags, &two.name));
        t.system().unpin(&path).expect("unpin");
    }

    fn both_handles_see_the_same_values(t) {
        let map = array(t);
        let path = t.pins().join("map");
        map.pin(&path).expect("pin");
        let again = opened_map(t, &path);
        put(&map, &1, &11u64);
        put(&again, &2, &22u64);
        assert_eq!((get(&again, &1), get(&map, &2)), (Some(11u64), Some(22u64)));
        t.system().unpin(&path).expect("unpin");
    }

    fn a_pinned_map_outlives_its_value(t) {
        let path = t.pins().join("map");
        let map = array(t);
        put(&map, &3, &33u64);
        map.pin(&path).expect("pin");
        drop(map);
        assert_eq!(get(&opened_map(t, &path), &3), Some(33u64));
        t.system().unpin(&path).expect("unpin");
    }

    fn an_unpinned_map_lives_while_it_is_held(t) {
        let path = t.pins().join("map");
        let map = array(t);
        map.pin(&path).expect("pin");
        t.system().unpin(&path).expect("unpin");
        put(&map, &0, &1u64);
        assert_eq!(errno_of(t.system().open_pinned(&path)), Errno::ENOENT);
        let id = map.info().id;
        drop(map);
        // The last reference ends the map, at once or soon: it is given up by a thread of the kernel.
        let gone = (0..1000).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(1));
            t.system().map_by_id(id).is_err()
        });
        assert!(gone, "map {id} is still there");
    }

    fn a_program_is_found_under_its_path(t) {
        let program = verdict(t, 3);
        let path = t.pins().join("program");
        program.pin(&path).expect("pin");
        let id = program.info().id;
        drop(program);
        let Pinned::Program(again) = t.system().open_pinned(&path).expect("open") else { panic!("not a program") };
        assert_eq!((again.info().id, run(&again)), (id, 3));
        t.system().unpin(&path).expect("unpin");
    }

    fn a_program_from_a_pin_attaches(t) {
        let path = t.pins().join("program");
        let program = verdict(t, 2);
        program.pin(&path).expect("pin");
        let id = program.info().id;
        drop(program);
        let Pinned::Program(again) = t.system().open_pinned(&path).expect("open") else { panic!("not a program") };
        let interface = t.interfaces().swap_remove(0);
        let link = again.attach_to(Xdp::on(interface)).expect("attach");
        assert_eq!(link.query().expect("query").program, Some(id));
        link.detach().expect("detach");
        t.system().unpin(&path).expect("unpin");
    }

    fn a_pin_knows_its_kind(t) {
        let (map_path, program_path) = (t.pins().join("map"), t.pins().join("program"));
        array(t).pin(&map_path).expect("pin");
        verdict(t, 3).pin(&program_path).expect("pin");
        assert_eq!(t.system().open_pinned(&map_path).expect("open").kind(), Kind::Map);
        assert_eq!(t.system().open_pinned(&program_path).expect("open").kind(), Kind::Program);
        for path in [map_path, program_path] {
            t.system().unpin(&path).expect("unpin");
        }
    }

    fn a_path_that_is_taken_is_eexist(t) {
        let path = t.pins().join("taken");
        let map = array(t);
        map.pin(&path).expect("pin");
        let error = array(t).pin(&path).expect_err("taken");
        assert_eq!(error.errno(), Some(Errno::EEXIST));
        assert!(error.to_string().contains("something is pinned there already"), "{error}");
        assert_eq!(errno_of(map.pin(&path)), Errno::EEXIST, "the same map again");
        assert_eq!(errno_of(verdict(t, 3).pin(&path)), Errno::EEXIST);
        t.system().unpin(&path).expect("unpin");
    }

    fn one_map_may_have_many_paths(t) {
        let map = array(t);
        let paths = ["one", "two", "three"].map(|name| t.pins().join(name));
        for path in &paths {
            map.pin(path).expect("pin");
        }
        let ids = paths.each_ref().map(|path| opened_map(t, path).info().id);
        assert_eq!(ids, [map.info().id; 3]);
        for path in &paths {
            t.system().unpin(path).expect("unpin");
        }
    }

    fn a_missing_directory_is_enoent(t) {
        let error = array(t).pin(&t.pins().join("missing/map")).expect_err("no directory");
        assert_eq!(error.errno(), Some(Errno::ENOENT));
        assert!(error.to_string().contains("missing/map"), "{error}");
        assert!(error.to_string().contains("directory"), "{error}");
    }

    fn a_path_outside_a_bpffs_is_eperm(t) {
        let error = array(t).pin(&std::env::temp_dir().join("ebpf-core-conformance-pin")).expect_err("not a bpffs");
        assert_eq!(error.errno(), Some(Errno::EPERM));
        assert!(error.to_string().contains("must be in a bpffs"), "{error}");
        let error = verdict(t, 3).pin(&std::env::temp_dir().join("ebpf-core-conformance-pin")).expect_err("not a bpffs");
        assert_eq!(error.errno(), Some(Errno::EPERM));
    }

    fn nothing_pinned_is_enoent(t) {
        let path = t.pins().join("nothing");
        let error = t.system().open_pinned(&path).expect_err("nothing is there");
        assert_eq!(error.errno(), Some(Errno::ENOENT));
        assert!(error.to_string().contains("nothing"), "{error}");
        assert_eq!(errno_of(t.system().unpin(&path)), Errno::ENOENT);
    }

    fn pins_are_listed_by_name(t) {
        assert_eq!(t.system().pinned(t.pins()).expect("list"), Vec::<std::path::PathBuf>::new());
        let map = array(t);
        for name in ["b", "c", "a"] {
            map.pin(&t.pins().join(name)).expect("pin");
        }
        let expected = ["a", "b", "c"].map(|name| t.pins().join(name));
        assert_eq!(t.system().pinned(t.pins()).expect("list"), expected);
        for path in &expected {
            t.system().unpin(path).expect("unpin");
        }
        assert_eq!(t.system().pinned(t.pins()).expect("list"), Vec::<std::path::PathBuf>::new());
    }

    fn a_path_is_free_again_once_unpinned(t) {
        let path = t.pins().join("map");
        for value in [1u64, 2] {
            let map = array(t);
            put(&map, &0, &value);
            map.pin(&path).expect("pin");
            assert_eq!(get(&opened_map(t, &path), &0), Some(value));
            t.system().unpin(&path).expect("unpin");
        }
    }

    fn a_listing_of_what_is_no_bpffs_is_refused(t) {
        assert!(t.system().pinned(&std::env::temp_dir()).is_err());
    }
}
