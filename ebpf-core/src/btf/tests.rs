//! Tests of parsing and of questions; those of writing, of `.BTF.ext` and of mutated input are beside.

mod ext;
mod mutate;
mod value;
mod write;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use super::*;
use crate::codec::Endian;

/// A file of `testdata/btf`.
fn testdata(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/btf")
        .join(file)
}

/// A section of one of the objects in `testdata/btf`.
fn section(object: &str, name: &str) -> Vec<u8> {
    let bytes = std::fs::read(testdata(object)).expect("a file of the repository");
    let elf = elf::ElfBytes::<elf::endian::AnyEndian>::minimal_parse(&bytes).expect("an object");
    let header = elf
        .section_header_by_name(name)
        .expect("sections")
        .expect("the section");
    elf.section_data(&header).expect("data").0.to_vec()
}

fn kinds() -> Btf {
    Btf::parse(section("kinds.bpf.o", ".BTF")).expect("what clang wrote")
}

/// The BTF of the running kernel, for tests that want something large.
fn kernel() -> Option<Vec<u8>> {
    let bytes = std::fs::read("/sys/kernel/btf/vmlinux").ok();
    if bytes.is_none() {
        println!("skipped: /sys/kernel/btf/vmlinux is not there");
    }
    bytes
}

fn message(result: Result<impl Sized, BtfError>) -> String {
    result.err().expect("an error").to_string()
}

/// All types in the form of `bpftool btf dump`.
fn dump(btf: &Btf) -> String {
    let mut out = String::new();
    let or_anonymous = |name: &str| {
        if name.is_empty() {
            "(anon)".into()
        } else {
            name.to_owned()
        }
    };
    for ty in btf.types() {
        let _ = write!(
            out,
            "[{}] {} '{}'",
            ty.id().0,
            ty.kind(),
            or_anonymous(ty.name())
        );
        let _ = match ty.get() {
            Type::Int(int) => {
                let encoding = match int.encoding {
                    IntEncoding::SIGNED => "SIGNED",
                    IntEncoding::CHAR => "CHAR",
                    IntEncoding::BOOL => "BOOL",
                    _ => "(none)",
                };
                write!(
                    out,
                    " size={} bits_offset={} nr_bits={} encoding={encoding}",
                    int.size, int.bit_offset, int.bits
                )
            }
            Type::Ptr(id)
            | Type::Typedef(id)
            | Type::Const(id)
            | Type::Volatile(id)
            | Type::Restrict(id)
            | Type::TypeTag { type_id: id, .. } => write!(out, " type_id={}", id.0),
            Type::Array(array) => write!(
                out,
                " type_id={} index_type_id={} nr_elems={}",
                array.element.0, array.index.0, array.count
            ),
            Type::Struct(composite) | Type::Union(composite) => {
                let _ = write!(out, " size={} vlen={}", composite.size(), ty.vlen());
                for member in composite.members() {
                    let name = or_anonymous(member.name);
                    let (id, bits) = (member.type_id.0, member.bit_offset);
                    let _ = write!(out, "\n\t'{name}' type_id={id} bits_offset={bits}");
                    if member.bit_size != 0 {
                        let _ = write!(out, " bitfield_size={}", member.bit_size);
                    }
                }
                Ok(())
            }
            Type::Enum(values) => {
                let encoding = if values.is_signed() {
                    "SIGNED"
                } else {
                    "UNSIGNED"
                };
                let _ = write!(out, " encoding={encoding} size={}", values.size());
                let _ = write!(out, " vlen={}", ty.vlen());
                let suffix = match (ty.kind(), values.is_signed()) {
                    (Kind::ENUM64, true) => "LL",
                    (Kind::ENUM64, false) => "ULL",
                    _ => "",
                };
                for value in values.enumerators() {
                    let _ = write!(out, "\n\t'{}' val={}{suffix}", value.name, value.value);
                }
                Ok(())
            }
            Type::Fwd(FwdKind::Struct) => write!(out, " fwd_kind=struct"),
            Type::Fwd(FwdKind::Union) => write!(out, " fwd_kind=union"),
            Type::Func(func) => write!(out, " type_id={} linkage={}", func.proto.0, func.linkage),
            Type::FuncProto(proto) => {
                let _ = write!(out, " ret_type_id={} vlen={}", proto.returns().0, ty.vlen());
                for param in proto.params() {
                    let name = or_anonymous(param.name);
                    let _ = write!(out, "\n\t'{name}' type_id={}", param.type_id.0);
                }
                Ok(())
            }
            Type::Var(var) => write!(out, " type_id={}, linkage={}", var.type_id.0, var.linkage),
            Type::DataSec(section) => {
                let _ = write!(out, " size={} vlen={}", section.size(), ty.vlen());
                for entry in section.entries() {
                    let target = btf.by_id(entry.type_id).expect("the type of an entry");
                    let _ = write!(
                        out,
                        "\n\ttype_id={} offset={} size={} ({} '{}')",
                        entry.type_id.0,
                        entry.offset,
                        entry.size,
                        target.kind(),
                        target.name()
                    );
                }
                Ok(())
            }
            Type::Float { size } => write!(out, " size={size}"),
            Type::DeclTag(tag) => {
                let component = tag.component.map_or(-1, i64::from);
                write!(out, " type_id={} component_idx={component}", tag.type_id.0)
            }
            other => write!(out, " {other:?}"),
        };
        out.push('\n');
    }
    out
}

