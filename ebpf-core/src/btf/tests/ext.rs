//! `.BTF.ext` and CO-RE records.

use super::*;

fn clang(object: &str) -> (Btf, BtfExt) {
    let btf = Btf::parse(section(object, ".BTF")).expect("what clang wrote");
    let ext = BtfExt::parse(section(object, ".BTF.ext")).expect("what clang wrote");
    ext.validate(&btf).expect("valid");
    (btf, ext)
}

#[test]
fn functions_lines_and_relocations_by_section() {
    for object in ["kinds.bpf.o", "kinds.eb.bpf.o"] {
        let (btf, ext) = clang(object);
        assert_eq!(ext.to_bytes(), section(object, ".BTF.ext"));
        let functions: Vec<(&str, u32, String)> = ext
            .sections::<FuncInfo>()
            .flat_map(|section| {
                let name = section.name(&btf);
                section.records().map(move |info| (name, info))
            })
            .map(|(name, info)| (name, info.insn_off, btf.type_name(info.type_id)))
            .collect();
        let functions: Vec<_> = functions
            .iter()
            .map(|(name, at, text)| (*name, *at, text.as_str()))
            .collect();
        assert_eq!(
            functions,
            [
                (".text", 0, "int shared(u32)"),
                (".text", 56, "int helper(struct task *, u32)"),
                ("tracing", 0, "int trace(struct task *)"),
                ("xdp", 0, "int drop(void *)"),
            ]
        );

        let lines: Vec<LineInfo> = ext.records::<LineInfo>(&btf, "xdp").collect();
        let first = lines.first().expect("a line");
        assert_eq!(first.insn_off, 0);
        assert!(
            first.file_name(&btf).ends_with("kinds.bpf.c"),
            "{}",
            first.file_name(&btf)
        );
        assert_eq!(first.line(&btf).trim(), "int drop(void *context)");
        assert!(
            lines
                .iter()
                .all(|line| line.line_num >= 112 && line.col < 80),
            "{lines:?}"
        );
        assert_eq!(ext.records::<LineInfo>(&btf, "nowhere").count(), 0);

        let mut relocs: Vec<CoreReloc> = ext.records::<CoreReloc>(&btf, "tracing").collect();
        relocs.sort_by_key(|reloc| reloc.kind);
        let mut kinds: Vec<_> = relocs.iter().map(|reloc| reloc.kind).collect();
        kinds.dedup();
        assert_eq!(kinds, CoreRelocKind::ALL, "one of each kind at least");
        let shift = relocs
            .iter()
            .find(|reloc| reloc.kind == CoreRelocKind::FIELD_LSHIFT_U64);
        let shift = shift.expect("a shift");
        assert_eq!(btf.type_name(shift.type_id), "struct bits");
        assert_eq!(shift.access_str(&btf), "0:2");
        assert_eq!(shift.access(&btf).expect("a path").steps(), [0, 2]);
        assert_eq!(shift.kind.to_string(), "lshift_u64");
    }
}

/// Writes `.BTF.ext` with records of `extra` bytes more than are known.
fn write_ext(endian: Endian, name: u32, extra: usize) -> Vec<u8> {
    let mut parts: [Vec<u8>; 3] = Default::default();
    let [funcs, lines, relocs] = &mut parts;
    let start = |out: &mut Vec<u8>, size: usize, count| {
        for word in [(size + extra) as u32, name, count] {
            out.extend(endian.u32_bytes(word));
        }
    };
    start(funcs, FuncInfo::SIZE, 2);
    for insn_off in [0, 16] {
        FuncInfo {
            insn_off,
            type_id: TypeId(1),
        }
        .write(endian, funcs);
        funcs.extend(std::iter::repeat_n(0xee, extra));
    }
    start(lines, LineInfo::SIZE, 1);
    LineInfo {
        insn_off: 8,
        file_name_off: name,
        line_off: name,
        line_num: 7,
        col: 9,
    }
    .write(endian, lines);
    lines.extend(std::iter::repeat_n(0xee, extra));
    start(relocs, CoreReloc::SIZE, 1);
    let kind = CoreRelocKind::TYPE_SIZE;
    CoreReloc {
        insn_off: 24,
        type_id: TypeId(1),
        access_str_off: name,
        kind,
    }
    .write(endian, relocs);
    relocs.extend(std::iter::repeat_n(0xee, extra));

    let mut bytes = endian.u16_bytes(MAGIC).to_vec();
    bytes.extend([1, 0]);
    bytes.extend(endian.u32_bytes(32));
    let mut offset = 0;
    for part in &parts {
        bytes.extend(endian.u32_bytes(offset));
        bytes.extend(endian.u32_bytes(part.len() as u32));
        offset += part.len() as u32;
    }
    bytes.extend(parts.concat());
    bytes
}

