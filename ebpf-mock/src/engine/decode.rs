//! From a program's spec, joined with its maps, to what the engine runs.

use std::sync::Arc;

use ebpf_core::insn::{
    AluOp, ByteOrder, Insn, JmpOp, Operand, Operation, Pseudo, Reg, Size, Step, Width,
};
use ebpf_core::program::{ProgramSpec, ProgramType, Referent};

use super::address::{FUNCTIONS, address};
use super::code::{Code, Kind, Link, NO_REGISTER, Op, Replaced};
use crate::map::MapObject;

impl Code {
    /// Decodes a program. `maps` are those of the spec, in its order.
    /// `externs` are the addresses of the spec's variables and functions of the kernel.
    pub(crate) fn new(spec: Arc<ProgramSpec>, maps: Vec<Arc<MapObject>>, externs: &[u64]) -> Code {
        let slots = spec.instructions.len();
        let mut decoder = Decoder {
            spec: &spec,
            externs,
            ops: Vec::with_capacity(slots + 1),
            links: Vec::new(),
            kfuncs: Vec::new(),
            bad: Vec::new(),
            references: 0,
        };
        let mut index = 0;
        while let Some(insn) = spec.instructions.get(index) {
            let second = if insn.is_wide() {
                spec.instructions.get(index + 1).copied()
            } else {
                None
            };
            let step = Step {
                index,
                insn: *insn,
                second,
            };
            let op = decoder.step(&step);
            decoder.ops.push(op);
            if second.is_some() {
                let hole = decoder.bad("the second half of a wide load");
                decoder.ops.push(hole);
            }
            index += step.slots();
        }
        let end = decoder.bad("the end of the program was passed");
        decoder.ops.push(end);
        let Decoder {
            ops,
            links,
            kfuncs,
            bad,
            ..
        } = decoder;
        let mut code = Code {
            ops,
            links,
            kfuncs,
            bad,
            maps,
            shared_stack: !has_private_stacks(&spec),
            replaced: Replaced::default(),
            spec,
            definite: false,
        };
        code.definite = code.is_definite();
        code
    }
}

/// Whether each function of a program has a stack of its own: `bpf_enable_priv_stack()` in kernel/bpf/verifier.c.
fn has_private_stacks(spec: &ProgramSpec) -> bool {
    matches!(
        spec.program_type,
        ProgramType::KPROBE
            | ProgramType::TRACEPOINT
            | ProgramType::PERF_EVENT
            | ProgramType::RAW_TRACEPOINT
            | ProgramType::TRACING
            | ProgramType::LSM
            | ProgramType::STRUCT_OPS
    )
}

struct Decoder<'s> {
    spec: &'s ProgramSpec,
    externs: &'s [u64],
    ops: Vec<Op>,
    links: Vec<Link>,
    kfuncs: Vec<Arc<str>>,
    bad: Vec<Box<str>>,
    /// The first reference that may be of the next instruction.
    references: usize,
}

