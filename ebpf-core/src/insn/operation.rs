//! What an instruction does: the form between bytes and text.
//!
//! [`Step::operation`](super::Step::operation) makes it of slots, [`Operation::to_insns`] slots of it, and its `Display`
//! is the text.

use super::{AluOp, AtomicOp, Class, Insn, JmpOp, Mode, Opcode, Pseudo, Reg, Size, Source};

/// The meaning of one valid instruction. Distances are in slots and count from the slot after the instruction's first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// `dst op= operand`; a plain copy for [`AluOp::MOV`].
    Alu {
        /// 32 or 64 bits.
        width: Width,
        /// Any but [`AluOp::NEG`] and [`AluOp::END`].
        op: AluOp,
        /// Signed division or remainder. Since Linux 6.6.
        signed: bool,
        /// The left operand and the result.
        dst: Reg,
        /// The right operand.
        operand: Operand,
    },
    /// `dst = -dst`.
    Neg {
        /// 32 or 64 bits.
        width: Width,
        /// The operand and the result.
        dst: Reg,
    },
    /// `dst = (s8)src`: a copy that extends the sign of the low `bits`. Since Linux 6.6.
    MovSx {
        /// Bits of the result.
        width: Width,
        /// 8, 16, or for a 64-bit result 32.
        bits: u8,
        /// The result.
        dst: Reg,
        /// The operand.
        src: Reg,
    },
    /// `dst = addr_space_cast(src, to, from)`, for arena pointers. Since Linux 6.9.
    #[doc(alias = "BPF_ADDR_SPACE_CAST")]
    AddrSpaceCast {
        /// The result.
        dst: Reg,
        /// The pointer.
        src: Reg,
        /// Address space of the result; 1 is the arena.
        to: u16,
        /// Address space of the pointer.
        from: u16,
    },
    /// `dst = be16 dst`: byte order of the low `bits`, the rest of the result zero.
    ByteOrder {
        /// Which conversion.
        order: ByteOrder,
        /// 16, 32 or 64.
        bits: u8,
        /// The operand and the result.
        dst: Reg,
    },
    /// `dst = *(u32 *)(base + off)`.
    Load {
        /// Width of the access.
        size: Size,
        /// Extend the sign instead of zeros. Since Linux 6.6.
        signed: bool,
        /// The result.
        dst: Reg,
        /// Base address.
        base: Reg,
        /// Displacement in bytes.
        off: i16,
    },
    /// `*(u32 *)(base + off) = value`.
    Store {
        /// Width of the access.
        size: Size,
        /// Base address.
        base: Reg,
        /// Displacement in bytes.
        off: i16,
        /// What is stored.
        value: Operand,
    },
    /// A read-modify-write operation.
    Atomic {
        /// Any but [`AtomicOp::LOAD_ACQ`] and [`AtomicOp::STORE_REL`].
        op: AtomicOp,
        /// 4 or 8 bytes.
        size: Size,
        /// Base address.
        base: Reg,
        /// Displacement in bytes.
        off: i16,
        /// The operand, which receives the old value of operations that fetch.
        src: Reg,
    },
    /// `dst = load_acquire((u32 *)(base + off))`. Since Linux 6.15.
    #[doc(alias = "BPF_LOAD_ACQ")]
    LoadAcquire {
        /// Width of the access.
        size: Size,
        /// The result.
        dst: Reg,
        /// Base address.
        base: Reg,
        /// Displacement in bytes.
        off: i16,
    },
    /// `store_release((u32 *)(base + off), src)`. Since Linux 6.15.
    #[doc(alias = "BPF_STORE_REL")]
    StoreRelease {
        /// Width of the access.
        size: Size,
        /// Base address.
        base: Reg,
        /// Displacement in bytes.
        off: i16,
        /// What is stored.
        src: Reg,
    },
    /// `r0 = *(u16 *)skb[index + off]`: packet bytes in network order, with the context in r6.
    #[doc(alias("BPF_LD_ABS", "BPF_LD_IND"))]
    PacketLoad {
        /// 1, 2 or 4 bytes.
        size: Size,
        /// Added to `off`.
        index: Option<Reg>,
        /// Offset in bytes; negative ones reach special areas.
        off: i32,
    },
    /// `dst = value ll`, or what `kind` makes of the value. The only operation of two slots.
    #[doc(alias = "BPF_LD_IMM64")]
    LoadImm64 {
        /// The result.
        dst: Reg,
        /// What the value stands for.
        kind: Pseudo,
        /// Both halves.
        value: u64,
    },
    /// `goto off`, or `gotol off` with 32 bits of distance.
    Goto {
        /// The distance.
        off: i32,
        /// Whether it is `gotol`. Since Linux 6.6. Otherwise `off` fits 16 bits.
        long: bool,
    },
    /// `gotox dst`. Since Linux 6.19.
    GotoReg {
        /// The address.
        dst: Reg,
    },
    /// `may_goto off`. Since Linux 6.9.
    MayGoto {
        /// The distance.
        off: i16,
    },
    /// `if dst op operand goto off`.
    JumpIf {
        /// Bits compared.
        width: Width,
        /// The comparison.
        op: JmpOp,
        /// The left operand.
        dst: Reg,
        /// The right operand.
        operand: Operand,
        /// The distance.
        off: i16,
    },
    /// `call id`: a helper.
    CallHelper {
        /// Its number.
        id: u32,
    },
    /// `call pc+off`: a function of the program.
    CallLocal {
        /// The distance.
        off: i32,
    },
    /// `call kfunc#btf_id`: a kernel function.
    CallKfunc {
        /// Its BTF type id.
        btf_id: u32,
        /// 0 for the kernel's BTF, else the place of a module's BTF in the load command's `fd_array`.
        module: i16,
    },
    /// `callx dst`: what LLVM emits for a call through a pointer; no kernel accepts it so far.
    CallReg {
        /// The address.
        dst: Reg,
    },
    /// `exit`.
    Exit,
}

