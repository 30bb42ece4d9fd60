//! A whole object as libbpf's users write them (`testdata/load/whole.bpf.c`, `pinned.bpf.c`): typed maps in section `.maps`
//! with their first contents, global variables, constants, and programs that are optional or of no type.

use crate::conformance::{FRAME, Testbed, errno_of, get, map, put, run, spec, suite};
use crate::loader::{LoadOptions, SkipReason, SystemExt};
use crate::map::{Map, MapFlags, MapType, UpdateFlags};
use crate::object::ObjectSpec;
use crate::program::{Program, ProgramExt};
use crate::{Collection, Errno};

const WHOLE: &[u8] = include_bytes!("../../testdata/load/whole.bpf.o");
const PINNED: &[u8] = include_bytes!("../../testdata/load/pinned.bpf.o");

/// The plan of an object; `None`, said aloud, on a machine of the other byte order.
fn plan(t: &dyn Testbed, case: &str, bytes: &[u8]) -> Option<ObjectSpec> {
    let object = ObjectSpec::parse(bytes).expect("parse");
    if !object.endian.is_native() {
        t.skip(case, "the object is of the other byte order");
        return None;
    }
    Some(object)
}

fn loaded(t: &dyn Testbed, object: &ObjectSpec) -> Collection {
    t.system().load(object).expect("load")
}

/// What `main_program` returns for a frame that begins with this byte.
fn main_program(collection: &Collection, first: u8) -> u32 {
    let mut frame = FRAME;
    frame[0] = first;
    let program = collection.program("main_program").expect("main_program");
    program.run_once(&frame, 0).expect("run").0.return_value
}

suite! { ($) whole, __conformance_whole;
    fn variables_are_shared_with_its_programs(t, case) {
        let Some(object) = plan(t, case, WHOLE) else { return };
        let loaded = loaded(t, &object);
        let seen = loaded.global::<u64>("seen").expect("seen");
        assert_eq!(seen.get(), 0);
        main_program(&loaded, 0);
        main_program(&loaded, 0);
        assert_eq!(seen.get(), 2);
        seen.set(&40).expect("write");
        main_program(&loaded, 0);
        assert_eq!(seen.get(), 41);
    }

    fn variables_are_set_before_it_is_loaded(t, case) {
        let Some(mut object) = plan(t, case, WHOLE) else { return };
        assert_eq!(main_program(&loaded(t, &object), 0), 2);
        object.set_variable("verdict", &1u32).expect("a constant of 4 bytes");
        object.set_variable("seen", &7u64).expect("a variable of 8 bytes");
        let loaded = loaded(t, &object);
        assert_eq!(main_program(&loaded, 0), 1);
        assert_eq!(loaded.global::<u64>("seen").expect("seen").get(), 8);
    }

    fn constants_are_frozen(t, case) {
        let Some(object) = plan(t, case, WHOLE) else { return };
        let loaded = loaded(t, &object);
        let constants = loaded.map(".rodata").expect(".rodata");
        assert_eq!(constants.query().expect("query").frozen, Some(true));
        assert!(constants.info().flags.contains(MapFlags::RDONLY_PROG));
        let zeros = vec![0; constants.info().transfer_size()];
        assert_eq!(errno_of(constants.update_elem(&[0; 4], &zeros, UpdateFlags::ANY)), Errno::EPERM);
        assert!(loaded.global::<u32>("verdict").expect("verdict").set(&1).is_err());
    }

    fn it_is_told_of_the_release(t, case) {
        let Some(object) = plan(t, case, WHOLE) else { return };
        let loaded = loaded(t, &object);
        main_program(&loaded, 0);
        let release = t.system().facts().release().expect("release").code();
        assert_eq!(loaded.global::<u32>("version").expect("version").get(), release);
        assert_eq!(loaded.global::<u32>("missing").expect("missing").get(), 0, "a weak option that is not set");
    }

    fn inner_maps_are_where_it_says(t, case) {
        let Some(object) = plan(t, case, WHOLE) else { return };
        let loaded = loaded(t, &object);
        let id = |name| loaded.map(name).expect("map").info().id.0;
        let outer = loaded.map("outer").expect("outer");
        assert_eq!((get(outer, &0), get(outer, &1)), (Some(id("first")), Some(id("second"))));
        main_program(&loaded, 0);
        assert_eq!(get(loaded.map("second").expect("second"), &1), Some(1u64));
        assert_eq!(get(loaded.map("first").expect("first"), &1), Some(0u64));
    }

    fn programs_are_in_the_slots_it_names(t, case) {
        let Some(object) = plan(t, case, WHOLE) else { return };
        let loaded = loaded(t, &object);
        let jumps = loaded.map("jumps").expect("jumps");
        let tail = loaded.program("tail").expect("tail").info().id.0;
        assert_eq!([get(jumps, &0), get(jumps, &1), get(jumps, &2)], [None, Some(tail), None]);
        assert_eq!(main_program(&loaded, 1), 1, "it jumps to `tail`");
    }

    fn optional_programs_are_loaded_when_asked_for(t, case) {
        let Some(object) = plan(t, case, WHOLE) else { return };
        let without = loaded(t, &object);
        let reasons: Vec<_> = without.skipped().iter().map(|skip| (&*skip.name, &skip.reason)).collect();
        let no_type = SkipReason::NoType { section: "mystery".into() };
        assert_eq!(reasons, [("asked_for", &SkipReason::Optional), ("of_no_type", &no_type)]);
        let options = LoadOptions::new().enable("asked_for").section_type("mystery", "xdp");
        let with = t.system().load_with(&object, &options).expect("load");
        assert_eq!(run(with.program("asked_for").expect("asked_for")), 3);
        assert_eq!(run(with.program("of_no_type").expect("of_no_type")), 2);
        let id = with.program("asked_for").expect("asked_for").info().id.0;
        assert_eq!(get(with.map("jumps").expect("jumps"), &2), Some(id));
    }

    fn a_map_may_be_given(t, case) {
        let Some(object) = plan(t, case, WHOLE) else { return };
        let given = map(t, &spec(MapType::ARRAY, 4, 8, 4));
        let options = LoadOptions::new().replace_map("second", given.clone());
        let loaded = t.system().load_with(&object, &options).expect("load");
        main_program(&loaded, 0);
        assert_eq!(get(&given, &1), Some(1u64));
        let other = LoadOptions::new().replace_map("second", map(t, &spec(MapType::ARRAY, 4, 4, 4)));
        let error = t.system().load_with(&object, &other).expect_err("another shape");
        assert!(error.to_string().contains("value_size"), "{error}");
    }

    fn a_map_shared_by_name_is_pinned_in_the_given_directory(t, case) {
        let Some(object) = plan(t, case, PINNED) else { return };
        let options = LoadOptions::new().pin_root(t.pins());
        let one = t.system().load_with(&object, &options).expect("load");
        let two = t.system().load_with(&object, &options).expect("load again");
        let path = t.pins().join("shared");
        assert_eq!(t.system().pinned(t.pins()).expect("list"), std::slice::from_ref(&path));
        put(one.map("shared").expect("shared"), &0, &0u64);
        for collection in [&one, &two] {
            for name in ["count", "same"] {
                run(collection.program(name).expect("program"));
            }
        }
        assert_eq!(get(two.map("shared").expect("shared"), &0), Some(4u64), "two loads and two names count in one map");
        t.system().unpin(&path).expect("unpin");
    }
}
