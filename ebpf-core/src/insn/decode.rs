//! Slots to operations, refusing what the fields alone show to be no instruction: unknown opcodes, registers that do not
//! exist and reserved fields that are not zero. What depends on values (a shift by 64, a division by the constant 0, a
//! write to r10) is an operation here and refused by the kernel's verifier.

use super::{
    AluOp, AtomicOp, ByteOrder, CallKind, Class, Insn, Mode, Opcode, Operand, Operation, Pseudo,
    Reg, Size, Source, Step, Width,
};

/// Why a slot is no valid instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidInsn {
    /// No instruction has this opcode.
    #[error("unknown opcode {:#04x}", .0.0)]
    Opcode(Opcode),
    /// A register above r10.
    #[error("register {0} does not exist")]
    Register(Reg),
    /// A field that this instruction does not use is not zero.
    #[error("reserved field `{0}` is not zero")]
    Reserved(&'static str),
    /// The `off` field selects a variant that does not exist.
    #[error("no variant {0} of this operation")]
    Variant(i16),
    /// The `imm` of a byte order operation is not 16, 32 or 64, or that of a cast is not between address spaces 0 and 1.
    #[error("immediate {0} has no meaning for this operation")]
    Immediate(i32),
    /// The `imm` of an atomic instruction names no operation of this width.
    #[error("unknown atomic operation {0:#x}")]
    Atomic(i32),
    /// The `src` of a 64-bit immediate load names no kind of value.
    #[error("unknown kind {0} of 64-bit immediate")]
    Pseudo(u8),
    /// The `src` of a call names no kind of function.
    #[error("unknown kind {0} of call")]
    Call(u8),
    /// A 64-bit immediate load without its second slot.
    #[error("64-bit immediate load without its second half")]
    Truncated,
}

impl Step {
    /// What this instruction does.
    ///
    /// # Errors
    /// [`InvalidInsn`] says which field is wrong; no kernel accepts such an instruction.
    pub fn operation(&self) -> Result<Operation, InvalidInsn> {
        let insn = self.insn;
        if !insn.dst.is_valid() {
            return Err(InvalidInsn::Register(insn.dst));
        }
        if insn.is_wide() {
            return load_imm64(insn, self.second);
        }
        if insn.code != Opcode::CALL && !insn.src.is_valid() {
            return Err(InvalidInsn::Register(insn.src));
        }
        match insn.code.class() {
            Class::ALU => alu(insn, Width::W32),
            Class::ALU64 => alu(insn, Width::W64),
            Class::JMP => jump(insn, Width::W64),
            Class::JMP32 => jump(insn, Width::W32),
            Class::LD => packet_load(insn),
            Class::LDX => load(insn),
            Class::ST => store_imm(insn),
            Class::STX => store_reg(insn),
            _ => Err(InvalidInsn::Opcode(insn.code)),
        }
    }
}

/// Refuses an instruction with something in a field it does not use.
fn reserved(insn: Insn, fields: &[Field]) -> Result<(), InvalidInsn> {
    for field in fields {
        let (name, zero) = match field {
            Field::Dst => ("dst", insn.dst == Reg::R0),
            Field::Src => ("src", insn.src == Reg::R0),
            Field::Off => ("off", insn.off == 0),
            Field::Imm => ("imm", insn.imm == 0),
        };
        if !zero {
            return Err(InvalidInsn::Reserved(name));
        }
    }
    Ok(())
}

/// The fields that may be reserved.
enum Field {
    Dst,
    Src,
    Off,
    Imm,
}

/// The right operand, with the field of the other kind checked to be zero.
fn operand(insn: Insn) -> Result<Operand, InvalidInsn> {
    if insn.code.source() == Source::REG {
        reserved(insn, &[Field::Imm])?;
        Ok(Operand::Reg(insn.src))
    } else {
        reserved(insn, &[Field::Src])?;
        Ok(Operand::Imm(insn.imm))
    }
}