/// The golden is what bpftool printed of the object.
#[test]
fn every_kind_of_clang_reads_as_bpftool_prints_it() {
    let expected = std::fs::read_to_string(testdata("kinds.btf.txt")).expect("the golden");
    for (object, endian) in [
        ("kinds.bpf.o", Endian::Little),
        ("kinds.eb.bpf.o", Endian::Big),
    ] {
        let bytes = section(object, ".BTF");
        let btf = Btf::parse(bytes.clone()).expect("what clang wrote");
        btf.validate().expect("valid");
        assert_eq!(btf.endian(), endian);
        assert_eq!(dump(&btf), expected, "{object}");
        assert_eq!(btf.to_bytes(), bytes, "{object}");
    }
}

#[test]
fn names_find_types_of_every_kind() {
    let btf = kinds();
    let names = |name| btf.by_name(name).map(|id| id.0).collect::<Vec<_>>();
    assert_eq!(names("level"), [59, 60]);
    assert_eq!(names(".maps"), [78]);
    assert_eq!(names("nobody"), []);
    assert_eq!(names(""), []);
    assert_eq!(names("leve"), []);
    assert_eq!(names("level\0"), []);
    assert_eq!(btf.find("level", Kind::VAR), Some(TypeId(60)));
    assert_eq!(btf.find("level", Kind::STRUCT), None);
    for ty in btf.types().filter(|ty| !ty.name().is_empty()) {
        assert!(btf.by_name(ty.name()).any(|id| id == ty.id()), "{ty:?}");
    }
}

#[test]
fn types_print_as_c() {
    let btf = kinds();
    for (id, text) in [
        (0, "void"),
        (3, "int[2]"),
        (1, "int (*)[2]"),
        (8, "struct event *"),
        (11, "char[16]"),
        (12, "union {…}"),
        (19, "const volatile u64 *"),
        (24, "struct opaque *"),
        (27, "union cloudy"),
        (28, "int (*)(const struct event *, const struct event *)"),
        (33, "u32[2][3]"),
        (35, "u32[]"),
        (37, "struct {…} table"),
        (42, "struct event *restrict"),
        (45, "int trace(struct task *)"),
        (51, "int (void *)"),
        (57, "int *"),
        (59, "enum level"),
        (69, "char _license[13]"),
        (74, "const volatile u32 limit"),
        (75, ".bss"),
        (9999, "…"),
    ] {
        assert_eq!(btf.type_name(TypeId(id)), text, "type #{id}");
    }
}

