//! Building, correcting and sanitising.

use super::*;

/// One type of every kind, those that clang does not write included.
pub(super) fn every_kind(endian: Endian) -> Btf {
    let mut builder = BtfBuilder::with_endian(endian);
    let int = builder.int("int", 4, IntEncoding::SIGNED);
    let ptr = builder.ptr(TypeId::VOID);
    let array = builder.array(int, int, 3);
    let members = [
        MemberSpec::bits("low", int, 0, 3),
        MemberSpec::bits("high", int, 3, 29),
    ];
    let structure = builder.structure("pair", 4, &members);
    builder.union(
        "either",
        12,
        &[
            MemberSpec::new("one", int, 0),
            MemberSpec::new("all", array, 0),
        ],
    );
    builder.enumeration("sign", 4, true, &[("MINUS", -1), ("PLUS", 1)]);
    builder.fwd("hidden", FwdKind::Union);
    builder.typedef("pair_t", structure);
    let volatile = builder.volatile(int);
    builder.constant(volatile);
    builder.restrict(ptr);
    let proto = builder.func_proto(int, &[("first", ptr), ("", TypeId::VOID)]);
    let func = builder.func("print", proto, FuncLinkage::GLOBAL);
    let var = builder.var("counter", int, VarLinkage::GLOBAL_ALLOCATED);
    builder.datasec(
        "?.data",
        4,
        &[VarSecInfo {
            type_id: var,
            offset: 0,
            size: 4,
        }],
    );
    builder.float("long double", 16);
    builder.decl_tag("a tag", func, Some(0));
    builder.type_tag("user", int);
    builder.enum64("huge", false, &[("MOST", -1)]);
    let place = builder.loc_param(8, LocParamFlags(0x18), &[5]);
    let places = builder.loc_proto(&[place, TypeId::VOID]);
    builder.loc_sec(
        "inline.text",
        &[Location {
            func,
            proto: places,
            offset: 64,
        }],
    );
    builder.build().expect("built")
}

#[test]
fn every_kind_is_built_in_both_byte_orders() {
    let (little, big) = (every_kind(Endian::Little), every_kind(Endian::Big));
    assert_eq!(dump(&little), dump(&big));
    assert_ne!(little.to_bytes(), big.to_bytes());
    for btf in [&little, &big] {
        btf.validate().expect("valid");
        let mut kinds: Vec<_> = btf.types().map(|ty| ty.kind()).collect();
        kinds.sort();
        assert_eq!(kinds, Kind::ALL[1..]);
        assert_eq!(&Btf::parse(btf.to_bytes().to_vec()).expect("parsed"), btf);
    }
    let value = |id| match little.by_id(TypeId(id)).map(|ty| ty.get()) {
        Some(Type::Enum(values)) => values.enumerators().next().map(|value| value.value),
        other => panic!("{other:?}"),
    };
    assert_eq!(value(6), Some(-1));
    assert_eq!(value(19), Some(i128::from(u64::MAX)));
    let Some(Type::LocParam(place)) = little.by_id(TypeId(20)).map(|ty| ty.get()) else {
        panic!()
    };
    assert!(
        place.flags().contains(LocParamFlags::REG) && place.flags().contains(LocParamFlags::DEREF)
    );
    assert_eq!(
        (place.size(), place.values().collect::<Vec<_>>()),
        (8, vec![5])
    );
    let Some(Type::LocProto(places)) = little.by_id(TypeId(21)).map(|ty| ty.get()) else {
        panic!()
    };
    assert_eq!(
        places.params().collect::<Vec<_>>(),
        [TypeId(20), TypeId::VOID]
    );
    let Some(Type::LocSec(section)) = little.by_id(TypeId(22)).map(|ty| ty.get()) else {
        panic!()
    };
    let location = Location {
        func: TypeId(13),
        proto: TypeId(21),
        offset: 64,
    };
    assert_eq!(section.locations().collect::<Vec<_>>(), [location]);
    assert_eq!(little.type_name(TypeId(13)), "int print(void *, ...)");
}