fn alu(insn: Insn, width: Width) -> Result<Operation, InvalidInsn> {
    let Insn {
        code,
        dst,
        src,
        off,
        imm,
    } = insn;
    match (code.alu_op(), code.source()) {
        (AluOp::NEG, Source::IMM) => {
            reserved(insn, &[Field::Src, Field::Off, Field::Imm])?;
            Ok(Operation::Neg { width, dst })
        }
        (AluOp::END, source) => {
            let order = match (width, source) {
                (Width::W32, Source::IMM) => ByteOrder::ToLittle,
                (Width::W32, _) => ByteOrder::ToBig,
                (Width::W64, Source::IMM) => ByteOrder::Swap,
                (Width::W64, _) => return Err(InvalidInsn::Opcode(code)),
            };
            reserved(insn, &[Field::Src, Field::Off])?;
            let bits = match imm {
                16 => 16,
                32 => 32,
                64 => 64,
                _ => return Err(InvalidInsn::Immediate(imm)),
            };
            Ok(Operation::ByteOrder { order, bits, dst })
        }
        (AluOp::MOV, Source::REG) if off != 0 => match (width, off) {
            (Width::W64, 1) => {
                let (to, from) = ((imm as u32 >> 16) as u16, imm as u16);
                if !matches!((to, from), (0, 1) | (1, 0)) {
                    return Err(InvalidInsn::Immediate(imm));
                }
                Ok(Operation::AddrSpaceCast { dst, src, to, from })
            }
            (_, 8 | 16) | (Width::W64, 32) => {
                reserved(insn, &[Field::Imm])?;
                Ok(Operation::MovSx {
                    width,
                    bits: off as u8,
                    dst,
                    src,
                })
            }
            _ => Err(InvalidInsn::Variant(off)),
        },
        (op, _) if op.name().is_some() && op != AluOp::NEG => {
            let signed = match (op, off) {
                (AluOp::DIV | AluOp::MOD, 1) => true,
                (AluOp::DIV | AluOp::MOD, off) if off != 0 => {
                    return Err(InvalidInsn::Variant(off));
                }
                _ => {
                    reserved(insn, &[Field::Off])?;
                    false
                }
            };
            Ok(Operation::Alu {
                width,
                op,
                signed,
                dst,
                operand: operand(insn)?,
            })
        }
        _ => Err(InvalidInsn::Opcode(code)),
    }
}

fn jump(insn: Insn, width: Width) -> Result<Operation, InvalidInsn> {
    let Insn {
        code,
        dst,
        off,
        imm,
        ..
    } = insn;
    match code {
        Opcode::CALL => call(insn),
        Opcode::CALLX => {
            reserved(insn, &[Field::Src, Field::Off, Field::Imm])?;
            Ok(Operation::CallReg { dst })
        }
        Opcode::EXIT => {
            reserved(insn, &[Field::Dst, Field::Src, Field::Off, Field::Imm])?;
            Ok(Operation::Exit)
        }
        Opcode::GOTO => {
            reserved(insn, &[Field::Dst, Field::Src, Field::Imm])?;
            Ok(Operation::Goto {
                off: off.into(),
                long: false,
            })
        }
        Opcode::GOTOL => {
            reserved(insn, &[Field::Dst, Field::Src, Field::Off])?;
            Ok(Operation::Goto {
                off: imm,
                long: true,
            })
        }
        Opcode::GOTOX => {
            reserved(insn, &[Field::Src, Field::Off, Field::Imm])?;
            Ok(Operation::GotoReg { dst })
        }
        Opcode::MAY_GOTO => {
            reserved(insn, &[Field::Dst, Field::Src, Field::Imm])?;
            Ok(Operation::MayGoto { off })
        }
        _ => match code.jmp_op() {
            op if op.is_comparison() => Ok(Operation::JumpIf {
                width,
                op,
                dst,
                operand: operand(insn)?,
                off,
            }),
            _ => Err(InvalidInsn::Opcode(code)),
        },
    }
}

fn call(insn: Insn) -> Result<Operation, InvalidInsn> {
    reserved(insn, &[Field::Dst])?;
    let kind = CallKind(insn.src.number());
    if kind != CallKind::KFUNC {
        reserved(insn, &[Field::Off])?;
    }
    match kind {
        CallKind::HELPER => Ok(Operation::CallHelper {
            id: insn.imm as u32,
        }),
        CallKind::LOCAL => Ok(Operation::CallLocal { off: insn.imm }),
        CallKind::KFUNC => Ok(Operation::CallKfunc {
            btf_id: insn.imm as u32,
            module: insn.off,
        }),
        CallKind(other) => Err(InvalidInsn::Call(other)),
    }
}