impl Decoder<'_> {
    fn step(&mut self, step: &Step) -> Op {
        let referent = self.referent(step.index);
        match step.operation() {
            Ok(operation) => self.operation(step.index, operation, referent),
            Err(invalid) => self.bad(&invalid.to_string()),
        }
    }

    /// What the instruction refers to. References are in order.
    fn referent(&mut self, index: usize) -> Option<Referent> {
        let references = self.spec.references.get(self.references..)?;
        let skipped = references
            .iter()
            .take_while(|reference| (reference.instruction as usize) < index)
            .count();
        self.references += skipped;
        let reference = references.get(skipped)?;
        (reference.instruction as usize == index).then_some(reference.referent)
    }

    fn bad(&mut self, why: &str) -> Op {
        let place = self.bad.iter().position(|known| **known == *why);
        let place = place.unwrap_or_else(|| {
            self.bad.push(why.into());
            self.bad.len() - 1
        });
        Op {
            imm: place as u64,
            ..op(Kind::Bad, Reg::R0)
        }
    }

    /// A jump or call to the slot `distance` after the next one.
    fn to(&mut self, index: usize, distance: i32, op: Op) -> Op {
        let target = (index as i64 + 1).saturating_add(i64::from(distance));
        match u32::try_from(target) {
            Ok(to) if (to as usize) < self.spec.instructions.len() => Op { to, ..op },
            _ => self.bad("it jumps out of the program"),
        }
    }

    fn operation(&mut self, index: usize, operation: Operation, refers: Option<Referent>) -> Op {
        match operation {
            Operation::Alu {
                width,
                op,
                signed,
                dst,
                operand,
            } => match alu(op, signed) {
                Some(kinds) => with_operand(kinds, width, dst, operand),
                None => self.bad("an arithmetic operation without meaning"),
            },
            Operation::Neg { width, dst } => match width {
                Width::W64 => op(Kind::Neg, dst),
                Width::W32 => op(Kind::Neg32, dst),
            },
            Operation::MovSx {
                width,
                bits,
                dst,
                src,
            } => {
                let kind = match (width, bits) {
                    (Width::W64, 8) => Kind::MovS8,
                    (Width::W64, 16) => Kind::MovS16,
                    (Width::W64, _) => Kind::MovS32,
                    (Width::W32, 8) => Kind::MovS8To32,
                    (Width::W32, _) => Kind::MovS16To32,
                };
                with_src(op(kind, dst), src)
            }
            Operation::AddrSpaceCast { dst, src, to, .. } => Op {
                imm: to.into(),
                ..with_src(op(Kind::AddrSpaceCast, dst), src)
            },
            Operation::ByteOrder { order, bits, dst } => op(byte_order(order, bits), dst),
            Operation::Load {
                size,
                signed,
                dst,
                base,
                off,
            } => {
                let kind = match (size.bytes(), signed) {
                    (1, false) => Kind::Load8,
                    (2, false) => Kind::Load16,
                    (4, false) => Kind::Load32,
                    (1, true) => Kind::LoadS8,
                    (2, true) => Kind::LoadS16,
                    (4, true) => Kind::LoadS32,
                    _ => Kind::Load64,
                };
                memory(with_src(op(kind, dst), base), size, off)
            }
            Operation::Store {
                size,
                base,
                off,
                value,
            } => {
                let kind = match (size.bytes(), value) {
                    (1, Operand::Reg(_)) => Kind::StoreR8,
                    (2, Operand::Reg(_)) => Kind::StoreR16,
                    (4, Operand::Reg(_)) => Kind::StoreR32,
                    (_, Operand::Reg(_)) => Kind::StoreR64,
                    (1, Operand::Imm(_)) => Kind::StoreI8,
                    (2, Operand::Imm(_)) => Kind::StoreI16,
                    (4, Operand::Imm(_)) => Kind::StoreI32,
                    (_, Operand::Imm(_)) => Kind::StoreI64,
                };
                memory(with_value(op(kind, base), Width::W64, value), size, off)
            }
            Operation::Atomic {
                op: atomic,
                size,
                base,
                off,
                src,
            } => Op {
                imm: atomic.0 as u32 as u64,
                ..memory(with_src(op(Kind::Atomic, base), src), size, off)
            },
            Operation::LoadAcquire {
                size,
                dst,
                base,
                off,
            } => memory(with_src(op(Kind::LoadAcquire, dst), base), size, off),
            Operation::StoreRelease {
                size,
                base,
                off,
                src,
            } => memory(with_src(op(Kind::StoreRelease, base), src), size, off),
            Operation::PacketLoad {
                size,
                index: register,
                off,
            } => Op {
                src: register.map_or(NO_REGISTER, Reg::number),
                size: size.bytes() as u8,
                imm: off as i64 as u64,
                ..op(Kind::LoadPacket, Reg::R0)
            },
            Operation::LoadImm64 { dst, kind, value } => self.wide(index, dst, kind, value, refers),
            Operation::Goto { off, .. } => self.to(index, off, op(Kind::Goto, Reg::R0)),
            Operation::MayGoto { off } => self.to(index, off.into(), op(Kind::MayGoto, Reg::R0)),
            Operation::JumpIf {
                width,
                op,
                dst,
                operand,
                off,
            } => match comparison(op) {
                Some(kinds) => {
                    let op = with_operand(kinds, width, dst, operand);
                    self.to(index, off.into(), op)
                }
                None => self.bad("a comparison without meaning"),
            },
            Operation::CallHelper { id } => match refers {
                Some(Referent::Extern { index }) => self.kfunc(index),
                _ => Op {
                    imm: id.into(),
                    ..op(Kind::CallHelper, Reg::R0)
                },
            },
            Operation::CallLocal { off } => match refers {
                Some(Referent::Extern { index }) => self.kfunc(index),
                _ => self.to(index, off, op(Kind::CallLocal, Reg::R0)),
            },
            Operation::CallKfunc { .. } => match refers {
                Some(Referent::Extern { index }) => self.kfunc(index),
                _ => self.bad("a kernel function that is not named"),
            },
            Operation::Exit => op(Kind::Exit, Reg::R0),
            Operation::GotoReg { .. } => self.bad("a jump to an address in a register"),
            Operation::CallReg { .. } => self.bad("a call of an address in a register"),
            _ => self.bad("an instruction that is too new"),
        }
    }

    fn kfunc(&mut self, index: usize) -> Op {
        let Some(symbol) = self.spec.externs.get(index) else {
            return self.bad("a kernel function that is not named");
        };
        self.kfuncs.push(symbol.name.clone());
        Op {
            imm: self.kfuncs.len() as u64 - 1,
            ..op(Kind::CallKfunc, Reg::R0)
        }
    }

    fn wide(
        &mut self,
        index: usize,
        dst: Reg,
        kind: Pseudo,
        value: u64,
        refers: Option<Referent>,
    ) -> Op {
        let link = match refers {
            Some(Referent::Map { map }) => Link::Map { map },
            Some(Referent::MapValue { map, offset }) => Link::Value { map, offset },
            Some(Referent::Extern { index }) if self.externs.len() > index => {
                return Op {
                    imm: self.externs.get(index).copied().unwrap_or(0),
                    ..op(Kind::Wide, dst)
                };
            }
            Some(_) => return self.bad("the address of something that is not named"),
            None => {
                let number = match kind {
                    Pseudo::NONE => value,
                    Pseudo::FUNC => {
                        let target = (index as i64 + 1).saturating_add(value as i32 as i64);
                        address(FUNCTIONS, target as u64)
                    }
                    _ => return self.bad("a map or variable that the program is not joined with"),
                };
                return Op {
                    imm: number,
                    ..op(Kind::Wide, dst)
                };
            }
        };
        self.links.push(link);
        Op {
            imm: self.links.len() as u64 - 1,
            ..op(Kind::LoadLink, dst)
        }
    }
}

