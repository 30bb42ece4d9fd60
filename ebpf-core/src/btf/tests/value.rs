//! Bytes as values.

use crate::btf::{Btf, BtfBuilder, IntEncoding, MemberSpec, TypeId, Value};

fn shown(btf: &Btf, id: TypeId, bytes: &[u8]) -> String {
    btf.value(id, bytes).expect("sound types").to_string()
}

#[test]
fn numbers_have_their_sign_and_width() {
    let mut builder = BtfBuilder::new();
    let signed = builder.int("int", 4, IntEncoding::SIGNED);
    let unsigned = builder.int("unsigned", 4, IntEncoding::NONE);
    let truth = builder.int("bool", 1, IntEncoding::BOOL);
    let wide = builder.int("u128", 16, IntEncoding::NONE);
    let btf = builder.build().expect("types");
    assert_eq!(shown(&btf, signed, &(-5i32).to_ne_bytes()), "-5");
    assert_eq!(shown(&btf, unsigned, &(-5i32).to_ne_bytes()), "4294967291");
    assert_eq!(shown(&btf, truth, &[1]), "true");
    assert_eq!(shown(&btf, wide, &7u128.to_ne_bytes()), "7");
    assert_eq!(
        btf.value(wide, &[0xff; 16]),
        Ok(Value::Bytes(vec![0xff; 16]))
    );
    assert_eq!(shown(&btf, signed, &[1, 2]), "01 02", "too few bytes");
    assert_eq!(shown(&btf, TypeId::VOID, &[1, 2]), "");
    assert!(btf.value(TypeId(99), &[1]).is_err());
}

#[test]
fn structures_arrays_and_text_are_nested() {
    let mut builder = BtfBuilder::new();
    let byte = builder.int("char", 1, IntEncoding::SIGNED);
    let number = builder.int("u16", 2, IntEncoding::NONE);
    let comm = builder.array(byte, number, 8);
    let ports = builder.array(number, number, 3);
    let inner = builder.structure("inner", 2, &[MemberSpec::new("port", number, 0)]);
    let members = [
        MemberSpec::new("comm", comm, 0),
        MemberSpec::new("ports", ports, 8),
        MemberSpec::new("inner", inner, 14),
    ];
    let outer = builder.structure("outer", 16, &members);
    let btf = builder.build().expect("types");
    let numbers = [1u16, 2, 3, 80].map(u16::to_ne_bytes).concat();
    let bytes = [b"bash\0\0\0\0", &numbers[..]].concat();
    assert_eq!(
        shown(&btf, outer, &bytes),
        r#"{ comm: "bash", ports: [1, 2, 3], inner: { port: 80 } }"#
    );
    // What is no text is numbers.
    assert_eq!(
        shown(&btf, comm, b"a\0b\0\0\0\0\0"),
        "[97, 0, 98, 0, 0, 0, 0, 0]"
    );
}

#[test]
fn unions_that_multiply_are_cut_off() {
    let mut builder = BtfBuilder::new();
    let byte = builder.int("u8", 1, IntEncoding::NONE);
    let mut last = byte;
    for level in 0..24 {
        let members = [MemberSpec::new("a", last, 0), MemberSpec::new("b", last, 0)];
        last = builder.union(&format!("u{level}"), 1, &members);
    }
    let btf = builder.build().expect("types");
    let text = shown(&btf, last, &[1]);
    assert!(text.contains('…') && text.len() < 100_000, "{}", text.len());
}
