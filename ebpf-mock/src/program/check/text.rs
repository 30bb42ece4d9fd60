//! The log: instructions as the kernel writes them, `print_bpf_insn()` in kernel/bpf/disasm.c.

use std::fmt::{self, Display, Write};

use ebpf_core::insn::{
    AluOp, AtomicOp, CallKind, Class, Insn, JmpOp, Mode, Opcode, Pseudo, Size, Source, helper_name,
};

use super::Subject;

/// A line of the log.
#[derive(Clone, Copy, Debug)]
pub(super) enum Line {
    /// What is known at a start.
    Start(usize),
    /// An instruction.
    Insn(usize),
    /// Going on with another way from a jump.
    From(usize, usize),
}

/// The lines that lead to a refusal.
pub(super) fn log(subject: &Subject<'_>, lines: &[Line]) -> String {
    let mut log = String::new();
    let mut source = None;
    for line in lines {
        // Writing to a string does not fail.
        let _ = match line {
            Line::Start(0) => writeln!(log, "0: R1=ctx() R10=fp0"),
            Line::Start(at) => writeln!(log, "{at}: R10=fp0"),
            Line::From(from, at) => writeln!(log, "\nfrom {from} to {at}: R10=fp0"),
            Line::Insn(at) => {
                write_source(&mut log, subject, *at, &mut source);
                let Some(insn) = subject.insn(*at) else {
                    continue;
                };
                let second = subject.insn(at + 1);
                writeln!(log, "{at}: {}", Text { insn, second })
            }
        };
    }
    log
}

/// Writes the source line of an instruction, where another begins.
fn write_source(log: &mut String, subject: &Subject<'_>, at: usize, last: &mut Option<usize>) {
    let Some(types) = subject.types else {
        return;
    };
    let lines = types.lines;
    let after = lines.partition_point(|line| line.instruction as usize <= at);
    let place = after.checked_sub(1);
    if place == *last {
        return;
    }
    *last = place;
    let Some(line) = place.and_then(|place| lines.get(place)) else {
        return;
    };
    let string = |offset| types.object.btf.string(offset).unwrap_or_default();
    let file = string(line.file_name);
    let file = file.rsplit('/').next().unwrap_or(file);
    let _ = writeln!(
        log,
        "; {} @ {file}:{}",
        string(line.text).trim_start(),
        line.line
    );
}

/// An instruction in the kernel's words.
struct Text {
    insn: Insn,
    second: Option<Insn>,
}

/// A width with the sign of its numbers.
fn width(size: Size) -> &'static str {
    size.name().unwrap_or("?")
}

fn signed(size: Size) -> &'static str {
    match size {
        Size::B => "s8",
        Size::H => "s16",
        _ => "s32",
    }
}

impl Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let insn = self.insn;
        write!(f, "({:02x}) ", insn.code.0)?;
        let size = width(insn.code.size());
        let (dst, src, off, imm) = (insn.dst, insn.src, insn.off, insn.imm);
        match insn.code.class() {
            Class::ALU | Class::ALU64 => self.alu(f),
            Class::JMP | Class::JMP32 => self.jump(f),
            Class::LDX if insn.code.mode() == Mode::MEMSX => {
                let size = signed(insn.code.size());
                write!(f, "{dst} = *({size} *)({src} {off:+})")
            }
            Class::LDX => write!(f, "{dst} = *({size} *)({src} {off:+})"),
            Class::ST => write!(f, "*({size} *)({dst} {off:+}) = {imm}"),
            Class::STX if insn.code.mode() == Mode::ATOMIC => self.atomic(f),
            Class::STX => write!(f, "*({size} *)({dst} {off:+}) = {src}"),
            _ => match (insn.code.mode(), self.second) {
                (Mode::ABS, _) => write!(f, "r0 = *({size} *)skb[{imm}]"),
                (Mode::IND, _) => write!(f, "r0 = *({size} *)skb[{src} + {imm}]"),
                (Mode::IMM, Some(second)) => {
                    let value = insn.imm64(second);
                    // Addresses are not shown.
                    let hidden =
                        matches!(insn.pseudo(), Some(Pseudo::MAP_IDX | Pseudo::MAP_IDX_VALUE));
                    write!(f, "{dst} = {:#x}", if hidden { 0 } else { value })
                }
                _ => write!(f, "BUG_ld_{:02x}", insn.code.0),
            },
        }
    }
}