const fn op(kind: Kind, dst: Reg) -> Op {
    Op {
        kind,
        dst: dst.number(),
        src: 0,
        size: 0,
        to: 0,
        imm: 0,
    }
}

const fn with_src(op: Op, src: Reg) -> Op {
    Op {
        src: src.number(),
        ..op
    }
}

fn memory(op: Op, size: Size, off: i16) -> Op {
    Op {
        size: size.bytes() as u8,
        to: i32::from(off) as u32,
        ..op
    }
}

fn with_value(op: Op, width: Width, operand: Operand) -> Op {
    match (operand, width) {
        (Operand::Reg(src), _) => with_src(op, src),
        (Operand::Imm(imm), Width::W64) => Op {
            imm: i64::from(imm) as u64,
            ..op
        },
        (Operand::Imm(imm), Width::W32) => Op {
            imm: u64::from(imm as u32),
            ..op
        },
    }
}

/// Picks one of the four forms of an operation: both widths, operand in a register or not.
fn with_operand(kinds: [Kind; 4], width: Width, dst: Reg, operand: Operand) -> Op {
    let [reg, imm, reg32, imm32] = kinds;
    let kind = match (width, operand) {
        (Width::W64, Operand::Reg(_)) => reg,
        (Width::W64, Operand::Imm(_)) => imm,
        (Width::W32, Operand::Reg(_)) => reg32,
        (Width::W32, Operand::Imm(_)) => imm32,
    };
    with_value(op(kind, dst), width, operand)
}

