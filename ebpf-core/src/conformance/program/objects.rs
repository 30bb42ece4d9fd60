//! Objects that programs make, in values of maps, lists and trees: `bpf_obj_new_impl()` and its neighbours in
//! kernel/bpf/helpers.c. The programs are those of `testdata/conformance/objects.bpf.c`.

use crate::Collection;
use crate::btf::Kind;
use crate::conformance::{FRAME, Testbed, get_bytes, put, suite};
use crate::loader::SystemExt;
use crate::object::ObjectSpec;
use crate::program::ProgramExt;

const OBJECTS: &[u8] = include_bytes!("../../../testdata/conformance/objects.bpf.o");

/// Bytes of a value of the map.
const BUCKET: usize = 56;
/// Where the head of the list is in it.
const LIST: std::ops::Range<usize> = 8..24;

/// The programs, where the kernel has the functions that they call.
fn here(t: &dyn Testbed, case: &str) -> Option<Collection> {
    let btf = t.system().target_btf().expect("types");
    let has = |name| {
        btf.as_ref()
            .is_some_and(|btf| btf.find(name, Kind::FUNC).is_some())
    };
    if ![
        "bpf_refcount_acquire_impl",
        "bpf_rbtree_add_impl",
        "bpf_list_pop_front",
    ]
    .into_iter()
    .all(has)
    {
        t.skip(case, "this system has no objects of programs");
        return None;
    }
    let mut object = ObjectSpec::parse(OBJECTS).expect("parse");
    if !object.endian.is_native() {
        t.skip(case, "the object is of the other byte order");
        return None;
    }
    let types = object.btf.clone().expect("types");
    let node = types
        .find("kept_object", Kind::STRUCT)
        .expect("struct kept_object");
    object
        .set_variable("object_type", &u64::from(node.0))
        .expect("a constant of 8 bytes");
    Some(
        t.system()
            .load(&object)
            .unwrap_or_else(|error| panic!("{error:#}")),
    )
}

/// What a program says of a number.
fn give(loaded: &Collection, program: &str, number: u64) -> u32 {
    loaded
        .global::<u64>("input")
        .expect("input")
        .set(&number)
        .expect("write");
    let program = loaded.program(program).expect("program");
    program.run_once(&FRAME, 0).expect("run").0.return_value
}

/// The number that a program takes out, if there is one.
fn take(loaded: &Collection, program: &str) -> Option<u64> {
    match give(loaded, program, 0) {
        0 => None,
        1 => Some(loaded.global("output").expect("output").get()),
        other => panic!("{program} says {other}"),
    }
}

suite! { ($) objects, __conformance_objects;
    fn a_value_keeps_an_object(t, case) {
        let Some(loaded) = here(t, case) else { return };
        assert_eq!(take(&loaded, "take"), None);
        assert_eq!(give(&loaded, "keep", 5), 0);
        assert_eq!(give(&loaded, "keep", 6), 1, "there was one");
        assert_eq!(loaded.global::<u64>("output").expect("output").get(), 5);
        assert_eq!(take(&loaded, "take"), Some(6));
        assert_eq!(take(&loaded, "take"), None);
    }

    fn user_space_sees_no_pointer(t, case) {
        let Some(loaded) = here(t, case) else { return };
        assert_eq!((give(&loaded, "keep", 5), give(&loaded, "push_back", 6)), (0, 0));
        let map = loaded.map("buckets").expect("buckets");
        assert_eq!(map.info().value_size as usize, BUCKET);
        let value = get_bytes(map, &0u32).expect("the element");
        // The head of a list is shown as one of an empty list, which has addresses in it.
        let shown = value.iter().enumerate().filter(|(at, _)| !LIST.contains(at));
        assert!(shown.into_iter().all(|(_, byte)| *byte == 0), "{value:x?}");
        assert_eq!(take(&loaded, "take"), Some(5));
        assert_eq!(take(&loaded, "pop_back"), Some(6));
    }

    fn writing_a_value_drops_what_it_keeps(t, case) {
        let Some(loaded) = here(t, case) else { return };
        for program in ["keep", "push_back", "push_front", "add", "both"] {
            assert_eq!(give(&loaded, program, 5), 0, "{program}");
        }
        put(loaded.map("buckets").expect("buckets"), &0u32, &vec![0xff; BUCKET]);
        for program in ["take", "pop_back", "least"] {
            assert_eq!(take(&loaded, program), None, "{program}");
        }
        assert_eq!(give(&loaded, "keep", 7), 0, "the pointer was not written");
        assert_eq!(take(&loaded, "take"), Some(7));
    }

    fn lists_have_two_ends(t, case) {
        let Some(loaded) = here(t, case) else { return };
        assert_eq!((take(&loaded, "pop_front"), take(&loaded, "pop_back")), (None, None));
        for (end, number) in [("push_back", 3), ("push_back", 4), ("push_front", 2), ("push_back", 5), ("push_front", 1)] {
            assert_eq!(give(&loaded, end, number), 0, "{end} {number}");
        }
        assert_eq!(take(&loaded, "pop_front"), Some(1));
        assert_eq!(take(&loaded, "pop_back"), Some(5));
        let rest: Vec<_> = std::iter::from_fn(|| take(&loaded, "pop_front")).collect();
        assert_eq!(rest, [2, 3, 4]);
    }

    fn trees_are_sorted(t, case) {
        let Some(loaded) = here(t, case) else { return };
        assert_eq!(take(&loaded, "least"), None);
        for number in [8, 3, 11, 3, 1, 20, 9] {
            assert_eq!(give(&loaded, "add", number), 0, "{number}");
        }
        let sorted: Vec<_> = std::iter::from_fn(|| take(&loaded, "least")).collect();
        assert_eq!(sorted, [1, 3, 3, 8, 9, 11, 20]);
    }

    fn an_object_may_be_in_two_places(t, case) {
        let Some(loaded) = here(t, case) else { return };
        for number in [4, 2] {
            assert_eq!(give(&loaded, "both", number), 0);
        }
        assert_eq!(take(&loaded, "pop_front"), Some(4));
        assert_eq!((take(&loaded, "least"), take(&loaded, "least")), (Some(2), Some(4)));
        assert_eq!((take(&loaded, "pop_front"), take(&loaded, "pop_front")), (Some(2), None));
    }
}