#[test]
fn longer_records_are_read_by_their_known_part() {
    for (endian, extra) in [(Endian::Little, 0), (Endian::Little, 12), (Endian::Big, 4)] {
        let mut builder = BtfBuilder::with_endian(endian);
        builder.int("int", 4, IntEncoding::NONE);
        let name = builder.string("0");
        let btf = builder.build().expect("built");
        let ext = BtfExt::parse(write_ext(endian, name, extra)).expect("parsed");
        ext.validate(&btf).expect("valid");
        assert_eq!(
            ext.records::<FuncInfo>(&btf, "0")
                .map(|info| info.insn_off)
                .collect::<Vec<_>>(),
            [0, 16]
        );
        let line = ext.records::<LineInfo>(&btf, "0").next().expect("a line");
        assert_eq!((line.insn_off, line.line_num, line.col), (8, 7, 9));
        let reloc = ext
            .records::<CoreReloc>(&btf, "0")
            .next()
            .expect("a relocation");
        assert_eq!((reloc.insn_off, reloc.kind), (24, CoreRelocKind::TYPE_SIZE));

        let other = BtfBuilder::with_endian(endian).build().expect("built");
        assert!(message(ext.validate(&other)).contains("no readable string"));
    }
}

#[test]
fn what_is_wrong_says_where() {
    let good = write_ext(Endian::Little, 0, 0);
    assert_eq!(good.len(), 32 + 28 + 28 + 28);
    let with = |at: usize, byte: u8| {
        let mut changed = good.clone();
        changed[at] = byte;
        message(BtfExt::parse(changed))
    };
    let cases = [
        (
            with(0, 0),
            ".BTF.ext+0x0: this is no BTF: it starts with 0xeb00 instead of 0xeb9f",
        ),
        (
            with(32, 4),
            ".BTF.ext+0x20: function records have 4 bytes each; they need 8 at least, and a multiple of 4",
        ),
        (
            with(32, 10),
            ".BTF.ext+0x20: function records have 10 bytes each; they need 8 at least, and a multiple of 4",
        ),
        (
            with(40, 9),
            ".BTF.ext+0x2c: function records needs 72 bytes, and 16 are left",
        ),
        (
            with(52, 4),
            ".BTF.ext+0x34: one of the function records is for byte 4 of its section, where no instruction starts",
        ),
        (
            with(8, 2),
            ".BTF.ext+0x8: the function records start at 0x2, which is not a multiple of 4",
        ),
        (
            with(31, 1),
            ".BTF.ext+0x18: the CO-RE records reach from 0x58 to 0x1000074, and the section ends at 0x74",
        ),
        (
            with(12, 3),
            ".BTF.ext+0x20: the size of a record needs 4 bytes, and 3 are left",
        ),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
    assert_eq!(
        message(BtfExt::parse(good[..31].to_vec())),
        ".BTF.ext+0x4: the header needs 32 bytes, and 31 are left"
    );
}

#[test]
fn a_header_without_relocations_has_none() {
    let mut bytes = write_ext(Endian::Little, 0, 0);
    bytes[4] = 24;
    bytes.drain(24..32);
    let ext = BtfExt::parse(bytes).expect("parsed");
    assert_eq!(ext.sections::<LineInfo>().len(), 1);
    assert_eq!(ext.sections::<CoreReloc>().len(), 0);
}

#[test]
fn access_paths() {
    let path: AccessPath = "0:12:4294967295".parse().expect("a path");
    assert_eq!(path.steps(), [0, 12, u32::MAX]);
    assert_eq!(path.to_string(), "0:12:4294967295");
    let longest = vec!["1"; AccessPath::MAX_STEPS].join(":");
    assert!(longest.parse::<AccessPath>().is_ok());
    for bad in [
        "",
        ":",
        "0:",
        "+1",
        "-1",
        "0x1",
        "4294967296",
        " 1",
        &format!("{longest}:1"),
    ] {
        assert!(bad.parse::<AccessPath>().is_err(), "{bad:?}");
    }
    assert_eq!(
        message("0:a".parse::<AccessPath>()),
        ".BTF.ext+0x0: \"0:a\" is no access path: it should be up to 64 numbers with `:` between them"
    );
    assert_eq!(CoreRelocKind::ALL.len(), 13);
    assert_eq!(CoreRelocKind(99).to_string(), "CO-RE relocation 99");
}