impl Text {
    fn alu(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Insn {
            code,
            dst,
            src,
            off,
            imm,
        } = self.insn;
        let letter = if code.class() == Class::ALU { 'w' } else { 'r' };
        let to = dst.number();
        let from = src.number();
        let by_register = code.source() == Source::REG;
        match code.alu_op() {
            AluOp::NEG => write!(f, "{letter}{to} = -{letter}{to}"),
            AluOp::END => {
                let name = match (code.class(), by_register) {
                    (Class::ALU64, _) => "bswap",
                    (_, true) => "be",
                    (_, false) => "le",
                };
                write!(f, "{dst} = {name}{imm} {dst}")
            }
            AluOp::MOV if by_register && code.class() == Class::ALU64 && off == 1 => {
                let (to, from) = ((imm as u32) >> 16, imm as u32 & 0xffff);
                write!(f, "{dst} = addr_space_cast({src}, {to}, {from})")
            }
            op => {
                let divides = matches!(op, AluOp::DIV | AluOp::MOD) && off == 1;
                let sign = if divides { "s" } else { "" };
                let name = op.name().unwrap_or("?");
                write!(f, "{letter}{to} {sign}{name} ")?;
                if !by_register {
                    return write!(f, "{imm}");
                }
                match (op, off) {
                    (AluOp::MOV, 8 | 16 | 32) => write!(f, "(s{off}){letter}{from}"),
                    _ => write!(f, "{letter}{from}"),
                }
            }
        }
    }

    fn atomic(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Insn {
            code,
            dst,
            src,
            off,
            imm,
        } = self.insn;
        let size = width(code.size());
        let wide = if code.size() == Size::DW { "64" } else { "" };
        let (at, op) = (format!("({size} *)({dst} {off:+})"), AtomicOp(imm));
        match op {
            AtomicOp::LOAD_ACQ => {
                write!(f, "{dst} = load_acquire(({size} *)({src} {off:+}))")
            }
            AtomicOp::STORE_REL => write!(f, "store_release({at}, {src})"),
            AtomicOp::CMPXCHG => write!(f, "r0 = atomic{wide}_cmpxchg({at}, r0, {src})"),
            AtomicOp::XCHG => write!(f, "{src} = atomic{wide}_xchg({at}, {src})"),
            AtomicOp::FETCH_ADD
            | AtomicOp::FETCH_OR
            | AtomicOp::FETCH_AND
            | AtomicOp::FETCH_XOR => {
                let name = match op {
                    AtomicOp::FETCH_ADD => "add",
                    AtomicOp::FETCH_OR => "or",
                    AtomicOp::FETCH_AND => "and",
                    _ => "xor",
                };
                write!(f, "{src} = atomic{wide}_fetch_{name}({at}, {src})")
            }
            AtomicOp::ADD | AtomicOp::OR | AtomicOp::AND | AtomicOp::XOR => {
                let name = AluOp(imm as u8).name().unwrap_or("?");
                write!(f, "lock *{at} {name} {src}")
            }
            _ => write!(f, "BUG_{:02x}", code.0),
        }
    }

    fn jump(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Insn {
            code,
            dst,
            src,
            off,
            imm,
        } = self.insn;
        match code {
            Opcode::CALL => match self.insn.call_kind() {
                Some(CallKind::LOCAL) => write!(f, "call pc{imm:+}"),
                Some(CallKind::KFUNC) => write!(f, "call kernel-function#{imm}"),
                _ => write!(f, "call {}", Helper(imm as u32)),
            },
            Opcode::GOTO => write!(f, "goto pc{off:+}"),
            Opcode::GOTOL => write!(f, "gotol pc{imm:+}"),
            Opcode::MAY_GOTO => write!(f, "may_goto pc{off:+}"),
            Opcode::EXIT => f.write_str("exit"),
            _ => {
                let letter = if code.class() == Class::JMP32 {
                    'w'
                } else {
                    'r'
                };
                let op = match code.jmp_op() {
                    JmpOp(op) if JmpOp(op).is_comparison() => JmpOp(op).name().unwrap_or("?"),
                    _ => "?",
                };
                write!(f, "if {letter}{} {op} ", dst.number())?;
                if code.source() == Source::REG {
                    write!(f, "{letter}{} goto pc{off:+}", src.number())
                } else {
                    write!(f, "{imm:#x} goto pc{off:+}")
                }
            }
        }
    }
}

/// A helper with its number, as the kernel names it.
pub(super) struct Helper(pub(super) u32);

impl Display for Helper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}#{}",
            helper_name(self.0).unwrap_or("unknown"),
            self.0 as i32
        )
    }
}