#[test]
fn sizes_follow_references() {
    let btf = kinds();
    for (id, size) in [
        (2, 4),
        (1, 8),
        (33, 24),
        (35, 0),
        (20, 8),
        (37, 24),
        (54, 16),
        (66, 8),
    ] {
        assert_eq!(btf.size_of(TypeId(id)), Ok(size), "type #{id}");
    }
    let unsized_types = [
        (0, ".BTF+0x0: type #0 is VOID and has no size"),
        (39, ".BTF+0x35c: type #39 `shared` is FUNC and has no size"),
        (25, ".BTF+0x250: type #25 `opaque` is FWD and has no size"),
        (99, ".BTF+0x0: there is no type #99; there are only 81"),
    ];
    for (id, text) in unsized_types {
        assert_eq!(message(btf.size_of(TypeId(id))), text);
    }
}

#[test]
fn fields_are_those_that_c_reaches() {
    let btf = kinds();
    let event = btf.find("event", Kind::STRUCT).expect("struct event");
    let fields = btf.fields(event).expect("fields");
    let seen: Vec<_> = fields
        .iter()
        .map(|field| (field.name, field.offset, field.size, field.bits))
        .collect();
    assert_eq!(
        seen,
        [
            ("pid", 0, 4, None),
            ("comm", 4, 16, None),
            ("ipv4", 20, 4, None),
            ("ipv6", 20, 16, None),
            ("inner", 36, 8, None),
            ("clock", 48, 8, None),
            ("opaque", 56, 8, None),
            ("cloudy", 64, 8, None),
            ("next", 72, 8, None),
            ("compare", 80, 8, None),
            ("matrix", 88, 24, None),
            ("ratio", 112, 4, None),
            ("tail", 116, 0, None),
        ]
    );
    let bits = btf
        .fields(btf.find("bits", Kind::STRUCT).expect("struct bits"))
        .expect("fields");
    assert_eq!(
        (bits[0].offset, bits[0].size, bits[0].bits),
        (0, 4, Some((0, 3)))
    );
    assert_eq!(
        (bits[2].offset, bits[2].size, bits[2].bits),
        (2, 4, Some((16, 7)))
    );
    assert_eq!((bits[3].offset, bits[3].size, bits[3].bits), (8, 8, None));

    let color = btf
        .find_field(event, "inner.color")
        .expect("a path")
        .expect("a field");
    assert_eq!((color.name, color.offset, color.size), ("color", 40, 4));
    let second = btf.find("task", Kind::STRUCT).expect("struct task");
    let second = btf
        .find_field(second, "bits.second")
        .expect("a path")
        .expect("a field");
    assert_eq!((second.offset, second.bits), (16, Some((131, 13))));
    assert_eq!(btf.find_field(event, "inner.nothing"), Ok(None));
    assert_eq!(btf.find_field(event, ""), Ok(None));
    assert_eq!(
        message(btf.find_field(event, "pid.high")),
        ".BTF+0x74: type #7 `unsigned int` is INT, and a STRUCT or UNION is needed"
    );
}

#[test]
fn old_bitfields_are_told_by_their_integers() {
    let mut builder = BtfBuilder::new();
    let narrow = builder.push_words(&[0, Kind::INT.0 << 24, 4], &[2 << 16 | 5]);
    let members = [MemberSpec::bits("narrow", narrow, 8, 0)];
    let old = builder.structure("old", 4, &members);
    let btf = builder.build().expect("built");
    let fields = btf.fields(old).expect("fields");
    assert_eq!((fields[0].offset, fields[0].bits), (1, Some((10, 5))));
}