#[test]
fn strings_are_stored_once() {
    let mut builder = BtfBuilder::new();
    let offsets = ["one", "two", "one", "", "two"].map(|text| builder.string(text));
    assert_eq!(offsets, [1, 5, 1, 0, 5]);
    let btf = builder.build().expect("built");
    assert_eq!(btf.to_bytes()[24..], *b"\0one\0two\0");
    assert_eq!(
        (btf.string(5), btf.string(6), btf.string(9)),
        (Some("two"), Some("wo"), None)
    );
    assert_eq!(btf.to_builder().string("one"), 1);
    assert_eq!(
        btf.to_builder().string("wo"),
        9,
        "only whole strings are shared"
    );
}

#[test]
fn what_cannot_be_stored_is_told() {
    let mut builder = BtfBuilder::new();
    builder.typedef("a\0b", TypeId::VOID);
    assert_eq!(
        message(builder.build()),
        ".BTF+0x18: \"a\\0b\" has a NUL inside or is longer than 65535 bytes, and cannot be stored"
    );
    let mut builder = BtfBuilder::new();
    builder.structure(
        "far",
        8,
        &[MemberSpec::bits("bit", TypeId::VOID, 1 << 24, 1)],
    );
    assert_eq!(
        message(builder.build()),
        ".BTF+0x18: a structure with bit-fields has 24 bits for offsets, too few for a member at bit 16777216"
    );
}

#[test]
fn rebuilding_changes_nothing() {
    for object in ["kinds.bpf.o", "kinds.eb.bpf.o"] {
        let btf = Btf::parse(section(object, ".BTF")).expect("what clang wrote");
        assert_eq!(btf.to_builder().build().expect("rebuilt"), btf, "{object}");
        assert_eq!(
            btf.sanitized(BtfFeatures::ALL).expect("sanitised"),
            btf,
            "{object}"
        );
    }
    let Some(kernel) = kernel() else { return };
    let kernel = Btf::parse(kernel).expect("the kernel's own BTF");
    assert_eq!(kernel.to_builder().build().expect("rebuilt"), kernel);
}

#[test]
fn a_loader_can_correct_what_the_compiler_left_open() {
    let btf = kinds();
    let mut builder = btf.to_builder();
    let data = TypeId(76);
    let section = btf
        .by_id(data)
        .and_then(|ty| ty.as_datasec())
        .expect(".data");
    let mut entries: Vec<_> = section.entries().collect();
    for (entry, offset) in entries.iter_mut().zip([32, 0, 8, 16, 24]) {
        entry.offset = offset;
    }
    builder
        .set_datasec(data, 48, &entries)
        .expect("as many entries");
    builder
        .set_func_linkage(TypeId(45), FuncLinkage::STATIC)
        .expect("a function");
    builder
        .set_var_linkage(TypeId(70), VarLinkage::GLOBAL_ALLOCATED)
        .expect("a variable");
    builder
        .set_target(TypeId(70), TypeId(2))
        .expect("a variable");
    builder.set_name(TypeId(80), "licence").expect("a type");
    builder.set_size(TypeId(75), 120).expect("a section");
    builder
        .name_params(TypeId(46), "argument")
        .expect("a prototype");
    let added = builder.int("added", 8, IntEncoding::NONE);
    assert_eq!(added, TypeId(81));
    let changed = builder.build().expect("built");

    let before = dump(&btf);
    let after = dump(&changed);
    let news: Vec<&str> = after
        .lines()
        .filter(|line| !before.lines().any(|old| old == *line))
        .collect();
    assert_eq!(
        news,
        [
            "[45] FUNC 'trace' type_id=44 linkage=static",
            "\t'argument' type_id=40",
            "[70] VAR 'outside' type_id=2, linkage=global",
            "[75] DATASEC '.bss' size=120 vlen=1",
            "[76] DATASEC '.data' size=48 vlen=5",
            "\ttype_id=62 offset=8 size=8 (VAR 'wide')",
            "\ttype_id=64 offset=16 size=8 (VAR 'deep')",
            "\ttype_id=67 offset=24 size=8 (VAR 'precise')",
            "\ttype_id=58 offset=32 size=16 (VAR 'tagged_value')",
            "[80] DATASEC 'licence' size=0 vlen=1",
            "[81] INT 'added' size=8 bits_offset=0 nr_bits=64 encoding=(none)",
        ]
    );

    let mut builder = btf.to_builder();
    assert_eq!(
        message(builder.set_datasec(data, 48, &entries[1..])),
        ".BTF+0x630: type #76 is a DATASEC with 5 entries, and 4 are given"
    );
    assert_eq!(
        message(builder.set_size(TypeId(1), 1)),
        ".BTF+0x18: type #1 is PTR, and a type with a size is needed"
    );
    assert_eq!(
        message(builder.set_target(TypeId(500), TypeId(1))),
        ".BTF+0x0: there is no type #500; there are only 81"
    );
}

