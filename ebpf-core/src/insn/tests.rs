//! Bytes, text and meaning of instructions against each other.

use super::*;

/// Small seeded generator; `TEST_SEED` repeats a run.
struct Rng(u64);

impl Rng {
    fn new() -> Rng {
        let seed = std::env::var("TEST_SEED")
            .ok()
            .and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or(1);
        println!("TEST_SEED={seed}");
        Rng(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 11) as usize % limit
    }

    fn pick<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())]
    }

    /// A slot of random bytes.
    fn slot(&mut self) -> Insn {
        Insn::from_bytes(self.next().to_le_bytes(), Endian::Little)
    }

    /// A slot whose fields have values that mean something, more often than not.
    fn likely(&mut self) -> Insn {
        let random = self.slot();
        let small = self.below(16) as i16 - 4;
        let atomic = self.pick(AtomicOp::ALL).0;
        Insn {
            code: random.code,
            dst: Reg(self.pick(&[0, 0, 1, 5, 10, random.dst.0])),
            src: Reg(self.pick(&[0, 0, 0, 1, 2, 3, random.src.0])),
            off: self.pick(&[0, 0, 0, 1, 8, 16, 32, small, random.off]),
            imm: self.pick(&[0, 0, 0, 1, 16, 32, 64, 1 << 16, atomic, random.imm]),
        }
    }

    /// A program of such slots, with second halves behind wide ones.
    fn program(&mut self, slots: usize) -> Vec<Insn> {
        let mut program = Vec::new();
        while program.len() < slots {
            let insn = self.likely();
            program.push(insn);
            if insn.is_wide() {
                program.push(Insn {
                    code: Opcode(0),
                    dst: Reg(0),
                    src: Reg(0),
                    off: 0,
                    ..self.likely()
                });
            }
        }
        program
    }
}