#[test]
fn cycles_and_towers_end() {
    let mut builder = BtfBuilder::new();
    let first = builder.typedef("first", TypeId(2));
    let second = builder.constant(first);
    let int = builder.int("int", 4, IntEncoding::SIGNED);
    let selfish = builder.structure("selfish", 4, &[MemberSpec::new("", TypeId(4), 0)]);
    let mut tower = int;
    for _ in 0..40 {
        tower = builder.array(tower, int, 1);
    }
    let wide = builder.array(int, int, 1 << 30);
    let dangling = builder.typedef("foo", TypeId(99));
    let twice = |builder: &mut BtfBuilder, id| builder.func_proto(id, &[("", id), ("", id)]);
    let mut proto = twice(&mut builder, int);
    for _ in 0..31 {
        proto = twice(&mut builder, proto);
    }
    let endless = builder.constant(TypeId(builder.next_id().0 + 1));
    builder.volatile(endless);
    let btf = builder.build().expect("built");

    let too_deep = |id, text: &str| {
        let expected = format!("{text} leads through more than 32 types: a cycle, or too deep");
        assert!(
            message(btf.size_of(id)).ends_with(&expected),
            "{}",
            message(btf.size_of(id))
        );
    };
    too_deep(second, "type #2");
    too_deep(first, "type #1 `first`");
    too_deep(tower, "type #44");
    assert!(message(btf.resolve(first)).contains("cycle"));
    assert!(message(btf.fields(selfish)).contains("cycle"));
    assert_eq!(
        message(btf.size_of(wide)),
        ".BTF+0x418: the size of type #45 is more than 4 GiB"
    );
    let dangles = ".BTF+0x430: type #46 `foo` refers to type #99, but there are only 81";
    assert_eq!(message(btf.size_of(dangling)), dangles);
    assert_eq!(message(btf.validate()), dangles);
    assert_eq!(btf.type_name(second), "const first");
    assert!(btf.type_name(endless).ends_with("volatile const …"));
    assert!(btf.type_name(proto).len() < 100_000);
}

#[test]
fn structures_that_multiply_are_refused() {
    let mut builder = BtfBuilder::new();
    let mut inner = builder.int("int", 4, IntEncoding::NONE);
    for _ in 0..20 {
        let member = MemberSpec::new("", inner, 0);
        inner = builder.union("", 4, &[member, member, member, member]);
    }
    let btf = builder.build().expect("built");
    let text =
        ".BTF+0x49c: type #21 has more than 101 fields, and these types have no room for so many";
    assert_eq!(message(btf.fields(inner)), text);
}

#[test]
fn fields_beyond_32_bits_are_refused() {
    let mut builder = BtfBuilder::new();
    let int = builder.int("int", 4, IntEncoding::NONE);
    let mut inner = builder.structure("", 4, &[MemberSpec::new("far", int, 0)]);
    for _ in 0..9 {
        inner = builder.structure("", 4, &[MemberSpec::bits("", inner, u32::MAX - 7, 0)]);
    }
    let btf = builder.build().expect("built");
    let text = ".BTF+0x100: `far` lies more than 4 GiB into type #11";
    assert_eq!(message(btf.fields(inner)), text);
}