#[test]
fn old_kernels_get_what_they_know() {
    for endian in [Endian::Little, Endian::Big] {
        let btf = every_kind(endian);
        let newest = |kernel| {
            let sanitized = btf.sanitized(kernel).expect("sanitised");
            sanitized.validate().expect("valid");
            let kinds = sanitized
                .types()
                .filter(|ty| ty.id().0 < 20)
                .map(|ty| ty.kind());
            kinds.max().expect("types")
        };
        assert_eq!(newest(BtfFeatures::since(4, 18)), Kind::RESTRICT);
        assert_eq!(newest(BtfFeatures::since(5, 0)), Kind::FUNC_PROTO);
        assert_eq!(newest(BtfFeatures::since(5, 2)), Kind::DATASEC);
        assert_eq!(newest(BtfFeatures::since(5, 13)), Kind::FLOAT);
        assert_eq!(newest(BtfFeatures::since(5, 16)), Kind::DECL_TAG);
        assert_eq!(newest(BtfFeatures::since(5, 17)), Kind::TYPE_TAG);
        assert_eq!(newest(BtfFeatures::since(6, 0)), Kind::ENUM64);

        let old = dump(&btf.sanitized(BtfFeatures::since(4, 18)).expect("sanitised"));
        let expected = "\
[6] ENUM 'sign' encoding=UNSIGNED size=4 vlen=2
\t'MINUS' val=4294967295
\t'PLUS' val=1
[12] ENUM '(anon)' encoding=UNSIGNED size=4 vlen=0
[13] TYPEDEF 'print' type_id=12
[14] INT 'counter' size=1 bits_offset=0 nr_bits=8 encoding=(none)
[15] STRUCT '__data' size=4 vlen=1
\t'counter' type_id=14 bits_offset=0
[16] STRUCT '(anon)' size=16 vlen=0
[17] INT '(anon)' size=1 bits_offset=0 nr_bits=8 encoding=(none)
[18] CONST '(anon)' type_id=1
[19] UNION 'huge' size=8 vlen=1
\t'MOST' type_id=23 bits_offset=0
[23] INT 'placeholder' size=1 bits_offset=0 nr_bits=8 encoding=(none)
";
        for line in expected.lines() {
            assert!(old.lines().any(|found| found == line), "{line}\nin\n{old}");
        }
        let mid = dump(&btf.sanitized(BtfFeatures::since(5, 2)).expect("sanitised"));
        assert!(
            mid.contains("[13] FUNC 'print' type_id=12 linkage=static\n"),
            "{mid}"
        );
        assert!(
            mid.contains("[15] DATASEC '_.data' size=4 vlen=1\n"),
            "{mid}"
        );
        assert!(
            mid.contains("[14] VAR 'counter' type_id=1, linkage=global\n"),
            "{mid}"
        );
    }
}