/// Instruction, little-endian bytes, text. Bytes as `llvm-objdump` 19 shows them for the text; those of the forms that it
/// does not know as `include/uapi/linux/bpf.h` defines them.
const FORMS: &[(&str, [u8; 8])] = &[
    (
        "r1 = addr_space_cast(r1, 0, 1)",
        [0xbf, 0x11, 1, 0, 1, 0, 0, 0],
    ),
    (
        "r1 = addr_space_cast(r1, 1, 0)",
        [0xbf, 0x11, 1, 0, 0, 0, 1, 0],
    ),
    ("may_goto +1", [0xe5, 0, 1, 0, 0, 0, 0, 0]),
    ("may_goto -1", [0xe5, 0, 0xff, 0xff, 0, 0, 0, 0]),
    ("r0 = -r0", [0x87, 0, 0, 0, 0, 0, 0, 0]),
    ("w0 = -w0", [0x84, 0, 0, 0, 0, 0, 0, 0]),
    ("r0 = bswap16 r0", [0xd7, 0, 0, 0, 0x10, 0, 0, 0]),
    ("r0 = be64 r0", [0xdc, 0, 0, 0, 0x40, 0, 0, 0]),
    ("r0 = le16 r0", [0xd4, 0, 0, 0, 0x10, 0, 0, 0]),
    ("r1 s/= r2", [0x3f, 0x21, 1, 0, 0, 0, 0, 0]),
    ("w1 s%= 5", [0x94, 1, 1, 0, 5, 0, 0, 0]),
    ("r1 = (s8)r2", [0xbf, 0x21, 8, 0, 0, 0, 0, 0]),
    ("w1 = (s16)w2", [0xbc, 0x21, 0x10, 0, 0, 0, 0, 0]),
    ("r1 = (s32)r2", [0xbf, 0x21, 0x20, 0, 0, 0, 0, 0]),
    ("r1 = *(s8 *)(r2 + 4)", [0x91, 0x21, 4, 0, 0, 0, 0, 0]),
    (
        "r1 = *(u32 *)(r2 - 4)",
        [0x61, 0x21, 0xfc, 0xff, 0, 0, 0, 0],
    ),
    ("*(u32 *)(r1 + 0) = 5", [0x62, 1, 0, 0, 5, 0, 0, 0]),
    (
        "*(u64 *)(r1 + 0) = -5",
        [0x7a, 1, 0, 0, 0xfb, 0xff, 0xff, 0xff],
    ),
    ("*(u32 *)(r1 + 0) = r3", [0x63, 0x31, 0, 0, 0, 0, 0, 0]),
    ("*(u64 *)(r1 + 0) = r3", [0x7b, 0x31, 0, 0, 0, 0, 0, 0]),
    (
        "lock *(u64 *)(r1 + 0) += r2",
        [0xdb, 0x21, 0, 0, 0, 0, 0, 0],
    ),
    (
        "lock *(u32 *)(r1 + 0) ^= w2",
        [0xc3, 0x21, 0, 0, 0xa0, 0, 0, 0],
    ),
    (
        "r2 = atomic_fetch_add((u64 *)(r1 + 8), r2)",
        [0xdb, 0x21, 8, 0, 1, 0, 0, 0],
    ),
    (
        "w2 = atomic_fetch_or((u32 *)(r1 + 8), w2)",
        [0xc3, 0x21, 8, 0, 0x41, 0, 0, 0],
    ),
    (
        "r2 = xchg_64(r1 + 8, r2)",
        [0xdb, 0x21, 8, 0, 0xe1, 0, 0, 0],
    ),
    (
        "w2 = xchg32_32(r1 + 8, w2)",
        [0xc3, 0x21, 8, 0, 0xe1, 0, 0, 0],
    ),
    (
        "r0 = cmpxchg_64(r1 + 8, r0, r2)",
        [0xdb, 0x21, 8, 0, 0xf1, 0, 0, 0],
    ),
    (
        "w0 = cmpxchg32_32(r1 + 8, w0, w2)",
        [0xc3, 0x21, 8, 0, 0xf1, 0, 0, 0],
    ),
    (
        "w2 = load_acquire((u8 *)(r1 + 8))",
        [0xd3, 0x12, 8, 0, 0, 1, 0, 0],
    ),
    (
        "store_release((u64 *)(r1 + 8), r2)",
        [0xdb, 0x21, 8, 0, 0x10, 1, 0, 0],
    ),
    ("r0 = *(u8 *)skb[4]", [0x30, 0, 0, 0, 4, 0, 0, 0]),
    ("r0 = *(u16 *)skb[r1]", [0x48, 0x10, 0, 0, 0, 0, 0, 0]),
    (
        "r0 = *(u16 *)skb[r1 - 2]",
        [0x48, 0x10, 0, 0, 0xfe, 0xff, 0xff, 0xff],
    ),
    ("call 12", [0x85, 0, 0, 0, 12, 0, 0, 0]),
    ("call pc-3", [0x85, 0x10, 0, 0, 0xfd, 0xff, 0xff, 0xff]),
    ("call kfunc#77", [0x85, 0x20, 0, 0, 77, 0, 0, 0]),
    ("call kfunc#77 in 2", [0x85, 0x20, 2, 0, 77, 0, 0, 0]),
    ("callx r3", [0x8d, 3, 0, 0, 0, 0, 0, 0]),
    ("goto +3", [5, 0, 3, 0, 0, 0, 0, 0]),
    ("gotol +3", [6, 0, 0, 0, 3, 0, 0, 0]),
    ("gotox r4", [0x0d, 4, 0, 0, 0, 0, 0, 0]),
    ("exit", [0x95, 0, 0, 0, 0, 0, 0, 0]),
    ("if r1 == 5 goto +1", [0x15, 1, 1, 0, 5, 0, 0, 0]),
    (
        "if w1 s> -5 goto -1",
        [0x66, 1, 0xff, 0xff, 0xfb, 0xff, 0xff, 0xff],
    ),
    ("if r1 & r2 goto +1", [0x4d, 0x21, 1, 0, 0, 0, 0, 0]),
    ("if r1 & 4 goto +1", [0x45, 1, 1, 0, 4, 0, 0, 0]),
    ("r1 = 5", [0xb7, 1, 0, 0, 5, 0, 0, 0]),
    ("w1 = -5", [0xb4, 1, 0, 0, 0xfb, 0xff, 0xff, 0xff]),
    ("r1 += 2147483647", [7, 1, 0, 0, 0xff, 0xff, 0xff, 0x7f]),
    ("r1 s>>= 3", [0xc7, 1, 0, 0, 3, 0, 0, 0]),
];