fn load_imm64(insn: Insn, second: Option<Insn>) -> Result<Operation, InvalidInsn> {
    let second = second.ok_or(InvalidInsn::Truncated)?;
    reserved(insn, &[Field::Off])?;
    reserved(second, &[Field::Dst, Field::Src, Field::Off])?;
    if second.code != Opcode(0) {
        return Err(InvalidInsn::Reserved("code of the second half"));
    }
    let kind = Pseudo(insn.src.number());
    match kind {
        Pseudo::NONE | Pseudo::MAP_VALUE | Pseudo::MAP_IDX_VALUE | Pseudo::BTF_ID => {}
        Pseudo::MAP_FD | Pseudo::MAP_IDX | Pseudo::FUNC => reserved(second, &[Field::Imm])?,
        Pseudo(other) => return Err(InvalidInsn::Pseudo(other)),
    }
    Ok(Operation::LoadImm64 {
        dst: insn.dst,
        kind,
        value: insn.imm64(second),
    })
}

fn packet_load(insn: Insn) -> Result<Operation, InvalidInsn> {
    let size = insn.code.size();
    let index = match insn.code.mode() {
        Mode::ABS => None,
        Mode::IND => Some(insn.src),
        _ => return Err(InvalidInsn::Opcode(insn.code)),
    };
    if size == Size::DW {
        return Err(InvalidInsn::Opcode(insn.code));
    }
    reserved(insn, &[Field::Dst, Field::Off])?;
    if index.is_none() {
        reserved(insn, &[Field::Src])?;
    }
    Ok(Operation::PacketLoad {
        size,
        index,
        off: insn.imm,
    })
}

fn load(insn: Insn) -> Result<Operation, InvalidInsn> {
    let size = insn.code.size();
    let signed = match insn.code.mode() {
        Mode::MEM => false,
        Mode::MEMSX if size != Size::DW => true,
        _ => return Err(InvalidInsn::Opcode(insn.code)),
    };
    reserved(insn, &[Field::Imm])?;
    Ok(Operation::Load {
        size,
        signed,
        dst: insn.dst,
        base: insn.src,
        off: insn.off,
    })
}

fn store_imm(insn: Insn) -> Result<Operation, InvalidInsn> {
    if insn.code.mode() != Mode::MEM {
        return Err(InvalidInsn::Opcode(insn.code));
    }
    reserved(insn, &[Field::Src])?;
    let (size, value) = (insn.code.size(), Operand::Imm(insn.imm));
    Ok(Operation::Store {
        size,
        base: insn.dst,
        off: insn.off,
        value,
    })
}

fn store_reg(insn: Insn) -> Result<Operation, InvalidInsn> {
    let Insn {
        code,
        dst,
        src,
        off,
        imm,
    } = insn;
    let size = code.size();
    match code.mode() {
        Mode::MEM => {
            reserved(insn, &[Field::Imm])?;
            Ok(Operation::Store {
                size,
                base: dst,
                off,
                value: Operand::Reg(src),
            })
        }
        Mode::ATOMIC => match AtomicOp(imm) {
            AtomicOp::LOAD_ACQ => Ok(Operation::LoadAcquire {
                size,
                dst,
                base: src,
                off,
            }),
            AtomicOp::STORE_REL => Ok(Operation::StoreRelease {
                size,
                base: dst,
                off,
                src,
            }),
            op if op.name().is_some() && matches!(size, Size::W | Size::DW) => {
                Ok(Operation::Atomic {
                    op,
                    size,
                    base: dst,
                    off,
                    src,
                })
            }
            _ if matches!(size, Size::W | Size::DW) => Err(InvalidInsn::Atomic(imm)),
            _ => Err(InvalidInsn::Opcode(code)),
        },
        _ => Err(InvalidInsn::Opcode(code)),
    }
}
