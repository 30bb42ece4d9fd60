//! Pages of an arena, and pointers into them: `bpf_arena_alloc_pages()` in kernel/bpf/arena.c. The programs are those of
//! `testdata/conformance/arenas.bpf.c`.

use super::timer::ask;
use crate::Collection;
use crate::conformance::{Testbed, suite};
use crate::loader::SystemExt;
use crate::object::ObjectSpec;

const ARENAS: &[u8] = include_bytes!("../../../testdata/conformance/arenas.bpf.o");

/// Where user space has the arena: programs have pointers as if it were mapped there.
const START: u64 = 1 << 44;
const PAGE: u64 = 4096;
/// How many pages it may have.
const MOST: u32 = 8;

/// The programs, where the kernel has the functions that they call.
fn here(t: &dyn Testbed, case: &str) -> Option<Collection> {
    let btf = t.system().target_btf().expect("types");
    let has = btf.is_some_and(|btf| {
        btf.find("bpf_arena_alloc_pages", crate::btf::Kind::FUNC)
            .is_some()
    });
    if !has {
        t.skip(case, "this system has no bpf_arena_alloc_pages");
        return None;
    }
    let mut object = ObjectSpec::parse(ARENAS).expect("parse");
    if !object.endian.is_native() {
        t.skip(case, "the object is of the other byte order");
        return None;
    }
    let arena = object.maps.iter_mut().find(|map| &*map.name == "arena");
    arena.expect("the arena").map_extra = START;
    Some(
        t.system()
            .load(&object)
            .unwrap_or_else(|error| panic!("{error:#}")),
    )
}

fn set(loaded: &Collection, name: &str, number: u64) {
    loaded
        .global::<u64>(name)
        .expect("a variable")
        .set(&number)
        .expect("write");
}

fn run(loaded: &Collection, program: &str) -> u64 {
    assert_eq!(ask(loaded, program, &[0; 8]), 0, "{program}");
    loaded.global("result").expect("result").get()
}

/// So many pages, at an address or anywhere: where they are, or 0.
fn allocate(loaded: &Collection, address: u64, pages: u32) -> u64 {
    set(loaded, "address", address);
    loaded
        .global::<u32>("pages")
        .expect("pages")
        .set(&pages)
        .expect("write");
    run(loaded, "allocate")
}

fn release(loaded: &Collection, address: u64, pages: u32) {
    set(loaded, "address", address);
    loaded
        .global::<u32>("pages")
        .expect("pages")
        .set(&pages)
        .expect("write");
    run(loaded, "release");
}

fn store(loaded: &Collection, address: u64, number: u64) {
    set(loaded, "address", address);
    set(loaded, "number", number);
    run(loaded, "store");
}

fn fetch(loaded: &Collection, address: u64) -> u64 {
    set(loaded, "address", address);
    run(loaded, "fetch")
}

suite! { ($) arenas, __conformance_arenas;
    fn pages_have_addresses_of_user_space(t, case) {
        let Some(loaded) = here(t, case) else { return };
        assert_eq!(allocate(&loaded, 0, 2), START);
        assert_eq!(allocate(&loaded, 0, 1), START + 2 * PAGE);
        assert_eq!(allocate(&loaded, 0, MOST), 0, "there are not so many left");
        assert_eq!(allocate(&loaded, 0, 0), 0);
        assert_eq!(allocate(&loaded, 0, MOST - 3), START + 3 * PAGE);
        assert_eq!(allocate(&loaded, 0, 1), 0, "it is full");
    }

    fn pages_may_be_wanted_somewhere(t, case) {
        let Some(loaded) = here(t, case) else { return };
        assert_eq!(allocate(&loaded, START + 5 * PAGE, 2), START + 5 * PAGE);
        assert_eq!(allocate(&loaded, START + 6 * PAGE, 1), 0, "it is there");
        assert_eq!(allocate(&loaded, START + 7 * PAGE, 2), 0, "past the end");
        assert_eq!(allocate(&loaded, START + 1, 1), 0, "no address of a page");
        assert_eq!(allocate(&loaded, 0, 5), START, "before it");
        assert_eq!(allocate(&loaded, 0, 1), START + 7 * PAGE, "behind it");
        set(&loaded, "flags", 1);
        release(&loaded, START, 5);
        assert_eq!(allocate(&loaded, 0, 1), 0, "there are no flags");
    }

    fn numbers_are_kept_until_the_page_goes(t, case) {
        let Some(loaded) = here(t, case) else { return };
        let page = allocate(&loaded, 0, 1);
        assert_eq!(fetch(&loaded, page + 8), 0);
        store(&loaded, page + 8, 77);
        assert_eq!(fetch(&loaded, page + 8), 77);
        set(&loaded, "number", 3);
        assert_eq!((run(&loaded, "increment"), fetch(&loaded, page + 8)), (77, 80));
        release(&loaded, page, 1);
        assert_eq!(allocate(&loaded, 0, 1), page, "the page is free again");
        assert_eq!(fetch(&loaded, page + 8), 0, "and zeros");
    }

    fn what_is_not_there_reads_as_zeros(t, case) {
        let Some(loaded) = here(t, case) else { return };
        let page = allocate(&loaded, 0, 1);
        store(&loaded, page + 5 * PAGE, 9);
        assert_eq!(fetch(&loaded, page + 5 * PAGE), 0, "and takes nothing");
        assert_eq!(fetch(&loaded, 0), 0);
        store(&loaded, page, 4);
        release(&loaded, page, 1);
        assert_eq!(fetch(&loaded, page), 0);
    }

    fn only_the_lower_half_of_a_pointer_counts(t, case) {
        let Some(loaded) = here(t, case) else { return };
        let page = allocate(&loaded, 0, 1);
        store(&loaded, page & 0xffff_ffff | 16, 6);
        assert_eq!(fetch(&loaded, page + 16), 6);
    }

    fn pointers_lie_in_pages(t, case) {
        let Some(loaded) = here(t, case) else { return };
        let page = allocate(&loaded, 0, 1);
        set(&loaded, "address", page);
        assert_eq!(run(&loaded, "chain"), 321);
        assert_eq!(fetch(&loaded, page), page + 32, "as user space has them");
        assert_eq!(fetch(&loaded, page + 16), 0);
    }
}