#[rustfmt::skip]
fn alu(op: AluOp, signed: bool) -> Option<[Kind; 4]> {
    use Kind::*;
    Some(match (op, signed) {
        (AluOp::ADD, _) => [AddR, AddI, AddR32, AddI32],
        (AluOp::SUB, _) => [SubR, SubI, SubR32, SubI32],
        (AluOp::MUL, _) => [MulR, MulI, MulR32, MulI32],
        (AluOp::DIV, false) => [DivR, DivI, DivR32, DivI32],
        (AluOp::MOD, false) => [ModR, ModI, ModR32, ModI32],
        (AluOp::DIV, true) => [SDivR, SDivI, SDivR32, SDivI32],
        (AluOp::MOD, true) => [SModR, SModI, SModR32, SModI32],
        (AluOp::OR, _) => [OrR, OrI, OrR32, OrI32],
        (AluOp::AND, _) => [AndR, AndI, AndR32, AndI32],
        (AluOp::XOR, _) => [XorR, XorI, XorR32, XorI32],
        (AluOp::LSH, _) => [LshR, LshI, LshR32, LshI32],
        (AluOp::RSH, _) => [RshR, RshI, RshR32, RshI32],
        (AluOp::ARSH, _) => [ArshR, ArshI, ArshR32, ArshI32],
        (AluOp::MOV, _) => [MovR, MovI, MovR32, MovI32],
        _ => return None,
    })
}

#[rustfmt::skip]
fn comparison(op: JmpOp) -> Option<[Kind; 4]> {
    use Kind::*;
    Some(match op {
        JmpOp::JEQ => [JeqR, JeqI, JeqR32, JeqI32],
        JmpOp::JNE => [JneR, JneI, JneR32, JneI32],
        JmpOp::JSET => [JsetR, JsetI, JsetR32, JsetI32],
        JmpOp::JGT => [JgtR, JgtI, JgtR32, JgtI32],
        JmpOp::JGE => [JgeR, JgeI, JgeR32, JgeI32],
        JmpOp::JLT => [JltR, JltI, JltR32, JltI32],
        JmpOp::JLE => [JleR, JleI, JleR32, JleI32],
        JmpOp::JSGT => [JsgtR, JsgtI, JsgtR32, JsgtI32],
        JmpOp::JSGE => [JsgeR, JsgeI, JsgeR32, JsgeI32],
        JmpOp::JSLT => [JsltR, JsltI, JsltR32, JsltI32],
        JmpOp::JSLE => [JsleR, JsleI, JsleR32, JsleI32],
        _ => return None,
    })
}

fn byte_order(order: ByteOrder, bits: u8) -> Kind {
    let swaps = match order {
        ByteOrder::ToLittle => cfg!(target_endian = "big"),
        ByteOrder::ToBig => cfg!(target_endian = "little"),
        ByteOrder::Swap => true,
    };
    match (bits, swaps) {
        (16, false) => Kind::Low16,
        (32, false) => Kind::Low32,
        (_, false) => Kind::Low64,
        (16, true) => Kind::Swap16,
        (32, true) => Kind::Swap32,
        (_, true) => Kind::Swap64,
    }
}

// An operation takes twice as much as a slot, no more.
const _: () = assert!(size_of::<Op>() == 2 * Insn::SIZE);