/// Both slots of 64-bit immediate loads, by text.
fn wide_forms() -> [(&'static str, [Insn; 2]); 10] {
    let pseudo = |kind, value| Insn::ld_imm64_pseudo(Reg::R1, kind, value);
    [
        (
            "r1 = 0x123456789a ll",
            Insn::ld_imm64(Reg::R1, 0x12_3456_789a),
        ),
        (
            "r1 = 0xffffffffffffffff ll",
            Insn::ld_imm64(Reg::R1, u64::MAX),
        ),
        ("r1 = map_by_fd(5)", Insn::ld_map_fd(Reg::R1, 5)),
        ("r1 = map_by_fd(-1)", Insn::ld_map_fd(Reg::R1, -1)),
        (
            "r1 = map_val(map_by_fd(5)) + 16",
            Insn::ld_map_value(Reg::R1, 5, 16),
        ),
        ("r1 = map_by_idx(0)", pseudo(Pseudo::MAP_IDX, 0)),
        (
            "r1 = map_val(map_by_idx(1)) + 4294967295",
            pseudo(Pseudo::MAP_IDX_VALUE, 0xffff_ffff_0000_0001),
        ),
        ("r1 = var_addr(9)", pseudo(Pseudo::BTF_ID, 9)),
        ("r1 = var_addr(9, 3)", pseudo(Pseudo::BTF_ID, 3 << 32 | 9)),
        ("r1 = code_addr(pc+7)", Insn::ld_func(Reg::R1, 7)),
    ]
}

fn only(insns: &[Insn]) -> Step {
    walk(insns).next().expect("one step").expect("a whole step")
}

#[test]
fn every_form_has_its_bytes_and_text() {
    for (text, bytes) in FORMS {
        let insn = Insn::from_bytes(*bytes, Endian::Little);
        assert_eq!(only(&[insn]).to_string(), *text);
        assert_eq!(assemble(text), Ok(vec![insn]), "{text}");
    }
    for (text, slots) in wide_forms() {
        assert_eq!(only(&slots).to_string(), text);
        assert_eq!(assemble(text), Ok(slots.to_vec()), "{text}");
    }
}

#[test]
fn other_spellings_are_read() {
    for (spelled, printed) in [
        ("w1 = *(u32*)(r2+0x4) // comment", "r1 = *(u32 *)(r2 + 4)"),
        ("*(u8 *)(r1 - 0x1)=w3", "*(u8 *)(r1 - 1) = r3"),
        ("  12: r1=-0x5 ; comment", "r1 = -5"),
        ("w1 = 0xffffffff", "w1 = -1"),
        ("r1 = -1 ll", "r1 = 0xffffffffffffffff ll"),
        ("goto pc+3", "goto +3"),
        ("if r1 s<= 0x10 goto pc-0x2", "if r1 s<= 16 goto -2"),
        ("call bpf_map_lookup_elem#1", "call 1"),
        ("call bpf_map_lookup_elem", "call 1"),
        ("call 0xc", "call 12"),
        (
            "r1 = map_val(map_by_fd(5))",
            "r1 = map_val(map_by_fd(5)) + 0",
        ),
    ] {
        let insns = assemble(spelled).unwrap_or_else(|error| panic!("{spelled}: {error}"));
        assert_eq!(only(&insns).to_string(), printed);
    }
}

#[test]
fn errors_say_where_and_what() {
    for (text, message) in [
        (
            "exit\n  frob r1",
            "line 2, column 3: expected an instruction, found `frob`",
        ),
        (
            "r1",
            "line 1, column 3: expected an operator, found `end of line`",
        ),
        (
            "r11 = 1",
            "line 1, column 1: expected an instruction, found `r11`",
        ),
        (
            "r1 = w2",
            "line 1, column 6: expected a value of the same width, found `w2`",
        ),
        (
            "r1 = 0x80000000",
            "line 1, column 6: 2147483648 does not fit a signed 32-bit immediate",
        ),
        (
            "goto +32768",
            "line 1, column 6: 32768 does not fit a 16-bit distance",
        ),
        (
            "r1 = *(u32 *)(r2 + 40000)",
            "line 1, column 18: 40000 does not fit a 16-bit offset",
        ),
        (
            "goto nowhere",
            "line 1, column 6: there is no label `nowhere`",
        ),
        (
            "call nobody",
            "line 1, column 6: there is no helper or label `nobody`",
        ),
        (
            "a:\na: exit",
            "line 2, column 1: label `a` is defined twice",
        ),
        (
            "r1 = 99999999999999999999",
            "line 1, column 6: `99999999999999999999` is not a number of at most 64 bits",
        ),
        (
            "exit exit",
            "line 1, column 6: expected the end of the line, found `exit`",
        ),
        (
            "r0 = be32 r1",
            "line 1, column 11: expected the register on the left, found `r1`",
        ),
        (
            ".insn 12 3",
            "line 1, column 1: expected eight bytes of two hexadecimal digits, found `12 3`",
        ),
        ("ü", "line 1, column 1: expected an instruction, found `ü`"),
    ] {
        assert_eq!(
            assemble(text).map_err(|error| error.to_string()),
            Err(message.to_owned())
        );
    }
}

#[test]
fn invalid_slots_say_why() {
    let exit = Insn::exit();
    let reason = |insn: Insn| {
        Step {
            index: 0,
            insn,
            second: None,
        }
        .operation()
        .unwrap_err()
        .to_string()
    };
    let unknown = Insn {
        code: Opcode(0xff),
        ..exit
    };
    assert_eq!(reason(unknown), "unknown opcode 0xff");
    assert_eq!(
        reason(Insn { imm: 1, ..exit }),
        "reserved field `imm` is not zero"
    );
    assert_eq!(
        reason(Insn::mov_reg(Reg(11), Reg::R0)),
        "register r11 does not exist"
    );
    assert_eq!(
        reason(Insn {
            off: 3,
            ..Insn::mov_reg(Reg::R1, Reg::R0)
        }),
        "no variant 3 of this operation"
    );
    assert_eq!(
        reason(Insn::atomic(AtomicOp(2), Size::DW, Reg::R1, 0, Reg::R2)),
        "unknown atomic operation 0x2"
    );
    assert_eq!(
        reason(Insn::atomic(AtomicOp::ADD, Size::B, Reg::R1, 0, Reg::R2)),
        "unknown opcode 0xd3"
    );
    assert_eq!(
        reason(Insn {
            src: Reg(3),
            ..Insn::call_helper(1)
        }),
        "unknown kind 3 of call"
    );
    assert_eq!(
        reason(Insn::ld_imm64(Reg::R1, 1)[0]),
        "64-bit immediate load without its second half"
    );
    let pair = Insn::ld_imm64_pseudo(Reg::R1, Pseudo(7), 1);
    assert_eq!(only(&pair).operation(), Err(InvalidInsn::Pseudo(7)));
    assert_eq!(
        disassemble(&[unknown], &Annotations::default()).to_string(),
        "   0: .insn ff 00 00 00 00 00 00 00 ; unknown opcode 0xff\n"
    );
}

#[test]
fn a_program_is_printed_with_what_is_known() {
    let [map, map_high] = Insn::ld_map_fd(Reg::R1, 0);
    let program = [
        map,
        map_high,
        Insn::call_helper(1),
        Insn::jmp_imm(JmpOp::JEQ, Reg::R0, 0, 2),
        Insn::mov_imm(Reg::R1, 4),
        Insn::call_local(1),
        Insn::exit(),
        Insn::alu64_imm(AluOp::LSH, Reg::R1, 1),
        Insn::exit(),
    ];
    let annotations = Annotations {
        functions: [(0, "main".into()), (7, "double it".into())].into(),
        references: [(0, "map counters".into())].into(),
        lines: [(
            4,
            SourceLine {
                file: "a.c".into(),
                line: 12,
                text: "\tx =\ndouble(4);".into(),
            },
        )]
        .into(),
    };
    let text = disassemble(&program, &annotations).to_string();
    let expected = "\
main:
   0: r1 = map_by_fd(0) ; map counters
   2: call bpf_map_lookup_elem#1
   3: if r0 == 0 goto L6
; a.c:12: x = double(4);
   4: r1 = 4
   5: call F7
L6:
   6: exit
F7: ; double it
   7: r1 <<= 1
   8: exit
";
    assert_eq!(text, expected);
    assert_eq!(assemble(&text), Ok(program.to_vec()));
}

#[test]
fn fields_have_their_place_in_either_order() {
    let zero = [0; 8];
    assert_eq!(
        Insn::from_bytes(zero, Endian::Little).to_bytes(Endian::Little),
        zero
    );
    let insn = Insn {
        code: Opcode(1),
        dst: Reg(0xb),
        src: Reg(0xa),
        off: 0xccdd_u16 as i16,
        imm: 0x0102_0304,
    };
    assert_eq!(
        insn.to_bytes(Endian::Little),
        [1, 0xab, 0xdd, 0xcc, 4, 3, 2, 1]
    );
    assert_eq!(
        insn.to_bytes(Endian::Big),
        [1, 0xba, 0xcc, 0xdd, 1, 2, 3, 4]
    );
}

#[test]
fn bytes_survive_both_orders() {
    let mut rng = Rng::new();
    for _ in 0..20_000 {
        let bytes = rng.next().to_le_bytes();
        for endian in [Endian::Little, Endian::Big] {
            assert_eq!(Insn::from_bytes(bytes, endian).to_bytes(endian), bytes);
        }
    }
    let program = rng.program(100);
    let bytes = encode(&program, Endian::Big);
    assert_eq!(decode(&bytes, Endian::Big), Ok(program));
    assert_eq!(
        decode(&bytes[..9], Endian::Big),
        Err(DecodeError::Length { bytes: 9 })
    );
}

#[test]
fn operations_survive_slots_and_text() {
    let mut rng = Rng::new();
    let mut valid = 0;
    for _ in 0..50_000 {
        let insns = rng.program(1);
        let step = only(&insns);
        let Ok(operation) = step.operation() else {
            continue;
        };
        valid += 1;
        assert_eq!(
            operation.to_insns(),
            (step.insn, step.second),
            "{operation:?}"
        );
        assert_eq!(assemble(&operation.to_string()), Ok(insns), "{operation}");
    }
    assert!(valid > 2_000, "{valid}");
}

#[test]
fn any_program_survives_text() {
    let mut rng = Rng::new();
    for round in 0..2_000 {
        let slots = rng.below(40);
        let mut program = match round % 2 {
            0 => rng.program(slots),
            _ => (0..slots).map(|_| rng.slot()).collect(),
        };
        if round % 5 == 0 {
            program.push(Insn::ld_imm64(Reg::R1, 1)[0]);
        }
        let mut annotations = Annotations::default();
        for (slot, name) in [
            (0, "main"),
            (3, "L4"),
            (4, "main"),
            (6, "bpf_map_lookup_elem"),
            (9, "a b"),
            (99, "far"),
        ] {
            annotations.functions.insert(slot, name.into());
            annotations.references.insert(slot, "with\nnewline".into());
        }
        let text = disassemble(&program, &annotations).to_string();
        assert_eq!(assemble(&text), Ok(program), "{text}");
    }
}

#[test]
fn any_text_is_a_program_or_an_error() {
    let mut rng = Rng::new();
    let pieces = [
        "r1",
        "w0",
        "=",
        "*",
        "(",
        "u32",
        ")",
        "+",
        "-",
        "4",
        "0x",
        "skb",
        "[",
        "]",
        ":",
        "#",
        "call",
        "if",
        "goto",
        "lock",
        "ll",
        "pc",
        "kfunc",
        ",",
        "xchg_64",
        "map_val",
        "map_by_fd",
        "s8",
        "be16",
        ".insn",
        "ff",
        "\n",
        ";",
        "ß",
        "s>",
        "&",
        "atomic_fetch_add",
        "load_acquire",
        "in",
        "code_addr",
        "r10",
        "/",
    ];
    for _ in 0..20_000 {
        let text: String = (0..rng.below(12))
            .flat_map(|_| [rng.pick(&pieces), " "])
            .collect();
        if let Ok(insns) = assemble(&text) {
            assert_eq!(
                assemble(&disassemble(&insns, &Annotations::default()).to_string()),
                Ok(insns),
                "{text}"
            );
        }
    }
}

#[test]
fn steps_keep_pairs_together() {
    let [first, second] = Insn::ld_imm64(Reg::R2, u64::MAX - 1);
    let program = [Insn::exit(), first, second, first];
    let steps: Vec<_> = walk(&program).collect();
    let pair = Step {
        index: 1,
        insn: first,
        second: Some(second),
    };
    assert_eq!(steps[1], Ok(pair));
    assert_eq!(pair.imm64(), Some(u64::MAX - 1));
    assert_eq!(steps[2], Err(DecodeError::TruncatedWide { index: 3 }));
    assert_eq!(steps.len(), 3);
    assert_eq!(first.with_imm64(second, 7), Insn::ld_imm64(Reg::R2, 7));
}

#[test]
fn targets_count_from_the_next_slot() {
    assert_eq!(Insn::goto(-1).jump_target(5), Some(5));
    assert_eq!(Insn::gotol(100_000).jump_target(5), Some(100_006));
    assert_eq!(Insn::goto(-7).jump_target(5), None);
    assert_eq!(Insn::gotol(i32::MAX).jump_target(usize::MAX), None);
    assert_eq!(Insn::exit().jump_target(5), None);
    assert_eq!(Insn::call_helper(5).jump_target(5), None);
    assert_eq!(
        Insn::jmp32_imm(JmpOp::JNE, Reg::R1, 0, 4).jump_target(0),
        Some(5)
    );
    assert_eq!(Insn::call_local(2).func_target(1), Some(4));
    assert_eq!(Insn::ld_func(Reg::R1, 2)[0].func_target(1), Some(4));
    assert_eq!(Insn::call_helper(2).func_target(1), None);
    assert_eq!(Insn::call_kfunc(9, 1).is_call_kfunc(), Some(9));
}

#[test]
fn helpers_have_names() {
    assert_eq!(helper_name(1), Some("bpf_map_lookup_elem"));
    assert_eq!(helper_name(211), Some("bpf_cgrp_storage_delete"));
    assert_eq!(
        (helper_name(0), helper_name(212), helper_name(u32::MAX)),
        (None, None, None)
    );
    assert_eq!(helper_id("bpf_redirect_map"), helper_id("redirect_map"));
    for id in 1..212 {
        assert_eq!(helper_name(id).and_then(helper_id), Some(id));
    }
    assert_eq!(
        (helper_id("unspec"), helper_id("bpf_nothing")),
        (None, None)
    );
}

#[test]
fn numbers_are_those_of_the_headers() {
    use ebpf_sys as sys;
    for (ours, theirs) in [
        (Class::LD.0, sys::BPF_LD),
        (Class::LDX.0, sys::BPF_LDX),
        (Class::ST.0, sys::BPF_ST),
        (Class::STX.0, sys::BPF_STX),
        (Class::ALU.0, sys::BPF_ALU),
        (Class::JMP.0, sys::BPF_JMP),
        (Class::JMP32.0, sys::BPF_JMP32),
        (Class::ALU64.0, sys::BPF_ALU64),
        (Source::IMM.0, sys::BPF_K),
        (Source::REG.0, sys::BPF_X),
        (AluOp::ADD.0, sys::BPF_ADD),
        (AluOp::SUB.0, sys::BPF_SUB),
        (AluOp::MUL.0, sys::BPF_MUL),
        (AluOp::DIV.0, sys::BPF_DIV),
        (AluOp::OR.0, sys::BPF_OR),
        (AluOp::AND.0, sys::BPF_AND),
        (AluOp::LSH.0, sys::BPF_LSH),
        (AluOp::RSH.0, sys::BPF_RSH),
        (AluOp::NEG.0, sys::BPF_NEG),
        (AluOp::MOD.0, sys::BPF_MOD),
        (AluOp::XOR.0, sys::BPF_XOR),
        (AluOp::MOV.0, sys::BPF_MOV),
        (AluOp::ARSH.0, sys::BPF_ARSH),
        (AluOp::END.0, sys::BPF_END),
        (JmpOp::JA.0, sys::BPF_JA),
        (JmpOp::JEQ.0, sys::BPF_JEQ),
        (JmpOp::JGT.0, sys::BPF_JGT),
        (JmpOp::JGE.0, sys::BPF_JGE),
        (JmpOp::JSET.0, sys::BPF_JSET),
        (JmpOp::JNE.0, sys::BPF_JNE),
        (JmpOp::JSGT.0, sys::BPF_JSGT),
        (JmpOp::JSGE.0, sys::BPF_JSGE),
        (JmpOp::CALL.0, sys::BPF_CALL),
        (JmpOp::EXIT.0, sys::BPF_EXIT),
        (JmpOp::JLT.0, sys::BPF_JLT),
        (JmpOp::JLE.0, sys::BPF_JLE),
        (JmpOp::JSLT.0, sys::BPF_JSLT),
        (JmpOp::JSLE.0, sys::BPF_JSLE),
        (JmpOp::JCOND.0, sys::BPF_JCOND),
        (Size::W.0, sys::BPF_W),
        (Size::H.0, sys::BPF_H),
        (Size::B.0, sys::BPF_B),
        (Size::DW.0, sys::BPF_DW),
        (Mode::IMM.0, sys::BPF_IMM),
        (Mode::ABS.0, sys::BPF_ABS),
        (Mode::IND.0, sys::BPF_IND),
        (Mode::MEM.0, sys::BPF_MEM),
        (Mode::MEMSX.0, sys::BPF_MEMSX),
        (Mode::ATOMIC.0, sys::BPF_ATOMIC),
        (Pseudo::MAP_FD.0, sys::BPF_PSEUDO_MAP_FD),
        (Pseudo::MAP_VALUE.0, sys::BPF_PSEUDO_MAP_VALUE),
        (Pseudo::BTF_ID.0, sys::BPF_PSEUDO_BTF_ID),
        (Pseudo::FUNC.0, sys::BPF_PSEUDO_FUNC),
        (Pseudo::MAP_IDX.0, sys::BPF_PSEUDO_MAP_IDX),
        (Pseudo::MAP_IDX_VALUE.0, sys::BPF_PSEUDO_MAP_IDX_VALUE),
        (CallKind::LOCAL.0, sys::BPF_PSEUDO_CALL),
        (CallKind::KFUNC.0, sys::BPF_PSEUDO_KFUNC_CALL),
    ] {
        assert_eq!(u32::from(ours), theirs);
    }
    for (ours, theirs) in [
        (AtomicOp::ADD, sys::BPF_ADD),
        (AtomicOp::FETCH_OR, sys::BPF_OR | sys::BPF_FETCH),
        (AtomicOp::FETCH_AND, sys::BPF_AND | sys::BPF_FETCH),
        (AtomicOp::FETCH_XOR, sys::BPF_XOR | sys::BPF_FETCH),
        (AtomicOp::XCHG, sys::BPF_XCHG),
        (AtomicOp::CMPXCHG, sys::BPF_CMPXCHG),
        (AtomicOp::LOAD_ACQ, sys::BPF_LOAD_ACQ),
        (AtomicOp::STORE_REL, sys::BPF_STORE_REL),
    ] {
        assert_eq!(ours.0 as u32, theirs);
    }
    assert_eq!(size_of::<sys::bpf_insn>(), Insn::SIZE);
}

/// The headers number every helper once, and have no other.
#[test]
fn helper_names_are_those_of_the_headers() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../ebpf-sys/src/bindings.rs");
    let bindings = std::fs::read_to_string(path).expect("the bindings beside this crate");
    let constants = bindings.lines().filter_map(|line| {
        let (name, rest) = line
            .trim()
            .strip_prefix("pub const BPF_FUNC_")?
            .split_once(": bpf_func_id")?;
        let id: u32 = rest.split(['(', ')']).nth(1)?.parse().ok()?;
        Some((id, name))
    });
    let mut count = 0;
    for (id, name) in constants.filter(|&(id, _)| id != 0) {
        assert_eq!(
            helper_name(id).and_then(|name| name.strip_prefix("bpf_")),
            Some(name)
        );
        count += 1;
    }
    assert_eq!(count, 211);
}
