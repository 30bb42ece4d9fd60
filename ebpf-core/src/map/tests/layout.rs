//! Rust types against the types of an object.

use super::*;
use crate::btf::{BtfBuilder, IntEncoding, MemberSpec, TypeId};

crate::plain! {
    struct Stats {
        packets: u64,
        bytes: u64,
        type_: u32,
        _pad: u32,
    }
}

/// A map of which the object says `typedef struct stats { … } stats_t` with these members for the value.
fn with_value(size: u32, members: &[(&str, u32, u8)]) -> Double {
    let mut btf = BtfBuilder::new();
    let mut ints = [TypeId::VOID; 9];
    for size in [1u8, 2, 4, 8] {
        ints[usize::from(size)] = btf.int(&format!("u{size}"), size, IntEncoding(0));
    }
    let members: Vec<_> = members
        .iter()
        .map(|&(name, offset, size)| MemberSpec::new(name, ints[usize::from(size)], offset))
        .collect();
    let structure = btf.structure("stats", size, &members);
    let value = btf.typedef("stats_t", structure);
    let mut spec = MapSpec::new("drops", MapType::HASH, 4, size, 8);
    let btf = Arc::new(btf.build().expect("types"));
    spec.types = Some(MapTypes {
        btf,
        key: ints[4],
        value,
    });
    Double::of(&spec, Batches::Keys(8))
}

#[test]
fn a_struct_like_that_of_the_object_is_taken() {
    let map = with_value(24, &[("packets", 0, 8), ("bytes", 8, 8), ("type", 16, 4)]);
    map.typed::<u32, Stats>().expect("the same layout");
}

#[test]
fn structs_that_differ_are_refused_with_what_differs() {
    let check = |size, members: &[_]| message(with_value(size, members).typed::<u32, Stats>());
    assert_eq!(
        check(24, &[("packets", 0, 8), ("type", 8, 4), ("bytes", 16, 8)]),
        "map `drops`: value `Stats` (Rust) has field `bytes` at 8, `struct stats` (BTF) has it at 16",
    );
    assert_eq!(
        check(24, &[("packets", 0, 8), ("bytes", 8, 4), ("type", 16, 4)]),
        "map `drops`: value `Stats` (Rust) has 8 bytes for field `bytes`, `struct stats` (BTF) has 4",
    );
    assert_eq!(
        check(24, &[("packets", 0, 8), ("octets", 8, 8), ("type", 16, 4)]),
        "map `drops`: value `Stats` (Rust) has a field `bytes`, `struct stats` (BTF) has none of that name, but \
         `packets`, `octets`, `type`",
    );
    assert_eq!(
        check(16, &[("packets", 0, 8), ("bytes", 8, 8)]),
        "map `drops`: value `Stats` (Rust) has 24 bytes, the map wants 16",
    );
}

#[test]
fn types_without_a_table_are_compared_by_size() {
    let map = with_value(24, &[("packets", 0, 8), ("bytes", 8, 8), ("type", 16, 4)]);
    (&map).typed::<u32, [u64; 3]>().expect("the same size");
    assert_eq!(
        message((&map).typed::<u64, [u64; 3]>()),
        "map `drops`: key `u64` (Rust) has 8 bytes, the map wants 4",
    );
}

#[test]
fn broken_types_of_an_object_are_no_reason_to_refuse() {
    let mut spec = MapSpec::new("drops", MapType::HASH, 4, 24, 8);
    let btf = Arc::new(BtfBuilder::new().build().expect("types"));
    spec.types = Some(MapTypes {
        btf,
        key: TypeId(77),
        value: TypeId(78),
    });
    Double::of(&spec, Batches::Keys(8))
        .typed::<u32, Stats>()
        .expect("the right size");
}

#[test]
fn the_table_names_offsets_and_sizes() {
    let fields = Stats::LAYOUT
        .map(|layout| layout.fields)
        .unwrap_or_default();
    let found: Vec<_> = fields
        .iter()
        .map(|field| (field.name, field.offset, field.size))
        .collect();
    assert_eq!(
        found,
        [
            ("packets", 0, 8),
            ("bytes", 8, 8),
            ("type_", 16, 4),
            ("_pad", 20, 4)
        ]
    );
}
