//! The parts of an opcode byte, as open newtypes with the kernel's names.
//!
//! Every type wraps the bits at the place where they stand in the byte, so parts combine with `|` as in C:
//! `Class::ALU64.0 | AluOp::ADD.0 | Source::REG.0` is `BPF_ALU64 | BPF_ADD | BPF_X`.

use core::fmt;

/// An open newtype over opcode bits with named values.
macro_rules! open {
    (
        $(#[$meta:meta])*
        $name:ident($int:ty) { $( $(#[$vmeta:meta])* $value:ident = $number:literal, $text:literal, $alias:literal; )* }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub $int);

        impl $name {
            $( $(#[$vmeta])* #[doc(alias = $alias)] pub const $value: Self = Self($number); )*

            /// Every value that has a name here, in numeric order of the kernel's definition.
            pub const ALL: &'static [Self] = &[$(Self::$value),*];

            /// The short lower-case name or operator of a known value.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $( $number => Some($text), )*
                    _ => None,
                }
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.0 {
                    $( $number => f.write_str(concat!(stringify!($name), "::", stringify!($value))), )*
                    other => write!(f, concat!(stringify!($name), "({:#x})"), other),
                }
            }
        }
    };
}

open! {
    /// The class of an instruction: the low three bits of the opcode.
    Class(u8) {
        /// Loads of immediates and of packet bytes.
        LD = 0x00, "ld", "BPF_LD";
        /// Loads from memory into a register.
        LDX = 0x01, "ldx", "BPF_LDX";
        /// Stores of an immediate.
        ST = 0x02, "st", "BPF_ST";
        /// Stores of a register, and atomic operations.
        STX = 0x03, "stx", "BPF_STX";
        /// Arithmetic on the low 32 bits; the high half of the result is zero.
        ALU = 0x04, "alu", "BPF_ALU";
        /// Jumps that compare 64 bits, calls and exit.
        JMP = 0x05, "jmp", "BPF_JMP";
        /// Jumps that compare the low 32 bits. Since Linux 5.1.
        JMP32 = 0x06, "jmp32", "BPF_JMP32";
        /// Arithmetic on 64 bits.
        ALU64 = 0x07, "alu64", "BPF_ALU64";
    }
}

open! {
    /// Where the second operand of arithmetic and jumps comes from: bit 3 of the opcode.
    Source(u8) {
        /// The `imm` field.
        IMM = 0x00, "imm", "BPF_K";
        /// The register in the `src` field.
        REG = 0x08, "reg", "BPF_X";
    }
}

open! {
    /// The operation of the classes `ALU` and `ALU64`: the high four bits of the opcode.
    AluOp(u8) {
        /// Wrapping addition.
        ADD = 0x00, "+=", "BPF_ADD";
        /// Wrapping subtraction.
        SUB = 0x10, "-=", "BPF_SUB";
        /// Wrapping multiplication.
        MUL = 0x20, "*=", "BPF_MUL";
        /// Division, unsigned unless `off` is 1; by zero gives 0.
        DIV = 0x30, "/=", "BPF_DIV";
        /// Bitwise or.
        OR = 0x40, "|=", "BPF_OR";
        /// Bitwise and.
        AND = 0x50, "&=", "BPF_AND";
        /// Shift left.
        LSH = 0x60, "<<=", "BPF_LSH";
        /// Logical shift right.
        RSH = 0x70, ">>=", "BPF_RSH";
        /// Two's complement negation.
        NEG = 0x80, "neg", "BPF_NEG";
        /// Remainder, unsigned unless `off` is 1; by zero leaves the destination as it is.
        MOD = 0x90, "%=", "BPF_MOD";
        /// Bitwise exclusive or.
        XOR = 0xa0, "^=", "BPF_XOR";
        /// Copy; with `off` 8, 16 or 32 a sign-extending copy (since Linux 6.6).
        MOV = 0xb0, "=", "BPF_MOV";
        /// Arithmetic shift right.
        ARSH = 0xc0, "s>>=", "BPF_ARSH";
        /// Byte order conversion or, in `ALU64`, an unconditional swap (since Linux 6.6).
        END = 0xd0, "end", "BPF_END";
    }
}

open! {
    /// The operation of the classes `JMP` and `JMP32`: the high four bits of the opcode.
    JmpOp(u8) {
        /// Unconditional jump.
        JA = 0x00, "goto", "BPF_JA";
        /// Equal.
        JEQ = 0x10, "==", "BPF_JEQ";
        /// Greater, unsigned.
        JGT = 0x20, ">", "BPF_JGT";
        /// Greater or equal, unsigned.
        JGE = 0x30, ">=", "BPF_JGE";
        /// Any common bit set.
        JSET = 0x40, "&", "BPF_JSET";
        /// Not equal.
        JNE = 0x50, "!=", "BPF_JNE";
        /// Greater, signed.
        JSGT = 0x60, "s>", "BPF_JSGT";
        /// Greater or equal, signed.
        JSGE = 0x70, "s>=", "BPF_JSGE";
        /// Call of a helper, of a function of the program or of a kernel function.
        CALL = 0x80, "call", "BPF_CALL";
        /// Return from the function.
        EXIT = 0x90, "exit", "BPF_EXIT";
        /// Less, unsigned. Since Linux 4.14.
        JLT = 0xa0, "<", "BPF_JLT";
        /// Less or equal, unsigned. Since Linux 4.14.
        JLE = 0xb0, "<=", "BPF_JLE";
        /// Less, signed. Since Linux 4.14.
        JSLT = 0xc0, "s<", "BPF_JSLT";
        /// Less or equal, signed. Since Linux 4.14.
        JSLE = 0xd0, "s<=", "BPF_JSLE";
        /// Jump that the kernel takes once its budget is used up (`may_goto`). Since Linux 6.9.
        JCOND = 0xe0, "may_goto", "BPF_JCOND";
    }
}

impl JmpOp {
    /// Whether this compares two operands: every operation but `goto`, `call`, `exit` and `may_goto`.
    #[must_use]
    pub const fn is_comparison(self) -> bool {
        self.name().is_some() && !matches!(self, Self::JA | Self::CALL | Self::EXIT | Self::JCOND)
    }
}

open! {
    /// The width of a memory access: bits 3 and 4 of the opcode of loads and stores.
    Size(u8) {
        /// 4 bytes.
        W = 0x00, "u32", "BPF_W";
        /// 2 bytes.
        H = 0x08, "u16", "BPF_H";
        /// 1 byte.
        B = 0x10, "u8", "BPF_B";
        /// 8 bytes.
        DW = 0x18, "u64", "BPF_DW";
    }
}

impl Size {
    /// The width in bytes: 1, 2, 4 or 8.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self.0 & 0x18 {
            0x00 => 4,
            0x08 => 2,
            0x10 => 1,
            _ => 8,
        }
    }
}

open! {
    /// The addressing mode of loads and stores: the high three bits of the opcode.
    Mode(u8) {
        /// A 64-bit immediate over two slots.
        IMM = 0x00, "imm", "BPF_IMM";
        /// Packet bytes at a constant offset (`skb[4]`), for socket filters.
        ABS = 0x20, "abs", "BPF_ABS";
        /// Packet bytes at a register's offset (`skb[r1 + 4]`), for socket filters.
        IND = 0x40, "ind", "BPF_IND";
        /// Memory at a register plus `off`.
        MEM = 0x60, "mem", "BPF_MEM";
        /// Memory at a register plus `off`, sign-extended. Since Linux 6.6.
        MEMSX = 0x80, "memsx", "BPF_MEMSX";
        /// Atomic operation on memory; `imm` says which one. Since Linux 5.12, the addition without fetch since 3.18.
        ATOMIC = 0xc0, "atomic", "BPF_ATOMIC";
    }
}

open! {
    /// The operation of an atomic instruction, kept in its `imm` field.
    AtomicOp(i32) {
        /// Add to memory.
        ADD = 0x00, "add", "BPF_ADD";
        /// Or into memory.
        OR = 0x40, "or", "BPF_OR";
        /// And into memory.
        AND = 0x50, "and", "BPF_AND";
        /// Exclusive or into memory.
        XOR = 0xa0, "xor", "BPF_XOR";
        /// Add to memory; the source register receives the old value.
        FETCH_ADD = 0x01, "fetch_add", "BPF_FETCH";
        /// Or into memory; the source register receives the old value.
        FETCH_OR = 0x41, "fetch_or", "BPF_FETCH";
        /// And into memory; the source register receives the old value.
        FETCH_AND = 0x51, "fetch_and", "BPF_FETCH";
        /// Exclusive or into memory; the source register receives the old value.
        FETCH_XOR = 0xa1, "fetch_xor", "BPF_FETCH";
        /// Exchange memory and the source register.
        XCHG = 0xe1, "xchg", "BPF_XCHG";
        /// Store the source register if memory equals `r0`; `r0` receives the old value.
        CMPXCHG = 0xf1, "cmpxchg", "BPF_CMPXCHG";
        /// Load with acquire ordering. Since Linux 6.15.
        LOAD_ACQ = 0x100, "load_acquire", "BPF_LOAD_ACQ";
        /// Store with release ordering. Since Linux 6.15.
        STORE_REL = 0x110, "store_release", "BPF_STORE_REL";
    }
}

/// The first byte of an instruction.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Opcode(pub u8);

impl Opcode {
    /// The first slot of a 64-bit immediate load, the only instruction of two slots.
    #[doc(alias = "BPF_LD_IMM64")]
    pub const LD_IMM64: Opcode = Opcode::load_store(Class::LD, Size::DW, Mode::IMM);
    /// Call with the target in `imm`.
    pub const CALL: Opcode = Opcode::jmp(Class::JMP, JmpOp::CALL, Source::IMM);
    /// Call of the address in the `dst` register, as LLVM prints and encodes it; no kernel accepts it so far.
    pub const CALLX: Opcode = Opcode::jmp(Class::JMP, JmpOp::CALL, Source::REG);
    /// Return.
    pub const EXIT: Opcode = Opcode::jmp(Class::JMP, JmpOp::EXIT, Source::IMM);
    /// Jump with a 16-bit distance in `off`.
    pub const GOTO: Opcode = Opcode::jmp(Class::JMP, JmpOp::JA, Source::IMM);
    /// Jump with a 32-bit distance in `imm`. Since Linux 6.6.
    pub const GOTOL: Opcode = Opcode::jmp(Class::JMP32, JmpOp::JA, Source::IMM);
    /// Jump to the address in the `dst` register, which came from an instruction array map. Since Linux 6.19.
    pub const GOTOX: Opcode = Opcode::jmp(Class::JMP, JmpOp::JA, Source::REG);
    /// Jump once the kernel's budget is used up. Since Linux 6.9.
    pub const MAY_GOTO: Opcode = Opcode::jmp(Class::JMP, JmpOp::JCOND, Source::IMM);

    /// An arithmetic opcode; `class` is [`Class::ALU`] or [`Class::ALU64`].
    #[must_use]
    pub const fn alu(class: Class, op: AluOp, source: Source) -> Opcode {
        Opcode(class.0 | op.0 | source.0)
    }

    /// A jump opcode; `class` is [`Class::JMP`] or [`Class::JMP32`].
    #[must_use]
    pub const fn jmp(class: Class, op: JmpOp, source: Source) -> Opcode {
        Opcode(class.0 | op.0 | source.0)
    }

    /// A load or store opcode; `class` is one of the four below [`Class::ALU`].
    #[must_use]
    pub const fn load_store(class: Class, size: Size, mode: Mode) -> Opcode {
        Opcode(class.0 | size.0 | mode.0)
    }

    /// The class.
    #[must_use]
    pub const fn class(self) -> Class {
        Class(self.0 & 0x07)
    }

    /// Where the second operand of arithmetic and jumps comes from.
    #[must_use]
    pub const fn source(self) -> Source {
        Source(self.0 & 0x08)
    }

    /// The operation, read as one of arithmetic.
    #[must_use]
    pub const fn alu_op(self) -> AluOp {
        AluOp(self.0 & 0xf0)
    }

    /// The operation, read as one of a jump.
    #[must_use]
    pub const fn jmp_op(self) -> JmpOp {
        JmpOp(self.0 & 0xf0)
    }

    /// The width, read as that of a load or store.
    #[must_use]
    pub const fn size(self) -> Size {
        Size(self.0 & 0x18)
    }

    /// The addressing mode, read as that of a load or store.
    #[must_use]
    pub const fn mode(self) -> Mode {
        Mode(self.0 & 0xe0)
    }

    /// Whether the class is [`Class::ALU`] or [`Class::ALU64`].
    #[must_use]
    pub const fn is_alu(self) -> bool {
        matches!(self.class(), Class::ALU | Class::ALU64)
    }

    /// Whether the class is [`Class::JMP`] or [`Class::JMP32`]: jumps, calls and exit.
    #[must_use]
    pub const fn is_jmp(self) -> bool {
        matches!(self.class(), Class::JMP | Class::JMP32)
    }
}

impl fmt::Debug for Opcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opcode({:#04x})", self.0)
    }
}
