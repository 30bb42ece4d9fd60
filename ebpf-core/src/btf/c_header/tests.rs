use super::*;
use crate::btf::{BtfBuilder, IntEncoding, MemberSpec};

/// What is between the pragmas.
fn header(builder: BtfBuilder) -> String {
    let text = builder.build().unwrap().c_header().unwrap();
    text.strip_prefix(BEGIN)
        .and_then(|text| text.strip_suffix(END))
        .unwrap()
        .to_owned()
}

fn int(builder: &mut BtfBuilder) -> TypeId {
    builder.int("int", 4, IntEncoding::SIGNED)
}

#[test]
fn what_is_held_comes_first_and_what_is_pointed_to_is_declared() {
    let mut builder = BtfBuilder::new();
    let int = int(&mut builder);
    // The list points to its element, whose type comes later and holds the list.
    let next = TypeId(builder.next_id().0 + 1);
    let pointer = builder.ptr(TypeId(next.0 + 1));
    let list = builder.structure("list", 8, &[MemberSpec::new("of", pointer, 0)]);
    builder.structure(
        "element",
        16,
        &[
            MemberSpec::new("list", list, 0),
            MemberSpec::new("value", int, 8),
        ],
    );
    assert_eq!(
        header(builder),
        "\nstruct element;\n\nstruct list {\n\tstruct element *of;\n};\n\n\
         struct element {\n\tstruct list list;\n\tint value;\n};\n"
    );
}

#[test]
fn declarations_are_written_from_the_inside_out() {
    let mut builder = BtfBuilder::new();
    let int = int(&mut builder);
    let constant = builder.constant(int);
    let pointer = builder.ptr(constant);
    let proto = builder.func_proto(int, &[("a", pointer), ("", TypeId::VOID)]);
    let function = builder.ptr(proto);
    let functions = builder.array(function, int, 3);
    let row = builder.array(int, int, 2);
    let rows = builder.ptr(row);
    let fixed = builder.constant(rows);
    builder.typedef("row_t", row);
    let anonymous = builder.union("", 4, &[MemberSpec::new("one", int, 0)]);
    let named = builder.typedef("number_t", anonymous);
    builder.structure(
        "all",
        48,
        &[
            MemberSpec::new("functions", functions, 0),
            MemberSpec::new("rows", fixed, 24),
            MemberSpec::new("", anonymous, 32),
            MemberSpec::new("number", named, 36),
            MemberSpec::new("inner", anonymous, 40),
        ],
    );
    assert_eq!(
        header(builder),
        "\ntypedef int row_t[2];\n\ntypedef union {\n\tint one;\n} number_t;\n\nstruct all {\n\
         \tint (*functions[3])(const int *, ...);\n\tint (*const rows)[2];\n\tunion {\n\t\tint one;\n\t};\n\
         \tnumber_t number;\n\tunion {\n\t\tint one;\n\t} inner;\n};\n"
    );
}

#[test]
fn members_are_where_btf_says() {
    let mut builder = BtfBuilder::new();
    let int = int(&mut builder);
    let byte = builder.int("unsigned char", 1, IntEncoding::NONE);
    // Aligned by hand; then packed; then bit-fields with a hole; then members that no C has.
    builder.structure(
        "aligned",
        64,
        &[MemberSpec::new("a", byte, 0), MemberSpec::new("b", int, 32)],
    );
    builder.structure(
        "packed",
        5,
        &[MemberSpec::new("a", byte, 0), MemberSpec::new("b", int, 1)],
    );
    builder.structure(
        "bits",
        8,
        &[
            MemberSpec::bits("a", int, 0, 3),
            MemberSpec::bits("b", int, 13, 20),
            MemberSpec::bits("c", int, 33, 2),
        ],
    );
    builder.structure(
        "holes",
        8,
        &[
            MemberSpec::bits("a", int, 2, 3),
            MemberSpec::bits("b", int, 36, 2),
        ],
    );
    builder.structure(
        "odd",
        4,
        &[MemberSpec::new("a", int, 0), MemberSpec::new("b", byte, 2)],
    );
    let text = header(builder);
    for expected in [
        "struct aligned {\n\tunsigned char a;\n\tunsigned char __padding1[31];\n\tint b;\n\tunsigned char __padding2[28];\n};",
        "struct packed {\n\tunsigned char a;\n\tint b;\n} __attribute__((packed));",
        "struct bits {\n\tint a : 3;\n\tunsigned char : 5;\n\tunsigned char : 5;\n\tint b : 20;\n\tint c : 2;\n\tunsigned char : 5;\n\tunsigned char __padding1[3];\n} __attribute__((packed));",
        "struct holes {\n\tunsigned char : 2;\n\tint a : 3;\n\tunsigned char : 3;\n\tunsigned char __padding1[3];\n\tunsigned char : 4;\n\tint b : 2;\n",
        "struct odd {\n\tunsigned char __padding1[4];\n} __attribute__((packed));",
    ] {
        assert!(text.contains(expected), "{expected}\nis not in\n{text}");
    }
}

#[test]
fn no_two_have_one_name() {
    let mut builder = BtfBuilder::new();
    let int = int(&mut builder);
    builder.structure("s", 4, &[MemberSpec::new("a", int, 0)]);
    builder.structure("s", 4, &[MemberSpec::new("b", int, 0)]);
    let forward = builder.fwd("s", FwdKind::Struct);
    let pointer = builder.ptr(forward);
    builder.typedef("ONE", pointer);
    builder.enumeration("e", 4, false, &[("ONE", 1), ("TWO", 2)]);
    builder.enumeration("", 4, false, &[("TWO", 2), ("true", 1)]);
    let text = header(builder);
    for expected in [
        "struct s {\n\tint a;",
        "struct s___2 {\n\tint b;",
        "typedef struct s *ONE;",
        "enum e {\n\tONE___2 = 1,\n\tTWO = 2,\n};",
        "\n#if !defined(__STDC_VERSION__) || __STDC_VERSION__ < 202311L\nenum {\n\tTWO___2 = 2,\n\ttrue = 1,\n};\n#endif\n",
    ] {
        assert!(text.contains(expected), "{expected}\nis not in\n{text}");
    }
}

#[test]
fn a_structure_that_holds_itself_is_refused() {
    for name in ["endless", ""] {
        let mut builder = BtfBuilder::new();
        let own = builder.next_id();
        builder.structure(name, 8, &[MemberSpec::new("own", own, 0)]);
        builder.typedef("t", own);
        let error = builder.build().unwrap().c_header().unwrap_err();
        assert!(
            matches!(error.kind, BtfErrorKind::TooDeep { .. }),
            "{error}"
        );
    }
}

#[test]
fn few_bytes_do_not_make_endless_text() {
    let mut builder = BtfBuilder::new();
    let mut inner = int(&mut builder);
    for _ in 0..30 {
        let members = [
            MemberSpec::new("a", inner, 0),
            MemberSpec::new("b", inner, 0),
        ];
        inner = builder.union("", 4, &members);
    }
    builder.typedef("t", inner);
    let error = builder.build().unwrap().c_header().unwrap_err();
    assert!(
        matches!(error.kind, BtfErrorKind::TooManyFields { .. }),
        "{error}"
    );
}
