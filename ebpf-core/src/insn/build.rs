//! Constructors: one per form of instruction, for loaders and tests.

use super::{
    AluOp, AtomicOp, CallKind, Class, Insn, JmpOp, Mode, Opcode, Pseudo, Reg, Size, Source,
};

/// A slot with everything but the opcode zero.
const fn bare(code: Opcode) -> Insn {
    Insn {
        code,
        dst: Reg::R0,
        src: Reg::R0,
        off: 0,
        imm: 0,
    }
}

impl Insn {
    /// `dst op= imm` in the given arithmetic class.
    pub(super) const fn alu_imm(class: Class, op: AluOp, dst: Reg, imm: i32) -> Insn {
        Insn {
            dst,
            imm,
            ..bare(Opcode::alu(class, op, Source::IMM))
        }
    }

    /// `dst op= src` in the given arithmetic class.
    pub(super) const fn alu_reg(class: Class, op: AluOp, dst: Reg, src: Reg) -> Insn {
        Insn {
            dst,
            src,
            ..bare(Opcode::alu(class, op, Source::REG))
        }
    }

    /// `if dst op imm goto off` in the given jump class.
    pub(super) const fn jump_imm(class: Class, op: JmpOp, dst: Reg, imm: i32, off: i16) -> Insn {
        Insn {
            dst,
            off,
            imm,
            ..bare(Opcode::jmp(class, op, Source::IMM))
        }
    }

    /// `if dst op src goto off` in the given jump class.
    pub(super) const fn jump_reg(class: Class, op: JmpOp, dst: Reg, src: Reg, off: i16) -> Insn {
        Insn {
            dst,
            src,
            off,
            ..bare(Opcode::jmp(class, op, Source::REG))
        }
    }

    /// `dst op= imm` on 64 bits.
    #[must_use]
    pub const fn alu64_imm(op: AluOp, dst: Reg, imm: i32) -> Insn {
        Insn::alu_imm(Class::ALU64, op, dst, imm)
    }

    /// `dst op= src` on 64 bits.
    #[must_use]
    pub const fn alu64_reg(op: AluOp, dst: Reg, src: Reg) -> Insn {
        Insn::alu_reg(Class::ALU64, op, dst, src)
    }

    /// `dst op= imm` on the low 32 bits.
    #[must_use]
    pub const fn alu32_imm(op: AluOp, dst: Reg, imm: i32) -> Insn {
        Insn::alu_imm(Class::ALU, op, dst, imm)
    }

    /// `dst op= src` on the low 32 bits.
    #[must_use]
    pub const fn alu32_reg(op: AluOp, dst: Reg, src: Reg) -> Insn {
        Insn::alu_reg(Class::ALU, op, dst, src)
    }

    /// `dst = imm`, sign-extended to 64 bits.
    #[must_use]
    pub const fn mov_imm(dst: Reg, imm: i32) -> Insn {
        Insn::alu64_imm(AluOp::MOV, dst, imm)
    }

    /// `dst = src`, 64 bits.
    #[must_use]
    pub const fn mov_reg(dst: Reg, src: Reg) -> Insn {
        Insn::alu64_reg(AluOp::MOV, dst, src)
    }

    /// `dst += imm`, 64 bits.
    #[must_use]
    pub const fn add_imm(dst: Reg, imm: i32) -> Insn {
        Insn::alu64_imm(AluOp::ADD, dst, imm)
    }

    /// `dst += src`, 64 bits.
    #[must_use]
    pub const fn add_reg(dst: Reg, src: Reg) -> Insn {
        Insn::alu64_reg(AluOp::ADD, dst, src)
    }

    /// `dst = *(size *)(src + off)`.
    #[must_use]
    pub const fn load(size: Size, dst: Reg, src: Reg, off: i16) -> Insn {
        Insn {
            dst,
            src,
            off,
            ..bare(Opcode::load_store(Class::LDX, size, Mode::MEM))
        }
    }

    /// `*(size *)(dst + off) = src`.
    #[must_use]
    pub const fn store_reg(size: Size, dst: Reg, off: i16, src: Reg) -> Insn {
        Insn {
            dst,
            src,
            off,
            ..bare(Opcode::load_store(Class::STX, size, Mode::MEM))
        }
    }

    /// `*(size *)(dst + off) = imm`.
    #[must_use]
    pub const fn store_imm(size: Size, dst: Reg, off: i16, imm: i32) -> Insn {
        Insn {
            dst,
            off,
            imm,
            ..bare(Opcode::load_store(Class::ST, size, Mode::MEM))
        }
    }

    /// An atomic operation of `src` on the memory at `dst + off`, or for [`AtomicOp::LOAD_ACQ`] the load of
    /// `src + off` into `dst`.
    #[must_use]
    pub const fn atomic(op: AtomicOp, size: Size, dst: Reg, off: i16, src: Reg) -> Insn {
        Insn {
            dst,
            src,
            off,
            imm: op.0,
            ..bare(Opcode::load_store(Class::STX, size, Mode::ATOMIC))
        }
    }

    /// `r0 = *(size *)skb[off]`: packet bytes in network order, with the context in r6.
    #[doc(alias = "BPF_LD_ABS")]
    #[must_use]
    pub const fn load_abs(size: Size, off: i32) -> Insn {
        Insn {
            imm: off,
            ..bare(Opcode::load_store(Class::LD, size, Mode::ABS))
        }
    }