/// Bits an operation works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Width {
    /// The low half of registers (`w1`); a result has a zero high half.
    W32,
    /// Whole registers (`r1`).
    W64,
}

/// The right operand of arithmetic, comparisons and stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operand {
    /// A register.
    Reg(Reg),
    /// A constant, sign-extended to the width of the operation.
    Imm(i32),
}

/// What a byte order operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ByteOrder {
    /// Convert between the machine's order and little-endian.
    #[doc(alias = "BPF_TO_LE")]
    ToLittle,
    /// Convert between the machine's order and big-endian.
    #[doc(alias = "BPF_TO_BE")]
    ToBig,
    /// Swap on every machine. Since Linux 6.6.
    Swap,
}

impl Width {
    /// The arithmetic class of this width.
    const fn alu(self) -> Class {
        match self {
            Width::W32 => Class::ALU,
            Width::W64 => Class::ALU64,
        }
    }

    /// The jump class of this width.
    const fn jmp(self) -> Class {
        match self {
            Width::W32 => Class::JMP32,
            Width::W64 => Class::JMP,
        }
    }
}

impl Operation {
    /// The slot or slots of this operation.
    ///
    /// Values that do not fit their field (a [`Operation::Goto`] that is not long but farther than 16 bits) are cut to it.
    #[must_use]
    pub fn to_insns(self) -> (Insn, Option<Insn>) {
        let insn = match self {
            Operation::Alu {
                width,
                op,
                signed,
                dst,
                operand,
            } => {
                let insn = match operand {
                    Operand::Reg(src) => Insn::alu_reg(width.alu(), op, dst, src),
                    Operand::Imm(imm) => Insn::alu_imm(width.alu(), op, dst, imm),
                };
                Insn {
                    off: signed.into(),
                    ..insn
                }
            }
            Operation::Neg { width, dst } => Insn::alu_imm(width.alu(), AluOp::NEG, dst, 0),
            Operation::MovSx {
                width,
                bits,
                dst,
                src,
            } => Insn {
                off: bits.into(),
                ..Insn::alu_reg(width.alu(), AluOp::MOV, dst, src)
            },
            Operation::AddrSpaceCast { dst, src, to, from } => Insn {
                off: 1,
                imm: (u32::from(to) << 16 | u32::from(from)) as i32,
                ..Insn::mov_reg(dst, src)
            },
            Operation::ByteOrder { order, bits, dst } => {
                let (class, source) = match order {
                    ByteOrder::ToLittle => (Class::ALU, Source::IMM),
                    ByteOrder::ToBig => (Class::ALU, Source::REG),
                    ByteOrder::Swap => (Class::ALU64, Source::IMM),
                };
                let code = Opcode::alu(class, AluOp::END, source);
                Insn {
                    code,
                    ..Insn::mov_imm(dst, bits.into())
                }
            }
            Operation::Load {
                size,
                signed,
                dst,
                base,
                off,
            } => {
                let mode = if signed { Mode::MEMSX } else { Mode::MEM };
                let code = Opcode::load_store(Class::LDX, size, mode);
                Insn {
                    code,
                    ..Insn::load(size, dst, base, off)
                }
            }
            Operation::Store {
                size,
                base,
                off,
                value: Operand::Reg(src),
            } => Insn::store_reg(size, base, off, src),
            Operation::Store {
                size,
                base,
                off,
                value: Operand::Imm(imm),
            } => Insn::store_imm(size, base, off, imm),
            Operation::Atomic {
                op,
                size,
                base,
                off,
                src,
            } => Insn::atomic(op, size, base, off, src),
            Operation::LoadAcquire {
                size,
                dst,
                base,
                off,
            } => Insn::atomic(AtomicOp::LOAD_ACQ, size, dst, off, base),
            Operation::StoreRelease {
                size,
                base,
                off,
                src,
            } => Insn::atomic(AtomicOp::STORE_REL, size, base, off, src),
            Operation::PacketLoad {
                size,
                index: None,
                off,
            } => Insn::load_abs(size, off),
            Operation::PacketLoad {
                size,
                index: Some(index),
                off,
            } => Insn::load_ind(size, index, off),
            Operation::LoadImm64 { dst, kind, value } => {
                let [first, second] = Insn::ld_imm64_pseudo(dst, kind, value);
                return (first, Some(second));
            }
            Operation::Goto { off, long: true } => Insn::gotol(off),
            Operation::Goto { off, long: false } => Insn::goto(off as i16),
            Operation::GotoReg { dst } => Insn {
                code: Opcode::GOTOX,
                ..Insn::mov_imm(dst, 0)
            },
            Operation::MayGoto { off } => Insn::may_goto(off),
            Operation::JumpIf {
                width,
                op,
                dst,
                operand: Operand::Reg(src),
                off,
            } => Insn::jump_reg(width.jmp(), op, dst, src, off),
            Operation::JumpIf {
                width,
                op,
                dst,
                operand: Operand::Imm(imm),
                off,
            } => Insn::jump_imm(width.jmp(), op, dst, imm, off),
            Operation::CallHelper { id } => Insn::call_helper(id),
            Operation::CallLocal { off } => Insn::call_local(off),
            Operation::CallKfunc { btf_id, module } => Insn::call_kfunc(btf_id, module),
            Operation::CallReg { dst } => Insn {
                code: Opcode::CALLX,
                ..Insn::mov_imm(dst, 0)
            },
            Operation::Exit => Insn::exit(),
        };
        (insn, None)
    }
}