#[test]
fn headers_that_are_wrong_say_how() {
    let good = BtfBuilder::with_endian(Endian::Little)
        .build()
        .expect("built")
        .to_bytes()
        .to_vec();
    assert_eq!(good.len(), 25);
    let with = |at: usize, bytes: &[u8]| {
        let mut changed = good.clone();
        changed[at..at + bytes.len()].copy_from_slice(bytes);
        message(Btf::parse(changed))
    };
    let cases = [
        (
            with(0, b"\x7fELF"),
            ".BTF+0x0: this is no BTF: it starts with 0x457f instead of 0xeb9f",
        ),
        (with(2, &[2]), ".BTF+0x2: version 2 is unknown (only 1 is)"),
        (
            with(3, &[9]),
            ".BTF+0x3: the header has flags 0x9, and none are known",
        ),
        (
            with(4, &[20]),
            ".BTF+0x4: the header says that it is 20 bytes long; the shortest is 24",
        ),
        (
            with(4, &[99]),
            ".BTF+0x4: the header needs 99 bytes, and 25 are left",
        ),
        (
            with(8, &[2]),
            ".BTF+0x8: the types reach from 0x1a to 0x1a, and the section ends at 0x19",
        ),
        (with(12, &[1]), ".BTF+0x8: the types reach into the strings"),
        (
            with(20, &[0]),
            ".BTF+0x18: the strings do not start with the empty string",
        ),
        (
            with(24, &[1]),
            ".BTF+0x18: the strings do not start with the empty string",
        ),
        (
            with(20, &[0xff, 0xff, 0xff, 0xff]),
            ".BTF+0x10: the strings reach from 0x18 to 0x100000017, and the section ends at 0x19",
        ),
        (
            message(Btf::parse(*b"\x9f")),
            ".BTF+0x0: the header needs 8 bytes, and 1 are left",
        ),
        (
            message(Btf::parse([])),
            ".BTF+0x0: the header needs 8 bytes, and 0 are left",
        ),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
}

#[test]
fn types_that_cannot_be_sized_say_which() {
    let mut builder = BtfBuilder::with_endian(Endian::Little);
    builder.int("int", 4, IntEncoding::NONE);
    builder.push_words(&[0, 77 << 24 | 2, 0], &[1, 2, 3]);
    let unknown = builder.clone().build();
    assert_eq!(
        message(unknown),
        ".BTF+0x28: type #2 is of kind 77, which is unknown, and the file does not describe its layout"
    );
    let mut builder = BtfBuilder::with_endian(Endian::Little);
    builder.push_words(&[0, Kind::STRUCT.0 << 24 | 3, 8], &[0, 0, 0, 0]);
    assert_eq!(
        message(builder.clone().build()),
        ".BTF+0x18: type #1 (STRUCT with 3 items) needs 48 bytes, and 28 are left"
    );
    builder = BtfBuilder::with_endian(Endian::Little);
    builder.push_record(&[0; 8]);
    let text = ".BTF+0x18: a type needs 12 bytes, and 8 are left";
    assert_eq!(message(builder.build()), text);
}

/// A header of 32 bytes with layouts, as since Linux 7.1, and longer ones.
#[test]
fn longer_headers_and_layouts() {
    for endian in [Endian::Little, Endian::Big] {
        let mut builder = BtfBuilder::with_endian(endian);
        let int = builder.int("int", 4, IntEncoding::NONE);
        let new = builder.push_words(&[0, 77 << 24 | 2, 0], &[1, 2, 3]);
        let last = builder.typedef("last", int);
        let mut layouts = vec![0; 78 * 4];
        layouts[77 * 4..].copy_from_slice(&[4, 4, 0, 0]);
        builder.set_layouts(layouts);
        let btf = builder.build().expect("built");
        let bytes = btf.to_bytes();
        assert_eq!(endian.u32_at(bytes, 4), Some(32));
        let unknown = btf.by_id(new).expect("there");
        assert!(matches!(unknown.get(), Type::Unknown(Kind(77))));
        assert_eq!(unknown.kind().to_string(), "kind 77");
        assert_eq!(btf.find("last", Kind::TYPEDEF), Some(last));
        assert_eq!(btf.to_builder().build().expect("rebuilt"), btf);
        assert!(message(btf.sanitized(BtfFeatures::since(6, 1))).contains("kind 77"));

        let mut longer = bytes.to_vec();
        longer.splice(32..32, [0; 8]);
        longer[4..8].copy_from_slice(&endian.u32_bytes(40));
        assert_eq!(Btf::parse(longer.clone()).expect("longer").type_count(), 4);
        longer[36] = 1;
        assert_eq!(
            message(Btf::parse(longer)),
            ".BTF+0x20: the header is 40 bytes long, and what follows the known 32 is not zero: written by a newer tool"
        );
    }
}

#[test]
fn split_btf_goes_on_where_its_base_ends() {
    let mut builder = BtfBuilder::new();
    let int = builder.int("int", 4, IntEncoding::SIGNED);
    let both = builder.typedef("both", int);
    let base = Arc::new(builder.build().expect("built"));

    let mut builder = BtfBuilder::split(base.clone());
    let pair = builder.array(int, int, 2);
    let own = builder.structure("int", 8, &[MemberSpec::new("both", pair, 0)]);
    let more = builder.typedef("both", own);
    let built = builder.build().expect("built");
    let btf = Btf::parse_split(built.to_bytes().to_vec(), base.clone()).expect("parsed");

    assert_eq!((btf.first_id(), btf.type_count()), (TypeId(3), 6));
    assert_eq!(btf.by_name("int").collect::<Vec<_>>(), [int, own]);
    assert_eq!(btf.by_name("both").collect::<Vec<_>>(), [both, more]);
    assert_eq!(btf.size_of(own), Ok(8));
    assert_eq!(btf.fields(own).expect("fields")[0].name, "both");
    assert_eq!(btf.by_id(int).expect("of the base").name(), "int");
    assert_eq!(btf.type_name(pair), "int[2]");
    assert_eq!(btf.to_builder().build().expect("rebuilt"), btf);
    assert_eq!(btf.own_strings(), b"", "all names are in the base");
    btf.validate().expect("valid");

    let swapped = BtfBuilder::with_endian(match Endian::NATIVE {
        Endian::Little => Endian::Big,
        Endian::Big => Endian::Little,
    });
    let swapped = swapped.build().expect("built").to_bytes().to_vec();
    let text = ".BTF+0x0: the byte order differs from that of the base BTF";
    assert_eq!(message(Btf::parse_split(swapped, base)), text);
}

#[test]
fn the_kernel_describes_itself() {
    let Some(bytes) = kernel() else { return };
    let btf = Btf::parse(bytes).expect("the kernel's own BTF");
    btf.validate().expect("valid");
    let task = btf.find("task_struct", Kind::STRUCT).expect("task_struct");
    assert!(
        btf.find_field(task, "se.load.weight")
            .expect("a path")
            .is_some()
    );
    let schedule = btf.find("schedule", Kind::FUNC).expect("schedule()");
    assert_eq!(btf.type_name(schedule), "void schedule(void)");
    let mut found = 0;
    for ty in btf.types() {
        let size = btf.size_of(ty.id());
        if let Some(composite) = ty.as_composite() {
            assert_eq!(size, Ok(composite.size()));
            btf.fields(ty.id()).expect("fields");
            found += 1;
        }
    }
    assert!(found > 1000, "{found} structures");
}

/// `cargo test --release -p ebpf-core --lib btf::tests::timing -- --ignored --nocapture`
#[test]
#[ignore = "measures, and asserts nothing"]
fn timing() {
    let Some(bytes) = kernel() else { return };
    let bytes: Arc<[u8]> = bytes.into();
    let best = |what: &str, run: &mut dyn FnMut()| {
        let once = || {
            let start = std::time::Instant::now();
            run();
            start.elapsed()
        };
        let best = std::iter::repeat_with(once)
            .take(30)
            .min()
            .unwrap_or_default();
        println!("{what:<40} {:>7.3} ms", best.as_secs_f64() * 1e3);
    };
    best("read the file", &mut || {
        drop(std::fs::read("/sys/kernel/btf/vmlinux"))
    });
    best("parse", &mut || drop(Btf::parse(bytes.clone())));
    best("parse and find one name", &mut || {
        let btf = Btf::parse(bytes.clone()).expect("the kernel's own BTF");
        assert!(btf.find("task_struct", Kind::STRUCT).is_some());
    });
    let btf = Btf::parse(bytes).expect("the kernel's own BTF");
    best("validate", &mut || btf.validate().expect("valid"));
    best("find one name again", &mut || {
        assert!(btf.find("task_struct", Kind::STRUCT).is_some())
    });
    println!("{btf:?}");
}

#[test]
fn errors_stay_small() {
    assert!(size_of::<BtfError>() <= 56, "{}", size_of::<BtfError>());
}