    /// `r0 = *(size *)skb[index + off]`: packet bytes in network order, with the context in r6.
    #[doc(alias = "BPF_LD_IND")]
    #[must_use]
    pub const fn load_ind(size: Size, index: Reg, off: i32) -> Insn {
        Insn {
            src: index,
            imm: off,
            ..bare(Opcode::load_store(Class::LD, size, Mode::IND))
        }
    }

    /// A two-slot load of `value`, which means what `kind` says.
    #[must_use]
    pub const fn ld_imm64_pseudo(dst: Reg, kind: Pseudo, value: u64) -> [Insn; 2] {
        let first = Insn {
            dst,
            src: Reg::from_low_bits(kind.0),
            ..bare(Opcode::LD_IMM64)
        };
        first.with_imm64(bare(Opcode(0)), value)
    }

    /// `dst = value ll`, in two slots.
    #[must_use]
    pub const fn ld_imm64(dst: Reg, value: u64) -> [Insn; 2] {
        Insn::ld_imm64_pseudo(dst, Pseudo::NONE, value)
    }

    /// `dst` = the map behind descriptor `fd`, in two slots.
    #[doc(alias = "BPF_LD_MAP_FD")]
    #[must_use]
    pub const fn ld_map_fd(dst: Reg, fd: i32) -> [Insn; 2] {
        Insn::ld_imm64_pseudo(dst, Pseudo::MAP_FD, fd as u32 as u64)
    }

    /// `dst` = address of byte `offset` of the value of the one-element array behind descriptor `fd`, in two slots.
    #[doc(alias = "BPF_LD_MAP_VALUE")]
    #[must_use]
    pub const fn ld_map_value(dst: Reg, fd: i32, offset: u32) -> [Insn; 2] {
        Insn::ld_imm64_pseudo(
            dst,
            Pseudo::MAP_VALUE,
            (offset as u64) << 32 | fd as u32 as u64,
        )
    }

    /// `dst` = address of the function of the program that starts `distance` slots after the second slot of this load.
    #[must_use]
    pub const fn ld_func(dst: Reg, distance: i32) -> [Insn; 2] {
        Insn::ld_imm64_pseudo(dst, Pseudo::FUNC, distance as u32 as u64)
    }

    /// A call with the target in `imm`.
    const fn call(kind: CallKind, imm: i32) -> Insn {
        Insn {
            src: Reg::from_low_bits(kind.0),
            imm,
            ..bare(Opcode::CALL)
        }
    }

    /// `call id`: the helper with that number.
    #[must_use]
    pub const fn call_helper(id: u32) -> Insn {
        Insn::call(CallKind::HELPER, id as i32)
    }

    /// `call +distance`: the function of the program that starts `distance` slots after the next one.
    #[must_use]
    pub const fn call_local(distance: i32) -> Insn {
        Insn::call(CallKind::LOCAL, distance)
    }

    /// The kernel function with BTF id `btf_id`, in the kernel's BTF (`module` 0) or in the module BTF at that place of the
    /// load command's `fd_array`.
    #[must_use]
    pub const fn call_kfunc(btf_id: u32, module: i16) -> Insn {
        Insn {
            off: module,
            ..Insn::call(CallKind::KFUNC, btf_id as i32)
        }
    }

    /// `goto off`.
    #[must_use]
    pub const fn goto(off: i16) -> Insn {
        Insn {
            off,
            ..bare(Opcode::GOTO)
        }
    }

    /// `gotol distance`. Since Linux 6.6.
    #[must_use]
    pub const fn gotol(distance: i32) -> Insn {
        Insn {
            imm: distance,
            ..bare(Opcode::GOTOL)
        }
    }

    /// `may_goto off`. Since Linux 6.9.
    #[must_use]
    pub const fn may_goto(off: i16) -> Insn {
        Insn {
            off,
            ..bare(Opcode::MAY_GOTO)
        }
    }

    /// `if dst op imm goto off`, comparing 64 bits.
    #[must_use]
    pub const fn jmp_imm(op: JmpOp, dst: Reg, imm: i32, off: i16) -> Insn {
        Insn::jump_imm(Class::JMP, op, dst, imm, off)
    }

    /// `if dst op src goto off`, comparing 64 bits.
    #[must_use]
    pub const fn jmp_reg(op: JmpOp, dst: Reg, src: Reg, off: i16) -> Insn {
        Insn::jump_reg(Class::JMP, op, dst, src, off)
    }

    /// `if dst op imm goto off`, comparing the low 32 bits.
    #[must_use]
    pub const fn jmp32_imm(op: JmpOp, dst: Reg, imm: i32, off: i16) -> Insn {
        Insn::jump_imm(Class::JMP32, op, dst, imm, off)
    }

    /// `if dst op src goto off`, comparing the low 32 bits.
    #[must_use]
    pub const fn jmp32_reg(op: JmpOp, dst: Reg, src: Reg, off: i16) -> Insn {
        Insn::jump_reg(Class::JMP32, op, dst, src, off)
    }

    /// `exit`.
    #[must_use]
    pub const fn exit() -> Insn {
        bare(Opcode::EXIT)
    }
}
